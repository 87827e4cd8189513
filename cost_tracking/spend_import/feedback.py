"""Complaints, reviews, support contacts, rejections and takedowns, as events of our assets."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator
from sqlalchemy import Engine

from cost_tracking.acceptance.events import AssetEvent, EventConflict, record
from cost_tracking.acceptance.events import UnknownEvent as NoSuchEvent
from cost_tracking.acceptance.kinds import EventKind
from cost_tracking.database import writing
from cost_tracking.spend_import.faults import Faults, shown
from cost_tracking.spend_import.mapping_file import ACCOUNT, time_zone
from cost_tracking.spend_import.matching import AssetIndex, read_index
from cost_tracking.spend_import.platform import plain
from cost_tracking.spend_import.sheet import MAX_ROWS, Record, read_sheet
from creative.value import Value
from creative.yaml_file import nearest

FIELDS = ("id", "kind", "at", "asset", "ad_id", "reason", "note", "by", "retracts")
"""What a column can hold. ``asset`` is any text with our file name or short code in it;
``retracts`` the id of an earlier row of the same source that was wrong or was overturned."""
WORDS: Mapping[str, EventKind] = {
    **{kind.value: kind for kind in EventKind},
    "takedown": EventKind.PULLED,
    "taken down": EventKind.PULLED,
    "withdrawn": EventKind.PULLED,
    "rejection": EventKind.PLATFORM_REJECTED,
    "rejected": EventKind.PLATFORM_REJECTED,
    "disapproved": EventKind.PLATFORM_REJECTED,
    "platform rejection": EventKind.PLATFORM_REJECTED,
    "support": EventKind.SUPPORT_CONTACT,
    "support contact": EventKind.SUPPORT_CONTACT,
    "ticket": EventKind.SUPPORT_CONTACT,
    "redo": EventKind.REDO_REQUESTED,
    "appeal won": EventKind.RETRACTED,
}
"""What a kind may be called."""
_NAMED = ("id", "at", "asset")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_REASON = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}", re.ASCII)


class About(Value):
    """What the person who imports says beside the file."""

    source: str = Field(default="feedback", pattern=r"^[a-z0-9][a-z0-9_.-]{0,40}$")
    """Who tells it: ``zendesk``, ``meta`` … Ids are told apart by it."""
    kind: EventKind | None = None
    """Of every row, where no column says it."""
    time_zone: str = ""
    """Of moments that are written without one."""
    columns: Mapping[str, str] = {}
    """The heading of each field of ``FIELDS`` that is headed otherwise."""
    skip_unmatched: bool = False
    """Whether rows of none of our assets are listed and left out, instead of refused."""

    @field_validator("columns", mode="before")
    @classmethod
    def _headings(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        pairs = [one.partition("=") for one in written.split(",") if one.strip()]
        for name, equals, _ in pairs:
            if not equals or name.strip() not in FIELDS:
                raise ValueError(f"--columns: {name!r}; write field=Heading of {', '.join(FIELDS)}")
        return {name.strip(): heading.strip() for name, _, heading in pairs}

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        if name == ACCOUNT:
            raise ValueError("account is no time zone of feedback; write Europe/Stockholm or UTC")
        return time_zone(name) if name else name


@dataclass(frozen=True)
class Heard:
    """What a file of feedback held."""

    rows: int
    new: int
    kinds: Mapping[str, int]
    skipped: tuple[tuple[int, str], ...]
    """Lines of none of our assets, with what they name."""
    dry_run: bool


def import_feedback(
    engine: Engine,
    path: Path,
    about: About,
    now: Callable[[], datetime],
    *,
    codes: Mapping[str, Sequence[str]] | None = None,
    dry_run: bool = False,
) -> Heard:
    """Read a file of feedback and record its events, all of them or none.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        path: A CSV with the headings of ``FIELDS``.
        about: What it does not say itself.
        now: The clock; nothing may have happened after it.
        codes: Of ``read_codes``.
        dry_run: Say what would be recorded, and record nothing.

    Raises:
        InvalidInput: Some of it cannot be read, is of no asset, or contradicts what was recorded;
            every fault is named.

    """
    faults = Faults(path)
    with writing(engine) as connection:
        reading = _Reading(faults, about, read_index(connection, codes), now())
        events = tuple(reading.events())
        faults.raise_any()
        new = 0
        if not dry_run:
            try:
                new = record(connection, [event for _, event in events], now())
            except (EventConflict, NoSuchEvent) as error:
                line = next((at for at, one in events if repr(one.key) in str(error)), 0)
                mend = "Give what happened then an id of its own, and retract what was wrong"
                faults.add(line, "id", str(error), mend)
                faults.raise_any()
    kinds: dict[str, int] = {}
    for _, event in events:
        kinds[event.kind.value] = kinds.get(event.kind.value, 0) + 1
    return Heard(len(events), new, kinds, tuple(reading.skipped), dry_run)


class _Reading:
    def __init__(self, faults: Faults, about: About, index: AssetIndex, now: datetime) -> None:
        self.faults, self.about, self.index, self.now = faults, about, index, now
        self.skipped: list[tuple[int, str]] = []
        self._at: dict[str, int] = {}
        self._first: dict[str, int] = {}

    def events(self) -> Iterator[tuple[int, AssetEvent]]:
        """Yield each event with its line, and keep what cannot be read as faults."""
        wanted = {name: plain(self.about.columns.get(name, name)) for name in FIELDS}
        needed = [*_NAMED, *([] if self.about.kind else ["kind"])]

        def headings(cells: Sequence[str]) -> int:
            found = {plain(cell) for cell in cells}
            return sum(wanted[name] in found for name in FIELDS) if wanted["at"] in found else 0

        def absent(record: Record) -> None:
            there = ", ".join(shown(cell) for cell in record.cells[:12] if cell.strip())
            said = f"no column is headed {wanted['at']}; there is: {there or 'nothing'}"
            self.faults.add(record.line, "at", said, "Say which it is with --columns at=HEADING")

        sheet = read_sheet(self.faults, headings, absent)
        if sheet is None:
            return
        found = [plain(cell) for cell in sheet.heading.cells]
        self._at = {name: found.index(told) for name, told in wanted.items() if told in found}
        for name in needed:
            if name not in self._at:
                said = f"no column is headed {wanted[name]}"
                mend = f"Say which it is with --columns {name}=HEADING"
                self.faults.add(sheet.heading.line, name, said, mend)
        for number, row in enumerate(sheet.records) if not self.faults else ():
            if number >= MAX_ROWS:
                said = f"it has more than {MAX_ROWS:,} rows"
                self.faults.add(row.line, "", said, "Export a shorter time")
                return
            if any(cell.strip() for cell in row.cells):
                event = self._event(row, len(found))
                if event:
                    yield row.line, event

    def _event(self, record: Record, width: int) -> AssetEvent | None:
        if len(record.cells) != width:
            said = f"it has {len(record.cells)} of {width} columns"
            self.faults.add(record.line, "", said, "Export it again")
            return None
        told = {name: record.cells[at].strip() for name, at in self._at.items()}
        before = len(self.faults)
        kind, at = self._kind(record, told), self._moment(record, told["at"])
        key = self._key(record, told)
        names = tuple(filter(None, (told["asset"],)))
        match = self.index.match(told.get("ad_id", ""), names, ())
        if len(match.assets) != 1:
            self._unmatched(record, told, len(match.assets))
            return None
        if len(self.faults) > before or at is None or kind is None:
            return None
        try:
            return AssetEvent(
                key=key,
                campaign=match.assets[0].campaign,
                slot=match.assets[0].slot,
                version=match.version,
                kind=kind,
                reason=self._reason(record, told),
                at=at,
                actor=told.get("by", ""),
                source=self.about.source,
                note=told.get("note", ""),
                retracts=self._prefixed(told["retracts"]) if told.get("retracts") else None,
            )
        except ValidationError as error:
            for one in error.errors():
                said = one["msg"].removeprefix("Value error, ")
                place = str(one["loc"][0]) if one["loc"] else ""
                self.faults.add(record.line, place, said, "Correct it")
            return None

    def _prefixed(self, name: str) -> str:
        return f"feedback/{self.about.source}/{name}"

    def _key(self, record: Record, told: Mapping[str, str]) -> str:
        name = told["id"]
        if not name:
            mend = "Export its number: without one, a second import would count it twice"
            self.faults.add(record.line, "id", "it has no id", mend)
        elif name in self._first:
            said = f"{shown(name)} is the id of line {self._first[name]} already"
            self.faults.add(record.line, "id", said, "Give each its own")
        self._first.setdefault(name, record.line)
        return self._prefixed(name)

    def _kind(self, record: Record, told: Mapping[str, str]) -> EventKind | None:
        word = plain(told.get("kind", ""))
        if not word and self.about.kind:
            return self.about.kind
        found = WORDS.get(word) or WORDS.get(word.replace("_", " "))
        if found is None:
            said = f"{shown(told.get('kind', ''))} is no kind of feedback"
            self.faults.add(record.line, "kind", said, nearest(word, tuple(WORDS)))
        return found

    def _moment(self, record: Record, text: str) -> datetime | None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            mend = "Write it as 2027-03-14 or 2027-03-14T09:30:00+01:00"
            self.faults.add(record.line, "at", f"{shown(text)} is no moment", mend)
            return None
        if at.tzinfo is None:
            if not self.about.time_zone:
                said = f"{shown(text)} does not say of which time zone it is"
                self.faults.add(record.line, "at", said, "Give --timezone Europe/Stockholm")
                return None
            at = at.replace(tzinfo=ZoneInfo(self.about.time_zone))
        if _DAY.fullmatch(text):
            # Of a day alone, nobody knows the hour. What was accepted that day and complained about
            # that day was accepted first, so the day's end is meant.
            if at > self.now:
                self.faults.add(record.line, "at", f"{shown(text)} lies ahead", "Correct the day")
                return None
            return at + timedelta(hours=23, minutes=59, seconds=59)
        if at > self.now + timedelta(minutes=5):
            self.faults.add(record.line, "at", f"{shown(text)} lies ahead", "Correct the moment")
            return None
        return at

    def _reason(self, record: Record, told: Mapping[str, str]) -> str:
        reason = plain(told.get("reason", "")).replace(" ", "_")
        if reason and not _REASON.fullmatch(reason):
            said = f"{shown(told['reason'])} is no code of a reason"
            mend = "Write a code such as wrong_price, and the words into note"
            self.faults.add(record.line, "reason", said, mend)
            return ""
        return reason

    def _unmatched(self, record: Record, told: Mapping[str, str], count: int) -> None:
        name = told["asset"] or told.get("ad_id", "")
        if self.about.skip_unmatched:
            self.skipped.append((record.line, name))
            return
        said = f"{shown(name)} names {'several' if count else 'none'} of our assets"
        mend = "Name one file or short code, say it in --codes, or leave such rows out with "
        self.faults.add(record.line, "asset", said, f"{mend}--skip-unmatched")
