"""Reads from the database what a campaign has spent, as a report wants it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import Engine, Row, Select, and_, select

from cost_tracking import attempt_rows as rows
from cost_tracking.books.as_of import watermark
from cost_tracking.books.point import AsOf, attempts_then
from cost_tracking.database import reading
from cost_tracking.exchange.rate_store import all_rates
from cost_tracking.exchange.rates import Rates
from cost_tracking.ledger import COST
from cost_tracking.moments import moment
from cost_tracking.money import Money
from cost_tracking.orders import Attempt, State
from cost_tracking.policy import Policy
from cost_tracking.readings import Reading, readings
from cost_tracking.reports.facts import Asked, Posted, Spent
from cost_tracking.tables import posting, txn

_ATTEMPT = "attempt/"


class Spending:
    """One campaign's money, read once.

    Args:
        engine: Of ``open_database``.
        campaign: The campaign's name.
        currency: The report's, which is the budget's.
        rates: What one unit of another currency is worth in it, as its budget says. What has none
            here is converted at the published rate of the day that it belongs to.
        policy: Decides now what is working, whatever was thought when an amount was posted.
        as_of: As it was known then; None for now.
        dated: The published rates as they were known then, which many campaigns may share; read
            for this one alone if None.

    """

    def __init__(
        self,
        engine: Engine,
        campaign: str,
        currency: str,
        rates: Mapping[str, Decimal],
        policy: Policy,
        as_of: AsOf | None = None,
        dated: Rates | None = None,
    ) -> None:
        self._currency = currency
        self._rates = rates
        self._dated = dated or all_rates(engine, as_of.at if as_of else None)
        self._policy = policy
        self.up_to: int = watermark(engine) if as_of is None else as_of.seq
        """The newest entry of the ledger that is told."""
        with reading(engine) as connection:
            self._lines = connection.execute(_lines(campaign, self.up_to)).all()
            self.attempts = tuple(rows.find(connection, rows.attempt.c.campaign == campaign))
        if as_of is not None:
            posted = {line.idem_key for line in self._lines}
            self.attempts = attempts_then(self.attempts, as_of, posted)

    @property
    def by_state(self) -> dict[str, int]:
        """Return how many attempts stand in each state."""
        return dict(Counter(one.state.value for one in self.attempts))

    @property
    def images_bought(self) -> int:
        """Return how many pictures were paid for and can be used."""
        return sum(
            one.operation == "image" and one.state is State.SETTLED and not one.waste
            for one in self.attempts
        )

    def sent_by(self, run: str) -> int:
        """Return how many requests one run has sent."""
        return sum(one.run == run and one.sent_at is not None for one in self.attempts)

    def spent_by(self, run: str) -> Money:
        """Return what the requests of one run have cost."""
        amounts = (one.budget_spent for one in self.attempts if one.run == run and one.budget_spent)
        return sum(amounts, Money.zero(self._currency))

    def passed_over_by(self, run: str) -> tuple[str, ...]:
        """Return who was asked in one run because others of the route did not do it, and why."""
        return tuple(
            f"{one.asset}: {one.provider} was asked in place of {why}"
            for one in self.attempts
            if one.run == run and one.state is not State.RELEASED
            for why in one.passed_over
        )

    @property
    def suspect(self) -> Money:
        """Return what is set aside for attempts whose outcome is unknown."""
        held = (one.budget_amount for one in self.attempts if one.state is State.SUSPECT)
        return sum(held, Money.zero(self._currency))

    def spent(self) -> tuple[Spent, ...]:
        """Return every amount: the ledger's lines, the free attempts, and the suspect ones.

        Raises:
            NoRate: An amount is in a currency without a rate.
            UnknownCostType: The policy does not know a cost type.

        """
        counted = (one for one in self._of_ledger() if one.spend != "excluded")
        return (*counted, *self._beside_ledger())

    def readings(self) -> tuple[Reading, ...]:
        """Return what all of it comes to under each reading of what is working.

        Raises:
            NoRate: An amount is in a currency without a rate.
            UnknownCostType: A policy does not know a cost type.

        """
        own = {_ATTEMPT + one.id: one for one in self.attempts}
        posted = (
            (line.cost_type, self._amount(line, own.get(_first(line.idem_key)))[0])
            for line in self._lines
        )
        beside = ((one.cost_type, one.amount) for one in self._beside_ledger())
        return readings((*posted, *beside), self._currency, self._policy)

    def excluded(self) -> tuple[Spent, ...]:
        """Return the parts of the ledger's lines that the policy counts on neither side."""
        return tuple(one for one in self._of_ledger() if one.spend == "excluded")

    def _of_ledger(self) -> Iterator[Spent]:
        own = {_ATTEMPT + one.id: one for one in self.attempts}
        for line in self._lines:
            rule = self._policy.rule(line.cost_type)
            attempt = own.get(_first(line.idem_key))
            amount, original, rate = self._amount(line, attempt)
            originals = self._policy.parts(line.cost_type, original)
            for side, part in self._policy.parts(line.cost_type, amount).items():
                yield Spent(
                    amount=part,
                    original=originals.get(side, Money.zero(original.currency)),
                    cost_type=line.cost_type,
                    spend=side.value,
                    stage=line.stage or "declared",
                    provider=line.provider or "declared",
                    **_place(line),
                    basis=(attempt.basis if attempt else None) or "declared",
                    waste=bool(line.waste) or rule.wasted,
                    rework=bool(line.rework),
                    again=attempt.again if attempt else (),
                    attribution=line.attribution or "direct",
                    concept=line.concept,
                    fx_rate=rate,
                    reference=line.source_doc or line.idem_key,
                    posted=_posted(line),
                    asked=_asked(attempt) if attempt else None,
                )

    def _amount(
        self, line: Row[tuple[object, ...]], attempt: Attempt | None
    ) -> tuple[Money, Money, str]:
        """Return an amount in the report's currency, as it was billed, and the rate between."""
        original = Money(micros=line.amount_micros, currency=line.currency)
        # What was settled at the rate of its day stays what it was when the rate changes. What was
        # trued up no longer stands: it and its reversal are nothing together, at whatever rate.
        stands = attempt and attempt.amount == original and line.reversed_by is None
        settled = attempt.budget_spent if attempt and stands else None
        if settled is not None:
            return settled, original, ""
        ours, rate = self._ours(original, line)
        return ours, original, rate

    def _beside_ledger(self) -> Iterator[Spent]:
        """Yield what has no line there: what cost nothing, and what may have cost something."""
        for one in self.attempts:
            free = one.state is State.SETTLED and not one.amount
            if free or one.state is State.SUSPECT:
                yield self._attempt(one)

    def _attempt(self, one: Attempt) -> Spent:
        lost = one.state is State.SUSPECT
        return Spent(
            amount=one.budget_amount if lost else Money.zero(self._currency),
            original=one.counts,
            cost_type="ai.api_call",
            spend="non_working",
            stage=one.stage,
            provider=one.provider,
            market=one.market,
            locale=one.locale,
            asset=one.asset,
            basis="reserved, outcome unknown" if lost else one.basis or "free",
            waste=lost or one.waste,
            rework=one.rework,
            again=one.again,
            reference=one.receipt or _ATTEMPT + one.id,
            asked=_asked(one),
        )

    def _ours(self, amount: Money, line: Row[tuple[object, ...]]) -> tuple[Money, str]:
        if amount.currency == self._currency:
            return amount, ""
        rate = self._rates.get(amount.currency)
        if rate is not None:
            return amount.at(rate, self._currency), ""
        if line.base_micros is not None and line.base_currency == self._currency:
            # As it was posted: the parts of a document sum to what the whole was converted to.
            return Money(micros=line.base_micros, currency=self._currency), line.fx_rate or ""
        on = date.fromisoformat(line.effective_on)
        converted = self._dated.convert(amount, self._currency, on)
        return converted.amount, converted.rate_id


