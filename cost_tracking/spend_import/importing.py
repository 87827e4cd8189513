"""Makes the ledger say what an export says: what is new is posted, what was restated is corrected.

One file is one database transaction. A row is known by its natural key; the same content again
changes nothing, and other content reverses the old entry and posts a new one, so that no figure is
ever overwritten and a report as of an earlier day can be made again.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, insert, select

from cost_tracking import budgets, ledger
from cost_tracking.database import lock, writing
from cost_tracking.ledger import COST, Posting, Transaction
from cost_tracking.moments import stamp
from cost_tracking.money import Money, allocate
from cost_tracking.policy import Policy, SpendClass
from cost_tracking.spend_import.export import Export, SpendRow
from cost_tracking.spend_import.faults import Faults
from cost_tracking.spend_import.imported import Imported, Missing, Share
from cost_tracking.spend_import.matching import Match, read_index
from cost_tracking.spend_import.tables import import_row, spend_file
from cost_tracking.tables import txn
from creative.value import canonical, fingerprint

Key = tuple[str, str, str, str]
Converter = Callable[[Money, str, date, str], Money | None]
"""Returns an amount in another currency on a day for a campaign, or None where there is no rate."""
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class _Standing:
    """The last revision of a row that was imported before."""

    key: Key
    revision: int
    payload: str
    gone: bool
    level: str
    of_campaign: str
    label: str
    time_zone: str
    money: Money
    attribution: str
    counted: Mapping[str, list[Any]]
    entry: str | None


@dataclass(frozen=True, slots=True)
class _Change:
    """A row that is new or was restated, and what it takes the place of."""

    row: SpendRow
    match: Match
    payload: str
    before: _Standing | None


class _Plan:
    """What an export changes, worked out before anything is written."""

    def __init__(self) -> None:
        self.changes: list[_Change] = []
        self.unchanged = 0
        self.missing: list[_Standing] = []
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

    """

    engine: Engine
    policy: Policy
    now: Callable[[], datetime]
    actor: str
    convert: Converter | None = None

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
        standing = _standing(connection, export)
        faults = Faults(export.path)
        if export.said.campaign and not index.has(export.said.campaign):
            said = f"there is no campaign {export.said.campaign!r}"
            faults.add(0, "--campaign", said, "Run its brief first, or correct the name")
        if not window:
            _check_overlap(export, standing.values(), faults)
        _check_currency(connection, export, faults)
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
        counter = _Counter(connection, self.convert)
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
        counter: "_Counter",
    ) -> None:
        entries = [self._entry(export, one) for one in batch if one.row.money]
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
            for asset, amount in _shares(row.money, match)
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
        shares: dict[tuple[str, str], int] = Counter()
        by_campaign: dict[tuple[str, str], int] = Counter()
        unmatched: dict[tuple[str, str, str], int] = Counter()
        for row, match in plan.matches:
            currency, micros = row.money.currency, row.money.micros
            shares[match.attribution, currency] += micros
            for campaign, part in _by_campaign(row, match).items():
                by_campaign[campaign, currency] += part
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
            spent=tuple(_shares_of(shares)),
            campaigns=tuple(
                Share(name=name, money=Money(micros=micros, currency=currency))
                for (name, currency), micros in sorted(by_campaign.items())
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


class _Counter:
    """Counts media against the working budgets of campaigns."""

    def __init__(self, connection: Connection, convert: Converter | None) -> None:
        self.facts: Counter[tuple[str, str]] = Counter()
        self.uncounted: dict[str, set[str]] = defaultdict(set)
        self._convert = convert
        self._currencies = budgets.currencies(connection, SpendClass.WORKING)

    def count(self, row: SpendRow, match: Match) -> dict[str, list[Any]]:
        """Return what of a row was counted: for each campaign micros and a currency."""
        counted: dict[str, list[Any]] = {}
        for campaign, micros in _by_campaign(row, match).items():
            currency = self._currencies.get(campaign)
            if not campaign or currency is None or not micros:
                continue
            spent: Money | None = Money(micros=micros, currency=row.money.currency)
            if currency != row.money.currency and spent:
                spent = self._exchanged(spent, currency, row.day, campaign)
            if spent is None:
                self.uncounted[campaign].add(f"{row.money.currency} to {currency}")
                continue
            counted[campaign] = [spent.micros, currency]
            self.facts[campaign, currency] += spent.micros
        return counted

    def _exchanged(self, spent: Money, to: str, on: date, campaign: str) -> Money | None:
        return self._convert(spent, to, on, campaign) if self._convert else None


def _standing(connection: Connection, export: Export) -> dict[Key, _Standing]:
    """Return the last revision of each row of the export's accounts and days."""
    table = import_row
    days: dict[str, list[str]] = defaultdict(list)
    for row in export.rows:
        days[row.account].append(row.day.isoformat())
    found: dict[Key, _Standing] = {}
    for account, told in sorted(days.items()):
        query = (
            select(table, txn.c.idem_key)
            .outerjoin(txn, txn.c.seq == table.c.txn_seq)
            .where(
                table.c.platform == export.platform.name,
                table.c.account == account,
                table.c.day.between(min(told), max(told)),
            )
            .order_by(table.c.revision)
        )
        for one in connection.execute(query).mappings():
            key = (one["account"], one["day"], one["ad_id"], one["breakdown"])
            found[key] = _Standing(
                key=key,
                revision=one["revision"],
                payload=one["payload_sha256"],
                gone=bool(one["gone"]),
                level=one["level"],
                of_campaign=one["of_campaign"],
                label=one["label"],
                time_zone=one["time_zone"],
                money=Money(micros=one["amount_micros"], currency=one["currency"]),
                attribution=one["attribution"],
                counted=json.loads(one["counted"]),
                entry=one["idem_key"],
            )
    return found


def _check_overlap(export: Export, standing: Iterable[_Standing], faults: Faults) -> None:
    """Refuse to count one day of an ad twice: whole, and divided by a breakdown or a level."""
    cuts: dict[tuple[str, str, str], tuple[str, ...]] = {}
    levels: dict[tuple[str, str, str], str] = {}
    for one in standing:
        if not one.gone:
            account, day, ad_id, breakdown = one.key
            cuts[account, day, ad_id] = _cut_by(breakdown)
            levels[account, day, one.of_campaign] = one.level
    told: set[tuple[str, str, str]] = set()
    mend = "Export it as before, or give --window to put this file in place of those days"
    for row in export.rows:
        day = row.day.isoformat()
        ad, campaign = (row.account, day, row.ad_id), (row.account, day, row.of_campaign)
        before = cuts.get(ad)
        if before is not None and before != _cut_by(row.breakdown) and ad not in told:
            told.add(ad)
            was, now = (", ".join(one) or "nothing" for one in (before, _cut_by(row.breakdown)))
            said = f"ad {row.ad_id} on {day} was imported divided by {was}, and is here by {now}"
            faults.add(row.line, "", said, mend)
        level = levels.get(campaign, row.level)
        if row.of_campaign and level != row.level and campaign not in told:
            told.add(campaign)
            said = f"{row.of_campaign} on {day} was imported by {level}, and is here by {row.level}"
            faults.add(row.line, "", said, mend)


def _cut_by(breakdown: str) -> tuple[str, ...]:
    return tuple(part.partition("=")[0] for part in breakdown.split("|") if part)


def _check_currency(connection: Connection, export: Export, faults: Faults) -> None:
    accounts = {row.account: row for row in reversed(export.rows)}
    for account, row in sorted(accounts.items()):
        query = (
            select(import_row.c.currency)
            .where(
                import_row.c.platform == export.platform.name,
                import_row.c.account == account,
                import_row.c.gone == 0,
                import_row.c.currency != row.money.currency,
            )
            .limit(1)
        )
        before = connection.execute(query).scalar_one_or_none()
        if before:
            said = (
                f"account {account} was imported in {before}, and is in {row.money.currency} here"
            )
            mend = "An account is billed in one currency: correct --currency or the export"
            faults.add(row.line, "", said, mend)


def _keep_gone(
    connection: Connection, export: Export, gone: Sequence[_Standing], file_seq: int
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


def _shares(money: Money, match: Match) -> Iterable[tuple[Any, Money]]:
    """Divide an ad's cost among its assets, equally and without a rest."""
    if len(match.assets) < 2:
        yield from ((one, money) for one in match.assets)
        return
    parts = allocate(money.micros, {one.slot: 1 for one in match.assets})
    for one in match.assets:
        yield one, Money(micros=parts[one.slot], currency=money.currency)


def _by_campaign(row: SpendRow, match: Match) -> dict[str, int]:
    """Return micros by campaign of ours; under an empty name where there is none."""
    if match.campaign or not match.assets:
        return {match.campaign or "": row.money.micros}
    found: Counter[str] = Counter()
    for asset, amount in _shares(row.money, match):
        found[asset.campaign] += amount.micros
    return dict(found)


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


def _shares_of(shares: Mapping[tuple[str, str], int]) -> Iterable[Share]:
    for (attribution, currency), micros in sorted(shares.items()):
        yield Share(name=attribution, money=Money(micros=micros, currency=currency))


def _batches(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
