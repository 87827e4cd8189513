"""What Prefect's pages show of a run, as text: pictures in a table, findings, money, files.

All of it is Markdown, or rows of a table whose cells hold plain text. What people and providers
wrote is escaped in the first, and can be no link, picture or element in the second, which one of
Prefect's two pages reads as Markdown and the other does not.
"""

import base64
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report, Row
from cost_tracking.reports.figures import number
from cost_tracking.reports.inert import words
from creative.finding import Finding, Severity, blocks
from creative.manifest import Manifest, ManifestAsset
from creative.market import MarketTable
from creative.problem import Problem
from review.contact_pictures import Thumbnail, overview_assets, thumbnails

ACROSS = 3
"""Pictures beside each other: so many fit at their full size where a screen has 1,440 pixels."""
FIRST_LOOK = 24
"""Pictures on the contact sheet of the whole campaign."""
EACH, FEWEST = 24, 2
"""The most and the fewest pictures of one market's preview."""
PICTURES = 160
"""Pictures of all previews together: they are kept in Prefect's database, about 10 KB each."""
BYTES = 1_000_000
"""Of the pictures in one artifact, as text; what is more is left out and counted."""
ROWS = 1_000
"""Rows of a table."""
CELL = 300
"""Letters of a cell."""
_WEIGHT = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.NOTE: 2}
_LIVE = re.compile(r"(!|\])(?=[\[(:])|<(?=\S)|(?<=:)(?=//)|(?<=\bwww)(?=\.)|(?<=@)", re.IGNORECASE)
_BREAKS = re.compile(r"[\s\0]+")

Cells = dict[str, str]


class Sheet(NamedTuple):
    """Pictures in a table."""

    key: str
    """Of its artifact: lower case letters, digits and dashes."""
    about: str
    text: str


class Links(NamedTuple):
    """Addresses of the review page that lead to one campaign; empty where nobody said its own."""

    page: str
    campaign: str

    def to(self, label: str, way: str = "") -> str:
        """Return a link, or only its label."""
        if not self.page:
            return label
        return f"[{label}]({self.page.rstrip('/')}/campaigns/{quote(self.campaign)}{way})"


def faults(problems: Sequence[Problem]) -> str:
    """Return what is wrong with a brief, each fault with its place and its mend."""
    count = f"{len(problems)} thing{'s' if len(problems) > 1 else ''}"
    lines = [
        f"## This cannot be run: {count} to mend",
        "",
        "Nothing was bought, and nothing was written.",
        "",
        "| Where | What is wrong | What to do |",
        "|---|---|---|",
        *(
            f"| {_place(one)} | {_cell(one.message)} | {_cell(one.mend)} |"
            for one in problems[:ROWS]
        ),
    ]
    return "\n".join(lines) + "\n"


def _place(one: Problem) -> str:
    line = f":{one.line}" if one.line else ""
    return (
        f"{_cell(f'{one.file}{line}')}<br>**{_cell(one.path)}**"
        if one.path
        else _cell(f"{one.file}{line}")
    )


