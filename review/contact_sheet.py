"""Every rendition of a campaign on one page that needs no server: the light table."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cost_tracking.money import Money
from cost_tracking.reports.figures import number
from creative.concept import Concept
from creative.decision import Verdict
from creative.finding import Finding, Severity, blocks
from creative.manifest import Manifest, ManifestAsset
from creative.market import Locale, Market, MarketTable
from creative.placement import Placement, PlacementTable
from review.contact_pictures import (
    THUMBNAIL,
    WIDE,
    Thumbnail,
    concept_sheet_jpeg,
    overview_assets,
    overview_png,
    thumbnails,
)

__all__ = ["concept_sheet_jpeg", "contact_sheet", "overview_assets", "overview_png"]

_SCRIPTS = {
    "Arab": "Arabic",
    "Cyrl": "Cyrillic",
    "Deva": "Devanagari",
    "Grek": "Greek",
    "Hans": "Chinese, simplified",
    "Hant": "Chinese, traditional",
    "Hebr": "Hebrew",
    "Jpan": "Japanese",
    "Kore": "Korean",
    "Latn": "Latin",
    "Thai": "Thai",
}
_CHANNELS = {"display": "Display", "dooh": "Digital out of home", "social": "Social"}
_FINDINGS = {"block": "blocking", "warn": "to look at", "note": "noted", "none": "none"}
CONCEPT = (420, 420)
"""The largest width and height of a concept's picture, in pixels."""
_WEIGHT = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.NOTE: 2}


class Cell(NamedTuple):
    """One rendition as the page shows it."""

    name: str
    placement: str
    placement_id: str
    platform: str
    channel: str
    pixels: str
    size: str
    too_big: bool
    market: str
    locale: str
    script: str
    state: str
    """``accepted``, ``rejected``, ``withdrawn``, ``void``, ``blocked`` or ``waiting``."""
    told: str
    """Who decided and why, in a sentence; empty while it waits."""
    findings: tuple[Finding, ...]
    """The gravest first."""
    severity: str
    """Of the gravest finding; ``none`` without one."""
    cost: str
    picture: str
    """A data URI, or empty when there is no picture."""
    missing: str
    """Why there is no picture."""
    width: int
    height: int
    wide: bool
    """Whether it is a banner, which gets two columns."""
    link: str
    """The file, relative to the page; empty while it may not be delivered."""


class LocaleGroup(NamedTuple):
    """The renditions of one locale."""

    tag: str
    autonym: str
    direction: str
    cells: list[Cell]


class MarketGroup(NamedTuple):
    """The renditions of one market."""

    code: str
    name: str
    locales: list[LocaleGroup]

    @property
    def size(self) -> int:
        """Return how many renditions it has."""
        return sum(len(one.cells) for one in self.locales)


class ConceptCard(NamedTuple):
    """One concept as the page shows it."""

    concept: Concept
    picture: str
    missing: str
    chosen: bool
    changed: bool
    """Whether its picture is no longer the one that was seen when it was chosen."""


