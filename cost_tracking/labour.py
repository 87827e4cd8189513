"""People's hours as money: an entry for the work that went into a picture that somebody brings."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.database import lock, writing
from cost_tracking.hours import Labour
from cost_tracking.orders import Attempt
from cost_tracking.policy import Policy

COST_TYPE = "labour.internal"


def post_labour(
    engine: Engine,
    attempt: Attempt,
    labour: Labour,
    policy: Policy,
    now: Callable[[], datetime],
) -> bool:
    """Enter the hours that went into what an attempt brought, once, however often it is called.

    The campaign's budget is not touched: it is the gate of what the pipeline buys. Where they were
    entered before, that entry stands, at the rate of its day.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        attempt: The one that brought the picture.
        labour: What was declared.
        policy: Says which class own people's hours are of.
        now: The clock.

    Returns:
        Whether it was entered now.

    """
    amount = labour.money
    if not amount:
        return False
    key = f"labour/{attempt.id}"
    dimensions = {
        "campaign": attempt.campaign,
        "asset": attempt.asset,
        "stage": attempt.stage,
        "provider": attempt.provider,
    }
    spent = ledger.Posting.model_validate(
        {
            **dimensions,
            "account": ledger.COST,
            "amount": amount,
            "cost_type": COST_TYPE,
            "spend_class": policy.spend_class(COST_TYPE),
            "policy": policy.id,
        }
    )
    owed = ledger.Posting.model_validate(
        {**dimensions, "account": "payable:declared", "amount": -amount}
    )
    worked = ledger.UsageLine(
        meter="hours",
        quantity=labour.hours,
        unit="hour",
        unit_price=labour.rate.amount,
        exact=labour.hours * labour.rate.amount,
        currency=amount.currency,
    )
    with writing(engine) as connection:
        lock(connection, key)
        try:
            ledger.read(connection, key)
        except ledger.UnknownEntry:
            entry = ledger.Transaction(
                key=key,
                kind="labour",
                effective_on=now().date(),
                postings=(spent, owed),
                source="declared",
                source_doc=labour.source,
                actor=f"run:{attempt.run}",
                run=attempt.run,
                usage=(worked,),
            )
            ledger.post(connection, entry, now())
            return True
    return False
