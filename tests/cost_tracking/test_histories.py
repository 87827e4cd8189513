"""Whatever happens to the books, in whatever order: every invariant holds, on both databases."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from bookkeeping import entry, line
from databases import Database
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from cost_tracking import ledger
from cost_tracking.books import as_of, carries, periods, seals
from cost_tracking.books.head import Head
from cost_tracking.books.true_ups import Actual, Superseded, standing, true_up
from cost_tracking.database import reading, writing
from cost_tracking.entries import Transaction
from cost_tracking.ledger import IdempotencyConflict, UsageLine
from cost_tracking.money import Money, allocate
from cost_tracking.proof import prove
from cost_tracking.tables import usage

LATE = datetime(2027, 8, 1, tzinfo=UTC)
MONTHS = tuple(f"{2026 + number // 12}-{number % 12 + 1:02d}" for number in range(8, 16))
CURRENCIES = ("EUR", "USD")
PRICE = Decimal("0.0000000317")
HANDS = st.integers(0, 5)
AMOUNTS = st.integers(1, 10**9)
STEPS = st.one_of(
    st.tuples(st.just("post"), HANDS, AMOUNTS),
    st.tuples(st.just("estimate"), HANDS, AMOUNTS),
    st.tuples(st.just("replay"), HANDS, AMOUNTS),
    st.tuples(st.just("conflict"), HANDS, AMOUNTS),
    st.tuples(st.just("reverse"), HANDS, AMOUNTS),
    st.tuples(st.just("true_up"), HANDS, st.integers(0, 10**9)),
    st.tuples(st.just("allocate"), HANDS, AMOUNTS),
    st.tuples(st.just("use"), HANDS, st.integers(1, 200)),
    st.tuples(st.just("close"), HANDS, AMOUNTS),
    st.tuples(st.just("seal"), HANDS, AMOUNTS),
    st.tuples(st.just("look"), HANDS, AMOUNTS),
)


@dataclass
class History:
    """Database, and what they ought to say, kept in the plainest way."""

    engine: Engine
    posted: list[Transaction] = field(default_factory=list)
    seqs: dict[str, int] = field(default_factory=dict)
    worth: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What each first key and currency has cost, as it stands now."""
    used: dict[str, Decimal] = field(default_factory=dict)
    """What was used under each key, exactly."""
    seen: dict[int, dict[tuple[str, ...], Money]] = field(default_factory=dict)
    closed: dict[str, periods.Period] = field(default_factory=dict)
    heads: list[Head] = field(default_factory=list)

    def post(self, hand: int, much: int, status: str = "actual") -> None:
        """Post an entry of some month, some of which are closed by then."""
        currency, month = CURRENCIES[hand % 2], MONTHS[(hand * 3 + much) % len(MONTHS)]
        lines = (line("cost", much, currency), line("payable:x", -much, currency))
        day = date.fromisoformat(f"{month}-15")
        key = f"k{len(self.posted)}"
        self._keep(entry(key, postings=lines, effective_on=day, status=status), much)

    def estimate(self, hand: int, much: int) -> None:
        """Post what is not known yet."""
        self.post(hand, much, "estimate")

    def allocate(self, hand: int, much: int) -> None:
        """Fill a pool, and share it out to so many assets."""
        pool, day = f"pool:p{len(self.posted)}", date(2026, 12, 31)
        into = (line(pool, much), line("payable:x", -much))
        self._keep(entry(f"k{len(self.posted)}", postings=into, effective_on=day), 0)
        parts = allocate(much, {f"a{number}": number + 1 for number in range(hand + 1)})
        shared = tuple(
            line("cost", micros).model_copy(update={"asset": asset, "attribution": "allocated"})
            for asset, micros in parts.items()
            if micros
        )
        lines = (*shared, line(pool, -much))
        kind = {"kind": "allocation", "effective_on": day}
        self._keep(entry(f"k{len(self.posted)}", postings=lines, **kind), much)

    def use(self, _hand: int, much: int) -> None:
        """Use so many tokens, each worth a small part of a micro."""
        key = f"k{len(self.posted)}"
        used = UsageLine(
            meter="token",
            quantity=Decimal(much),
            unit="token",
            unit_price=PRICE,
            price="tiny",
            exact=much * PRICE,
            currency="EUR",
        )
        with writing(self.engine) as connection:
            amount = carries.carried(connection, [used])
            lines = tuple(
                line(account, sign * amount.micros)
                for account, sign in (("cost", 1), ("payable:x", -1))
                if amount
            )
            one = entry(key, kind="usage", postings=lines, usage=(used,))
            self.seqs[key] = ledger.post(connection, one, LATE)
        self.posted.append(one)
        self.worth[key, "EUR"] += amount.micros
        self.used[key] = used.exact

    def replay(self, hand: int, _much: int) -> None:
        """Post again what is there."""
        if one := self._one(hand):
            with writing(self.engine) as connection:
                assert ledger.post(connection, one, LATE) == self.seqs[one.key]

    def conflict(self, hand: int, much: int) -> None:
        """Post something else under a key that is taken, behind something new."""
        if one := self._one(hand):
            other = one.model_copy(update={"source_doc": f"another one of {much}"})
            with pytest.raises(IdempotencyConflict), writing(self.engine) as connection:
                ledger.post_all(connection, [entry("never"), other], LATE)

    def reverse(self, hand: int, _much: int) -> None:
        """Take back what stands for an entry; an allocation, before the pool that it is of."""
        one = self._one(hand)
        if one and not any(each.account.startswith("pool:") for each in one.postings):
            self._take_back(one)

    def true_up(self, hand: int, much: int) -> None:
        """Put what was really charged in an entry's place."""
        one = self._one(hand)
        if one is None or not one.postings or one.kind == "allocation" or not self._worth(one):
            return
        if one.postings[0].account != "cost":
            return
        currency = one.postings[0].amount.currency
        said = Actual(Money(micros=much, currency=currency), document="INV", actor="fin")
        with writing(self.engine) as connection:
            key = standing(connection, one.key)
            true_up(connection, key, said, LATE)
        with writing(self.engine) as connection, suppress(Superseded):
            # Again, and as if nobody had known of it: neither adds anything.
            true_up(connection, key, said, LATE)
            true_up(connection, one.key, said, LATE)
        self.worth[one.key, currency] = much
        if not much:
            self.used.pop(one.key, None)

    def close(self, _hand: int, _much: int) -> None:
        """Close the first month that is open."""
        month = next((one for one in MONTHS if one not in self.closed), None)
        if month:
            self.closed[month] = periods.close(self.engine, month, by="fin", at=LATE)

    def seal(self, _hand: int, _much: int) -> None:
        """Seal, and keep the head."""
        if sealed := seals.seal(self.engine, LATE):
            self.heads.append(sealed.head)

    def look(self, _hand: int, _much: int) -> None:
        """Read the books as they are known now."""
        mark = as_of.watermark(self.engine)
        with reading(self.engine) as connection:
            self.seen[mark] = as_of.balances(connection, mark, "account", "asset")

    def take_all_back(self) -> None:
        """Take back all that stands, the newest first."""
        for one in reversed(self.posted):
            self._take_back(one)

    def hold(self) -> None:
        """Assert that the books say what they ought to."""
        assert [one for proof in prove(self.engine, heads=self.heads) for one in proof.faults] == []
        with reading(self.engine) as connection:
            now = as_of.balances(connection, as_of.watermark(self.engine))
            for mark, known in self.seen.items():
                assert as_of.balances(connection, mark, "account", "asset") == known
        for currency in CURRENCIES:
            ought = sum(much for (_, unit), much in self.worth.items() if unit == currency)
            cost = now.get(("cost", currency))
            assert (cost.micros if cost else 0) == ought
            assert sum(one.micros for key, one in now.items() if key[-1] == currency) == 0
        with reading(self.engine) as connection:
            exact = connection.execute(select(usage.c.exact_amount)).scalars()
            assert sum(map(Decimal, exact)) == sum(self.used.values())
        for one in periods.periods(self.engine):
            assert one == self.closed.get(one.id, one)
            assert one.is_open == (one.id not in self.closed)

    def _keep(self, one: Transaction, worth: int) -> None:
        with writing(self.engine) as connection:
            self.seqs[one.key] = ledger.post(connection, one, LATE)
        self.posted.append(one)
        self.worth[one.key, one.postings[0].amount.currency] += worth

    def _one(self, hand: int) -> Transaction | None:
        return self.posted[-1 - hand % len(self.posted)] if self.posted else None

    def _worth(self, one: Transaction) -> int:
        return sum(much for (key, _), much in self.worth.items() if key == one.key)

    def _take_back(self, one: Transaction) -> None:
        with writing(self.engine) as connection:
            key = standing(connection, one.key)
            first = ledger.reverse(connection, key, LATE, actor="mia", reason="wrong")
            assert ledger.reverse(connection, key, LATE, actor="ole", reason="again") == first
        for currency in CURRENCIES:
            self.worth[one.key, currency] = 0
        self.used.pop(one.key, None)


@settings(
    max_examples=12,
    deadline=None,
    # The books are emptied for each example; and what fails is short enough to be read as it is.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(steps=st.lists(STEPS, min_size=8, max_size=25))
def test_every_invariant_holds_after_any_history(
    database: Database, steps: list[tuple[str, int, int]]
) -> None:
    """I1 to I12 of docs/ledger.md, and in the end all of it taken back to the micro."""
    database.empty()
    history = History(database.engine)
    for name, hand, much in steps:
        getattr(history, name)(hand, much)
    history.hold()
    history.take_all_back()
    history.hold()
