"""How an attempt ends, in the caller's transaction: charged, free, or taken back from the dead."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from cost_tracking import attempt_rows as rows
from cost_tracking import budgets, charges
from cost_tracking.books import true_ups
from cost_tracking.budgeting import limits
from cost_tracking.exchange.based import Books
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.orders import AlreadyClosed, Attempt, State
from cost_tracking.policy import Policy


def charge(  # noqa: PLR0913 - what happened, and who says so
    connection: Connection,
    held: Attempt,
    outcome: charges.Charge,
    states: tuple[State, ...],
    *,
    actor: str,
    policy: Policy,
    at: datetime,
    books: Books | None = None,
) -> bool:
    """Settle an attempt, move its reservation to what was spent, and post it to the ledger.

    Returns:
        Whether it was in one of these states and still held.

    """
    ended = {"state": State.SETTLED, "closed_at": stamp(at)}
    if not rows.change(connection, held, states, {**charges.row_of(outcome), **ended}):
        return False
    # Only now: a charge that was there already must not be carried a second time.
    posted = charges.carried(connection, outcome)
    if posted != outcome:
        rows.change(connection, held, (State.SETTLED,), charges.row_of(posted))
    budgets.settle(
        connection,
        held.campaign,
        charges.spend_class(policy),
        reserved=held.budget_amount,
        spent=posted.budget_amount,
    )
    limits.release(connection, held.id)
    charges.post(connection, held, posted, actor=actor, policy=policy, at=at, books=books)
    return True


def true_up(  # noqa: PLR0913 - what happened, and who says so
    connection: Connection,
    held: Attempt,
    actual: charges.Charge,
    *,
    by: str,
    document: str,
    policy: Policy,
    at: datetime,
    books: Books | None = None,
) -> None:
    """Put what an attempt was really charged in the place of what was settled for it.

    Raises:
        AlreadyClosed: It is not settled, or was changed meanwhile.

    """
    if held.state is not State.SETTLED or held.budget_spent is None:
        raise AlreadyClosed(f"attempt {held.id} is {held.state}; only a settled one is trued up")
    told = {
        "amount_micros": actual.amount.micros,
        "budget_spent_micros": actual.budget_amount.micros,
        "basis": "reported",
    }
    if not rows.change(connection, held, (State.SETTLED,), told):
        raise AlreadyClosed(f"attempt {held.id} was changed meanwhile; look at it again")
    budgets.settle(
        connection,
        held.campaign,
        charges.spend_class(policy),
        reserved=Money.zero(actual.budget_amount.currency),
        spent=actual.budget_amount - held.budget_spent,
    )
    if held.amount == actual.amount:
        return
    if held.amount:
        key = true_ups.standing(connection, f"attempt/{held.id}")
        said = true_ups.Actual(actual.amount, document=document, actor=by)
        true_ups.true_up(connection, key, said, at)
    else:
        charges.post(connection, held, actual, actor=by, policy=policy, at=at, books=books)


def free(
    connection: Connection,
    held: Attempt,
    states: tuple[State, ...],
    values: Mapping[str, object],
    *,
    policy: Policy,
    at: datetime,
    unrenewed: bool = False,
) -> bool:
    """Release an attempt and give its reservation back.

    Returns:
        Whether it was in one of these states and still held.

    """
    ended = {"state": State.RELEASED, "closed_at": stamp(at)}
    if not rows.change(connection, held, states, {**values, **ended}, unrenewed=unrenewed):
        return False
    budgets.settle(
        connection,
        held.campaign,
        charges.spend_class(policy),
        reserved=held.budget_amount,
        spent=Money.zero(held.budget_amount.currency),
    )
    limits.release(connection, held.id)
    return True


def take_back(connection: Connection, held: Attempt, *, policy: Policy, at: datetime) -> None:
    """Take an attempt from an owner who is gone: released if it can have cost nothing.

    A job that was handed in is suspect even where it is repeatable: it may be done by now, and is
    asked for before it is done again.

    Nothing happens if its owner moved on since it was read: what was reserved then may be on the
    wire now, and to release it would make its charge invisible.
    """
    lost = {
        "error_kind": "lost",
        "error": f"{held.owner} left it {held.state}",
        # Whoever held it can write no more, should it wake up.
        "token": secrets.token_hex(16),
    }
    if held.state is State.RESERVED or (held.repeatable and held.job is None):
        free(connection, held, (held.state,), lost, policy=policy, at=at, unrenewed=True)
    else:
        suspect = {**lost, "state": State.SUSPECT}
        rows.change(connection, held, (held.state,), suspect, unrenewed=True)


def close(  # noqa: PLR0913 - what happened, and who says so
    connection: Connection,
    held: Attempt,
    charged: charges.Charge | None,
    *,
    by: str,
    reason: str,
    policy: Policy,
    at: datetime,
    books: Books | None = None,
) -> None:
    """Close a suspect attempt as a person says: charged as waste, or free if there is no charge.

    Raises:
        AlreadyClosed: It was closed the other way, or is not suspect.

    """
    suspect = (State.SUSPECT,)
    who = {"closed_by": by, "close_reason": reason}
    if held.closed_by is not None:
        as_before = (held.state is State.SETTLED) == (charged is not None)
        if as_before and (charged is None or charged.amount == held.amount):
            return
        raise AlreadyClosed(
            f"{held.closed_by} has closed attempt {held.id} as {held.state}: {held.close_reason}"
        )
    if charged is None:
        done = free(connection, held, suspect, who, policy=policy, at=at)
    else:
        done = charge(
            connection, held, charged, suspect, actor=by, policy=policy, at=at, books=books
        )
        rows.change(connection, held, (State.SETTLED,), who)
    if not done:
        raise AlreadyClosed(
            f"attempt {held.id} is {held.state}, and only a suspect one can be closed"
        )
