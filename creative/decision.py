"""What somebody decided about one asset, and on which bytes."""

from enum import StrEnum

from pydantic import AwareDatetime

from creative.value import Value


class Verdict(StrEnum):
    """What was decided. An asset without a decision waits."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


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
    nonce: str = ""
    """Of the form that said it; it decides once."""
