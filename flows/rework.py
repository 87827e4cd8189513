"""Makes again what somebody has rejected: words, a picture or a layout, once for each no.

The request is written down before anybody is asked, and what came of it after it is stored. So a
crash repeats nothing: the next run finds the request and asks it again, which the ledger answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from creative.amendment import Rework, Reworked
from creative.copy_deck import Origin
from creative.decision import Redo
from creative.rendition import Rendition
from flows import asking, pictures
from flows.hindrances import IN_VAIN, LATER, Hindered
from flows.ordering import Ordered, Shown
from flows.progress import tell
from flows.rejections import Redoing, turned_down, wanted
from flows.work import Work
from localization.copy_text import tidy


@dataclass(frozen=True)
class Redone(Hindered):
    """What one run has made again so far; what it could not is named by its rework."""

    slots: frozenset[str] = frozenset()
    """The renditions for which something new came."""
    left: Mapping[str, str] = field(default_factory=dict)
    """Why renditions stay rejected, by their names."""
    anew: bool = False
    """Whether something came just now, and is not drawn yet."""


def redo(work: Work, ordered: Ordered, renditions: Sequence[Rendition], before: Redone) -> Redone:
    """Make again what people have rejected, as far as the brief lets it be.

    Args:
        work: The run.
        ordered: What each rendition shows.
        renditions: As they are now.
        before: What this run has made again already.

    """
    desk, brief = work.desk, work.materials.loaded.brief
    noes = turned_down(renditions, ordered.shown, desk.decided(renditions))
    if not noes:
        return replace(before, left={}, anew=False)
    at = desk.now()
    undone = desk.reworks.ask(
        work.campaign, lambda log: Redoing(brief, log, work.run, at).told(noes).reworks
    )
    work.reached("redo")
    todo = [(one, shown) for one, shown in wanted(undone, noes) if one.id not in before.failed]
    failed: dict[str, Exception] = {}
    slots: set[str] = set()
    for number, (one, shown) in enumerate(todo):
        tell("rework", number, len(todo))
        try:
            came = _made(work, one, shown)
        except LATER as error:
            failed[one.id] = error
        else:
            desk.reworks.done(came)
            slots |= set() if came.failed else one.slots
            work.reached("redone")
    tell("rework", len(todo), len(todo))
    log = desk.acts.amendments(work.campaign)
    return Redone(
        slots=before.slots | slots,
        left=Redoing(brief, log, work.run, at).told(noes).left,
        anew=bool(slots),
        failed={**before.failed, **failed},
    )


def _made(work: Work, rework: Rework, shown: Shown) -> Reworked:
    """Make one thing again, or say why it cannot be."""
    nothing = Reworked(id=rework.id, campaign=work.campaign, run=work.run, at=work.desk.now())
    try:
        if rework.redo is Redo.COPY:
            return _words(work, rework, shown, nothing)
        if rework.redo is Redo.PICTURE:
            return _picture(work, rework, shown, nothing)
    except IN_VAIN as error:
        return nothing.model_copy(update={"failed": str(error), "attempt": error.attempt})
    return nothing.model_copy(update={"layout": shown.layout + 1})


def _words(work: Work, rework: Rework, shown: Shown, nothing: Reworked) -> Reworked:
    locale = next(one for one in work.materials.loaded.locales if one.tag == rework.of)
    lines = (shown.deck.lines[slot] for slot in rework.words if slot in shown.deck.lines)
    before = next((one.reference for one in lines if one.origin is Origin.PROVIDER), "")
    asset = f"copy/{locale.tag}"
    errand = work.errand_again(rework, asset, replaces=before, market=locale.market)
    route = asking.again(work.materials, work.suppliers, locale, rework)
    bought = work.runner.buy(route, errand)
    came = nothing.model_copy(update={"attempt": bought.attempt.id})
    try:
        words = {slot: tidy(bought.answer.segments[slot]) for slot in rework.words}
    except (KeyError, ValueError) as error:
        said = f"{bought.attempt.provider} answered what is no copy: {error}"
        return came.model_copy(update={"failed": said})
    return came.model_copy(update={"words": words})


def _picture(work: Work, rework: Rework, shown: Shown, nothing: Reworked) -> Reworked:
    before = shown.concept
    content = work.desk.blobs.get(before.sha256)
    route = pictures.again(work.materials, work.suppliers, before, content, rework)
    errand = work.errand_again(rework, before.id, replaces=before.attempt)
    bought = work.runner.buy(route, errand)
    work.desk.blobs.put(bought.answer.content)
    deal = pictures.asked_of(route, bought.attempt.provider, bought.attempt.model)
    drawn = pictures.redrawn(deal, bought.attempt.id, before, bought.answer)
    return nothing.model_copy(update={"attempt": bought.attempt.id, "concept": drawn})
