"""A crash costs a visible row: never an invisible charge, never the same purchase twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from cost_tracking import ledger, outcomes
from cost_tracking.attempts import (
    AlreadyBought,
    AlreadyClosed,
    Attempts,
    Claimed,
    LeaseLost,
    Order,
    State,
    Suspect,
)
from cost_tracking.budgets import Budget, Budgets, NoBudget, OverBudget
from cost_tracking.database import reading, writing
from cost_tracking.exchange.based import Books
from cost_tracking.exchange.published import published
from cost_tracking.exchange.quotations import Quotation
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.usage import Usage

Orders = Callable[..., Order]
ANSWER = "e" * 64
USAGE = Usage(model="gpt-image-2", quantities={"image": Decimal(1)}, receipt="req_1")


def euros(amount: str) -> Money:
    """Return an amount in the budget's currency."""
    return Money.of(amount, "EUR")


def budget(engine: Engine, clock: Any) -> Budget:
    """Return the campaign's budget as it stands."""
    return Budgets(engine, clock).of("tea", SpendClass.NON_WORKING)


def held(engine: Engine) -> tuple[str, str]:
    """Return what is reserved and what is spent, without their currency."""
    with reading(engine) as connection:
        row = connection.execute(text("SELECT reserved_micros, spent_micros FROM budget")).one()
    return str(Decimal(row[0]) / 10**6), str(Decimal(row[1]) / 10**6)


