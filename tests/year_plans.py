"""What a made-up company plans for a year: twelve campaigns, their markets, places and money."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from cost_tracking.assets import Asset
from creative.market import market_table

END = date(2026, 10, 30)
"""The last day of the year; it is also the last of the exchange rates that ship."""
START = date(2025, 11, 1)
SEASONS = (
    "winter-lights", "gift-weeks", "new-year", "ski-break", "valentine", "spring-clean",
    "city-breaks", "garden", "midsummer", "beach", "back-to-school", "harvest",
)  # fmt: skip


PLACES = {
    "meta_feed_1x1": "meta",
    "meta_reels_9x16": "meta",
    "tiktok_image_9x16": "tiktok",
    "pmax_square": "google",
    "gdn_large_rectangle": "google",
}


BRIEF = """\
schema: 1
name: {name}
title: {title}
brand: brand.yaml
objective: conversion
audience: {{who: People who shop online}}
messaging: {{headline: A good day, body: It begins here., cta: Look}}
markets: [{markets}]
placements: [{places}]
schedule: {{start: {start}, end: {end}}}
budget:
  currency: EUR
  non_working: "{making}"
  working: "{working}"
  channels: {{social: "0.55", display: "0.35", dooh: "0.10"}}
baseline:
  currency: EUR
  per_concept: "2400.00"
  per_rendition: "96.00"
  source: 2025 agency rate card, page 4
  approved_by: Finance
  approved_on: 2025-09-30
providers: {{image: openai, writing: openai, translation: deepl}}
"""


@dataclass
class Plan:
    """One campaign before anything of it happened."""

    place: int
    name: str
    start: date
    markets: tuple[str, ...]
    places: tuple[str, ...]
    making: Decimal
    working: Decimal
    assets: list[Asset] = field(default_factory=list)
    accepted: dict[str, datetime] = field(default_factory=dict)
    """By slot, when its newest version was accepted."""
    pulled: dict[str, date] = field(default_factory=dict)

    @property
    def end(self) -> date:
        """Return its last day."""
        return min(self.start + timedelta(days=38), END)

    @property
    def title(self) -> str:
        """Return its name as people write it."""
        return self.name.replace("-", " ").capitalize()


def at(day: date, hour: int = 9) -> datetime:
    """Return a moment of a day, in UTC."""
    return datetime.combine(day, time(hour), tzinfo=UTC)


def plans(luck: Random, campaigns: int) -> Iterator[Plan]:
    """Plan campaigns, one a month; every market runs in at least one of them."""
    markets = tuple(market_table().markets)
    for place, name in enumerate(SEASONS[:campaigns]):
        start = date(2025 + (10 + place) // 12, (10 + place) % 12 + 1, 2 + place % 5)
        wide = place % 3 == 2 or campaigns < 3
        some = markets if wide else tuple(sorted(luck.sample(markets, 14 + place)))
        yield Plan(
            place,
            name,
            start,
            some,
            tuple(luck.sample(sorted(PLACES), 3)),
            making=Decimal(30_000 - 900 * place),
            working=Decimal(90_000 + 9_000 * len(some)),
        )
