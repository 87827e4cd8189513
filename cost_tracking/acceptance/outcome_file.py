"""Reads accepted outcomes of any kind from a CSV: conversations, changes, pages, adverts.

A row is one version of an outcome, or of many that went alike; a row without an outcome is a cost
that they share. A column that is not one of ours is something to cut by, such as ``route``.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from cost_tracking.acceptance.outcome import Cost, Outcome, Part, Try
from cost_tracking.acceptance.rules import AcceptancePolicy
from cost_tracking.money import Money
from creative.value import Value

COLUMNS = (
    "outcome", "version", "count", "units", "size", "made", "accepted", "rejected", "failed",
    "reason", "cost", "part",
)  # fmt: skip
"""Ours. All may be left out but ``cost``."""
_COUNT = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PARTS: Mapping[str, Part] = {
    "": "overhead",
    "overhead": "overhead",
    "made": "made",
    "rework": "rework",
    "waste": "waste",
}
_WHOLE = ""
"""The one project that all rows of a file belong to."""
_MOST_FAULTS = 50


class Asked(Value):
    """How a file is to be read."""

    currency: str
    window_days: int
    unit_size: int | None = None
    """How much of ``size`` is one unit; a part of one counts as one."""
    until: date
    """The watermark, at the end of this day: what is dated later is not known yet."""


class OutcomeFile(NamedTuple):
    """What a file holds, as of a day."""

    outcomes: tuple[Outcome, ...]
    costs: tuple[Cost, ...]
    dimensions: tuple[str, ...]
    """Its columns that can be cut by."""


class BadOutcomes(ValueError):
    """The file is not one of outcomes; every fault is named with its line."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    outcome: str
    version: int
    count: int
    units: int
    made: date | None
    accepted: date | None
    rejected: date | None
    failed: date | None
    reason: str
    cost: Decimal | None
    part: str
    dims: Mapping[str, str]

    @property
    def on(self) -> date | None:
        """Return the day on which it was made, and paid."""
        return self.made or self.accepted or self.rejected


def read_outcomes(text: str, asked: Asked, rules: AcceptancePolicy) -> OutcomeFile:
    """Read a file of outcomes.

    Days are days: what failed on the last day of its window failed in it.

    Args:
        text: The file, with a heading.
        asked: How to read it.
        rules: Whether the reason of a failure counts against the outcome.

    Raises:
        BadOutcomes: With every fault and its line, fifty of them at most.

    """
    faults: list[str] = []
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, restkey="+")
    names = [(name or "").strip() for name in reader.fieldnames or ()]
    if "cost" not in names or len(set(names)) < len(names) or "" in names:
        raise BadOutcomes(
            "line 1: the heading names each column once, and one of them is cost; it is "
            f"{', '.join(names)[:200] or 'missing'}"
        )
    reader.fieldnames = names
    rows: list[_Row] = []
    try:
        for cells in reader:
            row = _row(reader.line_num, cells, asked, faults)
            if row:
                rows.append(row)
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: {error}")
    by_outcome: dict[str, list[_Row]] = {}
    for row in rows:
        if row.outcome:
            by_outcome.setdefault(row.outcome, []).append(row)
    for versions in by_outcome.values():
        faults += _disagreements(versions)
    if faults:
        more = f"\nand {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise BadOutcomes("\n".join(faults[:_MOST_FAULTS]) + more)
    known = [row for row in rows if row.on is None or row.on <= asked.until]
    dimensions = tuple(name for name in names if name not in COLUMNS)
    outcomes = tuple(
        _outcome(versions, asked, rules)
        for all_versions in by_outcome.values()
        if (versions := [row for row in all_versions if row.on and row.on <= asked.until])
    )
    return OutcomeFile(outcomes, tuple(_costs(known, asked)), dimensions)


