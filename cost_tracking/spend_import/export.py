"""A platform's export as values: every row is read, or none is used and each fault is told."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isqrt
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from cost_tracking.money import Money
from cost_tracking.spend_import.amounts import (
    NoAmount,
    UnclearMark,
    amount,
    bare,
    decimal_mark,
)
from cost_tracking.spend_import.currencies import CURRENCIES, SYMBOLS
from cost_tracking.spend_import.days import WRITTEN, DayForm, NoDay, UnclearDays, day, settled
from cost_tracking.spend_import.faults import Faults, shown
from cost_tracking.spend_import.mapping_file import time_zone
from cost_tracking.spend_import.platform import AmountColumn, Platform, plain, with_currency
from cost_tracking.spend_import.sheet import MAX_ROWS, Record, read_sheet
from creative.value import Value

NAMES = ("ad_name", "creative_name", "ad_code", "utm_content", "url")
"""Where the name or code of an asset may stand, in the order in which it is looked for."""
_LEVELS = (
    ("ad", "ad_id", "ad_name"),
    ("group", "group_id", "group_name"),
    ("campaign", "campaign_id", "campaign_name"),
)
_MAX_TEXT = 1_000
_SCIENTIFIC = re.compile(r"(?i)[0-9](?:[.,][0-9]+)?e\+[0-9]+")
_URN = re.compile(r"urn:li:[A-Za-z]+:([0-9]+)")
_TAGGED = re.compile(r"(?:ag|as|a|c|cg|x|ac):([0-9]+)")
_EARTH = timedelta(hours=14)
"""How far the first time zone is ahead of UTC."""


class Said(Value):
    """What the person who imports says beside the file."""

    account: str = Field(default="", max_length=100)
    currency: str = ""
    time_zone: str = ""
    days: DayForm | None = None
    decimal: str = Field(default="", pattern=r"^[.,]?$")
    breakdown: tuple[str, ...] = ()
    """Headings of more columns that divide an ad's day."""
    campaign: str = ""
    """Of rows that name none of ours."""


@dataclass(frozen=True, slots=True)
class SpendRow:
    """What one ad cost on one day, or in one part of it."""

    line: int
    account: str
    day: date
    """As the platform says it, in ``time_zone``; it is never moved to another zone."""
    time_zone: str
    ad_id: str
    """The platform's id; ``name:…``, ``group:…`` or ``campaign:…`` where the export has none."""
    breakdown: str
    """``name=value`` of each column that divides the day, sorted, with ``|`` between; or empty."""
    level: str
    """Whether the row is of an ad, a group or a campaign."""
    of_campaign: str
    """The platform's campaign, by id or name."""
    label: str
    """How people know the ad."""
    money: Money
    names: tuple[str, ...]
    """What may name our assets, in the order of ``NAMES``."""
    campaign_names: tuple[str, ...]
    """What may name our campaign."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what it is restated by: account, day, ad and breakdown."""
        return (self.account, self.day.isoformat(), self.ad_id, self.breakdown)


@dataclass(frozen=True)
class Export:
    """One file, read whole."""

    path: Path
    sha256: str
    platform: Platform
    rows: tuple[SpendRow, ...]
    columns: Mapping[str, str]
    """The heading that each field was read from."""
    totals: int = 0
    """How many lines of totals agreed with the rows."""
    skipped: int = 0
    """How many lines were subtotals, footers or empty."""
    said: Said = field(default_factory=Said)


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
    return _Reading(path, platform, said, now).export()


@dataclass(slots=True)
class _Columns:
    """Which column of the file holds what, by its number."""

    heading: Sequence[str]
    amount: int
    of: AmountColumn
    currency: str
    """From the heading of the amount."""
    fields: dict[str, int]
    breakdown: dict[str, int]

    def cell(self, record: Record, field: str) -> str:
        place = self.fields.get(field)
        return record.cells[place].strip() if place is not None else ""

    def name(self, field: str) -> str:
        place = self.amount if field == "amount" else self.fields.get(field)
        return field if place is None else self.heading[place].strip()


