"""`ci/briefs.sh` on real repositories, with stand-ins for what bills and for what publishes."""

import base64
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
SCRIPT = ROOT / "ci" / "briefs.sh"
PROGRAM = Path(sys.executable).with_name("kampanj")
MARKER = "<!-- kampanj quote -->"
HOSTILE = (
    "briefs/with space.yaml",
    "briefs/-n.yaml",
    'briefs/quote\'s "both".yml',
    "briefs/two\nlines.json",
    "briefs/$(touch pwned).yaml",
    "briefs/`touch pwned`.yaml",
    "briefs/*.yaml",
    "briefs/vår.yaml",
)
GOOD = """\
schema: 1
name: spring-checkout
title: Spring checkout
brand: brands/nordlys.yaml
objective: consideration
audience: {who: First-time online shoppers}
messaging: {headline: Pay at your own pace, cta: See how}
markets: [SE]
placements: [meta_feed_1x1]
schedule: {start: 2027-03-01, end: 2027-04-15}
budget: {currency: EUR, non_working: "2500.00"}
"""
BRAND = 'schema: 1\nname: nordlys\ncolours: {primary: "#0B5D3B", background: "#FFFFFF"}\n'


@dataclass
class Repository:
    """A repository of briefs, and beside it what the stand-ins were asked."""

    root: Path
    beside: Path
    env: dict[str, str]

    def git(self, *words: str) -> str:
        """Run git and return what it said."""
        git = shutil.which("git") or "git"
        done = subprocess.run(  # noqa: S603 - git on our own folder
            [git, *words], cwd=self.root, env=self.env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str | None]) -> str:
        """Write files (None deletes one), commit them, and return the commit."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        return self.git("rev-parse", "HEAD")

    def script(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the script in the repository."""
        return subprocess.run(  # noqa: S603 - the script under test
            [SCRIPT, *words],
            cwd=self.root,
            env={**self.env, **env},
            check=False,
            capture_output=True,
            text=True,
        )

    def quote(self, base: str, head: str, **env: str) -> tuple[int, str]:
        """Quote what changed; return the exit code and the comment."""
        done = self.script("quote", base, head, self.beside / "quote.md", **env)
        text = (self.beside / "quote.md").read_text(encoding="utf-8")
        return done.returncode, text

    def comment(self) -> None:
        """Publish the last quote."""
        done = self.script("comment", self.beside / "quote.md", "7")
        assert done.returncode == 0, done.stderr

    @property
    def asked(self) -> list[list[str]]:
        """What `kampanj` was called with."""
        journal = self.beside / "journal"
        if not journal.exists():
            return []
        return [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]

    @property
    def planned(self) -> list[str]:
        """The briefs that were quoted."""
        return [words[1] for words in self.asked if words[0] == "plan"]

    @property
    def comments(self) -> list[dict[str, object]]:
        """The comments of the pull request."""
        listed: list[dict[str, object]] = json.loads((self.beside / "comments").read_text("utf-8"))
        return listed


def _executable(path: Path, program: Path) -> Path:
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Make a repository with two briefs and a brand."""
    root = tmp_path / "repository"
    beside = tmp_path / "beside"
    tools = tmp_path / "tools"
    for folder in (root, beside, tools):
        folder.mkdir()
    _executable(tools / "gh", HERE / "gh_stand_in.py")
    (beside / "comments").write_text("[]", encoding="utf-8")
    env = {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(beside),
        "KAMPANJ": str(_executable(tools / "kampanj", HERE / "kampanj_stand_in.py")),
        "STAND_IN_JOURNAL": str(beside / "journal"),
        "STAND_IN_COMMENTS": str(beside / "comments"),
        "STAND_IN_CALLS": str(beside / "calls"),
        "GITHUB_REPOSITORY": "o/r",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    made = Repository(root, beside, env)
    made.git("init", "--quiet", "--initial-branch=main")
    made.commit(
        {"briefs/tea.yaml": "tea", "briefs/milk.json": "milk", "briefs/brands/nordlys.yaml": BRAND}
    )
    return made


def test_only_changed_briefs_are_quoted(repository: Repository) -> None:
    """A reviewer who reads quotes of briefs that nobody touched soon reads none."""
    base = repository.commit({"docs/a.md": "x"})
    repository.commit({"briefs/cake.yml": "cake"})
    head = repository.commit({"briefs/tea.yaml": "more tea", "briefs/README.md": "x"})

    code, text = repository.quote(base, head)

    assert code == 0
    assert repository.asked == [
        ["plan", "briefs/cake.yml", "--markdown"],
        ["plan", "briefs/tea.yaml", "--markdown"],
    ]
    assert text.startswith(MARKER + "\n")
    assert "quote of more tea" in text
    assert "milk" not in text


def test_a_change_of_a_brand_quotes_every_brief_again(repository: Repository) -> None:
    """A colour or a notice changes every asset, so its price must be seen before the merge."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/brands/nordlys.yaml": BRAND + "tone: warm\n"})

    code, _ = repository.quote(base, head)

    assert code == 0
    assert repository.planned == ["briefs/milk.json", "briefs/tea.yaml"]


