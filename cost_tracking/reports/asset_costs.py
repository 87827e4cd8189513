"""What each rendition cost, to the micro: what it alone took, and its share of the rest."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cost_tracking.money import Money, allocate
from cost_tracking.reports.facts import Made, Spent
from creative.value import Value

_CONCEPT = re.compile(r"c[1-9][0-9]*", re.ASCII)


class AssetCost(Value):
    """One rendition and its exact part of the non-working money."""

    made: Made
    direct: Money
    """Spent for it alone."""
    allocated: Money
    """Its share of what several renditions have in common."""

    @property
    def total(self) -> Money:
        """Return what it cost."""
        return self.direct + self.allocated


class Unallocated(Value):
    """Money that no rendition shares, because none is left that it could be for."""

    market: str | None
    placement: str | None
    amount: Money


class _Pool(NamedTuple):
    """What an amount names; every rendition that fits it gets an equal part."""

    asset: str | None
    market: str | None
    locale: str | None
    placement: str | None
    channel: str | None
    again: tuple[str, ...] = ()
    """The slots that it is for alone, where it made them again."""

    def holds(self, one: Made) -> bool:
        pairs = (
            (self.asset, one.concept),
            (self.market, one.market),
            (self.locale, one.locale),
            (self.placement, one.placement),
            (self.channel, one.channel),
        )
        if self.again:
            return one.slot in self.again
        return all(named is None or named == its for named, its in pairs)


def asset_costs(
    spent: Sequence[Spent], made: Sequence[Made], currency: str
) -> tuple[tuple[AssetCost, ...], tuple[Unallocated, ...]]:
    """Share the non-working money among the renditions, exactly.

    A rendition bears alone what was spent for it. What was made again after somebody rejected it is
    borne by the renditions that it was made for. A concept is shared by the renditions that show
    it, and a scrapped one by all, because it was drawn to find the one that was kept. What names
    a market, a locale, a placement or a channel is shared by the renditions there, and what names
    nothing by all. Parts are equal, by largest remainder, so they sum to what was shared.

    Returns:
        The renditions in the order given, and what could be shared with none. All of it together
        is the non-working total, to the micro.

    Raises:
        ValueError: A slot occurs twice, or an amount is in another currency.

    """
    slots = Counter(one.slot for one in made)
    if twice := [slot for slot, count in slots.items() if count > 1]:
        raise ValueError(f"the report was given these renditions twice: {', '.join(twice[:5])}")
    used = {one.concept for one in made}
    direct: Counter[str] = Counter()
    pools: Counter[_Pool] = Counter()
    for one in spent:
        if one.amount.currency != currency:
            raise ValueError(
                f"{one.reference}: cannot report {one.amount.currency} in {currency};"
                " convert it first, at a dated rate"
            )
        if one.spend == "working":
            continue
        if (own := _alone(one)) in slots:
            direct[own] += one.amount.micros
        else:
            pools[_pool(one, used)] += one.amount.micros

    allocated: Counter[str] = Counter()
    left = []
    for pool, micros in pools.items():
        fits = {one.slot: 1 for one in made if pool.holds(one)}
        if fits:
            allocated.update(allocate(micros, fits))
        elif micros:
            amount = Money(micros=micros, currency=currency)
            left.append(Unallocated(market=pool.market, placement=pool.placement, amount=amount))
    assets = tuple(
        AssetCost(
            made=one,
            direct=Money(micros=direct[one.slot], currency=currency),
            allocated=Money(micros=allocated[one.slot], currency=currency),
        )
        for one in made
    )
    return assets, tuple(left)


class Share(NamedTuple):
    """How much of one amount one rendition bears."""

    entry: int
    """The amount, by its place in the report's entries."""
    slot: str | None
    """None for what no rendition shares."""
    market: str | None
    placement: str | None
    micros: int
    direct: bool


def shares(spent: Sequence[Spent], made: Sequence[Made]) -> Iterator[Share]:
    """Yield how much of each amount each rendition bears: the steps behind ``asset_costs``.

    The amounts of a pool are shared one after the other, and each takes a rendition from what it
    bore of those before to what it bears with this one. So the shares sum exactly both ways: those
    of a rendition to what it cost, those of an amount to the amount.
    """
    slots = {one.slot: one for one in made}
    used = {one.concept for one in made}
    pooled: dict[_Pool, int] = {}
    fits: dict[_Pool, list[Made]] = {}
    for entry, one in enumerate(spent):
        if one.spend == "working" or not one.amount:
            continue
        if (alone := _alone(one)) in slots:
            own = slots[alone]
            yield Share(entry, own.slot, own.market, own.placement, one.amount.micros, direct=True)
            continue
        pool = _pool(one, used)
        if pool not in fits:
            members = [rendition for rendition in made if pool.holds(rendition)]
            fits[pool] = sorted(members, key=lambda rendition: rendition.slot)
        before = pooled.get(pool, 0)
        pooled[pool] = before + one.amount.micros
        if not fits[pool]:
            place = (pool.market, pool.placement)
            yield Share(entry, None, *place, one.amount.micros, direct=False)
        for rank, its in enumerate(fits[pool]):
            count = len(fits[pool])
            more = _equal(pooled[pool], rank, count) - _equal(before, rank, count)
            if more:
                yield Share(entry, its.slot, its.market, its.placement, more, direct=False)


def _equal(whole: int, rank: int, count: int) -> int:
    """Return the part that ``allocate`` gives to one of so many, in the order of their keys."""
    quotient, left = divmod(abs(whole), count)
    part = quotient + (rank < left)
    return -part if whole < 0 else part


def _alone(one: Spent) -> str:
    """Return the one slot that an amount is for, or whatever else it names."""
    return one.again[0] if len(one.again) == 1 else one.asset or ""


def _pool(one: Spent, used: set[str]) -> _Pool:
    if one.again:
        return _Pool(None, one.market, one.locale, one.placement, one.channel, one.again)
    named = one.asset or ""
    # A scrapped concept is for all. What else is no rendition's name, such as the copy of a
    # locale, is for those whose market and locale it names.
    for_all = named not in used if _CONCEPT.fullmatch(named) else "_" not in named
    asset = None if for_all else one.asset
    return _Pool(asset, one.market, one.locale, one.placement, one.channel)
