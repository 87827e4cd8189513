"""All limits that a cost is of must hold it; what has happened counts, whatever they say."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from bookkeeping import NOW, entry, line, post, tamper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text

from cost_tracking import charges, ledger, outcomes
from cost_tracking.attempts import Attempt, Attempts, Order, State
from cost_tracking.budgeting.limits import Limit, OverLimit, limit_of
from cost_tracking.budgeting.scopes import Scope
from cost_tracking.budgeting.setting import set_limit
from cost_tracking.budgeting.standing import standings
from cost_tracking.budgets import Budgets, OverBudget
from cost_tracking.database import reading, writing
from cost_tracking.exchange.rates import NoRate
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.usage import Usage

ALL = Scope()
MAKING = Scope(spend_class="non_working")
OPENAI = Scope(provider="openai")
NOVEMBER = Scope(campaign="tea", period="2026-11")
OTHERS = (
    Scope(campaign="cake"),
    Scope(spend_class="working"),
    Scope(channel="social"),
    Scope(period="2026-12"),
    Scope(period="2025"),
    Scope(provider="deepl"),
)


def eur(amount: str) -> Money:
    """Return an amount of euros."""
    return Money.of(amount, "EUR")


def allow(engine: Engine, scope: Scope, amount: str = "1", currency: str = "EUR") -> Limit:
    """Set a limit."""
    return set_limit(engine, scope, Money.of(amount, currency), NOW, by="mia")


def stands(engine: Engine, scope: Scope) -> tuple[str, str]:
    """Return what of a limit is reserved and spent."""
    with reading(engine) as connection:
        limit = limit_of(connection, scope)
    assert limit
    return str(limit.reserved.amount), str(limit.spent.amount)


def buy(attempts: Attempts, order: Order, amount: str) -> Attempt:
    """Claim, send and settle."""
    usage = Usage(model="m", quantities={}, receipt=order.request_sha256)
    sent = attempts.sent(attempts.claim(order))
    return attempts.settle(sent, usage, eur(amount), "computed", "e" * 64)


def test_a_reservation_counts_against_each_limit_that_it_is_of_and_against_no_other(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """A limit on openai in November must not be used up by a supplier of December."""
    mine = (ALL, MAKING, OPENAI, NOVEMBER, Scope(period="2026"))
    for scope in (*mine, *OTHERS):
        allow(engine, scope)

    sent = attempts.sent(attempts.claim(order()))
    assert {stands(engine, one) for one in mine} == {("0.300000", "0.000000")}
    usage = Usage(model="m", quantities={}, receipt="r")
    attempts.settle(sent, usage, eur("0.2"), "computed", "e" * 64)

    assert {stands(engine, one) for one in mine} == {("0.000000", "0.200000")}
    assert {stands(engine, one) for one in OTHERS} == {("0.000000", "0.000000")}
    assert ledger.check(engine) == []


def test_one_limit_that_refuses_leaves_nothing_reserved_anywhere(
    engine: Engine, attempts: Attempts, order: Callable[..., Order], clock: Any
) -> None:
    """The first limits have been counted up by the time that the last one refuses."""
    allow(engine, ALL)
    allow(engine, OPENAI, "0.29")

    with pytest.raises(OverLimit, match=r"limit of 0\.29 EUR for provider=openai.*budget limit"):
        attempts.claim(order())

    assert stands(engine, ALL) == ("0.000000", "0.000000")
    assert not Budgets(engine, clock).of("tea", SpendClass.NON_WORKING).reserved
    assert attempts.list() == ()
    free = eur("0")
    attempts.claim(order(estimate=free, budget_amount=free))
    allow(engine, OPENAI, "0.3")
    attempts.claim(order("b"))


@pytest.mark.parametrize("end", ["release", "suspect", "reap"])
def test_what_ends_without_a_charge_gives_back_what_it_held(
    engine: Engine, attempts: Attempts, order: Callable[..., Order], clock: Any, end: str
) -> None:
    """And what nobody knows the outcome of stays reserved until somebody does."""
    allow(engine, OPENAI)
    claimed = attempts.claim(order())
    if end == "release":
        attempts.release(claimed, "refused", "no")
    elif end == "suspect":
        attempts.suspect(attempts.sent(claimed), "lost", "gone")
        assert stands(engine, OPENAI) == ("0.300000", "0.000000")
        attempts.close(claimed.id, charged=False, by="mia", reason="the bill")
    else:
        # A process that died between the reservation and the request.
        clock.forward(hours=1)
        Attempts(engine, clock, "second").reap()

    assert stands(engine, OPENAI) == ("0.000000", "0.000000")
    assert ledger.check(engine) == []


def test_a_crash_after_the_reservation_of_a_limit_leaves_no_trace(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Between two limits the process dies: the database knows of neither."""
    allow(engine, ALL)
    allow(engine, OPENAI)
    said: list[str] = []

    def die(*arguments: Any) -> None:
        if arguments[2].startswith("UPDATE budget_limit"):
            said.append(arguments[2])
            if len(said) == 2:
                raise SystemExit

    event.listen(engine, "before_cursor_execute", die)
    with pytest.raises(SystemExit):
        attempts.claim(order())
    event.remove(engine, "before_cursor_execute", die)

    assert stands(engine, ALL) == ("0.000000", "0.000000")
    assert attempts.list() == ()
    assert ledger.check(engine) == []