def _row(
    line: int, cells: Mapping[str | None, str | list[str] | None], asked: Asked, faults: list[str]
) -> _Row | None:
    if "+" in cells or None in cells.values():
        faults.append(f"line {line}: it has not as many cells as the heading has columns")
        return None
    text = {str(name): str(value).strip() for name, value in cells.items()}
    if not any(text.values()):
        return None
    before = len(faults)
    days = {name: _day(line, name, text, faults) for name in ("made", "accepted", "rejected")}
    failed = _day(line, "failed", text, faults)
    units = _count(line, "units", text, faults)
    if asked.unit_size and text.get("size"):
        units = -(-_count(line, "size", text, faults) // asked.unit_size)
    row = _Row(
        line=line,
        outcome=text.get("outcome", ""),
        version=_count(line, "version", text, faults),
        count=_count(line, "count", text, faults),
        units=units,
        failed=failed,
        reason=text.get("reason", ""),
        cost=_amount(line, text["cost"], asked.currency, faults),
        part=text.get("part", ""),
        dims={name: value for name, value in text.items() if name not in COLUMNS and value},
        **days,
    )
    faults += (f"line {line}: {why}" for why in _wrong(row, asked))
    return row if len(faults) == before else None


def _wrong(row: _Row, asked: Asked) -> Iterator[str]:
    if row.part not in _PARTS or (row.outcome and row.part not in {"", "made", "rework"}):
        yield (
            f"part is {row.part!r}; of an outcome it is made or rework, of a shared cost "
            "made, rework, overhead or waste"
        )
    if row.outcome and row.on is None:
        yield "an outcome needs the day on which it was made, accepted or rejected"
    if row.failed and (not row.accepted or row.failed < row.accepted):
        yield "failed is the day on which an accepted outcome fell; give an earlier day in accepted"
    if row.accepted and row.rejected:
        yield "a version is accepted or rejected; write the other one as a version of its own"
    if not row.outcome and (row.accepted or row.rejected or row.failed):
        yield "a shared cost is not accepted; name the outcome that was"
    if row.made and row.accepted and row.accepted < row.made:
        yield f"accepted on {row.accepted}, before it was made on {row.made}"
    if asked.unit_size and row.outcome and not row.units:
        yield "size is missing"


def _disagreements(versions: Sequence[_Row]) -> Iterator[str]:
    seen: dict[int, _Row] = {}
    first = versions[0]
    for row in versions:
        if row.version in seen:
            there = seen[row.version].line
            yield f"line {row.line}: {row.outcome} has version {row.version} already, in {there}"
        seen[row.version] = row
        if (row.count, row.units, row.dims) != (first.count, first.units, first.dims):
            yield (
                f"line {row.line}: {row.outcome} is told otherwise in line {first.line}; its "
                "versions agree in count, size and every column of yours"
            )


def _outcome(versions: Sequence[_Row], asked: Asked, rules: AcceptancePolicy) -> Outcome:
    first = versions[0]
    ordered = sorted(versions, key=lambda row: row.version)
    return Outcome(
        id=first.outcome,
        campaign=_WHOLE,
        tries=tuple(_try(row, asked, rules) for row in ordered),
        window=timedelta(days=asked.window_days),
        dims=first.dims,
        count=first.count,
        units=first.units,
    )


def _try(row: _Row, asked: Asked, rules: AcceptancePolicy) -> Try:
    def known(day: date | None) -> datetime | None:
        return _start(day) if day is not None and day <= asked.until else None

    counts = rules.judge("pulled", row.reason).effect == "disqualifies"
    return Try(
        made_at=_start(row.on or asked.until),
        accepted_at=known(row.accepted),
        rejected_at=known(row.rejected),
        failed_at=known(row.failed) if counts else None,
        reason=row.reason,
        evidence=(str(row.line),),
    )


def _costs(rows: Sequence[_Row], asked: Asked) -> Iterator[Cost]:
    for row in rows:
        if row.cost is None:
            continue
        on = row.on or asked.until
        redone = row.version > 1 and not row.part
        part: Part = "rework" if redone else _PARTS[row.part or "made" if row.outcome else row.part]
        yield Cost(
            id=str(row.line),
            micros=Money.of(row.cost * row.count, asked.currency).micros,
            campaign=_WHOLE,
            on=on,
            at=_start(on),
            outcome=row.outcome or None,
            where={} if row.outcome else row.dims,
            part=part,
        )


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _day(line: int, name: str, text: Mapping[str, str], faults: list[str]) -> date | None:
    written = text.get(name, "")
    if not written:
        return None
    try:
        day = date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        day = None
    if day is None:
        faults.append(f"line {line}: {name} is {written[:40]!r}; write a day as 2026-10-02")
    return day


def _count(line: int, name: str, text: Mapping[str, str], faults: list[str]) -> int:
    written = text.get(name) or "1"
    if not _COUNT.fullmatch(written):
        faults.append(f"line {line}: {name} is {written[:40]!r}; write a whole number from 1")
        return 1
    return int(written)


def _amount(line: int, written: str, currency: str, faults: list[str]) -> Decimal | None:
    if not written:
        return None
    try:
        # Proves that it is an amount; what is kept is exact, since it is multiplied by a count.
        Money.of(written, currency)
    except ValueError as error:
        faults.append(f"line {line}: cost: {error}")
        return None
    return Decimal(written)
