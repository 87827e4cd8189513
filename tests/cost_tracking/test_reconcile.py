"""A bill beside our attempts: what it explains, what it decides, and what it must leave open."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_tracking.bill import Bill, BillLine
from cost_tracking.money import Money
from cost_tracking.orders import Attempt, State
from cost_tracking.reconcile import Reconciliation, reconcile

DAY = date(2026, 11, 10)
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)


def attempt(name: str, amount: str | None = "0.053", **more: Any) -> Attempt:
    """Return an attempt that was settled at an amount, or lost where there is none."""
    state = State.SETTLED if amount else State.SUSPECT
    facts = {
        "campaign": "spring",
        "run": "r1",
        "asset": name,
        "stage": "concepts",
        "provider": "openai",
        "model": "gpt-image-2",
        "operation": "image",
        "request_sha256": "0" * 64,
        "estimate": usd("0.06"),
        "budget_amount": Money.of("0.054", "EUR"),
        "id": name,
        "round": 1,
        "state": state,
        "owner": "host:1:1",
        "token": "t",
        "lease_until": NOON,
        "reserved_at": NOON,
        "sent_at": NOON,
        "closed_at": None,
        "amount": usd(amount) if amount else None,
        "budget_spent": None,
        "waste": False,
        "basis": None,
        "receipt": f"req_{name}" if amount else None,
        "usage": None,
        "answer_sha256": None,
        "error_kind": None if amount else "outcome_unknown",
        "error": None,
        "closed_by": None,
        "close_reason": None,
        "job": None,
    }
    return Attempt.model_validate({**facts, **more})


def usd(amount: str) -> Money:
    """Return dollars."""
    return Money.of(amount, "USD")


def line(amount: str, **more: Any) -> BillLine:
    """Return a line of the day's bill."""
    facts = {"start": DAY, "end": DAY, "amount": usd(amount), "model": "gpt-image-2"}
    return BillLine(**{**facts, **more})


def bill(*lines: BillLine, **more: Any) -> Bill:
    """Return the bill of a week that has long ended."""
    facts = {"start": DAY - timedelta(3), "end": DAY + timedelta(3), "source": "the bill"}
    facts |= {"provider": "openai", "whole_until": DAY + timedelta(3), "lines": lines}
    return Bill(**{**facts, **more})


def verdicts(found: Reconciliation) -> dict[str, str | None]:
    """Return what was decided, by attempt."""
    return {one.attempt: str(one.amount) if one.amount else None for one in found.decided}


def test_what_both_say_is_explained() -> None:
    """Most days are like this, and nobody should have to look at them."""
    found = reconcile(bill(line("0.103"), line("0.003")), [attempt("a"), attempt("b")])

    assert found.explained
    assert [(row.on, str(row.billed), row.attempts) for row in found.matched] == [
        ("2026-11-10", "0.106 USD", ("a", "b"))
    ]


def test_what_was_billed_and_is_not_known_is_named() -> None:
    """Somebody uses our key, or we lost a purchase."""
    found = reconcile(bill(line("0.053"), line("7.10", model="gpt-6.2-sol")), [attempt("a")])

    assert not found.explained
    assert [(row.model, str(row.difference)) for row in found.unknown] == [
        ("gpt-6.2-sol", "7.10 USD")
    ]


def test_what_is_known_and_was_not_billed_is_named() -> None:
    """A ledger that says more than the invoice is as wrong as one that says less."""
    found = reconcile(bill(), [attempt("a")])

    assert [str(row.difference) for row in found.unbilled] == ["-0.053 USD"]


def test_a_lost_attempt_that_fills_the_gap_was_charged() -> None:
    """Its reservation was 0.06; the bill says what it really was."""
    found = reconcile(bill(line("0.106")), [attempt("a"), attempt("lost", None)])

    assert found.explained
    assert verdicts(found) == {"lost": "0.053 USD"}


def test_a_lost_attempt_without_a_gap_was_free() -> None:
    """Its money goes back to the budget."""
    found = reconcile(bill(line("0.053")), [attempt("a"), attempt("lost", None)])

    assert found.explained
    assert verdicts(found) == {"lost": None}


def test_of_several_lost_attempts_all_or_none_can_be_decided() -> None:
    """Which of two was charged no sum can say, and a guess would be in the ledger for ever."""
    lost = [attempt("x", None), attempt("y", None)]

    assert verdicts(reconcile(bill(line("0.1")), lost)) == {"x": "0.05 USD", "y": "0.05 USD"}
    assert verdicts(reconcile(bill(), lost)) == {"x": None, "y": None}
    one_of_them = reconcile(bill(line("0.05")), lost)
    assert [one.attempt for one in one_of_them.undecided] == ["x", "y"]
    assert not one_of_them.explained


