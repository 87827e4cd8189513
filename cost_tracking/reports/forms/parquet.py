"""Flat rows as Parquet: typed columns, exact amounts, no text changed."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from cost_tracking.reports.forms.document import Document, Kind, fields, flat

AMOUNT = "DECIMAL(25, 6)"
"""Holds every amount of int64 micros."""
_TYPES: Mapping[Kind, str] = {
    "text": "VARCHAR",
    "money": AMOUNT,
    "exact": AMOUNT,
    "figure": AMOUNT,
    "count": "BIGINT",
    "percent": AMOUNT,
    "points": AMOUNT,
    "factor": AMOUNT,
    "date": "DATE",
}


def as_parquet(document: Document) -> bytes:
    """Return the rows of ``flat`` as Parquet; what is empty is NULL."""
    types = {name: _TYPES[kind] for name, kind in fields(document).items()}
    return rows_as_parquet(flat(document), types)


def rows_as_parquet(rows: Iterable[Mapping[str, str]], types: Mapping[str, str]) -> bytes:
    """Return rows as Parquet, zstd-compressed.

    Args:
        rows: Each with a text for every column; an empty one is NULL.
        types: Of the columns, in DuckDB's words.

    """
    import duckdb

    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "rows.json", Path(folder) / "report.parquet"
        with source.open("w", encoding="utf-8") as lines:
            for row in rows:
                lines.write(json.dumps({name: row[name] or None for name in types}) + "\n")
        with duckdb.connect() as memory:
            found = memory.read_json(str(source), columns=dict(types), format="newline_delimited")
            found.write_parquet(str(target), compression="zstd")
        return target.read_bytes()
