"""The spend report as Parquet: the rows of the flat file with types, amounts exact."""

from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.files import FIELDS, MONEY, WHOLE, report_rows
from cost_tracking.reports.forms.parquet import AMOUNT, rows_as_parquet

_TYPES = {
    **dict.fromkeys(MONEY, AMOUNT),
    **dict.fromkeys(WHOLE, "BIGINT"),
    "effective_on": "DATE",
    "recorded_at": "TIMESTAMP",
}


def as_parquet(report: Report) -> bytes:
    """Return the rows of ``report_rows`` as Parquet, zstd-compressed; what is empty is NULL.

    Money is DECIMAL(25, 6), counts are BIGINT, ``effective_on`` is DATE and ``recorded_at`` a
    TIMESTAMP in UTC. No text is changed: this is for machines.
    """
    return rows_as_parquet(
        report_rows(report), {name: _TYPES.get(name, "VARCHAR") for name in FIELDS}
    )
