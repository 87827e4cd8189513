"""The cost of each accepted outcome, in every reading."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cost_tracking.acceptance.cohort import Cohorts, Counts, Parts, Row
from cost_tracking.acceptance.cohorts import cohorts
from cost_tracking.acceptance.outcome import Cost, Outcome, State, Try
from cost_tracking.money import Money

WINDOW = timedelta(days=14)
START = datetime(2026, 10, 2, tzinfo=UTC)
"""When everything of the golden case was accepted."""
CLEANED = ((5, 6), (17, 18), (19, 20), (21, 22), (23, 24))
"""The day on which each round of failures was seen, and the one on which it was cleaned up."""
GROUPS = ("", "market", "provider", "model", "reviewer")


def evening(day: int, month: int = 10) -> datetime:
    """Return the end of a day of 2026."""
    return datetime(2026, month, day, 23, 59, tzinfo=UTC)


def micros(amount: str) -> int:
    """Return an amount in micros."""
    return Money.of(amount, "USD").micros


class Queue:
    """Conversations and what was paid for each, as of a watermark.

    A machine answers some of them for 0.25, of which 25 % come back; a person the others for 4.00,
    of which 8 % come back. What comes back a person answers, and again 8 % of that. Only the first
    answer of what the machine got wrong was ever priced.
    """

    def __init__(self, by_machine: int, by_people: int, at: datetime) -> None:
        self.at = at
        self.outcomes: list[Outcome] = []
        self.costs: list[Cost] = []
        self._micros = {price: micros(price) for price in ("0.25", "4")}
        back = by_machine // 4, by_people * 8 // 100
        origins = (
            ("machine", by_machine, "0.25", back[0]),
            (
                "person",
                by_people,
                "4",
                back[1],
            ),
        )
        for origin, count, price, failed in origins:
            rounds = list(_rounds(failed))
            for number in range(count):
                self._enter(f"{origin}-{number:06d}", price, rounds, number)

    def _enter(self, name: str, price: str, rounds: Sequence[int], number: int) -> None:
        self._pay(name, "made", price, START)
        tries: list[Try] = []
        accepted = START
        for failed, (seen, cleaned) in zip(rounds, CLEANED, strict=False):
            if number >= failed or evening(seen) > self.at:
                break
            tries.append(Try(accepted, accepted, failed_at=evening(seen), reason="came_back"))
            accepted = evening(cleaned)
            if accepted > self.at:
                break
            if name.startswith("machine"):
                self._pay(name, "rework", "4", accepted)
        if accepted <= self.at:
            tries.append(Try(accepted, accepted))
        self.outcomes.append(
            Outcome(name, "support", tuple(tries), WINDOW, {"origin": name.partition("-")[0]})
        )

    def _pay(self, name: str, part: str, price: str, at: datetime) -> None:
        cost = Cost(
            f"{len(self.costs) + 1}.1",
            self._micros[price],
            "support",
            at.date(),
            at,
            name,
            part="rework" if part == "rework" else "made",
        )
        self.costs.append(cost)

    def told(self, by: str = "") -> Cohorts:
        """Return the figures."""
        return cohorts(self.outcomes, self.costs, self.at, "USD", by=by)


def _rounds(failed: int) -> Iterator[int]:
    """Yield how many of the same fail in each round: 8 % of those that failed before."""
    while failed:
        yield failed
        failed = int(Decimal(failed * 8) / 100 + Decimal("0.5"))


def cents(amount: Decimal | None) -> str:
    """Return an amount as people read it."""
    return "" if amount is None else f"{amount:.2f}"


def test_the_golden_table_comes_out_of_its_entries() -> None:
    """100,000 conversations at $1.38 each, of which 80,100 stayed solved, at $2.59 each.

    The published table prices the clean-up of the machine's failures and not of the people's.
    """
    told = Queue(70_000, 30_000, evening(16)).told(by="origin")
    row = told.total

    assert cents(row.per_generated) == "1.38"
    assert (row.counts.failed, row.counts.stayed, row.counts.maturing) == (19_900, 80_100, 0)
    assert row.cost == Money.of("207500", "USD")
    assert cents(row.per_accepted) == "2.59"
    assert row.per_accepted == Decimal(207_500) / 80_100
    assert row.parts.rework == Money.of("70000", "USD")
    assert cents(row.drift) == "1.88"
    # Priced evenly, the people's failures cost what the machine's do.
    assert told.clean_up == Money.of("4", "USD")
    assert row.cost + row.unpriced == Money.of("217100", "USD")
    assert cents(row.evenly_priced) == "2.71"
    assert {one.key: one.counts.failed for one in told.rows} == {"machine": 17_500, "person": 2_400}


def test_the_golden_table_of_people_alone() -> None:
    """All by people is $4.35 for each that stayed solved, and $4.70 with their own failures."""
    row = Queue(0, 10_000, evening(16)).told().total

    assert (row.counts.stayed, cents(row.per_generated)) == (9_200, "4.00")
    assert cents(row.per_accepted) == "4.35"
    assert cents(row.evenly_priced) == "4.70"


def test_the_golden_table_when_what_was_cleaned_up_counts() -> None:
    """Eventually all are solved, at $2.24 each against $4.35: the order of the two holds."""
    hybrid = Queue(7_000, 3_000, evening(10, 11)).told().total
    people = Queue(0, 10_000, evening(10, 11)).told().total

    assert hybrid.counts.eventually_stayed == people.counts.eventually_stayed == 10_000
    assert cents(hybrid.per_eventual) == "2.24"
    assert cents(people.per_eventual) == "4.35"


def test_nothing_counts_as_stayed_before_its_window_closes() -> None:
    """On 10 October everything looks solved, and nothing is proven to be."""
    row = Queue(7_000, 3_000, evening(10)).told().total

    assert (row.counts.failed, row.counts.maturing, row.counts.stayed) == (1_990, 8_010, 0)
    assert row.per_accepted is None
    assert row.lower_bound == row.cost.amount / 8_010


def test_outcomes_of_different_sizes_count_by_their_units() -> None:
    """28,000 over 42 units is 666.67; over the 18 changes it would be 1,555.56."""
    lines = (120, 500, 800, 1800, 5000) * 2 + (120, 500, 1800)
    outcomes = [
        Outcome(f"change-{place}", "code", (Try(START, START),), WINDOW, units=-(-size // 500))
        for place, size in enumerate(lines)
    ]
    amounts = ("1200", "400", "18000", "6000", "2400")
    costs = [
        Cost(f"{place}.1", micros(amount), "code", START.date(), START, part="overhead")
        for place, amount in enumerate(amounts)
    ]

    row = cohorts(outcomes, costs, evening(30), "USD").total

    assert row.counts.stayed == 42
    assert cents(row.per_accepted) == "666.67"
    assert row.few


@pytest.mark.parametrize(
    ("failed_on", "at", "state"),
    [
        (None, START + WINDOW, State.STAYED),
        (None, START + WINDOW - timedelta(seconds=1), State.MATURING),
        (START + WINDOW, START + WINDOW, State.FAILED),
        (START + WINDOW + timedelta(seconds=1), START + WINDOW * 2, State.STAYED),
    ],
)
def test_the_window_ends_with_its_last_moment(
    failed_on: datetime | None, at: datetime, state: State
) -> None:
    """An asset that is pulled after its window has been a success; one in it has not."""
    one = Outcome("a", "tea", (Try(START, START, failed_at=failed_on),), WINDOW)

    assert one.standing(at).strict is state


def test_a_second_version_mends_only_the_eventual_reading() -> None:
    """A redo never adds a second unit, and never makes the first one good."""
    redone = (Try(START, START, failed_at=evening(5)), Try(evening(6), evening(6)))
    one = Outcome("a", "tea", redone, WINDOW)
    costs = [
        Cost("1.1", 1_000_000, "tea", START.date(), START, "a"),
        Cost("2.1", 3_000_000, "tea", date(2026, 10, 6), evening(6), "a"),
    ]

    row = cohorts([one], costs, evening(30), "USD").total

    assert (row.counts.failed, row.counts.stayed, row.counts.eventually_stayed) == (1, 0, 1)
    assert (row.parts.failed.micros, row.parts.rework.micros) == (1_000_000, 3_000_000)
    assert row.per_accepted is None
    assert row.per_eventual == Decimal(4)


def test_each_part_of_the_cost_is_told_apart() -> None:
    """C = first pass kept + scrap + rework + overhead + unallocated: what finance asks next."""
    late = evening(8)
    outcomes = [
        Outcome("kept", "tea", (Try(START, START),), WINDOW, {"market": "SE"}),
        Outcome("young", "tea", (Try(late, evening(28)),), WINDOW, {"market": "SE"}),
        Outcome("pulled", "tea", (Try(START, START, failed_at=evening(4)),), WINDOW),
        Outcome("refused", "tea", (Try(START, None, evening(3)),), WINDOW),
        Outcome(
            "second", "tea", (Try(START, None, evening(3)), Try(late, late)), WINDOW,
            {"market": "SE"},
        ),
        Outcome("asked", "tea", (Try(START),), WINDOW),
    ]  # fmt: skip
    costs = [
        Cost(f"{place}.1", 10**place, "tea", START.date(), START, name)
        for place, name in enumerate(["kept", "young", "pulled", "refused", "second", "asked"])
    ]
    costs += [
        Cost("6.1", 10**6, "tea", late.date(), late, "second"),
        Cost("7.1", 10**7, "tea", START.date(), START, part="overhead"),
        Cost("8.1", 10**8, "tea", START.date(), START, where={"market": "FI"}),
        Cost("9.1", 10**9, "tea", START.date(), START, part="waste"),
    ]

    told = cohorts(outcomes, costs, evening(30), "USD", by="market")
    parts = told.total.parts

    assert parts.model_dump(mode="json") == {
        name: {"micros": 10**place if place is not None else 0, "currency": "USD"}
        for name, place in {
            "stayed": 0, "maturing": 1, "failed": 2, "waiting": 5, "waste": 9, "rework": 6,
            "overhead_allocated": 7, "unallocated": 8,
        }.items()
    } | {"rejected": {"micros": 10**3 + 10**4, "currency": "USD"}}  # fmt: skip
    assert parts.first_pass_kept.micros == 11
    assert parts.total.micros == 1_111_111_111
    assert [(row.key, row.parts.unallocated.micros) for row in told.rows] == [
        ("SE", 0),
        ("FI", 10**8),
        ("", 0),
    ]
    assert told.costs(key="FI") == ("8.1",)
    assert told.costs() == tuple(f"{place}.1" for place in range(10))


def test_a_price_for_cleaning_up_can_be_given() -> None:
    """Where no clean-up was ever recorded, finance may know what one costs."""
    outcomes = [
        Outcome("a", "tea", (Try(START, START, failed_at=evening(4)),), WINDOW),
        Outcome("b", "tea", (Try(START, START),), WINDOW),
    ]
    given_price = Money.of("60", "USD")

    told = cohorts(outcomes, [], evening(30), "USD", clean_up=given_price)

    assert told.total.evenly_priced == Decimal(60)
    assert told.clean_up_basis == "given"


def test_an_outcome_given_twice_is_refused() -> None:
    """Counted twice, it would halve the cost of each."""
    one = Outcome("a", "tea", (Try(START, START),), WINDOW)

    with pytest.raises(ValueError, match="'a' is given twice"):
        cohorts([one, one], [], evening(30), "USD")


# On a busy machine the time says nothing of the code.
patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
moments = st.integers(0, 60).map(lambda day: START + timedelta(days=day, hours=day % 7))


@st.composite
def tries(draw: st.DrawFn) -> tuple[Try, ...]:
    """Return the versions of one outcome, each after the one before it."""
    made: list[Try] = []
    at = START + timedelta(days=draw(st.integers(0, 40)))
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["waiting", "rejected", "accepted", "failed"]))
        later = at + timedelta(days=draw(st.integers(1, 20)))
        if kind == "waiting":
            made.append(Try(at))
            break
        if kind == "rejected":
            made.append(Try(at, None, later))
        else:
            made.append(Try(at, at, failed_at=later if kind == "failed" else None))
            if kind == "accepted":
                break
        at = later
    return tuple(made)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Outcome], list[Cost]]:
    """Return outcomes of two campaigns, and what was spent for them."""
    place = st.fixed_dictionaries(
        {},
        optional={
            "market": st.sampled_from(["SE", "CH"]),
            "provider": st.sampled_from(["x", "y"]),
            "reviewer": st.sampled_from(["ann", "bo"]),
        },
    )
    outcomes = [
        Outcome(
            f"o{number}", draw(st.sampled_from(["tea", "oat"])), draw(tries()), WINDOW,
            draw(place), draw(st.integers(1, 3)), draw(st.integers(1, 4)),
        )
        for number in range(draw(st.integers(0, 8)))
    ]  # fmt: skip
    costs = [
        Cost(
            f"{number}.1",
            draw(st.integers(-(10**9), 10**9)),
            draw(st.sampled_from(["tea", "oat"])),
            (at := draw(moments)).date(),
            at,
            draw(st.sampled_from([None, "o0", "o1", "o2", "gone"])),
            draw(place),
            draw(st.sampled_from(["made", "rework", "overhead", "waste"])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]
    return outcomes, costs


def summed(rows: Sequence[Row]) -> dict[str, int]:
    """Return what rows sum to, in every count and amount."""
    names = (*Counts.model_fields, *Parts.model_fields, "unpriced")
    sums = dict.fromkeys(names, 0)
    for row in rows:
        told = row.counts.model_dump() | {
            name: value["micros"] for name, value in row.parts.model_dump().items()
        }
        for name, much in (told | {"unpriced": row.unpriced.micros}).items():
            sums[name] += much
    return sums


@patient
@given(histories(), st.sampled_from(GROUPS), moments)
def test_every_cut_sums_to_the_whole(
    history: tuple[list[Outcome], list[Cost]], by: str, at: datetime
) -> None:
    """OpenCost's totals changed with the way they were cut; nobody believed them after that."""
    outcomes, costs = history

    told = cohorts(outcomes, costs, at, "USD", by=by)

    assert told.total.cost.micros == sum(one.micros for one in costs)
    whole = summed([told.total])
    for rows in (told.months, told.rows, told.series) if by else (told.months,):
        assert summed(rows) == whole
    # And the whole is the same, however it is cut.
    uncut = cohorts(outcomes, costs, at, "USD")
    assert (uncut.total, uncut.months) == (told.total, told.months)


