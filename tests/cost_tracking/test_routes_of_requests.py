"""Of several requests that would give the same thing, one is paid for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.attempts import AlreadyBought, Attempts, Claimed, Order, State, Suspect
from cost_tracking.money import Money
from cost_tracking.usage import Usage

Orders = Callable[..., Order]
ROUTE = ("a" * 64, "b" * 64)
USAGE = Usage(model="gpt-image-2", quantities={"image": Decimal(1)}, receipt="req_1")


def test_another_provider_is_not_paid_while_one_is_at_it(
    attempts: Attempts, order: Orders, clock: Any
) -> None:
    """Two processes with one brief, one of which has failed over, must not buy two pictures."""
    attempts.claim(order("b"), among=ROUTE)

    with pytest.raises(Claimed):
        attempts.claim(order("a"), among=ROUTE)

    # It was reserved only: once its lease has ended, the other one may be asked.
    clock.forward(hours=1)
    attempts.claim(order("a"), among=ROUTE)
    assert [one.state for one in attempts.list("tea")] == [State.RELEASED, State.RESERVED]


def test_another_provider_is_not_paid_while_one_is_lost(
    attempts: Attempts, order: Orders, clock: Any
) -> None:
    """What may have been charged waits for a person, and is not bought elsewhere meanwhile."""
    lost = attempts.sent(attempts.claim(order("b"), among=ROUTE))
    clock.forward(hours=1)

    for _ in range(2):
        with pytest.raises(Suspect) as caught:
            attempts.claim(order("a"), among=ROUTE)
        assert caught.value.attempt.id == lost.id
    attempts.close(lost.id, charged=False, by="ada", reason="not on the bill")

    assert attempts.claim(order("a"), among=ROUTE).state is State.RESERVED


def test_what_another_provider_has_made_is_not_bought_again(
    attempts: Attempts, order: Orders
) -> None:
    """The first provider is back; the picture of the second one stands."""
    sent = attempts.sent(attempts.claim(order("b"), among=ROUTE))
    attempts.settle(sent, USAGE, Money.of("0.2", "EUR"), "computed", "e" * 64)

    with pytest.raises(AlreadyBought):
        attempts.claim(order("a"), among=ROUTE)
    assert attempts.claim(order("a")).round == 1


def test_of_many_who_ask_different_providers_one_pays(
    engine: Engine, attempts: Attempts, order: Orders, clock: Any
) -> None:
    """The check and the claim are one step, or the same picture is bought between them."""

    def claim(number: int) -> bool:
        other = Attempts(engine, clock, f"p{number}", lease=timedelta(hours=1))
        try:
            other.claim(order("ab"[number % 2]), among=ROUTE)
        except Claimed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(16))) == 1
    assert len(attempts.list("tea")) == 1
