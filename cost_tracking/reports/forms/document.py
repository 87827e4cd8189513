"""A report as tables of typed columns, from which every form of it is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from pydantic import AwareDatetime

from cost_tracking.books.head import Head
from cost_tracking.money import Money
from cost_tracking.reports.figures import exact, number

Kind = Literal["text", "money", "exact", "figure", "count", "percent", "points", "factor", "date"]
"""``money`` is rounded for people, ``exact`` is told to the micro, and ``figure`` is an amount, a
number or a quotient, as the row has it. Files hold all three to the micro."""
Cell = str | Money | Decimal | int | date | None
Row = Sequence[Cell]
NUMBERS: frozenset[Kind] = frozenset(
    {"money", "exact", "figure", "count", "percent", "points", "factor"}
)
AMOUNTS: frozenset[Kind] = frozenset({"money", "exact", "figure"})
_WRITTEN: Mapping[Kind, tuple[int, str]] = {
    "figure": (4, ""),
    "percent": (1, "%"),
    "points": (1, "pp"),
    "factor": (2, "×"),  # noqa: RUF001 - a multiplication sign is meant
}
"""How many decimals a number has that is no amount, and its unit."""
_MICRO = Decimal("0.000001")


class Column(NamedTuple):
    """What stands in one column."""

    key: str
    """Its name in files; in all tables of a document one key is of one kind."""
    heading: str
    kind: Kind = "text"
    currency: str = "currency"
    """The name, in files, of the column that says the currency of an amount."""


class Bars(NamedTuple):
    """Amounts that a page draws beside their table."""

    title: str
    bars: Sequence[tuple[str, Money | None]]
    """By name, in the order from the top. What is 0, below it or not known has no bar."""
    working: bool = False
    """Whether it is working money, which has a colour of its own."""


class Table(NamedTuple):
    """One table of a document."""

    key: str
    """Its name in files, such as ``budgets``."""
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    note: str = ""
    """What a reader must know of it."""
    drawn: tuple[Bars, ...] = ()
    """The charts above it."""
    bulk: bool = False
    """Whether it is for machines alone: it is in no page and in no Markdown."""

    @property
    def currencies(self) -> tuple[str, ...]:
        """Return the names of the columns that say the currencies of its amounts."""
        return tuple(
            dict.fromkeys(one.currency for one in self.columns if one.kind in AMOUNTS),
        )


class Mark(NamedTuple):
    """Where in the ledger a document ends."""

    up_to: int
    sealed: Head | None
    """The newest head that reaches no further; None where nothing is sealed yet."""


@dataclass(frozen=True)
class Document:
    """A report: what it says in one sentence, what it rests on, and its tables.

    Raises:
        ValueError: Two tables have one key, a row is not as long as its columns, or one key stands
            for columns of two kinds.

    """

    schema: str
    """The name of its JSON, such as ``kampanj.report.all/1``."""
    title: str
    lead: str
    as_of: AwareDatetime
    mark: Mark | None
    """None of what was not told from the ledger."""
    tables: tuple[Table, ...]
    facts: tuple[tuple[str, str], ...] = ()
    """What it rests on: policies, rates, periods."""
    notes: tuple[str, ...] = ()
    """What a reader must know before quoting a figure."""

    def __post_init__(self) -> None:
        """Check that a flat file of it can be read."""
        if len({one.key for one in self.tables}) != len(self.tables):
            raise ValueError(f"{self.title}: two tables have one key")
        kinds: dict[str, Kind] = {}
        for table in self.tables:
            for column in table.columns:
                if kinds.setdefault(column.key, column.kind) != column.kind:
                    raise ValueError(f"{table.key}: {column.key} is of another kind elsewhere")
            if any(len(row) != len(table.columns) for row in table.rows):
                raise ValueError(f"{table.key}: a row is not as long as its columns")

    def only(self, key: str) -> "Document":
        """Return it with one of its tables.

        Raises:
            ValueError: It has none of this name.

        """
        found = tuple(one for one in self.tables if one.key == key)
        if not found:
            names = ", ".join(one.key for one in self.tables)
            raise ValueError(f"there is no table {key!r} in it; it has {names}")
        return Document(
            self.schema,
            f"{self.title}: {found[0].title[0].lower()}{found[0].title[1:]}",
            # It says something of the whole, and the table has its own note.
            "",
            self.as_of,
            self.mark,
            found,
            self.facts,
            self.notes,
        )


def said(column: Column, value: Cell) -> str:
    """Return a cell as people read it."""
    if isinstance(value, str) or (value is None and column.kind == "text"):
        return value or ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Money) and column.kind in {"exact", "figure"}:
        return exact(value.micros, value.currency)
    if isinstance(value, Decimal) and column.kind in _WRITTEN:
        places, unit = _WRITTEN[column.kind]
        return number(value, places=places, unit=unit, signed=column.kind == "points")
    return number(value)


def plain(value: Cell) -> str:
    """Return a cell as a file holds it: amounts without their currency, all to the micro."""
    match value:
        case Money():
            return f"{value.amount:f}"
        case Decimal():
            return f"{value.quantize(_MICRO):f}"
        case None:
            return ""
        case _:
            return str(value)


def money_of(table: Table, row: Row) -> Mapping[str, str]:
    """Return the currencies of a row, by the columns that name them.

    Raises:
        ValueError: Amounts of two currencies share a column.

    """
    found = dict.fromkeys(table.currencies, "")
    for column, value in zip(table.columns, row, strict=True):
        if isinstance(value, Money):
            if found[column.currency] not in {"", value.currency}:
                raise ValueError(f"{table.key}: {column.key} needs a currency column of its own")
            found[column.currency] = value.currency
    return found


def fields(document: Document) -> dict[str, Kind]:
    """Return the columns of a flat file with their kinds, in the order of the tables."""
    found: dict[str, Kind] = {"table": "text"}
    for table in document.tables:
        found.update({one.key: one.kind for one in table.columns})
        found.update(dict.fromkeys(table.currencies, "text"))
    return found


def flat(document: Document) -> Iterable[dict[str, str]]:
    """Yield every row of every table with all the columns of ``fields``; ``table`` says of which.

    Tables tell the same money in several ways, so a sheet must not sum over them.
    """
    names = dict.fromkeys(fields(document), "")
    for table in document.tables:
        keys = [one.key for one in table.columns]
        for row in table.rows:
            cells = dict(zip(keys, map(plain, row), strict=True))
            yield {**names, "table": table.key, **cells, **money_of(table, row)}
