"""What came upon a campaign after it was made: a line that a person wrote anew.

Each is a statement of the log of acts, in the order in which it was said; what a later one says of
the same thing stands. They lie on top of what the brief, the memory and the providers give.
"""

import json
from collections.abc import Iterable
from typing import Self

from pydantic import AwareDatetime, JsonValue

from creative.copy_deck import Slot
from creative.value import Value

EDITED = "edited"


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
        """Return it as the log has it; campaign and locale come first, to be found by."""
        told: dict[str, JsonValue] = self.model_dump(mode="json")
        return {"act": EDITED, "asset": f"{self.campaign}/{self.locale}/{self.slot}", **told}

    @classmethod
    def read(cls, statement: str) -> Self:
        """Read it from the log, which also knows the door and the form that it came through."""
        told = json.loads(statement)
        return cls.model_validate({name: told[name] for name in cls.model_fields})


def prefixes(campaign: str) -> tuple[str, ...]:
    """Return how the statements of a campaign's amendments begin."""
    # Names of campaigns hold no wildcard and no quote, which makes them safe in a pattern.
    return (f'{{"act":"{EDITED}","asset":"{campaign}/',)


def amendments(statements: Iterable[str]) -> tuple[Edit, ...]:
    """Read amendments from the log, in its order."""
    return tuple(map(Edit.read, statements))
