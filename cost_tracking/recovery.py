"""What becomes of attempts that somebody died at: taken back, adopted, or closed by a person."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, and_, or_, true

from cost_tracking import attempt_rows as rows
from cost_tracking import charges, outcomes
from cost_tracking.database import lock, reading, writing
from cost_tracking.exchange.based import Books
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.orders import OPEN, AlreadyClosed, Attempt, Claimed, State
from cost_tracking.policy import Policy, default_policy

LEASE = timedelta(minutes=15)
"""Longer than any provider's deadline; who is slower has lost the attempt."""


class Recovery:
    """What can be seen of the attempts in a database, and done about those left behind.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        now: The clock, with a time zone. Leases compare the clocks of different machines, so
            they may not be further apart than the lease is generous.
        owner: Names this process to people and to ``reap``, such as ``host:pid:start``.
        lease: How long an attempt stays ours without a sign of life.
        policy: Says what class an API call's money is of.
        books: The currency in which charges are told too; None where nobody has named one.

    """

    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        owner: str,
        lease: timedelta = LEASE,
        policy: Policy | None = None,
        books: Books | None = None,
    ) -> None:
        self._engine = engine
        self._now = now
        self._owner = owner
        self._lease = lease
        self._policy = policy or default_policy()
        self._books = books

    @property
    def lease(self) -> timedelta:
        """Return how long an attempt stays ours without a sign of life."""
        return self._lease

    def get(self, attempt_id: str) -> Attempt:
        """Return one attempt.

        Raises:
            KeyError: There is none of this id.

        """
        with reading(self._engine) as connection:
            return rows.the(connection, attempt_id)

    def list(self, campaign: str | None = None, state: State | None = None) -> tuple[Attempt, ...]:
        """Return the attempts of a campaign, of a state, or all, the oldest first."""
        of_campaign = true() if campaign is None else rows.attempt.c.campaign == campaign
        in_state = true() if state is None else rows.attempt.c.state == state
        with reading(self._engine) as connection:
            return rows.find(connection, of_campaign, in_state)

    def adopt(self, attempt_id: str) -> Attempt:
        """Take over an attempt whose answer was found stored, so that it can be settled.

        It is for a suspect attempt, or for a sent one whose lease has ended. The one who held it
        can write no more. A job that nobody has asked for is adopted in the same way, and then
        asked for.

        Raises:
            Claimed: Somebody still holds it.
            AlreadyClosed: It is neither sent nor suspect.
            KeyError: There is none of this id.

        """
        with writing(self._engine) as connection:
            held = rows.the(connection, attempt_id)
            if held.state not in {State.SENT, State.SUSPECT}:
                raise AlreadyClosed(f"attempt {held.id} is {held.state}; there is nothing to adopt")
            if held.state is State.SENT and held.lease_until > self._now():
                raise Claimed(held)
            values = {**self._hold(), "state": State.SENT, "error_kind": None, "error": None}
            if not rows.change(connection, held, (State.SENT, State.SUSPECT), values):
                raise Claimed(rows.the(connection, attempt_id))
            return rows.the(connection, attempt_id)

    def close(
        self,
        attempt_id: str,
        *,
        charged: bool,
        by: str,
        reason: str,
        amount: Money | None = None,
        budget_amount: Money | None = None,
    ) -> Attempt:
        """Decide, as a named person, what became of a suspect attempt.

        Closing it a second time in the same way returns what stands.

        Args:
            attempt_id: Of a suspect attempt.
            charged: True settles it as waste; False gives its money back.
            by: Who decides.
            reason: What the decision rests on, such as a line of the provider's bill.
            amount: What was charged; the estimate, if it is not said.
            budget_amount: The same in the budget's currency; if it is not said, what was reserved
                for the estimate, or the amount itself where the currencies are one.

        Raises:
            AlreadyClosed: It was closed the other way, or never was suspect.
            KeyError: There is none of this id.

        """
        with writing(self._engine) as connection:
            held = rows.the(connection, attempt_id)
            outcome = None
            if charged:
                said = held.amount if amount is None else amount
                most = said is None or said == held.estimate
                if most and budget_amount is None:
                    budget_amount = held.budget_amount
                known = held.estimate if said is None else said
                outcome = charges.of_answer(held, None, known, budget_amount)
                lost = {"basis": "estimated" if most else "declared", "waste": True}
                why = {"error_kind": held.error_kind, "error": held.error}
                outcome = outcome.model_copy(update={**lost, **why})
            outcomes.close(
                connection,
                held,
                outcome,
                by=by,
                reason=reason,
                policy=self._policy,
                at=self._now(),
                books=self._books,
            )
            return rows.the(connection, attempt_id)

    def true_up(
        self,
        attempt_id: str,
        amount: Money,
        *,
        by: str,
        document: str,
        budget_amount: Money | None = None,
    ) -> Attempt:
        """Put what a settled attempt was really charged in the place of what was posted for it.

        The budget moves by the difference, the ledger holds both; a second time changes nothing.

        Args:
            attempt_id: Of a settled attempt, such as one that was settled at its estimate.
            amount: What was charged, in the currency of the estimate; may be 0.
            by: Who says so.
            document: The line of the bill that proves it.
            budget_amount: The same in the budget's currency, where that is another one.

        Raises:
            AlreadyClosed: It is not settled.
            ValueError: A currency is not the estimate's or the budget's.
            KeyError: There is none of this id.

        """
        with writing(self._engine) as connection:
            held = rows.the(connection, attempt_id)
            actual = charges.of_answer(held, None, amount, budget_amount)
            actual = actual.model_copy(update={"basis": "reported", "receipt": document})
            outcomes.true_up(
                connection,
                held,
                actual,
                by=by,
                document=document,
                policy=self._policy,
                at=self._now(),
                books=self._books,
            )
            return rows.the(connection, attempt_id)

    def reap(self, dead: str | None = None) -> tuple[Attempt, ...]:
        """Take back what others have left behind, and return it as it now is.

        What was reserved is released. What was sent becomes suspect, or is released if it is
        repeatable.

        Args:
            dead: An owner who is known to be gone, whose leases count as ended. It must be known:
                a process that only looks dead may be paying at this moment.

        """
        ended = rows.attempt.c.lease_until <= stamp(self._now())
        gone = or_(ended, rows.attempt.c.owner == dead) if dead else ended
        with reading(self._engine) as connection:
            left = rows.find(connection, and_(rows.attempt.c.state.in_(OPEN), gone))
        taken: list[Attempt] = []
        # One transaction each: in one for all, two reapers could wait for each other's rows.
        for attempt in left:
            with writing(self._engine) as connection:
                lock(connection, f"request/{attempt.request_sha256}")
                now = rows.the(connection, attempt.id)
                same = (now.state, now.token, now.lease_until)
                if same == (attempt.state, attempt.token, attempt.lease_until):
                    taken.append(self._take_back(connection, now))
        return tuple(one for one in taken if one.state in {State.RELEASED, State.SUSPECT})

    def _hold(self) -> dict[str, object]:
        return {
            "owner": self._owner,
            "token": secrets.token_hex(16),
            "lease_until": stamp(self._now() + self._lease),
        }

    def _take_back(self, connection: Connection, held: Attempt) -> Attempt:
        outcomes.take_back(connection, held, policy=self._policy, at=self._now())
        return rows.the(connection, held.id)
