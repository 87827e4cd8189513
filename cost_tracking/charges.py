"""What an attempt was charged, and its entry in the ledger."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from cost_tracking import ledger
from cost_tracking.books import carries
from cost_tracking.exchange.based import Books, in_books
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
    used: tuple[ledger.UsageLine, ...] = ()
    """The same, each unit with its price."""
    waste: bool = False
    error_kind: str | None = None
    error: str | None = None


def spend_class(policy: Policy) -> SpendClass:
    """Return the class of an API call's money, which says what budget it is taken from."""
    return policy.spend_class(COST_TYPE)


def row_of(charge: Charge) -> dict[str, object]:
    """Return the columns of an attempt that a charge fills."""
    return {
        **charge.model_dump(exclude={"amount", "budget_amount", "waste", "used"}),
        "amount_micros": charge.amount.micros,
        "budget_spent_micros": charge.budget_amount.micros,
        "waste": int(charge.waste),
    }


def of_answer(
    attempt: Attempt,
    usage: Usage | None,
    amount: Money,
    budget_amount: Money | None,
    used: Sequence[ledger.UsageLine] = (),
) -> Charge:
    """Return a charge of this attempt, with what its answer consumed.

    Args:
        attempt: That is charged.
        usage: None where the provider did not say.
        amount: In the currency of the estimate.
        budget_amount: The same in the budget's currency; None where that is the same currency.
        used: What was consumed, unit by unit with its price, as ``PriceBook.used`` tells it.

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
        used=tuple(used),
    )


def same(attempt: Attempt, charge: Charge) -> None:
    """Make sure that a settled attempt was settled by this very charge.

    Raises:
        AlreadyClosed: It was settled by another one.

    """
    stands = (attempt.answer_sha256, attempt.waste)
    amounts = ((attempt.amount, charge.amount), (attempt.budget_spent, charge.budget_amount))
    # What is carried from one use of a price to the next may make it a micro more or less.
    carried = 1 if charge.used else 0
    near = all(
        one is not None and abs(one.micros - other.micros) <= carried for one, other in amounts
    )
    if stands != (charge.answer_sha256, charge.waste) or not near:
        raise AlreadyClosed(
            f"attempt {attempt.id} was settled at {attempt.amount}, and is not {charge.amount}"
        )


def carried(connection: Connection, charge: Charge) -> Charge:
    """Return a charge as it is posted: rounded together with all that was used at its price.

    What a provider reported or a person declared is a fact already and stays as it is.
    """
    if not charge.used or any(one.billed is not None for one in charge.used):
        return charge
    amount = carries.carried(connection, charge.used)
    same = charge.budget_amount.currency == amount.currency
    return charge.model_copy(
        update={"amount": amount, "budget_amount": amount if same else charge.budget_amount}
    )


def day_of(attempt: Attempt, at: datetime) -> date:
    """Return the day that a charge belongs to: on which its request was sent, in UTC."""
    return (attempt.sent_at or at).date()


def post(
    connection: Connection,
    attempt: Attempt,
    charge: Charge,
    *,
    actor: str,
    policy: Policy,
    at: datetime,
    books: Books | None = None,
) -> None:
    """Post what an attempt cost, under the key ``attempt/<id>``; what cost nothing posts nothing.

    It belongs to the day on which the request was sent, in UTC. What was used for less than half a
    micro is posted as usage alone.
    """
    if not charge.amount and not charge.used:
        return
    dimensions: dict[str, object] = {
        "campaign": attempt.campaign,
        "asset": attempt.asset,
        "market": attempt.market,
        "locale": attempt.locale,
        "provider": attempt.provider,
        "stage": attempt.stage,
        "waste": charge.waste,
        "concept": attempt.concept,
        "model": attempt.model,
        "prompt": attempt.prompt,
        "rework": attempt.rework,
        "attribution": "direct",
    }
    cost = {
        "account": ledger.COST,
        "amount": charge.amount,
        "cost_type": COST_TYPE,
        "spend_class": spend_class(policy),
        "policy": policy.id,
    }
    owed = {"account": f"payable:{attempt.provider}", "amount": -charge.amount}
    lines = (cost, owed) if charge.amount else ()
    entry = ledger.Transaction(
        key=f"attempt/{attempt.id}",
        kind="usage",
        effective_on=day_of(attempt, at),
        postings=tuple(ledger.Posting.model_validate({**dimensions, **one}) for one in lines),
        source="attempt",
        source_doc=charge.receipt or "",
        actor=actor,
        run=attempt.run,
        status="estimate" if charge.basis == "estimated" else "actual",
        usage=charge.used,
    )
    ledger.post(connection, in_books(entry, books), at)
