"""The spend report as a workbook (XLSX), in eight sheets."""

from collections.abc import Sequence
from decimal import Decimal

from cost_tracking.money import Money
from cost_tracking.reports.asset_costs import AssetCost
from cost_tracking.reports.campaign_report import Report, Row
from cost_tracking.reports.facts import Spent
from cost_tracking.reports.forms.sheets import Cell, Column, Sheet, workbook
from cost_tracking.reports.seal_words import sealed_words


def as_workbook(report: Report) -> bytes:
    """Return the report as XLSX, as ``forms.sheets.workbook`` writes it."""
    told = report.campaign
    return workbook(f"{told.title}: spend", told.as_of, _sheets(report))


def _sheets(report: Report) -> tuple[Sheet, ...]:
    currency = report.campaign.budget.currency
    return (
        Sheet("Summary", _SUMMARY, _summary(report)),
        _cut("Markets", "Market", report.markets, currency),
        _cut("Placements", "Placement", report.placements, currency),
        _cut("Providers", "Provider", report.providers, currency),
        _cut("Cost types", "Cost type", report.cost_types, currency),
        Sheet("Assets", _assets(currency), (_asset(one) for one in report.assets)),
        Sheet("Entries", _ENTRIES, (_entry(one) for one in report.entries)),
        Sheet("Policy", _POLICY, _policy(report)),
    )


_SUMMARY = (
    Column("Figure", "text", 44),
    Column("Amount", "money"),
    Column("Currency", "text", 10),
    Column("Number", "count"),
    Column("Share", "percent"),
    Column("Note", "text", 70),
)


def _summary(report: Report) -> list[Sequence[Cell]]:
    told = report.campaign
    rows: list[Sequence[Cell]] = [
        _line("Campaign", note=f"{told.title} ({told.name}), run {told.run}"),
        _line("As of", note=f"{told.as_of:%Y-%m-%d %H:%M} UTC, entry {told.up_to} of the ledger"),
        _line("Sealed", note=sealed_words(told.up_to, told.sealed)),
        _line("Working money", report.working, share=report.working_share),
        _line("Non-working money", report.non_working),
        _line("Spent in vain", report.waste, note="Refused, failed or lost; in non-working money"),
        _line("Rework", report.rework, note="Made again after a rejection; in non-working money"),
        _line("Borne by no rendition", report.unallocated),
    ]
    for one in report.budgets:
        rows.append(_line(f"{one.name} budget", one.budget, share=one.used, note="Share: spent"))
        rows.append(_line(f"{one.name} budget, left", one.left))
    rows += [
        _line("Renditions made", count=report.produced),
        _line("Accepted", count=report.accepted),
        _line("Rejected", count=report.rejected),
        _line("Waiting", count=report.waiting),
        _line("Delivered", count=report.delivered),
        _line("For each accepted rendition", report.per_accepted),
        _line("For each rendition made", report.per_produced),
    ]
    rows += [
        _line(
            f"Channel: {one.name}",
            one.spent,
            share=one.actual,
            note="" if one.planned is None else f"Planned: {one.planned:f} %",
        )
        for one in report.channels
    ]
    return rows + [_line("Note", note=note) for note in report.notes]


def _line(
    name: str,
    amount: Money | None = None,
    *,
    count: int | None = None,
    share: Decimal | None = None,
    note: str = "",
) -> Sequence[Cell]:
    part = None if share is None else share / 100
    return name, amount, amount.currency if amount else "", count, part, note


def _cut(name: str, heading: str, rows: Sequence[Row], currency: str) -> Sheet:
    columns = (
        Column(heading, "text", 30),
        Column("Code", "text", 22),
        Column(f"Non-working, {currency}", "money"),
        Column(f"Working, {currency}", "money"),
        Column("Made", "count"),
        Column("Accepted", "count"),
        Column(f"For each accepted, {currency}", "money"),
    )
    return Sheet(
        name,
        columns,
        [
            (
                one.name,
                one.key,
                one.non_working,
                one.working,
                one.produced,
                one.accepted,
                one.per_accepted,
            )
            for one in rows
        ],
    )


def _assets(currency: str) -> tuple[Column, ...]:
    return (
        Column("Rendition", "text", 52),
        Column("Market", "text", 9),
        Column("Locale", "text", 10),
        Column("Placement", "text", 24),
        Column("Concept", "text", 9),
        Column("Decision", "text", 10),
        Column(f"Direct, {currency}", "money"),
        Column(f"Shared, {currency}", "money"),
        Column(f"Cost, {currency}", "money"),
    )


def _asset(one: AssetCost) -> Sequence[Cell]:
    made = one.made
    decision = {True: "accepted", False: "rejected", None: "waiting"}[made.accepted]
    place = (made.slot, made.market, made.locale, made.placement, made.concept, decision)
    return *place, one.direct, one.allocated, one.total


_ENTRIES = (
    Column("Entry", "count"),
    Column("Line", "count", 6),
    Column("Key", "text", 40),
    Column("Kind", "text", 11),
    Column("Status", "text", 10),
    Column("Effective on", "date"),
    Column("Recorded", "text", 21),
    Column("Cost type", "text", 20),
    Column("Side", "text", 13),
    Column("Amount", "money"),
    Column("Currency", "text", 9),
    Column("As billed", "money"),
    Column("Billed in", "text", 9),
    Column("Provider", "text", 16),
    Column("Stage", "text", 12),
    Column("Asset", "text", 44),
    Column("Market", "text", 9),
    Column("Placement", "text", 24),
    Column("Channel", "text", 14),
    Column("In vain", "text", 8),
    Column("Proof", "text", 36),
    Column("Document", "text", 36),
    Column("Posted by", "text", 24),
    Column("Takes back", "text", 30),
)


def _entry(one: Spent) -> Sequence[Cell]:
    posted = one.posted
    where: Sequence[Cell] = (
        (
            posted.seq,
            posted.line,
            posted.key,
            posted.kind,
            posted.status,
            posted.effective_on,
            f"{posted.recorded_at:%Y-%m-%d %H:%M:%S}",
        )
        if posted
        else (None, None, one.id, "", one.basis, None, "")
    )
    return (
        *where,
        one.cost_type,
        one.spend.replace("_", "-"),
        one.amount,
        one.amount.currency,
        one.original,
        one.original.currency,
        one.provider,
        one.stage,
        one.asset,
        one.market,
        one.placement,
        one.channel,
        "yes" if one.waste else "",
        one.reference,
        posted.document if posted else "",
        posted.actor if posted else "",
        posted.reverses if posted else "",
    )


_POLICY = (
    Column("Policy", "text", 24),
    Column("Working", "money"),
    Column("Non-working", "money"),
    Column("Excluded", "money"),
    Column("Contested", "money"),
    Column("Currency", "text", 10),
    Column("Working share", "percent", 14),
    Column("Note", "text", 60),
)


def _policy(report: Report) -> list[Sequence[Cell]]:
    told = report.campaign
    rows: list[Sequence[Cell]] = [
        (
            one.policy,
            one.working,
            one.non_working,
            one.excluded,
            one.contested,
            one.working.currency,
            None if one.working_share is None else one.working_share / 100,
            "This report" if one.policy == told.policy else "",
        )
        for one in told.readings
    ]
    rules = {"in force": told.policy, **told.policies, "contested": ", ".join(told.contested)}
    return rows + [(name, None, None, None, None, "", None, said) for name, said in rules.items()]