def test_a_brand_beside_the_briefs_is_no_brief(repository: Repository) -> None:
    """It would be reported as a wrong brief, and nobody could merge."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/nordlys.yaml": BRAND, "briefs/memory.json": "{}"})

    code, _ = repository.quote(base, head)

    assert code == 0
    assert repository.planned == ["briefs/milk.json", "briefs/tea.yaml"]


def test_a_wrong_brief_fails_the_job_and_its_errors_are_in_the_comment(
    repository: Repository,
) -> None:
    """The author mends it from the comment; a log of a runner is where errors go unread."""
    base = repository.git("rev-parse", "HEAD")
    attack = "exit: 2\nmarkets[0]: UK is GB\n``````\n</details>\n# Approved\n\x1b[31mred"
    head = repository.commit({"briefs/zz.yaml": attack, "briefs/cake.yaml": "cake"})

    code, text = repository.quote(base, head)

    assert code == 2
    before, after = text.split("markets[0]: UK is GB")
    assert before.rindex("```````text\n") > before.rindex("### `briefs/zz.yaml`")
    assert "\n```````\n" in after
    assert "\x1b" not in text
    assert text.index("zz.yaml") < text.index("cake.yaml")
    assert "quote of cake" in text


@pytest.mark.parametrize("code", [1, 3, 5])
def test_a_brief_without_a_quote_never_passes(repository: Repository, code: int) -> None:
    """A budget that is exceeded, or a program that broke, must not look like a price of nothing."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": f"exit: {code}"})

    assert repository.quote(base, head)[0] == code


def test_hostile_file_names_are_quoted_and_not_obeyed(repository: Repository) -> None:
    """A pull request from anywhere names files as it likes."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({name: f"number {i}" for i, name in enumerate(HOSTILE)})

    code, text = repository.quote(base, head)

    assert code == 0
    assert sorted(repository.planned) == sorted(HOSTILE)
    assert all(f"quote of number {i}" in text for i in range(len(HOSTILE)))
    assert "### `briefs/two?lines.json`" in text
    assert "### `` briefs/`touch pwned`.yaml ``" in text
    assert not list(repository.root.rglob("pwned"))


def test_a_name_that_is_no_text_still_makes_a_comment(repository: Repository) -> None:
    """GitHub takes UTF-8 only; one odd byte would lose the quotes of all briefs."""
    base = repository.git("rev-parse", "HEAD")
    (repository.root / "briefs" / os.fsdecode(b"odd\xff.yaml")).write_text("odd", "utf-8")
    head = repository.commit({})

    code, text = repository.quote(base, head)

    assert code == 0
    assert "### `briefs/odd.yaml`" in text


def test_a_brief_that_is_a_link_is_refused(repository: Repository) -> None:
    """It could point at a file of the runner, whose lines would then be public."""
    base = repository.git("rev-parse", "HEAD")
    (repository.root / "briefs" / "link.yaml").symlink_to("/etc/passwd")
    head = repository.commit({})

    code, text = repository.quote(base, head)

    assert code == 2
    assert "symbolic link" in text
    assert repository.planned == []


def test_a_deleted_brief_is_mentioned_and_not_quoted(repository: Repository) -> None:
    """Whoever merges must see that a campaign goes away, and that its costs do not."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": None})

    code, text = repository.quote(base, head)

    assert code == 0
    assert repository.planned == []
    assert "- `briefs/tea.yaml`: nothing more will be made" in text


