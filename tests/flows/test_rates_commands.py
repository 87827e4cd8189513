"""Rates are imported whole, asked for by day, and used where a brief gives none of its own."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from places import BRAND, BRIEF, WORDS, Place, memory
from typer.testing import CliRunner

from cost_tracking.exchange.published import published
from cost_tracking.exchange.rates import NoRate, Rates
from cost_tracking.money import Money
from creative.problem import InvalidInput
from flows import quoting
from flows.__main__ import app
from flows.exits import Exit, WrongInput, ending
from flows.materials import budget_terms, check_rates, gather
from flows.settings import Settings


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a folder with a brief, in which commands keep their state."""
    (tmp_path / "brief.yaml").write_text(BRIEF, encoding="utf-8")
    (tmp_path / "brand.yaml").write_text(BRAND, encoding="utf-8")
    (tmp_path / "memory").mkdir()
    for tag, words in WORDS.items():
        (tmp_path / "memory" / f"{tag}.yaml").write_text(memory(tag, words), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAMPANJ_HOME", str(tmp_path / "home"))
    return Place(tmp_path)


def told(*words: str) -> Any:
    """Return what a command printed as JSON."""
    ended = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(ended.stdout)


def test_a_file_is_imported_and_its_rates_are_listed_and_used(place: Place) -> None:
    """Treasury imports the dirham once, and every pair with it can be told."""
    file = place.folder / "own.csv"
    file.write_text("base,quote,rate,date,source\nUSD,AED,3.6725,2026-10-30,cbuae\n")

    first = told("rates", "import", str(file), "--source", "csv")
    again = told("rates", "import", str(file), "--source", "csv")
    rows = told("rates", "list", "--on", "2026-10-31", "--currency", "AED")
    shown = told("rates", "show", "AED", "EUR", "--on", "2026-10-31", "--amount", "100")

    assert (first["added"], again["added"], again["same"]) == (1, 0, 1)
    assert [(row["pair"], row["days old"]) for row in rows] == [("USD/AED", 1)]
    assert shown["converted"] == "24.372903"
    assert [leg["id"] for leg in shown["legs"]] == [
        "cbuae/2026-10-30/USD-AED",
        "ecb/2026-10-30/EUR-USD",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "own.csv", "--source", "reuters"), "use ecb or csv"),
        (("import", "none.csv", "--source", "csv"), "cannot be read"),
        (("list", "--on", "yesterday"), "write it as 2026-10-30"),
        (("show", "SEK", "USD", "--amount", "1,5"), "is not an amount"),
        (("show", "sek", "USD"), "currency"),
    ],
)
def test_what_was_typed_wrong_is_told(place: Place, words: tuple[str, ...], said: str) -> None:
    """Nothing is guessed about a day or an amount."""
    assert place
    error = CliRunner().invoke(app, ["rates", *words]).exception

    assert isinstance(error, WrongInput)
    assert said in str(error).replace("pattern", "currency")


def test_a_rate_that_is_not_there_ends_as_wrong_input(place: Place) -> None:
    """CI must not take it for a fault of ours."""
    assert place
    error = CliRunner().invoke(app, ["rates", "show", "AED", "EUR"]).exception

    assert isinstance(error, NoRate)
    end = ending(error)
    assert end is not None
    assert end.code is Exit.WRONG_INPUT


def test_the_brief_s_rate_wins_and_else_that_of_the_day_is_taken(place: Place) -> None:
    """A treasury that fixed a rate means it; who fixed none is billed at the day's."""
    dollars = Money.of("10", "USD")
    own = budget_terms(gather(place.brief), Rates(published))
    assert own.convert(dollars, date(2026, 10, 31)) == Money.of("9", "EUR")

    place.rewrite(', rates: {USD: {rate: "0.9", on: 2026-11-01, source: Treasury}}', "")
    dated = budget_terms(gather(place.brief), Rates(published))

    assert dated.convert(dollars, date(2026, 10, 31)) == Money.of("8.950949", "EUR")
    with pytest.raises(NoRate, match=r"budget\.rates\.USD"):
        dated.convert(dollars, date(2026, 11, 21))


def test_a_declared_cost_without_a_rate_of_its_day_stops_a_quote_and_a_run(place: Place) -> None:
    """It would otherwise stop the report, after everything was paid."""
    place.rewrite(', rates: {USD: {rate: "0.9", on: 2026-11-01, source: Treasury}}', "")
    place.rewrite('amount: "400.00"\n    currency: EUR', 'amount: "400.00"\n    currency: USD')
    check_rates(gather(place.brief), Rates(published))
    place.rewrite("source: Order 9\n    on: 2026-11-01", "source: Order 9\n    on: 2026-11-20")

    with pytest.raises(InvalidInput, match=r"costs\[1\]\.currency: .*21 days old.*budget\.rates"):
        quoting.quote(Settings(), place.brief, datetime(2026, 11, 21, tzinfo=UTC))
    ended = CliRunner().invoke(app, ["run", "brief.yaml", "--direct"])
    assert isinstance(ended.exception, InvalidInput)
    assert told("status") == []
