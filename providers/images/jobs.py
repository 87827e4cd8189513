"""Whoever draws slowly: a job is handed in once, for money, and asked for until it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from pydantic import JsonValue

from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest


@dataclass(frozen=True)
class Pending:
    """A job that is not done. It holds all that another process needs to ask for it."""

    job: str
    """The provider's own name for it."""
    poll_url: str = ""
    """Where to ask, for providers that say so; asked only if it is one of theirs."""
    wait: float = 1.0
    """Seconds until it is worth asking."""
    facts: Mapping[str, JsonValue] = field(default_factory=dict)
    """What else was said when it was handed in, such as its price. No secret: it is stored."""


@runtime_checkable
class ImageJobs(Protocol):
    """Someone who draws, and is asked for the picture later.

    ``submit`` is the one request that is billed. ``collect`` is free and may be repeated, by
    another process too.
    """

    @property
    def name(self) -> str:
        """Return its name in the registry, the price book and the ledger."""

    @property
    def repeatable(self) -> bool:
        """Say whether a lost call may be made again unasked: free, local, and always the same."""

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do.

        Raises:
            Unsupported: The provider has no such model.

        """

    def submit(self, request: ImageRequest) -> Pending:
        """Hand in one picture, in one request.

        Raises:
            ProviderError: It was not taken in; the error says whether it was charged.

        """

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer | Pending:
        """Return the picture, or what to wait for.

        Raises:
            TryAgain: Nothing came of this one question; the job goes on, and may be asked for
                again. Whatever it says, the job itself may be charged.
            GiveUp: The job came to nothing; the error says whether it was charged.

        """

    def cancel(self, pending: Pending) -> bool:
        """Ask for it to be stopped, and say whether it will be."""
