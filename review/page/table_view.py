"""The light table as it is shown: what a filter leaves in, grouped and counted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from creative.finding import Severity
from creative.market import Locale, Market, MarketTable
from creative.placement import PlacementTable
from creative.value import fingerprint
from review.acts import Seen
from review.contact_pictures import WIDE
from review.light_table import Filter, Item, State

FIELDS = ("market", "locale", "placement", "finding")
"""The fields of a filter beside the state, in the order they are shown."""
Counts = dict[str, dict[str, int]]
"""By field and value."""
_GRAVEST = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.NOTE: 2}


class Cell(NamedTuple):
    """One rendition."""

    name: str
    sha256: str
    width: int
    height: int
    wide: bool
    """Whether it is a banner, which gets two columns."""
    placement: str
    market: str
    locale: str
    state: str
    endorsed: str
    """Who has accepted it as the first of two."""
    findings: int
    """How many ask for a look, or block."""
    severity: str
    """Of the gravest; empty without one."""


class Locales(NamedTuple):
    """The renditions of one locale."""

    tag: str
    autonym: str
    direction: str
    cells: Sequence[Cell]


class Markets(NamedTuple):
    """The renditions of one market."""

    code: str
    name: str
    locales: Sequence[Locales]


class Choice(NamedTuple):
    """One value of a filter's field."""

    value: str
    label: str
    many: int
    """How many renditions it would leave in, with all else as it is."""


class Facet(NamedTuple):
    """One field of the filter."""

    field: str
    label: str
    chosen: str
    choices: Sequence[Choice]


class Tab(NamedTuple):
    """One state, or all of them."""

    state: str
    label: str
    many: int
    query: str
    """The filter with this state, as it stands in an address; with its question mark."""
    current: bool


class TableView(NamedTuple):
    """The table."""

    groups: Sequence[Markets]
    total: int
    """How many the filter leaves in."""
    flat: bool
    """Whether it is shown as one grid: where most locales have one rendition, they are compared."""
    tabs: Sequence[Tab]
    facets: Sequence[Facet]


class Names:
    """What markets, locales and placements are called.

    Args:
        markets: The shipped table.
        placements: Likewise.

    """

    def __init__(self, markets: MarketTable, placements: PlacementTable) -> None:
        self._markets = markets.markets
        self._placements = placements.placements

    def market(self, code: str) -> str:
        """Return a market's name, or its code."""
        known = self._markets.get(code)
        return known.name if known else code

    def locale(self, market: str, tag: str) -> Locale | None:
        """Return a locale of a market."""
        known: Market | None = self._markets.get(market)
        return next((one for one in known.locales if one.tag == tag), None) if known else None

    def placement(self, name: str) -> str:
        """Return a placement's name, or its id."""
        known = self._placements.get(name)
        return known.name if known else name


def query(chosen: Filter, **but: str) -> str:
    """Return a filter as it stands in an address, with its question mark; empty for all.

    >>> query(Filter(market="SE"), state="waiting")
    '?state=waiting&market=SE'
    """
    told = {**chosen.model_dump(mode="json"), **but}
    told = {name: value for name, value in told.items() if value}
    return f"?{urlencode(told)}" if told else ""


def mark(items: Iterable[Item]) -> str:
    """Return a fingerprint of which renditions these are, and of their bytes."""
    return seal_of(one.seen for one in items)


def seal_of(seen: Iterable[Seen]) -> str:
    """Return the same of what was seen."""
    return fingerprint(sorted([one.asset, one.sha256] for one in seen))


def table_view(items: Sequence[Item], chosen: Filter, names: Names) -> TableView:
    """Lay out what a filter leaves in.

    Args:
        items: All renditions of the campaign.
        chosen: The filter.
        names: What people call things.

    """
    shown = [one for one in items if chosen.fits(one)]
    groups = _groups(shown, names)
    locales = sum(len(one.locales) for one in groups)
    counts = _counts(items, chosen)
    return TableView(
        groups=groups,
        total=len(shown),
        flat=len(groups) > 1 and len(shown) < 2 * locales,
        tabs=list(_tabs(counts["state"], chosen)),
        facets=list(_facets(counts, chosen, names)),
    )


