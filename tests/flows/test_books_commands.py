"""Whoever keeps the books closes months, seals, and proves them, in one process a command."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bookkeeping import entry, line, post, tamper
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

from cost_tracking.database import open_database
from flows.__main__ import app
from flows.exits import WrongInput

OCTOBER = date(2026, 10, 9)


@pytest.fixture
def books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, migrated: Callable[[Path], Path]
) -> Engine:
    """Return the books that the commands then work on, with one entry of October."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAMPANJ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KAMPANJ_ACTOR", "fin")
    monkeypatch.setenv("KAMPANJ_DATABASE_URL", f"sqlite:///{tmp_path / 'home' / 'books.db'}")
    (tmp_path / "home").mkdir()
    engine = open_database(f"sqlite:///{migrated(tmp_path / 'home' / 'books.db')}")
    pool = (line("pool:sub:studio", 7), line("payable:studio", -7))
    post(engine, entry(effective_on=OCTOBER), entry("pool", postings=pool, effective_on=OCTOBER))
    return engine


@pytest.fixture
def command() -> Callable[..., Result]:
    """Return a maker of commands."""
    runner = CliRunner()
    return lambda *words: runner.invoke(app, words, catch_exceptions=False)


def told(ended: Result) -> Any:
    """Return what a command printed as JSON."""
    return json.loads(ended.stdout)


@pytest.mark.usefixtures("books")
def test_a_month_is_closed_and_says_what_was_left_open(command: Callable[..., Result]) -> None:
    """Whoever closes is told that a subscription was not shared out, and may close all the same."""
    before = told(command("period", "list", "--json"))
    closed = told(command("period", "close", "2026-10", "--json"))

    assert [(one["period"], one["state"]) for one in before] == [("2026-10", "open")]
    assert (closed["state"], closed["closed_by"], closed["entries"]) == ("closed", "fin", 2)
    assert closed["left_open"] == ["pool:sub:studio still holds 0.000007 EUR, shared out to nobody"]
    [after] = told(command("period", "list", "--json"))
    assert after == {name: value for name, value in closed.items() if name != "left_open"}
    assert "2026-10" in command("period", "list").stdout
    with pytest.raises(WrongInput, match="period close: '2026-1' is no month"):
        command("period", "close", "2026-1")


@pytest.mark.usefixtures("books")
def test_the_books_are_proven_without_any_folder(command: Callable[..., Result]) -> None:
    """An auditor asks for the books, and gets each invariant with its name."""
    head = told(command("db", "seal", "--json"))["head"]

    audited = command("verify", "--json", "--head", head)

    assert audited.exit_code == 0
    proved = told(audited)
    assert proved["ledger_head"] == head
    assert proved["faults"] == proved["notes"] == []
    ids = [one["id"] for one in proved["proofs"]]
    assert ids[:4] == ["I1, I9", "I2", "I3", "I4"]
    assert {"I5", "I8", "I10", "I11", "I12"} < set(ids)
    assert head in command("verify").stdout
    assert command("db", "seal").stdout == f"{head}\n"
    with pytest.raises(WrongInput, match="is no head of a ledger"):
        command("verify", "--head", "12")


def test_a_tail_that_was_cut_off_is_found_by_the_head_that_was_kept(
    books: Engine, command: Callable[..., Result]
) -> None:
    """Someone who owns the database takes the last invoice out, with its seal."""
    command("db", "seal")
    [last] = post(books, entry("late"))
    head = told(command("db", "seal", "--json"))["head"]
    tamper(books, f"DELETE FROM seal WHERE seq_to = {last}")  # noqa: S608 - our own number
    for table, column in (("posting", "txn_seq"), ("txn", "seq")):
        with books.begin() as connection:
            statement = f"DELETE FROM {table} WHERE {column} = {last}"  # noqa: S608 - as above
            connection.exec_driver_sql(statement)

    audited = command("verify", "--json")

    assert audited.exit_code == 1
    faults = told(audited)["faults"]
    assert any(f"the head {head} was published" in fault for fault in faults)
    # And where the list beside the database is gone too, by the one that somebody kept.
    (Path("home") / "ledger-heads.txt").unlink()
    again = told(command("verify", "--json", "--head", head))["faults"]
    assert any(f"the head {head} was published" in fault for fault in again)


def test_an_empty_ledger_has_no_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Callable[..., Result]
) -> None:
    """Nothing was posted: there is nothing to seal, and nothing wrong."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAMPANJ_HOME", str(tmp_path / "home"))

    assert command("db", "seal").stdout == "the ledger is empty\n"
    assert command("verify").exit_code == 0
    assert told(command("period", "list", "--json")) == []
