"""Waits while somebody else is at the same request, so that the two share one answer."""

from collections.abc import Callable
from datetime import datetime

from cost_tracking.attempts import Claimed
from providers.terms import Patience

FIRST = 0.25
"""Seconds before the first look; each wait is half as long again, up to ``Patience.between``."""


class Waiting:
    """The waits for one request.

    Args:
        now: The clock.
        sleep: Waits for seconds.
        patience: How long to wait in all.

    """

    def __init__(
        self, now: Callable[[], datetime], sleep: Callable[[float], None], patience: Patience
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._patience = patience
        self._began = now()
        self._slept = 0.0
        self._number = 0

    def longer(self, held: Claimed) -> None:
        """Wait until it is worth looking again.

        Never much beyond the end of the lease: who has it may be dead, and it is taken back then.

        Raises:
            Claimed: We have waited long enough. Nothing was sent.

        """
        now = self._now()
        # A clock that was set back does not make us wait for ever.
        left = self._patience.claim - max(self._slept, (now - self._began).total_seconds())
        if left <= 0:
            raise held
        # A moment more than the lease, which has ended only after its last microsecond.
        lease = max((held.until - now).total_seconds(), 0.0) + 0.001
        wait = min(self._patience.until_next(self._number, FIRST), lease, left)
        self._sleep(wait)
        self._slept += wait
        self._number += 1
