"""Writes down every paid request before it leaves, so that a crash costs a row and not a secret.

``reserved → sent → settled | released | suspect``. The order of things, for whoever calls:

1. ``settled(request)``: it was bought before; use that answer and buy nothing.
2. ``claim(order)``: reserves the most that it may cost and writes the row, in one transaction.
3. ``sent(attempt)``: committed before the first byte leaves.
4. Ask the provider, once. Store the answer where a crash does not lose it. A provider that answers
   later gives a job: ``submitted`` commits it before anybody waits, and ``renew`` keeps the lease.
5. ``settle`` (it is in the ledger then), ``fail`` (charged for nothing), ``release`` (free), or
   ``suspect`` (nobody knows).

A process that dies leaves a row whose lease ends. ``claim`` and ``reap`` then take it back: what
was only reserved is released; what was sent becomes suspect, and its money counts until a person
closes it or its stored answer is adopted, or its job is asked for. What is free and local is
released and done again.
Nothing here waits, retries or asks twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC

from pydantic import JsonValue
from sqlalchemy import Connection, insert

from cost_tracking import attempt_rows as rows
from cost_tracking import budgets, charges, outcomes
from cost_tracking.budgeting import limits
from cost_tracking.database import lock, reading, writing
from cost_tracking.moments import stamp
from cost_tracking.money import Money
from cost_tracking.orders import (
    OPEN,
    AlreadyBought,
    AlreadyClosed,
    Attempt,
    Claimed,
    LeaseLost,
    Order,
    State,
    Suspect,
)
from cost_tracking.recovery import Recovery
from cost_tracking.usage import Usage, UsageLine
from creative.value import canonical

__all__ = [
    "AlreadyBought",
    "AlreadyClosed",
    "Attempt",
    "Attempts",
    "Claimed",
    "LeaseLost",
    "Order",
    "State",
    "Suspect",
]


class Attempts(Recovery):
    """The attempts in a database, as one process sees them; see ``Recovery`` for how it is made."""

    def settled(self, request_sha256: str) -> Attempt | None:
        """Return the attempt that bought this request's answer, or None. It buys nothing."""
        with reading(self._engine) as connection:
            last = rows.newest(connection, request_sha256)
        return last if last and last.state is State.SETTLED and not last.waste else None

    def answered(self, campaign: str, asset: str) -> tuple[Attempt, ...]:
        """Return the attempts that brought an answer for an asset, the oldest first."""
        row = rows.attempt.c
        with reading(self._engine) as connection:
            return rows.find(
                connection,
                row.campaign == campaign,
                row.asset == asset,
                row.state == State.SETTLED,
                row.waste == 0,
            )

    def claim(self, order: Order, among: Iterable[str] = ()) -> Attempt:
        """Reserve the money of an order and write the attempt down, in one transaction.

        An earlier round whose lease has ended is taken back first, as ``reap`` would. After a
        release, or a failure that was charged, a new round begins; whether that is wanted is for
        the caller to decide.

        Args:
            order: What is about to be paid for.
            among: The sha256 of every request that would give the same thing, such as one for
                each provider of a route. While one of them is under way, suspect or bought,
                none of the others is paid for.

        Raises:
            OverBudget: The budget, or a limit that it is of, does not hold the most that it may
                cost.
            NoRate: A limit that it is of is in a currency that it cannot be told in.
            NoBudget: The campaign has no budget of non-working money.
            Claimed: Somebody holds a live lease on the request, this process included.
            Suspect: An earlier round may have been charged, and nobody has closed it.
            AlreadyBought: It was settled since the caller looked.

        """
        own = order.request_sha256
        with writing(self._engine) as connection:
            # In one order everywhere, or two claims could wait for each other.
            for one in sorted({own, *among}):
                lock(connection, f"request/{one}")
            others = [self._left(connection, one) for one in dict.fromkeys(among) if one != own]
            last = self._left(connection, own)
            suspect = [one for one in (*others, last) if one and one.state is State.SUSPECT]
            if not suspect:
                return self._reserve(connection, order, last.round + 1 if last else 1)
        # Raised only now: that it became suspect has to be committed.
        raise Suspect(suspect[0])

    def _left(self, connection: Connection, request_sha256: str) -> Attempt | None:
        """Return the last round of a request, taken back if its lease has ended."""
        last = rows.newest(connection, request_sha256)
        if last and last.state in OPEN:
            if last.lease_until > self._now():
                raise Claimed(last)
            last = self._take_back(connection, last)
        if last and last.state is State.SETTLED and not last.waste:
            raise AlreadyBought(last)
        return last

    def sent(self, attempt: Attempt) -> Attempt:
        """Write down that the request is about to leave, and renew the lease.

        Raises:
            LeaseLost: The attempt is no longer ours; do not send.

        """
        now = self._now()
        values: dict[str, object] = {
            "state": State.SENT,
            "sent_at": stamp(now),
            "lease_until": stamp(now + self._lease),
        }
        return self._change(attempt, (State.RESERVED,), values, "send")

    def submitted(self, attempt: Attempt, job: Mapping[str, JsonValue]) -> Attempt:
        """Write down how the answer of a slow provider is asked for, and renew the lease.

        Called before anybody waits: whoever finds the attempt later asks, and buys nothing.

        Raises:
            LeaseLost: The attempt is no longer ours.

        """
        values: dict[str, object] = {
            "job": canonical(dict(job)).decode(),
            "lease_until": stamp(self._now() + self._lease),
        }
        return self._change(attempt, (State.SENT,), values, "keep the job of")

    def renew(self, attempt: Attempt) -> Attempt:
        """Prolong the lease of something slow, such as a job that is being polled.

        Raises:
            LeaseLost: The attempt is no longer ours.

        """
        values: dict[str, object] = {"lease_until": stamp(self._now() + self._lease)}
        return self._change(attempt, OPEN, values, "renew")

    def settle(
        self,
        attempt: Attempt,
        usage: Usage,
        amount: Money,
        basis: str,
        answer_sha256: str,
        *,
        budget_amount: Money | None = None,
        used: Sequence[UsageLine] = (),
    ) -> Attempt:
        """Record what an answer cost, and post it to the ledger in the same transaction.

        It is idempotent: settling the same answer again returns what stands. The amount may be
        above the estimate and above the budget: a fact is never refused. An answer that cost
        nothing posts nothing, since the ledger holds no line of 0; its attempt stays visible.

        Args:
            attempt: As ``sent`` returned it.
            usage: What the answer consumed, and its receipt.
            amount: What it cost, in the currency of the estimate.
            basis: ``reported``, ``declared``, ``computed``, ``contract``, ``estimated`` or
                ``free``.
            answer_sha256: Of the stored answer.
            budget_amount: The amount in the budget's currency; it may be left out where that is
                the estimate's too.
            used: What it consumed, unit by unit with its price. What is left of a micro is then
                carried from one answer to the next, so that the amount may differ by one.

        Raises:
            LeaseLost: The attempt is no longer ours. If its answer is stored, ``adopt`` it.
            ValueError: A currency is not the estimate's or the budget's.

        """
        outcome = charges.of_answer(attempt, usage, amount, budget_amount, used)
        answer = {"basis": basis, "answer_sha256": answer_sha256}
        return self._charge(attempt, outcome.model_copy(update=answer), "settle")

    def fail(
        self,
        attempt: Attempt,
        error_kind: str,
        message: str,
        amount: Money,
        *,
        usage: Usage | None = None,
        budget_amount: Money | None = None,
        used: Sequence[UsageLine] = (),
    ) -> Attempt:
        """Record a call that was charged and brought nothing usable: it is settled, as waste.

        Its lines in the ledger carry ``waste``; the cost type stays ``ai.api_call``, so that a
        provider's bill can be reconciled by it.

        Raises:
            LeaseLost: The attempt is no longer ours.
            ValueError: A currency is not the estimate's or the budget's.

        """
        outcome = charges.of_answer(attempt, usage, amount, budget_amount, used)
        failure = {"waste": True, "error_kind": error_kind, "error": message}
        return self._charge(attempt, outcome.model_copy(update=failure), "fail")

    def release(self, attempt: Attempt, error_kind: str, message: str) -> Attempt:
        """Give the money back: nothing was sent, or the provider says that it is free.

        Raises:
            LeaseLost: The attempt is no longer ours.

        """
        with writing(self._engine) as connection:
            why = {"error_kind": error_kind, "error": message}
            if not outcomes.free(
                connection, attempt, OPEN, why, policy=self._policy, at=self._now()
            ):
                raise LeaseLost(attempt, "release")
            return rows.the(connection, attempt.id)

    def suspect(self, attempt: Attempt, error_kind: str, message: str) -> Attempt:
        """Record that nobody knows whether a call was charged; its reservation stays.

        Raises:
            LeaseLost: The attempt is no longer ours.

        """
        values: dict[str, object] = {
            "state": State.SUSPECT,
            "error_kind": error_kind,
            "error": message,
        }
        return self._change(attempt, (State.SENT,), values, "suspect")

    def _reserve(self, connection: Connection, order: Order, number: int) -> Attempt:
        name = rows.name_of(order.request_sha256, number)
        row = {
            **rows.row_of(order),
            **self._hold(),
            "id": name,
            "round": number,
            "state": State.RESERVED,
            "reserved_at": stamp(self._now()),
            "waste": 0,
        }
        connection.execute(insert(rows.attempt).values(row))
        spend_class = charges.spend_class(self._policy)
        budgets.reserve(connection, order.campaign, spend_class, order.budget_amount)
        limits.hold(connection, name, order, spend_class, self._now().astimezone(UTC).date())
        return rows.the(connection, name)

    def _change(
        self,
        attempt: Attempt,
        states: tuple[State, ...],
        values: Mapping[str, object],
        doing: str,
    ) -> Attempt:
        with writing(self._engine) as connection:
            if not rows.change(connection, attempt, states, values):
                raise LeaseLost(attempt, doing)
            return rows.the(connection, attempt.id)

    def _charge(self, attempt: Attempt, outcome: charges.Charge, doing: str) -> Attempt:
        if self._books:
            on = charges.day_of(attempt, self._now())
            self._books.look_up(outcome.amount.currency, on)
        with writing(self._engine) as connection:
            done = outcomes.charge(
                connection,
                attempt,
                outcome,
                (State.SENT,),
                actor=attempt.owner,
                policy=self._policy,
                at=self._now(),
                books=self._books,
            )
            now = rows.the(connection, attempt.id)
            if not done:
                if now.state is not State.SETTLED or now.token != attempt.token:
                    raise LeaseLost(attempt, doing)
                charges.same(now, outcome)
            return now
