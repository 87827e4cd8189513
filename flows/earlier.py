"""What earlier runs of a campaign bought and spent, and were answered."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from cost_tracking.exchange.published import published
from cost_tracking.exchange.quotations import Quotation
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from cost_tracking.past import Past, read_past
from creative.choice import Choice
from flows.exits import WrongInput
from flows.settings import Settings
from providers.answers import Answers
from providers.deals import Deal, parts_of
from providers.storage.blobs import Blobs

A = TypeVar("A")


class Earlier:
    """One campaign's past, as far as a quote needs it.

    Args:
        settings: Where the state and the database are; there may be neither yet.
        campaign: Its name.

    """

    def __init__(self, settings: Settings, campaign: str) -> None:
        self._campaign = campaign
        self._home = settings.home
        self._url = settings.database
        self._known = bool(settings.database_url) or (settings.home / "kampanj.db").is_file()
        self._past = read_past(self._url, campaign) if self._known else Past()

    @cached_property
    def rates(self) -> Rates:
        """Return the rates that ship with us, and those that were imported."""
        return Rates(published, self._imported) if self._known else Rates(published)

    def _imported(self, first: date, last: date) -> Iterable[Quotation]:
        # Imported only where a rate is asked for: it takes longer than all the rest of a quote.
        from cost_tracking.database import open_database
        from cost_tracking.exchange.rate_store import kept

        engine = open_database(self._url)
        try:
            return tuple(kept(engine)(first, last))
        finally:
            engine.dispose()

    @property
    def known(self) -> Past:
        """Return it as the ledger has it."""
        return self._past

    def bought(self, deal: Deal[Any], asset: str) -> bool:
        """Say whether a request was bought earlier."""
        return self.attempt(deal, asset) is not None

    def answer(self, deal: Deal[A], asset: str) -> A | None:
        """Return what was answered to a request earlier, if it was made."""
        attempt = self.attempt(deal, asset)
        return self._read(deal, attempt) if attempt else None

    def parts(self, deals: Sequence[Deal[A]], asset: str) -> dict[str, tuple[Deal[A], str, A]]:
        """Return who answered which part of a request for another one, in what attempt, and how.

        It is what ``Runner.in_part`` finds.
        """
        found: dict[str, tuple[Deal[A], str, A]] = {}
        held = [(who, one) for of, who, one in reversed(self._past.answered) if of == asset]
        if not held:
            return found
        kept = {one: self._answers.find(one) for _, one in held}
        told = {attempt: parts_of(one) for attempt, one in kept.items() if one}
        for deal in deals:
            for attempt in (one for who, one in held if who == deal.provider and one in told):
                parts = told[attempt]
                new = [one for one, of in deal.parts.items() if parts.get(one) == of]
                answer = self._read(deal, attempt) if set(new) - set(found) else None
                if answer is not None:
                    found = dict.fromkeys(new, (deal, attempt, answer)) | found
        return found

    def _read(self, deal: Deal[A], attempt: str) -> A | None:
        kept = self._answers.find(attempt)
        return deal.unpack(kept, self._answers.content(kept)) if kept else None

    @cached_property
    def _answers(self) -> Answers:
        return Answers(self._home / "answers", Blobs(self._home / "blobs"))

    def attempt(self, deal: Deal[Any], asset: str) -> str | None:
        """Return the attempt that bought a request earlier, if one did."""
        known = self._past.bought
        return known.get(deal.sha256(self._campaign, asset)) if known else None

    @property
    def choice(self) -> Choice | None:
        """Return the newest choice of concepts."""
        said = self._past.choice
        return Choice.model_validate_json(said) if said else None

    def left(self, limit: Money) -> Money:
        """Return what is left of the budget when its limit is what the brief says now.

        Raises:
            WrongInput: The budget is kept in another currency.

        """
        taken = self._past.taken
        if taken is None:
            return limit
        if taken.currency != limit.currency:
            raise WrongInput(
                f"campaign {self._campaign}: its budget is kept in {taken.currency}; give "
                "it in that, or start a campaign of another name"
            )
        return limit - taken
