"""Starts a program that does not outlive whoever started it, not even one that was killed.

``python -m flows.leash <pid of the starter> <program> <argument>…``
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that the kernel sends when the starter ends."""


def main() -> None:
    """Become the program. Where the kernel is not Linux, it is only started."""
    starter, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != int(starter):
            # It ended before the kernel was told, and will send nothing any more.
            raise SystemExit(1)
    os.execvp(command[0], command)  # noqa: S606 - the caller's own words, and no shell


if __name__ == "__main__":
    main()
