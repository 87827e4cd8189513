"""The light table: the renditions of a campaign, how far each is, and which of them are meant."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from creative.decision import Decision, Verdict
from creative.finding import blocks
from creative.manifest import ManifestAsset
from creative.value import Value
from review.acts import Seen


class State(StrEnum):
    """How far a rendition is."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"
    """A check keeps it from delivery, whatever anybody accepts."""


STATES: Mapping[Verdict, frozenset[State]] = {
    Verdict.ACCEPTED: frozenset({State.WAITING}),
    Verdict.REJECTED: frozenset({State.WAITING, State.BLOCKED}),
    Verdict.WITHDRAWN: frozenset({State.ACCEPTED}),
}
"""Which renditions a decision is meant for, where they are not named one by one."""

CHANGED_BY: Mapping[Verdict, frozenset[State]] = {
    Verdict.ACCEPTED: frozenset({State.WAITING, State.REJECTED, State.WITHDRAWN}),
    Verdict.REJECTED: frozenset({State.WAITING, State.BLOCKED}),
    Verdict.WITHDRAWN: frozenset({State.ACCEPTED}),
}
"""Those that it can change, where somebody asks for them: a mind may be changed."""


class Filter(Value):
    """Which renditions are meant; what is empty leaves all in."""

    state: State | None = None
    market: str = ""
    locale: str = ""
    placement: str = ""
    finding: str = ""
    """The name of a check that has something to say of them."""

    @property
    def words(self) -> str:
        """Return it in words, for who is asked to confirm."""
        told = {name: value for name, value in self.model_dump().items() if value}
        return ", ".join(f"{name} {value}" for name, value in told.items())

    def fits(self, item: "Item") -> bool:
        """Say whether a rendition is among them."""
        name = item.asset.rendition.name
        checks = {one.check for one in item.asset.rendition.findings}
        return (
            self.state in (None, item.state)
            and self.market in ("", name.market)
            and self.locale in ("", name.locale)
            and self.placement in ("", name.placement)
            and (not self.finding or self.finding in checks)
        )


class Item(Value):
    """One rendition as its campaign's newest run left it, and how far it is now."""

    asset: ManifestAsset
    state: State
    decision: Decision | None
    endorsed: str = ""
    """Who has accepted it as the first of two."""

    @property
    def name(self) -> str:
        """Return the rendition's name."""
        return str(self.asset.rendition.name)

    @property
    def seen(self) -> Seen:
        """Return what a decision on it is bound to."""
        return Seen(asset=self.name, sha256=self.asset.rendition.sha256)

    @property
    def row(self) -> dict[str, Any]:
        """Return it as a row of a list."""
        rendition, said = self.asset.rendition, self.decision
        findings = {f"{one.severity.value} {one.check}" for one in rendition.findings}
        return {
            "asset": self.name,
            "state": self.state.value,
            "findings": ", ".join(sorted(findings)),
            "by": said.by if said else "",
            "code": said.code if said else "",
            "endorsed": self.endorsed,
            "sha256": rendition.sha256,
        }


def laid(
    asset: ManifestAsset, said: Decision | None, endorsed: Mapping[tuple[str, str], str]
) -> Item:
    """Lay a rendition on the table.

    Args:
        asset: As the newest run left it.
        said: The newest decision on exactly its bytes, if it counts now.
        endorsed: Who has accepted what as the first of two, by asset and sha256.

    """
    rendition = asset.rendition
    name = str(rendition.name)
    first = endorsed.get((name, rendition.sha256), "") if said is None else ""
    if said and said.verdict is not Verdict.ACCEPTED:
        state = State(said.verdict.value)
    elif blocks(rendition.findings):
        state = State.BLOCKED
    else:
        state = State.ACCEPTED if said else State.WAITING
    return Item(asset=asset, state=state, decision=said, endorsed=first)


def left_in(items: Iterable[Item], chosen: Filter, verdict: Verdict) -> tuple[Item, ...]:
    """Return the renditions that a filter leaves in, for a verdict.

    Without a state in the filter, they are those that the verdict is meant for.
    """
    states = {chosen.state} if chosen.state else STATES[verdict]
    return tuple(one for one in items if one.state in states and chosen.fits(one))


class Due(Value):
    """What a run does with what was decided when it goes on."""

    deliver: int
    """How many files that are accepted do not lie at the place of delivery yet."""
    take_out: int
    """How many lie there that are accepted no more."""
    redo: int
    """How many were rejected, and are made again as far as the brief lets them be."""

    @property
    def words(self) -> str:
        """Return it in words; empty where nothing is to be done.

        >>> Due(deliver=2, take_out=0, redo=1).words
        'deliver 2 and make 1 again'
        """
        parts = (
            (self.deliver, f"deliver {self.deliver:,}"),
            (self.take_out, f"take out {self.take_out:,}"),
            (self.redo, f"make {self.redo:,} again"),
        )
        return " and ".join(told for many, told in parts if many)


def due(items: Iterable[Item]) -> Due:
    """Return what a run does when it goes on, as the renditions stand now."""
    there = [(one.state, one.asset.delivered is not None) for one in items]
    return Due(
        deliver=there.count((State.ACCEPTED, False)),
        take_out=sum(lies for state, lies in there if state is not State.ACCEPTED),
        redo=sum(state is State.REJECTED for state, _ in there),
    )
