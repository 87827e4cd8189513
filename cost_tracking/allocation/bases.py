"""By what a pool is shared: who used it, whose assets were accepted, who spent how much."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, Select, func, select

from cost_tracking import tables
from cost_tracking.allocation.documents import Basis, Document, Term
from cost_tracking.allocation.shares import Tree
from cost_tracking.entries import COST
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from creative.asset_name import AssetName
from creative.decision import Decision, Verdict

_Found = Iterator[tuple[str, str, Decimal]]
"""Campaign, market (empty for none), weight."""


def weights(connection: Connection, one: Document, month: str, rates: Rates | None) -> Tree:
    """Return what a pool of a month is shared by; empty where there is nothing to share it by.

    The bases: ``usage`` counts what the provider was asked for and answered in the month, in
    requests or in the document's meter; ``accepted`` the renditions that were accepted in it and
    still are; ``renditions`` those that were made in it; ``spend`` the cost that was posted for it
    to each campaign; ``equal`` takes every campaign of these once; ``given`` is what the document
    says.

    Args:
        connection: To read from.
        one: The document that is shared.
        month: ``YYYY-MM``.
        rates: To compare costs in several currencies; needed by the basis ``spend`` alone.

    Raises:
        NoRate: Costs cannot be compared, for want of a rate.

    """
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for campaign, market, weight in _BASES[one.shared_by](connection, one, month, rates):
        if weight > 0:
            found[campaign][market] += weight
    return {campaign: dict(inner) for campaign, inner in sorted(found.items())}


def _usage(connection: Connection, one: Document, month: str, _rates: Rates | None) -> _Found:
    attempt = tables.attempt.c
    meter = one.meter if isinstance(one, Term) else None
    query = select(attempt.campaign, attempt.market, attempt.usage).where(
        attempt.provider == (one.provider or one.payee),
        attempt.state == "settled",
        func.substr(attempt.sent_at, 1, 7) == month,
    )
    for campaign, market, written in connection.execute(query):
        consumed = json.loads(written) if written else {}
        weight = Decimal(1) if meter is None else Decimal(consumed.get(meter, 0))
        yield campaign, market or "", weight


def _accepted(connection: Connection, _one: Document, month: str, _rates: Rates | None) -> _Found:
    query = select(tables.decision.c.statement).order_by(tables.decision.c.seq)
    newest: dict[str, Decision] = {}
    for statement in connection.execute(query).scalars():
        decision = Decision.model_validate_json(statement)
        if decision.at.date().isoformat()[:7] <= month:
            newest[AssetName.parse(decision.asset).slot] = decision
    for decision in newest.values():
        accepted = decision.verdict is Verdict.ACCEPTED
        if accepted and decision.at.date().isoformat()[:7] == month:
            name = AssetName.parse(decision.asset)
            yield name.campaign, name.market, Decimal(1)


def _renditions(connection: Connection, _one: Document, month: str, _rates: Rates | None) -> _Found:
    asset = tables.asset.c
    query = (
        select(asset.campaign, asset.market, func.count(asset.slot.distinct()))
        .where(asset.kind == "rendition", func.substr(asset.made_at, 1, 7) == month)
        .group_by(asset.campaign, asset.market)
    )
    for campaign, market, count in connection.execute(query):
        yield campaign, market or "", Decimal(count)


def _spend(connection: Connection, one: Document, month: str, rates: Rates | None) -> _Found:
    for campaign, on, amount in _costs(connection, month):
        told = amount
        if amount.currency != one.currency:
            if rates is None:
                raise ValueError(f"{one.key}: sharing it by spend takes rates of exchange")
            told = rates.convert(amount, one.currency, on).amount
        yield campaign, "", told.amount


def _equal(connection: Connection, _one: Document, month: str, _rates: Rates | None) -> _Found:
    attempt, asset = tables.attempt.c, tables.asset.c
    sent: Select[tuple[str]] = select(attempt.campaign).where(
        func.substr(attempt.sent_at, 1, 7) == month
    )
    made: Select[tuple[str]] = select(asset.campaign).where(
        func.substr(asset.made_at, 1, 7) == month
    )
    active = {campaign for campaign, _, _ in _costs(connection, month)}
    for query in (sent, made):
        active |= {str(one) for one in connection.execute(query).scalars()}
    for campaign in sorted(active):
        yield campaign, "", Decimal(1)


def _given(_connection: Connection, one: Document, _month: str, _rates: Rates | None) -> _Found:
    for campaign, weight in one.weights.items():
        yield campaign, "", weight


def _costs(connection: Connection, month: str) -> Iterator[tuple[str, date, Money]]:
    """Yield what was posted to campaigns for a month, without what was shared out to them."""
    posting, txn = tables.posting.c, tables.txn.c
    query = (
        select(posting.campaign, txn.effective_on, posting.currency, posting.amount_micros)
        .join(tables.txn, txn.seq == posting.txn_seq)
        .where(posting.account == COST, posting.campaign.is_not(None))
        .where(func.coalesce(posting.attribution, "direct") != "allocated")
        .where(func.substr(txn.effective_on, 1, 7) == month)
    )
    for campaign, on, currency, micros in connection.execute(query):
        yield campaign, date.fromisoformat(on), Money(micros=micros, currency=currency)


_BASES: Mapping[Basis, Callable[[Connection, Document, str, Rates | None], _Found]] = {
    "usage": _usage,
    "accepted": _accepted,
    "renditions": _renditions,
    "spend": _spend,
    "equal": _equal,
    "given": _given,
}
