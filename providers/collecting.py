"""Waits for a job that was handed in: asks for it, for free, until it is done or patience ends."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import JsonValue

from cost_tracking.attempts import Attempt, Attempts
from providers.deals import Deal
from providers.errors import (
    ModelGone,
    NotConfigured,
    OutcomeUnknown,
    QuotaExceeded,
    Trace,
    TryAgain,
    Unfinished,
    Unsupported,
)
from providers.images.jobs import Pending
from providers.terms import Patience

A = TypeVar("A")

_OF_THE_QUESTION = (NotConfigured, QuotaExceeded, ModelGone, Unsupported)
"""What a provider may say to our question, such as 401 after a key was changed, and what says
nothing of the job: it was paid for, and is collected when the question is mended."""


class Collecting:
    """Asks for jobs.

    Args:
        attempts: Where the job stands, and the lease that is renewed while we wait.
        now: The clock.
        sleep: Waits for seconds.
        patience: How long to wait in all, and between two questions.

    """

    def __init__(
        self,
        attempts: Attempts,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        patience: Patience,
    ) -> None:
        self._attempts = attempts
        self._now = now
        self._sleep = sleep
        self._patience = patience

    def until_done(
        self, deal: Deal[A], attempt: Attempt, pending: Pending, *, at_once: bool = False
    ) -> A:
        """Return the answer of a job.

        Args:
            deal: What was handed in.
            attempt: Ours, with the job written down.
            pending: The job.
            at_once: Ask first and wait then, for a job that was left some time ago.

        Raises:
            Unfinished: It is not done, or cannot be asked for now. It may be asked for again.
            ProviderError: It came to nothing; the error says whether it was charged.
            LeaseLost: Another process has taken it over.

        """
        began, slept, said = self._now(), 0.0, ""
        for number in range(1_000_000):
            wait = 0.0 if at_once and not number else self._wait(number, pending)
            self._sleep(wait)
            slept += wait
            attempt = self._renewed(attempt)
            try:
                found = _asked(deal, pending)
            except (TryAgain, OutcomeUnknown) as error:
                # It is the question that failed. The job goes on, and was paid for.
                said = f"; it last said: {error}"
                found = replace(pending, wait=max(error.retry_after or 0.0, pending.wait))
            except _OF_THE_QUESTION as error:
                raise _unfinished(deal, pending, f"cannot be asked for: {error}") from error
            if not isinstance(found, Pending):
                return found
            if as_json(found) != as_json(pending):
                attempt = self._attempts.submitted(attempt, as_json(found))
            pending = found
            # A clock that was set back does not make us wait for ever.
            waited = max(slept, (self._now() - began).total_seconds())
            if waited >= self._patience.job:
                break
        raise _unfinished(deal, pending, f"is not done after {waited:.0f} s{said}")

    def _wait(self, number: int, pending: Pending) -> float:
        # A sleep of more than half of the lease could lose it.
        longest = self._attempts.lease.total_seconds() / 3
        return min(self._patience.until_next(number, pending.wait), longest)

    def _renewed(self, attempt: Attempt) -> Attempt:
        left = attempt.lease_until - self._now()
        return attempt if left > self._attempts.lease / 2 else self._attempts.renew(attempt)


def as_json(pending: Pending) -> dict[str, JsonValue]:
    """Return a job as it is written down."""
    return {"job": pending.job, "poll_url": pending.poll_url, "facts": dict(pending.facts)}


def from_json(job: Mapping[str, Any]) -> Pending:
    """Return a job that was written down."""
    return Pending(job=job["job"], poll_url=job["poll_url"], facts=job["facts"])


def _asked(deal: Deal[A], pending: Pending) -> A | Pending:
    if deal.collect is None:
        raise Unsupported(
            deal.provider, f"cannot be asked for job {pending.job}; use the version that began it"
        )
    return deal.collect(pending)


def _unfinished(deal: Deal[A], pending: Pending, what: str) -> Unfinished:
    trace = Trace(model=deal.model, code="unfinished", request_id=pending.job)
    return Unfinished(
        deal.provider, f"job {pending.job} {what}; run again to collect it, for free", trace
    )
