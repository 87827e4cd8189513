"""The processes that one command starts and ends together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

GRACE = 15.0
"""Seconds to end by itself, before it is killed."""


class Children:
    """Several processes, each in a group of its own; they end when this one does, however."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        quiet: bool = False,
    ) -> None:
        """Start a process.

        Args:
            name: For people, such as ``the review page``.
            command: The program and its arguments.
            environment: All that it is to know.
            quiet: Whether only its errors are shown.

        """
        leash = (sys.executable, "-m", "flows.leash", str(os.getpid()))
        self._processes[name] = subprocess.Popen(  # noqa: S603 - our own programs
            [*leash, *command],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else None,
            # A Ctrl-C is for us, who end them in their order.
            start_new_session=True,
        )

    def dead(self) -> str | None:
        """Return which process has ended, and how, or None while all of them run."""
        for name, process in self._processes.items():
            code = process.poll()
            if code is not None:
                how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
                return f"{name} {how}"
        return None

    def end(self) -> None:
        """End all of them, the youngest first, and whatever they have started."""
        for process in reversed(self._processes.values()):
            _signal(process.pid, signal.SIGTERM)
            until = time.monotonic() + GRACE
            while process.poll() is None and time.monotonic() < until:
                time.sleep(0.05)
            _signal(process.pid, signal.SIGKILL)
            process.wait()


def _signal(group: int, what: signal.Signals) -> None:
    try:
        os.killpg(group, what)
    except ProcessLookupError:
        return