def test_a_purchase_reserves_the_most_and_settles_what_it_cost(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """Finance sees one entry, of the true amount, with its receipt."""
    claimed = attempts.claim(order())
    assert held(engine) == ("0.3", "0")

    settled = attempts.settle(attempts.sent(claimed), USAGE, euros("0.21"), "computed", ANSWER)

    assert held(engine) == ("0", "0.21")
    assert attempts.settled(order().request_sha256) == settled
    assert (settled.basis, settled.receipt, settled.usage) == ("computed", "req_1", {"image": 1})
    with reading(engine) as connection:
        entry = ledger.read(connection, f"attempt/{settled.id}")
    cost, owed = entry.postings
    assert (cost.cost_type, cost.spend_class) == ("ai.api_call", SpendClass.NON_WORKING)
    assert (owed.account, owed.amount) == ("payable:openai", euros("-0.21"))
    assert (entry.source_doc, entry.run, cost.waste) == ("req_1", "run-1", False)
    assert ledger.check(engine) == []


def test_an_amount_above_the_estimate_and_the_budget_is_still_recorded(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """The provider has charged it, whatever our gate would have liked."""
    sent = attempts.sent(attempts.claim(order()))

    attempts.settle(sent, USAGE, euros("1.50"), "reported", ANSWER)

    assert held(engine) == ("0", "1.5")
    with pytest.raises(OverBudget, match=r"0\.30 EUR more .* -0\.50 EUR is left"):
        attempts.claim(order("b"))
    assert ledger.check(engine) == []


def test_what_is_free_posts_nothing_and_stays_visible(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """The studio's pictures are counted, and the ledger holds no line of 0."""
    free = order(provider="studio", estimate=euros("0"), budget_amount=euros("0"))
    settled = attempts.settle(
        attempts.sent(attempts.claim(free)), USAGE, euros("0"), "free", ANSWER
    )

    assert attempts.list("tea", State.SETTLED) == (settled,)
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM txn")).scalar_one() == 0
    assert ledger.check(engine) == []


def test_a_settled_request_is_not_bought_again(attempts: Attempts, order: Orders) -> None:
    """A resumed run replays what was paid for."""
    first = attempts.claim(order())
    attempts.settle(attempts.sent(first), USAGE, euros("0.2"), "computed", ANSWER)

    with pytest.raises(AlreadyBought) as caught:
        attempts.claim(order())

    assert caught.value.attempt.answer_sha256 == ANSWER


def test_a_live_lease_is_not_taken(engine: Engine, attempts: Attempts, order: Orders) -> None:
    """CI and a person start the same brief; the picture is bought once."""
    attempts.claim(order())

    with pytest.raises(Claimed, match="first is asking openai") as caught:
        Attempts(engine, attempts._now, "second").claim(order())

    assert caught.value.by == "first"
    assert held(engine) == ("0.3", "0")


def test_fifty_at_once_make_one_attempt(engine: Engine, attempts: Attempts, order: Orders) -> None:
    """A webhook that was delivered fifty times pays once."""

    def claim(number: int) -> bool:
        try:
            Attempts(engine, attempts._now, f"worker-{number}").claim(order())
        except Claimed:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(claim, range(50)))

    assert sum(won) == 1
    assert len(attempts.list()) == 1
    assert held(engine) == ("0.3", "0")


def test_a_release_gives_the_money_back_and_the_next_round_may_begin(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """A rate limit costs nothing and is asked again later."""
    released = attempts.release(attempts.sent(attempts.claim(order())), "rate_limited", "429")

    assert (released.state, released.error_kind) == (State.RELEASED, "rate_limited")
    assert held(engine) == ("0", "0")
    again = attempts.claim(order())
    assert (again.round, again.id != released.id) == (2, True)


def test_a_failure_that_was_charged_is_waste_and_may_be_asked_again(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """A withheld picture was billed; the report shows it as its own line."""
    sent = attempts.sent(attempts.claim(order()))

    failed = attempts.fail(sent, "refused_output", "withheld", euros("0.04"), usage=USAGE)

    assert (failed.state, failed.waste, failed.error_kind) == (
        State.SETTLED,
        True,
        "refused_output",
    )
    assert attempts.settled(order().request_sha256) is None
    assert attempts.claim(order()).round == 2
    with reading(engine) as connection:
        entry = ledger.read(connection, f"attempt/{failed.id}")
    assert all(line.waste for line in entry.postings)
    assert ledger.check(engine) == []


def test_settling_twice_settles_once(engine: Engine, attempts: Attempts, order: Orders) -> None:
    """A commit whose answer was lost is sent again."""
    sent = attempts.sent(attempts.claim(order()))
    first = attempts.settle(sent, USAGE, euros("0.2"), "computed", ANSWER)

    assert attempts.settle(sent, USAGE, euros("0.2"), "computed", ANSWER) == first
    assert held(engine) == ("0", "0.2")
    with pytest.raises(AlreadyClosed):
        attempts.settle(sent, USAGE, euros("0.9"), "computed", ANSWER)
    assert held(engine) == ("0", "0.2")


def test_two_currencies_are_kept_apart(engine: Engine, attempts: Attempts, order: Orders) -> None:
    """The invoice is in dollars and the budget in euros; both are exact."""
    dollars = order(estimate=Money.of("0.40", "USD"))
    sent = attempts.sent(attempts.claim(dollars))

    with pytest.raises(ValueError, match="at the brief's budget rate"):
        attempts.settle(sent, USAGE, Money.of("0.33", "USD"), "computed", ANSWER)
    with pytest.raises(ValueError, match="cannot cost"):
        attempts.settle(sent, USAGE, euros("0.33"), "computed", ANSWER)
    done = attempts.settle(
        sent, USAGE, Money.of("0.33", "USD"), "computed", ANSWER, budget_amount=euros("0.25")
    )

    assert (str(done.amount), str(done.budget_spent)) == ("0.33 USD", "0.25 EUR")
    assert held(engine) == ("0", "0.25")
    assert ledger.check(engine) == []


def test_a_campaign_without_a_budget_buys_nothing(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """A budget that nobody set is not a budget without limit."""
    with pytest.raises(NoBudget, match="campaign coffee has no non_working budget"):
        attempts.claim(order(campaign="coffee"))
    with pytest.raises(ValueError, match="kept in EUR"):
        attempts.claim(order(budget_amount=Money.of("0.30", "USD")))
    assert attempts.list() == ()
    assert held(engine) == ("0", "0")


@pytest.mark.parametrize(
    ("state", "repeatable", "after"),
    [
        (State.RESERVED, False, State.RELEASED),
        (State.SENT, False, State.SUSPECT),
        (State.SENT, True, State.RELEASED),
    ],
)
def test_what_a_dead_process_leaves_is_taken_back(
    engine: Engine,
    attempts: Attempts,
    order: Orders,
    clock: Any,
    state: State,
    repeatable: bool,  # noqa: FBT001
    after: State,
) -> None:
    """What cannot have cost anything is freed; what may have counts until somebody looks."""
    mine = attempts.claim(order(repeatable=repeatable))
    if state is State.SENT:
        mine = attempts.sent(mine)
    assert attempts.reap() == ()

    clock.forward(minutes=16)
    taken = Attempts(engine, attempts._now, "second").reap()

    assert [(one.id, one.state, one.error_kind) for one in taken] == [(mine.id, after, "lost")]
    assert held(engine) == ("0.3" if after is State.SUSPECT else "0", "0")
    assert attempts.reap() == ()
    assert ledger.check(engine) == []


def test_a_dead_owner_s_leases_need_not_run_out(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """A run that is resumed a second after the kill does not wait for a quarter of an hour."""
    attempts.sent(attempts.claim(order(repeatable=True)))
    second = Attempts(engine, attempts._now, "second")

    assert second.reap(dead="somebody else") == ()
    assert [one.state for one in second.reap(dead="first")] == [State.RELEASED]
    assert second.claim(order(repeatable=True)).round == 2


def test_a_claim_takes_back_what_it_meets(attempts: Attempts, order: Orders, clock: Any) -> None:
    """Nobody has to remember to reap before a run."""
    attempts.claim(order())
    attempts.sent(attempts.claim(order("b")))
    clock.forward(minutes=16)

    assert attempts.claim(order()).round == 2
    with pytest.raises(Suspect, match="look on the provider's bill"):
        attempts.claim(order("b"))
    with pytest.raises(Suspect):
        attempts.claim(order("b"))
    assert [one.request_sha256[0] for one in attempts.list(state=State.SUSPECT)] == ["b"]


def test_a_zombie_writes_nothing(
    engine: Engine, attempts: Attempts, order: Orders, clock: Any
) -> None:
    """A process that slept past its lease must neither pay nor settle."""
    reserved = attempts.claim(order())
    sent = attempts.sent(attempts.claim(order("b")))
    clock.forward(minutes=16)
    Attempts(engine, attempts._now, "second").reap()

    with pytest.raises(LeaseLost, match="cannot send"):
        attempts.sent(reserved)
    for late in (
        lambda: attempts.settle(sent, USAGE, euros("0.2"), "computed", ANSWER),
        lambda: attempts.fail(sent, "x", "x", euros("0.2")),
        lambda: attempts.release(sent, "x", "x"),
        lambda: attempts.suspect(sent, "x", "x"),
        lambda: attempts.renew(sent),
    ):
        with pytest.raises(LeaseLost):
            late()
    assert held(engine) == ("0.3", "0")
    assert ledger.check(engine) == []


def test_a_zombie_does_not_settle_what_a_person_has_closed(
    engine: Engine, attempts: Attempts, order: Orders, clock: Any
) -> None:
    """The late answer is told that it came too late, and not that it was settled."""
    sent = attempts.sent(attempts.claim(order()))
    clock.forward(minutes=16)
    second = Attempts(engine, attempts._now, "second")
    second.reap()
    second.close(sent.id, charged=True, by="mia", reason="bill of November, line 7")

    with pytest.raises(LeaseLost):
        attempts.settle(sent, USAGE, euros("0.2"), "computed", ANSWER)
    assert held(engine) == ("0", "0.3")


def test_what_moved_on_since_it_was_read_is_not_taken_back(
    engine: Engine, attempts: Attempts, order: Orders, clock: Any
) -> None:
    """A reaper that read 'reserved' a moment too early would free what is on the wire."""
    stale = attempts.claim(order())
    renewed = attempts.claim(order("b"))
    attempts.sent(stale)
    clock.forward(minutes=1)
    attempts.renew(renewed)

    with writing(engine) as connection:
        for seen in (stale, renewed):
            outcomes.take_back(connection, seen, policy=default_policy(), at=attempts._now())

    assert [one.state for one in attempts.list()] == [State.SENT, State.RESERVED]
    assert held(engine) == ("0.6", "0")


def test_a_renewed_lease_lasts(
    engine: Engine, attempts: Attempts, order: Orders, clock: Any
) -> None:
    """A job that is polled for an hour stays ours."""
    sent = attempts.sent(attempts.claim(order()))
    for _ in range(4):
        clock.forward(minutes=10)
        sent = attempts.renew(sent)

    assert Attempts(engine, attempts._now, "second").reap() == ()
    attempts.settle(sent, USAGE, euros("0.2"), "computed", ANSWER)


def test_a_stored_answer_is_adopted_and_settled(
    engine: Engine, attempts: Attempts, order: Orders, clock: Any
) -> None:
    """The picture had arrived before the crash; it is paid for once and used."""
    sent = attempts.sent(attempts.claim(order()))
    second = Attempts(engine, attempts._now, "second")
    with pytest.raises(Claimed):
        second.adopt(sent.id)

    clock.forward(minutes=16)
    with pytest.raises(Suspect) as caught:
        second.claim(order())
    adopted = second.adopt(caught.value.attempt.id)
    with pytest.raises(Claimed):
        attempts.adopt(sent.id)
    with pytest.raises(LeaseLost):
        attempts.settle(sent, USAGE, euros("0.2"), "computed", ANSWER)
    settled = second.settle(adopted, USAGE, euros("0.2"), "computed", ANSWER)

    assert (settled.round, settled.error_kind) == (1, None)
    assert held(engine) == ("0", "0.2")
    with pytest.raises(AlreadyClosed):
        second.adopt(sent.id)
    assert ledger.check(engine) == []


@pytest.mark.parametrize(
    ("charged", "amount", "spent"),
    [(True, None, "0.3"), (True, "0.21", "0.21"), (False, None, "0")],
)
def test_a_person_closes_a_suspect_either_way(
    engine: Engine,
    attempts: Attempts,
    order: Orders,
    charged: bool,  # noqa: FBT001
    amount: str | None,
    spent: str,
) -> None:
    """The bill says what became of the lost call, and who looked it up stays on record."""
    lost = attempts.suspect(attempts.sent(attempts.claim(order())), "outcome_unknown", "timeout")
    assert held(engine) == ("0.3", "0")

    def close() -> object:
        return attempts.close(
            lost.id,
            charged=charged,
            by="mia",
            reason="bill of November, line 7",
            amount=euros(amount) if amount else None,
        )

    closed = close()

    assert close() == closed
    assert held(engine) == ("0", spent)
    now = attempts.get(lost.id)
    assert (now.closed_by, now.waste, now.error_kind) == ("mia", charged, "outcome_unknown")
    with pytest.raises(AlreadyClosed, match="mia has closed"):
        attempts.close(lost.id, charged=not charged, by="ole", reason="no")
    assert attempts.claim(order()).round == 2
    assert ledger.check(engine) == []


def test_only_a_suspect_can_be_closed(attempts: Attempts, order: Orders) -> None:
    """A live call is nobody's to write off."""
    sent = attempts.sent(attempts.claim(order()))

    with pytest.raises(AlreadyClosed, match="is sent, and only a suspect"):
        attempts.close(sent.id, charged=False, by="mia", reason="no")
    with pytest.raises(KeyError, match="no attempt 'nope'"):
        attempts.close("nope", charged=False, by="mia", reason="no")
    assert attempts.get(sent.id).state is State.SENT


def test_the_budget_is_never_over_by_one_micro_with_32_workers(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """The limit is what the CFO signed, whatever runs at once."""
    limit = euros("1").micros
    each = 41_667  # 24 of them are 1.000008: one would be over by 8 micros.

    def buy(number: int) -> int:
        worker = Attempts(engine, attempts._now, f"worker-{number}")
        amount = Money(micros=each, currency="EUR")
        try:
            sent = worker.sent(
                worker.claim(order(f"{number:064x}", estimate=amount, budget_amount=amount))
            )
        except OverBudget:
            return 0
        spent = Money(micros=each - number % 3, currency="EUR")
        worker.settle(sent, USAGE, spent, "computed", ANSWER)
        return spent.micros

    with ThreadPoolExecutor(32) as pool:
        spent = sum(pool.map(buy, range(96)))

    now = budget(engine, attempts._now)
    assert now.spent.micros == spent <= limit
    assert now.reserved.micros == 0
    assert limit - spent < each
    assert ledger.check(engine) == []


VICTIM = """
import sys
from datetime import UTC, datetime, timedelta
from cost_tracking.attempts import Attempts, Order
from cost_tracking.database import open_database
from cost_tracking.money import Money

attempts = Attempts(
    open_database(sys.argv[1]), lambda: datetime.now(UTC), "victim", timedelta(seconds=0)
)
euros = Money.of("0.30", "EUR")
for request in "abcdef":
    sent = attempts.sent(attempts.claim(Order(
        campaign="tea", run="run-1", asset="c1", stage="concepts", provider="openai", model="m",
        operation="image", request_sha256=request * 64, estimate=euros, budget_amount=euros,
    )))
    print(sent.id, flush=True)
    sys.stdin.readline()
"""


def test_a_process_killed_between_sent_and_settled_leaves_a_suspect_that_counts(
    engine: Engine, url: str, attempts: Attempts, clock: Any
) -> None:
    """The one instant that no protocol can close costs a visible row, and never a hidden charge."""
    victim = subprocess.Popen(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-c", VICTIM, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdin
    assert victim.stdout
    sent = victim.stdout.readline().strip()
    os.kill(victim.pid, signal.SIGKILL)
    victim.communicate(timeout=10)

    clock.forward(days=3650)
    taken = attempts.reap()

    assert [(one.id, one.state, one.owner) for one in taken] == [(sent, State.SUSPECT, "victim")]
    assert held(engine) == ("0.3", "0")
    assert taken[0].counts == euros("0.30")
    assert attempts.close(sent, charged=False, by="mia", reason="not billed").counts == euros("0")
    assert held(engine) == ("0", "0")
    assert ledger.check(engine) == []


def test_an_estimate_below_nothing_is_refused_by_the_database(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """A negative order would raise the budget of everybody else."""
    with pytest.raises(Exception, match=r"(?i)check"):
        attempts.claim(order(estimate=euros("-1"), budget_amount=euros("-1")))

    assert held(engine) == ("0", "0")


def test_a_lease_is_as_long_as_it_was_asked_to_be(
    engine: Engine, attempts: Attempts, order: Orders
) -> None:
    """A provider that takes an hour needs a lease of more."""
    slow = Attempts(engine, attempts._now, "slow", timedelta(hours=2))

    assert slow.claim(order()).lease_until - attempts._now() == timedelta(hours=2)


@pytest.mark.parametrize(("currency", "rate"), [("USD", "ecb/2026-10-23/EUR-USD"), ("QAR", None)])
def test_a_charge_is_told_in_the_books_currency_too(
    engine: Engine, clock: Any, order: Orders, currency: str, rate: str | None
) -> None:
    """A charge is told at the rate of its day, and where there is none it is posted all the same.

    The rate is looked up before the transaction: within it, as many workers as there are
    connections would wait for each other.
    """
    happened: list[str] = []
    Budgets(engine, clock).set_limit("tea", SpendClass.NON_WORKING, euros("1"))

    def source(first: date, last: date) -> Iterator[Quotation]:
        happened.append("look")
        return published(first, last)

    day = datetime(2026, 10, 24, 9, tzinfo=UTC)
    books = Books("EUR", Rates(source))
    office = Attempts(engine, lambda: day, "first", books=books)
    dear = Money.of("0.30", currency)
    sent = office.sent(office.claim(order(estimate=dear)))
    event.listen(engine, "begin", lambda _connection: happened.append("begin"))

    settled = office.settle(sent, USAGE, dear, "computed", ANSWER, budget_amount=euros("0.27"))

    with reading(engine) as connection:
        cost, owed = ledger.read(connection, f"attempt/{settled.id}").postings
    base = Rates(published).convert(dear, "EUR", day.date()).amount if rate else None
    assert (cost.base, owed.base, cost.fx_rate) == (base, base and -base, rate)
    looks = happened.count("look")
    assert looks
    assert happened[: looks + 1] == ["look"] * looks + ["begin"]
    assert ledger.check(engine) == []
