"""Entries to post, and how someone who owns the database would falsify them."""

from contextlib import closing
from datetime import UTC, date, datetime

from sqlalchemy import Engine, text

from cost_tracking import ledger
from cost_tracking.database import writing
from cost_tracking.ledger import Posting, Transaction
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
OF_K = "txn_seq = (SELECT seq FROM txn WHERE idem_key = 'k')"


def line(account: str, micros: int, currency: str = "EUR") -> Posting:
    """Return a line on an account."""
    cost = account == "cost"
    return Posting(
        account=account,
        amount=Money(micros=micros, currency=currency),
        cost_type="agency.creative" if cost else None,
        spend_class=SpendClass.NON_WORKING if cost else None,
        campaign="tea",
    )


def entry(key: str = "k", micros: int = 5_000_000, **different: object) -> Transaction:
    """Return an entry of an agency's invoice."""
    usual: dict[str, object] = {
        "key": key,
        "kind": "invoice",
        "effective_on": date(2026, 11, 1),
        "postings": (line("cost", micros), line("payable:agency", -micros)),
        "source": "test",
        "source_doc": "INV-7",
    }
    return Transaction.model_validate({**usual, **different})


def post(engine: Engine, *entries: Transaction) -> list[int]:
    """Post in a transaction of their own."""
    with writing(engine) as connection:
        return ledger.post_all(connection, entries, NOW)


def tamper(engine: Engine, statement: str) -> None:
    """Do what only the owner of a database can do: go around its triggers and foreign keys."""
    if engine.dialect.name == "postgresql":
        with writing(engine) as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement))
        return
    with closing(engine.raw_connection()) as raw:
        cursor = raw.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        for table in ("txn", "posting", "usage", "seal", "period"):
            cursor.execute(f"DROP TRIGGER {table}_no_update")
            cursor.execute(f"DROP TRIGGER {table}_no_delete")
        for table in ("txn", "posting", "usage"):
            cursor.execute(f"DROP TRIGGER {table}_not_late")
        cursor.execute(statement)
        cursor.execute("PRAGMA foreign_keys=ON")
