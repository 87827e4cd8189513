"""The worker: a process that carries out what Prefect's server schedules, and reminds people."""

import asyncio
import sys
import threading
import traceback
from datetime import UTC, datetime

from prefect.exceptions import TerminationSignal
from prefect.runner import Runner

from flows import reminding
from flows.deployments import deployments
from flows.desk import open_desk
from flows.settings import read_settings

EVERY = 3.0
"""Seconds between two looks for what is scheduled: a person waits for it who has just clicked."""
REMINDED_EVERY = 15 * 60.0
"""Seconds between two looks for what has waited too long."""


def main() -> None:
    """Register the deployments, and carry out their runs until somebody ends it."""
    # Not by a schedule of Prefect's: 3.8.8 cannot insert scheduled runs with SQLAlchemy 2.1.
    ended = threading.Event()
    reminders = threading.Thread(target=remind, args=(ended,), daemon=True)
    reminders.start()
    runner = Runner(pause_on_shutdown=False, query_seconds=EVERY)
    for one in deployments(datetime.now(UTC).date()):
        runner.add_deployment(one)
    sys.stderr.write("The worker is ready: campaigns can be started from Prefect's deployments\n")
    sys.stderr.flush()
    try:
        asyncio.run(runner.start())
    except (KeyboardInterrupt, TerminationSignal):
        ended.set()


def remind(ended: threading.Event) -> None:
    """Do what is due of reminders and deadlines, again and again until it is ended."""
    while True:
        try:
            with open_desk(read_settings()) as desk:
                done = reminding.enforce(desk, reminding.reach(desk))
        except Exception:  # noqa: BLE001 - a database that is away must not end it for good
            traceback.print_exc()
        else:
            for one in done:
                sys.stderr.write(f"{one.what}: {one.said}\n")
        if ended.wait(REMINDED_EVERY):
            return


if __name__ == "__main__":
    main()