def test_a_renamed_brief_is_one_deleted_and_one_new(repository: Repository) -> None:
    """Its assets get new names, so they are made anew: the quote must not hide that."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": None, "briefs/chai.yaml": "tea"})

    _, text = repository.quote(base, head)

    assert repository.planned == ["briefs/chai.yaml"]
    assert "- `briefs/tea.yaml`: nothing more" in text


def test_a_long_quote_fits_a_comment_and_shows_the_faults(repository: Repository) -> None:
    """GitHub refuses a comment over 65,536 letters, and then there is none at all."""
    base = repository.git("rev-parse", "HEAD")
    many = {f"briefs/b{i}.yaml": "cake " * 2_000 for i in range(12)}
    head = repository.commit({**many, "briefs/z.yaml": "exit: 2"})
    summary = repository.beside / "summary"
    outputs = repository.beside / "outputs"

    code, text = repository.quote(
        base, head, GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(outputs)
    )

    assert code == 2
    assert len(text) < 65_536
    assert "### `briefs/z.yaml`" in text
    assert "more did not fit here" in text
    assert summary.read_text(encoding="utf-8").count("### `briefs/b") == 12
    name, value = outputs.read_text(encoding="utf-8").strip().split("=", 1)
    assert name == "quote"
    assert base64.b64decode(value).decode() == text


@pytest.mark.skipif(not shutil.which("jq"), reason="the stand-in for gh filters with jq")
def test_one_comment_is_updated_and_never_doubled(repository: Repository) -> None:
    """Ten pushes to a pull request must not leave ten quotes, nine of them old."""
    base = repository.git("rev-parse", "HEAD")
    other = [{"id": i, "user": {"login": "ana"}, "body": MARKER} for i in (1, 2, 3)]
    (repository.beside / "comments").write_text(json.dumps(other), encoding="utf-8")

    repository.quote(base, repository.commit({"briefs/tea.yaml": "first"}))
    repository.comment()
    repository.quote(base, repository.commit({"briefs/tea.yaml": "second"}))
    repository.comment()

    assert [one["body"] for one in repository.comments[:3]] == [MARKER] * 3
    (ours,) = repository.comments[3:]
    assert "quote of second" in str(ours["body"])
    calls = (repository.beside / "calls").read_text(encoding="utf-8").splitlines()
    assert calls == [
        "GET repos/o/r/issues/7/comments?per_page=100",
        "POST repos/o/r/issues/7/comments",
        "GET repos/o/r/issues/7/comments?per_page=100",
        "PATCH repos/o/r/issues/comments/4",
    ]


@pytest.mark.skipif(not shutil.which("jq"), reason="the stand-in for gh filters with jq")
def test_nothing_to_quote_makes_no_comment_but_empties_an_old_one(repository: Repository) -> None:
    """A pull request of docs gets no noise; one that took its brief back shows no old price."""
    base = repository.git("rev-parse", "HEAD")
    repository.quote(base, repository.commit({"briefs/README.md": "x"}))
    repository.comment()
    assert repository.comments == []

    repository.quote(base, repository.commit({"briefs/tea.yaml": "dear"}))
    repository.comment()
    repository.quote(base, repository.commit({"briefs/tea.yaml": "tea"}))
    repository.comment()

    (ours,) = repository.comments
    assert "dear" not in str(ours["body"])


@pytest.mark.parametrize("number", ["7/../8", "-1", "seven", ""])
def test_a_pull_request_is_a_number(repository: Repository, number: str) -> None:
    """It becomes part of an address of the API."""
    (repository.beside / "quote.md").write_text(MARKER, encoding="utf-8")

    done = repository.script("comment", repository.beside / "quote.md", number)

    assert done.returncode == 2
    assert not (repository.beside / "calls").exists()


def test_a_merge_runs_the_changed_briefs(repository: Repository) -> None:
    """What was quoted is what is made, with the approval that the repository asks for."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": "green tea", "briefs/milk.json": None})

    done = repository.script("run", base, head, "s3://bucket/out", KAMPANJ_APPROVE="wait")

    assert done.returncode == 0
    (words,) = repository.asked
    asked = " ".join(words)
    assert asked == "run briefs/tea.yaml --out s3://bucket/out --choose auto --approve wait"
    assert "`briefs/milk.json`: deleted" in done.stdout


def test_checks_approve_unless_told_otherwise(repository: Repository) -> None:
    """A setting that GitHub hands over empty must not become an approval of nothing."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": "green tea"})

    repository.script("run", base, head, "out", KAMPANJ_APPROVE="", KAMPANJ_CHOOSE="")

    (words,) = repository.asked
    assert words[-4:] == ["--choose", "auto", "--approve", "checks"]
    assert words[3] == str(repository.root / "out")


@pytest.mark.parametrize(("code", "passes_on"), [(1, 1), (2, 2), (3, 3), (4, 0), (5, 5)])
def test_a_run_keeps_the_exit_code_and_waiting_is_no_failure(
    repository: Repository, code: int, passes_on: int
) -> None:
    """A red job for a person's pending choice teaches people to ignore red jobs."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/a.yaml": f"exit: {code}", "briefs/b.yaml": "b"})
    summary = repository.beside / "summary"

    done = repository.script("run", base, head, "out", GITHUB_STEP_SUMMARY=str(summary))

    assert done.returncode == passes_on
    assert [words[1] for words in repository.asked] == ["briefs/a.yaml", "briefs/b.yaml"]
    first, second = summary.read_text(encoding="utf-8").splitlines()
    assert first.startswith("- `briefs/a.yaml`: ")
    assert ("waits for a person" in first) == (code == 4)
    assert second == "- `briefs/b.yaml`: done"