def _cell(item: Item, names: Names) -> Cell:
    rendition = item.asset.rendition
    name = rendition.name
    weighty = [one.severity for one in rendition.findings if one.severity is not Severity.NOTE]
    gravest = min(weighty, key=_GRAVEST.__getitem__, default=None)
    return Cell(
        name=str(name),
        sha256=rendition.sha256,
        width=rendition.width,
        height=rendition.height,
        wide=rendition.width >= WIDE * rendition.height,
        placement=names.placement(name.placement),
        market=name.market,
        locale=name.locale,
        state=item.state.value,
        endorsed=item.endorsed,
        findings=len(weighty),
        severity=gravest.value if gravest else "",
    )


def _groups(shown: Iterable[Item], names: Names) -> list[Markets]:
    by_market: dict[str, dict[str, list[Cell]]] = {}
    for one in shown:
        name = one.asset.rendition.name
        its = by_market.setdefault(name.market, {})
        its.setdefault(name.locale, []).append(_cell(one, names))
    groups = []
    for code, its in by_market.items():
        locales = []
        for tag, cells in its.items():
            known = names.locale(code, tag)
            autonym, direction = (known.autonym, known.direction) if known else (tag, "ltr")
            locales.append(Locales(tag, autonym, direction, cells))
        groups.append(Markets(code, names.market(code), locales))
    return groups


def _counts(items: Iterable[Item], chosen: Filter) -> Counts:
    """Count, by field and value, what each value would leave in with all else as it is.

    Values that would leave nothing in are there with 0.
    """
    asked = {field: getattr(chosen, field) for field in FIELDS}
    asked["state"] = chosen.state.value if chosen.state else ""
    counts: Counts = {field: {} for field in asked}
    limits = [(field, value) for field, value in asked.items() if value]
    for one in items:
        its = _values(one)
        misses = [field for field, value in limits if value not in its[field]]
        for field, values in its.items():
            # What one field alone keeps out comes in when that field is changed.
            comes = not misses or misses == [field]
            of_field = counts[field]
            for value in values:
                of_field[value] = of_field.get(value, 0) + comes
    return counts


def _values(item: Item) -> Mapping[str, Collection[str]]:
    rendition = item.asset.rendition
    name = rendition.name
    return {
        "state": (item.state.value,),
        "market": (name.market,),
        "locale": (name.locale,),
        "placement": (name.placement,),
        "finding": {one.check for one in rendition.findings},
    }


def _tabs(counts: Mapping[str, int], chosen: Filter) -> Iterable[Tab]:
    current = chosen.state.value if chosen.state else ""
    yield Tab("", "All", sum(counts.values()), query(chosen, state=""), not current)
    for state in State:
        # What nothing is in is there as well: something may come to be while the page is open.
        yield Tab(
            state.value,
            state.value.capitalize(),
            counts.get(state.value, 0),
            query(chosen, state=state.value),
            state.value == current,
        )


def _facets(counts: Counts, chosen: Filter, names: Names) -> Iterable[Facet]:
    labels = {"market": "Market", "locale": "Locale", "placement": "Placement"}
    for field in FIELDS:
        its_choice = getattr(chosen, field)
        known = counts[field]
        if not its_choice and len(known) < (1 if field == "finding" else 2):
            continue
        choices = [
            Choice(value, _label(field, value, names), many)
            for value, many in known.items()
            if many or value == its_choice
        ]
        if its_choice and its_choice not in known:
            choices.append(Choice(its_choice, _label(field, its_choice, names), 0))
        choices.sort(key=lambda one: one.label.casefold())
        yield Facet(field, labels.get(field, "Finding"), its_choice, choices)


def _label(field: str, value: str, names: Names) -> str:
    if field == "market":
        return names.market(value)
    if field == "placement":
        return names.placement(value)
    return value.replace("-", " ").capitalize() if field == "finding" else value
