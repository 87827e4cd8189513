"""The spend report as files: JSON for machines, CSV for a sheet, Markdown for a pull request."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report, Row
from cost_tracking.reports.facts import Spent
from cost_tracking.reports.figures import number
from cost_tracking.reports.inert import inert, words
from cost_tracking.reports.seal_words import sealed_words

MONEY = ("non_working", "working", "per_accepted", "direct", "allocated", "original")
"""The columns of money: plain decimals in major units; ``original`` is in its own currency."""
WHOLE = ("produced", "accepted", "seq", "line")
"""The columns of whole numbers."""
FIELDS = (
    "section",
    "key",
    "name",
    "non_working",
    "working",
    "currency",
    "produced",
    "accepted",
    "per_accepted",
    "direct",
    "allocated",
    "reference",
    "market",
    "locale",
    "placement",
    "channel",
    "provider",
    "stage",
    "cost_type",
    "original",
    "original_currency",
    "basis",
    "waste",
    "seq",
    "line",
    "entry",
    "kind",
    "status",
    "effective_on",
    "recorded_at",
    "source",
    "document",
    "actor",
)
"""The columns of the flat file. Those from ``market`` on are filled for entries only."""
COMMENT = 65_536
"""The most letters that a comment on GitHub holds."""
SUMMARY = 1_048_576
"""The most bytes that one step's summary on GitHub holds."""
SCHEMA = "kampanj.report/1"
"""Of the JSON. Fields may be added under it; one that is removed or changed makes the next."""
_TOP = 12
_WORDS = 300


def report_rows(report: Report) -> Iterator[dict[str, str]]:
    """Yield every figure of the report as a flat row, amounts as exact decimal text.

    The sections are ``total``, ``budget``, ``left``, ``reading``, ``market``, ``placement``,
    ``provider``, ``stage``, ``cost_type``, ``asset``, ``unallocated`` and ``entry``. Each of the
    cuts sums to ``total``, so a sheet must not sum over sections. The ``reference`` of ``total`` is
    the head of the books, ``NUMBER:SHA256``, and that of an ``entry`` its proof.
    """
    yield _row(
        report,
        "total",
        name=report.campaign.title,
        key=report.campaign.name,
        non_working=report.non_working,
        working=report.working,
        produced=report.produced,
        accepted=report.accepted,
        per_accepted=report.per_accepted,
        reference=str(report.campaign.sealed) if report.campaign.sealed else None,
    )
    working, making = report.budgets
    yield _row(report, "budget", non_working=making.budget, working=working.budget)
    yield _row(report, "left", non_working=making.left, working=working.left)
    for told in report.campaign.readings:
        yield _row(
            report,
            "reading",
            key=told.policy,
            non_working=told.non_working,
            working=told.working,
        )
    cuts = (
        ("market", report.markets),
        ("placement", report.placements),
        ("provider", report.providers),
        ("stage", report.stages),
        ("cost_type", report.cost_types),
    )
    for section, rows in cuts:
        for one in rows:
            yield _row(report, section, **_cut(one))
    for asset in report.assets:
        yield _row(
            report,
            "asset",
            key=asset.made.slot,
            name=asset.made.concept,
            non_working=asset.total,
            accepted=int(asset.made.accepted is True),
            produced=1,
            direct=asset.direct,
            allocated=asset.allocated,
        )
    yield _row(report, "unallocated", non_working=report.unallocated)
    for entry in report.entries:
        yield _row(report, "entry", **_entry(entry))


def as_csv(report: Report, *, machine: bool = False) -> str:
    """Return the rows as CSV that a sheet opens without running anything in it.

    A text that a sheet would read as a formula gets an apostrophe in front. Amounts are left as
    numbers: ``-12.50`` is a figure.

    Args:
        report: To be written.
        machine: Leave every text as it is, for a program that must not find apostrophes.

    """
    out = io.StringIO()
    sheet = csv.DictWriter(out, FIELDS, lineterminator="\n")
    sheet.writeheader()
    for row in report_rows(report):
        sheet.writerow(row if machine else {name: _safe(name, row[name]) for name in row})
    return out.getvalue()


def as_json(report: Report) -> str:
    """Return the whole report as JSON; an amount is ``{"amount": "1.50", "currency": "EUR"}``."""
    return json.dumps({"schema": SCHEMA, **plain(report)}, ensure_ascii=False, indent=1) + "\n"


def as_markdown(report: Report, most: int = COMMENT, top: int | None = None) -> str:
    """Return a page for a pull request or a run's summary.

    A long breakdown is cut after its dearest rows, and says how many it left out. Where that is
    still too much, fewer rows are shown.

    Args:
        report: To be written.
        most: The most bytes that it may take: ``COMMENT`` or ``SUMMARY``.
        top: How many rows of a breakdown to show; if it is not said, 12 in a comment and 500 in a
            summary.

    """
    rows = top or (_TOP if most <= COMMENT else 500)
    text = _markdown(report, rows)
    while len(text.encode()) > most and rows > 1:
        rows //= 2
        text = _markdown(report, rows)
    return text


