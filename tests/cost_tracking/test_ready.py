"""An entry made after a pattern is the entry that it would have been, or is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_tracking.entries import COST, Posting, Transaction
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.ready import Amount, Pattern, amounts_of, ready

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
MICROS = st.integers(1, 10**15)


def spent(
    key: str, day: date, document: str, parts: list[int], *, books: str | None, campaign: str
) -> Transaction:
    """Return an entry of as many assets as parts, told in the books' currency if one is named."""
    rate = "ecb/SEK/EUR" if books == "EUR" else None

    def line(account: str, micros: int, **more: Any) -> Posting:
        base = Money(micros=micros // 2 * 2, currency=books) if books else None
        amount = Money(micros=micros // 2 * 2, currency="SEK")
        return Posting(
            account=account, amount=amount, base=base, fx_rate=rate, campaign=campaign, **more
        )

    even = [2 * one for one in parts]
    costs = [
        line(
            COST,
            one,
            cost_type="media.inventory",
            spend_class=SpendClass.WORKING,
            asset=f"a{place}",
            attribution="direct",
        )
        for place, one in enumerate(even)
    ]
    return Transaction(
        key=key,
        kind="media",
        effective_on=day,
        postings=(*costs, line("payable:meta", -sum(even))),
        source="import",
        source_doc=document,
        actor='mia "m" \\ \u2028',
    )


@given(
    keys=st.tuples(TEXT, TEXT),
    documents=st.tuples(TEXT, TEXT),
    days=st.tuples(st.dates(), st.dates()),
    parts=st.lists(st.tuples(MICROS, MICROS), min_size=1, max_size=4),
    books=st.sampled_from([None, "EUR", "SEK"]),
    campaign=TEXT,
)
def test_what_a_pattern_makes_is_the_entry_itself(
    keys: tuple[str, str],
    documents: tuple[str, str],
    days: tuple[date, date],
    parts: list[tuple[int, int]],
    books: str | None,
    campaign: str,
) -> None:
    """The same cells and the same fingerprint, whatever stands in names and documents."""
    first, second = (
        spent(
            keys[n],
            days[n],
            documents[n],
            [one[n] for one in parts],
            books=books,
            campaign=campaign,
        )
        for n in (0, 1)
    )

    made = Pattern(first).entry(keys[1], days[1], documents[1], amounts_of(second))

    assert made == ready(second)
    assert made.sha256 == second.sha256


PLAIN = spent("k", date(2027, 3, 1), "d", [10, 20], books=None, campaign="tea")
BASED = spent("k", date(2027, 3, 1), "d", [10, 20], books="EUR", campaign="tea")


@pytest.mark.parametrize(
    ("like", "amounts", "said"),
    [
        (PLAIN, [Amount(1), Amount(2), Amount(-4)], "balance"),
        (PLAIN, [Amount(3), Amount(0), Amount(-3)], "nothing"),
        (PLAIN, [Amount(3), Amount(-3)], "pattern"),
        (PLAIN, [Amount(1, 1), Amount(2, 2), Amount(-3, -3)], "currency"),
        (BASED, [Amount(1), Amount(2), Amount(-3)], "currency"),
        (BASED, [Amount(1, 1, "r"), Amount(2, 2, "r"), Amount(-3, -4, "r")], "balance"),
        (BASED, [Amount(1, -1, "r"), Amount(2, 4, "r"), Amount(-3, -3, "r")], "sign"),
    ],
)
def test_what_is_no_entry_is_refused(like: Transaction, amounts: list[Amount], said: str) -> None:
    """Nothing else stands between a pattern and the ledger."""
    with pytest.raises(ValueError, match=said):
        Pattern(like).entry("k2", date(2027, 3, 2), "d", amounts)


def test_an_entry_has_a_key() -> None:
    """Without it a second try would post it again."""
    with pytest.raises(ValueError, match="without a key"):
        Pattern(PLAIN).entry("", date(2027, 3, 2), "d", amounts_of(PLAIN))


def test_a_correction_is_no_pattern() -> None:
    """What takes back one entry must not take back another."""
    correction = PLAIN.model_copy(update={"reverses": "other"})
    with pytest.raises(ValueError, match="corrects another"):
        Pattern(correction)


def test_a_month_of_days_keeps_each_its_own() -> None:
    """A day's amount in another day's entry would still balance."""
    pattern = Pattern(PLAIN)
    days = [date(2027, 3, 1) + timedelta(days=number) for number in range(30)]

    made = [
        pattern.entry(f"k{day}", day, f"line {day}", [Amount(n), Amount(1), Amount(-n - 1)])
        for n, day in enumerate(days, start=1)
    ]

    for n, (day, one) in enumerate(zip(days, made, strict=True), start=1):
        assert (one.key, one.effective_on) == (f"k{day}", day)
        assert [cells[-4] for cells in one.lines] == [n, 1, -n - 1]
    assert len({one.sha256 for one in made}) == len(days)
