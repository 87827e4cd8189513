"""What counts as working money can be looked up, and told otherwise by a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from creative.problem import InvalidInput
from flows.__main__ import app
from flows.policy_file import policy_in_force
from flows.settings import Settings

OWN = """\
name = "acme"
version = 3
effective_from = 2026-11-01
extends = "wc-default@2"
source = "Our controller"
[[rule]]
type = "crm.platform"
spend_class = "working"
"""


def told(*words: str) -> Any:
    """Return what a command printed as JSON."""
    ended = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(ended.stdout)


def test_the_policies_are_listed_and_shown_beside_the_two_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CFO who doubts a ratio looks here first."""
    file = tmp_path / "acme.toml"
    file.write_text(OWN)
    monkeypatch.setenv("KAMPANJ_POLICY", str(file))

    states = {row["policy"]: row["state"] for row in told("policy", "list")}
    shown = told("policy", "show")

    assert (states["acme@3"], states["wc-default@1"]) == ("in force", "retired")
    rules = {row["cost type"]: row for row in shown["rules"]}
    crm = rules["crm.platform"]
    assert (crm["class"], crm["strict"], crm["broad"]) == ("working", "non_working", "working")
    assert rules["influencer.fee"]["class"] == "50 % working"
    assert told("policy", "show", "wc-strict@1")["policy"] == "wc-strict@1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("name = [", "no TOML"),
        (OWN.replace('"working"', '"wirking"'), "spend_class"),
        (OWN.replace("crm.platform", "crm.platfrom"), "no cost type crm.platfrom"),
        (OWN.replace("default@2", "default@7"), "no policy 'wc-default@7'"),
        (OWN.replace("version = 3", "version = 0"), "version"),
        (OWN.replace("[[rule]]", "rule = 5\n[x]"), "rule"),
    ],
)
def test_a_policy_file_that_cannot_be_used_is_named_with_its_mend(
    tmp_path: Path, text: str | None, said: str
) -> None:
    """A ratio under another policy than was thought is worse than no ratio."""
    file = tmp_path / "acme.toml"
    if text is not None:
        file.write_text(text)

    with pytest.raises(InvalidInput) as caught:
        policy_in_force(Settings(policy=file))

    assert said in str(caught.value)
    assert "acme.toml" in str(caught.value)