def contact_sheet(
    manifest: Manifest, files: Mapping[str, Path], markets: MarketTable, links: Links
) -> Iterator[Sheet]:
    """Yield the contact sheet of all, and a preview of each market.

    Args:
        manifest: What was made.
        files: Where each rendition lies, by sha256.
        markets: Names markets, and tells scripts apart.
        links: To the review page, which shows all of them.

    """
    by_market: dict[str, list[ManifestAsset]] = {}
    for one in manifest.assets:
        by_market.setdefault(one.rendition.name.market, []).append(one)
    each = max(FEWEST, min(EACH, PICTURES // max(1, len(by_market))))
    picked = {code: overview_assets(its, markets, each) for code, its in by_market.items()}
    first = overview_assets(manifest.assets, markets, FIRST_LOOK)
    wanted = {
        one.rendition.sha256 for one in (*first, *(one for its in picked.values() for one in its))
    }
    small = thumbnails({sha256: files[sha256] for sha256 in sorted(wanted & files.keys())})
    every = links.to("the light table")
    yield _sheet("contact-sheet", "All markets", manifest.assets, first, small, every)
    for code, its in by_market.items():
        market = markets.markets.get(code)
        title = f"{market.name} ({code})" if market else code
        light_table = links.to("the light table", f"?market={quote(code)}")
        key = f"preview-{code.lower()}"
        yield _sheet(key, title, its, picked[code], small, light_table)


def _sheet(
    key: str,
    title: str,
    assets: Sequence[ManifestAsset],
    shown: Sequence[ManifestAsset],
    small: Mapping[str, Thumbnail | str],
    light_table: str,
) -> Sheet:
    states = Counter(map(state, assets))
    counted = ", ".join(f"{number(count)} {name}" for name, count in states.most_common())
    about = f"{_cell(title)}: {in_files(len(assets))}, {counted}"
    cells: list[str] = []
    taken = 0
    for one in shown:
        picture = small.get(one.rendition.sha256, "the file is missing")
        cell = _picture(one, picture)
        if taken + len(cell) > BYTES:
            break
        taken += len(cell)
        cells.append(cell)
    rest = len(assets) - len(cells)
    more = f" {number(rest)} more are on {light_table}." if rest else f" They are on {light_table}."
    lines = [f"## {_cell(title)}", "", f"{in_files(len(assets))}: {counted}.{more}", ""]
    if cells:
        lines += ["|" + " |" * ACROSS, "|" + ":-:|" * ACROSS]
    for start in range(0, len(cells), ACROSS):
        row = cells[start : start + ACROSS]
        lines.append(f"| {' | '.join([*row, *[''] * (ACROSS - len(row))])} |")
    return Sheet(key, about, "\n".join(lines) + "\n")


def _picture(one: ManifestAsset, picture: Thumbnail | str) -> str:
    name = one.rendition.name
    if isinstance(picture, Thumbnail):
        text = base64.b64encode(picture.jpeg).decode()
        shown = f"![{_cell(str(name))}](data:image/jpeg;base64,{text})"
    else:
        shown = f"*{_cell(picture)}*"
    said = gravest(one.rendition.findings)
    about = f"{state(one)}, {said.severity.value}: {said.check}" if said else state(one)
    return f"{shown}<br>**{_cell(name.placement)}**<br>{_cell(name.locale)}<br>{_cell(about)}"


def in_files(count: int) -> str:
    """Return a count of files, in words."""
    return f"{number(count)} file{'' if count == 1 else 's'}"


def state(one: ManifestAsset) -> str:
    """Return how far a rendition is, in a word."""
    if blocks(one.rendition.findings):
        return "blocked"
    return one.decision.verdict.value if one.decision else "waiting"


def gravest(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that weighs most, or None."""
    return min(findings, key=lambda one: _WEIGHT[one.severity], default=None)


def findings_summary(manifest: Manifest, links: Links) -> str:
    """Return how often each check had something to say, the gravest first."""
    said = [(one, finding) for one in manifest.assets for finding in one.rendition.findings]
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for _, finding in said:
        groups.setdefault((finding.severity, finding.check), []).append(finding)
    order = sorted(groups.items(), key=lambda one: (_WEIGHT[one[0][0]], -len(one[1])))
    blocked = sum(state(one) == "blocked" for one in manifest.assets)
    lines = [
        "## Findings",
        "",
        (
            f"{number(len(said))} in {in_files(len(manifest.assets))}, {number(blocked)} of which"
            f" they keep from delivery. All are on {links.to('the light table')}."
        ),
        "",
    ]
    if order:
        lines += [
            "| Weight | Check | Times | For example | What to do |",
            "|---|---|--:|---|---|",
            *(
                f"| {severity.value} | {_cell(check)} | {number(len(its))}"
                f" | {_cell(its[0].message)} | {_cell(its[0].mend)} |"
                for (severity, check), its in order[:ROWS]
            ),
        ]
    lines += [
        f"- {_cell(tag)} has no files: {_cell(why)}"
        for tag, why in sorted(manifest.failed_locales.items())
    ]
    return "\n".join(lines) + "\n"


def findings_table(manifest: Manifest) -> list[Cells]:
    """Return every finding as a row, the gravest first; at most ``ROWS``."""
    said = [
        (one.rendition.name, finding)
        for one in manifest.assets
        for finding in one.rendition.findings
    ]
    said.sort(key=lambda one: _WEIGHT[one[1].severity])
    rows = [
        {
            "weight": finding.severity.value,
            "check": finding.check,
            "market": name.market,
            "locale": name.locale,
            "placement": name.placement,
            "where": finding.where,
            "what": finding.message,
            "to do": finding.mend,
            "file": str(name),
        }
        for name, finding in said
    ]
    return _plain(rows)


def spend_table(report: Report) -> list[Cells]:
    """Return the money as rows: the whole, and its cuts by market, placement and provider."""
    whole = Row(
        key="",
        name=report.campaign.title,
        working=report.working,
        non_working=report.non_working,
        produced=report.produced,
        accepted=report.accepted,
    )
    cuts = (
        ("whole", (whole,)),
        ("market", report.markets),
        ("placement", report.placements),
        ("provider", report.providers),
        ("type of cost", report.cost_types),
    )
    rows = [
        {
            "by": by,
            "name": one.name,
            "working": _exact(one.working),
            "non-working": _exact(one.non_working),
            "currency": report.campaign.budget.currency,
            "made": "" if one.produced is None else str(one.produced),
            "accepted": "" if one.accepted is None else str(one.accepted),
            "for each accepted": _exact(one.per_accepted),
        }
        for by, its in cuts
        for one in its
    ]
    return _plain(rows)


def delivered_table(manifest: Manifest) -> list[Cells]:
    """Return every delivered file as a row."""
    rows = [
        {
            "file": one.delivered,
            "market": one.rendition.name.market,
            "locale": one.rendition.name.locale,
            "placement": one.rendition.name.placement,
            "pixels": f"{one.rendition.width}x{one.rendition.height}",
            "bytes": str(one.rendition.bytes),
            "cost": _exact(
                Money.of(one.cost.direct, one.cost.currency)
                + Money.of(one.cost.allocated, one.cost.currency)
            ),
            "currency": one.cost.currency,
            "sha256": one.rendition.sha256,
        }
        for one in manifest.assets
        if one.delivered
    ]
    return _plain(rows)


def delivery(manifest: Manifest, place: str, links: Links) -> str:
    """Return where the files are, how many wait, and the way to everything else.

    Args:
        manifest: What was made.
        place: Where the campaign is delivered.
        links: To the review page.

    """
    delivered = sum(one.delivered is not None for one in manifest.assets)
    left = Counter(state(one) for one in manifest.assets if one.delivered is None)
    counted = ", ".join(f"{number(count)} {name}" for name, count in left.most_common())
    lines = [
        f"## {in_files(delivered)} delivered",
        "",
        (
            f"In {_cell(place)}, beside `manifest.csv`, `report.html` and `contact-sheet.html`,"
            " which are there in any case."
        ),
        "",
        f"Not delivered: {counted}." if counted else "Nothing is left to decide.",
        "",
    ]
    if links.page:
        lines += [
            f"- {links.to('Light table')}: look, accept, reject",
            f"- {links.to('Spend report', '/report.html')}",
            f"- {links.to('Contact sheet', '/contact-sheet.html')}",
        ]
    else:
        lines += ["`kampanj review serve` shows them in a browser."]
    return "\n".join(lines) + "\n"


def _plain(rows: Sequence[Mapping[str, str | None]]) -> list[Cells]:
    cells = [{name: inactive(value or "") for name, value in row.items()} for row in rows[:ROWS]]
    if len(rows) > ROWS:
        first = next(iter(cells[0]))
        cells.append({**dict.fromkeys(cells[0], ""), first: f"and {len(rows) - ROWS} more"})
    return cells


def inactive(text: str) -> str:
    r"""Return a text that looks the same, and is nothing but text where Markdown is read.

    >>> print(ascii(inactive("![x](http://e.example)")))
    '!\u200b[x]\u200b(http:\u200b//e.example)'
    """
    plain = _BREAKS.sub(" ", text).strip()
    plain = plain if len(plain) <= CELL else f"{plain[:CELL]} …"
    return _LIVE.sub(lambda found: f"{found[0]}\N{ZERO WIDTH SPACE}", plain)


def _cell(text: str) -> str:
    plain = _BREAKS.sub(" ", text).strip()
    return words(plain if len(plain) <= CELL else f"{plain[:CELL]} …")


def _exact(money: Money | None) -> str:
    return "" if money is None else f"{money.amount:f}"