def test_facts_count_and_are_never_refused(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """An invoice over the limit is paid all the same; the next purchase is not made."""
    allow(engine, MAKING)
    buy(attempts, order(), "0.5")
    post(engine, entry(micros=5_000_000))

    assert stands(engine, MAKING) == ("0.000000", "5.500000")
    with reading(engine) as connection:
        (told,) = [one for one in standings(connection) if one.scope == MAKING]
    assert (told.left, told.overrun) == (eur("-4.5"), eur("4.5"))
    with pytest.raises(OverLimit):
        attempts.claim(order("b"))

    post(engine, entry(micros=5_000_000))
    with writing(engine) as connection:
        ledger.reverse(connection, "k", NOW, actor="mia", reason="wrong")
    assert stands(engine, MAKING) == ("0.000000", "0.500000")
    assert ledger.check(engine) == []


def test_a_limit_that_is_set_late_knows_what_went_before(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Or the second half of a month would be allowed the whole of it."""
    buy(attempts, order(), "0.2")
    attempts.claim(order("b"))
    post(engine, entry())

    assert str(allow(engine, NOVEMBER, "6").left) == "0.50 EUR"
    assert str(allow(engine, NOVEMBER, "7").left) == "1.50 EUR"
    assert ledger.check(engine) == []


def test_another_currency_counts_as_its_caller_converts_it_or_at_the_rate_of_its_day(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """At 1.1172 dollars a euro (ECB, 2026-10-30) five euros of 31 October are 5.586 dollars."""
    allow(engine, OPENAI, "10", "USD")
    usd = Money.of("0.40", "USD")
    sent = attempts.sent(attempts.claim(order(estimate=usd)))
    assert stands(engine, OPENAI)[0] == "0.400000"
    usage = Usage(model="m", quantities={}, receipt="r")
    attempts.settle(
        sent, usage, Money.of("0.30", "USD"), "computed", "e" * 64, budget_amount=eur("0.26")
    )
    assert stands(engine, OPENAI) == ("0.000000", "0.300000")
    allow(engine, Scope(campaign="tea", provider="openai"))
    assert stands(engine, Scope(campaign="tea", provider="openai"))[1] == "0.260000"

    allow(engine, Scope(period="2026-10"), "100", "USD")
    post(engine, entry(effective_on=date(2026, 10, 31)))
    assert stands(engine, Scope(period="2026-10"))[1] == "5.586000"
    assert ledger.check(engine) == []


def test_a_true_up_counts_as_the_bill_was_converted(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """What was counted for the first amount is taken back as it was counted, at no other rate."""
    allow(engine, OPENAI)
    usd, usage = Money.of("0.40", "USD"), Usage(model="m", quantities={}, receipt="r")
    sent = attempts.sent(attempts.claim(order(estimate=usd)))
    settled = attempts.settle(
        sent, usage, Money.of("0.30", "USD"), "computed", "e" * 64, budget_amount=eur("0.26")
    )
    with writing(engine) as connection:
        outcomes.true_up(
            connection,
            settled,
            charges.of_answer(settled, usage, Money.of("0.20", "USD"), eur("0.17")),
            by="mia",
            document="INV-1",
            policy=default_policy(),
            at=NOW,
        )

    assert stands(engine, OPENAI) == ("0.000000", "0.170000")
    assert ledger.check(engine) == []


def test_without_a_rate_a_reservation_is_refused_and_a_fact_is_named(
    engine: Engine, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Taking an unknown rate as 1, or as 0, would be a limit that holds nothing."""
    allow(engine, ALL, "10", "AED")
    with pytest.raises(NoRate, match="kampanj rates import"):
        attempts.claim(order())

    post(engine, entry())

    with reading(engine) as connection:
        (told,) = [one for one in standings(connection) if one.scope == ALL]
    assert (told.uncounted, str(told.actual)) == (1, "0.00 AED")
    assert ledger.check(engine) == []


def test_a_limit_keeps_its_currency_and_is_no_campaign_s_budget(engine: Engine) -> None:
    """Two limits of one thing would be a question which one holds."""
    allow(engine, ALL)
    with pytest.raises(ValueError, match="kept in EUR"):
        allow(engine, ALL, "1", "USD")
    with pytest.raises(ValueError, match="less than nothing"):
        allow(engine, ALL, "-1")
    with pytest.raises(ValueError, match="the campaign's budget itself"):
        allow(engine, Scope(campaign="tea", spend_class="working"))
    with pytest.raises(ValueError, match="no scope at 'colour=red'"):
        Scope.read("campaign=tea,colour=red")
    assert Scope.read(str(NOVEMBER)) == NOVEMBER


def test_thirty_two_workers_under_nested_limits_spend_not_a_micro_too_much(
    engine: Engine, order: Callable[..., Order], clock: Any
) -> None:
    """Two campaigns, two providers, three limits that overlap: each holds to the micro."""
    price = eur("0.025")
    for campaign in ("tea", "cake"):
        Budgets(engine, clock).set_limit(campaign, SpendClass.NON_WORKING, eur("100"))
    nested = {OPENAI: "0.5", NOVEMBER: "0.7", ALL: "1.1"}
    for scope, amount in nested.items():
        allow(engine, scope, amount)

    def purchase(number: int) -> bool:
        mine = Attempts(engine, clock, f"worker {number % 32}")
        wanted = order(
            f"{number:064d}",
            campaign=("tea", "cake")[number % 2],
            provider=("openai", "deepl")[number // 2 % 2],
            estimate=price,
            budget_amount=price,
        )
        try:
            claimed = mine.claim(wanted)
        except OverLimit:
            return False
        usage = Usage(model="m", quantities={}, receipt=f"r{number}")
        mine.settle(mine.sent(claimed), usage, price, "computed", "e" * 64)
        return True

    with ThreadPoolExecutor(32) as pool:
        bought = sum(pool.map(purchase, range(96)))

    with reading(engine) as connection:
        found = {one.scope: one for one in standings(connection) if one.kind == "limit"}
    assert all(one.actual <= one.limit and not one.committed for one in found.values())
    assert found[ALL].actual == Money(micros=25_000 * bought, currency="EUR")
    # 24 of each pair were wanted: nothing was left that some limit still allowed.
    assert found[ALL].left < price or {found[OPENAI].left, found[NOVEMBER].left} == {eur("0")}
    assert ledger.check(engine) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE budget_limit SET spent_micros = 0", "micros are spent"),
        ("UPDATE budget_limit SET reserved_micros = 7", "micros are reserved"),
        ("UPDATE budget_limit SET limit_micros = 7", "micros are allowed"),
        ("UPDATE budget SET limit_micros = 7", "its journals say"),
        ("UPDATE posting SET provider = 'x'", "is none of it"),
    ],
)
def test_the_proof_finds_a_limit_that_was_falsified(
    engine: Engine, attempts: Attempts, order: Callable[..., Order], statement: str, fault: str
) -> None:
    """Somebody who sets the counter back has a limit that never ends."""
    allow(engine, OPENAI)
    buy(attempts, order(), "0.2")

    tamper(engine, statement)

    assert any(fault in one for one in ledger.check(engine))


class History:
    """What befalls one campaign under limits, step by step."""

    scopes = (ALL, OPENAI, NOVEMBER, Scope(period="2026"), Scope(provider="deepl"), MAKING)

    def __init__(self, engine: Engine, clock: Any, order: Callable[..., Order]) -> None:
        self.engine = engine
        self.clock = clock
        self.order = order
        self.attempts = Attempts(engine, clock, "first")
        self.steps = 0

    def step(self, what: str, which: int, micros: int) -> None:
        """Do one thing, where there is something to do it to."""
        self.steps += 1
        getattr(self, what)(which, Money(micros=micros, currency="EUR"))

    def among(self, state: State, which: int) -> Attempt | None:
        """Return one of the attempts in a state."""
        found = self.attempts.list(state=state)
        return found[which % len(found)] if found else None

    def claim(self, which: int, amount: Money) -> None:
        """Reserve; a limit that lets it through holds it."""
        wanted = self.order(
            f"{self.steps:064d}",
            provider=("openai", "deepl")[which % 2],
            estimate=amount,
            budget_amount=amount,
        )
        with reading(self.engine) as connection:
            before = standings(connection)
        try:
            self.attempts.claim(wanted)
        except OverBudget:
            return
        with reading(self.engine) as connection:
            touched = set(standings(connection)) - set(before)
        assert all(one.actual + one.committed <= one.limit for one in touched)

    def settle(self, which: int, amount: Money) -> None:
        """Charge any amount, more than was reserved too."""
        if one := self.among(State.RESERVED, which):
            usage = Usage(model="m", quantities={}, receipt=str(self.steps))
            self.attempts.settle(self.attempts.sent(one), usage, amount, "computed", "e" * 64)

    def release(self, which: int, _amount: Money) -> None:
        """Give it back."""
        if one := self.among(State.RESERVED, which):
            self.attempts.release(one, "refused", "no")

    def suspect(self, which: int, _amount: Money) -> None:
        """Lose its answer."""
        if one := self.among(State.RESERVED, which):
            self.attempts.suspect(self.attempts.sent(one), "lost", "gone")

    def close(self, which: int, _amount: Money) -> None:
        """Decide what became of it."""
        if one := self.among(State.SUSPECT, which):
            self.attempts.close(one.id, charged=which % 2 == 0, by="mia", reason="the bill")

    def fact(self, _which: int, amount: Money) -> None:
        """Post an invoice."""
        lines = (line("cost", amount.micros), line("payable:agency", -amount.micros))
        post(self.engine, entry(f"fact/{self.steps}", postings=lines))

    def limit(self, which: int, amount: Money) -> None:
        """Set one."""
        set_limit(self.engine, self.scopes[which], amount, NOW, by="mia")

    def day(self, which: int, _amount: Money) -> None:
        """Let days pass; the month ends on the way."""
        self.clock.forward(days=which)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "settle", "release", "suspect", "close", "fact", "limit", "day"]),
        st.integers(0, 5),
        st.integers(1, 400_000),
    ),
    min_size=8,
    max_size=25,
)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_happens_no_limit_reserves_more_than_it_holds(
    engine: Engine, histories: list[History], steps: list[tuple[str, int, int]]
) -> None:
    """I6: reserved and spent stay within the limit, but for facts; and every counter is proved."""
    # Each example goes on where the last one ended, which no limit may mind.
    (history,) = histories
    for step in steps:
        history.step(*step)

    assert ledger.check(engine) == []


@pytest.fixture
def histories(engine: Engine, clock: Any, order: Callable[..., Order]) -> list[History]:
    """Return a history that has not begun, of a campaign that may spend a hundred euros."""
    Budgets(engine, clock).set_limit("tea", SpendClass.NON_WORKING, eur("100"))
    return [History(engine, clock, order)]


def test_a_database_without_limits_takes_no_lock_of_them(engine: Engine) -> None:
    """Who sets none pays one look, and posts beside others as before."""
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *them: said.append(them[2]))
    post(engine, entry())

    assert not [one for one in said if "limits/count" in one or "budget_count" in one]
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM budget_count")).scalar_one() == 0