@cache
def templates() -> Environment:
    """Return the templates of the page; whatever is put into them is escaped."""
    pages = Environment(
        loader=PackageLoader("review"),
        # By its name: the suffix .html.j2 is not among those that Jinja escapes unasked.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["number"] = number
    return pages


def contact_sheet(
    manifest: Manifest,
    files: Mapping[str, Path],
    markets: MarketTable,
    placements: PlacementTable,
) -> str:
    """Return the page, with a thumbnail of every rendition in it.

    Args:
        manifest: What was made, with its findings and decisions.
        files: Where each rendition's and each concept's picture lies, by sha256. One that is
            missing or cannot be read is shown as such.
        markets: Names markets, and languages in their own words.
        placements: Names placements, and what each allows a file to weigh.

    Returns:
        HTML that asks no network for anything. What a person or a provider wrote is escaped in
        it. A rendition adds about 12 KB.

    """
    wanted = {one.rendition.sha256 for one in manifest.assets}
    small = thumbnails({sha256: files[sha256] for sha256 in wanted & files.keys()})
    drawn = {one.sha256 for one in manifest.concepts} & files.keys()
    sketches = thumbnails({sha256: files[sha256] for sha256 in drawn}, CONCEPT)
    cells = [
        _cell(one, small.get(one.rendition.sha256), placements, markets) for one in manifest.assets
    ]
    groups = list(_grouped(cells, markets.markets))
    pages = templates()
    style = _part(pages, "contact_sheet.css", height=_height(groups))
    script = _part(pages, "contact_sheet.js")
    return pages.get_template("contact_sheet.html.j2").render(
        manifest=manifest,
        concepts=[_card(one, manifest, sketches.get(one.sha256)) for one in manifest.concepts],
        groups=groups,
        total=len(cells),
        states=_counts(cell.state for cell in cells),
        missing=sum(bool(cell.missing) for cell in cells),
        filters=_filters(cells, groups),
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )


def _cell(
    asset: ManifestAsset,
    small: Thumbnail | str | None,
    placements: PlacementTable,
    markets: MarketTable,
) -> Cell:
    rendition = asset.rendition
    name = rendition.name
    place = placements.placements.get(name.placement)
    locale = _locale(markets.markets.get(name.market), name.locale)
    findings = tuple(sorted(rendition.findings, key=lambda one: _WEIGHT[one.severity]))
    state, told = _state(asset)
    found = isinstance(small, Thumbnail)
    return Cell(
        name=str(name),
        placement=place.name if place else name.placement,
        placement_id=name.placement,
        platform=place.platform if place else "",
        channel=place.channel if place else "unknown",
        pixels=f"{rendition.width} × {rendition.height}",  # noqa: RUF001
        size=_size(rendition.bytes, place),
        too_big=bool(place and rendition.bytes > place.max_bytes),
        market=name.market,
        locale=name.locale,
        script=locale.script if locale else "unknown",
        state=state,
        told=told,
        findings=findings,
        severity=findings[0].severity.value if findings else "none",
        cost=_cost(asset),
        picture=_uri(small.jpeg) if isinstance(small, Thumbnail) else "",
        missing="" if found else str(small or "the file is missing"),
        width=small.width if isinstance(small, Thumbnail) else THUMBNAIL[0],
        height=small.height if isinstance(small, Thumbnail) else THUMBNAIL[0],
        wide=rendition.width >= WIDE * rendition.height,
        # Quoted whole, so that a path can be no scheme, no host and no script.
        link=f"./{quote(asset.delivered.lstrip('/'))}" if asset.delivered else "",
    )


def _state(asset: ManifestAsset) -> tuple[str, str]:
    decision = asset.decision
    if decision is None:
        return ("blocked" if blocks(asset.rendition.findings) else "waiting"), ""
    told = f"{decision.verdict.value} by {decision.by} ({decision.role}), {decision.at:%Y-%m-%d}"
    if decision.reason:
        told = f"{told}: {decision.reason}"
    if decision.sha256 != asset.rendition.sha256:
        return "void", f"{told}. The file has changed since, so this no longer holds."
    if decision.verdict is Verdict.ACCEPTED and blocks(asset.rendition.findings):
        return "blocked", f"{told}. A check keeps it from delivery."
    return decision.verdict.value, told


def _grouped(cells: Iterable[Cell], markets: Mapping[str, Market]) -> Iterable[MarketGroup]:
    by_market: dict[str, dict[str, list[Cell]]] = {}
    for cell in cells:
        by_market.setdefault(cell.market, {}).setdefault(cell.locale, []).append(cell)
    for code, its in by_market.items():
        market = markets.get(code)
        groups = []
        for tag, group in its.items():
            known = _locale(market, tag)
            autonym = known.autonym if known else tag
            groups.append(LocaleGroup(tag, autonym, known.direction if known else "ltr", group))
        yield MarketGroup(code, market.name if market else code, groups)


def _filters(cells: list[Cell], groups: list[MarketGroup]) -> list[tuple[str, str, dict[str, str]]]:
    """Return each filter's field, label and options; one that cannot choose is left out."""
    every = [
        ("market", "Market", {one.code: one.name for one in groups}),
        ("placement", "Placement", {one.placement_id: one.placement for one in cells}),
        (
            "channel",
            "Channel",
            {one.channel: _CHANNELS.get(one.channel, one.channel) for one in cells},
        ),
        ("script", "Script", {one.script: _SCRIPTS.get(one.script, one.script) for one in cells}),
        ("severity", "Findings", {one.severity: _FINDINGS[one.severity] for one in cells}),
        ("state", "State", {one.state: one.state for one in cells}),
    ]
    return [
        (field, label, dict(sorted(options.items(), key=lambda one: one[1])))
        for field, label, options in every
        if len(options) > 1
    ]


def _card(concept: Concept, manifest: Manifest, small: Thumbnail | str | None) -> ConceptCard:
    choice = manifest.choice
    seen = dict(zip(choice.concepts, choice.seen, strict=False))
    chosen = concept.id in choice.concepts
    return ConceptCard(
        concept=concept,
        picture=_uri(small.jpeg) if isinstance(small, Thumbnail) else "",
        missing="" if isinstance(small, Thumbnail) else str(small or "the file is missing"),
        chosen=chosen,
        changed=chosen and seen.get(concept.id) != concept.seen,
    )


def _locale(market: Market | None, tag: str) -> Locale | None:
    return next((one for one in market.locales if one.tag == tag), None) if market else None


def _counts(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: -one[1]))


def _size(bytes_: int, place: Placement | None) -> str:
    return f"{_bytes(bytes_)} of {_bytes(place.max_bytes)}" if place else _bytes(bytes_)


def _bytes(count: int) -> str:
    if count >= 1_000_000:
        return number(Decimal(count) / 1_000_000, places=2 if count % 1_000_000 else 0, unit="MB")
    return number(Decimal(count) / 1000, places=0, unit="KB")


def _cost(asset: ManifestAsset) -> str:
    parts = (
        Money.of(text, asset.cost.currency) for text in (asset.cost.direct, asset.cost.allocated)
    )
    return number(sum(parts, Money.zero(asset.cost.currency)))


def _uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _height(groups: list[MarketGroup]) -> int:
    """Guess how high the renditions of a locale stand on a wide screen, in pixels."""
    sizes = [len(locale.cells) for group in groups for locale in group.locales]
    rows = -(-sum(sizes) // (6 * len(sizes))) if sizes else 1
    return 40 + rows * 355


def _part(pages: Environment, name: str, **numbers: int) -> Markup:
    # Our own files, which hold no variable but numbers: there is nothing in them to escape.
    return Markup(pages.get_template(name).render(numbers))  # noqa: S704


def _hash(part: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}"
