"""Makes the ledger say what an export says: what is new is posted, what was restated is corrected.

One file is one database transaction. A row is known by its natural key; the same content again
changes nothing, and other content reverses the old entry and posts a new one, so that no figure is
ever overwritten and a report as of an earlier day can be made again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, insert

from cost_tracking import budgets, ledger
from cost_tracking.database import lock, writing
from cost_tracking.exchange.based import Books, in_books
from cost_tracking.ledger import COST, Posting, Transaction
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass
from cost_tracking.spend_import.faults import Faults
from cost_tracking.spend_import.imported import Imported, Missing, Share
from cost_tracking.spend_import.matching import Match, read_index
from cost_tracking.spend_import.shares import Converter, Counted, by_campaign, shares
from cost_tracking.spend_import.spend_row import Export, SpendRow
from cost_tracking.spend_import.standing import (
    Key,
    Standing,
    check_currency,
    check_overlap,
    standing_rows,
)
from cost_tracking.spend_import.tables import import_row, spend_file
from creative.value import canonical, fingerprint

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that is new or was restated, and what it takes the place of."""

    row: SpendRow
    match: Match
    payload: str
    before: Standing | None


class _Plan:
    """What an export changes, worked out before anything is written."""

    def __init__(self) -> None:
        self.changes: list[_Change] = []
        self.unchanged = 0
        self.missing: list[Standing] = []
        self.matches: list[tuple[SpendRow, Match]] = []


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
            return self._outcome(export, plan, file_seq, uncounted, window=window, dry_run=dry_run)

    # What is to be done.

    def _plan(
        self,
        connection: Connection,
        export: Export,
        codes: Mapping[str, Sequence[str]] | None,
        *,
        window: bool,
    ) -> _Plan:
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
        plan = _Plan()
        for row in export.rows:
            match = index.match(row.ad_id, row.names, row.campaign_names)
            if match.campaign is None and not match.assets and export.said.campaign:
                match = Match(campaign=export.said.campaign, assets=())
            plan.matches.append((row, match))
            payload, before = _payload(row, match), standing.pop(row.key, None)
            if before and not before.gone and before.payload == payload:
                plan.unchanged += 1
            else:
                plan.changes.append(_Change(row, match, payload, before))
        plan.missing = [one for one in standing.values() if not one.gone]
        return plan

    # Doing it.

    def _carry_out(
        self, connection: Connection, export: Export, plan: _Plan, *, window: bool
    ) -> tuple[int, dict[str, set[str]]]:
        at = self.now()
        gone = plan.missing if window else []
        taken = [one.before for one in plan.changes if one.before and not one.before.gone] + gone
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
        reason = f"restated by {_source(export)}"
        for some in _batches(entries):
            ledger.reverse_all(connection, some, at, actor=self.actor, reason=reason)
        facts: Counter[tuple[str, str]] = Counter()
        for one in taken:
            for campaign, (micros, currency) in one.counted.items():
                facts[campaign, currency] -= micros
        counter = Counted(connection, self.convert)
        for batch in _batches(plan.changes):
            self._post(connection, export, batch, file_seq, at, counter)
        _keep_gone(connection, export, gone, file_seq)
        for campaign, currency in sorted({*facts, *counter.facts}):
            micros = facts[campaign, currency] + counter.facts[campaign, currency]
            spent = Money(micros=micros, currency=currency)
            budgets.record(connection, campaign, SpendClass.WORKING, spent)
        return file_seq, counter.uncounted

    def _post(
        self,
        connection: Connection,
        export: Export,
        batch: Sequence[_Change],
        file_seq: int,
        at: datetime,
        counter: "Counted",
    ) -> None:
        entries = [in_books(self._entry(export, one), self.books) for one in batch if one.row.money]
        seqs = iter(ledger.post_all(connection, entries, at))
        rows = []
        for one in batch:
            row = one.row
            counted = counter.count(row, one.match) if row.money and self._working(export) else {}
            rows.append(
                {
                    "platform": export.platform.name,
                    "account": row.account,
                    "day": row.day.isoformat(),
                    "ad_id": row.ad_id,
                    "breakdown": row.breakdown,
                    "revision": _revision(one),
                    "payload_sha256": one.payload,
                    "gone": 0,
                    "level": row.level,
                    "of_campaign": row.of_campaign,
                    "label": row.label,
                    "time_zone": row.time_zone,
                    "amount_micros": row.money.micros,
                    "currency": row.money.currency,
                    "attribution": one.match.attribution,
                    "counted": canonical(counted).decode(),
                    "txn_seq": next(seqs) if row.money else None,
                    "file_seq": file_seq,
                    "line": row.line,
                }
            )
        connection.execute(insert(import_row), rows)

    def _working(self, export: Export) -> bool:
        return self.policy.spend_class(export.platform.cost_type) is SpendClass.WORKING

    def _entry(self, export: Export, one: _Change) -> Transaction:
        row, match, platform = one.row, one.match, export.platform
        of_row: dict[str, Any] = {"provider": platform.name, "stage": "media"}
        of_cost: dict[str, Any] = {
            "account": COST,
            "cost_type": platform.cost_type,
            "spend_class": self.policy.spend_class(platform.cost_type),
            "policy": self.policy.id,
            "attribution": match.attribution,
        }
        postings = [
            Posting(
                **of_cost,
                **of_row,
                amount=amount,
                campaign=asset.campaign,
                asset=asset.slot,
                market=asset.market,
                locale=asset.locale,
                placement=asset.placement,
                concept=asset.concept,
                channel=asset.channel or platform.channel,
            )
            for asset, amount in shares(row.money, match)
            if amount
        ] or [
            Posting(
                **of_cost,
                **of_row,
                amount=row.money,
                campaign=match.campaign,
                channel=platform.channel,
            )
        ]
        owed = Posting(
            **of_row,
            account=f"payable:{platform.name}",
            amount=-row.money,
            campaign=match.campaign,
            channel=platform.channel,
        )
        return Transaction(
            key=_entry_key(platform.name, row.key, _revision(one)),
            kind="media",
            effective_on=row.day,
            postings=(*postings, owed),
            source="import",
            source_doc=f"{_source(export)}, line {row.line}",
            actor=self.actor,
        )

    # Telling it.

    def _outcome(
        self,
        export: Export,
        plan: _Plan,
        file_seq: int | None,
        uncounted: Mapping[str, set[str]],
        *,
        window: bool,
        dry_run: bool,
    ) -> Imported:
        restated = [one for one in plan.changes if one.before and not one.before.gone]
        told: dict[tuple[str, str], int] = Counter()
        campaigns: dict[tuple[str, str], int] = Counter()
        unmatched: dict[tuple[str, str, str], int] = Counter()
        for row, match in plan.matches:
            currency, micros = row.money.currency, row.money.micros
            told[match.attribution, currency] += micros
            for campaign, part in by_campaign(row, match).items():
                campaigns[campaign, currency] += part
            if not match.assets:
                unmatched[row.label, match.campaign or "", currency] += micros
        days = [row.day for row in export.rows]
        return Imported(
            file=str(export.path),
            sha256=export.sha256,
            file_seq=file_seq,
            platform=export.platform.name,
            accounts=tuple(sorted({row.account for row in export.rows})),
            first_day=min(days),
            last_day=max(days),
            time_zones=tuple(sorted({row.time_zone for row in export.rows})),
            rows=len(export.rows),
            new=len(plan.changes) - len(restated),
            restated=len(restated),
            unchanged=plan.unchanged,
            free=sum(not row.money for row in export.rows),
            reversed=len(plan.missing) if window else 0,
            change=tuple(_changed(plan, window=window)),
            spent=tuple(_shares_of(told)),
            campaigns=tuple(
                Share(name=name, money=Money(micros=micros, currency=currency))
                for (name, currency), micros in sorted(campaigns.items())
            ),
            unmatched=tuple(
                Share(name=label, money=Money(micros=micros, currency=currency), campaign=campaign)
                for (label, campaign, currency), micros in sorted(
                    unmatched.items(), key=lambda one: (-one[1], one[0])
                )
            ),
            missing=tuple(
                Missing(
                    account=one.key[0],
                    day=date.fromisoformat(one.key[1]),
                    ad_id=one.key[2],
                    breakdown=one.key[3],
                    label=one.label,
                    money=one.money,
                )
                for one in plan.missing
            ),
            uncounted={name: tuple(sorted(told)) for name, told in sorted(uncounted.items())},
            totals_checked=export.totals,
            skipped=export.skipped,
            window=window,
            dry_run=dry_run,
        )


