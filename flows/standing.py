"""How far runs are."""

from collections import Counter
from typing import Any

from cost_tracking.runs import Run, RunState
from flows.desk import Desk


def of_all(desk: Desk) -> list[dict[str, Any]]:
    """Return the newest runs, the newest first."""
    return [_row(run) for run in desk.runs.list()]


def of_run(desk: Desk, name: str) -> list[dict[str, Any]]:
    """Return one run, by its id or its campaign's name, with its attempts by state.

    Raises:
        UnknownRun: There is none.

    """
    run = desk.run_named(name)
    attempts = [one for one in desk.recovery.list(run.campaign) if one.run == run.id]
    counts = Counter(one.state.value for one in attempts)
    row = (
        _row(run)
        | _waits(desk, run)
        | {f"attempts {state}": count for state, count in sorted(counts.items())}
    )
    suspects = [one.id for one in attempts if one.state.value == "suspect"]
    return [row | ({"close these": " ".join(suspects)} if suspects else {})]


def _waits(desk: Desk, run: Run) -> dict[str, str]:
    """Say for what a run waits, or why it does not any more."""
    newest = desk.waits.newest(run.id)
    if newest is None or newest.outcome not in (None, "stop"):
        return {}
    until = f"until {newest.deadline:%Y-%m-%d %H:%M} UTC" if newest.deadline else "for ever"
    if newest.outcome == "stop" and run.state is not RunState.FAILED:
        return {}
    if newest.outcome == "stop":
        return {"stopped": f"nobody answered {until}; `kampanj resume {run.id}` waits anew"}
    return {"waits": f"for a {newest.kind} since {newest.opened_at:%Y-%m-%d %H:%M} UTC, {until}"}


def _row(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "campaign": run.campaign,
        "state": run.state.value,
        "started": f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC",
        "brief": run.brief_path,
        "out": run.options["out"],
    }