def test_a_runner_without_a_ledger_runs_nothing(repository: Repository) -> None:
    """Its disk is gone with the job, and with it the record of every paid call."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": "green tea"})

    done = repository.script("run", base, head, "out", GITHUB_ACTIONS="true")

    assert done.returncode == 2
    assert "KAMPANJ_HOME" in done.stderr
    assert repository.asked == []


def test_what_a_run_prints_gives_the_runner_no_orders(repository: Repository) -> None:
    """A headline of `::add-mask::` or `::error::` is text, not a command to GitHub."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": "x\n::error::owned"})

    done = repository.script(
        "run", base, head, "out", GITHUB_ACTIONS="true", KAMPANJ_HOME=str(repository.beside)
    )

    lines = done.stdout.splitlines()
    start = next(line for line in lines if line.startswith("::stop-commands::"))
    word = start.removeprefix("::stop-commands::")
    assert len(word) == 32
    assert lines.index(start) < lines.index("::error::owned") < lines.index(f"::{word}::")


def test_the_first_push_of_a_branch_counts_every_brief_as_new(repository: Repository) -> None:
    """GitHub names no commit before it, but forty zeros."""
    code, _ = repository.quote("0" * 40, repository.git("rev-parse", "HEAD"))

    assert code == 0
    assert repository.planned == ["briefs/milk.json", "briefs/tea.yaml"]


def test_commits_that_are_missing_or_not_checked_out_are_refused(repository: Repository) -> None:
    """A quote of other bytes than those under review is worse than none."""
    base = repository.git("rev-parse", "HEAD")
    head = repository.commit({"briefs/tea.yaml": "green tea"})
    out = repository.beside / "quote.md"

    unknown = repository.script("quote", "f" * 40, head, out)
    elsewhere = repository.script("quote", head, base, out)
    (repository.root / "briefs" / "tea.yaml").write_text("edited", encoding="utf-8")
    edited = repository.script("quote", base, head, out)

    assert (unknown.returncode, elsewhere.returncode, edited.returncode) == (1, 1, 1)
    assert "is not in this clone" in unknown.stderr
    assert f"check out {base} first" in elsewhere.stderr
    assert "differs from the commit" in edited.stderr
    assert repository.asked == []


def test_a_wrong_call_says_how_it_is_used(repository: Repository) -> None:
    """Whoever calls it by hand should not have to read it."""
    done = repository.script("quote", "HEAD")

    assert done.returncode == 2
    assert "quote BASE HEAD OUT.md" in done.stderr


def test_the_commands_of_the_page_run(repository: Repository) -> None:
    """A page whose commands have rotted is where a new colleague gives up."""
    page = (ROOT / "docs" / "briefs-in-ci.md").read_text(encoding="utf-8")
    checkout, *calls = page.split("```sh\n")[1].split("```")[0].splitlines()
    repository.git(*checkout.split()[1:])
    repository.commit({"briefs/tea.yaml": "green tea"})

    for call in calls:
        program, *words = call.split()
        assert program == "ci/briefs.sh"
        assert repository.script(*words).returncode == 0

    assert repository.planned == ["briefs/tea.yaml"]
    assert "quote of green tea" in (repository.root / "quote.md").read_text(encoding="utf-8")


def _can_plan(repository: Repository) -> bool:
    # Only a program that works says 2 of a brief that is not there.
    if not PROGRAM.exists():
        return False
    asked = subprocess.run(  # noqa: S603 - our own program
        [PROGRAM, "plan", "missing.yaml"],
        cwd=repository.beside,
        env=repository.env,
        check=False,
        capture_output=True,
    )
    return asked.returncode == 2


def test_the_real_program_quotes_a_brief_and_refuses_a_wrong_one(repository: Repository) -> None:
    """The stand-in answers as we think; only the program shows that the calls are its own."""
    if not _can_plan(repository):
        pytest.skip("kampanj is not installed beside this Python, or cannot plan")
    base = repository.git("rev-parse", "HEAD")
    wrong = GOOD.replace("[SE]", "[UK]").replace("spring-checkout", "wrong")
    head = repository.commit({"briefs/good.yaml": GOOD, "briefs/wrong.yaml": wrong})

    code, text = repository.quote(base, head, KAMPANJ=str(PROGRAM))

    assert code == 2
    assert "```text\nbriefs/wrong.yaml:8: markets[0]: " in text
    assert "GB" in text
    assert text.index("briefs/wrong.yaml") < text.index("### `briefs/good.yaml`")


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed here")
def test_the_script_has_no_finding_of_shellcheck() -> None:
    """A word that is not quoted is how a file name becomes a command."""
    shellcheck = shutil.which("shellcheck") or "shellcheck"
    done = subprocess.run(  # noqa: S603 - a linter on our own script
        [shellcheck, SCRIPT], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
