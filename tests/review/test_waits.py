"""Since when a run waits, until when, and by which form people are asked."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.runs import Runs
from creative.patience import Wait
from review.waits import Waits

SEEN = {"c1": "a" * 64, "c2": "b" * 64}
FIVE_DAYS = Wait(remind_after=timedelta(days=1), deadline=timedelta(days=5), then="auto")


@pytest.fixture
def waits(engine: Engine, clock: Any) -> Waits:
    """Return what waits in a database with a run ``r1``."""
    Runs(engine, clock).start("tea", "/tea.yaml", "0" * 64, {}, run_id="r1")
    return Waits(engine, clock)


def test_a_waiting_keeps_its_deadline_while_nothing_new_waits(waits: Waits, clock: Any) -> None:
    """Whoever goes on with a run that still waits does not put its deadline off."""
    first = waits.open("r1", "choice", SEEN, FIVE_DAYS)
    clock.forward(days=2)

    assert waits.open("r1", "choice", SEEN, FIVE_DAYS) == first
    assert waits.open("r1", "choice", {"c1": "a" * 64}, FIVE_DAYS) == first
    assert first.deadline == first.opened_at + timedelta(days=5)
    assert waits.standing() == (first,)


def test_other_pictures_are_another_waiting(waits: Waits, clock: Any) -> None:
    """A file that was made again at noon cannot have been looked at since yesterday."""
    first = waits.open("r1", "choice", SEEN, FIVE_DAYS)
    clock.forward(days=2)

    second = waits.open("r1", "choice", SEEN | {"c2": "c" * 64}, FIVE_DAYS)

    assert second.id != first.id
    assert second.opened_at == first.opened_at + timedelta(days=2)
    assert waits.standing("r1") == (second,)


def test_a_waiting_is_reminded_of_once_and_again_if_that_did_not_arrive(
    waits: Waits, engine: Engine
) -> None:
    """Two schedulers may run; people get one message."""
    waiting = waits.open("r1", "choice", SEEN, FIVE_DAYS)

    def claimed() -> bool:
        with engine.begin() as connection:
            return waits.claim_reminder(connection, waiting)

    assert [claimed(), claimed()] == [True, False]
    waits.not_reminded(waiting)
    assert claimed()
    waits.over("r1", "decided")
    waits.not_reminded(waiting)
    assert not claimed()
    assert waits.newest("r1") is not None
    assert not waits.standing("r1")


def test_the_newest_form_of_a_flow_run_is_read_once(waits: Waits, clock: Any) -> None:
    """An answer to a form of an hour ago is an answer to other pictures."""
    waiting = waits.open("r1", "choice", SEEN, FIVE_DAYS)
    assert waits.form("f1") is None
    old = waits.show_form(waiting, "f1")
    clock.forward(hours=1)
    new = waits.show_form(waiting, "f1")

    assert waits.form("f1") == (new, waiting)
    assert waits.form("f2") is None
    waits.read_form(new, "there is no concept c9")
    assert waits.form("f1") is None
    assert waits.refusal(waiting) == "there is no concept c9"
    assert old.id != new.id
