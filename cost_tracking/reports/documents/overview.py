"""The report over all campaigns as tables: all that its page tells, and every line behind it."""

from collections.abc import Iterator, Sequence

from cost_tracking.money import Money
from cost_tracking.reports.cohorts import CohortRow, Kept
from cost_tracking.reports.figures import number
from cost_tracking.reports.forms.document import Bars, Column, Document, Mark, Row, Table
from cost_tracking.reports.overview import SETTLING
from cost_tracking.reports.overview_figures import Cut, Overview

SCHEMA = "kampanj.report.all/1"
_SIDES = (
    Column("working", "Working", "money"),
    Column("non_working", "Non-working", "money"),
)
_SHARE = Column("working_share", "Working share", "percent")


def overview_document(told: Overview, kept: Kept | None = None) -> Document:
    """Return the figures of all campaigns as tables.

    Args:
        told: What the ledger sums to.
        kept: What accepted assets cost; None where nothing was ever accepted.

    """
    scope = told.scope
    facts = [
        ("Covers", f"{scope.start.isoformat()} to {scope.end.isoformat()}"),
        ("Working or not", f"policy {told.policy}"),
        ("Months", "by the day that money belongs to, not the day it was recorded"),
    ]
    if kept:
        facts.append(("Accepted or not", kept.policy))
    said = [one if isinstance(one, str) else one.text for one in kept.sentence] if kept else []
    return Document(
        schema=SCHEMA,
        title=scope.title,
        lead="".join(said)
        or (
            f"{number(told.working.money)} put campaigns before people, and"
            f" {number(told.non_working.money)} made them."
        ),
        as_of=scope.as_of,
        mark=Mark(scope.head, scope.sealed),
        facts=tuple(facts),
        notes=(*scope.notes, *(kept.caveats if kept else ())),
        tables=(
            _summary(told, kept),
            *(_cuts(key, title, rows) for key, title, rows in _breakdowns(told)),
            _readings(told),
            *(_accepted(kept) if kept else ()),
            _budgets(told),
            _mix(told),
            _assets(told),
            _rework(told),
            _anomalies(told),
            _grounds(told),
            _restated(told),
            _entries(told),
        ),
    )


def _summary(told: Overview, kept: Kept | None) -> Table:
    rows: list[Row] = [
        ("Working money", told.working.money, told.working_share),
        ("Non-working money", told.non_working.money, None),
        ("Rework", told.rework.money, None),
        ("Spent in vain", told.waste.money, None),
        ("Off the planned channel mix, in points", None, told.distance),
    ]
    if kept:
        whole = kept.whole
        rows += [
            ("For each asset that stayed accepted", whole.per_accepted, None),
            ("For each asset made", whole.per_made, None),
            ("Did not stay", None, whole.pulled),
            ("Media behind a fault", kept.wasted.money if kept.wasted else None, None),
        ]
    return Table(
        "summary",
        "In short",
        (
            Column("figure", "Figure"),
            Column("amount", "Amount", "money"),
            Column("share", "Share", "percent"),
        ),
        rows,
    )


def _breakdowns(told: Overview) -> Iterator[tuple[str, str, Sequence[Cut]]]:
    yield "months", "By month", told.months
    yield "campaigns", "By campaign", told.campaigns
    yield "markets", "By market", told.markets
    yield "channels", "By channel", told.channels
    yield "placements", "By placement", told.placements
    yield "providers", "By provider", told.providers
    yield "cost_types", "By cost type", told.cost_types
    yield "contested", "What the policies argue about", told.contested


def _cuts(key: str, title: str, rows: Sequence[Cut]) -> Table:
    columns = (Column("name", "Name"), Column("code", "Code"), *_SIDES, _SHARE)
    return Table(
        key,
        title,
        columns,
        [
            (one.name, one.key, one.working.money, one.non_working.money, one.working_share)
            for one in rows
        ],
        drawn=(
            Bars(f"Non-working money {title.lower()}", _bars(rows, "non_working", key)),
            Bars(f"Working money {title.lower()}", _bars(rows, "working", key), working=True),
        ),
    )


def _bars(rows: Sequence[Cut], side: str, key: str) -> list[tuple[str, Money]]:
    """Return the bars of a side, the dearest first; months stand in their order.

    What names no part would dwarf the others, and is in the table.
    """
    bars: list[tuple[str, Money]] = [
        (one.name, getattr(one, side).money) for one in rows if one.key
    ]
    return bars if key == "months" else sorted(bars, key=lambda one: -one[1].micros)


