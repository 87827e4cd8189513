"""Proves that the books are whole, or says what is wrong with them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, RowMapping, and_, case, func, select

from cost_tracking import tables
from cost_tracking.allocation import faults as sharing
from cost_tracking.books import carries, guards, periods, seals
from cost_tracking.books.head import Head
from cost_tracking.budgeting import faults as limiting
from cost_tracking.database import reading
from cost_tracking.entries import COST, entry_of
from cost_tracking.entry_rows import Stored, stored
from cost_tracking.mirror import agreement
from cost_tracking.money import Money
from cost_tracking.policy import Policy, default_policy
from creative.value import Value

_attempt, _budget, _posting, _txn = tables.attempt, tables.budget, tables.posting, tables.txn


class Proof(Value):
    """One thing that must always hold, and where it does not."""

    id: str
    """Of docs/ledger.md, such as ``I1``."""
    says: str
    faults: tuple[str, ...]


def prove(
    engine: Engine,
    policy: Policy | None = None,
    heads: Iterable[Head] = (),
    mirror: Path | None = None,
) -> tuple[Proof, ...]:
    """Read all of the books at one moment and prove each invariant, or say what breaks it.

    The triggers cannot keep out who may drop them; this finds what such a person changed. What was
    cut off whole at the end is found only by a head that was published before.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        policy: That must know every cost type; the one that ships with us, if none is given.
        heads: What was published of these books earlier.
        mirror: The file of the copy in columns; None where there is none.

    """
    with reading(engine) as connection:
        found = {
            ("I1, I9", "each entry balances in every currency, and in the books' own"): (
                _unbalanced(connection)
            ),
            ("I2", "the database refuses to change, empty or replace what was posted"): (
                guards.faults(connection)
            ),
            ("I3", "each entry says what it said when it was posted, under one key"): (
                _entries(connection)
            ),
            ("I4", "each reversal is the one mirror image of what it takes back"): (
                _reversals(connection)
            ),
            ("I5", "each pool was shared by the weights kept with it, and no more than it held"): (
                chain(_pools(connection), sharing.faults(connection))
            ),
            ("I6", "each budget holds what its attempts reserve and have spent"): (
                _budgets(connection)
            ),
            ("I6, limits", "each limit holds what was set, moved, reserved and posted of it"): (
                limiting.faults(connection)
            ),
            ("I6, attempts", "each attempt that was charged has its one entry, of its amount"): (
                _attempts(connection)
            ),
            ("I7", "the copy that sums are read from agrees with the entries"): (
                agreement.faults(connection, mirror) if mirror else ()
            ),
            ("I8", "the seals over the entries form one chain, with every published head"): (
                _chain(connection, heads)
            ),
            ("I10", "the policy knows every cost type that was posted"): (
                _types(connection, policy or default_policy())
            ),
            ("I11", "whatever was used has a price or a bill, and is carried to the micro"): (
                carries.faults(connection)
            ),
            ("I12", "what was posted to a month that is closed is as it was"): (
                periods.faults(connection)
            ),
        }
        return tuple(
            Proof(id=id_, says=says, faults=tuple(of)) for (id_, says), of in found.items()
        )


def check(engine: Engine) -> list[str]:
    """Return every fault of the books; none is the proof. See ``prove``."""
    return [fault for one in prove(engine) for fault in one.faults]


def _chain(connection: Connection, heads: Iterable[Head]) -> Iterator[str]:
    yield from seals.faults(connection)
    for head in dict.fromkeys(heads):
        if not seals.holds(connection, head):
            yield (
                f"the head {head} was published, and the ledger does not hold it: entries were cut "
                "off or put in another's place; compare with a backup"
            )


def _types(connection: Connection, policy: Policy) -> Iterator[str]:
    query = select(_posting.c.cost_type).where(_posting.c.cost_type.is_not(None)).distinct()
    for cost_type in sorted(str(one) for one in connection.execute(query).scalars()):
        if cost_type not in policy.rules:
            yield f"{cost_type!r} was posted, and {policy.id} does not know it; add a rule for it"


def _pools(connection: Connection) -> Iterator[str]:
    left = func.sum(_posting.c.amount_micros)
    query = (
        select(_posting.c.account, _posting.c.currency, left)
        .where(_posting.c.account.like("pool:%"))
        .group_by(_posting.c.account, _posting.c.currency)
        .having(left < 0)
    )
    for account, currency, micros in connection.execute(query):
        over = Money(micros=-int(micros), currency=currency)
        yield f"{account} has shared out {over} more than was put in; reverse an allocation of it"


def _unbalanced(connection: Connection) -> Iterator[str]:
    for currency, micros, said in (
        (_posting.c.currency, _posting.c.amount_micros, ""),
        (_posting.c.base_currency, _posting.c.base_micros, " in its base currency"),
    ):
        over = func.sum(micros)
        query = (
            select(_txn.c.idem_key, currency, over)
            .join(_posting, _posting.c.txn_seq == _txn.c.seq)
            .where(currency.is_not(None))
            .group_by(_txn.c.idem_key, currency)
            .having(over != 0)
        )
        for key, unit, much in connection.execute(query):
            amount = Money(micros=int(much), currency=unit)
            yield f"entry {key} does not balance{said}: {amount} too much"


def _entries(connection: Connection) -> Iterator[str]:
    keys: dict[int, str] = dict(connection.execute(select(_txn.c.seq, _txn.c.idem_key)).all())
    for one in stored(connection):
        if one.head is None:
            yield f"entry {one.seq} has lines and no head"
        elif fault := _entry_fault(one.head, one, keys):
            yield fault


def _entry_fault(head: RowMapping, stands: Stored, keys: Mapping[int, str]) -> str:
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
    """Compare each reversal with its origin in the database, line by line."""
    origin, theirs, ours = _txn.alias(), _posting.alias(), _posting.alias()
    undone = and_(
        ours.c.txn_seq == _txn.c.seq,
        ours.c.line_no == theirs.c.line_no,
        ours.c.currency == theirs.c.currency,
        ours.c.account == theirs.c.account,
        ours.c.amount_micros == -theirs.c.amount_micros,
    )
    crooked = (
        select(_txn.c.idem_key)
        .join(origin, _txn.c.reverses == origin.c.seq)
        .join(theirs, theirs.c.txn_seq == origin.c.seq)
        .outerjoin(ours, undone)
        .where(ours.c.txn_seq.is_(None))
        .distinct()
    )
    lines = func.count(_posting.c.line_no)
    counts = select(_posting.c.txn_seq, lines.label("lines")).group_by(_posting.c.txn_seq)
    mine, its = counts.subquery(), counts.subquery()
    longer = (
        select(_txn.c.idem_key)
        .join(mine, mine.c.txn_seq == _txn.c.seq)
        .join(its, its.c.txn_seq == _txn.c.reverses)
        .where(mine.c.lines != its.c.lines)
    )
    found = {str(key) for query in (crooked, longer) for key in connection.execute(query).scalars()}
    for key in sorted(found):
        yield f"entry {key} is not the mirror image of what it takes back"
    again = select(_txn.c.reverses).where(_txn.c.reverses.is_not(None)).group_by(_txn.c.reverses)
    for seq in connection.execute(again.having(func.count() > 1)).scalars():
        yield f"entry {seq} was taken back more than once"


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
    """Return what stands for each attempt: what was trued up is taken back, and no longer does."""
    taken_back = _txn.alias()
    rows = connection.execute(
        select(_txn.c.idem_key, _posting.c.amount_micros, _posting.c.currency)
        .join(_posting, _posting.c.txn_seq == _txn.c.seq)
        .outerjoin(taken_back, taken_back.c.reverses == _txn.c.seq)
        .where(_txn.c.source == "attempt", _txn.c.reverses.is_(None))
        .where(_posting.c.account == COST, taken_back.c.seq.is_(None))
    )
    return {
        key.rpartition("true_up/")[2]: Money(micros=micros, currency=currency)
        for key, micros, currency in rows
    }


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