def _keep_gone(
    connection: Connection, export: Export, gone: Sequence[Standing], file_seq: int
) -> None:
    rows = [
        {
            "platform": export.platform.name,
            "account": one.key[0],
            "day": one.key[1],
            "ad_id": one.key[2],
            "breakdown": one.key[3],
            "revision": one.revision + 1,
            "payload_sha256": "",
            "gone": 1,
            "level": one.level,
            "of_campaign": one.of_campaign,
            "label": one.label,
            "time_zone": one.time_zone,
            "amount_micros": 0,
            "currency": one.money.currency,
            "attribution": one.attribution,
            "counted": "{}",
            "txn_seq": None,
            "file_seq": file_seq,
            "line": 0,
        }
        for one in gone
    ]
    if rows:
        connection.execute(insert(import_row), rows)


def _revision(one: _Change) -> int:
    return one.before.revision + 1 if one.before else 1


def _payload(row: SpendRow, match: Match) -> str:
    return fingerprint(
        {
            "amount": row.money.micros,
            "currency": row.money.currency,
            "campaign": match.campaign,
            "assets": [one.slot for one in match.assets],
        }
    )


def _entry_key(platform: str, key: Key, revision: int) -> str:
    parts = (quote(part, safe=":=|, @+") for part in key)
    return "/".join(("media", platform, *parts, str(revision)))


def _source(export: Export) -> str:
    return f"{export.path.name} (sha256 {export.sha256[:16]})"


def _changed(plan: _Plan, *, window: bool) -> Iterable[Money]:
    """Yield by how much the ledger's media changes, in each currency."""
    total: Counter[str] = Counter()
    for one in plan.changes:
        total[one.row.money.currency] += one.row.money.micros
        if one.before and not one.before.gone:
            total[one.before.money.currency] -= one.before.money.micros
    for gone in plan.missing if window else ():
        total[gone.money.currency] -= gone.money.micros
    for currency in sorted(total):
        yield Money(micros=total[currency], currency=currency)


def _shares_of(told: Mapping[tuple[str, str], int]) -> Iterable[Share]:
    for (attribution, currency), micros in sorted(told.items()):
        yield Share(name=attribution, money=Money(micros=micros, currency=currency))


def _batches(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
