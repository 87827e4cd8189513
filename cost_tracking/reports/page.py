"""The spend report as one HTML file that needs nothing else: no script, no font, no network."""

import base64
import hashlib
from decimal import Decimal
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cost_tracking.reports import charts
from cost_tracking.reports.campaign_report import Report, Row
from cost_tracking.reports.figures import number, share

TALL = 6
"""How many bars stand above each other before a chart gets a second column."""
TALLER = 18
"""How many bars two columns take before there are three."""
MOST_ROWS = 2000
"""The longest table in the page; the JSON and the CSV hold every row."""


class Chart(NamedTuple):
    """A chart in one or more columns."""

    title: str
    columns: list[Markup]


def report_page(report: Report) -> str:
    """Return the report as a page; everything a person or a provider wrote is escaped in it."""
    pages = Environment(
        loader=PackageLoader("cost_tracking.reports"),
        # By its name: the suffix .html.j2 is not among those that Jinja escapes unasked.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["number"] = number
    style = pages.get_template("report.css").render()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return pages.get_template("report.html.j2").render(
        report=report,
        campaign=report.campaign,
        # Our own file, and hashed: the browser takes this style and no other.
        style=Markup(style),  # noqa: S704
        style_hash=f"sha256-{digest}",
        headline=headline(report),
        subline=subline(report),
        split=_split(report),
        plan=_plan(report),
        meters=[
            charts.meter(f"{one.name} budget: {number(one.used, places=1)} % used", one.used, tone)
            for one, tone in zip(report.budgets, ("working", "making"), strict=True)
        ],
        mix=_mix(report),
        making=_making,
        media=_media,
        rates=_rates(report),
        most_rows=MOST_ROWS,
    )


def headline(report: Report) -> str:
    """Return the one sentence to remember."""
    made = _renditions(report)
    if not report.produced:
        return f"{number(report.non_working)} is spent, and nothing is made yet."
    if report.campaign.placeholder:
        return f"{_renditions(report, 'placeholder ')}. Not for publication."
    if not report.accepted:
        return f"{made} made for {number(report.non_working)}; none accepted yet."
    return f"Each accepted rendition cost {number(report.per_accepted)} to make."


def subline(report: Report) -> str:
    """Return what puts the headline into proportion."""
    markets = sum(bool(row.key and row.produced) for row in report.markets)
    parts = [
        (
            f"{_renditions(report)} for {number(markets)} "
            f"{'market' if markets == 1 else 'markets'}, {number(report.accepted)} accepted."
        ),
        f"Making them took {number(report.non_working)}.",
    ]
    if report.working.micros:
        parts.append(f"{number(report.working)} went to put them before people.")
    else:
        parts.append("No media spend is entered yet.")
    return " ".join(parts)


def _renditions(report: Report, kind: str = "") -> str:
    noun = "rendition" if report.produced == 1 else "renditions"
    return f"{number(report.produced)} {kind}{noun}"


def _split(report: Report) -> Markup:
    parts = [
        charts.Part("Working", Decimal(report.working.micros), "working"),
        charts.Part("Non-working", Decimal(report.non_working.micros), "making"),
    ]
    title = f"Working {number(report.working)}, non-working {number(report.non_working)}"
    return charts.split_bar(title, parts, 72)


def _plan(report: Report) -> Decimal | None:
    working, making = report.budgets
    return share(working.budget, working.budget + making.budget)


def _mix(report: Report) -> Markup:
    rows = [
        (
            charts.Bar(
                one.name,
                one.actual or Decimal(0),
                f"{number(one.actual, places=1)} %" if one.actual is not None else "not yet spent",
            ),
            one.planned,
        )
        for one in report.channels
    ]
    return charts.plan_chart("Share of each channel, with a tick at the plan", rows, "working")


def _making(title: str, rows: tuple[Row, ...]) -> Chart:
    """Draw the non-working money of a breakdown."""
    bars = [
        charts.Bar(row.name, Decimal(row.non_working.micros), number(row.non_working))
        for row in rows
        if row.non_working.micros
    ]
    return _chart(title, bars, "making")


def _media(title: str, rows: tuple[Row, ...]) -> Chart:
    """Draw the working money of a breakdown, or nothing where no entry names a part."""
    named = any(row.key and row.working.micros for row in rows)
    bars = [
        charts.Bar(row.name, Decimal(row.working.micros), number(row.working))
        for row in sorted(rows, key=lambda row: (not row.key, -row.working.micros))
        if named and row.working.micros
    ]
    return _chart(title, bars, "working")


def _chart(title: str, bars: list[charts.Bar], tone: str) -> Chart:
    most = max((bar.value for bar in bars), default=Decimal(0))
    parts = charts.columns(bars, 1 + (len(bars) > TALL) + (len(bars) > TALLER))
    return Chart(title, [charts.bar_chart(title, part, most, tone) for part in parts if part])


def _rates(report: Report) -> list[str]:
    budget = report.campaign.budget
    used = {one.original.currency for one in report.entries} - {budget.currency}
    lines = []
    for currency in sorted(used):
        terms = budget.rates.get(currency)
        lines.append(
            f"1 {currency} = {terms.rate} {budget.currency}, {terms.on}, {terms.source}"
            if terms
            else f"{currency}: {_published(report, currency)}"
        )
    return lines


def _published(report: Report, currency: str) -> str:
    used = {one.fx_rate for one in report.entries if one.original.currency == currency}
    dated = sorted(used - {""})
    few = ", ".join(dated[:3]) + (f" and {len(dated) - 3} more" if len(dated) > 3 else "")
    return few or "converted when it was entered"