class _Reading:
    def __init__(self, path: Path, platform: Platform, said: Said, now: datetime) -> None:
        self.faults = Faults(path)
        self.path, self.platform, self.said = path, platform, said
        self.latest = (now + _EARTH).date()
        self.aliases = {
            name: {plain(one): rank for rank, one in reversed(list(enumerate(known)))}
            for name, known in platform.columns.items()
        }
        self.cuts = {
            name: {plain(one) for one in known} for name, known in platform.breakdown.items()
        }
        self.totals_begin = tuple(plain(one) for one in platform.totals)
        self.subtotals = {plain(one) for one in platform.subtotals}
        self.footers = tuple(one.lower() for one in platform.footers)
        self.nothing = set(platform.nothing)
        self.daily = {plain(one) for one in platform.daily}
        self.days: dict[str, tuple[date, str] | NoDay] = {}
        self.skipped = 0
        self.hourly = False

    # The whole.

    def export(self) -> Export:
        self._check_said()
        self.faults.raise_any()
        sheet = read_sheet(self.faults, self._score, self._absent)
        if sheet is None:
            self.faults.raise_any()
            raise AssertionError("a sheet without headings is a fault")
        columns = self._columns(sheet.heading)
        self.faults.raise_any()
        records, totals = self._sorted(sheet.records, columns)
        if not records and not self.faults:
            said = "it has headings and no row"
            self.faults.add(sheet.heading.line, "", said, "Export days on which something ran")
        forms, mark = self._days_form(records, columns), self._mark(records, columns)
        self.faults.raise_any() if forms is None or mark is None else None
        self.hourly = self._is_hourly(records, columns, forms or ())
        rows = list(self._rows(records, columns, forms or (), mark or "."))
        self._check_accounts(rows, columns)
        self._check_twins(rows)
        checked = self._check_totals(rows, totals, columns, mark or ".")
        self.faults.raise_any()
        return Export(
            path=self.path,
            sha256=sheet.sha256,
            platform=self.platform,
            rows=tuple(rows),
            columns={name: columns.name(name) for name in ("amount", *columns.fields)},
            totals=checked,
            skipped=self.skipped,
            said=self.said,
        )

    def _check_said(self) -> None:
        if self.said.currency and self.said.currency not in CURRENCIES:
            said = f"{shown(self.said.currency)} is no currency of ISO 4217"
            self.faults.add(0, "--currency", said, "Write it as EUR")
        if self.said.time_zone:
            try:
                time_zone(self.said.time_zone)
            except ValueError as error:
                self.faults.add(0, "--timezone", str(error), "Correct it")

    # Headings.

    def _amount_column(self, cells: Sequence[str]) -> tuple[int, AmountColumn, str] | None:
        headings = [plain(cell) for cell in cells]
        split = [with_currency(cell) for cell in cells]
        for column in self.platform.amounts:
            if column.beside and not {plain(one) for one in column.beside} & set(headings):
                continue
            for known in map(plain, column.headings):
                if known in headings:
                    return headings.index(known), column, ""
                for place, (bare_heading, currency) in enumerate(split):
                    if bare_heading == known and currency:
                        return place, column, currency
        return None

    def _score(self, cells: Sequence[str]) -> int:
        headings = {plain(cell) for cell in cells}
        if self._amount_column(cells) is None or not headings & set(self.aliases["day"]):
            return 0
        return sum(bool(headings & set(known)) for known in self.aliases.values())

    def _absent(self, record: Record) -> None:
        cells = record.cells
        found = ", ".join(shown(cell.strip()) for cell in cells[:12] if cell.strip()) or "nothing"
        headings = {plain(cell) for cell in cells}
        if not headings & set(self.aliases["day"]):
            known = ", ".join(self.platform.columns["day"][:3])
            self.faults.add(
                record.line,
                "day",
                f"no column holds the day; there is: {found}",
                _ask(f"Export it by day ({known})"),
            )
        if self._amount_column(cells) is None:
            known = ", ".join(self.platform.amounts[0].headings[:3])
            self.faults.add(
                record.line,
                "amount",
                f"no column holds the spend; there is: {found}",
                _ask(f"Export the column {known}"),
            )
        if not self.faults:
            said = f"the headings stand below line {record.line}, or on several lines"
            self.faults.add(record.line, "", said, "Export it again, as CSV")

    def _columns(self, heading: Record) -> _Columns:
        cells = heading.cells
        names = [plain(cell) for cell in cells]
        found = self._amount_column(cells)
        if found is None:
            raise AssertionError("the headings were scored by their amount")
        place, column, currency = found
        fields: dict[str, int] = {}
        for name, known in self.aliases.items():
            ranked = sorted((known[one], at) for at, one in enumerate(names) if one in known)
            if ranked:
                fields[name] = ranked[0][1]
        cuts = {
            name: names.index(next(one for one in names if one in known))
            for name, known in self.cuts.items()
            if known & set(names)
        }
        for more in self.said.breakdown:
            if plain(more) not in names:
                said = f"no column is headed {shown(more)}"
                self.faults.add(heading.line, "--breakdown", said, "Write it as the file does")
            else:
                cuts[plain(more)] = names.index(plain(more))
        # A column that names the ad is no breakdown of it, whatever else it is called.
        cuts = {name: at for name, at in cuts.items() if at not in fields.values()}
        for at in {place, *fields.values(), *cuts.values()}:
            if names.count(names[at]) > 1:
                said = f"two columns are headed {shown(cells[at].strip())}"
                self.faults.add(heading.line, cells[at].strip(), said, "Keep one of the two")
        columns = _Columns(cells, place, column, currency, fields, cuts)
        self._check_identity(heading, columns)
        return columns

    def _check_identity(self, heading: Record, columns: _Columns) -> None:
        if not any(name in columns.fields for _, *pair in _LEVELS for name in pair):
            known = ", ".join(
                self.platform.columns[name][0]
                for name in ("ad_id", "ad_name")
                if name in self.platform.columns
            )
            said = "no column says which ad a row is of"
            self.faults.add(heading.line, "", said, f"Export it by ad, with: {known}")
        if "account" not in columns.fields and not self.said.account:
            said = "no column says which account it is of"
            self.faults.add(
                heading.line, "account", said, "Give --account ID, or export its column"
            )
        told = columns.of.currency or columns.currency or "currency" in columns.fields
        if not told and not self.said.currency:
            said = "nothing says which currency it is in"
            self.faults.add(
                heading.line, "currency", said, "Give --currency EUR, or export its column"
            )

    # Lines that are no rows.

    def _sorted(
        self, records: Iterator[Record], columns: _Columns
    ) -> tuple[list[Record], list[Record]]:
        """Part the rows from totals, and drop what is neither."""
        rows: list[Record] = []
        totals: list[Record] = []
        width = len(columns.heading)
        for record in records:
            filled = [cell.strip() for cell in record.cells if cell.strip()]
            if not filled or self._is_footer(filled):
                self.skipped += 1
            elif self._is_total(filled, record, columns, width):
                totals.append(record)
            elif len(record.cells) < width:
                said = f"it has {len(record.cells)} of {width} columns"
                mend = "The file was cut off here: export it again"
                self.faults.add(record.line, "", said, mend)
            elif any(cell.strip() for cell in record.cells[width:]):
                said = f"it has {len(record.cells)} columns, and the headings {width}"
                mend = "A cell holds the mark that divides columns: export it again, with quotes"
                self.faults.add(record.line, "", said, mend)
            elif self.subtotals and self._is_subtotal(record, columns):
                self.skipped += 1
            else:
                rows.append(record)
            if len(rows) > MAX_ROWS:
                mend = "Export a shorter time, such as a month"
                self.faults.add(record.line, "", f"it has more than {MAX_ROWS:,} rows", mend)
                break
        return rows, totals

    def _is_footer(self, filled: Sequence[str]) -> bool:
        return len(filled) == 1 and filled[0].lower().startswith(self.footers or ("\x00",))

    def _is_total(
        self, filled: Sequence[str], record: Record, columns: _Columns, width: int
    ) -> bool:
        whole = len(record.cells) >= width
        if self._totals(filled[0]):
            # A campaign may be called Total; a line of totals is of no day.
            return not whole or not columns.cell(record, "day")[:1].isdigit()
        if not self.platform.names_or_total or not whole:
            return False
        named = (columns.cell(record, name) for _, *pair in _LEVELS for name in pair)
        return not any(one and not self._totals(one) for one in named)

    def _totals(self, cell: str) -> bool:
        # Most cells begin with a digit, and words are what totals begin with.
        begin = self.totals_begin
        return bool(begin) and not cell[0].isdigit() and plain(cell).startswith(begin)

    def _is_subtotal(self, record: Record, columns: _Columns) -> bool:
        cells = (record.cells[at] for at in (columns.fields["day"], *columns.breakdown.values()))
        return any(cell.strip().casefold() in self.subtotals for cell in cells)

    # What holds for a whole column.

    def _days_form(
        self, records: Sequence[Record], columns: _Columns
    ) -> tuple[DayForm, ...] | None:
        if self.said.days:
            return (self.said.days,)
        at = columns.fields["day"]
        try:
            return settled(self.platform.days, ((one.line, one.cells[at]) for one in records))
        except UnclearDays as error:
            mend = "Say how days are written: --dates dmy or --dates mdy"
            self.faults.add(error.line, columns.name("day"), str(error), mend)
            return None

    def _is_hourly(
        self, records: Sequence[Record], columns: _Columns, forms: Sequence[DayForm]
    ) -> bool:
        """Say whether rows are of hours; where all are of midnight, they are of days."""
        found = (self._parsed(one.cells[columns.fields["day"]], forms) for one in records)
        return any(not isinstance(one, NoDay) and one[1] not in {"", "00"} for one in found)

    def _parsed(self, cell: str, forms: Sequence[DayForm]) -> tuple[date, str] | NoDay:
        found = self.days.get(cell)
        if found is None:
            try:
                found = day(cell, forms)
            except NoDay as error:
                found = error
            self.days[cell] = found
        return found

    def _mark(self, records: Sequence[Record], columns: _Columns) -> str | None:
        if columns.of.unit == "micros":
            return "."
        if told := self.said.decimal or columns.of.decimal:
            return told
        cells = ((one.line, one.cells[columns.amount]) for one in records)
        try:
            return decimal_mark(cells)
        except UnclearMark as error:
            mend = "Say how decimals are written: --decimal , or --decimal ."
            self.faults.add(error.line, columns.name("amount"), str(error), mend)
            return None

    # Rows.

    def _rows(
        self, records: Iterable[Record], columns: _Columns, forms: Sequence[DayForm], mark: str
    ) -> Iterator[SpendRow]:
        for record in records:
            before = len(self.faults)
            when = self._day(record, columns, forms)
            account = self._account(record, columns)
            currency = self._currency(record, columns)
            money = self._money(record, columns, mark, currency)
            ad_id, level, label = self._identity(record, columns)
            zone = self._zone(record, columns)
            texts = {name: self._text(record, columns, name) for name in columns.fields}
            if len(self.faults) > before or when is None or money is None:
                continue
            found, hour = when
            cuts = {name: record.cells[at].strip() for name, at in columns.breakdown.items()}
            if self.hourly:
                cuts["hour"] = hour or "00"
            yield SpendRow(
                line=record.line,
                account=account,
                day=found,
                time_zone=zone,
                ad_id=ad_id,
                breakdown=_joined(cuts),
                level=level,
                of_campaign=texts.get("campaign_id") or texts.get("campaign_name") or "",
                label=label,
                money=money,
                names=_names(texts),
                campaign_names=tuple(
                    texts[name] for name in ("utm_campaign", "campaign_name") if texts.get(name)
                ),
            )

    def _day(
        self, record: Record, columns: _Columns, forms: Sequence[DayForm]
    ) -> tuple[date, str] | None:
        cell = record.cells[columns.fields["day"]]
        found = self._parsed(cell, forms)
        if isinstance(found, NoDay):
            mend = f"Write days as {WRITTEN[forms[0]]}, or say how with --dates"
            self._wrong(record, columns, "day", cell, str(found), mend)
            return None
        if not date(2000, 1, 1) <= found[0] <= self.latest:
            said = (
                "it lies ahead" if found[0] > self.latest else "it lies before all of these media"
            )
            mend = "Look at the clock, the year, and the order of day and month (--dates)"
            self._wrong(record, columns, "day", cell, said, mend)
            return None
        self._check_until(record, columns, forms, found[0])
        return found

    def _check_until(
        self, record: Record, columns: _Columns, forms: Sequence[DayForm], first: date
    ) -> None:
        text = columns.cell(record, "until")
        if not text:
            return
        try:
            last, _ = day(text, forms)
        except NoDay as error:
            self._wrong(record, columns, "until", text, str(error), "Correct it")
            return
        own = plain(columns.heading[columns.fields["day"]])
        if last != first and own not in self.daily:
            said = f"the row is of {first} to {last}"
            self._wrong(record, columns, "until", text, said, "Export it with a breakdown by day")

    def _account(self, record: Record, columns: _Columns) -> str:
        told = _identifier(columns.cell(record, "account")) or _identifier(self.said.account)
        if not told:
            said = "the row names no account"
            self.faults.add(record.line, columns.name("account"), said, "Give --account ID")
        elif self.said.account and told != _identifier(self.said.account):
            said = f"it is of account {told}, and --account says {self.said.account}"
            self.faults.add(record.line, columns.name("account"), said, "Leave --account out")
        return told

    def _currency(self, record: Record, columns: _Columns) -> str:
        told = columns.of.currency or columns.cell(record, "currency").upper() or columns.currency
        given = self.said.currency
        if told in self.platform.wrong_currencies:
            meant = self.platform.wrong_currencies[told]
            if given == meant:
                return meant
            said = f"{told} is no currency of ISO 4217; {self.platform.name} writes it for {meant}"
            mend = f"Give --currency {meant} if that is what the account is billed in"
            self.faults.add(record.line, columns.name("currency"), said, mend)
            return ""
        if told and told not in CURRENCIES:
            said = f"{shown(told)} is no currency of ISO 4217"
            self.faults.add(record.line, columns.name("currency"), said, "Write it as EUR")
            return ""
        if told and given and told != given:
            said = f"the file says {told}, and --currency says {given}"
            self.faults.add(record.line, columns.name("currency"), said, "Leave --currency out")
            return ""
        if not (told or given):
            said = "the row names no currency"
            self.faults.add(record.line, columns.name("currency"), said, "Give --currency EUR")
        return told or given

    def _money(self, record: Record, columns: _Columns, mark: str, currency: str) -> Money | None:
        cell = record.cells[columns.amount]
        number = self._number(record, columns, cell, mark)
        if number is None or not currency:
            return None
        beside = bare(cell)[1] if not cell[-1:].isdigit() or not cell[:1].isdigit() else ""
        if beside and currency not in SYMBOLS.get(beside, {beside}):
            said = f"it stands beside {beside}, and the file says {currency}"
            self._wrong(record, columns, "amount", cell, said, "Say which it is with --currency")
            return None
        if number < 0:
            mend = "An ad's day cannot cost less than nothing: enter a credit as an invoice"
            self._wrong(record, columns, "amount", cell, "it is below 0", mend)
            return None
        try:
            return Money.of(number, currency)
        except ValueError:
            said = "it is more than a ledger holds"
            self._wrong(record, columns, "amount", cell, said, "Look at the unit of the column")
            return None

    def _number(self, record: Record, columns: _Columns, cell: str, mark: str) -> Decimal | None:
        if cell.strip() in self.nothing:
            return Decimal(0)
        try:
            number = amount(cell, mark)
        except NoAmount as error:
            mend = f"Write it as 1234{mark}56"
            if mark == "." and not self.said.decimal:
                mend += ", or say how decimals are written with --decimal"
            self._wrong(record, columns, "amount", cell, str(error), mend)
            return None
        if columns.of.unit == "major":
            return number
        if number != number.to_integral_value():
            said = "micros are whole numbers, and this has decimals"
            mend = "The column is perhaps in major units: describe it with --source csv --mapping"
            self._wrong(record, columns, "amount", cell, said, mend)
            return None
        return number.scaleb(-6)

    def _identity(self, record: Record, columns: _Columns) -> tuple[str, str, str]:
        for level, by_id, by_name in _LEVELS:
            told, name = columns.cell(record, by_id), columns.cell(record, by_name)
            if _SCIENTIFIC.fullmatch(told):
                said = "a spreadsheet program has rounded this id"
                mend = "Export it again, and do not save it from a spreadsheet"
                self._wrong(record, columns, by_id, told, said, mend)
                return "", level, ""
            if told:
                found = _identifier(told)
                return (found if level == "ad" else f"{level}:{found}"), level, name or found
            if name:
                return f"{'name' if level == 'ad' else level}:{name[:200]}", level, name
        said = "the row names no ad, group or campaign"
        self.faults.add(record.line, columns.name("ad_id"), said, "Export it by ad, with its id")
        return "", "", ""

    def _zone(self, record: Record, columns: _Columns) -> str:
        told = columns.cell(record, "time_zone")
        if self.said.time_zone or not told:
            return self.said.time_zone or self.platform.time_zone
        try:
            return time_zone(told)
        except ValueError:
            mend = "Say which it is with --timezone Europe/Stockholm"
            self._wrong(record, columns, "time_zone", told, "it is no time zone", mend)
            return ""

    def _text(self, record: Record, columns: _Columns, field: str) -> str:
        text = columns.cell(record, field)
        if len(text) > _MAX_TEXT:
            said = f"the cell has {len(text):,} characters"
            mend = f"Names of at most {_MAX_TEXT:,} are read"
            self.faults.add(record.line, columns.name(field), said, mend)
        return text

    def _wrong(
        self, record: Record, columns: _Columns, field: str, cell: str, said: str, mend: str
    ) -> None:
        self.faults.add(record.line, columns.name(field), f"{shown(cell.strip())}: {said}", mend)

    # What must agree.

    def _check_accounts(self, rows: Sequence[SpendRow], columns: _Columns) -> None:
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
                self.faults.add(row.line, columns.name("currency"), said, mend)

    def _check_twins(self, rows: Sequence[SpendRow]) -> None:
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
            self.faults.add(row.line, "", said, mend)

    def _check_totals(
        self, rows: Sequence[SpendRow], totals: Sequence[Record], columns: _Columns, mark: str
    ) -> int:
        """Compare the export's own totals with its rows; one of them must be theirs."""
        if self.faults or len({row.money.currency for row in rows}) != 1:
            return 0
        total = sum(row.money.micros for row in rows)
        told: list[tuple[Record, Decimal]] = []
        for record in totals:
            cell = (
                record.cells[columns.amount].strip() if columns.amount < len(record.cells) else ""
            )
            try:
                number = amount(cell, mark)
            except NoAmount:
                continue
            told.append((record, number if columns.of.unit == "major" else number.scaleb(-6)))
        if not told:
            return 0
        for _, number in told:
            # Each row was rounded by itself, and the total once. The errors of many rows make up
            # for each other: seven standard deviations of them are two roots of their number.
            places = min(-int(number.as_tuple().exponent), 6)
            halves = min(len(rows) + 1, 1 + 4 * (isqrt(len(rows)) + 1))
            slack = halves * Decimal(5).scaleb(-places - 1)
            if abs(number - Decimal(total).scaleb(-6)) <= slack:
                return 1
        record, number = told[0]
        said = f"the total is {number:f}, and the rows sum to {Decimal(total).scaleb(-6):f}"
        mend = "Rows are missing or were changed: export it again"
        self.faults.add(record.line, columns.name("amount"), said, mend)
        return 0


def _ask(mend: str) -> str:
    return f"{mend}; for a file of your own, describe it with --source csv --mapping FILE"


def _identifier(text: str) -> str:
    """Return an id as every form of an export has it: without prefixes, and dashes in a number."""
    text = text.strip().removeprefix("act_")
    for form in (_URN, _TAGGED):
        if found := form.fullmatch(text):
            return found[1]
    digits = text.replace("-", "")
    return digits if digits.isdigit() and not text.startswith("-") else text[:200]


def _joined(cuts: Mapping[str, str]) -> str:
    def safe(text: str) -> str:
        return text.replace("%", "%25").replace("|", "%7C")

    return "|".join(f"{name}={safe(cuts[name])[:200]}" for name in sorted(cuts))


def _names(texts: Mapping[str, str]) -> tuple[str, ...]:
    found = [texts[name] for name in NAMES[:-1] if texts.get(name)]
    url = texts.get("url", "")
    if "utm_content=" in url:
        parts = urlsplit(url if "?" in url else f"?{url}")
        found += parse_qs(parts.query).get("utm_content", [])
    return tuple(found)
