"""Attempts as rows: how they are read, and the one way in which they change."""

import json
from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, select, true, update

from cost_tracking import tables
from cost_tracking.moments import moment, stamp
from cost_tracking.money import Money
from cost_tracking.orders import Attempt, Order, State
from creative.value import canonical, fingerprint

attempt = tables.attempt
_AS_THEY_ARE = (
    "id",
    "campaign",
    "run",
    "asset",
    "stage",
    "provider",
    "model",
    "operation",
    "market",
    "locale",
    "replaces",
    "concept",
    "prompt",
    "price",
    "request_sha256",
    "round",
    "state",
    "owner",
    "token",
    "basis",
    "receipt",
    "answer_sha256",
    "error_kind",
    "error",
    "closed_by",
    "close_reason",
)
_MOMENTS = ("lease_until", "reserved_at", "sent_at", "closed_at")


# Made once: to make them anew took longer than to ask them, four times for each purchase.
_GET = select(attempt).where(attempt.c.id == bindparam("name"))
_NEWEST = (
    select(attempt)
    .where(attempt.c.request_sha256 == bindparam("sha256"))
    .order_by(attempt.c.round.desc())
    .limit(1)
)


def name_of(request_sha256: str, number: int) -> str:
    """Return the id of a round of a request, which is known before anything is written."""
    return fingerprint([request_sha256, number])[:32]


def attempt_of(row: RowMapping) -> Attempt:
    """Return the attempt that a row holds."""

    def money(column: str, currency: str) -> Money | None:
        micros = row[column]
        return None if micros is None else Money(micros=micros, currency=row[currency])

    usage, job, passed_over = row["usage"], row["job"], row["passed_over"]
    redoes = row["redoes"]
    return Attempt.model_validate(
        {
            **{name: row[name] for name in _AS_THEY_ARE},
            **{name: row[name] and moment(row[name]) for name in _MOMENTS},
            "estimate": money("estimate_micros", "currency"),
            "amount": money("amount_micros", "currency"),
            "budget_amount": money("budget_micros", "budget_currency"),
            "budget_spent": money("budget_spent_micros", "budget_currency"),
            "repeatable": bool(row["repeatable"]),
            "waste": bool(row["waste"]),
            "rework": bool(row["rework"]),
            "usage": usage and {unit: Decimal(text) for unit, text in json.loads(usage).items()},
            "job": job and json.loads(job),
            "passed_over": json.loads(passed_over) if passed_over else (),
            "redoes": json.loads(redoes) if redoes else (),
        }
    )


def row_of(order: Order) -> dict[str, object]:
    """Return the columns that an order fills."""
    same = {name for name in _AS_THEY_ARE if name in Order.model_fields}
    return {
        **order.model_dump(include=same),
        "estimate_micros": order.estimate.micros,
        "currency": order.estimate.currency,
        "budget_micros": order.budget_amount.micros,
        "budget_currency": order.budget_amount.currency,
        "repeatable": int(order.repeatable),
        "rework": int(order.rework),
        "passed_over": canonical(list(order.passed_over)).decode() if order.passed_over else None,
        "redoes": canonical(list(order.redoes)).decode() if order.redoes else None,
    }


def newest(connection: Connection, request_sha256: str) -> Attempt | None:
    """Return the last round of a request, or None before the first."""
    row = connection.execute(_NEWEST, {"sha256": request_sha256}).mappings().one_or_none()
    return attempt_of(row) if row else None


def get(connection: Connection, name: str) -> Attempt | None:
    """Return the attempt of this id, or None."""
    row = connection.execute(_GET, {"name": name}).mappings().one_or_none()
    return attempt_of(row) if row else None


def the(connection: Connection, name: str) -> Attempt:
    """Return the attempt of this id.

    Raises:
        KeyError: There is none.

    """
    found = get(connection, name)
    if found is None:
        raise KeyError(f"there is no attempt {name!r}")
    return found


def find(connection: Connection, *where: ColumnElement[bool]) -> tuple[Attempt, ...]:
    """Return the attempts for which all of this holds, in the order they were reserved."""
    query = select(attempt).where(*where).order_by(attempt.c.reserved_at, attempt.c.id)
    return tuple(attempt_of(row) for row in connection.execute(query).mappings())


def change(
    connection: Connection,
    held: Attempt,
    states: tuple[State, ...],
    values: Mapping[str, object],
    *,
    unrenewed: bool = False,
) -> bool:
    """Change a row if its token is still the one that is held and its state is one of these.

    Args:
        connection: In the caller's transaction.
        held: The attempt as the caller knows it.
        states: That it may be in.
        values: The columns to write.
        unrenewed: Ask also that its lease has not been prolonged since the caller read it.

    Returns:
        Whether it was changed. A process that was thought dead and wakes up changes nothing.

    """
    done = connection.execute(
        update(attempt)
        .where(
            attempt.c.id == held.id,
            attempt.c.token == held.token,
            attempt.c.state.in_([state.value for state in states]),
            attempt.c.lease_until == stamp(held.lease_until) if unrenewed else true(),
        )
        .values(dict(values))
    )
    return done.rowcount == 1
