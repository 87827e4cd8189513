"""The page for the CMO: many campaigns, many months, and each number one click from its proof.

Up to ``MOST_LINES`` lines of the ledger stand in the page itself, so that it is one file to mail.
With more they stand in small pages of their own, in a folder beside it. The page then is still one
whole file; only its links need the folder.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from cost_tracking.reports import charts, plots
from cost_tracking.reports.cohorts import Kept
from cost_tracking.reports.cost_lines import CostLine
from cost_tracking.reports.evidence import Bundle, Claim, Evidence, Figure, Piece, Proof, anchor_of
from cost_tracking.reports.figures import number
from cost_tracking.reports.overview import SETTLING
from cost_tracking.reports.overview_figures import BudgetRow, Cut, Overview
from cost_tracking.reports.page_frame import style, templates

MOST_LINES = 1500
"""With more lines than this, what proves the figures stands in pages of its own."""
TALL = 8
"""How many bars stand above each other before a chart gets a second column."""
_STYLES = ("report.css", "page.css", "overview.css")


class Pages(NamedTuple):
    """The page, and what stands beside it."""

    page: str
    beside: dict[str, str]
    """Pages by their path, beginning with the folder's name; empty when the page has it all."""


class Chart(NamedTuple):
    """A chart in one or more columns."""

    title: str
    columns: list[Markup]


def overview_pages(
    told: Overview,
    kept: Kept | None = None,
    folder: str = "entries",
    most_lines: int = MOST_LINES,
) -> Pages:
    """Return the page, with everything a person or a provider wrote escaped in it.

    Args:
        told: What the ledger sums to.
        kept: What accepted assets cost; None where nothing was ever accepted.
        folder: The name of the folder in which the pages beside it will stand.
        most_lines: How many lines of the ledger the page itself holds at the most.

    """
    trail = _Trail(told.evidence, folder if len(told.evidence.lines) > most_lines else "")
    worn = style(*_STYLES)
    page = (
        templates()
        .get_template("overview.html.j2")
        .render(
            told=told,
            scope=told.scope,
            kept=kept,
            trail=trail,
            style=worn.text,
            style_hash=worn.hash,
            split=_split(told),
            months=_months(told),
            making=_making(told),
            line=_kept_line(kept) if kept else "",
            drift=_drift_line(kept) if kept else "",
            fall=_fall(told, kept) if kept else "",
            mix=_mix(told),
            used=_used,
            bars=_bars,
            unnamed=_unnamed,
            settling=SETTLING.days,
        )
    )
    beside = {f"{trail.folder}/{name}": text for name, text in trail.pages(told)}
    return Pages(page, beside)


