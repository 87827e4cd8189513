"""The one place where something is bought: written down, paid, stored, and never bought twice.

For each request, in this order:

1. It was bought before: its stored answer is read again, and nothing is sent.
2. The most that it may cost is reserved, and the attempt is on disk (``reserved``).
3. The attempt is committed as ``sent``, then the bytes leave (``sent``).
4. The answer (``answered``) is stored with what it consumed (``stored``), then settled
   (``settled``): a crash in between is settled from the store.
5. What failed for free is released and, if waiting helps, tried again as a new attempt; what was
   charged is entered as waste; what nobody knows becomes suspect, and waits for a person.

The words in brackets are the steps that ``on_step`` is told, each after it was done.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from cost_tracking.attempts import (
    AlreadyBought,
    AlreadyClosed,
    Attempt,
    Attempts,
    LeaseLost,
    Order,
    Suspect,
)
from cost_tracking.money import Money
from cost_tracking.prices import PriceBook, UnknownPrice
from cost_tracking.usage import Usage
from providers import deals
from providers.answers import Answers, Kept
from providers.deals import Deal
from providers.errors import Charged, NotStored, ProviderError, StorageError, TryAgain, redact
from providers.images.base import ImageAnswer, ImageProvider, ImageRequest
from providers.quoting import Quoted, quoted
from providers.terms import BudgetTerms, Patience
from providers.translation.base import TranslateAnswer, TranslateRequest, Translator
from providers.writing.base import TextAnswer, TextProvider, TextRequest

A = TypeVar("A")


@dataclass(frozen=True)
class Bought(Generic[A]):
    """An answer, with the attempt that paid for it."""

    answer: A
    attempt: Attempt
    replayed: bool
    """Whether it was bought earlier, and nothing was sent now."""


@dataclass(frozen=True)
class _For:
    """What a request is for."""

    campaign: str
    run: str
    asset: str
    market: str | None = None


class Runner:
    """Buys from providers, for one campaign's budget.

    Args:
        attempts: Where attempts, budget and ledger are.
        prices: What things cost; what is not in it is not bought.
        answers: Where answers are kept.
        now: The clock, with a time zone.
        sleep: Waits for seconds.
        budget: The budget's currency and rates.
        patience: How long to wait for a provider that asks us to.
        on_step: Told each step after it was done; for drills and progress.

    """

    def __init__(  # noqa: PLR0913 - each is a part that somebody else owns
        self,
        attempts: Attempts,
        prices: PriceBook,
        answers: Answers,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        budget: BudgetTerms,
        patience: Patience | None = None,
        on_step: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self._attempts = attempts
        self._prices = prices
        self._answers = answers
        self._now = now
        self._sleep = sleep
        self._budget = budget
        self._patience = patience or Patience()
        self._on_step = on_step

    def draw(
        self, provider: ImageProvider, request: ImageRequest, *, campaign: str, run: str, asset: str
    ) -> Bought[ImageAnswer]:
        """Buy one picture.

        Raises:
            ProviderError: It was not drawn; what that cost is in the ledger.
            OverBudget: The budget does not hold the most that it may cost; nothing was sent.
            UnknownPrice: Nobody has entered what it costs; nothing was sent.
            NoRate: The budget has no rate for the provider's currency; nothing was sent.
            Suspect: An earlier try was lost and may have been charged; nothing was sent.
            Claimed: Another process is at it; nothing was sent.

        """
        return self._buy(deals.picture(provider, request), _For(campaign, run, asset))

    def write(
        self, provider: TextProvider, request: TextRequest, *, campaign: str, run: str, asset: str
    ) -> Bought[TextAnswer]:
        """Buy one text. It raises what ``draw`` does."""
        return self._buy(deals.text(provider, request), _For(campaign, run, asset))

    def translate(
        self,
        provider: Translator,
        request: TranslateRequest,
        *,
        campaign: str,
        run: str,
        asset: str,
        market: str | None = None,
    ) -> Bought[TranslateAnswer]:
        """Buy one message in one locale. It raises what ``draw`` does."""
        return self._buy(deals.translation(provider, request), _For(campaign, run, asset, market))

    def quote(self, deal: Deal[A]) -> Quoted:
        """Return what a request will cost, by the figures that are then reserved; nothing is sent.

        Raises:
            UnknownPrice: Nobody has entered what it costs.
            NoRate: The budget has no rate for the provider's currency.

        """
        return self._quoted(deal, self._now())

    def bought(self, deal: Deal[A], *, campaign: str, asset: str) -> Attempt | None:
        """Return the attempt that bought this request earlier, or None."""
        return self._attempts.settled(deal.sha256(campaign, asset))

    def _quoted(self, deal: Deal[A], at: datetime) -> Quoted:
        return quoted(deal, self._prices, self._budget, at.date())

    def _buy(self, deal: Deal[A], what: _For) -> Bought[A]:
        before = self._attempts.settled(deal.sha256(what.campaign, what.asset))
        if before:
            return self._replay(deal, before)
        deal.check()
        quote = self.quote(deal)
        number = 1
        while True:
            try:
                return self._try(deal, quote, _order(deal, quote, what))
            except TryAgain as error:
                if error.charged is not Charged.NO:
                    raise
                # Jitter guards nothing, so it needs no better chance than this.
                wait = self._patience.wait(number, error, random.random())  # noqa: S311
                if wait is None:
                    raise
            self._sleep(wait)
            number += 1

    def _try(self, deal: Deal[A], quote: Quoted, order: Order) -> Bought[A]:
        try:
            attempt = self._attempts.claim(order)
        except AlreadyBought as found:
            return self._replay(deal, found.attempt)
        except Suspect as lost:
            kept = self._answers.find(lost.attempt.id)
            if kept is None:
                raise
            return self._adopt(deal, lost.attempt, kept)
        self._on_step("reserved")
        attempt = self._attempts.sent(attempt)
        self._on_step("sent")
        answer = self._asked(deal, quote, attempt)
        self._on_step("answered")
        kept = self._stored(deal.pack(answer), quote, attempt)
        self._on_step("stored")
        settled = self._settle(attempt, kept, quote)
        self._on_step("settled")
        return Bought(answer, settled, replayed=False)

    def _asked(self, deal: Deal[A], quote: Quoted, attempt: Attempt) -> A:
        try:
            return deal.ask()
        except ProviderError as error:
            self._close(attempt, quote, error)
            raise
        except BaseException as error:
            # Not one of ours, such as a bug or Ctrl-C: nobody knows how far it came.
            said = redact(f"{type(error).__name__}: {error}")
            if deal.repeatable:
                self._attempts.release(attempt, "interrupted", said)
            else:
                self._attempts.suspect(attempt, "interrupted", said)
            raise

    def _close(self, attempt: Attempt, quote: Quoted, error: ProviderError) -> None:
        """Write down what a failed call cost."""
        said = str(error)
        if error.charged is Charged.NO:
            self._attempts.release(attempt, error.kind, said)
        elif error.charged is Charged.YES:
            self._waste(attempt, quote, error.kind, said, error.usage)
        elif attempt.repeatable:
            self._attempts.release(attempt, error.kind, said)
        else:
            self._attempts.suspect(attempt, error.kind, said)
            error.add_note(
                f"attempt {attempt.id} may have been charged, {attempt.estimate} at most; look "
                "on the provider's bill, then close it"
            )

    def _stored(self, packed: deals.Packed, quote: Quoted, attempt: Attempt) -> Kept:
        try:
            return self._answers.keep(
                attempt.id, attempt.request_sha256, packed.content, packed.usage, packed.facts
            )
        except StorageError as error:
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
            budget_amount=self._budget.convert(amount),
        )

    def _settle(self, attempt: Attempt, kept: Kept, quote: Quoted) -> Attempt:
        amount, basis = self._charged(quote, kept.usage)
        in_budget = self._budget.convert(amount)

        def settle(held: Attempt) -> Attempt:
            return self._attempts.settle(
                held, kept.usage, amount, basis, kept.content, budget_amount=in_budget
            )

        try:
            return settle(attempt)
        except LeaseLost:
            # The provider was slower than the lease, and the attempt was taken back. The answer
            # is stored, so it can be taken over again.
            return settle(self._attempts.adopt(attempt.id))

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

    def _adopt(self, deal: Deal[A], lost: Attempt, kept: Kept) -> Bought[A]:
        """Settle what a process stored before it died."""
        content = self._answers.content(kept)
        quote = self._quoted(deal, lost.sent_at or lost.reserved_at)
        try:
            settled = self._settle(self._attempts.adopt(lost.id), kept, quote)
        except AlreadyClosed:
            # Another process was as quick as we.
            settled = self._attempts.get(lost.id)
        return Bought(deal.unpack(kept, content), settled, replayed=True)

    def _replay(self, deal: Deal[A], attempt: Attempt) -> Bought[A]:
        kept = self._answers.find(attempt.id)
        if kept is None or kept.content != attempt.answer_sha256:
            raise NotStored(
                "answers",
                f"{attempt.asset}: attempt {attempt.id} bought it on {attempt.reserved_at:%Y-%m-%d}"
                " and its answer is not in the store; restore the state folder from a backup",
            )
        return Bought(deal.unpack(kept, self._answers.content(kept)), attempt, replayed=True)


def _order(deal: Deal[A], quote: Quoted, what: _For) -> Order:
    return Order(
        campaign=what.campaign,
        run=what.run,
        asset=what.asset,
        stage=deal.stage,
        provider=deal.provider,
        model=deal.model,
        operation=deal.operation,
        request_sha256=deal.sha256(what.campaign, what.asset),
        estimate=quote.estimate.most,
        budget_amount=quote.most,
        repeatable=deal.repeatable,
        price=quote.price.id,
        market=what.market,
        locale=deal.locale,
    )
