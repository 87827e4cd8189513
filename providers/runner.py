"""The one place where something is bought: from whom, when, and never twice.

For each request, in this order:

1. It was bought before, from whichever provider of its route: its stored answer is read again, and
   nothing is sent.
2. The first provider that can do it, at a price that the brief allows and that the budget holds,
   is asked; not while it is known to be down, and not faster than its account may be.
3. ``Buyer`` buys it, once, as one attempt.
4. If that was free and waiting helps, it is tried again as a new attempt. If it was free and
   waiting does not help, the next provider of the route is asked.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from cost_tracking.attempts import Attempt, Attempts
from cost_tracking.budgets import OverBudget
from cost_tracking.prices import PriceBook
from providers import deals, routes
from providers.answers import Answers
from providers.breaker import Breaker
from providers.buying import Bought, Buyer, Errand
from providers.collecting import Collecting
from providers.deals import Deal, Hop
from providers.errors import Charged, ProviderError, TryAgain
from providers.images.base import ImageAnswer, ImageProvider, ImageRequest
from providers.images.jobs import ImageJobs
from providers.quoting import Quoted
from providers.rates import Rates
from providers.terms import BudgetTerms, Patience, RouteTerms, TooDear
from providers.translation.base import TranslateAnswer, TranslateRequest, Translator
from providers.waiting import Waiting
from providers.writing.base import TextAnswer, TextProvider, TextRequest

__all__ = ["Bought", "Hop", "Runner"]

A = TypeVar("A")


class Runner:
    """Buys from providers, for one campaign's budget.

    Args:
        attempts: Where attempts, budget and ledger are.
        prices: What things cost; what is not in it is not bought.
        answers: Where answers are kept.
        now: The clock, with a time zone.
        sleep: Waits for seconds.
        budget: The budget's currency and rates.
        patience: How long to wait for a provider that asks us to, or that draws slowly.
        terms: What may be done when a provider will not.
        rates: How fast each account may be asked; None asks at once.
        breaker: Who leaves a provider alone that is down; None makes one with the usual terms.
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
        terms: RouteTerms | None = None,
        rates: Rates | None = None,
        breaker: Breaker | None = None,
        on_step: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self._attempts = attempts
        self._now = now
        self._sleep = sleep
        self._patience = patience or Patience()
        self._terms = terms or RouteTerms()
        self._rates = rates
        self._breaker = breaker or Breaker(now)
        self._buyer = Buyer(
            attempts,
            prices,
            answers,
            budget=budget,
            collecting=Collecting(attempts, now, sleep, self._patience),
            waiting=lambda: Waiting(now, sleep, self._patience),
            on_step=on_step,
        )

    def draw(
        self,
        provider: ImageProvider | ImageJobs,
        request: ImageRequest,
        *,
        campaign: str,
        run: str,
        asset: str,
    ) -> Bought[ImageAnswer]:
        """Buy one picture from one provider. It raises what ``buy`` does."""
        return self._from(deals.picture(provider, request), Errand(campaign, run, asset))

    def write(
        self, provider: TextProvider, request: TextRequest, *, campaign: str, run: str, asset: str
    ) -> Bought[TextAnswer]:
        """Buy one text from one provider. It raises what ``buy`` does."""
        return self._from(deals.text(provider, request), Errand(campaign, run, asset))

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
        """Buy one message in one locale from one provider. It raises what ``buy`` does."""
        errand = Errand(campaign, run, asset, market)
        return self._from(deals.translation(provider, request), errand)

    def buy(self, route: Sequence[Hop[A]], errand: Errand) -> Bought[A]:
        """Buy one thing from the first provider of a route that will do it.

        Raises:
            ProviderError: Nobody did; what that cost is in the ledger. Its notes say what the
                others said.
            OverBudget: The budget does not hold the most that it may cost; nothing was sent.
            TooDear: One request may cost more than the brief allows; nothing was sent.
            UnknownPrice: Nobody has entered what it costs; nothing was sent.
            NoRate: The budget has no rate for the provider's currency; nothing was sent.
            Suspect: An earlier try was lost and may have been charged; nothing was sent.
            Claimed: Another process is at it, and was not done in time; nothing was sent.

        """
        found = self._built(route, errand)
        by_sha256 = {one.sha256(errand.campaign, errand.asset): one for one in found.deals}
        for sha256, deal in by_sha256.items():
            before = self._attempts.settled(sha256)
            if before:
                return self._buyer.replay(deal, before)
        failed: list[Exception] = [*found.lacking.values()]
        replaces = errand.replaces
        for deal in found.deals:
            why = tuple(map(str, failed))
            try:
                return self._ask(
                    deal, replace(errand, replaces=replaces, passed_over=why), by_sha256
                )
            except ProviderError as error:
                if not self._terms.passes_on(error):
                    raise
                failed.append(error)
                replaces = error.attempt or replaces
            except (OverBudget, TooDear) as error:
                failed.append(error)
        raise routes.foremost(failed)

    def recall(self, route: Sequence[Hop[A]], errand: Errand) -> Bought[A] | None:
        """Return what was bought for this earlier, whoever of a route it was; nothing is bought.

        Raises:
            ProviderError: Who cannot be asked here has it, or may have it.
            NotStored: Its answer was lost.

        """
        found = routes.built(route)
        held = self._attempts.list(errand.campaign) if found.lacking else ()
        for provider, error in found.lacking.items():
            if routes.held_by(held, errand.asset, provider):
                raise error
        for deal in found.deals:
            before = self._attempts.settled(deal.sha256(errand.campaign, errand.asset))
            if before:
                return self._buyer.replay(deal, before)
        return None

    def in_part(self, route: Sequence[Hop[A]], errand: Errand) -> dict[str, Bought[A]]:
        """Return who answered which part of this earlier, though for another request.

        The first of the route that did is taken, and its newest answer; nothing is bought.

        Raises:
            ProviderError: Who cannot be asked here has it, or may have it.
            NotStored: An answer was changed.

        """
        found: dict[str, Bought[A]] = {}
        held = self._attempts.answered(errand.campaign, errand.asset)
        told = [(one, self._buyer.parts(one)) for one in reversed(held)]
        for deal in self._built(route, errand).deals:
            for attempt, parts in told:
                for part, fingerprint in deal.parts.items():
                    same = attempt.provider == deal.provider and parts.get(part) == fingerprint
                    if same and part not in found:
                        found[part] = self._buyer.replay(deal, attempt)
        return found

    def quote(self, deal: Deal[A]) -> Quoted:
        """Return what a request will cost, by the figures that are then reserved; nothing is sent.

        Raises:
            UnknownPrice: Nobody has entered what it costs.
            NoRate: The budget has no rate for the provider's currency.

        """
        return self._buyer.quote(deal, self._now())

    def bought(self, deal: Deal[A], *, campaign: str, asset: str) -> Attempt | None:
        """Return the attempt that bought this request earlier, or None."""
        return self._attempts.settled(deal.sha256(campaign, asset))

    def _built(self, route: Sequence[Hop[A]], errand: Errand) -> routes.Built[A]:
        """Return what of a route can be asked here.

        Raises:
            ProviderError: Who cannot be asked here has it, or may have it.

        """
        found = routes.built(route)
        if found.lacking and found.deals:
            held = self._attempts.list(errand.campaign)
            for provider, error in found.lacking.items():
                if routes.held_by(held, errand.asset, provider):
                    raise error
        return found

    def _from(self, deal: Deal[A], errand: Errand) -> Bought[A]:
        return self.buy((Hop(deal.provider, lambda: deal),), errand)

    def _ask(self, deal: Deal[A], errand: Errand, route: Mapping[str, Deal[A]]) -> Bought[A]:
        """Buy from one provider, as often as waiting helps."""
        deal.check()
        quote = self.quote(deal)
        self._terms.check(deal.provider, deal.model, quote.most)
        number = 1
        while True:
            self._breaker.check(deal.provider, deal.model)
            if self._rates:
                self._rates.wait(deal.provider, deal.model, deal.operation)
            try:
                bought = self._buyer.buy(deal, quote, errand, route)
            except ProviderError as error:
                self._breaker.failed(deal.provider, deal.model, error)
                if not isinstance(error, TryAgain) or error.charged is not Charged.NO:
                    raise
                # Jitter guards nothing, so it needs no better chance than this.
                wait = self._patience.wait(number, error, random.random())  # noqa: S311
                if wait is None:
                    raise
            else:
                self._breaker.answered(deal.provider, deal.model)
                return bought
            self._sleep(wait)
            number += 1
