"""Leaves a provider alone that is down, instead of asking it for each of 500 requests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from creative.value import Value
from providers.errors import (
    NotConfigured,
    OutcomeUnknown,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Trace,
    Unavailable,
    Unsupported,
)

CODE = "breaker_open"
"""The code of the error with which a provider is left alone; ours, and no provider's."""
_DOWN = (Unavailable, NotConfigured, QuotaExceeded)
_SAYS_NOTHING = (Unsupported, RateLimited, OutcomeUnknown)
"""These neither prove that a provider works nor that it does not."""


class BreakerTerms(Value):
    """When a provider is left alone, and for how long."""

    failures: int = 5
    """In a row, of one model of one provider."""
    rest: timedelta = timedelta(seconds=60)


@dataclass
class _Health:
    failures: int = 0
    open_until: datetime | None = None


class Breaker:
    """Counts what each model of each provider failed at, in this process.

    ``closed``: it is asked. After so many failures in a row it is ``open``: nothing is sent until
    it has rested. Then it is half open: one request is sent, and what becomes of it decides. A
    refusal or a wrong answer is the answer of a provider that works.

    Args:
        now: The clock.
        terms: How many failures, and how long a rest.

    """

    def __init__(self, now: Callable[[], datetime], terms: BreakerTerms | None = None) -> None:
        self._now = now
        self._terms = terms or BreakerTerms()
        self._known: dict[tuple[str, str], _Health] = {}
        self._lock = Lock()

    def check(self, provider: str, model: str) -> None:
        """Let a request through, or say that its provider is left alone.

        Raises:
            Unavailable: It failed too often; nothing was sent.

        """
        with self._lock:
            health = self._known.setdefault((provider, model), _Health())
            if health.open_until is None:
                return
            if self._now() >= health.open_until:
                # Whoever comes now is the one that is tried; the next one waits for the outcome.
                health.open_until = self._now() + self._terms.rest
                return
            raise Unavailable(
                provider,
                f"{model} failed {health.failures} times in a row and is left alone until "
                f"{health.open_until:%H:%M:%S} UTC; name another provider to fail over to, or "
                "run again then",
                Trace(model=model, code=CODE),
            )

    def failed(self, provider: str, model: str, error: ProviderError) -> None:
        """Count what a request failed with."""
        if isinstance(error, _SAYS_NOTHING):
            return
        if not isinstance(error, _DOWN):
            self.answered(provider, model)
            return
        with self._lock:
            health = self._known.setdefault((provider, model), _Health())
            health.failures += 1
            if health.failures >= self._terms.failures:
                health.open_until = self._now() + self._terms.rest

    def answered(self, provider: str, model: str) -> None:
        """Note that a provider works."""
        with self._lock:
            self._known.pop((provider, model), None)
