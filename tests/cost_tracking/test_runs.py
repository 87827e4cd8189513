"""Runs are found again, and a run that is asked for twice is one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.runs import Runs, RunState, UnknownRun


def test_a_run_comes_back_with_how_it_was_asked_for(engine: Engine, clock: Any) -> None:
    """Resume knows what the first start was told."""
    runs = Runs(engine, clock)
    started = runs.start("tea", "briefs/tea.yaml", "a" * 64, {"choose": "auto", "ids": ["c1"]})
    clock.forward(hours=1)

    waiting = runs.update(started.id, RunState.WAITING)

    assert runs.get(started.id) == waiting
    assert (waiting.options, waiting.state) == (started.options, RunState.WAITING)
    assert (waiting.updated_at - waiting.started_at).total_seconds() == 3600


def test_the_newest_run_of_a_campaign_is_the_latest(engine: Engine, clock: Any) -> None:
    """A report without a run's name is of the last one."""
    runs = Runs(engine, clock)
    assert runs.latest("tea") is None
    ids = []
    for campaign in ("tea", "tea", "coffee"):
        clock.forward(minutes=1)
        ids.append(runs.start(campaign, "b", "a" * 64, {}).id)

    assert runs.latest("tea") == runs.get(ids[1])
    assert [one.id for one in runs.list()] == ids[::-1]
    assert [one.id for one in runs.list("tea", limit=1)] == [ids[1]]


def test_a_run_that_is_triggered_fifty_times_is_one(engine: Engine, clock: Any) -> None:
    """CI, a person and a webhook start the same commit at once."""
    runs = Runs(engine, clock)

    def start(_: int) -> str:
        return runs.start("tea", "b", "a" * 64, {"choose": "auto"}, run_id="commit-1").id

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(start, range(50))) == {"commit-1"}
    assert len(runs.list()) == 1


@pytest.mark.parametrize(
    "different",
    [
        ("tea", "b", "b" * 64, {}),
        ("coffee", "b", "a" * 64, {}),
        ("tea", "b", "a" * 64, {"choose": "wait"}),
    ],
)
def test_an_id_does_not_stand_for_two_runs(
    engine: Engine,
    clock: Any,
    different: tuple[str, str, str, dict[str, str]],
) -> None:
    """An edited brief under an old id would resume what nobody asked for."""
    runs = Runs(engine, clock)
    runs.start("tea", "b", "a" * 64, {}, run_id="r")

    with pytest.raises(Exception, match="run r is of campaign tea"):
        runs.start(*different, run_id="r")


def test_an_unknown_run_is_named(engine: Engine, clock: Any) -> None:
    """A typing error is told apart from an empty report."""
    with pytest.raises(UnknownRun, match="no run 'x'"):
        Runs(engine, clock).update("x", RunState.DONE)
