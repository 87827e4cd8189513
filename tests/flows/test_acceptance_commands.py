"""``kampanj report acceptance``, ``saving`` and ``outcomes`` on real books."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from places import Place
from typer.testing import CliRunner

from cost_tracking.acceptance.events import AssetEvent, record
from cost_tracking.database import open_database, writing
from flows.__main__ import app
from flows.exits import WrongInput

ROOT = Path(__file__).parents[2]
CONVERSATIONS = ROOT / "docs" / "outcomes" / "conversations.csv"
BANNER = "spring-tea_SE_sv-SE_iab_smartphone_banner_c1"


def told(*words: str) -> Any:
    """Return what a report printed as JSON."""
    return json.loads(printed(*words, "--json"))


def printed(*words: str) -> str:
    """Return what a report printed."""
    return CliRunner().invoke(app, ["report", *words], catch_exceptions=False).stdout


def test_a_campaign_is_told_by_what_stayed_accepted(
    finished: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the day of delivery nothing has stayed yet, and a complaint already counts."""
    engine = open_database(f"sqlite:///{finished.folder}/.kampanj/kampanj.db")
    now = datetime.now(UTC)
    heard = {"key": "t1", "campaign": "spring-tea", "slot": BANNER, "kind": "complaint"}
    with writing(engine) as connection:
        event = AssetEvent.model_validate({**heard, "reason": "legal", "at": now, "source": "test"})
        record(connection, [event], now)
    engine.dispose()
    monkeypatch.chdir(finished.folder)

    (euros,) = told("acceptance", "spring-tea", "--by", "market")["currencies"]

    total = euros["total"]
    assert (total["generated"], total["maturing"], total["failed"]) == (4, 3, 1)
    assert (total["cost"], total["per_accepted"], total["lower_bound"]) == (
        "72.000000",
        None,
        "24.000000",
    )
    assert {row["key"]: row["failed"] for row in euros["rows"]} == {"SE": 1, "SA": 0}
    assert sum(float(row["cost"]) for row in euros["rows"]) == 72
    assert [period["posted"] for period in euros["periods"]] == ["72.000000"]

    (saved,) = told("saving")["currencies"][0]["savings"]
    assert saved["avoided"]["not_claimed"] == "the pictures are placeholder art"
    assert saved["unspent"]["budget"] == {"amount": "50.000000", "currency": "EUR"}

    assert "policy:auto" in printed("acceptance", "--by", "reviewer")
    with pytest.raises(WrongInput, match="cannot cut by 'colour'; use one of: campaign, market"):
        told("acceptance", "--by", "colour")


def test_outcomes_of_a_file_are_told_by_a_column_of_its_own() -> None:
    """The metric is not about pictures: it is about whatever somebody accepts."""
    cohorts = told("outcomes", str(CONVERSATIONS), "--as-of", "2026-10-16", "--by", "route")

    rows = {row["key"]: row for row in cohorts["rows"]}
    assert rows["machine first"]["per_accepted"] == "2.590512"
    assert rows["people only"]["per_accepted"] == "4.347826"
    assert rows["machine first"]["costs"][0] == "2"


def test_the_table_of_the_docs_is_what_its_command_prints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A reader types the command first, and believes the page afterwards."""
    page = (ROOT / "docs" / "cost-per-accepted-asset.md").read_text("utf-8")
    command = page.split("```sh\n")[1].split("\n")[0]
    table = page.split("```text\n")[1].split("```")[0]
    monkeypatch.chdir(ROOT)

    lines = [line.rstrip() for line in printed(*command.split()[2:]).splitlines()]

    assert lines[: table.count("\n")] == table.splitlines()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--as-of", "2999-01-01"], "has not begun"),
        (["--as-of", "soon"], "--as-of: write a day as 2026-10-16, not 'soon'"),
        (["--by", "colour"], "no column 'colour' to cut by; its own are: route"),
        (["--currency", "dollars"], "currency"),
    ],
)
def test_what_cannot_be_told_is_refused(words: list[str], says: str) -> None:
    """A claim about the future is not a report."""
    with pytest.raises(WrongInput, match=says):
        told("outcomes", str(CONVERSATIONS), *words)
