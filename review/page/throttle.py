"""Slows down whoever guesses, by the name that they guess for."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

FREE = 5
"""Failures before anybody has to wait."""
FIRST, LONGEST = 2.0, 900.0
"""Seconds: the first wait, which each further failure doubles, up to the longest."""
FORGOTTEN = 3600.0
"""Seconds after the last failure, from which on nobody remembers it."""
MOST = 2000
"""How many names are remembered: who sends endless names makes us forget the oldest ones."""


@dataclass
class _Failures:
    count: int = 0
    last: float = 0.0


class Throttle:
    """Counts failures by name, for one process.

    Args:
        clock: Seconds that only rise.

    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_name: OrderedDict[str, _Failures] = OrderedDict()
        self._lock = Lock()

    def wait(self, name: str) -> float:
        """Return how many seconds a name has to wait before its next try, 0 for none."""
        with self._lock:
            known = self._by_name.get(name)
            if known is None or known.count < FREE:
                return 0.0
            pause = min(FIRST * 2.0 ** min(known.count - FREE, 20), LONGEST)
            return max(0.0, known.last + pause - self._clock())

    def failed(self, name: str) -> int:
        """Count a failure, and return how many there are of this name by now."""
        with self._lock:
            now = self._clock()
            known = self._by_name.pop(name, _Failures())
            if now - known.last > FORGOTTEN:
                known = _Failures()
            known.count, known.last = known.count + 1, now
            self._by_name[name] = known
            while len(self._by_name) > MOST:
                self._by_name.popitem(last=False)
            return known.count

    def passed(self, name: str) -> None:
        """Forget the failures of a name that got in."""
        with self._lock:
            self._by_name.pop(name, None)


class Allowance:
    """So many in a time, and no more, for one process.

    Args:
        clock: Seconds that only rise.
        most: How many.
        seconds: In how long.

    """

    def __init__(self, clock: Callable[[], float], most: int, seconds: float) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._left = float(most)
        self._at = clock()
        self._lock = Lock()

    def take(self) -> bool:
        """Take one, and say whether there was one."""
        with self._lock:
            now = self._clock()
            gained = (now - self._at) * self._most / self._seconds
            self._left, self._at = min(self._left + gained, self._most), now
            if self._left < 1:
                return False
            self._left -= 1
            return True