def _readings(told: Overview) -> Table:
    columns = (
        Column("name", "Reading"),
        Column("policy", "Policy"),
        *_SIDES,
        Column("excluded", "Neither", "money"),
        _SHARE,
    )
    return Table(
        "readings",
        "Three readings of the same money",
        columns,
        [
            (
                one.name,
                one.policy,
                one.working.money,
                one.non_working.money,
                one.excluded.money,
                one.working_share,
            )
            for one in told.readings
        ],
        "Nobody publishes one definition of working money.",
    )


def _accepted(kept: Kept) -> Iterator[Table]:
    cuts = (("all", (kept.whole,)), ("month", kept.months), *kept.cuts)
    yield Table(
        "accepted",
        "What an accepted asset costs",
        (
            Column("name", "Of"),
            Column("by", "Cut by"),
            Column("per_accepted", "For each accepted", "money"),
            Column("per_made", "For each made", "money"),
            Column("drift", "Drift", "factor"),
            Column("stayed", "Stayed", "count"),
            Column("failed", "Failed", "count"),
            Column("maturing", "Maturing", "count"),
            Column("made", "Made", "count"),
            Column("did_not_stay", "Did not stay", "percent"),
            Column("cost", "Cost", "money"),
            Column("least", "At least", "money"),
            Column("most", "At most", "money"),
            Column("few", "Few"),
            Column("code", "Code"),
        ),
        [_cohort(by, one) for by, rows in cuts for one in rows],
        "Every cut tells the same money; scrap and rework are in it.",
        (
            Bars(
                "For each accepted, by month of first acceptance",
                [(one.name, one.per_accepted) for one in kept.months],
            ),
        ),
    )
    yield Table(
        "parts",
        "Scrap and rework: where the non-working money went",
        (
            Column("name", "Part"),
            Column("non_working", "Non-working", "money"),
            Column("told", "What it is"),
        ),
        [(one.name, one.figure.money, one.told) for one in kept.parts],
        drawn=(Bars("Non-working money", [(one.name, one.figure.money) for one in kept.parts]),),
    )
    yield Table(
        "reasons",
        "Why assets did not stay, or ended",
        (
            Column("name", "Reason"),
            Column("code", "Code"),
            Column("counts", "Counts"),
            Column("assets", "Assets", "count"),
        ),
        [
            (one.name, one.code, "against it" if one.counts else "not against it", one.assets)
            for one in kept.reasons
        ],
    )
    yield Table(
        "savings",
        "What was saved, in three numbers that nobody may add",
        (
            Column("name", "Saving"),
            Column("claimed", "Claimed"),
            Column("how", "How it was worked out"),
            Column("told", "Terms"),
        ),
        [
            (
                one.name,
                one.claim.text if one.claim else "not claimed",
                one.claim.sum if one.claim else "",
                one.told,
            )
            for one in kept.claims
        ],
    )


def _cohort(by: str, one: CohortRow) -> Row:
    return (
        one.name,
        by,
        one.per_accepted,
        one.per_made,
        one.drift,
        one.stayed,
        one.failed,
        one.maturing,
        one.made,
        one.pulled,
        one.cost.money,
        one.low,
        one.high,
        "few" if one.few else "",
        one.key,
    )


def _budgets(told: Overview) -> Table:
    return Table(
        "budgets",
        "Budget, actual and committed",
        (
            Column("name", "Campaign"),
            Column("campaign", "Id"),
            Column("side", "Side"),
            Column("budget", "Budget", "money"),
            Column("actual", "Actual", "money"),
            Column("committed", "Committed", "money"),
            Column("left", "Left", "money"),
            Column("used", "Used", "percent"),
        ),
        [
            (
                one.name,
                one.campaign,
                one.side,
                one.limit,
                one.actual.money,
                one.committed,
                one.left,
                one.used,
            )
            for one in told.budgets
        ],
        "Committed money is set aside for requests that are out.",
    )


def _mix(told: Overview) -> Table:
    return Table(
        "mix",
        "Channel mix against the plan",
        (
            Column("name", "Channel"),
            Column("code", "Code"),
            Column("spent", "Spent", "money"),
            Column("actual_share", "Actual", "percent"),
            Column("planned_share", "Plan", "percent"),
            Column("off_points", "Off", "points"),
        ),
        [
            (one.name, one.key, one.spent.money, one.actual, one.planned, one.off)
            for one in told.mix
        ],
    )


