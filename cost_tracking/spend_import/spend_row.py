"""What an export holds: the rows of media spend, and what a person says beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pydantic import Field

from cost_tracking.money import Money
from cost_tracking.spend_import.days import DayForm
from cost_tracking.spend_import.platform import Platform
from creative.value import Value

NAMES = ("ad_name", "creative_name", "ad_code", "utm_content", "url")
"""Where the name or code of an asset may stand, in the order in which it is looked for."""
LEVELS = (
    ("ad", "ad_id", "ad_name"),
    ("group", "group_id", "group_name"),
    ("campaign", "campaign_id", "campaign_name"),
)
"""What a row can be of, with the columns of its id and its name; the first that is there is it."""


class Said(Value):
    """What the person who imports says beside the file."""

    account: str = Field(default="", max_length=100)
    currency: str = ""
    time_zone: str = ""
    days: DayForm | None = None
    decimal: str = Field(default="", pattern=r"^[.,]?$")
    breakdown: tuple[str, ...] = ()
    """Headings of more columns that divide an ad's day."""
    campaign: str = ""
    """Of rows that name none of ours."""


@dataclass(frozen=True, slots=True)
class SpendRow:
    """What one ad cost on one day, or in one part of it."""

    line: int
    key: tuple[str, str, str, str]
    """What it is restated by: account, day, ad and breakdown."""
    account: str
    day: date
    """As the platform says it, in ``time_zone``; it is never moved to another zone."""
    time_zone: str
    ad_id: str
    """The platform's id; ``name:…``, ``group:…`` or ``campaign:…`` where the export has none."""
    breakdown: str
    """``name=value`` of each column that divides the day, sorted, with ``|`` between; or empty."""
    level: str
    """Whether the row is of an ad, a group or a campaign."""
    of_campaign: str
    """The platform's campaign, by id or name."""
    label: str
    """How people know the ad."""
    money: Money
    names: tuple[str, ...]
    """What may name our assets, in the order of ``NAMES``."""
    campaign_names: tuple[str, ...]
    """What may name our campaign."""


@dataclass(frozen=True)
class Export:
    """One file, read whole."""

    path: Path
    sha256: str
    platform: Platform
    rows: tuple[SpendRow, ...]
    columns: Mapping[str, str]
    """The heading that each field was read from."""
    totals: int = 0
    """How many lines of totals agreed with the rows."""
    skipped: int = 0
    """How many lines were subtotals, footers or empty."""
    said: Said = field(default_factory=Said)
