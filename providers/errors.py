"""What can go wrong with everyone outside, in one tree.

::

    ProviderError
    ├── TryAgain             nothing was made and nothing was charged; a later try may work
    │   ├── RateLimited        rate_limited      too many requests: wait
    │   └── Unavailable        unavailable       nobody answered, or asked us to come back
    └── GiveUp               the same request will not do better by itself
        ├── Unsupported        unsupported       refused here, before anything was sent
        ├── InvalidRequest     invalid_request   the provider does not understand it
        ├── NotConfigured      not_configured    a key or a right is missing
        ├── ModelGone          model_gone        the model has ended
        ├── QuotaExceeded      quota             the account has no money left
        ├── RefusedInput       refused_input     the provider will not do what was asked
        ├── RefusedOutput      refused_output    it did it, and withholds the result
        ├── BadOutput          bad_output        it answered with something else
        ├── Truncated          truncated         its answer was cut off at a limit
        ├── OutcomeUnknown     outcome_unknown   sent, and never answered
        │   └── Unfinished       unfinished        a job that goes on, and is collected later
        ├── JobFailed          job_failed        taken in, and given up by the provider
        ├── JobLost            job_lost          taken in, and the provider knows it no more
        └── StorageError       storage           a place that keeps files will not
            ├── BadKey           bad_key           not a name that every store accepts
            ├── Conflict         conflict          other bytes are kept under that key
            ├── NotStored        not_stored        nothing is kept under that key
            └── StorageFull      storage_full      no room was left; nothing half written stays

Who catches decides by the family and by ``charged``, never by words in a message.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import ClassVar

from cost_tracking.usage import Usage

LONGEST = 500
"""Letters of a message; a provider's own text may be a web page or ten megabytes of base64."""


def redact(text: str, *secrets: str) -> str:
    """Return a message that may be shown: no key, no base64, one line of at most 500 letters.

    Args:
        text: What a provider or a library said.
        secrets: Values that must not appear, whatever they look like.

    >>> redact("Incorrect API key provided: sk-abcdefgh12345.")
    'Incorrect API key provided: ….'
    """
    # Longest first: a secret that holds another must go as a whole.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    for pattern, instead in _removed():
        text = pattern.sub(instead, text)
    text = text.strip()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


@cache
def _removed() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return what is replaced, in this order, and by what; compiled where something goes wrong."""
    named = r"(?:api[-_ ]?key|token|secret|password|signature|credential)"
    return (
        (re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+"), " "),
        (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), "…"),
        (re.compile(r"(?i)\b(?:sk|pk|rk|key|ghp|xox[abp])[-_][\w*-]{6,}"), "…"),
        (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{12,}"), "…"),
        (re.compile(rf"(?i)({named}[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,}}]{{4,}}"), r"\1…"),
        (re.compile(r"[A-Za-z0-9+/_-]{80,}={0,2}"), "…"),
    )


class Charged(StrEnum):
    """Whether the provider bills for what failed."""

    NO = "no"
    YES = "yes"
    MAYBE = "maybe"
    """Nobody here can know; the money counts as spent until somebody looks at the invoice."""


@dataclass(frozen=True)
class Trace:
    """What a provider told about a call that failed, for its support desk and for our ledger."""

    model: str = ""
    status: int | None = None
    """The HTTP status, where there was an answer."""
    code: str = ""
    """The provider's own name for the fault."""
    request_id: str = ""
    retry_after: float | None = None
    """Seconds the provider asks us to wait, as it wrote them: not yet capped."""
    usage: Usage | None = None
    """What was consumed, where the provider said so before it failed."""


class ProviderError(Exception):
    """A party outside did not do what was asked.

    Args:
        provider: Its name in the registry.
        message: What happened and what to do; redacted and cut here, once for all.
        trace: What the provider told about the call.
        charged: Whether it bills for it; None takes what is usual for the kind.
        secrets: Values to remove from the message.

    """

    kind: ClassVar[str] = "failed"
    usual: ClassVar[Charged] = Charged.MAYBE

    def __init__(
        self,
        provider: str,
        message: str,
        trace: Trace | None = None,
        *,
        charged: Charged | None = None,
        secrets: tuple[str, ...] = (),
    ) -> None:
        self.provider = provider
        self.trace = trace or Trace()
        self.charged = charged or self.usual
        self.attempt = ""
        """The id of our attempt that it ended, as soon as that is written down."""
        super().__init__(redact(f"{provider}: {message}", *secrets))

    @property
    def model(self) -> str:
        """Return the model that was asked, or an empty string."""
        return self.trace.model

    @property
    def retry_after(self) -> float | None:
        """Return the seconds that the provider asks us to wait."""
        return self.trace.retry_after

    @property
    def usage(self) -> Usage | None:
        """Return what was consumed, where the provider said so."""
        return self.trace.usage


class TryAgain(ProviderError):
    """Nothing was made and nothing was charged; a later try may work."""

    usual = Charged.NO


class GiveUp(ProviderError):
    """The same request will not do better by itself."""

    usual = Charged.NO


class RateLimited(TryAgain):
    """Too many requests at once."""

    kind = "rate_limited"


class Unavailable(TryAgain):
    """Nobody answered before anything was sent, or the provider asked us to come back."""

    kind = "unavailable"


class Unsupported(GiveUp):
    """Asked for something that this provider cannot do; nothing was sent."""

    kind = "unsupported"


class InvalidRequest(GiveUp):
    """The provider does not understand the request."""

    kind = "invalid_request"


class NotConfigured(GiveUp):
    """A key or a right is missing."""

    kind = "not_configured"


class ModelGone(GiveUp):
    """The model has ended, or never was."""

    kind = "model_gone"


class QuotaExceeded(GiveUp):
    """The account has no money left: waiting does not help."""

    kind = "quota"


class RefusedInput(GiveUp):
    """The provider will not do what was asked. Charged or not is in its contract."""

    kind = "refused_input"


class RefusedOutput(GiveUp):
    """The provider made it and withholds it, and bills for the work."""

    kind = "refused_output"
    usual = Charged.YES


class BadOutput(GiveUp):
    """The provider answered, and it is not what was asked."""

    kind = "bad_output"
    usual = Charged.YES


class Truncated(GiveUp):
    """The answer was cut off at a limit of ours."""

    kind = "truncated"
    usual = Charged.YES


class OutcomeUnknown(GiveUp):
    """The request was sent and never answered: it may have been done, and billed."""

    kind = "outcome_unknown"
    usual = Charged.MAYBE


class JobFailed(GiveUp):
    """The provider took it in, and gave it up: whether it bills for that is in its contract."""

    kind = "job_failed"
    usual = Charged.MAYBE


class JobLost(GiveUp):
    """The provider took it in, and knows it no more, or keeps its result no longer."""

    kind = "job_lost"
    usual = Charged.MAYBE


class Unfinished(OutcomeUnknown):
    """A job was handed in, and we have stopped asking for it; the next run collects it."""

    kind = "unfinished"


class StorageError(GiveUp):
    """A place that keeps files will not."""

    kind = "storage"


class BadKey(StorageError):
    """Not a name that every store accepts."""

    kind = "bad_key"


class Conflict(StorageError):
    """Other bytes are kept under that key, and were not overwritten."""

    kind = "conflict"


class NotStored(StorageError):
    """Nothing is kept under that key, or not what was put there."""

    kind = "not_stored"


class StorageFull(StorageError):
    """No room was left; nothing half written stays."""

    kind = "storage_full"
