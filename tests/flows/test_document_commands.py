"""People enter what was spent beside the pipeline, and share what campaigns have in common."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.__main__ import app
from flows.exits import WrongInput

INVOICE = (
    *("add", "invoice", "--document", "INV-7", "--payee", "acme", "--on", "2026-10-20"),
    *("--currency", "EUR", "--type", "agency.creative", "--amount", "1200.00"),
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the state of a test to itself."""
    monkeypatch.setenv("KAMPANJ_HOME", str(tmp_path))
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setenv("KAMPANJ_BOOKS_CURRENCY", "EUR")


def told(*words: str) -> Any:
    """Return what a command printed as JSON."""
    ended = CliRunner().invoke(app, ["spend", *words, "--json"], catch_exceptions=False)
    return json.loads(ended.stdout)


def refused(*words: str) -> str:
    """Return why a command was refused."""
    error = CliRunner().invoke(app, ["spend", *words]).exception
    assert isinstance(error, WrongInput)
    return str(error)


def test_an_invoice_is_entered_once_and_shared_by_hand() -> None:
    """An agency's month is for two campaigns, and both bear their part to the cent."""
    shared = (*INVOICE, "--basis", "given", "--weight", "spring-tea=2", "--weight", "winter-tea=1")

    first, again = told(*shared), told(*shared)
    [row] = told("allocate", "--through", "2026-10")

    assert (first["posted"], again["posted"]) == (True, False)
    assert first["amount"] == {"amount": "1200.000000", "currency": "EUR"}
    assert {name: one["amount"] for name, one in row["campaigns"].items()} == {
        "spring-tea": "800.000000",
        "winter-tea": "400.000000",
    }
    assert [one["posted"] for one in told("allocate", "--through", "2026-11")] == [False]
    shown = CliRunner().invoke(app, ["spend", "allocate", "--through", "2026-11"])
    assert "as before" in shown.stdout


def test_a_changed_document_says_why() -> None:
    """The same number with another amount is a question, and not an entry."""
    told(*INVOICE, "--campaign", "spring-tea")
    other = (*INVOICE[:-1], "1300.00", "--campaign", "spring-tea")

    assert "acme/INV-7 was entered and says otherwise" in refused(*other)
    assert told(*other, "--corrects", "typed wrong")["revision"] == 2


def test_each_kind_can_be_entered_from_the_command_line() -> None:
    """What the help promises works."""
    head = ("--payee", "acme", "--on", "2026-10-20", "--currency", "USD")
    for number, words in enumerate(
        (
            "subscription --type ai.subscription --amount 100 --from 2026-10-01 --to 2026-12-31",
            "retainer --type agency.retainer --amount 9 --from 2026-10-01 --to 2026-10-31",
            "licence --type licence.music --amount 9 --from 2026-10-01 --to 2027-10-01",
            "labour --step rendition_review --count 12 --rate 60 --campaign spring-tea",
            "media --type media.inventory --amount 9 --campaign spring-tea --channel social",
            "credits --type ai.credits --amount 200 --quantity 100 --unit token",
            "credits_used --lot D-5 --quantity 25 --campaign spring-tea",
        )
    ):
        assert told("add", *words.split(), "--document", f"D-{number}", *head)["posted"]

    rows = told("allocate", "--through", "2026-10")

    assert [row["pool"] for row in rows] == [f"acme/D-{one}/2026-10" for one in range(3)]
    assert rows[0]["idle"] == {"amount": "33.333334", "currency": "USD"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*INVOICE, "--minutes", "5"), "minutes: it does not belong here"),
        ((*INVOICE[:-1], "1.200,00"), "amount"),
        (("add", "bill", *INVOICE[2:]), "there is no kind 'bill'"),
        ((*INVOICE, "--basis", "given", "--weight", "x"), "'x' is no weight"),
        (("allocate", "--through", "October"), "'October' is no month"),
    ],
)
def test_what_was_typed_wrong_is_told(words: tuple[str, ...], said: str) -> None:
    """Nothing is posted, and the field is named."""
    assert said in refused(*words)
