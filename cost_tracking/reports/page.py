"""The spend report as one HTML file that needs nothing else: no script, no font, no network."""

from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from cost_tracking.money import Money
from cost_tracking.reports import charts, plots
from cost_tracking.reports.campaign_report import Report, Row
from cost_tracking.reports.figures import number, share
from cost_tracking.reports.page_frame import style, templates
from cost_tracking.reports.trail import Trail
from cost_tracking.reports.trails import Trails

TALL = 6
"""How many bars stand above each other before a chart gets a second column."""
TALLER = 18
"""How many bars two columns take before there are three."""
MOST_ROWS = 2000
"""The longest table in the page; the JSON and the CSV hold every row."""

_PLACE = "<!-- what proves the figures -->"


class Chart(NamedTuple):
    """A chart in one or more columns."""

    title: str
    columns: list[Markup]


def report_page(report: Report) -> str:
    """Return the report as a page; everything a person or a provider wrote is escaped in it."""
    worn = style("report.css", "page.css")
    trail = _Trail(report)
    page = (
        templates()
        .get_template("report.html.j2")
        .render(
            report=report,
            campaign=report.campaign,
            trail=trail,
            style=worn.text,
            style_hash=worn.hash,
            headline=headline(report),
            subline=subline(report),
            split=_split(report),
            plan=_plan(report),
            meters=[
                charts.meter(
                    f"{one.name} budget: {number(one.used, places=1)} % used", one.used, tone
                )
                for one, tone in zip(report.budgets, ("working", "making"), strict=True)
            ],
            mix=_mix(report),
            fall=_fall(report),
            drift=_drift(report),
            making=_making,
            media=_media,
            rates=_rates(report),
            most_rows=MOST_ROWS,
        )
    )
    # Only now is it known which figures the page has told.
    proofs = templates().get_template("trails.html.j2").render(trail=trail, report=report)
    return page.replace(_PLACE, proofs)


class _Trail:
    """Remembers which figures the page tells, so that it proves those and no others."""

    def __init__(self, report: Report) -> None:
        self._trails = Trails(report)
        self._known = frozenset(self._trails.figures)
        # Without their rows in the page, its links would lead nowhere.
        self._possible = len(report.entries) <= MOST_ROWS
        self.told: dict[str, Trail] = {}
        """By anchor, in the order of the page."""
        self._anchors: dict[str, str] = {}

    def anchor(self, figure: str) -> str:
        """Return the anchor of a figure's proof, or nothing where there is none to show."""
        if not self._possible or figure not in self._known:
            return ""
        if figure not in self._anchors:
            trail = self._trails.of(figure)
            terms = [self.anchor(term.figure) for term in trail.terms]
            if not (trail.parts or terms or trail.counted or trail.source):
                return ""
            anchor = f"t{len(self._anchors) + 1}"
            self._anchors[figure] = anchor
            self.told[anchor] = trail
        return self._anchors[figure]


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


def _fall(report: Report) -> Markup:
    """Draw how the non-working budget ends in accepted renditions."""
    line = report.budgets[1]
    kept, waiting, refused = (
        sum(one.total.micros for one in report.assets if one.made.accepted is state)
        for state in (True, None, False)
    )
    currency = report.campaign.budget.currency
    budget = line.budget.amount
    steps = [plots.Step("Non-working budget", Decimal(0), budget, number(line.budget), "making")]
    level = budget
    for name, micros in (
        ("Left" if line.left.micros >= 0 else "Over budget", line.left.micros),
        ("In rejected renditions", refused),
        ("In renditions that wait", waiting),
        ("Borne by no rendition", report.unallocated.micros),
    ):
        amount = Money(micros=micros, currency=currency)
        if amount:
            after = level - amount.amount
            steps.append(plots.Step(name, level, after, number(-amount), "lost"))
            level = after
    end = Money(micros=kept, currency=currency)
    steps.append(
        plots.Step("In accepted renditions", Decimal(0), end.amount, number(end), "making")
    )
    return plots.waterfall(
        "From the non-working budget to accepted renditions",
        f"{number(end)} of a budget of {number(line.budget)} is in accepted renditions.",
        steps,
    )


def _drift(report: Report) -> Decimal | None:
    """Return how many times the cost of a made rendition an accepted one costs."""
    if report.per_accepted is None or not report.per_produced:
        return None
    return Decimal(report.per_accepted.micros) / Decimal(report.per_produced.micros)


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
