"""What came upon a campaign after it was made: lines that people wrote, and what was made again.

Each is a statement of the log of acts, in the order in which it was said; what a later one says of
the same thing stands. They lie on top of what the brief, the memory and the providers give.
"""

import json
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from pydantic import AwareDatetime, JsonValue

from creative.asset_name import AssetName
from creative.concept import Concept
from creative.copy_deck import Slot
from creative.decision import Redo
from creative.reason import Reason
from creative.value import Value

EDITED, REWORK, REWORKED = "edited", "rework", "reworked"


class Edit(Value):
    """One line of copy as a person wrote it, for every rendition of a locale."""

    campaign: str
    market: str
    locale: str
    slot: Slot
    source: str
    """What the message says there, in its own language: the line stands for as long as it does."""
    was: str
    """What the line said before."""
    text: str
    by: str
    at: AwareDatetime

    def said(self) -> dict[str, JsonValue]:
        """Return it as the log has it."""
        return _said(self, EDITED, f"{self.locale}/{self.slot}")


class Rejected(Value):
    """One rendition that somebody turned down."""

    asset: str
    """Its name, with the version."""
    sha256: str
    by: str
    code: str
    note: str
    decision: str
    """The fingerprint of the decision: each has something made again once."""

    @property
    def slot(self) -> str:
        """Return the name that it keeps when it is made again."""
        return AssetName.parse(self.asset).slot


class Rework(Value):
    """Something is to be made again for rejected renditions. Written down before it is asked for.

    Whoever finds it without a ``Reworked`` asks for the same thing, and so buys nothing twice.
    """

    id: str
    """The fingerprint of what is made again, and of the decisions that ask for it."""
    campaign: str
    redo: Redo
    of: str
    """The locale or the concept; empty for a layout."""
    was: str
    """What the rejected renditions show: the sha256 of their words or picture, or the number of
    their layout."""
    round: int
    """How often the renditions have been made again with this one, the most of them."""
    rejected: tuple[Rejected, ...]
    reasons: tuple[Reason, ...]
    """Why, those of earlier rounds first."""
    words: Mapping[Slot, str] = {}
    """The rejected lines that are to be said otherwise."""
    sources: Mapping[Slot, str] = {}
    """What the message says there."""
    run: str
    at: AwareDatetime

    @property
    def slots(self) -> frozenset[str]:
        """Return the renditions that it is for, by the name that they keep."""
        return frozenset(one.slot for one in self.rejected)

    def said(self) -> dict[str, JsonValue]:
        """Return it as the log has it."""
        return _said(self, REWORK, f"rework/{self.id}")


class Reworked(Value):
    """What came of a ``Rework``: new words, another picture, another layout, or nothing."""

    id: str
    """Of the rework."""
    campaign: str
    words: Mapping[Slot, str] = {}
    concept: Concept | None = None
    layout: int = 0
    attempt: str = ""
    """The one that bought it; empty for a layout."""
    failed: str = ""
    """Why nothing came of it; then the renditions stay rejected."""
    run: str
    at: AwareDatetime

    def said(self) -> dict[str, JsonValue]:
        """Return it as the log has it."""
        return _said(self, REWORKED, f"rework/{self.id}")


Amendment: TypeAlias = Edit | Rework | Reworked
_KINDS: Mapping[str, type[Edit] | type[Rework] | type[Reworked]] = {
    EDITED: Edit,
    REWORK: Rework,
    REWORKED: Reworked,
}


def prefixes(campaign: str) -> tuple[str, ...]:
    """Return how the statements of a campaign's amendments begin."""
    # Names of campaigns hold no wildcard and no quote, which makes them safe in a pattern.
    return tuple(f'{{"act":"{kind}","asset":"{campaign}/' for kind in _KINDS)


def amendments(statements: Iterable[str]) -> tuple[Amendment, ...]:
    """Read amendments from the log, in its order."""
    return tuple(map(_read, statements))


def edits(of: Iterable[Amendment]) -> tuple[Edit, ...]:
    """Return the lines that people wrote, in the order in which they did."""
    return tuple(one for one in of if isinstance(one, Edit))


def undone(log: Iterable[Amendment]) -> tuple[Rework, ...]:
    """Return what is to be made again, and of which nobody has written down what came of it."""
    log = tuple(log)
    done = {one.id for one in log if isinstance(one, Reworked)}
    return tuple(one for one in log if isinstance(one, Rework) and one.id not in done)


def _said(one: Amendment, kind: str, what: str) -> dict[str, JsonValue]:
    # What it is of comes first in the log's form of it, to be found by.
    told: dict[str, JsonValue] = one.model_dump(mode="json")
    return {"act": kind, "asset": f"{one.campaign}/{what}", **told}


def _read(statement: str) -> Amendment:
    """Read one from the log, which also knows the door and the form that it came through."""
    told = json.loads(statement)
    kind = _KINDS[told["act"]]
    return kind.model_validate({name: told[name] for name in kind.model_fields if name in told})
