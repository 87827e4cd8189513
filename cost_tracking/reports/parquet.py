"""The spend report as Parquet: the rows of the flat file with types, amounts exact."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.files import FIELDS, MONEY, WHOLE, report_rows

_DECIMAL = "DECIMAL(25, 6)"
"""Holds every amount of int64 micros."""
_TYPES = {
    **dict.fromkeys(MONEY, _DECIMAL),
    **dict.fromkeys(WHOLE, "BIGINT"),
    "effective_on": "DATE",
    "recorded_at": "TIMESTAMP",
}


def as_parquet(report: Report) -> bytes:
    """Return the rows of ``report_rows`` as Parquet, zstd-compressed; what is empty is NULL.

    Money is DECIMAL(25, 6), counts are BIGINT, ``effective_on`` is DATE and ``recorded_at`` a
    TIMESTAMP in UTC. No text is changed: this is for machines.
    """
    import duckdb

    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "rows.json", Path(folder) / "report.parquet"
        with source.open("w", encoding="utf-8") as lines:
            for row in report_rows(report):
                lines.write(json.dumps({name: row[name] or None for name in FIELDS}) + "\n")
        types = {name: _TYPES.get(name, "VARCHAR") for name in FIELDS}
        with duckdb.connect() as memory:
            rows = memory.read_json(str(source), columns=types, format="newline_delimited")
            rows.write_parquet(str(target), compression="zstd")
        return target.read_bytes()
