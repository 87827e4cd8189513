"""One published rate: what one unit of a currency was worth in another, on a day."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from cost_tracking.usage import exact
from creative.value import Value

EURO = "EUR"
ECB = "ecb"


def _sane(rate: Decimal) -> Decimal:
    # Rates of real pairs lie between a ten-millionth and ten million.
    if not Decimal("1e-9") <= rate <= Decimal("1e9"):
        raise ValueError(f"{rate} is no rate of exchange")
    return rate


class Quotation(Value):
    """One rate, as its source published it."""

    base: str = Field(pattern=r"^[A-Z]{3}$")
    """The currency of which one unit is worth ``rate``."""
    quote: str = Field(pattern=r"^[A-Z]{3}$")
    rate: Annotated[
        Decimal, BeforeValidator(exact), Field(allow_inf_nan=False), AfterValidator(_sane)
    ]
    on: date
    """The day that it is of."""
    source: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,40}$")
    published_at: str | None = None
    """When the source made it known, as it says."""
    revision: int = Field(default=1, ge=1)
    """Counts up when its source corrects it."""

    @property
    def id(self) -> str:
        """Return its name, which a posting keeps: ``ecb/2026-10-30/EUR-SEK``.

        A correction has its number behind it (``…#2``): what was converted before keeps saying by
        which.
        """
        corrected = f"#{self.revision}" if self.revision > 1 else ""
        return f"{self.source}/{self.on}/{self.base}-{self.quote}{corrected}"