class _Trail:
    """Knows where the proof of each figure stands, and writes it there."""

    def __init__(self, evidence: Evidence, folder: str) -> None:
        self._evidence = evidence
        self.folder = folder
        self.proofs = evidence.proofs()
        self._group = {one.id: one.group for one in self.proofs}
        names = sorted({one.campaign for one in evidence.bundles})
        self._files = {name: f"entries-{place}.html" for place, name in enumerate(names, start=1)}

    @property
    def lines(self) -> int:
        """Return how many lines there are."""
        return len(self._evidence.lines)

    @property
    def groups(self) -> list[tuple[str, list[Proof]]]:
        """Return the proofs by the cut that they belong to."""
        found: dict[str, list[Proof]] = {}
        for one in self.proofs:
            found.setdefault(one.group, []).append(one)
        return list(found.items())

    @property
    def campaigns(self) -> list[tuple[str, list[Bundle]]]:
        """Return the bundles by their campaign."""
        found: dict[str, list[Bundle]] = {name: [] for name in self._files}
        for one in self._evidence.bundles:
            found[one.campaign].append(one)
        return list(found.items())

    def members(self, bundle: Bundle) -> list[tuple[str, CostLine]]:
        """Return a bundle's lines with their anchors."""
        lines = [self._evidence.lines[index] for index in bundle.lines]
        return [(anchor_of(one), one) for one in lines]

    def href(self, figure: Figure, *, inside: bool = False) -> str:
        """Return where a figure's proof stands, as seen from the page or from beside it."""
        if not self.folder:
            return f"#{figure.id}"
        place = f"{self._group[figure.id]}.html#{figure.id}"
        return place if inside else f"{self.folder}/{place}"

    def claim(self, claim: Claim) -> str:
        """Return where it stands how a figure was worked out, as seen from the page."""
        return f"{self.folder}/claim.html#{claim.id}" if self.folder else f"#{claim.id}"

    @property
    def claims(self) -> list[Claim]:
        """Return the figures that were worked out of sums."""
        return self._evidence.claims

    def piece(self, piece: Piece) -> str:
        """Return where a part of a figure stands, as seen from its proof."""
        if piece.pool:
            return self.href(piece.pool.figure, inside=True)
        if piece.bundle:
            campaign, anchor = piece.bundle.campaign, piece.bundle.id
        elif piece.line:
            campaign, anchor = piece.line.campaign, anchor_of(piece.line)
        return f"{self._files[campaign] if self.folder else ''}#{anchor}"

    def pages(self, told: Overview) -> Iterable[tuple[str, str]]:
        """Yield the pages beside the page by their names; none when it holds all."""
        if not self.folder:
            return
        for group, proofs in self.groups:
            yield f"{group}.html", self._page(told, f"Figures: {group}", proofs=proofs)
        if self.claims:
            title = "Figures that were worked out"
            yield "claim.html", self._page(told, title, claims=self.claims)
        for campaign, bundles in self.campaigns:
            title = f"Entries: {campaign or 'no campaign'}"
            yield self._files[campaign], self._page(told, title, bundles=bundles)

    def _page(
        self,
        told: Overview,
        title: str,
        *,
        proofs: Sequence[Proof] = (),
        claims: Sequence[Claim] = (),
        bundles: Sequence[Bundle] = (),
    ) -> str:
        worn = style(*_STYLES)
        return (
            templates()
            .get_template("trail.html.j2")
            .render(
                scope=told.scope,
                trail=self,
                style=worn.text,
                style_hash=worn.hash,
                title=title,
                proofs=proofs,
                claims=claims,
                bundles=bundles,
            )
        )


def _split(told: Overview) -> Markup:
    working, making = told.working.money, told.non_working.money
    return charts.split_bar(
        f"Working {number(working)}, non-working {number(making)}",
        [
            charts.Part("Working", Decimal(working.micros), "working"),
            charts.Part("Non-working", Decimal(making.micros), "making"),
        ],
        72,
    )


def _months(told: Overview) -> Markup:
    stacks = [
        plots.Stack(
            _label(one.key, told.months[0].key),
            (one.non_working.money.amount, one.working.money.amount),
        )
        for one in told.months
    ]
    return plots.stacked(
        "Working and non-working money by month",
        f"{len(stacks)} months; {number(told.working.money)} working and "
        f"{number(told.non_working.money)} non-working in all.",
        stacks,
        ("making", "working"),
        told.scope.currency,
    )


def _making(told: Overview) -> Markup:
    """Draw the non-working money alone, which is too thin to be compared beside the media."""
    dearest = max(told.months, key=lambda one: one.non_working.money.micros)
    return plots.stacked(
        "Non-working money by month",
        f"Most in {dearest.name}, {number(dearest.non_working.money)}.",
        [
            plots.Stack(_label(one.key, told.months[0].key), (one.non_working.money.amount,))
            for one in told.months
        ],
        ("making",),
        told.scope.currency,
    )


def _label(month: str, first: str) -> str:
    """Return a month's short name, with the year under the first and under each January."""
    name = f"{date.fromisoformat(f'{month}-01'):%b}"
    return f"{name}\n{month[:4]}" if month == first or month.endswith("-01") else name


