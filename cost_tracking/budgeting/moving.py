"""Moves budget from one place to another: both in one transaction, and once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, insert, select, update

from cost_tracking import tables
from cost_tracking.budgeting import turn
from cost_tracking.budgeting.scopes import Scope
from cost_tracking.budgeting.tables import budget_limit, budget_transfer
from cost_tracking.budgets import NoBudget, OverBudget
from cost_tracking.database import lock, writing
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from creative.value import Value

BUDGET, LIMIT = "budget", "limit"
_FIELDS = ("campaign", "spend_class", "channel", "period", "provider")


class Move(Value):
    """What is to be moved, and who says so."""

    key: str
    """Its number with whoever approved it; the same one moves nothing a second time."""
    source: Scope
    target: Scope
    amount: Money
    reason: str
    approved_by: str
    by: str
    """Who enters it."""

    @property
    def kind(self) -> str:
        """Return what it moves between: budgets of campaigns, or limits."""
        return BUDGET if self.source.of_campaign else LIMIT


class Moved(Value):
    """One line of the journal of transfers."""

    seq: int
    fresh: bool
    """False where it had been moved before, and nothing was done."""


class NotMoved(OverBudget):
    """Less is left than was to be moved. Nothing was."""

    def __init__(self, move: Move, left: Money) -> None:
        self.move = move
        Exception.__init__(
            self,
            f"{move.source}: {left} of it is neither spent nor reserved, and {move.amount} cannot "
            "be moved away; move less",
        )


@dataclass(frozen=True)
class _Row:
    """A row of either table: both have the same columns of amounts."""

    table: Table
    is_it: ColumnElement[bool]


def move(engine: Engine, wanted: Move, at: datetime) -> Moved:
    """Move budget; the same key and content again changes nothing.

    Raises:
        NotMoved: Less is left there; what is reserved or spent is never moved away.
        NoBudget: There is no such budget or limit.
        ValueError: The amount is not above 0 or in another currency, the two are not of one kind
            or are the same, something is left empty, or the key stands for another transfer.

    """
    _check(wanted)
    row = _row(wanted, at)
    with writing(engine) as connection:
        turn.to_count(connection)
        lock(connection, "budget_transfer")
        before = _known(connection, wanted.key)
        if before is not None:
            return _same(before, row)
        sides = sorted((wanted.source, wanted.target), key=str)
        if wanted.kind == BUDGET:
            for one in sides:
                lock(connection, f"budget/{one.campaign}/{one.spend_class}")
        for one in sides:
            _currency(connection, one, wanted)
        for one in sides:
            _change(connection, one, wanted, stamp(at))
        statement = insert(budget_transfer).values(row).returning(budget_transfer.c.seq)
        found: int = connection.execute(statement).scalar_one()
        return Moved(seq=found, fresh=True)


def _check(wanted: Move) -> None:
    faults = [
        f"{name} is empty; say it"
        for name, value in (
            ("the key", wanted.key),
            ("the reason", wanted.reason),
            ("who approved it", wanted.approved_by),
        )
        if not value.strip()
    ]
    if wanted.amount.micros <= 0:
        faults.append(f"{wanted.amount} is to be moved; give an amount above 0")
    if wanted.source == wanted.target:
        faults.append(f"{wanted.source} is on both sides; name two budgets")
    elif wanted.source.of_campaign != wanted.target.of_campaign:
        faults.append(
            f"{wanted.source} and {wanted.target}: one is a campaign's budget and the other a "
            "limit beside budgets; move between two of one kind"
        )
    if faults:
        raise ValueError("; ".join(faults))


def _row(wanted: Move, at: datetime) -> dict[str, object]:
    return {
        "idem_key": wanted.key,
        "kind": wanted.kind,
        "from_scope": str(wanted.source),
        "to_scope": str(wanted.target),
        "campaign": wanted.source.campaign,
        "from_class": wanted.source.spend_class,
        "to_class": wanted.target.spend_class,
        "amount_micros": wanted.amount.micros,
        "currency": wanted.amount.currency,
        "reason": wanted.reason,
        "approved_by": wanted.approved_by,
        "by": wanted.by,
        "at": stamp(at),
    }


def _known(connection: Connection, key: str) -> dict[str, object] | None:
    query = select(budget_transfer).where(budget_transfer.c.idem_key == key)
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def _same(before: dict[str, object], row: dict[str, object]) -> Moved:
    differs = sorted(name for name in row.keys() - {"at", "by"} if before[name] != row[name])
    if differs:
        raise ValueError(
            f"transfer {row['idem_key']} was made already, with another {', '.join(differs)}; give "
            "a transfer of its own a key of its own"
        )
    return Moved.model_validate({"seq": before["seq"], "fresh": False})


def _place(scope: Scope) -> _Row:
    if scope.of_campaign:
        own = tables.budget.c
        same = and_(own.campaign == scope.campaign, own.spend_class == scope.spend_class)
        return _Row(tables.budget, same)
    same = and_(*(budget_limit.c[name] == getattr(scope, name) for name in _FIELDS))
    return _Row(budget_limit, same)


def _currency(connection: Connection, scope: Scope, wanted: Move) -> None:
    place = _place(scope)
    found = connection.execute(select(place.table.c.currency).where(place.is_it)).scalar()
    if found is None:
        raise NoBudget(f"{scope} has no budget; set one with `kampanj budget limit`")
    if found != wanted.amount.currency:
        raise ValueError(f"{scope} is kept in {found}, and {wanted.amount} cannot be moved")


def _change(connection: Connection, scope: Scope, wanted: Move, at: str) -> None:
    place = _place(scope)
    row, micros = place.table.c, wanted.amount.micros
    gives = scope == wanted.source
    after = row.limit_micros + (-micros if gives else micros)
    statement = update(place.table).where(place.is_it).values(limit_micros=after, updated_at=at)
    if gives:
        statement = statement.where(after >= row.reserved_micros + row.spent_micros)
    if connection.execute(statement).rowcount != 1:
        left = row.limit_micros - row.reserved_micros - row.spent_micros
        micros = connection.execute(select(left).where(place.is_it)).scalar_one()
        raise NotMoved(wanted, Money(micros=int(micros), currency=wanted.amount.currency))
