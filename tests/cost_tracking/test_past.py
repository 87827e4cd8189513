"""A quote sees what was bought and spent, and touches nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cost_tracking.attempts import Attempts, Order
from cost_tracking.database import UnknownDatabase
from cost_tracking.money import Money
from cost_tracking.past import Past, UnreadableLedger, read_past
from cost_tracking.usage import Usage

Orders = Callable[..., Order]


@pytest.mark.usefixtures("engine")
def test_what_is_bought_and_what_is_reserved_are_found(
    url: str, attempts: Attempts, order: Orders
) -> None:
    """Both drivers say what SQLAlchemy would."""
    usage = Usage(model="gpt-image-2", quantities={}, receipt="req_1")
    bought = attempts.claim(order("a"))
    attempts.settle(attempts.sent(bought), usage, Money.of("0.25", "EUR"), "computed", "e" * 64)
    attempts.claim(order("b"))

    assert read_past(url, "tea") == Past(
        bought={"a" * 64: bought.id}, taken=Money.of("0.55", "EUR")
    )
    assert read_past(url, "coffee") == Past()


def test_a_database_without_tables_is_named_as_such(empty_url: str) -> None:
    """It is not taken for a campaign that has spent nothing."""
    with pytest.raises(UnreadableLedger, match="db upgrade"):
        read_past(empty_url, "tea")


def test_a_quote_makes_no_database(tmp_path: Path) -> None:
    """A quote writes nothing."""
    with pytest.raises(UnreadableLedger):
        read_past(f"sqlite:///{tmp_path / 'ledger.db'}", "tea")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["mysql://me:secret@host/db", "sqlite:///:memory:"])
def test_an_address_of_no_ledger_is_refused_without_its_password(url: str) -> None:
    """As ``open_database`` refuses it."""
    with pytest.raises(UnknownDatabase) as caught:
        read_past(url, "tea")
    assert "secret" not in str(caught.value)
