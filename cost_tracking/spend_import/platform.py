"""How a platform writes its exports: columns, units, currency, time zone. All of it is data."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field, model_validator

from cost_tracking.spend_import.days import DayForm
from creative.value import Value

FIELDS = (
    "day",
    "until",
    "account",
    "currency",
    "time_zone",
    "ad_id",
    "ad_name",
    "creative_name",
    "ad_code",
    "group_id",
    "group_name",
    "campaign_id",
    "campaign_name",
    "utm_content",
    "utm_campaign",
    "url",
)
"""What a column can hold, beside the amount. ``until`` is the last day of a row of several days,
``ad_code`` an Ad-ID or another code of the creative, ``url`` the landing page with its parameters.
"""
_SPACE = re.compile(r"\s+")
_IN_HEADING = re.compile(r"(.+?) ?\(([^()]{1,4})\)")


class AmountColumn(Value):
    """A column of money."""

    headings: tuple[str, ...] = Field(min_length=1)
    unit: Literal["major", "micros"] = "major"
    """Micros are millionths of the currency's major unit, as whole numbers."""
    decimal: Literal[".", ",", ""] = ""
    """What divides decimals; empty where it depends on who exported, and is found out."""
    currency: str = ""
    """Where the column is of one currency, whatever the account's."""
    beside: tuple[str, ...] = ()
    """Headings of which one must be there, where an API and a page use one word for two units."""


class Platform(Value):
    """One platform's exports, as its API and as its pages write them."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,30}$")
    title: str
    channel: str
    """Of spend that is matched to no asset; a matched one has its placement's."""
    cost_type: str = "media.inventory"
    time_zone: str
    """The zone that a day is of: a name of the IANA database, or ``account``."""
    days: tuple[DayForm, ...] = Field(min_length=1)
    amounts: tuple[AmountColumn, ...] = Field(min_length=1)
    """The first one whose heading is there is read."""
    columns: Mapping[str, tuple[str, ...]]
    """Of each field the headings that it is known by, the most exact first."""
    daily: tuple[str, ...] = ()
    """Headings of ``day`` under which each row is of one day, whatever ``until`` says: beside
    Meta's "Day", "Reporting ends" is the last day of the whole export."""
    breakdown: Mapping[str, tuple[str, ...]] = {}
    """Columns that divide an ad's day: of each the headings that it is known by."""
    totals: tuple[str, ...] = ()
    """How the first words of a line of totals begin."""
    subtotals: tuple[str, ...] = ()
    """What stands for the day, or in a breakdown, in a line that sums others up."""
    footers: tuple[str, ...] = ()
    """How a line begins that ends the table, such as a copyright."""
    nothing: tuple[str, ...] = ()
    """What is written for no amount; an empty cell is a fault, unless it stands here."""
    names_or_total: bool = False
    """Whether a row that names no ad, group or campaign is the export's own total."""
    wrong_currencies: Mapping[str, str] = {}
    """Codes that are seen in exports and are none, with what they stand for."""
    source: str
    checked: str
    """The day on which the sources were read."""

    @model_validator(mode="after")
    def _known(self) -> "Platform":
        unknown = sorted(set(self.columns) - set(FIELDS))
        if unknown:
            raise ValueError(f"columns.{unknown[0]}: use one of: {', '.join(FIELDS)}")
        if "day" not in self.columns:
            raise ValueError("columns.day is missing: a row without its day cannot be restated")
        return self


def plain(heading: str) -> str:
    """Return a heading as it is compared: without case, accents, and spaces around it.

    >>> plain("  Montant Dépensé ")
    'montant depense'
    """
    text = unicodedata.normalize("NFKD", heading.replace("\ufeff", "")).casefold()
    bare = "".join(letter for letter in text if not unicodedata.combining(letter))
    return _SPACE.sub(" ", bare).strip()


def with_currency(heading: str) -> tuple[str, str]:
    """Return a heading without the currency that it ends in, and that currency.

    >>> with_currency("Importe gastado (MXN)"), with_currency("Cost")
    (('importe gastado', 'MXN'), ('cost', ''))
    """
    text = plain(heading)
    found = _IN_HEADING.fullmatch(text)
    if not found:
        return text, ""
    inside = found[2].strip()
    code = "EUR" if inside == "€" else inside.upper()
    return found[1], code if re.fullmatch(r"[A-Z]{3}", code) else ""


@cache
def platforms() -> Mapping[str, Platform]:
    """Return the platforms that ship with us, by name."""
    folder = files("cost_tracking") / "data" / "platforms"
    read = [
        Platform.model_validate(tomllib.loads(one.read_text("utf-8")))
        for one in folder.iterdir()
        if one.name.endswith(".toml")
    ]
    return {one.name: one for one in sorted(read, key=lambda one: one.name)}
