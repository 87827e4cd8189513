"""Divides a whole among many by exact weights, in one step or in two, without losing a micro."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm
from typing import TypeVar

from cost_tracking.money import Money, allocate

METHOD = "largest_remainder"
K = TypeVar("K", bound=str)

Tree = Mapping[str, Mapping[str, Decimal]]
"""Weights by campaign, and within it by market; the market is empty where it is of none."""
Part = tuple[Money, Money | None]
"""An amount, and the same in the currency of the books."""


def shares(total: int, weights: Mapping[str, Decimal]) -> dict[str, int]:
    """Divide micros by exact weights; the parts sum to the whole (largest remainder).

    Args:
        total: May be negative; its parts then mirror those of the positive whole.
        weights: From 0, at least one above 0.

    Raises:
        ValueError: A weight is negative or not finite, or all are 0.

    >>> shares(100, {"a": Decimal("0.5"), "b": Decimal("0.25"), "c": Decimal("0")})
    {'a': 67, 'b': 33, 'c': 0}
    """
    if any(not weight.is_finite() for weight in weights.values()):
        raise ValueError(f"cannot share {total} micros by {dict(weights)}")
    exact = {key: Fraction(weight) for key, weight in weights.items()}
    scale = lcm(*(one.denominator for one in exact.values())) if exact else 1
    whole = {key: int(one * scale) for key, one in exact.items()}
    least = gcd(*whole.values()) or 1
    return allocate(total, {key: one // least for key, one in whole.items()})


def shares_in_two(total: int, tree: Tree) -> dict[tuple[str, str], int]:
    """Divide micros among campaigns and then each part among its markets; all of it sums up.

    A campaign's part depends on its own weight and not on how many markets it has.

    Raises:
        ValueError: A weight is negative or not finite, or all are 0.

    """
    outer = {key: sum(inner.values(), Decimal(0)) for key, inner in tree.items()}
    found: dict[tuple[str, str], int] = {}
    for campaign, part in shares(total, outer).items():
        if outer[campaign]:
            inner = shares(part, tree[campaign])
            found |= {(campaign, market): micros for market, micros in inner.items()}
    return found


def parts(total: Money, base: Money | None, tree: Tree) -> dict[tuple[str, str], Part]:
    """Divide an amount, and what it was in the currency of the books, by the same weights.

    Who gets no micro of the amount gets none of its base either; both sum to their wholes.
    """
    amounts = {key: micros for key, micros in shares_in_two(total.micros, tree).items() if micros}
    bases: dict[tuple[str, str], int] = {}
    if base is not None:
        got: dict[str, dict[str, Decimal]] = {}
        for (campaign, market), micros in amounts.items():
            # The weights of the parts themselves: who got an amount gets its base.
            got.setdefault(campaign, {})[market] = Decimal(abs(micros))
        bases = shares_in_two(base.micros, got)
    return {
        key: (
            Money(micros=micros, currency=total.currency),
            None if base is None else Money(micros=bases.get(key, 0), currency=base.currency),
        )
        for key, micros in amounts.items()
    }
