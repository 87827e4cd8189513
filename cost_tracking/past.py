"""What earlier runs of a campaign bought and spent, read through the database's driver alone.

A quote reads three tables, and SQLAlchemy takes longer to be imported than all the rest of a quote.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from cost_tracking.money import Money

_BUSY_SECONDS = 60
_BOUGHT = """
    SELECT request_sha256, id FROM attempt
    WHERE campaign = ? AND state = 'settled' AND waste = 0 ORDER BY reserved_at, id"""
_ANSWERED = """
    SELECT asset, provider, id FROM attempt
    WHERE campaign = ? AND state = 'settled' AND waste = 0 AND operation <> 'image'
    ORDER BY reserved_at, id"""
_TAKEN = """
    SELECT reserved_micros + spent_micros + COALESCE((
        SELECT after_micros FROM budget_change
        WHERE budget_change.campaign = budget.campaign
          AND budget_change.spend_class = budget.spend_class
        ORDER BY seq DESC LIMIT 1
    ), limit_micros) - limit_micros, currency FROM budget
    WHERE campaign = ? AND spend_class = 'non_working'"""
_RUNS = """
    SELECT id, started_at FROM run WHERE campaign = ? ORDER BY started_at DESC, id"""
_MADE = """
    SELECT slot, version, sha256, recipe, format, width, height FROM asset
    WHERE campaign = ? AND kind = 'rendition' ORDER BY seq"""
_DECIDED = """
    SELECT statement, seq FROM decision WHERE statement LIKE ? ESCAPE '!' ORDER BY seq"""
_ACTS = """
    SELECT statement, seq FROM act WHERE statement LIKE ? ESCAPE '!' ORDER BY seq"""
_CHOSEN = """
    SELECT statement, seq FROM choice WHERE campaign = ? ORDER BY seq DESC LIMIT 1"""


class UnreadableLedger(Exception):
    """The database is not there, or holds no ledger of ours."""


class _Driver(Protocol):
    """What sqlite3 and psycopg share of Python's database interface."""

    def execute(self, query: Any, params: Any, /) -> Any:
        """Run one statement."""

    def close(self) -> None:
        """Hang up."""


class MadeBefore(NamedTuple):
    """One version of a rendition."""

    slot: str
    version: int
    sha256: str
    recipe: str
    format: str
    width: int
    height: int


class Past(NamedTuple):
    """What a campaign has behind it; nothing, where nobody has made a database."""

    bought: Mapping[str, str] = MappingProxyType({})
    """The attempt that answered each request, by the request's sha256."""
    answered: Sequence[tuple[str, str, str]] = ()
    """The asset, the provider and the attempt of each answer in words, the oldest first."""
    taken: Money | None = None
    """Reserved, spent and moved away of its non-working budget; None before one was set."""
    runs: Sequence[str] = ()
    """The ids of its runs, the newest first."""
    made: Sequence[MadeBefore] = ()
    """Every version of its renditions, in the order in which they were recorded."""
    decisions: Sequence[str] = ()
    """What was decided about them, as JSON, the oldest first."""
    acts: Sequence[str] = ()
    """What came upon it: edits and what was made again, as JSON, the oldest first."""
    choice: str = ""
    """The newest choice of its concepts, as JSON; empty before there was one."""


def read_past(url: str, campaign: str) -> Past:
    """Read what a campaign has bought, spent and chosen.

    Args:
        url: As ``open_database`` takes it.
        campaign: The campaign's name.

    Raises:
        UnknownDatabase: The address is of no database that we keep money in.
        UnreadableLedger: The database is not there, or holds no ledger of ours.

    """
    connect, errors, mark = _driver(url)
    try:
        with closing(connect()) as driver:

            def found(query: str, value: str = campaign) -> list[Any]:
                rows: list[Any] = driver.execute(query.replace("?", mark), (value,)).fetchall()
                return rows

            bought, answered = found(_BOUGHT), found(_ANSWERED)
            taken, chosen, runs = found(_TAKEN), found(_CHOSEN), found(_RUNS)
            made, decided, acts = [], [], []
            if runs:
                from creative.amendment import prefixes

                made = found(_MADE)
                decided = found(_DECIDED, f'{{"asset":"{campaign}!_%')
                acts = [row for one in prefixes(campaign) for row in found(_ACTS, f"{one}%")]
    except errors as error:
        said = " ".join(str(error).split())
        raise UnreadableLedger(
            f"the database cannot be read: {said}; see that it is there and that "
            "`kampanj db upgrade` has made its tables"
        ) from error
    return Past(
        bought=dict(bought),
        answered=tuple(answered),
        taken=Money(micros=taken[0][0], currency=taken[0][1]) if taken else None,
        runs=tuple(one for one, _ in runs),
        made=tuple(MadeBefore(*row) for row in made),
        decisions=tuple(one for one, _ in decided),
        acts=tuple(one for one, _ in sorted(acts, key=lambda row: row[1])),
        choice=chosen[0][0] if chosen else "",
    )


def _driver(url: str) -> tuple[Callable[[], _Driver], type[Exception], str]:
    """Return how to connect, what the driver raises, and how it marks a value in a statement."""
    scheme, _, rest = url.partition("://")
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        import psycopg

        return lambda: psycopg.connect(f"postgresql://{rest}"), psycopg.Error, "%s"
    if scheme != "sqlite" or rest in ("", "/", "/:memory:"):
        from cost_tracking.database import open_database

        # It refuses the address in words that do not repeat a password.
        open_database(url).dispose()
    import sqlite3

    # Read-only: a quote writes nothing, not even an empty database.
    address = f"{Path(rest.removeprefix('/')).absolute().as_uri()}?mode=ro"
    wait = _BUSY_SECONDS
    return lambda: sqlite3.connect(address, uri=True, timeout=wait), sqlite3.Error, "?"
