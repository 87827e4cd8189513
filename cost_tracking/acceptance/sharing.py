"""Whom an amount is for: the one outcome that it names, or all that fit what it names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from cost_tracking.acceptance.outcome import Cost, Outcome
from cost_tracking.money import allocate

Pool = tuple[str, tuple[tuple[str, str], ...], str, tuple[str, ...]]
"""What an amount is for when it names no outcome: campaign, what else it names, its part, and the
outcomes that share it, where it names several."""


class Shared(NamedTuple):
    """Amounts that the same outcomes share."""

    costs: Sequence[Cost]
    part: str
    parts: Sequence[tuple[int, int]]
    """For each outcome that shares it, its place in the sequence and its micros. Empty when none
    fits."""


class Sharing:
    """The outcomes, found by what amounts name.

    Args:
        outcomes: With ids that differ.

    Raises:
        ValueError: An id occurs twice.

    """

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = outcomes
        self._places = {one.id: place for place, one in enumerate(outcomes)}
        if len(self._places) < len(outcomes):
            twice = next(
                one.id for place, one in enumerate(outcomes) if self._places[one.id] != place
            )
            raise ValueError(f"the outcome {twice!r} is given twice; each is told once")
        self._indexes: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}

    @cached_property
    def _by_id(self) -> Sequence[int]:
        return sorted(range(len(self._outcomes)), key=lambda place: self._outcomes[place].id)

    def of(self, costs: Iterable[Cost]) -> Iterator[tuple[int, Cost] | Shared]:
        """Yield each amount with the place of its one outcome, and then what is shared.

        Parts are by weight and largest remainder, so they sum exactly to what was shared.
        """
        pools: dict[Pool, list[Cost]] = {}
        for cost in costs:
            if cost.outcome is not None and (place := self._places.get(cost.outcome)) is not None:
                yield place, cost
            else:
                named = tuple(sorted(cost.where.items()))
                pools.setdefault((cost.campaign, named, cost.part, cost.among), []).append(cost)
        for (campaign, named, part, among), lines in sorted(pools.items(), key=lambda one: one[0]):
            known = (self._places[one] for one in sorted(among) if one in self._places)
            fits = list(known) or self._fitting(campaign, dict(named))
            micros = sum(line.micros for line in lines)
            yield Shared(lines, part, list(self._parts(micros, fits)) if fits else ())

    def _fitting(self, campaign: str, named: Mapping[str, str]) -> Sequence[int]:
        names = tuple(sorted(named))
        if names not in self._indexes:
            index: dict[tuple[str, ...], list[int]] = {}
            for place in self._by_id:
                one = self._outcomes[place]
                key = (one.campaign, *(one.dims.get(name, "") for name in names))
                index.setdefault(key, []).append(place)
            self._indexes[names] = index
        return self._indexes[names].get((campaign, *(named[name] for name in names)), ())

    def _parts(self, micros: int, fits: Sequence[int]) -> Iterable[tuple[int, int]]:
        weights = {self._outcomes[place].weight for place in fits}
        if len(weights) == 1:
            # ``allocate`` of equal weights, without sorting: what is left over goes to the ids
            # that sort first, and ``fits`` is in their order.
            sign = -1 if micros < 0 else 1
            each, left = divmod(abs(micros), len(fits))
            return ((place, sign * (each + (at < left))) for at, place in enumerate(fits))
        shares = allocate(
            micros, {self._outcomes[place].id: self._outcomes[place].weight for place in fits}
        )
        return ((place, shares[self._outcomes[place].id]) for place in fits)
