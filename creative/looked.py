"""How long somebody looked at what they then decided about."""

import json
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, JsonValue

from creative.value import Value

REVIEWED = "reviewed"


def _exact(number: object) -> object:
    # A float has already lost what was written.
    return str(number) if isinstance(number, float) else number


Minutes = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(gt=0, le=1440, decimal_places=3, allow_inf_nan=False),
]
"""Of one act, up to a day."""
How = Literal["declared", "measured"]


class Looked(Value):
    """The minutes of one act, and the assets that it decided about."""

    campaign: str
    nonce: str
    """Of the act: its time is entered once."""
    by: str
    minutes: Minutes
    how: How
    """Said by the person, or measured by the page."""
    assets: tuple[str, ...] = Field(min_length=1)
    at: AwareDatetime

    def said(self) -> dict[str, JsonValue]:
        """Return it as the log of acts has it; what it is found by comes first."""
        told: dict[str, JsonValue] = self.model_dump(mode="json")
        return {"act": REVIEWED, "asset": f"{self.campaign}/{self.nonce}", **told}

    @classmethod
    def read(cls, statement: str) -> Self:
        """Read it from the log."""
        told = json.loads(statement)
        return cls.model_validate({name: told[name] for name in cls.model_fields})


def prefix(campaign: str) -> str:
    """Return how the statements of a campaign begin."""
    return f'{{"act":"{REVIEWED}","asset":"{campaign}/'
