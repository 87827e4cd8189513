"""The spend report as files: JSON for machines, CSV for a sheet, Markdown for a pull request."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report, Row
from cost_tracking.reports.figures import number

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
)
"""The columns of the CSV. Those of money hold plain decimals in major units."""
_TEXT = frozenset({"section", "key", "name", "currency", "reference"})
# OWASP ASVS 1.2.10, with the full-width forms that a sheet folds into the same signs.
_FORMULA = re.compile(r"[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~&])")
_LINE_BREAKS = re.compile(r"[\r\n\t\v\f\x85\u2028\u2029]+")
_TOP = 12


def report_rows(report: Report) -> Iterator[dict[str, str]]:
    """Yield every figure of the report as a flat row, amounts as exact decimal text.

    The sections are ``total``, ``budget``, ``left``, ``reading``, ``market``, ``placement``,
    ``provider``, ``stage``, ``cost_type``, ``asset``, ``unallocated`` and ``entry``. Each of the
    cuts sums to ``total``, so a sheet must not sum over sections.
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
        yield _row(
            report,
            "entry",
            key=entry.asset or "",
            name=f"{entry.stage}, {entry.provider}, {entry.cost_type}",
            reference=entry.reference,
            **{entry.spend: entry.amount},
        )


def as_csv(report: Report) -> str:
    """Return the rows as CSV that a sheet opens without running anything in it.

    A text that a sheet would read as a formula gets an apostrophe in front. Amounts are left as
    numbers: ``-12.50`` is a figure.
    """
    out = io.StringIO()
    sheet = csv.DictWriter(out, FIELDS, lineterminator="\n")
    sheet.writeheader()
    for row in report_rows(report):
        safe = {name: _inert(text) if name in _TEXT else text for name, text in row.items()}
        sheet.writerow(safe)
    return out.getvalue()


def as_json(report: Report) -> str:
    """Return the whole report as JSON; an amount is ``{"amount": "1.50", "currency": "EUR"}``."""
    return json.dumps(_plain(report), ensure_ascii=False, indent=1) + "\n"


def as_markdown(report: Report) -> str:
    """Return a page for a pull request or a run's summary, far below their 65,536 letters.

    The longest breakdown is cut after its dearest rows, and says how many it left out.
    """
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
            f" Spent in vain: {number(report.waste)}. {_saving(report)}"
        ),
        "",
        *(f"> {_words(note)}\n" for note in report.notes),
        *_table("Market", report.markets),
        *_table("Provider", report.providers),
        *_readings(report),
        f"Classed by {_words(campaign.policy)}, as of {campaign.as_of.isoformat()}.",
    ]
    return "\n".join(lines) + "\n"


def _table(title: str, rows: tuple[Row, ...]) -> list[str]:
    rest = len(rows) - _TOP
    return [
        f"| {title} | non-working | working | for each accepted |",
        "|---|--:|--:|--:|",
        *(
            f"| {_words(one.name)} | {number(one.non_working)} | {number(one.working)}"
            f" | {number(one.per_accepted)} |"
            for one in rows[:_TOP]
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


def _inert(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _words(text: str) -> str:
    """Return a text that Markdown shows and does not obey: no markup, table cell or mention."""
    plain = _MARKUP.sub(r"\\\1", _LINE_BREAKS.sub(" ", text))
    return plain.replace("@", "@\N{ZERO WIDTH SPACE}").replace("://", ":\N{ZERO WIDTH SPACE}//")


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return {"amount": f"{value.amount:f}", "currency": value.currency}
    if isinstance(value, BaseModel):
        return {name: _plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
