"""Who is asked when somebody will not: the providers of a route, in the order of the brief.

Each one that is asked is an attempt of its own, with its own price and its own row. The next one is
asked only where the one before it was not paid and the fault is its own: it is down, has no money
left, has no such model or cannot do it. What one provider refused is taken to no other unless the
brief says so, and what may have been charged waits for a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from cost_tracking.attempts import Attempt, State
from cost_tracking.budgets import OverBudget
from providers.deals import Deal, Hop
from providers.errors import NotConfigured, ProviderError, Unsupported
from providers.terms import TooDear

A = TypeVar("A")


@dataclass(frozen=True)
class Built(Generic[A]):
    """A route, with what of it can be asked here."""

    deals: tuple[Deal[A], ...]
    lacking: dict[str, ProviderError]
    """Why the others cannot, by their names."""


def built(route: Sequence[Hop[A]]) -> Built[A]:
    """Build the providers of a route, and keep why some cannot be."""
    deals: list[Deal[A]] = []
    lacking: dict[str, ProviderError] = {}
    for hop in route:
        try:
            deals.append(hop.deal())
        except (NotConfigured, Unsupported) as error:
            lacking[hop.provider] = error
    return Built(tuple(deals), lacking)


def held_by(attempts: Sequence[Attempt], asset: str, provider: str) -> bool:
    """Say whether a provider has been paid for an asset, or may have been.

    Where it can no longer be built, its requests cannot be told apart; so none is bought elsewhere.
    """
    return any(
        one.asset == asset
        and one.provider == provider
        and one.state is not State.RELEASED
        and not one.waste
        for one in attempts
    )


def foremost(failed: Sequence[Exception]) -> Exception:
    """Return what to raise when nobody of a route did it, with what the others said as notes.

    What time or money mends comes first: "unsupported" would end a locale for good, because the
    last one of its route cannot do what the first one could an hour later.
    """
    chosen = min(failed, key=_lasting)
    for other in failed:
        if other is not chosen:
            chosen.add_note(f"passed over: {other}")
    return chosen


def _lasting(error: Exception) -> int:
    kinds = (ProviderError, OverBudget, TooDear)
    mendable = not isinstance(error, NotConfigured | Unsupported)
    rank = next((rank for rank, kind in enumerate(kinds) if isinstance(error, kind)), len(kinds))
    return rank if mendable else len(kinds) + isinstance(error, Unsupported)
