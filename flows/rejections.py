"""What follows from a no: what is made again for it, or why nothing is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from composition.layout import enlargement
from creative.amendment import Amendment, Rejected, Rework, Reworked
from creative.brief import Brief
from creative.copy_deck import Origin, Slot
from creative.decision import Decision, Redo, Verdict
from creative.market import market_table
from creative.placement import placement_table
from creative.reason import newest, reason
from creative.rendition import Rendition
from creative.value import fingerprint
from flows.ordering import Shown, seen_with
from localization.saying import message
from review.reasons import to_redo

OURS = frozenset({Origin.SOURCE, Origin.NOTICE})
"""Lines that nobody is asked to say otherwise: they are the brief's own, or a lawyer's."""


class No(NamedTuple):
    """A rendition that somebody turned down as it is now."""

    rendition: Rendition
    shown: Shown
    decision: Decision


class Told(NamedTuple):
    """What is to be made again, and why the rest is not."""

    reworks: tuple[Rework, ...]
    left: Mapping[str, str]
    """Why a rendition stays rejected, by its name."""


def turned_down(
    renditions: Iterable[Rendition],
    shown: Mapping[str, Shown],
    decided: Mapping[str, Decision],
) -> tuple[No, ...]:
    """Return the renditions whose newest decision is a no to which something may be done.

    Args:
        renditions: As they are now.
        shown: What each shows, by its slot.
        decided: The newest decision on exactly these bytes, by name.

    """
    return tuple(
        No(one, shown[one.name.slot], said)
        for one in renditions
        if (said := decided.get(str(one.name)))
        and (said.verdict is Verdict.REJECTED or to_redo(said))
    )


class Redoing:
    """Says what is made again, by the brief and by what was made again before.

    Args:
        brief: With the most rounds that one rendition gets.
        log: What came upon the campaign, in its order.
        run: The one that asks.
        at: When it does.

    """

    def __init__(self, brief: Brief, log: Iterable[Amendment], run: str, at: datetime) -> None:
        self._brief = brief
        self._run = run
        self._at = at
        self._done: dict[str, Reworked] = {}
        self._of_decision: dict[str, Rework] = {}
        self._rounds: dict[str, list[Rework]] = {}
        for one in log:
            if isinstance(one, Reworked):
                self._done[one.id] = one
            elif isinstance(one, Rework):
                self._of_decision |= {rejected.decision: one for rejected in one.rejected}
                for slot in one.slots:
                    self._rounds.setdefault(slot, []).append(one)

    def told(self, noes: Iterable[No]) -> Told:
        """Return what is to be made again for each no that nothing was made for yet."""
        groups: dict[tuple[Redo, str, str], list[No]] = {}
        left: dict[str, str] = {}
        for no in noes:
            redo = to_redo(no.decision)
            if why := self._stays(no, redo):
                left[str(no.rendition.name)] = why
            elif redo and named(no.decision) not in self._of_decision:
                groups.setdefault(_group(redo, no), []).append(no)
        return Told(tuple(self._rework(*group, of) for group, of in groups.items()), left)

    def _stays(self, no: No, redo: Redo | None) -> str:
        """Say why a rendition stays rejected, or return an empty string."""
        if before := self._of_decision.get(named(no.decision)):
            return _came_of(self._done.get(before.id))
        if redo is None:
            code = no.decision.code or "no code"
            return f"nothing is made again for {code}; reject it again with --redo"
        most = self._brief.rework.rounds
        if len(self._rounds.get(no.rendition.name.slot, ())) >= most:
            times = "once" if most == 1 else f"{most} times"
            return f"it was made again {times}, as often as the brief's rework.rounds allows"
        return _beyond_us(redo, no)

    def _rework(self, redo: Redo, of: str, was: str, noes: Sequence[No]) -> Rework:
        rejected = tuple(map(_rejected, noes))
        rounds = [self._rounds.get(one.slot, []) for one in rejected]
        earlier = {one.id: one for them in rounds for one in them}
        said = [why for one in earlier.values() for why in one.reasons]
        words = _words(noes[0].shown) if redo is Redo.COPY else {}
        source = message(self._brief)
        decisions = sorted(one.decision for one in rejected)
        return Rework(
            id=fingerprint([self._brief.name, redo, of, was, decisions]),
            campaign=self._brief.name,
            redo=redo,
            of=of,
            was=was,
            round=1 + max(map(len, rounds)),
            rejected=rejected,
            reasons=newest([*said, *(reason(one.code, one.note) for one in rejected)]),
            words=words,
            sources={slot: source.text(slot) for slot in words},
            run=self._run,
            at=self._at,
        )


def _beyond_us(redo: Redo, no: No) -> str:
    """Say why nobody can make it again, or return an empty string."""
    if redo is Redo.COPY and not _words(no.shown):
        return "its words are the brief's own; edit the line, or change the brief"
    if redo is Redo.PICTURE and not _shows_picture(no.rendition):
        return "it shows no picture; reject it again with --redo copy"
    return ""


def _came_of(done: Reworked | None) -> str:
    """Say why what was made again for a decision left it standing, or return an empty string."""
    if done is None:
        return ""
    if done.failed:
        return f"it could not be made again: {done.failed}"
    return "what was made again came out as it was; reject it again, and say more"


def _group(redo: Redo, no: No) -> tuple[Redo, str, str]:
    """Return what is made again once for all who show the same."""
    name = no.rendition.name
    of = {Redo.COPY: name.locale, Redo.PICTURE: name.concept, Redo.LAYOUT: ""}
    return redo, of[redo], no.shown.of(redo)


def wanted(reworks: Iterable[Rework], noes: Iterable[No]) -> Iterator[tuple[Rework, Shown]]:
    """Yield those that are still wanted, each with what a rendition shows that asks for it.

    That one is as it was turned down, whatever was changed since where nobody sees it.
    """
    still = {named(no.decision): no for no in noes}
    for one in reworks:
        standing = (still[it.decision] for it in one.rejected if it.decision in still)
        if no := next((no for no in standing if _as_it_was(one, no)), None):
            yield one, no.shown


def _as_it_was(rework: Rework, no: No) -> bool:
    if no.shown.of(rework.redo) == rework.was:
        return True
    if rework.redo is not Redo.COPY:
        return False
    place = placement_table().placements[no.rendition.name.placement]
    seen = seen_with(place, market_table().locale(no.rendition.name.locale))
    words = {slot: text for slot, text in rework.words.items() if slot in seen}
    return bool(words) and all(no.shown.deck.text(slot) == one for slot, one in words.items())


def named(decision: Decision) -> str:
    """Return the name of a decision, which stays when decisions say more than they do today."""
    moment = decision.at.isoformat()
    return fingerprint([decision.asset, decision.sha256, decision.by, moment])


def _shows_picture(rendition: Rendition) -> bool:
    placement = placement_table().placements[rendition.name.placement]
    return enlargement(placement, (rendition.width, rendition.height)) > 0


def _words(shown: Shown) -> dict[Slot, str]:
    return {slot: one.text for slot, one in shown.deck.lines.items() if one.origin not in OURS}


def _rejected(no: No) -> Rejected:
    said = no.decision
    return Rejected(
        asset=said.asset,
        sha256=said.sha256,
        by=said.by,
        code=said.code,
        note=said.reason,
        decision=named(said),
    )
