"""What an attempt was charged, and its entry in the ledger."""

from datetime import datetime

from sqlalchemy import Connection

from cost_tracking import ledger
from cost_tracking.money import Money
from cost_tracking.orders import AlreadyClosed, Attempt
from cost_tracking.policy import Policy, SpendClass
from cost_tracking.usage import Usage
from creative.value import Value, canonical

COST_TYPE = "ai.api_call"


class Charge(Value):
    """What one attempt cost, and what came of it."""

    amount: Money
    budget_amount: Money
    basis: str
    receipt: str | None = None
    usage: str | None = None
    """JSON: units and exact decimal text."""
    answer_sha256: str | None = None
    waste: bool = False
    error_kind: str | None = None
    error: str | None = None


def spend_class(policy: Policy) -> SpendClass:
    """Return the class of an API call's money, which says what budget it is taken from."""
    return policy.spend_class(COST_TYPE)


def row_of(charge: Charge) -> dict[str, object]:
    """Return the columns of an attempt that a charge fills."""
    return {
        **charge.model_dump(exclude={"amount", "budget_amount", "waste"}),
        "amount_micros": charge.amount.micros,
        "budget_spent_micros": charge.budget_amount.micros,
        "waste": int(charge.waste),
    }


def of_answer(
    attempt: Attempt, usage: Usage | None, amount: Money, budget_amount: Money | None
) -> Charge:
    """Return a charge of this attempt, with what its answer consumed.

    Args:
        attempt: That is charged.
        usage: None where the provider did not say.
        amount: In the currency of the estimate.
        budget_amount: The same in the budget's currency; None where that is the same currency.

    Raises:
        ValueError: A currency is not the estimate's or the budget's, or the amount is negative.

    """
    if amount.currency != attempt.estimate.currency or amount < Money.zero(amount.currency):
        raise ValueError(
            f"attempt {attempt.id} was estimated at {attempt.estimate} and cannot cost {amount}"
        )
    counted = amount if budget_amount is None else budget_amount
    if counted.currency != attempt.budget_amount.currency:
        raise ValueError(
            f"attempt {attempt.id} counts against a budget in {attempt.budget_amount.currency}; "
            f"give what {amount} is in it, at the brief's budget rate"
        )
    consumed = {unit: str(much) for unit, much in usage.quantities.items()} if usage else None
    return Charge(
        amount=amount,
        budget_amount=counted,
        basis="computed" if usage else "estimated",
        receipt=usage.receipt if usage else None,
        usage=None if consumed is None else canonical(consumed).decode(),
    )


def same(attempt: Attempt, charge: Charge) -> None:
    """Make sure that a settled attempt was settled by this very charge.

    Raises:
        AlreadyClosed: It was settled by another one.

    """
    stands = (attempt.amount, attempt.budget_spent, attempt.answer_sha256, attempt.waste)
    if stands != (charge.amount, charge.budget_amount, charge.answer_sha256, charge.waste):
        raise AlreadyClosed(
            f"attempt {attempt.id} was settled at {attempt.amount}, and is not {charge.amount}"
        )


def post(
    connection: Connection,
    attempt: Attempt,
    charge: Charge,
    *,
    actor: str,
    policy: Policy,
    at: datetime,
) -> None:
    """Post what an attempt cost, under the key ``attempt/<id>``; what cost nothing posts nothing.

    It belongs to the day on which the request was sent, in UTC.
    """
    if not charge.amount:
        return
    dimensions: dict[str, object] = {
        "campaign": attempt.campaign,
        "asset": attempt.asset,
        "market": attempt.market,
        "locale": attempt.locale,
        "provider": attempt.provider,
        "stage": attempt.stage,
        "waste": charge.waste,
    }
    cost = ledger.Posting.model_validate(
        {
            **dimensions,
            "account": ledger.COST,
            "amount": charge.amount,
            "cost_type": COST_TYPE,
            "spend_class": spend_class(policy),
            "policy": policy.id,
        }
    )
    owed = ledger.Posting.model_validate(
        {**dimensions, "account": f"payable:{attempt.provider}", "amount": -charge.amount}
    )
    entry = ledger.Transaction(
        key=f"attempt/{attempt.id}",
        kind="usage",
        effective_on=(attempt.sent_at or at).date(),
        postings=(cost, owed),
        source="attempt",
        source_doc=charge.receipt or "",
        actor=actor,
        run=attempt.run,
    )
    ledger.post(connection, entry, at)
