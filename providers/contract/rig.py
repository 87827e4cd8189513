"""What an author brings: a provider over a wire of the author's own, and the ways it can fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Generic, TypeVar

from providers import errors
from providers.errors import Charged, ProviderError
from providers.images.base import ImageProvider, ImageRequest
from providers.images.jobs import ImageJobs
from providers.translation.base import TranslateRequest, Translator
from providers.writing.base import TextProvider, TextRequest

P_co = TypeVar("P_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)


class Fault(StrEnum):
    """What may befall one request; every provider outside knows most of them."""

    RATE_LIMITED = "rate_limited"
    """Too many requests: wait."""
    OVERLOADED = "overloaded"
    """Come back later; nothing was done."""
    NO_KEY = "no_key"
    """The key is wrong, or may not do this. Let the wire repeat the key: some vendors do."""
    NO_MONEY = "no_money"
    """The account is empty."""
    NO_MODEL = "no_model"
    """The model has ended."""
    REFUSED = "refused"
    """The vendor will not do what was asked, on whatever status it says so."""
    LOST = "lost"
    """The request was taken in, and the connection ends without an answer."""
    HANG = "hang"
    """The request was taken in, and no answer ever comes."""
    DRIP = "drip"
    """An answer that comes a byte at a time, for ever."""
    CUT = "cut"
    """Half of an answer, and the end of the connection."""
    NO_JSON = "no_json"
    """A web page in place of an answer, on status 200."""
    EMPTY = "empty"
    """A well-formed answer that holds no result."""
    EXPIRED = "expired"
    """The address of a result that was made leads to nothing any more."""
    WRONG_SIZE = "wrong_size"
    """A picture of another size than was asked for."""
    NOT_A_PICTURE = "not_a_picture"
    """Bytes that are no picture, or one that is cut off."""
    WRONG_SHAPE = "wrong_shape"
    """A text that is not of the schema."""
    CUT_OFF = "cut_off"
    """A text that ended at its limit of tokens."""
    MISSING = "missing"
    """A translation with fewer segments than were asked for."""


@dataclass(frozen=True)
class Meaning:
    """What an adapter may make of a fault."""

    kinds: tuple[type[ProviderError], ...]
    charged: tuple[Charged, ...]


_FREE, _ANY = (Charged.NO,), tuple(Charged)
_PERHAPS = (Charged.YES, Charged.MAYBE)
MEANINGS: Mapping[Fault, Meaning] = {
    Fault.RATE_LIMITED: Meaning((errors.RateLimited,), _FREE),
    Fault.OVERLOADED: Meaning((errors.Unavailable, errors.RateLimited), _FREE),
    Fault.NO_KEY: Meaning((errors.NotConfigured,), _FREE),
    Fault.NO_MONEY: Meaning((errors.QuotaExceeded,), _FREE),
    Fault.NO_MODEL: Meaning((errors.ModelGone, errors.InvalidRequest), _FREE),
    Fault.REFUSED: Meaning((errors.RefusedInput, errors.RefusedOutput), _ANY),
    Fault.LOST: Meaning((errors.OutcomeUnknown,), (Charged.MAYBE,)),
    Fault.HANG: Meaning((errors.OutcomeUnknown,), (Charged.MAYBE,)),
    Fault.DRIP: Meaning((errors.BadOutput, errors.OutcomeUnknown), _PERHAPS),
    Fault.CUT: Meaning((errors.BadOutput, errors.OutcomeUnknown), _PERHAPS),
    Fault.NO_JSON: Meaning((errors.BadOutput, errors.OutcomeUnknown), _PERHAPS),
    Fault.EMPTY: Meaning((errors.BadOutput, errors.RefusedOutput), _PERHAPS),
    Fault.EXPIRED: Meaning((errors.JobLost, errors.BadOutput), _PERHAPS),
    Fault.WRONG_SIZE: Meaning((errors.BadOutput,), _PERHAPS),
    Fault.NOT_A_PICTURE: Meaning((errors.BadOutput,), _PERHAPS),
    Fault.WRONG_SHAPE: Meaning((errors.BadOutput,), _PERHAPS),
    Fault.CUT_OFF: Meaning((errors.Truncated,), _PERHAPS),
    Fault.MISSING: Meaning((errors.BadOutput,), _PERHAPS),
}
"""Who bills and did not answer well may have charged, so nothing says that it has not."""
SLOW = (Fault.HANG, Fault.DRIP)
"""Faults that are met by patience alone."""


@dataclass(frozen=True)
class Rig(Generic[P_co, R_co]):
    """One provider, ready to be asked, and its wire."""

    provider: P_co
    """Built as it is for a campaign, over the wire."""
    request: R_co
    """One that goes well, as small as the provider can."""
    sent: Callable[[], int]
    """How many requests have reached the wire that are billed when they are done."""
    faults: Mapping[Fault, Callable[[], object]] = field(default_factory=dict)
    """By fault: what makes the wire answer the next request with it, once."""
    without: Mapping[Fault, str] = field(default_factory=dict)
    """By fault that this vendor cannot have: why not."""
    secrets: tuple[str, ...] = ()
    """The keys that the provider was built with; at least one, unless it needs none."""
    unmeasured: str = ""
    """Why a good answer says nothing of what it consumed; it then counts as the most that it may
    have cost. Empty for one that does."""
    hurried: P_co | None = None
    """The same over the same wire, with a second of patience or less; it is asked in place of the
    other where the wire hangs or drips."""

    def facing(self, fault: Fault) -> "Rig[P_co, R_co]":
        """Return the rig as it meets a fault."""
        if fault not in SLOW:
            return self
        assert self.hurried is not None, (
            f"rig.hurried is the provider that waits a second at most; {fault} needs it"
        )
        return replace(self, provider=self.hurried)


ImageRig = Rig[ImageProvider, ImageRequest] | Rig[ImageJobs, ImageRequest]
TextRig = Rig[TextProvider, TextRequest]
TranslatorRig = Rig[Translator, TranslateRequest]
