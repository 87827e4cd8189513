"""Proves that the books are whole, or says what is wrong with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, RowMapping, case, func, select

from cost_tracking import tables
from cost_tracking.database import reading
from cost_tracking.entries import COST, entry_of
from cost_tracking.entry_rows import Stored, stored
from cost_tracking.money import Money

_attempt, _budget, _posting, _txn = tables.attempt, tables.budget, tables.posting, tables.txn


def check(engine: Engine) -> list[str]:
    """Read all of the books and return every fault; none is the proof.

    It shows that each entry balances in each currency and says what it said when it was posted;
    that a reversal is the mirror image of what it takes back; that each attempt that was charged
    has its one entry, of its amount, and each such entry its attempt; and that each budget holds
    what its attempts reserve and have spent. The triggers cannot keep out who may drop them; this
    finds what such a person changed, but not an entry that was cut off whole at the end.
    """
    with reading(engine) as connection:
        return [
            *_entries(connection),
            *_reversals(connection),
            *_attempts(connection),
            *_budgets(connection),
        ]


def _entries(connection: Connection) -> Iterator[str]:
    keys: dict[int, str] = dict(connection.execute(select(_txn.c.seq, _txn.c.idem_key)).all())
    for one in stored(connection):
        if one.head is None:
            yield f"entry {one.seq} has lines and no head"
        elif fault := _entry_fault(one.head, one, keys):
            yield fault


def _entry_fault(head: RowMapping, stands: Stored, keys: Mapping[int, str]) -> str:
    sums: dict[str, int] = defaultdict(int)
    for line in stands.lines:
        sums[line["currency"]] += line["amount_micros"]
    crooked = [str(Money(micros=much, currency=one)) for one, much in sums.items() if much]
    if crooked:
        return f"entry {head['idem_key']} does not balance: {', '.join(crooked)} too much"
    reverses, supersedes = keys.get(head["reverses"]), keys.get(head["supersedes"])
    try:
        entry = entry_of(head, stands.lines, stands.usage, reverses=reverses, supersedes=supersedes)
    except ValidationError as error:
        what = error.errors(include_url=False, include_input=False)[0]["msg"]
        return f"entry {head['idem_key']} is no entry: {what}"
    if entry.sha256 != head["payload_sha256"]:
        return f"entry {head['idem_key']} was changed after it was posted"
    return ""


def _reversals(connection: Connection) -> Iterator[str]:
    origin = _txn.alias()
    pairs = connection.execute(
        select(_txn.c.seq, _txn.c.idem_key, origin.c.seq).join(
            origin, _txn.c.reverses == origin.c.seq
        )
    )
    for seq, key, taken_back in pairs.all():
        if _amounts(connection, seq) != [-amount for amount in _amounts(connection, taken_back)]:
            yield f"entry {key} is not the mirror image of what it takes back"


def _amounts(connection: Connection, seq: int) -> list[Money]:
    query = select(_posting.c.amount_micros, _posting.c.currency)
    rows = connection.execute(query.where(_posting.c.txn_seq == seq).order_by(_posting.c.line_no))
    return [Money(micros=micros, currency=currency) for micros, currency in rows]


def _attempts(connection: Connection) -> Iterator[str]:
    posted = _posted(connection)
    charged = connection.execute(
        select(_attempt.c.id, _attempt.c.amount_micros, _attempt.c.currency).where(
            _attempt.c.state == "settled", _attempt.c.amount_micros != 0
        )
    )
    for name, micros, currency in charged:
        amount, entry = Money(micros=micros, currency=currency), posted.pop(f"attempt/{name}", None)
        if entry != amount:
            yield f"attempt {name} was charged {amount}; the ledger says {entry or 'nothing'}"
    for key, amount in posted.items():
        yield f"entry {key} is of {amount}, and no attempt was charged that"


def _posted(connection: Connection) -> dict[str, Money]:
    rows = connection.execute(
        select(_txn.c.idem_key, _posting.c.amount_micros, _posting.c.currency)
        .join(_posting, _posting.c.txn_seq == _txn.c.seq)
        .where(_txn.c.source == "attempt", _txn.c.reverses.is_(None))
        .where(_posting.c.account == COST)
    )
    return {key: Money(micros=micros, currency=currency) for key, micros, currency in rows}


def _budgets(connection: Connection) -> Iterator[str]:
    held = case(
        (_attempt.c.state.in_(["reserved", "sent", "suspect"]), _attempt.c.budget_micros), else_=0
    )
    by_campaign = connection.execute(
        select(
            _attempt.c.campaign,
            func.sum(held),
            func.sum(func.coalesce(_attempt.c.budget_spent_micros, 0)),
        ).group_by(_attempt.c.campaign)
    )
    due = {campaign: (int(held), int(spent)) for campaign, held, spent in by_campaign}
    budgets = connection.execute(
        select(_budget).where(_budget.c.spend_class == "non_working").order_by(_budget.c.campaign)
    ).mappings()
    for budget in budgets:
        reserved, spent = due.pop(budget["campaign"], (0, 0))
        for what, says, should in (
            ("reserved", budget["reserved_micros"], reserved),
            ("spent", budget["spent_micros"], spent),
        ):
            if says != should:
                yield (
                    f"the budget of {budget['campaign']} says that {says} micros are {what}; "
                    f"its attempts say {should}"
                )
    for campaign in sorted(due):
        yield f"campaign {campaign} has attempts and no budget"
