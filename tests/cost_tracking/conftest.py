"""A campaign that may spend one euro, and orders for it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.attempts import Attempts, Order
from cost_tracking.budgets import Budgets
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass


@pytest.fixture
def attempts(engine: Engine, clock: Any) -> Attempts:
    """Return the attempts of one process, whose campaign may spend 1.00 EUR."""
    limit = Money.of("1", "EUR")
    Budgets(engine, clock).set_limit("tea", SpendClass.NON_WORKING, limit)
    return Attempts(engine, clock, "first")


@pytest.fixture
def order() -> Callable[..., Order]:
    """Return a maker of orders for campaign tea, at most 0.30 EUR each."""

    def make(request: str = "a", **different: object) -> Order:
        usual: dict[str, object] = {
            "campaign": "tea",
            "run": "run-1",
            "asset": "c1",
            "stage": "concepts",
            "provider": "openai",
            "model": "gpt-image-2",
            "operation": "image",
            "request_sha256": request * 64 if len(request) == 1 else request,
            "estimate": Money.of("0.30", "EUR"),
            "budget_amount": Money.of("0.30", "EUR"),
        }
        return Order.model_validate({**usual, **different})

    return make
