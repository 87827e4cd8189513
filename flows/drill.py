"""Ends this process where a drill asks for it, so that anyone can see what a crash costs."""

import os
import signal
from collections import Counter


class Drill:
    """Counts the points that were reached, and sends SIGKILL at the one that was named.

    Args:
        at: ``<point>:<count>``, such as ``answered:2``; empty for no drill.

    """

    def __init__(self, at: str) -> None:
        point, _, count = at.partition(":")
        self._point = point
        self._count = int(count or 0)
        self._seen: Counter[str] = Counter()

    def reached(self, point: str) -> None:
        """Note a point, and end here if it is the one."""
        self._seen[point] += 1
        if point == self._point and self._seen[point] == self._count:
            os.kill(os.getpid(), signal.SIGKILL)
