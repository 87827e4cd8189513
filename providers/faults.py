"""Providers that fail as they are told, so that a team can see what its pipeline does then.

A plan is a list of faults, each with how many calls it takes, played in order::

    429:2,timeout_after_send     two calls are told to wait, the next one is lost, then all is well
    refuse:*                     every call is refused

``refuse``, ``withhold``, ``429``, ``quota``, ``unavailable``, ``timeout_after_send``,
``wrong_size``, ``cut_off``.
"""

import itertools
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Literal

from providers import errors
from providers.errors import ProviderError, Trace
from providers.images.base import ImageAnswer, ImageCapabilities, ImageProvider, ImageRequest
from providers.translation.base import TranslateAnswer, TranslateRequest, Translator
from providers.writing.base import TextAnswer, TextProvider, TextRequest

FAULTS: dict[str, tuple[type[ProviderError], str]] = {
    "refuse": (errors.RefusedInput, "was told to refuse"),
    "withhold": (errors.RefusedOutput, "was told to draw and withhold it"),
    "429": (errors.RateLimited, "was told to ask for patience"),
    "quota": (errors.QuotaExceeded, "was told to be out of money"),
    "unavailable": (errors.Unavailable, "was told to be away"),
    "timeout_after_send": (errors.OutcomeUnknown, "was told to be lost after it was sent"),
    "wrong_size": (errors.BadOutput, "was told to draw another size"),
    "cut_off": (errors.Truncated, "was told to stop half-way"),
}


class FaultPlan:
    """Which calls fail, and how; one plan for one process.

    Args:
        text: The plan, as above; empty for none.

    Raises:
        ValueError: It names a fault that is not known, or a count that is none.

    """

    def __init__(self, text: str) -> None:
        self._left: Iterator[str] = itertools.chain.from_iterable(
            [_calls(part.strip()) for part in text.split(",") if part.strip()]
        )

    def strike(self, provider: str, model: str) -> None:
        """Raise what the plan has for this call, or return."""
        fault = next(self._left, None)
        if fault:
            kind, words = FAULTS[fault]
            wait = 0.05 if kind is errors.RateLimited else None
            raise kind(provider, words, Trace(model=model, code=fault, retry_after=wait))


def _calls(part: str) -> Iterator[str]:
    name, _, count = part.partition(":")
    if name not in FAULTS:
        near = get_close_matches(name, FAULTS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(FAULTS)}"
        raise ValueError(f"no fault {name!r}; {hint}")
    if count == "*":
        return itertools.repeat(name)
    if count and not (count.isascii() and count.isdigit() and 0 < int(count) < 10**6):
        raise ValueError(f"{part!r}: after the colon stands how many calls fail, or *")
    return itertools.repeat(name, int(count or 1))


class FailingImages:
    """Draws as another does, save when the plan says otherwise."""

    # So that a lost call is seen as one: repeatable work would quietly be done again.
    repeatable = False

    def __init__(self, inner: ImageProvider, plan: FaultPlan) -> None:
        self._inner = inner
        self._plan = plan

    @property
    def name(self) -> str:
        """Return the name of whom it stands before."""
        return self._inner.name

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._inner.default_model

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._inner.capabilities(model)

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one picture, or fail."""
        self._plan.strike(self.name, request.model)
        return self._inner.draw(request)


class FailingWriting:
    """Writes as another does, save when the plan says otherwise."""

    repeatable = False

    def __init__(self, inner: TextProvider, plan: FaultPlan) -> None:
        self._inner = inner
        self._plan = plan

    @property
    def name(self) -> str:
        """Return the name of whom it stands before."""
        return self._inner.name

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._inner.default_model

    def write(self, request: TextRequest) -> TextAnswer:
        """Write one text, or fail."""
        self._plan.strike(self.name, request.model)
        return self._inner.write(request)


class FailingTranslation:
    """Translates as another does, save when the plan says otherwise."""

    repeatable = False

    def __init__(self, inner: Translator, plan: FaultPlan) -> None:
        self._inner = inner
        self._plan = plan

    @property
    def name(self) -> str:
        """Return the name of whom it stands before."""
        return self._inner.name

    @property
    def operation(self) -> Literal["text", "translation"]:
        """Return what the price book calls it."""
        return self._inner.operation

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._inner.default_model

    def translate(self, request: TranslateRequest) -> TranslateAnswer:
        """Translate one message, or fail."""
        self._plan.strike(self.name, request.model)
        return self._inner.translate(request)
