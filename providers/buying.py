"""Buys one request from one provider, once: written down, sent, stored and settled.

For each request, in this order:

1. The most that it may cost is reserved, and the attempt is on disk (``reserved``).
2. The attempt is committed as ``sent``, then the bytes leave (``sent``).
3. Of a slow provider, the job is committed before anybody waits for it (``submitted``).
4. The answer (``answered``) is stored with what it consumed (``stored``), then settled
   (``settled``): a crash in between is settled from the store, and a job is collected.
5. What failed for free is released; what was charged is entered as waste; what nobody knows
   becomes suspect, and waits for a person.

The words in brackets are the steps that ``on_step`` is told, each after it was done; ``failed``
is told before what the failure cost is written down.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from cost_tracking.attempts import (
    AlreadyBought,
    AlreadyClosed,
    Attempt,
    Attempts,
    Claimed,
    LeaseLost,
    Order,
    Suspect,
)
from cost_tracking.money import Money
from cost_tracking.prices import PriceBook, UnknownPrice
from cost_tracking.usage import Usage
from providers.answers import Answers, Kept
from providers.collecting import Collecting, as_json, from_json
from providers.deals import Deal, Packed, parts_of
from providers.errors import Charged, NotStored, ProviderError, StorageError, Unfinished, redact
from providers.images.jobs import Pending
from providers.quoting import Quoted, quoted
from providers.terms import BudgetTerms
from providers.waiting import Waiting

A = TypeVar("A")


@dataclass(frozen=True)
class Bought(Generic[A]):
    """An answer, with the attempt that paid for it."""

    answer: A
    attempt: Attempt
    replayed: bool
    """Whether it was bought earlier, and nothing was bought now."""

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Return why the providers before this one in the route did not do it."""
        return self.attempt.passed_over


@dataclass(frozen=True)
class Errand:
    """What a request is for."""

    campaign: str
    run: str
    asset: str
    market: str | None = None
    rework: bool = False
    """Whether it was made before, and rejected."""
    redoes: tuple[str, ...] = ()
    """The rejected renditions that it is for."""
    replaces: str | None = None
    """The attempt at a provider before this one in the route, or that which brought what was
    rejected; None where there was none."""
    passed_over: tuple[str, ...] = ()
    """Why those before this one in the route did not do it."""


