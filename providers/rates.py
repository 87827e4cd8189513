"""How fast each account may be asked: the provider's rule, kept by all processes of a database."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from cost_tracking.buckets import Buckets, TooLong, Turn
from providers.errors import RateLimited, Trace
from providers.models import Rate

_MINUTE = timedelta(minutes=1)


class Rates:
    """Waits for a turn.

    Args:
        buckets: What all processes share.
        rates: At most one of each provider; who is not in it is asked at once.
        sleep: Waits for seconds.
        longest: Seconds to wait for a turn. Who has to wait longer is told so at once.

    """

    def __init__(
        self,
        buckets: Buckets,
        rates: Iterable[Rate],
        sleep: Callable[[float], None],
        longest: float = 300.0,
    ) -> None:
        self._buckets = buckets
        self._rates = {one.provider: one for one in rates}
        self._sleep = sleep
        self._longest = timedelta(seconds=longest)

    def wait(self, provider: str, model: str, operation: str) -> None:
        """Wait until one more request may be sent.

        Raises:
            RateLimited: The turn would come too late; nothing was sent, and no turn was taken.

        """
        rate = self._rates.get(provider)
        turns = turns_of(rate, operation) if rate else ()
        if not turns:
            return
        try:
            wait = self._buckets.take(turns, self._longest).total_seconds()
        except TooLong as error:
            wait = error.wait.total_seconds()
            raise RateLimited(
                provider,
                f"the next turn of {error.bucket} is in {wait:.0f} s, and we wait "
                f"{self._longest.total_seconds():.0f} s at most; name another provider to fail "
                "over to, or run again later",
                Trace(model=model, code="own_rate", retry_after=wait),
            ) from error
        if wait > 0:
            self._sleep(wait)


def turns_of(rate: Rate, operation: str) -> tuple[Turn, ...]:
    """Return what one request of an operation takes of an account."""
    units = {"requests": rate.requests, "images": rate.images if operation == "image" else None}
    owner = f"{rate.provider}/{rate.account}" if rate.account else rate.provider
    return tuple(
        Turn(
            bucket=f"{owner}/{unit}",
            takes=_MINUTE / float(allowed),
            ahead=(rate.at_once - 1) * _MINUTE / float(allowed),
        )
        for unit, allowed in units.items()
        if allowed is not None
    )
