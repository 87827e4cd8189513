"""What a run would do anew of what an earlier run made, told before anyone starts it."""

from collections.abc import Iterable

from cost_tracking.money import Money
from creative.value import Value

NEW, LOST = "new", "lost"
"""Reasons beside the names of ingredients: it was never made; its file is not there any more."""
UNKNOWN = "unknown"
"""Stands for what cannot be known before it is bought: what a line says, or a picture's sha256."""
NAMED = 20
"""How many renditions a quote names whose approval is void."""
WORDS = {
    "headline": "the headline",
    "body": "the body",
    "cta": "the call to action",
    "notice": "the notice",
    "unshown": "which lines there are",
    "picture": "the picture",
    "logo": "the logo",
    "colours": "the brand's colours",
    "fonts": "the brand's fonts",
    "title": "the title",
    "locale": "the locale",
    "placement": "the placement",
    "layout": "the layout",
    "program": "the program",
    "drawn with": "fonts or libraries",
    NEW: "not made before",
    LOST: "the file is gone",
}
"""What people call an ingredient."""


class Touched(Value):
    """One rendition whose approval is void once it is made anew."""

    name: str
    """With the version that was accepted."""
    market: str
    locale: str
    placement: str
    by: str
    """Who accepted it; ``policy:…`` for a rule."""
    because: tuple[str, ...]
    """The ingredients that changed: the keys of ``WORDS``."""


class Held(Value):
    """One rendition that a check of its words keeps from delivery, and did not before."""

    name: str
    why: str


class Change(Value):
    """How far one change reaches. What several changes touch is counted by each of them."""

    what: str
    """The ingredient: a key of ``WORDS``."""
    renditions: int
    """That are other ones then."""
    reopened: int
    """Those of them whose approval is void."""


class Pending(Value):
    """What was rejected and is to be made again, and would be by this run."""

    requests: int
    renditions: int
    money: Money
    """Expected, in the budget's currency. It is in the quote's sum, too."""
    most: Money


class Delta(Value):
    """What of a campaign is made anew, and what stays as an earlier run made it."""

    run: str
    """The run that it is compared with."""
    drawn: int
    """Renditions that are drawn; those that are made again for a rejection are not among them.
    Words that are still to be bought count as changed, though they may come as they were."""
    restored: int
    """Renditions that change, and are as an earlier version was: that is in the store."""
    kept: int
    """Renditions that stay as they are."""
    left_out: int
    """Renditions of the earlier run that are not asked for any more, or have no words now."""
    reopened: int
    """Approvals that are void then: the bytes they were given for are replaced."""
    changes: tuple[Change, ...]
    """Why, the one that reaches farthest first."""
    touched: tuple[Touched, ...]
    """The first ones whose approval is void."""
    blocked: int
    """Renditions that a check of their words keeps from delivery now, and did not before; whatever
    was accepted of them is taken out."""
    held: tuple[Held, ...]
    """The first ones of those."""
    images: int
    """Pictures that are asked for, rework apart."""
    copy_requests: int
    """Requests for words in other languages, rework apart."""
    choice_open: bool
    """Whether the concepts have to be chosen again: other pictures were chosen from."""
    rework: Pending


def why(reasons: Iterable[str]) -> str:
    """Return reasons in words.

    >>> why(["body", "logo"])
    'the body, the logo'
    """
    return ", ".join(WORDS.get(one, one) for one in reasons)


def lines(delta: Delta) -> list[str]:
    """Return what a run does anew, a sentence or two a line: the figures first."""
    restored = f"{delta.restored:,} are taken from the store, " if delta.restored else ""
    figures = (
        f"since run {delta.run}: {delta.drawn:,} renditions are drawn, {restored}{delta.kept:,} "
        f"stay as they are; {delta.reopened:,} approvals are reopened; {delta.images:,} image "
        f"requests, {delta.copy_requests:,} copy requests"
    )
    told = [figures]
    told += [
        f"{WORDS.get(one.what, one.what)}: {one.renditions:,} changed, {one.reopened:,} reopened"
        for one in delta.changes
    ]
    if delta.left_out:
        told.append(f"{delta.left_out:,} that were made are not made any more")
    if delta.blocked:
        told.append(f"checks of the words block {delta.blocked:,} renditions that they did not")
    if delta.choice_open:
        told.append("the concepts have to be chosen again, from other pictures than before")
    if delta.rework.renditions:
        told.append(
            f"rework: {delta.rework.renditions:,} rejected renditions are made again, by "
            f"{delta.rework.requests:,} requests for {delta.rework.money}"
        )
    return told


def named(delta: Delta) -> list[str]:
    """Return the approvals that are void and what is blocked, a line each, as far as named."""
    told = [f"{one.name}, accepted by {one.by}: {why(one.because)}" for one in delta.touched]
    more = delta.reopened - len(delta.touched)
    if more:
        told.append(f"and {more:,} more that were accepted")
    told += [f"{one.name}, blocked: {one.why}" for one in delta.held]
    more = delta.blocked - len(delta.held)
    return [*told, f"and {more:,} more that are blocked"] if more else told
