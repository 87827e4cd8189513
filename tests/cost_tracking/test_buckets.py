"""One account's rate is kept by everybody together, and nobody sleeps in a transaction."""

import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from cost_tracking.attempts import Attempts, Order
from cost_tracking.buckets import Buckets, TooLong, Turn
from cost_tracking.budgets import Budgets
from cost_tracking.database import downgrade, open_database, reading, upgrade, writing
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass

QUARTER = Turn(bucket="firefly/requests", takes=timedelta(seconds=15))
HOUR = timedelta(hours=1)


def waits(buckets: Buckets, *turns: Turn, count: int = 1) -> list[float]:
    """Take so many turns at this moment, and return the seconds that each one waits."""
    return [buckets.take(turns, HOUR).total_seconds() for _ in range(count)]


def test_turns_are_given_at_the_account_s_rate(engine: Engine, clock: Any) -> None:
    """Four a minute means four in every minute, or Adobe answers 429 to a whole team."""
    buckets = Buckets(engine, clock)

    assert waits(buckets, QUARTER, count=4) == [0, 15, 30, 45]
    clock.forward(seconds=50)
    assert waits(buckets, QUARTER) == [10]
    clock.forward(hours=1)
    # What was not used does not pile up.
    assert waits(buckets, QUARTER, count=2) == [0, 15]


def test_some_may_come_at_once(engine: Engine, clock: Any) -> None:
    """A provider that counts by the minute lets a small campaign through without a pause."""
    burst = QUARTER.model_copy(update={"ahead": timedelta(seconds=45)})

    assert waits(Buckets(engine, clock), burst, count=6) == [0, 0, 0, 0, 15, 30]


def test_both_rates_are_kept_or_none_is_taken(engine: Engine, clock: Any) -> None:
    """A turn that is taken and not used slows everybody down for nothing."""
    images = Turn(bucket="firefly/images", takes=timedelta(seconds=40))
    buckets = Buckets(engine, clock)
    assert waits(buckets, QUARTER, images, count=2) == [0, 40]

    with pytest.raises(TooLong, match=r"firefly/images: the next turn is in 80\.0 s"):
        buckets.take((QUARTER, images), timedelta(seconds=60))

    assert waits(buckets, QUARTER) == [30]


def test_who_would_wait_too_long_is_told_how_long(engine: Engine, clock: Any) -> None:
    """A run that can go elsewhere must not queue for an hour first."""
    buckets = Buckets(engine, clock)
    waits(buckets, QUARTER, count=3)

    with pytest.raises(TooLong) as caught:
        buckets.take((QUARTER,), timedelta(seconds=44))

    assert caught.value.wait == timedelta(seconds=45)
    assert buckets.take((QUARTER,), timedelta(seconds=45)) == timedelta(seconds=45)


def _take(url: str, at: datetime, count: int) -> list[float]:
    engine = open_database(url)
    found = waits(Buckets(engine, lambda: at), QUARTER, count=count)
    engine.dispose()
    return found


def test_processes_share_one_rate(engine: Engine, url: str) -> None:
    """Eight machines with one key are one account to whoever counts."""
    at = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    with multiprocessing.get_context("fork").Pool(4) as pool:
        found = pool.starmap(_take, [(url, at, 5)] * 4)

    assert sorted(wait for one in found for wait in one) == [15 * turn for turn in range(20)]
    assert engine.dialect.name in url


def test_a_new_revision_keeps_what_is_there_down_and_up_again(
    empty_url: str, clock: Any, order: Callable[..., Order]
) -> None:
    """A team that goes back a version must not lose the row of what it has paid for."""
    engine = open_database(empty_url)
    upgrade(engine, "0001")
    assert "job" not in {one["name"] for one in inspect(engine).get_columns("attempt")}
    upgrade(engine)
    Budgets(engine, clock).set_limit("tea", SpendClass.NON_WORKING, Money.of("1", "EUR"))
    attempts = Attempts(engine, clock, "first")
    sent = attempts.sent(attempts.claim(order()))
    kept = attempts.submitted(sent, {"job": "j1", "poll_url": "", "facts": {"cost": "0.04"}})
    assert kept.job == {"job": "j1", "poll_url": "", "facts": {"cost": "0.04"}}

    downgrade(engine, "0001")
    assert "bucket" not in inspect(engine).get_table_names()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT state FROM attempt")).scalar_one() == "sent"
    upgrade(engine)

    assert attempts.get(kept.id) == kept.model_copy(update={"job": None})
    with pytest.raises(Exception, match="append-only"), writing(engine) as connection:
        connection.execute(text("DELETE FROM budget_change"))
    engine.dispose()