@patient
@given(histories(), st.randoms(), moments)
def test_the_order_of_rows_changes_no_figure(
    history: tuple[list[Outcome], list[Cost]], luck: Random, at: datetime
) -> None:
    """Databases return rows as they like."""
    outcomes, costs = history
    told = cohorts(outcomes, costs, at, "USD", by="market")
    luck.shuffle(outcomes)
    luck.shuffle(costs)

    assert cohorts(outcomes, costs, at, "USD", by="market") == told


@patient
@given(histories())
def test_reversing_everything_leaves_nothing(history: tuple[list[Outcome], list[Cost]]) -> None:
    """What was taken back cost nothing, to the micro and in every part."""
    outcomes, costs = history
    mirror = [one._replace(id=f"r{one.id}", micros=-one.micros) for one in costs]

    told = cohorts(outcomes, costs + mirror, evening(30, 12), "USD", by="market")

    for row in (told.total, *told.rows, *told.months):
        assert not any(value["micros"] for value in row.parts.model_dump().values())


@patient
@given(histories(), moments)
def test_a_maturing_asset_changes_no_number_of_what_stayed(
    history: tuple[list[Outcome], list[Cost]], at: datetime
) -> None:
    """A new launch must not make last month's assets look cheaper."""
    outcomes, costs = history
    young = Outcome("young", "tea", (Try(at, at),), WINDOW)

    before = cohorts(outcomes, costs, at, "USD").total
    after = cohorts([*outcomes, young], costs, at, "USD").total

    assert after.counts.maturing == before.counts.maturing + 1
    assert (after.counts.stayed, after.counts.failed) == (
        before.counts.stayed,
        before.counts.failed,
    )
    assert (after.cost, after.per_accepted) == (before.cost, before.per_accepted)