def _assets(told: Overview) -> Table:
    """Return what was spent on each asset alone, the dearest first; all of them."""
    sums: dict[tuple[str, str], tuple[dict[str, int], int]] = {}
    lines = told.evidence.lines
    for side, members in (("working", told.showing), ("non_working", told.making)):
        for index, micros in members.items():
            one = lines[index]
            if one.asset:
                both, _ = sums.setdefault((one.campaign, one.asset), ({}, index))
                both[side] = both.get(side, 0) + micros
    rows: list[Row] = []
    for (campaign, slot), (both, index) in sorted(
        sums.items(), key=lambda one: (-sum(one[1][0].values()), one[0])
    ):
        first = lines[index]
        amounts = [
            Money(micros=both.get(side, 0), currency=told.scope.currency)
            for side in ("working", "non_working")
        ]
        rows.append((slot, campaign, first.market, first.placement, *amounts))
    return Table(
        "assets",
        "By asset",
        (
            Column("asset", "Asset"),
            Column("campaign", "Campaign"),
            Column("market", "Market"),
            Column("placement", "Placement"),
            *_SIDES,
        ),
        rows,
        "What several assets share is not in these rows.",
    )


def _rework(told: Overview) -> Table:
    cuts = (("provider", told.rework_by_provider), ("market", told.rework_by_market))
    return Table(
        "rework",
        "Rework by provider and by market",
        (
            Column("name", "Of"),
            Column("by", "Cut by"),
            Column("non_working", "Rework", "money"),
        ),
        [(one.name, by, one.non_working.money) for by, rows in cuts for one in rows],
        "Both cuts tell the same money.",
    )


def _anomalies(told: Overview) -> Table:
    return Table(
        "anomalies",
        "Anomalies",
        (
            Column("said", "What"),
            Column("rule", "Rule"),
            Column("sure", "Sure"),
            Column("amount", "Amount", "money"),
            Column("usual", "Usual", "money"),
        ),
        [
            (one.said, one.rule, "rule" if one.certain else "hint", one.figure.money, one.usual)
            for one in told.anomalies
        ],
        "What broke a rule, and then what is merely unusual: a hint accuses nobody.",
    )


def _grounds(told: Overview) -> Table:
    return Table(
        "reconciliation",
        "Reconciliation: what the figures rest on",
        (
            Column("name", "Ground"),
            Column("amount", "Amount", "money"),
            Column("share", "Share", "percent"),
            Column("told", "What it is"),
        ),
        [(one.name, one.figure.money, one.percent, one.told) for one in told.grounds],
    )


def _restated(told: Overview) -> Table:
    return Table(
        "restated",
        "What was restated",
        (
            Column("month", "Month"),
            Column("first", "As first known", "money"),
            Column("late", "Came late", "money"),
            Column("known", "As known now", "money"),
        ),
        [(one.month, one.first.money, one.late.money, one.now.money) for one in told.restated],
        f"Recorded more than {SETTLING.days} days after its month had ended.",
    )


def _entries(told: Overview) -> Table:
    currency = told.scope.currency

    def rows() -> Iterator[Row]:
        for index, one in enumerate(told.evidence.lines):
            yield (
                one.key,
                one.seq,
                one.number,
                one.kind,
                one.status,
                one.on,
                one.recorded_at,
                one.source,
                one.document,
                one.reverses,
                one.cost_type,
                one.campaign,
                one.asset,
                one.market,
                one.placement,
                one.channel,
                one.provider,
                one.stage,
                "yes" if one.rework else "",
                "yes" if one.waste else "",
                one.attribution,
                Money(micros=told.showing.get(index, 0), currency=currency),
                Money(micros=told.making.get(index, 0), currency=currency),
                Money(micros=one.original, currency=one.currency),
                one.rate,
            )

    return Table("entries", "Every line of the ledger", _LINE, list(rows()), bulk=True)


_LINE = (
    Column("entry", "Entry"),
    Column("seq", "Number", "count"),
    Column("line", "Line", "count"),
    Column("kind", "Kind"),
    Column("status", "Status"),
    Column("effective_on", "Belongs to", "date"),
    Column("recorded_at", "Recorded"),
    Column("source", "Source"),
    Column("document", "Document"),
    Column("reverses", "Takes back", "count"),
    Column("cost_type", "Cost type"),
    Column("campaign", "Campaign"),
    Column("asset", "Asset"),
    Column("market", "Market"),
    Column("placement", "Placement"),
    Column("channel", "Channel"),
    Column("provider", "Paid to"),
    Column("stage", "Stage"),
    Column("rework", "Rework"),
    Column("waste", "In vain"),
    Column("attribution", "Attribution"),
    *_SIDES,
    Column("original", "As billed", "money", currency="original_currency"),
    Column("rate", "Converted by"),
)
