"""Reports as they were known then, and what changed since."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.attempts import Attempts
from cost_tracking.books.point import AsOf, as_of
from cost_tracking.database import writing
from cost_tracking.entries import Posting, Transaction
from cost_tracking.money import Money
from cost_tracking.orders import State
from cost_tracking.policy import default_policy
from cost_tracking.reports.campaign_report import report
from cost_tracking.reports.facts import Campaign, Made
from cost_tracking.reports.restatement import Change, restatement
from cost_tracking.reports.trails import Trails
from cost_tracking.spending import Spending
from creative.brief import Budget

BUDGET = Budget(currency="EUR", non_working=Decimal(100), working=Decimal(900))


def invoice(key: str, amount: str, day: date, **names: object) -> Transaction:
    """Return an agency's invoice for the campaign."""
    policy = default_policy()
    cost = {
        "account": "cost",
        "amount": Money.of(amount, "EUR"),
        "cost_type": "agency.creative",
        "spend_class": policy.spend_class("agency.creative"),
        "policy": policy.id,
        "campaign": "tea",
        "provider": "agency",
        **names,
    }
    owed = Posting(account="payable:agency", amount=Money.of(f"-{amount}", "EUR"))
    return Transaction(
        key=key,
        kind="invoice",
        effective_on=day,
        postings=(Posting.model_validate(cost), owed),
        source="test",
        source_doc=f"INV-{key}",
        actor="ada",
    )


def made(market: str, *, accepted: bool | None = True) -> Made:
    """Return a rendition."""
    return Made(
        slot=f"tea_{market}_xx_feed_c1",
        market=market,
        locale="xx",
        placement="feed",
        channel="social",
        concept="c1",
        accepted=accepted,
        delivered=accepted is True,
    )


def told(engine: Engine, then: AsOf | None, *grid: Made) -> Trails:
    """Return the trails of the report as of then."""
    spending = Spending(engine, "tea", "EUR", {}, default_policy(), then)
    campaign = Campaign(
        name="tea",
        title="Tea",
        run="r1",
        as_of=datetime(2026, 12, 1, tzinfo=UTC),
        up_to=spending.up_to,
        budget=BUDGET,
        baseline=None,
        attempts=spending.by_state,
        images_bought=spending.images_bought,
        policy=default_policy().id,
        readings=spending.readings(),
        placeholder=False,
    )
    return Trails(report(campaign, spending.spent(), grid, spending.excluded()))


def post(engine: Engine, clock: Any, entry: Transaction) -> int:
    """Post an entry at the clock's time, and return its number."""
    with writing(engine) as connection:
        return ledger.post(connection, entry, clock())


def changes(before: Trails, after: Trails) -> dict[str, Change]:
    """Return what changed, by figure."""
    return {one.figure: one for one in restatement(before, after).changes}


def test_a_late_invoice_changes_no_report_of_before(engine: Engine, clock: Any) -> None:
    """It belongs to October and came in December; November's board was shown what was known."""
    seq = post(engine, clock, invoice("a", "10", date(2026, 10, 5)))
    shown = told(engine, None, made("SE")).report
    clock.forward(days=20)
    post(engine, clock, invoice("late", "7", date(2026, 10, 6)))

    by_entry = told(engine, as_of(engine, str(seq), clock()), made("SE")).report
    by_day = told(engine, as_of(engine, "2026-11-21", clock()), made("SE")).report
    now = told(engine, None, made("SE")).report

    assert by_entry.entries == by_day.entries == shown.entries
    assert by_entry.non_working == Money.of("10", "EUR")
    assert now.non_working == Money.of("17", "EUR")


def test_a_change_is_the_sum_of_its_causes(engine: Engine, clock: Any) -> None:
    """'The figure moved by 9' is answered by the entries, and they sum to it."""
    post(engine, clock, invoice("a", "10", date(2026, 10, 5)))
    before = told(engine, None, made("SE"))
    post(engine, clock, invoice("b", "12", date(2026, 11, 1), market="SE"))
    with writing(engine) as connection:
        ledger.reverse(connection, "a", clock(), actor="ada", reason="Not ours")
    after = told(engine, None, made("SE"), made("NO", accepted=None))

    found = changes(before, after)

    making = found["non_working"]
    assert (making.before, making.after) == (Money.of("10", "EUR"), Money.of("12", "EUR"))
    assert [(one.what, one.by.micros, one.spent.reference) for one in making.causes] == [
        ("new", 12_000_000, "INV-b"),
        ("new", -10_000_000, "Not ours"),
    ]
    for one in found.values():
        if isinstance(one.by, Money):
            assert not one.terms or not one.causes
            if not one.terms:
                assert sum(cause.by.micros for cause in one.causes) == one.by.micros, one.figure
    assert found["produced"].more == ("tea_NO_xx_feed_c1",)
    assert "accepted" not in found
    assert found["per_accepted"].terms == ("non_working",)


def test_another_rendition_changes_the_shares_of_the_others(engine: Engine, clock: Any) -> None:
    """SE pays less since NO is there; no entry is new, and the diff must not invent one."""
    post(engine, clock, invoice("a", "10", date(2026, 10, 5)))
    before = told(engine, None, made("SE"))
    after = told(engine, None, made("SE"), made("NO"))

    found = changes(before, after)

    assert "non_working" not in found
    [cause] = found["market:SE"].causes
    assert (cause.what, cause.by) == ("share", Money.of("-5", "EUR"))
    assert found["market:NO"].before is None


def test_what_is_open_then_is_told_as_open(
    attempts: Attempts, engine: Engine, clock: Any, order: Any
) -> None:
    """A request that a person has closed since was of unknown outcome, and its money counted."""
    sent = attempts.sent(attempts.claim(order()))
    clock.forward(hours=1)
    attempts.reap()
    seq = post(engine, clock, invoice("a", "1", date(2026, 11, 21)))
    then = as_of(engine, str(seq), clock())
    clock.forward(hours=1)
    attempts.close(sent.id, charged=True, by="ada", reason="on the bill")

    before, after = told(engine, then), told(engine, None)

    assert before.report.campaign.attempts == {"suspect": 1}
    assert before.of("waste").value == Money.of("0.3", "EUR")
    assert after.report.campaign.attempts == {State.SETTLED.value: 1}
    assert before.report.non_working == after.report.non_working
    [line] = [one for one in after.report.entries if one.asked]
    assert line.posted is not None
    assert line.posted.actor == "ada"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-13-01", "no day of the calendar"),
        ("tomorrow", "neither a day nor an entry"),
        ("-1", "neither a day nor an entry"),
        ("999999", "no entry 999999; its newest is "),
        ("0", "no entry 0"),
        ("2026-11-22", "has not begun"),
    ],
)
def test_a_point_that_there_is_not_is_said(
    engine: Engine, clock: Any, written: str, said: str
) -> None:
    """A typo in a date must not be a report of nothing spent."""
    post(engine, clock, invoice("a", "10", date(2026, 10, 5)))

    with pytest.raises(ValueError, match=said):
        as_of(engine, written, clock())


def test_today_is_told_up_to_now(engine: Engine, clock: Any) -> None:
    """The day has not ended; what was posted a minute ago is in it."""
    seq = post(engine, clock, invoice("a", "10", date(2026, 10, 5)))

    point = as_of(engine, "2026-11-21", clock() + timedelta(minutes=1))

    assert point == AsOf(seq=seq, at=clock() + timedelta(minutes=1))
    assert as_of(engine, "2026-11-20", clock()).seq < seq