def _markdown(report: Report, top: int) -> str:
    campaign = report.campaign
    lines = [
        f"## {_words(campaign.title)}: spend",
        "",
        (
            f"**{number(report.per_accepted)}** for each of {number(report.accepted)} accepted"
            f" renditions; {number(report.produced)} were made."
        ),
        "",
        "| | actual | budget | left |",
        "|---|--:|--:|--:|",
        *(
            f"| {one.name} | {number(one.actual)} | {number(one.budget)} | {number(one.left)} |"
            for one in report.budgets
        ),
        "",
        (
            f"Images bought for each rendition: {number(report.images_per_rendition, places=4)}."
            f" Spent in vain: {number(report.waste)}; on rework: {number(report.rework)}."
            f" {_saving(report)}"
        ),
        "",
        *(f"> {_words(note)}\n" for note in report.notes),
        *_table("Market", report.markets, top),
        *_table("Provider", report.providers, top),
        *_readings(report),
        (
            f"Classed by {_words(campaign.policy)}, as of {campaign.as_of.isoformat()}."
            f" {sealed_words(campaign.up_to, campaign.sealed)}."
        ),
    ]
    return "\n".join(lines) + "\n"


def _table(title: str, rows: tuple[Row, ...], top: int) -> list[str]:
    rest = len(rows) - top
    return [
        f"| {title} | non-working | working | for each accepted |",
        "|---|--:|--:|--:|",
        *(
            f"| {_words(one.name)} | {number(one.non_working)} | {number(one.working)}"
            f" | {number(one.per_accepted)} |"
            for one in rows[:top]
        ),
        *([f"| and {number(rest)} more | | | |"] if rest > 0 else []),
        "",
    ]


def _readings(report: Report) -> list[str]:
    if not report.campaign.readings:
        return []
    return [
        "| Read by | working | non-working | working share | contested |",
        "|---|--:|--:|--:|--:|",
        *(
            f"| {_words(one.policy)} | {number(one.working)} | {number(one.non_working)}"
            f" | {number(one.working_share, places=1, unit='%')} | {number(one.contested)} |"
            for one in report.campaign.readings
        ),
        "",
    ]


def _saving(report: Report) -> str:
    told = report.saving
    if told.not_claimed:
        return f"Saving: not claimed: {_words(told.not_claimed)}."
    return (
        f"Avoided against the baseline: {number(told.avoided)} of {number(told.baseline)}"
        f" ({number(told.rate, places=1, unit='%')}; {_words(told.scope)}; {_words(told.source)})."
    )


def _cut(row: Row) -> dict[str, Money | int | str | None]:
    return {
        "key": row.key,
        "name": row.name,
        "non_working": row.non_working,
        "working": row.working,
        "produced": row.produced,
        "accepted": row.accepted,
        "per_accepted": row.per_accepted,
    }


def _row(report: Report, section: str, **figures: Money | int | str | None) -> dict[str, str]:
    row = dict.fromkeys(FIELDS, "") | {
        "section": section,
        "currency": report.campaign.budget.currency,
    }
    for name, value in figures.items():
        exact = f"{value.amount:f}" if isinstance(value, Money) else value
        row[name] = "" if exact is None else str(exact)
    return row


def _entry(one: Spent) -> dict[str, Money | int | str | None]:
    posted = one.posted
    return {
        "key": one.asset or "",
        "name": f"{one.stage}, {one.provider}, {one.cost_type}",
        one.spend: one.amount,
        "reference": one.reference,
        "market": one.market,
        "locale": one.locale,
        "placement": one.placement,
        "channel": one.channel,
        "provider": one.provider,
        "stage": one.stage,
        "cost_type": one.cost_type,
        "original": one.original,
        "original_currency": one.original.currency,
        "basis": one.basis,
        "waste": "yes" if one.waste else "no",
        "seq": posted.seq if posted else None,
        "line": posted.line if posted else None,
        "entry": posted.key if posted else None,
        "kind": posted.kind if posted else None,
        "status": posted.status if posted else None,
        "effective_on": str(posted.effective_on) if posted else None,
        "recorded_at": stamp(posted.recorded_at) if posted else None,
        "source": posted.source if posted else None,
        "document": posted.document if posted else None,
        "actor": posted.actor if posted else None,
    }


def _safe(name: str, text: str) -> str:
    return text if name in MONEY or name in WHOLE else inert(text)


def _words(text: str) -> str:
    return words(text if len(text) <= _WORDS else f"{text[:_WORDS]} …")


def plain(value: object) -> Any:
    """Return a value as JSON has it: amounts and decimals as exact text."""
    match value:
        case Money():
            told: Any = {"amount": f"{value.amount:f}", "currency": value.currency}
        case BaseModel():
            told = {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case Mapping():
            told = {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            told = [plain(one) for one in value]
        case None | bool() | int():
            told = value
        case datetime():
            told = stamp(value)
        case Decimal():
            told = f"{value:f}"
        case _:
            told = str(value)
    return told
