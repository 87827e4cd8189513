"""Makes the ledger say what an export says: what is new is posted, what was restated is corrected.

One file is one database transaction. A row is known by its natural key; the same content again
changes nothing, and other content reverses the old entry and posts a new one, so that no figure is
ever overwritten and a report as of an earlier day can be made again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, insert

from cost_tracking import budgets, ledger
from cost_tracking.books.batches import Cells, add_rows
from cost_tracking.database import lock, writing
from cost_tracking.exchange.based import Books
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass
from cost_tracking.spend_import.changes import Change, Plan, planned
from cost_tracking.spend_import.faults import Faults
from cost_tracking.spend_import.imported import Imported
from cost_tracking.spend_import.matching import read_index
from cost_tracking.spend_import.posted import Entries, source_of
from cost_tracking.spend_import.shares import Converter, Counted
from cost_tracking.spend_import.spend_row import Export
from cost_tracking.spend_import.standing import (
    Standing,
    check_currency,
    check_overlap,
    standing_rows,
)
from cost_tracking.spend_import.tables import import_row, spend_file
from cost_tracking.spend_import.telling import outcome
from creative.value import canonical

_BATCH = 5_000
_T = TypeVar("_T")


@dataclass(frozen=True)
class Importer:
    """Imports files into one database.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        policy: Says which side of the line each cost type is of.
        now: The clock.
        actor: Who imports.
        convert: Turns an amount into a budget's currency; without it only budgets in the file's
            own currency count its rows.
        books: The currency in which its entries are told too; None where nobody has named one.

    """

    engine: Engine
    policy: Policy
    now: Callable[[], datetime]
    actor: str
    convert: Converter | None = None
    books: Books | None = None

    def run(
        self,
        export: Export,
        *,
        codes: Mapping[str, Sequence[str]] | None = None,
        window: bool = False,
        dry_run: bool = False,
    ) -> Imported:
        """Import one file, all of it or nothing.

        Args:
            export: As ``read_export`` read it.
            codes: Of ``read_codes``.
            window: Whether the file tells all of its days: what was imported of these days before
                and is not in it is reversed. Otherwise such rows are listed and stand.
            dry_run: Work out what would change, and change nothing.

        Raises:
            InvalidInput: The file contradicts what was imported before; each line is named.
            UnknownCostType: The policy does not know the platform's cost type.

        """
        self.policy.spend_class(export.platform.cost_type)
        with writing(self.engine) as connection:
            lock(connection, f"spend-import/{export.platform.name}")
            plan = self._plan(connection, export, codes, window=window)
            file_seq: int | None = None
            uncounted: Mapping[str, set[str]] = {}
            if not dry_run:
                file_seq, uncounted = self._carry_out(connection, export, plan, window=window)
            return outcome(export, plan, file_seq, uncounted, window=window)

    def _plan(
        self,
        connection: Connection,
        export: Export,
        codes: Mapping[str, Sequence[str]] | None,
        *,
        window: bool,
    ) -> Plan:
        index = read_index(connection, codes)
        standing = standing_rows(connection, export)
        faults = Faults(export.path)
        if export.said.campaign and not index.has(export.said.campaign):
            said = f"there is no campaign {export.said.campaign!r}"
            faults.add(0, "--campaign", said, "Run its brief first, or correct the name")
        if not window:
            check_overlap(export, standing.values(), faults)
        check_currency(connection, export, faults)
        faults.raise_any()
        return planned(export, index, standing)

    def _carry_out(
        self, connection: Connection, export: Export, plan: Plan, *, window: bool
    ) -> tuple[int, dict[str, set[str]]]:
        at = self.now()
        gone = plan.missing if window else []
        taken = plan.taken(window=window)
        file_seq: int = connection.execute(
            insert(spend_file)
            .values(
                sha256=export.sha256,
                name=export.path.name,
                platform=export.platform.name,
                rows=len(export.rows),
                changed=len(plan.changes) + len(gone),
                imported_at=stamp(at),
                imported_by=self.actor,
            )
            .returning(spend_file.c.seq)
        ).scalar_one()
        entries = [one.entry for one in taken if one.entry]
        reason = f"restated by {source_of(export)}"
        for some in _batches(entries):
            ledger.reverse_all(connection, some, at, actor=self.actor, reason=reason)
        facts: Counter[tuple[str, str]] = Counter()
        for one in taken:
            for campaign, (micros, currency) in one.counted.items():
                facts[campaign, currency] -= micros
        counter = Counted(connection, self.convert)
        self._post(connection, export, plan.changes, file_seq, at, counter)
        add_rows(connection, import_row, _KEPT, [_gone(export, one, file_seq) for one in gone])
        for campaign, currency in sorted({*facts, *counter.facts}):
            micros = facts[campaign, currency] + counter.facts[campaign, currency]
            spent = Money(micros=micros, currency=currency)
            budgets.record(connection, campaign, SpendClass.WORKING, spent)
        return file_seq, counter.uncounted

    def _post(
        self,
        connection: Connection,
        export: Export,
        changes: Sequence[Change],
        file_seq: int,
        at: datetime,
        counter: Counted,
    ) -> None:
        entries = Entries(export, self.policy, self.actor, self.books)
        side = self.policy.spend_class(export.platform.cost_type)
        for batch in _batches(changes):
            posted = [
                entries.of(one.row, one.match, one.revision) for one in batch if one.row.money
            ]
            seqs = iter(ledger.post_ready(connection, posted, at))
            rows = []
            for one in batch:
                seq = next(seqs) if one.row.money else None
                counts = side is SpendClass.WORKING and seq is not None
                counted = counter.count(one.row, one.match) if counts else {}
                said = canonical(counted).decode() if counted else "{}"
                rows.append(_kept(export, one, file_seq, seq, said))
            add_rows(connection, import_row, _KEPT, rows)


_KEPT = (
    "platform",
    "account",
    "day",
    "ad_id",
    "breakdown",
    "revision",
    "payload_sha256",
    "gone",
    "level",
    "of_campaign",
    "label",
    "time_zone",
    "amount_micros",
    "currency",
    "attribution",
    "counted",
    "txn_seq",
    "file_seq",
    "line",
)


def _kept(export: Export, one: Change, file_seq: int, seq: int | None, counted: str) -> Cells:
    """Return the cells of ``_KEPT`` of a row that stands."""
    row = one.row
    return (
        export.platform.name,
        *row.key,
        one.revision,
        one.payload,
        0,
        row.level,
        row.of_campaign,
        row.label,
        row.time_zone,
        row.money.micros,
        row.money.currency,
        one.match.attribution,
        counted,
        seq,
        file_seq,
        row.line,
    )


def _gone(export: Export, one: Standing, file_seq: int) -> Cells:
    """Return the cells of ``_KEPT`` of a row that the platform tells no more."""
    return (
        export.platform.name,
        *one.key,
        one.revision + 1,
        "",
        1,
        one.level,
        one.of_campaign,
        one.label,
        one.time_zone,
        0,
        one.money.currency,
        one.attribution,
        "{}",
        None,
        file_seq,
        0,
    )


def _batches(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
