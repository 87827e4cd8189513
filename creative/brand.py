"""Who the campaign speaks for: colours, fonts, logo, tone, and where its words are kept."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from creative.asset_name import SLUG
from creative.brief import Amount, Budget, Currency
from creative.value import Value


def _hex(colour: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise ValueError("a colour is # and six hex digits, such as #0B5D3B")
    return colour.upper()


Colour = Annotated[str, AfterValidator(_hex)]
"""An sRGB colour as ``#RRGGBB``."""


class Colours(Value):
    """The brand's colour roles. Those that a brand leaves out are derived from the primary."""

    primary: Colour
    background: Colour
    secondary: Colour | None = None
    accent: Colour | None = None
    text: Colour | None = None

    @property
    def palette(self) -> tuple[str, ...]:
        """Return the colours that are set, the primary first, for a picture to be drawn in."""
        named = (self.primary, self.secondary, self.accent, self.background)
        return tuple(colour for colour in named if colour)


class Fonts(Value):
    """A family that we ship, or a font file below the root, for each role."""

    heading: str = "Inter"
    body: str = "Noto Sans"


class Logo(Value):
    """The brand's mark; without one the name is set in type."""

    image: str
    """A PNG, with transparency, relative to the brand's file."""
    clear_space: float = Field(default=0.25, ge=0, le=1)
    """Empty space on every side, as a share of the logo's height."""
    min_width: int = Field(default=48, ge=8, le=2000)
    """The smallest width in pixels at which it may be shown."""


class Approval(Value):
    """How much trust one pair of eyes is given."""

    two_people_above: Amount
    """A campaign whose whole budget, working and non-working, is above it needs two people to
    accept each rendition."""
    currency: Currency


class Brand(Value):
    """One version of a brand."""

    schema_: Literal[1] = Field(alias="schema")
    name: str = Field(pattern=rf"^{SLUG}$")
    title: str = Field(default="", max_length=60)
    """The name as people write it, where the slug will not do."""
    colours: Colours
    fonts: Fonts = Fonts.model_construct()
    logo: Logo | None = None
    tone: str = Field(default="", max_length=500)
    termbase: str | None = None
    memory: str | None = None
    """A folder of translation memory files, one for each language."""
    notices: str | None = None
    """A folder of legal notices."""
    approval: Approval | None = None
    """None lets one approver accept, whatever the campaign costs."""

    def wants_two(self, budget: Budget) -> bool:
        """Say whether two people must accept what is made under a budget.

        A limit in another currency than the budget's counts as passed: nobody has said what it
        is in the budget's, and a guess could let one person through.
        """
        if self.approval is None:
            return False
        if self.approval.currency != budget.currency:
            return True
        return budget.working + budget.non_working > self.approval.two_people_above

    @property
    def display_name(self) -> str:
        """Return the name to set in type where there is no logo."""
        return self.title or self.name.replace("-", " ").title()
