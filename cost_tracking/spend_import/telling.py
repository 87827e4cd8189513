"""Tells what an import did, or would do."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from cost_tracking.money import Money
from cost_tracking.spend_import.changes import Plan
from cost_tracking.spend_import.imported import Imported, Missing, Share
from cost_tracking.spend_import.shares import by_campaign
from cost_tracking.spend_import.spend_row import Export


def outcome(
    export: Export,
    plan: Plan,
    file_seq: int | None,
    uncounted: Mapping[str, set[str]],
    *,
    window: bool,
) -> Imported:
    """Return what one file held, and what it changed.

    Args:
        export: The file.
        plan: What it changes.
        file_seq: The number of the import; None where nothing was written.
        uncounted: Campaigns whose budget could not count all of it, with the rates that lack.
        window: Whether it told all of its days.

    """
    restated = plan.restated()
    told: dict[tuple[str, str], int] = Counter()
    campaigns: dict[tuple[str, str], int] = Counter()
    unmatched: dict[tuple[str, str, str], int] = Counter()
    for row, match in plan.matches:
        currency, micros = row.money.currency, row.money.micros
        told[match.attribution, currency] += micros
        for campaign, part in by_campaign(row, match).items():
            campaigns[campaign, currency] += part
        if not match.assets:
            unmatched[row.label, match.campaign or "", currency] += micros
    days = [row.day for row in export.rows]
    return Imported(
        file=str(export.path),
        sha256=export.sha256,
        file_seq=file_seq,
        platform=export.platform.name,
        accounts=tuple(sorted({row.account for row in export.rows})),
        first_day=min(days),
        last_day=max(days),
        time_zones=tuple(sorted({row.time_zone for row in export.rows})),
        rows=len(export.rows),
        new=len(plan.changes) - len(restated),
        restated=len(restated),
        unchanged=plan.unchanged,
        free=sum(not row.money for row in export.rows),
        reversed=len(plan.missing) if window else 0,
        change=tuple(_changed(plan, window=window)),
        spent=tuple(_shares_of(told)),
        campaigns=tuple(
            Share(name=name, money=Money(micros=micros, currency=currency))
            for (name, currency), micros in sorted(campaigns.items())
        ),
        unmatched=tuple(
            Share(name=label, money=Money(micros=micros, currency=currency), campaign=campaign)
            for (label, campaign, currency), micros in sorted(
                unmatched.items(), key=lambda one: (-one[1], one[0])
            )
        ),
        missing=tuple(
            Missing(
                account=one.key[0],
                day=date.fromisoformat(one.key[1]),
                ad_id=one.key[2],
                breakdown=one.key[3],
                label=one.label,
                money=one.money,
            )
            for one in plan.missing
        ),
        uncounted={name: tuple(sorted(told)) for name, told in sorted(uncounted.items())},
        totals_checked=export.totals,
        skipped=export.skipped,
        window=window,
        dry_run=file_seq is None,
    )


def _changed(plan: Plan, *, window: bool) -> Iterable[Money]:
    """Yield by how much the ledger's media changes, in each currency."""
    total: Counter[str] = Counter()
    for one in plan.changes:
        total[one.row.money.currency] += one.row.money.micros
        if one.before and not one.before.gone:
            total[one.before.money.currency] -= one.before.money.micros
    for gone in plan.missing if window else ():
        total[gone.money.currency] -= gone.money.micros
    for currency in sorted(total):
        yield Money(micros=total[currency], currency=currency)


def _shares_of(told: Mapping[tuple[str, str], int]) -> Iterable[Share]:
    for (attribution, currency), micros in sorted(told.items()):
        yield Share(name=attribution, money=Money(micros=micros, currency=currency))
