"""An office that can buy: a database, a store of answers, a budget, and a runner over them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cost_tracking.attempts import Attempt, Attempts, State
from cost_tracking.budgets import Budget, Budgets
from cost_tracking.database import open_database
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.prices import PriceBook, price_book
from providers.answers import Answers
from providers.runner import Runner
from providers.storage.blobs import Blobs
from providers.terms import BudgetTerms, Patience

TERMS = BudgetTerms(currency="EUR", rates={"USD": Decimal("0.90")})


@dataclass
class Office:
    """Everything that a runner needs, below one folder."""

    folder: Path
    engine: Engine
    time: datetime = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)
    prices: PriceBook = field(default_factory=price_book)
    terms: BudgetTerms = TERMS

    def now(self) -> datetime:
        """Return the time, which stands still until a test moves it."""
        return self.time

    def forward(self, **much: int) -> None:
        """Move the clock."""
        self.time += timedelta(**much)

    def attempts(self, owner: str = "test") -> Attempts:
        """Return the attempts as a process of this name sees them."""
        return Attempts(self.engine, self.now, owner)

    @property
    def answers(self) -> Answers:
        """Return the store of answers."""
        return Answers(self.folder / "answers", Blobs(self.folder / "blobs"))

    def runner(
        self, owner: str = "test", on_step: Callable[[str], None] = lambda _step: None
    ) -> Runner:
        """Build a runner, as a process of this name would."""
        return Runner(
            self.attempts(owner),
            self.prices,
            self.answers,
            now=self.now,
            sleep=self.slept.append,
            budget=self.terms,
            patience=Patience(tries=3),
            on_step=on_step,
        )

    def rows(self) -> list[tuple[State, bool, str | None]]:
        """Return each attempt's state, whether it is waste, and the kind of its error."""
        return [(one.state, one.waste, one.error_kind) for one in self.all()]

    def all(self) -> tuple[Attempt, ...]:
        """Return the attempts, the oldest first."""
        return tuple(sorted(self.attempts().list("spring"), key=lambda one: one.round))

    def limit(self, amount: str) -> None:
        """Set the budget."""
        budgets = Budgets(self.engine, self.now)
        budgets.set_limit("spring", SpendClass.NON_WORKING, Money.of(amount, "EUR"))

    @property
    def budget(self) -> Budget:
        """Return the budget as it stands."""
        return Budgets(self.engine, self.now).of("spring", SpendClass.NON_WORKING)


@pytest.fixture
def office(tmp_path: Path, migrated: Callable[[Path], Path]) -> Office:
    """Open an office with 100 EUR to spend."""
    engine = open_database(f"sqlite:///{migrated(tmp_path / 'kampanj.db')}")
    one = Office(tmp_path, engine)
    one.limit("100.00")
    return one
