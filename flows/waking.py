"""Goes on with a run that waits or was cut off, whoever carries it out: never two at once."""

import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

from cost_tracking.waiting.claims import Claim, Held
from flows.desk import Desk
from flows.owner import process_named
from flows.settings import Settings

STARTS = timedelta(minutes=1)
"""How long whoever wakes a run may take for it."""
LONGEST = timedelta(days=7)
"""How long a process that was started may take; when it ends, nobody waits for that."""


def go_on(desk: Desk, run: str) -> str:
    """Have a run carried on, and say by whom, in words for whoever asked.

    A run that waits in Prefect is woken there. Where it failed there, crashed, was cancelled or
    never was, a run of the deployment ``resume`` is started. Without a Prefect server, or if it
    does not answer, a process of its own does it: its output is kept in the state folder.

    It decides nothing, and asks nobody whether they may: that is for whoever calls it.

    Args:
        desk: Where the state is.
        run: The run's id.

    Raises:
        UnknownRun: There is none of this id.
        OSError: No process could be started.

    """
    found = desk.runs.get(run)
    run = found.id
    if holder := desk.claims.holder(f"run/{run}"):
        return f"Run {run} is being carried out already, by process {holder}."
    try:
        claim = desk.claims.take(f"wake/{run}", STARTS)
    except Held as held:
        return f"Run {run} was started a moment ago, by process {held.holder}."
    handed_over = False
    try:
        why_not = ""
        if has_server(desk.settings):
            from flows import flow_runs

            woken = flow_runs.wake(run, desk.now(), found.updated_at)
            if woken.by_prefect:
                return woken.said
            why_not = f"{woken.said} "
        log = _start(desk, run, claim)
        handed_over = True
        return f"{why_not}A process of its own goes on with run {run}; it writes to {log}."
    finally:
        if not handed_over:
            desk.claims.release(claim)


def give_up(desk: Desk, run: str, reason: str) -> None:
    """End what Prefect still holds suspended of a run that is stopped."""
    if has_server(desk.settings):
        from flows import flow_runs

        flow_runs.give_up(run, reason)


def has_server(settings: Settings) -> bool:
    """Say whether a Prefect server may be configured. Prefect itself is slow to ask."""
    return bool(settings.prefect_api_url) or (settings.prefect_home / "profiles.toml").is_file()


def log_path(desk: Desk, run: str) -> Path:
    """Return where a process that goes on with a run by itself writes."""
    return desk.home / "logs" / f"{run}.log"


def _start(desk: Desk, run: str, claim: Claim) -> Path:
    """Start a process that outlives this one, and let it hold the claim."""
    log = log_path(desk, run)
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "flows", "resume", run, "--direct", "--json"]
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            env={**os.environ, "KAMPANJ_HOME": str(desk.home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    desk.claims.hand_over(claim, process_named(process.pid), LONGEST)
    # One that has ended looks alive until somebody has asked how it ended.
    threading.Thread(target=process.wait, daemon=True).start()
    return log
