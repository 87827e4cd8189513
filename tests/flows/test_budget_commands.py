"""Limits, transfers and forecasts as controlling types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cost_tracking.budgeting.moving import NotMoved
from cost_tracking.budgets import NoBudget
from flows.__main__ import app
from flows.exits import Exit, WrongInput, ending


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAMPANJ_HOME", str(tmp_path / "home"))


WHO = " --currency EUR --reason r --approved-by cfo --key 1"


def told(words: str, *more: str) -> Any:
    """Return what a command printed as JSON."""
    typed = ["budget", *words.split(), *more, "--json"]
    ended = CliRunner().invoke(app, typed, catch_exceptions=False)
    return json.loads(ended.stdout)


def test_limits_are_set_moved_between_forecast_and_listed() -> None:
    """A month of controlling in one sitting."""
    told("limit campaign=tea,class=working --amount 10 --currency EUR")
    told("limit campaign=cake,class=working --amount 5 --currency EUR")
    limit = told("limit period=2026-11,provider=openai --amount 3 --currency EUR")
    assert (limit["kind"], limit["left"]) == ("limit", "3.00 EUR")

    moved = "transfer --from campaign=tea,class=working --to campaign=cake,class=working --amount 4"
    who = ("--currency", "EUR", "--reason", "sold out", "--approved-by", "cfo", "--key", "7")
    first, again = told(moved, *who), told(moved, *who)
    assert (first["fresh"], again["fresh"]) == (True, False)
    assert [one["limit"] for one in again["budgets"]] == ["6.00 EUR", "9.00 EUR"]

    expected = "forecast campaign=cake,class=working,period=2026-12 --amount 8 --currency EUR"
    assert told(expected)["fresh"]
    rows = {one["scope"]: one for one in told("list --campaign cake")}
    assert set(rows) == {"campaign=cake,class=working", "period=2026-11,provider=openai"}
    cake = rows["campaign=cake,class=working"]
    assert (cake["moved"], cake["forecast"], cake["left"]) == ("4.00 EUR", "8.00 EUR", "9.00 EUR")
    (month,) = told("list --campaign cake --months")
    assert (month["month"], month["actual"], month["forecast"]) == (
        "2026-12",
        "0.00 EUR",
        "8.00 EUR",
    )


@pytest.mark.parametrize(
    ("words", "kind", "code", "says"),
    [
        ("limit colour=red --amount 1 --currency EUR", WrongInput, 2, "no scope at 'colour=red'"),
        ("limit period=2026-13 --amount 1 --currency EUR", WrongInput, 2, "should match pattern"),
        ("limit period=2026 --amount 1,5 --currency EUR", WrongInput, 2, "write it as 1234.56"),
        (
            "limit campaign=tea,class=non_working --amount 1 --currency EUR",
            WrongInput,
            2,
            "set by the campaign's brief",
        ),
        (
            "transfer --from period=2026 --to provider=x --amount 1" + WHO,
            NoBudget,
            3,
            "set one with `kampanj budget limit`",
        ),
        (
            "transfer --from campaign=tea,class=working --to campaign=x,class=working --amount 1"
            + WHO,
            NoBudget,
            3,
            "campaign=x,class=working has no budget",
        ),
        ("forecast period=2026 --amount 1 --currency EUR", WrongInput, 2, "of one month"),
        (
            "transfer --from class=working --to provider=y --amount 9" + WHO,
            NotMoved,
            3,
            "9.00 EUR cannot be moved away; move less",
        ),
    ],
)
def test_what_is_wrong_is_named_and_ends_with_its_code(
    words: str, kind: type[Exception], code: int, says: str
) -> None:
    """2 is for what was typed, 3 for money that is not there."""
    for one in ("campaign=tea,class=working", "class=working", "provider=y"):
        told(f"limit {one} --amount 1 --currency EUR")

    with pytest.raises(kind) as raised:
        told(words)

    end = ending(raised.value)
    assert end
    assert end.code == Exit(code)
    assert says in end.message
