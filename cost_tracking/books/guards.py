"""Whether the database itself still refuses what would falsify the books."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from cost_tracking.schema import APPEND_ONLY

_LATE = ("txn", "posting", "usage")
_HOW = {"sqlite": ("no_update", "no_delete"), "postgresql": ("no_change", "no_truncate")}
_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'",
    "postgresql": (
        "SELECT tgname FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid "
        "WHERE tgenabled IN ('O', 'A') AND prosrc LIKE '%RAISE EXCEPTION%'"
    ),
}


def faults(connection: Connection) -> Iterator[str]:
    """Yield each table that could be changed, emptied or added to too late without a word."""
    dialect = connection.dialect.name
    there = set(connection.execute(text(_TRIGGERS[dialect])).scalars())
    for table in APPEND_ONLY:
        wanted = {f"{table}_{how}" for how in _HOW[dialect]}
        if table in _LATE:
            wanted.add(f"{table}_not_late")
        if lacking := sorted(wanted - there):
            yield (
                f"table {table} has lost {', '.join(lacking)}, which kept its rows as they are; "
                "restore the database from a backup, or make the trigger again"
            )
