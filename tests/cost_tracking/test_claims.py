"""One process alone is at a thing, and whoever is killed keeps nobody waiting for long."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.waiting.claims import LEASE, Claims, Held

GONE = "here:99:1"


def claims(engine: Engine, clock: Any, holder: str = "here:1:1") -> Claims:
    """Return the claims as one process sees them; the process ``GONE`` of this host is dead."""
    return Claims(engine, clock, holder, lambda one: one == GONE)


def test_of_many_who_ask_at_once_one_has_it(engine: Engine, clock: Any) -> None:
    """Two clicks, two workers and a shell must not carry one run out twice at a time."""
    start = threading.Barrier(8)

    def taken(number: int) -> int:
        start.wait()
        with suppress(Held):
            claims(engine, clock, f"here:{number}:1").take("run/1")
            return 1
        return 0

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(taken, range(8))) == 1
    assert claims(engine, clock).holder("run/2") is None


def test_the_same_process_cannot_take_it_twice(engine: Engine, clock: Any) -> None:
    """The review page is one process, and two people click in it."""
    mine = claims(engine, clock)
    claim = mine.take("run/1")

    with pytest.raises(Held, match=r"here:1:1 is at it \(until 09:02:00 UTC at least\)"):
        mine.take("run/1")

    mine.release(claim)
    mine.take("run/1")


def test_a_killed_holder_on_another_machine_holds_it_until_its_lease_ends(
    engine: Engine, clock: Any
) -> None:
    """Nobody here can know whether it lives."""
    claims(engine, clock, "there:1:1").take("run/1")
    clock.forward(seconds=LEASE.seconds - 1)
    with pytest.raises(Held):
        claims(engine, clock).take("run/1")

    clock.forward(seconds=1)

    assert claims(engine, clock).take("run/1").holder == "here:1:1"


def test_a_killed_holder_on_this_machine_holds_nothing(engine: Engine, clock: Any) -> None:
    """Whoever starts again after a crash need not wait for two minutes."""
    claims(engine, clock, GONE).take("run/1")

    assert claims(engine, clock).holder("run/1") is None
    assert claims(engine, clock).take("run/1")


def test_what_was_lost_is_neither_renewed_nor_released(engine: Engine, clock: Any) -> None:
    """A machine that slept wakes up and must not take the claim from who went on."""
    asleep, awake = claims(engine, clock, "there:1:1"), claims(engine, clock)
    lost = asleep.take("run/1")
    clock.forward(minutes=3)
    awake.take("run/1")

    asleep.renew(lost)
    asleep.release(lost)

    assert awake.holder("run/1") == "here:1:1"


def test_a_claim_is_held_for_as_long_as_the_work_takes(engine: Engine, clock: Any) -> None:
    """A campaign of 500 files takes longer than any lease that is worth having."""
    mine = claims(engine, clock)
    with mine.holding("run/1", timedelta(seconds=0.2)) as claim:
        clock.forward(minutes=5)
        renewed = threading.Event()
        for _ in range(100):
            if mine.holder("run/1"):
                break
            renewed.wait(0.02)
        assert mine.holder("run/1") == claim.holder
    assert mine.holder("run/1") is None


def test_it_is_handed_over_to_a_process_that_was_started_for_the_work(
    engine: Engine, clock: Any
) -> None:
    """Its starter ends, or is asked a second time, while it works."""
    mine = claims(engine, clock)
    mine.hand_over(mine.take("wake/1"), "here:9:1", timedelta(minutes=10))
    clock.forward(minutes=9)

    with pytest.raises(Held, match="here:9:1"):
        mine.take("wake/1")
