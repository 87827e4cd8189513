"""What somebody decided about one asset, and on which bytes."""

from enum import StrEnum

from pydantic import AwareDatetime

from creative.value import Value


class Verdict(StrEnum):
    """What was decided. An asset without a decision waits."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Redo(StrEnum):
    """What of a rejected rendition is made again."""

    COPY = "copy"
    """Its words, by whoever translates."""
    PICTURE = "picture"
    """Its key visual, by whoever draws."""
    LAYOUT = "layout"
    """How the two are put together, by us and for nothing."""


class Decision(Value):
    """One verdict on one asset. It is void when the asset's bytes are no longer those seen."""

    asset: str
    sha256: str
    verdict: Verdict
    by: str
    """A person, or ``policy:…`` when a rule of the run decided."""
    role: str
    reason: str
    at: AwareDatetime
    code: str = ""
    """Why, in the words of the acceptance policy: ``brand``, ``wrong_price`` … Empty when it was
    accepted, and in decisions from before there were codes."""
    seconded: str = ""
    """Who accepted the same bytes before, where two people must."""
    via: str = ""
    """Where it was said: ``page``, ``command line``, ``prefect``; empty for a rule of the run."""
    redo: Redo | None = None
    """What is to be done again, where a person said it; what follows from the code, where not."""
    nonce: str = ""
    """Of the form that said it; it decides once."""
