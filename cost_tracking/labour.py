"""People's time as money: for a picture that somebody brings, and for what somebody reviews."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Context, Decimal

from sqlalchemy import Engine, select

from cost_tracking import ledger, tables
from cost_tracking.database import lock, reading, writing
from cost_tracking.exchange.based import Books, in_books
from cost_tracking.hours import Labour
from cost_tracking.money import Money, allocate
from cost_tracking.orders import Attempt
from cost_tracking.policy import Policy
from creative.looked import Looked
from creative.value import Value

COST_TYPE = "labour.internal"
REVIEW = "labour.review"
_EXACT = Context(prec=50)


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


class Reviewed(Value):
    """One rendition that somebody looked at and decided about."""

    slot: str
    market: str
    locale: str
    placement: str
    concept: str
    rework: bool
    """Whether it was made again before that."""


def post_review(
    engine: Engine,
    looked: Looked,
    reviewed: Sequence[Reviewed],
    rate: Money,
    policy: Policy,
    now: Callable[[], datetime],
    books: Books | None = None,
) -> bool:
    """Enter the minutes of one act, once, in equal parts for the renditions that it was about.

    The parts sum exactly to the minutes at the rate. The campaign's budget is not touched.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        looked: Whose minutes, and on which day.
        reviewed: What they were spent on.
        rate: Of one hour.
        policy: Says which class people's review is of.
        now: The clock.
        books: The currency in which it is told too; None where nobody has named one.

    Returns:
        Whether it was entered now; where it was entered before, that entry stands.

    """
    exact = _EXACT.divide(_EXACT.multiply(looked.minutes, rate.amount), Decimal(60))
    amount = Money.of(exact, rate.currency)
    if not amount:
        return False
    by_slot = {one.slot: one for one in reviewed}
    shares = allocate(amount.micros, dict.fromkeys(by_slot, 1))
    lines = [
        ledger.Posting.model_validate(
            {
                **by_slot[slot].model_dump(exclude={"slot"}),
                "account": ledger.COST,
                "amount": Money(micros=micros, currency=amount.currency),
                "cost_type": REVIEW,
                "spend_class": policy.spend_class(REVIEW),
                "policy": policy.id,
                "campaign": looked.campaign,
                "asset": slot,
                "stage": "review",
                "provider": "declared",
                "reviewer": looked.by,
                "attribution": "allocated" if len(by_slot) > 1 else "direct",
            }
        )
        for slot, micros in shares.items()
        if micros
    ]
    owed = {"account": "payable:declared", "amount": -amount, "campaign": looked.campaign}
    worked = ledger.UsageLine(
        meter="minutes",
        quantity=looked.minutes,
        unit="minute",
        exact=exact,
        currency=amount.currency,
    )
    entry = ledger.Transaction(
        key=_review_key(looked.campaign, looked.nonce),
        kind="labour",
        effective_on=looked.at.date(),
        postings=(*lines, ledger.Posting.model_validate(owed)),
        source=looked.how,
        source_doc=f"{looked.minutes} minutes of review by {looked.by}",
        actor=looked.by,
        usage=(worked,),
    )
    with writing(engine) as connection:
        lock(connection, entry.key)
        try:
            ledger.read(connection, entry.key)
        except ledger.UnknownEntry:
            ledger.post(connection, in_books(entry, books), now())
            return True
    return False


def posted(engine: Engine, campaign: str) -> frozenset[str]:
    """Return the nonces of the acts of a campaign whose minutes were entered."""
    begin = _review_key(campaign, "")
    column = tables.txn.c.idem_key
    query = select(column).where(column.startswith(begin, autoescape=True))
    with reading(engine) as connection:
        found = connection.execute(query).scalars().all()
    return frozenset(key.removeprefix(begin) for key in found)


def _review_key(campaign: str, nonce: str) -> str:
    return f"review/{campaign}/{nonce}"
