"""On a real Postgres: who runs campaigns can add to the books, and cannot change them."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from bookkeeping import NOW, entry, post
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from cost_tracking import ledger
from cost_tracking.attempts import Attempts, Order
from cost_tracking.books import seals
from cost_tracking.books.grants import grants_for
from cost_tracking.budgets import Budgets
from cost_tracking.database import open_database, upgrade, writing
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.usage import Usage

on_postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.fixture
def writer(engine: Engine, url: str) -> Iterator[Engine]:
    """Open it as a role that has what ``kampanj db grants`` prints."""
    role = f"kampanj_{uuid4().hex[:12]}"
    with writing(engine) as connection:
        connection.execute(text(f"CREATE ROLE {role}"))
        for statement in grants_for(role).split("\n"):
            connection.execute(text(statement))
    ours = open_database(url)

    @event.listens_for(ours, "connect")
    def _become(connection: object, _entry: object) -> None:
        connection.cursor().execute(f"SET ROLE {role}")  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]

    yield ours
    ours.dispose()
    with writing(engine) as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))


@on_postgres
def test_a_writer_can_do_all_that_a_campaign_needs(
    writer: Engine, clock: Callable[..., object], order: Callable[..., Order]
) -> None:
    """Or somebody gives it more than that, to get on."""
    upgrade(writer)
    Budgets(writer, clock).set_limit("tea", SpendClass.NON_WORKING, Money.of("1", "EUR"))
    attempts = Attempts(writer, clock, "first")
    sent = attempts.sent(attempts.claim(order()))
    usage = Usage(model="m", quantities={}, receipt="r")
    attempts.settle(sent, usage, Money.of("0.2", "EUR"), "computed", "e" * 64)
    post(writer, entry())
    with writing(writer) as connection:
        ledger.reverse(connection, "k", NOW, actor="mia", reason="wrong")

    assert seals.seal(writer, NOW) is not None
    assert ledger.check(writer) == []


@on_postgres
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE txn SET kind = 'media'",
        "DELETE FROM posting",
        "DELETE FROM attempt",
        "TRUNCATE usage",
        "DROP TABLE posting",
        "DROP TRIGGER txn_no_change ON txn",
        "ALTER TABLE txn DISABLE TRIGGER USER",
        "SET LOCAL session_replication_role = replica",
        "UPDATE seal SET sha256 = ''",
        "INSERT INTO txn SELECT * FROM txn ON CONFLICT (seq) DO UPDATE SET kind = 'media'",
    ],
)
def test_a_writer_cannot_change_what_was_posted(writer: Engine, statement: str) -> None:
    """Not by the privileges that it has: triggers are the second fence."""
    post(writer, entry())

    refused = pytest.raises(DBAPIError, match=r"permission denied|must be owner")
    with refused, writing(writer) as connection:
        connection.execute(text(statement))


def test_a_role_that_is_no_plain_name_is_refused() -> None:
    """The SQL is pasted by an administrator who may do everything."""
    with pytest.raises(ValueError, match="no plain name"):
        grants_for("x; DROP TABLE txn")
