"""Where a campaign runs, and the languages it runs in there."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from creative.plain_toml import toml_values
from creative.value import Value

TABLE = files("creative") / "data"


class Locale(Value):
    """A language as one market reads it."""

    tag: str
    """BCP 47, such as ``de-CH`` or ``zh-Hant-HK``."""
    market: str
    """The market's ISO 3166-1 alpha-2 code."""
    language: str
    """Its English name, without the region."""
    autonym: str
    script: str
    """ISO 15924, such as ``Latn``; ``Jpan`` and ``Kore`` for the mixed scripts."""
    direction: Literal["ltr", "rtl"]
    primary: bool
    """Whether a brief that names only the market gets this locale first."""
    address: str
    """How the reader is addressed: the word itself (``du``, ``vous``), an editorial judgement."""
    font: str
    """The family that carries the script, such as ``NotoSansArabic``."""
    fallbacks: tuple[str, ...]
    """Tags whose approved copy may stand in, nearest first: only tags of the same language, and
    never ``pt`` for Portugal, where CLDR means Brazilian. Legal notices do not use it."""


class Market(Value):
    """A country that a campaign runs in."""

    code: str
    """ISO 3166-1 alpha-2: ``GB``, not ``UK``."""
    name: str
    currency: str
    """ISO 4217, the market's own."""
    locales: tuple[Locale, ...]
    """Its locales, the primary one first."""


class MarketTable(Value):
    """The shipped table of markets with its provenance."""

    version: int
    checked: str
    source: str
    groups: Mapping[str, tuple[str, ...]]
    markets: Mapping[str, Market]

    def locale(self, tag: str) -> Locale:
        """Return the locale of this tag.

        Raises:
            KeyError: The table has none.

        """
        return self._by_tag[tag]

    @property
    def _by_tag(self) -> dict[str, Locale]:
        return {one.tag: one for market in self.markets.values() for one in market.locales}


@cache
def market_table() -> MarketTable:
    """Read the shipped table: 45 markets, 56 locales, and the groups that briefs may name."""
    about = toml_values((TABLE / "markets.toml").read_text(encoding="utf-8"))
    rows = csv.DictReader((TABLE / "markets.csv").read_text(encoding="utf-8").splitlines())
    by_market: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        by_market.setdefault(row["market"], []).append(row)
    markets = {code: _market(code, its_rows) for code, its_rows in by_market.items()}
    groups = {name: tuple(codes) for name, codes in about.pop("groups").items()}
    return MarketTable(**about, groups={**groups, "all": tuple(markets)}, markets=markets)


def _market(code: str, rows: list[dict[str, str]]) -> Market:
    rows = sorted(rows, key=lambda row: row["primary"] != "yes")
    return Market(
        code=code,
        name=rows[0]["market_name"],
        currency=rows[0]["currency"],
        locales=tuple(_locale(row) for row in rows),
    )


def _locale(row: dict[str, str]) -> Locale:
    tag = row["locale"]
    chain = row["fallback_chain_editorial"].split(" (")[0].split(">")
    language = tag.split("-")[0]
    family = {"nb": ("nb", "no")}.get(language, (language,))
    same = tuple(one for one in chain[1:] if one.split("-")[0] in family)
    return Locale(
        tag=tag,
        market=row["market"],
        language=row["language"],
        autonym=row["autonym"],
        script=row["script"],
        direction="rtl" if row["direction"] == "rtl" else "ltr",
        primary=row["primary"] == "yes",
        address=row["address_form_editorial"],
        font=row["font_family_editorial"],
        fallbacks=same,
    )
