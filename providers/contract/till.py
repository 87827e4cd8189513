"""A till of its own for one drill: a ledger, a store of answers, and a runner over them."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from cost_tracking.attempts import Attempt, Attempts
from cost_tracking.budgets import Budget, Budgets
from cost_tracking.database import open_database, upgrade
from cost_tracking.estimates import Estimates, PictureUnits
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.prices import Price, PriceBook, Rate, price_book
from cost_tracking.usage import UNITS
from providers.answers import Answers
from providers.buying import Bought, Errand
from providers.deals import Deal, Hop
from providers.runner import Runner
from providers.storage.blobs import Blobs
from providers.terms import BudgetTerms, Patience

CAMPAIGN = "contract"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
"""The clock stands still, so that the day's prices are the same each day."""
TERMS = BudgetTerms(currency="EUR", rates={"USD": Decimal("0.90"), "GBP": Decimal("1.15")})


def _now() -> datetime:
    return NOW


@cache
def _empty() -> bytes:
    """Return a ledger whose tables are there and empty, made once in a process."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        engine = open_database(f"sqlite:///{file}")
        upgrade(engine)
        budgets = Budgets(engine, _now)
        budgets.set_limit(CAMPAIGN, SpendClass.NON_WORKING, Money.of("100000", TERMS.currency))
        engine.dispose()
        return file.read_bytes()


class Till:
    """Buys as a campaign does, and shows what was written down.

    Args:
        folder: Where it keeps its ledger and its answers; a second one over the same folder is
            another process.
        owner: Names who buys.

    """

    def __init__(self, folder: Path, owner: str = "alive") -> None:
        self._folder = folder
        file = folder / "kampanj.db"
        if not file.exists():
            file.write_bytes(_empty())
        self.engine = open_database(f"sqlite:///{file}")
        self.attempts = Attempts(self.engine, _now, owner)

    @property
    def budget(self) -> Budget:
        """Return the budget as it stands."""
        return Budgets(self.engine, _now).of(CAMPAIGN, SpendClass.NON_WORKING)

    def rows(self, asset: str) -> list[Attempt]:
        """Return the attempts at one asset, the first one first."""
        found = [one for one in self.attempts.list(CAMPAIGN) if one.asset == asset]
        return sorted(found, key=lambda one: one.round)

    def buy(
        self, deal: Deal[Any], asset: str, on_step: Callable[[str], None] = lambda _step: None
    ) -> Bought[Any]:
        """Buy one thing, in one try."""
        runner = Runner(
            self.attempts,
            _priced(deal.provider, deal.model, deal.operation),
            Answers(self._folder / "answers", Blobs(self._folder / "blobs")),
            now=_now,
            sleep=lambda _seconds: None,
            budget=TERMS,
            patience=Patience(tries=1),
            on_step=on_step,
        )
        return runner.buy((Hop(deal.provider, lambda: deal),), Errand(CAMPAIGN, "r1", asset))


@cache
def _priced(provider: str, model: str, operation: str) -> PriceBook:
    """Return the book that ships, with a price for what it does not know: a plugin brings its own.

    That price makes a drill possible, and nothing is bought by it.
    """
    book = price_book()
    known = any(
        one.provider == provider and one.operation == operation and one.holds(NOW.date())
        for one in book.prices
    )
    if known:
        return book
    price = Price(
        id=f"contract-{provider}",
        provider=provider,
        model=model,
        operation=operation,
        currency=TERMS.currency,
        effective_from=date(2026, 1, 1),
        rates=tuple(Rate(unit=unit, amount=Decimal("0.001")) for unit in sorted(UNITS)),
        estimates=Estimates(
            picture=PictureUnits(each={"image": Decimal(1)}, source="made up for the contract")
        ),
        source="made up for the contract",
        checked_on=NOW.date(),
    )
    return PriceBook(prices=(*book.prices, price), sha256=book.sha256)
