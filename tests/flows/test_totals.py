"""Sums over the whole ledger, as the command line tells them."""

from datetime import date
from pathlib import Path

import pytest

from cost_tracking import ledger
from cost_tracking.database import writing
from cost_tracking.entries import Posting, Transaction
from cost_tracking.money import Money
from cost_tracking.policy import default_policy
from flows.desk import Desk, open_desk
from flows.settings import Settings
from flows.totalling import totals


def post(desk: Desk, number: int, cost_type: str, amount: str, campaign: str) -> None:
    """Post one entry."""
    money = Money.of(amount, "EUR")
    spent = Posting(
        account=ledger.COST,
        amount=money,
        cost_type=cost_type,
        spend_class=default_policy().spend_class(cost_type),
        campaign=campaign,
    )
    entry = Transaction(
        key=f"k{number}",
        kind="invoice",
        effective_on=date(2026, number, 1),
        postings=(spent, Posting(account="payable:x", amount=-money)),
        source="test",
    )
    with writing(desk.engine) as connection:
        ledger.post(connection, entry, desk.now())


def test_sums_follow_what_is_asked_for(tmp_path: Path) -> None:
    """By any parts, of one campaign, as of any entry, and for each accepted asset."""
    with open_desk(Settings(home=tmp_path)) as desk:
        post(desk, 1, "media.inventory", "10.00", "tea")
        post(desk, 2, "agency.creative", "2.50", "tea")
        post(desk, 3, "agency.creative", "4.00", "coffee")

        found = totals(desk, "campaign, month", "", "", accepted=False)
        of_tea = totals(desk, "", "tea", "", accepted=False)
        earlier = totals(desk, "", "", "1", accepted=False)
        kept = totals(desk, "", "", "", accepted=True)

    assert found["policy"] == default_policy().id
    assert [(one["campaign"], one["month"]) for one in found["rows"]] == [
        ("tea", "2026-01"),
        ("coffee", "2026-03"),
        ("tea", "2026-02"),
    ]
    assert [(one["working"], one["non_working"]) for one in of_tea["rows"]] == [
        ("10.00 EUR", "2.50 EUR")
    ]
    assert (earlier["until"], earlier["rows"][0]["lines"]) == (1, "1")
    assert [(one["campaign"], one["accepted"]) for one in kept["rows"]] == [
        ("coffee", "0"),
        ("tea", "0"),
    ]


@pytest.mark.parametrize("by", ["weather", "market,market"])
def test_a_part_that_there_is_none_of_is_refused(tmp_path: Path, by: str) -> None:
    """Before anything is summed."""
    with open_desk(Settings(home=tmp_path)) as desk, pytest.raises(ValueError, match="by"):
        totals(desk, by, "", "", accepted=False)