@pytest.mark.parametrize(
    ("told", "more", "words"),
    [
        ("0.5", {}, "more than it can have cost"),
        ("-0.1", {}, "less than is known"),
        ("0.05", {"state": State.SENT}, "still holds it"),
        ("0.05", {"job": {"job": "j1"}, "error_kind": "lost"}, "may still be asked for"),
        ("0.05", {"sent_at": NOON + timedelta(days=3)}, "ask again later"),
        ("0.05", {"estimate": usd("0.000001")}, "rounded by more"),
    ],
)
def test_what_the_bill_does_not_tell_stays_open(
    told: str, more: dict[str, Any], words: str
) -> None:
    """A wrong verdict is worse than none: it cannot be taken back."""
    day = more.get("sent_at", NOON).date()
    lines = bill(line(told, start=day, end=day), whole_until=DAY + timedelta(1))

    found = reconcile(lines, [attempt("lost", None, **more)])

    assert not found.decided
    assert words in found.undecided[0].why


def test_a_receipt_decides_before_any_sum() -> None:
    """An itemised invoice names the answers."""
    lines = (line("0.04", receipt="lost"), line("0.01", receipt="lost"), line("9", receipt="req_z"))
    found = reconcile(bill(*lines), [attempt("a"), attempt("lost", None)])

    assert verdicts(found) == {"lost": "0.05 USD"}
    assert [(row.receipt, str(row.billed)) for row in found.unknown] == [("", "9.00 USD")]
    assert [(row.receipt, row.attempts) for row in found.unbilled] == [("req_a", ("a",))]


def test_a_receipt_with_another_amount_is_a_difference() -> None:
    """It was computed from a price that has changed."""
    found = reconcile(bill(line("0.06", receipt="req_a")), [attempt("a")])

    assert [(row.receipt, str(row.difference)) for row in found.unknown] == [("req_a", "0.007 USD")]


def test_what_was_billed_though_we_thought_it_free_is_named() -> None:
    """A refusal that costs is news."""
    refused = attempt("a", None, state=State.RELEASED, receipt="req_a")
    found = reconcile(bill(line("0.02", receipt="req_a")), [refused])

    assert [row.attempts for row in found.unknown] == [("a",)]


def test_a_dated_snapshot_is_the_model_that_was_asked_for() -> None:
    """A bill names what answered."""
    assert reconcile(bill(line("0.053", model="gpt-image-2-2026-04-21")), [attempt("a")]).explained


def test_an_invoice_to_the_cent_explains_what_rounds_to_it() -> None:
    """Nobody prints micros on paper."""
    month = {"start": DAY - timedelta(3), "end": DAY + timedelta(3), "model": ""}
    rounded = line("0.11", rounding="0.005", **month)

    assert reconcile(bill(rounded), [attempt("a"), attempt("b")]).explained
    assert not reconcile(bill(rounded), [attempt("a")]).explained


def test_another_provider_and_another_time_are_not_of_this_bill() -> None:
    """They have their own."""
    others = [
        attempt("a", provider="deepl"),
        attempt("b", sent_at=NOON - timedelta(days=9)),
        attempt("c", sent_at=None),
    ]
    assert reconcile(bill(), others).explained


@given(
    settled=st.lists(st.integers(0, 60_000), max_size=6),
    lost=st.lists(st.tuples(st.booleans(), st.integers(1_000, 60_000)), max_size=4),
)
def test_no_verdict_is_ever_wrong(settled: list[int], lost: list[tuple[bool, int]]) -> None:
    """Whatever really happened: what the bill decides is what happened, to the last micro."""
    known = [
        attempt(f"s{place}", str(Money(micros=micros, currency="USD").amount))
        for place, micros in enumerate(settled)
    ]
    open_ = [attempt(f"l{place}", None) for place, _ in enumerate(lost)]
    truly = {f"l{place}": much for place, (charged, much) in enumerate(lost) if charged}
    total = Money(micros=sum(settled) + sum(truly.values()), currency="USD")

    found = reconcile(bill(line(str(total.amount))), [*known, *open_])

    told = {one.attempt: one.amount.micros if one.amount else 0 for one in found.decided}
    assert {name for name, much in told.items() if much} == (set(truly) if told else set())
    assert sum(told.values()) == (sum(truly.values()) if told else 0)
