"""Posts what a brief says was spent outside of the pipeline, and what changed in it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from cost_tracking import ledger, tables
from cost_tracking.database import lock, writing
from cost_tracking.exchange.based import Books, in_books
from cost_tracking.money import Money
from cost_tracking.policy import Policy
from creative.brief import DeclaredCost


def post_declared(
    engine: Engine,
    campaign: str,
    costs: Sequence[DeclaredCost],
    policy: Policy,
    now: Callable[[], datetime],
    run: str,
    books: Books | None = None,
) -> tuple[str, ...]:
    """Make the ledger say what the brief declares, in one transaction.

    A cost that is new is posted. One that changed is reversed and posted anew, and one that is gone
    is reversed; what stays the same changes nothing, so that it may be called on every run. A cost
    of 0 is no cost. The campaign's budget is not touched: it is the gate of what the pipeline buys.

    Args:
        engine: Of ``open_database``, with its tables upgraded.
        campaign: The brief's name.
        costs: All of the brief's, with ids that differ.
        policy: Says which class each is of.
        now: The clock.
        run: The run that posts them.
        books: The currency in which they are told too; None where nobody has named one.

    Returns:
        The keys of the entries that were posted or reversed.

    Raises:
        UnknownCostType: The policy does not know a type; nothing was posted.
        ValueError: Two costs have one id.

    """
    wanted = {cost.id: _entry(campaign, cost, policy, run) for cost in costs if cost.amount}
    if len({cost.id for cost in costs}) < len(costs):
        raise ValueError(f"campaign {campaign}: two declared costs have one id; number them")
    changed: list[str] = []
    with writing(engine) as connection:
        lock(connection, f"declared/{campaign}")
        standing, revisions = _standing(connection, campaign)
        for name, key in sorted(standing.items()):
            if name not in wanted or not _same(connection, key, wanted[name]):
                reason = f"the brief of run {run} declares it otherwise"
                ledger.reverse(connection, key, now(), actor=f"run:{run}", reason=reason)
                del standing[name]
                changed.append(key)
        for name, entry in sorted(wanted.items()):
            if name not in standing:
                key = f"{_prefix(campaign)}{name}/{revisions.get(name, 0) + 1}"
                numbered = entry.model_copy(update={"key": key})
                ledger.post(connection, in_books(numbered, books), now())
                changed.append(key)
    return tuple(changed)


def _prefix(campaign: str) -> str:
    return f"declared/{campaign}/"


def _entry(campaign: str, cost: DeclaredCost, policy: Policy, run: str) -> ledger.Transaction:
    amount = Money.of(cost.amount, cost.currency)
    dimensions = {"campaign": campaign, "market": cost.market, "channel": cost.channel}
    spent = ledger.Posting.model_validate(
        {
            **dimensions,
            "account": ledger.COST,
            "amount": amount,
            "cost_type": cost.type,
            "spend_class": policy.spend_class(cost.type),
            "policy": policy.id,
        }
    )
    owed = ledger.Posting.model_validate(
        {**dimensions, "account": "payable:declared", "amount": -amount}
    )
    return ledger.Transaction(
        key=f"{_prefix(campaign)}{cost.id}",
        kind="invoice",
        effective_on=cost.on,
        postings=(spent, owed),
        source="brief",
        source_doc=cost.source,
        actor=f"run:{run}",
        run=run,
    )


def _standing(connection: Connection, campaign: str) -> tuple[dict[str, str], dict[str, int]]:
    """Return the key that stands for each cost, and how often each was ever posted."""
    txn, taken_back = tables.txn, tables.txn.alias()
    # Names of campaigns hold no wildcard, which makes the prefix safe.
    query = (
        select(txn.c.idem_key, taken_back.c.seq)
        .outerjoin(taken_back, taken_back.c.reverses == txn.c.seq)
        .where(txn.c.idem_key.like(f"{_prefix(campaign)}%"))
    )
    standing: dict[str, str] = {}
    revisions: dict[str, int] = {}
    for key, reversal in connection.execute(query):
        name, revision = key.removeprefix(_prefix(campaign)).rsplit("/", 1)
        revisions[name] = max(revisions.get(name, 0), int(revision))
        if reversal is None:
            standing[name] = key
    return standing, revisions


def _same(connection: Connection, key: str, wanted: ledger.Transaction) -> bool:
    stands = ledger.read(connection, key)
    # Who posted it does not change what was spent, and neither does a newer policy, which only
    # reads it otherwise, or a rate that was imported since.
    by_run = {"key": wanted.key, "actor": wanted.actor, "run": wanted.run}
    same = stands.model_copy(update=by_run)
    return _unclassed(same) == _unclassed(wanted)


_READ_OTHERWISE = {"spend_class": None, "policy": None, "base": None, "fx_rate": None}


def _unclassed(entry: ledger.Transaction) -> ledger.Transaction:
    postings = tuple(one.model_copy(update=_READ_OTHERWISE) for one in entry.postings)
    return entry.model_copy(update={"postings": postings})