def _first(key: str) -> str:
    """Return the key under which something was first posted, whatever has taken its place since."""
    return key.rpartition("true_up/")[2]


def _lines(campaign: str, up_to: int) -> Select[tuple[object, ...]]:
    origin, mirror, estimate, actual = txn.alias(), txn.alias(), txn.alias(), txn.alias()
    return (
        select(
            posting,
            txn,
            origin.c.idem_key.label("reverses_key"),
            mirror.c.idem_key.label("reversed_by"),
            estimate.c.idem_key.label("supersedes_key"),
            actual.c.idem_key.label("superseded_by"),
        )
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .outerjoin(origin, origin.c.seq == txn.c.reverses)
        .outerjoin(mirror, and_(mirror.c.reverses == txn.c.seq, mirror.c.seq <= up_to))
        .outerjoin(estimate, estimate.c.seq == txn.c.supersedes)
        .outerjoin(actual, and_(actual.c.supersedes == txn.c.seq, actual.c.seq <= up_to))
        .where(posting.c.campaign == campaign, posting.c.account == COST)
        .where(posting.c.txn_seq <= up_to)
        .order_by(posting.c.txn_seq, posting.c.line_no)
    )


def _posted(line: Row[tuple[object, ...]]) -> Posted:
    return Posted(
        seq=line.seq,
        line=line.line_no,
        key=line.idem_key,
        kind=line.kind,
        status=line.status,
        effective_on=date.fromisoformat(line.effective_on),
        recorded_at=moment(line.recorded_at),
        period=line.posting_period or None,
        source=line.source,
        document=line.source_doc,
        actor=line.actor,
        run=line.run,
        reverses=line.reverses_key,
        reversed_by=line.reversed_by,
        supersedes=line.supersedes_key,
        superseded_by=line.superseded_by,
    )


def _asked(one: Attempt) -> Asked:
    return Asked(
        id=one.id,
        provider=one.provider,
        model=one.model,
        operation=one.operation,
        state=one.state.value,
        price=one.price,
        receipt=one.receipt or "",
        usage=one.usage or {},
        sent_at=one.sent_at,
        closed_by=one.closed_by or "",
        close_reason=one.close_reason or "",
        replaces=one.replaces or "",
        passed_over=one.passed_over,
    )


def _place(line: Row[tuple[object, ...]]) -> dict[str, str | None]:
    names = ("market", "locale", "placement", "channel", "asset")
    return {name: getattr(line, name) for name in names}