def _kept_line(kept: Kept) -> Markup:
    rows = kept.months
    currency = kept.whole.cost.money.currency
    return plots.lines(
        "Cost of each accepted asset, and of each made one, by month of first acceptance",
        f"Over all months each accepted asset cost {number(kept.whole.per_accepted)} and each made "
        f"one {number(kept.whole.per_made)}.",
        [_label(one.key, rows[0].key) for one in rows],
        [
            plots.Curve(
                "For each made",
                tuple(one.per_made.amount if one.per_made else None for one in rows),
                "line-made",
            ),
            plots.Curve(
                "For each accepted",
                tuple(one.per_accepted.amount if one.per_accepted else None for one in rows),
                "line-kept",
                tuple(
                    (one.low.amount, one.high.amount)
                    if one.low and one.high and one.maturing
                    else None
                    for one in rows
                ),
            ),
        ],
        currency,
    )


def _drift_line(kept: Kept) -> Markup:
    rows = kept.months
    return plots.lines(
        "Drift: how many times the cost of a made asset an accepted one costs",
        f"Over all months {number(kept.whole.drift)}; 1 would be no loss at all.",
        [_label(one.key, rows[0].key) for one in rows],
        [plots.Curve("Drift", tuple(one.drift for one in rows), "line-drift")],
        "×",  # noqa: RUF001 - a multiplication sign is meant
    )


def _fall(told: Overview, kept: Kept) -> Markup:
    """Draw how the non-working money ends as what was kept at the first pass."""
    whole = told.non_working.money
    steps = [plots.Step("All non-working money", Decimal(0), whole.amount, number(whole), "making")]
    level = whole.amount
    for part in kept.parts[1:]:
        if not part.figure.money:
            continue
        after = level - part.figure.money.amount
        text = f"{number(-part.figure.money)}"
        steps.append(plots.Step(part.name, level, after, text, "lost"))
        level = after
    first = kept.parts[0]
    steps.append(plots.Step(first.name, Decimal(0), level, number(first.figure.money), "making"))
    return plots.waterfall(
        "From all non-working money to what was right the first time",
        f"{number(first.figure.money)} of {number(whole)} was right the first time.",
        steps,
    )


def _mix(told: Overview) -> Markup:
    rows = [
        (
            charts.Bar(one.name, one.actual or Decimal(0), f"{number(one.actual, places=1)} %"),
            one.planned,
        )
        for one in told.mix
        if one.planned is not None or one.actual
    ]
    return charts.plan_chart("Share of each channel, with a tick at the plan", rows, "working")


def _used(rows: Sequence[BudgetRow], side: str) -> Chart:
    """Draw what is used of each campaign's budget, with a tick where the budget ends."""
    own = sorted((one for one in rows if one.side == side), key=lambda one: -(one.used or 0))
    most = max([Decimal(100), *(one.used or Decimal(0) for one in own)])
    bars = [
        (
            charts.Bar(one.name, (one.used or Decimal(0)) / most * 100, f"{number(one.used)} %"),
            Decimal(100) / most * 100,
        )
        for one in own
    ]
    title = f"{side} budget used by campaign; the tick is all of it"
    tone = "working" if side == "Working" else "making"
    return Chart(title, [charts.plan_chart(title, bars, tone)] if bars else [])


def _bars(title: str, rows: Sequence[Cut], side: str) -> Chart:
    """Draw one side of a breakdown; what names no part would dwarf the others, and is told."""
    picked = [(row, getattr(row, side).money) for row in rows if row.key]
    bars = [
        charts.Bar(row.name, Decimal(money.micros), number(money, places=0))
        for row, money in sorted(picked, key=lambda one: -one[1].micros)
        if money.micros
    ]
    most = max((bar.value for bar in bars), default=Decimal(0))
    tone = "working" if side == "working" else "making"
    parts = charts.columns(bars, 1 + (len(bars) > TALL) + (len(bars) > 2 * TALL))
    return Chart(title, [charts.bar_chart(title, part, most, tone) for part in parts if part])


def _unnamed(rows: Sequence[Cut]) -> Cut | None:
    return next((row for row in rows if not row.key), None)
