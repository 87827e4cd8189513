"""`.github/workflows/briefs.yml` gives a pull request no more than it needs."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

FILE = Path(__file__).parents[2] / ".github" / "workflows" / "briefs.yml"
TEXT = FILE.read_text(encoding="utf-8")
# YAML 1.2, in which `on` is a word and not true.
WORKFLOW: dict[str, Any] = YAML(typ="safe", pure=True).load(TEXT)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


def test_every_action_is_pinned_by_its_commit_and_names_its_version() -> None:
    """A tag can be moved to other code overnight; a commit cannot."""
    used = [step["uses"] for _, step in STEPS if "uses" in step]
    assert used
    for action in used:
        assert re.fullmatch(r"actions/(checkout|setup-python)@[0-9a-f]{40}", action)
    written = re.findall(r"uses: \S+ # v[0-9]+\.[0-9]+\.[0-9]+\n", TEXT)
    assert len(written) == len(used)


def test_no_run_step_holds_an_expression() -> None:
    """An expression is pasted into the shell's text: a title of `$(…)` would be a command."""
    runs = [step["run"] for _, step in STEPS if "run" in step]
    assert runs
    for run in runs:
        assert "${{" not in run


def test_forks_get_no_secrets_and_no_right_to_write() -> None:
    """Anybody may open a pull request, and its code runs."""
    assert "pull_request" in WORKFLOW["on"]
    assert not {"pull_request_target", "workflow_run"} & set(WORKFLOW["on"])
    assert WORKFLOW["permissions"] == {}
    assert JOBS["quote"]["permissions"] == {"contents": "read"}
    assert "secrets." not in str(JOBS["quote"]) + str(JOBS["comment"])
    assert "head.repo.full_name == github.repository" in JOBS["comment"]["if"]


def test_only_the_comment_may_be_written_and_by_no_code_of_the_pull_request() -> None:
    """A token that writes must not meet a script that the author of the pull request changed."""
    assert JOBS["comment"]["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert JOBS["run"]["permissions"] == {"contents": "read"}
    checkout = JOBS["comment"]["steps"][0]["with"]
    assert checkout["ref"] == "${{ github.event.pull_request.base.sha }}"


@pytest.mark.parametrize("job", JOBS)
def test_a_checkout_leaves_no_token_behind(job: str) -> None:
    """Git would keep it where any program of the job can read it."""
    checkout = JOBS[job]["steps"][0]
    assert checkout["uses"].startswith("actions/checkout@")
    assert checkout["with"]["persist-credentials"] is False


@pytest.mark.parametrize("job", ["quote", "run"])
def test_what_is_installed_is_checked_against_the_lock(job: str) -> None:
    """A package that was replaced since the lock was made must stop the job."""
    installs = "\n".join(step.get("run", "") for step in JOBS[job]["steps"])
    assert "pip install --require-hashes -r requirements.lock" in installs
    assert "pip install --no-deps --no-build-isolation -e ." in installs


def test_a_merge_spends_only_when_it_was_switched_on_and_is_never_cut_off() -> None:
    """A clone of the repository must not buy anything, nor may one merge drop another's run."""
    assert "vars.KAMPANJ_ON_MERGE == 'run'" in JOBS["run"]["if"]
    assert JOBS["run"]["environment"] == "campaigns"
    assert "github.sha" in WORKFLOW["concurrency"]["group"]
    cancel = WORKFLOW["concurrency"]["cancel-in-progress"]
    assert cancel == "${{ github.event_name == 'pull_request' }}"


def test_every_job_has_an_end() -> None:
    """A brief that hangs would otherwise hold a runner for six hours."""
    assert all(job["timeout-minutes"] <= 120 for job in JOBS.values())
