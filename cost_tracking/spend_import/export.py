"""A platform's export as values: every row is read, or none is used and each fault is told."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cost_tracking.spend_import.amounts import UnclearMark, decimal_mark
from cost_tracking.spend_import.cells import Cells
from cost_tracking.spend_import.currencies import CURRENCIES
from cost_tracking.spend_import.days import DayForm, UnclearDays, settled
from cost_tracking.spend_import.faults import Faults, shown
from cost_tracking.spend_import.headings import Columns, Headings
from cost_tracking.spend_import.mapping_file import time_zone
from cost_tracking.spend_import.platform import Platform
from cost_tracking.spend_import.sheet import Record, read_sheet
from cost_tracking.spend_import.spend_row import Export, Said, SpendRow
from cost_tracking.spend_import.totals import Totals


def read_export(path: Path, platform: Platform, said: Said, now: datetime) -> Export:
    """Read an export.

    Args:
        path: A CSV or TSV file; see ``sheet`` for its bounds.
        platform: Describes it.
        said: What the file does not say itself.
        now: No day may lie after it.

    Raises:
        InvalidInput: Some of it cannot be read, or does not agree with itself; every fault is
            named, up to ``faults.SHOWN`` of them.

    """
    faults = Faults(path)
    _check_said(said, faults)
    faults.raise_any()
    headings = Headings(platform, said, faults)
    sheet = read_sheet(faults, headings.score, headings.absent)
    if sheet is None:
        faults.raise_any()
        raise AssertionError("a sheet without headings is a fault")
    columns = headings.columns(sheet.heading)
    faults.raise_any()
    totals = Totals(platform, columns, faults)
    records = totals.rows(sheet.records)
    if not records and not faults:
        mend = "Export days on which something ran"
        faults.add(sheet.heading.line, "", "it has headings and no row", mend)
    forms = _days_form(records, columns, platform, said, faults)
    mark = _mark(records, columns, said, faults)
    if forms is None or mark is None:
        faults.raise_any()
        raise AssertionError("a column that cannot be read is a fault")
    cells = Cells(platform, said, columns, faults, now)
    cells.settle(records, forms, mark)
    rows = tuple(row for one in records if (row := cells.row(one)))
    _check_accounts(rows, columns, faults)
    _check_twins(rows, faults)
    checked = totals.check(rows, mark)
    faults.raise_any()
    return Export(
        path=path,
        sha256=sheet.sha256,
        platform=platform,
        rows=rows,
        columns={name: columns.name(name) for name in ("amount", *columns.fields)},
        totals=checked,
        skipped=totals.skipped,
        said=said,
    )


def _check_said(said: Said, faults: Faults) -> None:
    if said.currency and said.currency not in CURRENCIES:
        message = f"{shown(said.currency)} is no currency of ISO 4217"
        faults.add(0, "--currency", message, "Write it as EUR")
    if said.time_zone:
        try:
            time_zone(said.time_zone)
        except ValueError as error:
            faults.add(0, "--timezone", str(error), "Correct it")


def _days_form(
    records: Sequence[Record],
    columns: Columns,
    platform: Platform,
    said: Said,
    faults: Faults,
) -> tuple[DayForm, ...] | None:
    if said.days:
        return (said.days,)
    at = columns.fields["day"]
    try:
        return settled(platform.days, ((one.line, one.cells[at]) for one in records))
    except UnclearDays as error:
        mend = "Say how days are written: --dates dmy or --dates mdy"
        faults.add(error.line, columns.name("day"), str(error), mend)
        return None


def _mark(records: Sequence[Record], columns: Columns, said: Said, faults: Faults) -> str | None:
    if columns.of.unit == "micros":
        return "."
    if told := said.decimal or columns.of.decimal:
        return told
    cells = ((one.line, one.cells[columns.amount]) for one in records)
    try:
        return decimal_mark(cells)
    except UnclearMark as error:
        mend = "Say how decimals are written: --decimal , or --decimal ."
        faults.add(error.line, columns.name("amount"), str(error), mend)
        return None


def _check_accounts(rows: Sequence[SpendRow], columns: Columns, faults: Faults) -> None:
    first: dict[str, SpendRow] = {}
    told: set[tuple[str, str]] = set()
    for row in rows:
        one = first.setdefault(row.account, row)
        pair = (row.account, row.money.currency)
        if one.money.currency != row.money.currency and pair not in told:
            told.add(pair)
            said = (
                f"account {row.account} is in {row.money.currency} here and in "
                f"{one.money.currency} on line {one.line}"
            )
            mend = "An account is billed in one currency: export each account in its own"
            faults.add(row.line, columns.name("currency"), said, mend)


def _check_twins(rows: Sequence[SpendRow], faults: Faults) -> None:
    first: dict[tuple[str, str, str, str], SpendRow] = {}
    for row in rows:
        one = first.setdefault(row.key, row)
        if one is row:
            continue
        differ = f"{row.money} here and {one.money}" if row.money != one.money else "the same"
        said = f"ad {row.ad_id} on {row.day} stands on line {one.line} already, {differ} there"
        mend = (
            "Export the column that tells the two apart and name it with --breakdown, or leave "
            "the breakdown out"
        )
        faults.add(row.line, "", said, mend)