class Buyer:
    """Buys one request at a time; whether another try is wanted is for its caller to decide.

    Args:
        attempts: Where attempts, budget and ledger are.
        prices: What things cost; what is not in it is not bought.
        answers: Where answers are kept.
        budget: The budget's currency and rates.
        collecting: Who waits for jobs.
        waiting: Begins to wait for others who are at the same request.
        on_step: Told each step after it was done.

    """

    def __init__(
        self,
        attempts: Attempts,
        prices: PriceBook,
        answers: Answers,
        *,
        budget: BudgetTerms,
        collecting: Collecting,
        waiting: Callable[[], Waiting],
        on_step: Callable[[str], None],
    ) -> None:
        self._attempts = attempts
        self._prices = prices
        self._answers = answers
        self._budget = budget
        self._collecting = collecting
        self._waiting = waiting
        self._on_step = on_step

    def quote(self, deal: Deal[A], at: datetime) -> Quoted:
        """Return what a request will cost; nothing is sent.

        Raises:
            UnknownPrice: Nobody has entered what it costs.
            NoRate: The budget has no rate for the provider's currency.

        """
        return quoted(deal, self._prices, self._budget, at.date())

    def replay(self, deal: Deal[A], attempt: Attempt) -> Bought[A]:
        """Return what an attempt bought, from the store.

        Raises:
            NotStored: It is not there, or was changed.

        """
        kept = self._answers.find(attempt.id)
        if kept is None or kept.content != attempt.answer_sha256:
            raise NotStored(
                "answers",
                f"{attempt.asset}: attempt {attempt.id} bought it on {attempt.reserved_at:%Y-%m-%d}"
                " and its answer is not in the store; restore the state folder from a backup",
            )
        return Bought(deal.unpack(kept, self._answers.content(kept)), attempt, replayed=True)

    def parts(self, attempt: Attempt) -> Mapping[str, object]:
        """Return the parts that an attempt's answer holds; none where it is not in the store.

        Raises:
            NotStored: It was changed.

        """
        kept = self._answers.find(attempt.id)
        return parts_of(kept) if kept else {}

    def buy(
        self, deal: Deal[A], quote: Quoted, errand: Errand, route: Mapping[str, Deal[A]]
    ) -> Bought[A]:
        """Buy one request, unless it or another one of its route has been bought.

        Args:
            deal: The request.
            quote: What it costs.
            errand: What it is for.
            route: Every request that would do, this one too, by its sha256. While one of them is
                under way, lost or bought, no other one is sent.

        Raises:
            ProviderError: It was not bought; what that cost is in the ledger.
            OverBudget: The budget does not hold the most that it may cost; nothing was sent.
            Suspect: An earlier try was lost and may have been charged; nothing was sent.
            Claimed: Another process is at it, and was not done in time; nothing was sent.

        """
        waiting = self._waiting()
        while True:
            try:
                return self._bought(deal, quote, errand, route)
            except Claimed as held:
                waiting.longer(held)

    def _bought(
        self, deal: Deal[A], quote: Quoted, errand: Errand, route: Mapping[str, Deal[A]]
    ) -> Bought[A]:
        try:
            attempt = self._attempts.claim(_order(deal, quote, errand), among=route)
        except AlreadyBought as found:
            return self.replay(route[found.attempt.request_sha256], found.attempt)
        except Suspect as lost:
            return self._found_again(route[lost.attempt.request_sha256], lost)
        self._on_step("reserved")
        attempt = self._attempts.sent(attempt)
        self._on_step("sent")
        return self._finished(deal, quote, attempt, lambda: self._asked(deal, attempt))

    def _asked(self, deal: Deal[A], attempt: Attempt) -> A:
        answer = deal.ask()
        if not isinstance(answer, Pending):
            return answer
        attempt = self._attempts.submitted(attempt, as_json(answer))
        self._on_step("submitted")
        return self._collecting.until_done(deal, attempt, answer)

    def _finished(
        self, deal: Deal[A], quote: Quoted, attempt: Attempt, ask: Callable[[], A]
    ) -> Bought[A]:
        """Get an answer, store it and settle it, or write down what its failure cost."""
        try:
            answer = ask()
        except ProviderError as error:
            self._on_step("failed")
            self._close(attempt, quote, error)
            raise
        except LeaseLost:
            raise
        except BaseException as error:
            # Not one of ours, such as a bug or Ctrl-C: nobody knows how far it came.
            said = redact(f"{type(error).__name__}: {error}")
            if deal.repeatable and self._attempts.get(attempt.id).job is None:
                self._attempts.release(attempt, "interrupted", said)
            else:
                self._attempts.suspect(attempt, "interrupted", said)
            raise
        self._on_step("answered")
        kept = self._stored(deal.pack(answer), quote, attempt)
        self._on_step("stored")
        settled = self._settle(attempt, kept, quote)
        self._on_step("settled")
        return Bought(answer, settled, replayed=False)

    def _found_again(self, deal: Deal[A], lost: Suspect) -> Bought[A]:
        """Settle what a process stored before it died, or collect the job that it handed in.

        Raises:
            Suspect: Neither is there.

        """
        kept = self._answers.find(lost.attempt.id)
        if kept is None and not lost.attempt.collectable:
            raise lost
        quote = self.quote(deal, lost.attempt.sent_at or lost.attempt.reserved_at)
        try:
            attempt = self._attempts.adopt(lost.attempt.id)
        except AlreadyClosed:
            # Another process was as quick as we.
            attempt = self._attempts.get(lost.attempt.id)
            if attempt.answer_sha256 is None:
                raise lost from None
            return self.replay(deal, attempt)
        if kept is not None:
            content = self._answers.content(kept)
            settled = self._settle(attempt, kept, quote)
            return Bought(deal.unpack(kept, content), settled, replayed=True)
        pending = from_json(attempt.job or {})
        found = self._finished(
            deal,
            quote,
            attempt,
            lambda: self._collecting.until_done(deal, attempt, pending, at_once=True),
        )
        return Bought(found.answer, found.attempt, replayed=True)

    def _close(self, attempt: Attempt, quote: Quoted, error: ProviderError) -> None:
        """Write down what a failed call cost."""
        said = str(error)
        error.attempt = attempt.id
        if error.charged is Charged.NO:
            self._attempts.release(attempt, error.kind, said)
        elif error.charged is Charged.YES:
            self._waste(attempt, quote, error.kind, said, error.usage)
        elif attempt.repeatable and self._attempts.get(attempt.id).job is None:
            self._attempts.release(attempt, error.kind, said)
        else:
            self._attempts.suspect(attempt, error.kind, said)
            if not isinstance(error, Unfinished):
                error.add_note(
                    f"attempt {attempt.id} may have been charged, {attempt.estimate} at most; look "
                    "on the provider's bill, then close it"
                )

    def _stored(self, packed: Packed, quote: Quoted, attempt: Attempt) -> Kept:
        try:
            return self._answers.keep(
                attempt.id, attempt.request_sha256, packed.content, packed.usage, packed.facts
            )
        except StorageError as error:
            if self._attempts.get(attempt.id).job is not None:
                # The provider still has it: there is time to make room, and to collect it again.
                self._attempts.suspect(attempt, Unfinished.kind, str(error))
            else:
                # It was paid for and is lost: that is waste, and known to the micro.
                self._waste(attempt, quote, error.kind, str(error), packed.usage)
            raise

    def _waste(
        self, attempt: Attempt, quote: Quoted, kind: str, said: str, usage: Usage | None
    ) -> None:
        amount, basis = self._charged(quote, usage)
        self._attempts.fail(
            attempt,
            kind,
            said,
            amount,
            usage=None if basis == "estimated" else usage,
            used=self._prices.used(quote.price, usage, amount, basis) if usage else (),
            budget_amount=self._in_budget(attempt, amount),
        )

    def _settle(self, attempt: Attempt, kept: Kept, quote: Quoted) -> Attempt:
        amount, basis = self._charged(quote, kept.usage)
        in_budget = self._in_budget(attempt, amount)

        used = self._prices.used(quote.price, kept.usage, amount, basis)

        def settle(held: Attempt) -> Attempt:
            return self._attempts.settle(
                held, kept.usage, amount, basis, kept.content, budget_amount=in_budget, used=used
            )

        try:
            return settle(attempt)
        except LeaseLost:
            # The provider was slower than the lease, and the attempt was taken back. The answer
            # is stored, so it can be taken over again.
            return settle(self._attempts.adopt(attempt.id))

    def _in_budget(self, attempt: Attempt, amount: Money) -> Money:
        # Of the day on which it was reserved, so that no rate can lift it over what was reserved.
        return self._budget.convert(amount, attempt.reserved_at.date())

    def _charged(self, quote: Quoted, usage: Usage | None) -> tuple[Money, str]:
        """Return what an answer cost, and how we know.

        An answer that says nothing, or nothing that can be priced, counts as the most that it
        may have cost: the ledger may overstate for a while, and never understates.
        """
        most = quote.estimate.most
        if quote.price.free:
            return most, "free"
        if usage is not None and (usage.quantities or usage.reported):
            try:
                amount, basis = self._prices.charge(quote.price, usage, most.currency)
            except UnknownPrice:
                return most, "estimated"
            if amount.currency == most.currency:
                return amount, basis
        return most, "estimated"


def _order(deal: Deal[A], quote: Quoted, errand: Errand) -> Order:
    return Order(
        campaign=errand.campaign,
        run=errand.run,
        asset=errand.asset,
        stage=deal.stage,
        provider=deal.provider,
        model=deal.model,
        operation=deal.operation,
        request_sha256=deal.sha256(errand.campaign, errand.asset),
        estimate=quote.estimate.most,
        budget_amount=quote.most,
        repeatable=deal.repeatable,
        price=quote.price.id,
        market=errand.market,
        locale=deal.locale,
        # Pictures are bought for a concept, never for a market or a placement.
        concept=errand.asset if deal.operation == "image" else None,
        prompt=deal.prompt,
        rework=errand.rework,
        redoes=errand.redoes,
        replaces=errand.replaces,
        passed_over=errand.passed_over,
    )
