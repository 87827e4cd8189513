"""Reads one record of an export into a row, and notes every fault of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

from cost_tracking.money import Money
from cost_tracking.spend_import.amounts import NoAmount, amount, bare
from cost_tracking.spend_import.currencies import CURRENCIES, SYMBOLS
from cost_tracking.spend_import.days import WRITTEN, DayForm, NoDay, day
from cost_tracking.spend_import.faults import Faults, shown
from cost_tracking.spend_import.headings import Columns
from cost_tracking.spend_import.mapping_file import time_zone
from cost_tracking.spend_import.platform import Platform, plain
from cost_tracking.spend_import.sheet import Record
from cost_tracking.spend_import.spend_row import LEVELS, NAMES, Said, SpendRow

_MAX_TEXT = 1_000
_SCIENTIFIC = re.compile(r"(?i)[0-9](?:[.,][0-9]+)?e\+[0-9]+")
_URN = re.compile(r"urn:li:[A-Za-z]+:([0-9]+)")
_TAGGED = re.compile(r"(?:ag|as|a|c|cg|x|ac):([0-9]+)")
_EARTH = timedelta(hours=14)
"""How far the first time zone is ahead of UTC."""


@dataclass(frozen=True, slots=True)
class _OfAd:
    """What the rows of one ad, or of one part of it, say on each of their days."""

    account: str
    currency: str
    time_zone: str
    ad_id: str
    level: str
    label: str
    cuts: Mapping[str, str]
    cut: str
    """All of them as ``SpendRow.breakdown`` has them, where no row is of an hour."""
    of_campaign: str
    names: tuple[str, ...]
    campaign_names: tuple[str, ...]


class Cells:
    """Reads the records of one file.

    Args:
        platform: Describes it.
        said: What the file does not say itself.
        columns: Of the file.
        faults: Takes what cannot be read.
        now: No day may lie after it.

    """

    def __init__(
        self, platform: Platform, said: Said, columns: Columns, faults: Faults, now: datetime
    ) -> None:
        self.platform, self.said, self.columns, self.faults = platform, said, columns, faults
        self._latest = (now + _EARTH).date()
        self._nothing = set(platform.nothing)
        self._daily = {plain(one) for one in platform.daily}
        self._days: dict[str, tuple[date, str] | NoDay] = {}
        self._forms: tuple[DayForm, ...] = platform.days
        self._mark = "."
        self._hourly = False
        places = {at for name, at in columns.fields.items() if name not in {"day", "until"}}
        self._alike = sorted(places | set(columns.breakdown.values()))
        self._ads: dict[tuple[str, ...], _OfAd] = {}

    def settle(self, records: Sequence[Record], forms: tuple[DayForm, ...], mark: str) -> None:
        """Take what holds for whole columns: how days and decimals are written, and of what.

        Where all rows are of midnight they are of days, else each is of its hour.
        """
        self._forms, self._mark = forms, mark
        place = self.columns.fields["day"]
        found = (self._parsed(one.cells[place]) for one in records)
        self._hourly = any(not isinstance(one, NoDay) and one[1] not in {"", "00"} for one in found)

    def row(self, record: Record) -> SpendRow | None:
        """Return what a record says; None where it has a fault, which is noted."""
        before = len(self.faults)
        when = self._day(record)
        same = self._of_ad(record)
        money = self._money(record, same.currency)
        if len(self.faults) > before or when is None or money is None:
            return None
        found, hour = when
        cut = _joined({**same.cuts, "hour": hour or "00"}) if self._hourly else same.cut
        return SpendRow(
            line=record.line,
            key=(same.account, found.isoformat(), same.ad_id, cut),
            account=same.account,
            day=found,
            time_zone=same.time_zone,
            ad_id=same.ad_id,
            breakdown=cut,
            level=same.level,
            of_campaign=same.of_campaign,
            label=same.label,
            money=money,
            names=same.names,
            campaign_names=same.campaign_names,
        )

    def _of_ad(self, record: Record) -> "_OfAd":
        """Return what stands in all but the day and the amount: of an ad's many days read once."""
        alike = tuple(record.cells[at] for at in self._alike)
        same = self._ads.get(alike)
        if same is None:
            before = len(self.faults)
            same = self._read_ad(record)
            if len(self.faults) == before:
                self._ads[alike] = same
        return same

    def _read_ad(self, record: Record) -> "_OfAd":
        account, currency = self._account(record), self._currency(record)
        ad_id, level, label = self._identity(record)
        zone = self._zone(record)
        texts = {name: self._text(record, name) for name in self.columns.fields}
        cuts = {name: record.cells[at].strip() for name, at in self.columns.breakdown.items()}
        return _OfAd(
            account=account,
            currency=currency,
            time_zone=zone,
            ad_id=ad_id,
            level=level,
            label=label,
            cuts=cuts,
            cut=_joined(cuts),
            of_campaign=texts.get("campaign_id") or texts.get("campaign_name") or "",
            names=_names(texts),
            campaign_names=tuple(
                texts[name] for name in ("utm_campaign", "campaign_name") if texts.get(name)
            ),
        )

    def _day(self, record: Record) -> tuple[date, str] | None:
        cell = record.cells[self.columns.fields["day"]]
        found = self._parsed(cell)
        if isinstance(found, NoDay):
            mend = f"Write days as {WRITTEN[self._forms[0]]}, or say how with --dates"
            self._wrong(record, "day", cell, str(found), mend)
            return None
        if not date(2000, 1, 1) <= found[0] <= self._latest:
            said = (
                "it lies ahead" if found[0] > self._latest else "it lies before all of these media"
            )
            mend = "Look at the clock, the year, and the order of day and month (--dates)"
            self._wrong(record, "day", cell, said, mend)
            return None
        self._check_until(record, found[0])
        return found

    def _check_until(self, record: Record, first: date) -> None:
        text = self.columns.cell(record, "until")
        if not text or text == record.cells[self.columns.fields["day"]].strip():
            return
        try:
            last, _ = day(text, self._forms)
        except NoDay as error:
            self._wrong(record, "until", text, str(error), "Correct it")
            return
        own = plain(self.columns.heading[self.columns.fields["day"]])
        if last != first and own not in self._daily:
            said = f"the row is of {first} to {last}"
            self._wrong(record, "until", text, said, "Export it with a breakdown by day")

    def _account(self, record: Record) -> str:
        told = _identifier(self.columns.cell(record, "account")) or _identifier(self.said.account)
        if not told:
            said = "the row names no account"
            self._plainly(record, "account", said, "Give --account ID")
        elif self.said.account and told != _identifier(self.said.account):
            said = f"it is of account {told}, and --account says {self.said.account}"
            self._plainly(record, "account", said, "Leave --account out")
        return told

    def _currency(self, record: Record) -> str:
        told = (
            self.columns.of.currency
            or self.columns.cell(record, "currency").upper()
            or self.columns.currency
        )
        given = self.said.currency
        if told in self.platform.wrong_currencies:
            meant = self.platform.wrong_currencies[told]
            if given == meant:
                return meant
            said = f"{told} is no currency of ISO 4217; {self.platform.name} writes it for {meant}"
            mend = f"Give --currency {meant} if that is what the account is billed in"
            self._plainly(record, "currency", said, mend)
            return ""
        if told and told not in CURRENCIES:
            said = f"{shown(told)} is no currency of ISO 4217"
            self._plainly(record, "currency", said, "Write it as EUR")
            return ""
        if told and given and told != given:
            said = f"the file says {told}, and --currency says {given}"
            self.faults.add(
                record.line, self.columns.name("currency"), said, "Leave --currency out"
            )
            return ""
        if not (told or given):
            said = "the row names no currency"
            self._plainly(record, "currency", said, "Give --currency EUR")
        return told or given

    def _money(self, record: Record, currency: str) -> Money | None:
        cell = record.cells[self.columns.amount]
        number = self._number(record, cell)
        if number is None or not currency:
            return None
        beside = bare(cell)[1] if not cell[-1:].isdigit() or not cell[:1].isdigit() else ""
        if beside and currency not in SYMBOLS.get(beside, {beside}):
            said = f"it stands beside {beside}, and the file says {currency}"
            self._wrong(record, "amount", cell, said, "Say which it is with --currency")
            return None
        if number < 0:
            mend = "An ad's day cannot cost less than nothing: enter a credit as an invoice"
            self._wrong(record, "amount", cell, "it is below 0", mend)
            return None
        try:
            return Money.of(number, currency)
        except ValueError:
            said = "it is more than a ledger holds"
            self._wrong(record, "amount", cell, said, "Look at the unit of the column")
            return None

    def _number(self, record: Record, cell: str) -> Decimal | None:
        if cell.strip() in self._nothing:
            return Decimal(0)
        try:
            number = amount(cell, self._mark)
        except NoAmount as error:
            mend = f"Write it as 1234{self._mark}56"
            if self._mark == "." and not self.said.decimal:
                mend += ", or say how decimals are written with --decimal"
            self._wrong(record, "amount", cell, str(error), mend)
            return None
        if self.columns.of.unit == "major":
            return number
        if number != number.to_integral_value():
            said = "micros are whole numbers, and this has decimals"
            mend = "The column is perhaps in major units: describe it with --source csv --mapping"
            self._wrong(record, "amount", cell, said, mend)
            return None
        return number.scaleb(-6)

    def _identity(self, record: Record) -> tuple[str, str, str]:
        for level, by_id, by_name in LEVELS:
            told, name = self.columns.cell(record, by_id), self.columns.cell(record, by_name)
            if _SCIENTIFIC.fullmatch(told):
                said = "a spreadsheet program has rounded this id"
                mend = "Export it again, and do not save it from a spreadsheet"
                self._wrong(record, by_id, told, said, mend)
                return "", level, ""
            if told:
                found = _identifier(told)
                return (found if level == "ad" else f"{level}:{found}"), level, name or found
            if name:
                return f"{'name' if level == 'ad' else level}:{name[:200]}", level, name
        said = "the row names no ad, group or campaign"
        self.faults.add(
            record.line, self.columns.name("ad_id"), said, "Export it by ad, with its id"
        )
        return "", "", ""

    def _zone(self, record: Record) -> str:
        told = self.columns.cell(record, "time_zone")
        if self.said.time_zone or not told:
            return self.said.time_zone or self.platform.time_zone
        try:
            return time_zone(told)
        except ValueError:
            mend = "Say which it is with --timezone Europe/Stockholm"
            self._wrong(record, "time_zone", told, "it is no time zone", mend)
            return ""

    def _text(self, record: Record, field: str) -> str:
        text = self.columns.cell(record, field)
        if len(text) > _MAX_TEXT:
            said = f"the cell has {len(text):,} characters"
            mend = f"Names of at most {_MAX_TEXT:,} are read"
            self._plainly(record, field, said, mend)
        return text

    def _parsed(self, cell: str) -> tuple[date, str] | NoDay:
        found = self._days.get(cell)
        if found is None:
            try:
                found = day(cell, self._forms)
            except NoDay as error:
                found = error
            self._days[cell] = found
        return found

    def _wrong(self, record: Record, field: str, cell: str, said: str, mend: str) -> None:
        self._plainly(record, field, f"{shown(cell.strip())}: {said}", mend)

    def _plainly(self, record: Record, field: str, said: str, mend: str) -> None:
        self.faults.add(record.line, self.columns.name(field), said, mend)


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
