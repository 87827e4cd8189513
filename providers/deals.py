"""One request with all that its price and its name depend on, before anything is bought.

A quote and the run after it are made of the same deals, and so name the same figures.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import JsonValue

from cost_tracking.estimates import Facts
from cost_tracking.hours import Labour
from cost_tracking.usage import Usage
from creative.concept import SourceType
from creative.value import canonical, fingerprint
from providers.answers import Kept
from providers.errors import BadOutput, Charged, Trace, Unsupported
from providers.images.base import Declaration, Declares, ImageAnswer, ImageProvider, ImageRequest
from providers.images.jobs import ImageJobs, Pending
from providers.translation.base import (
    BilledByLetter,
    TranslateAnswer,
    TranslateRequest,
    Translator,
)
from providers.translation.written import text_request
from providers.writing.base import TextAnswer, TextProvider, TextRequest

A = TypeVar("A")


@dataclass(frozen=True)
class Packed:
    """An answer as it is stored."""

    content: bytes
    usage: Usage
    facts: Mapping[str, JsonValue]


@dataclass(frozen=True)
class Deal(Generic[A]):
    """One request to one provider."""

    provider: str
    model: str
    operation: str
    """As in the price book: ``image``, ``text``, ``translation``."""
    stage: Literal["concepts", "copy", "back_translation"]
    repeatable: bool
    """Whether a lost one is done again unasked."""
    facts: Facts
    """What its price depends on."""
    asked: Mapping[str, object]
    """All that decides its answer, as JSON types."""
    locale: str | None
    check: Callable[[], None]
    """Raises ``Unsupported`` for what the provider cannot do, before any money is set aside."""
    ask: Callable[[], A | Pending]
    """Asks the provider, once. It is the one request that is billed."""
    pack: Callable[[A], Packed]
    unpack: Callable[[Kept, bytes], A]
    collect: Callable[[Pending], A | Pending] | None = None
    """Asks a slow provider for what was handed in, for free and as often as need be."""
    notes: tuple[str, ...] = ()
    """What whoever reads a quote must know of it, such as what the model goes without."""
    labour: Labour | None = None
    """Hours of our own people that were declared with it, to be entered once it is bought."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """The fingerprint of each part of what it asks for, such as a line, with all that decides this
    part's answer. Whoever changes one line has the others already; empty where it has no parts."""

    @property
    def pixels(self) -> str:
        """Return the size that a picture is asked for, as ``1920x1920``; empty for words."""
        return f"{self.facts.width}x{self.facts.height}" if self.facts.width else ""

    @property
    def prompt(self) -> str:
        """Return what names the words that it asks with, whoever is asked and for whatever size."""
        words = self.asked.get("prompt") or {
            name: value for name, value in self.asked.items() if name != "model"
        }
        return fingerprint(words)[:16]

    def sha256(self, campaign: str, asset: str) -> str:
        """Return the name of this request: the same one is bought once, in whatever run."""
        return fingerprint(
            {
                "campaign": campaign,
                "asset": asset,
                "provider": self.provider,
                "operation": self.operation,
                "asked": dict(self.asked),
            }
        )


@dataclass(frozen=True)
class Hop(Generic[A]):
    """One provider of a route."""

    provider: str
    """Its name, known before it is built."""
    deal: Callable[[], Deal[A]]
    """Builds it and returns what it would be asked.

    It raises ``NotConfigured`` where a key is missing, and ``Unsupported`` where it has no such
    model.
    """


def picture(
    provider: ImageProvider | ImageJobs,
    request: ImageRequest,
    *,
    notes: tuple[str, ...] = (),
    instead: Callable[[], tuple[str, ...]] = tuple,
) -> Deal[ImageAnswer]:
    """Return the deal for one picture, drawn at once or collected later.

    Args:
        provider: Who draws.
        request: What.
        notes: For whoever reads a quote.
        instead: Names the models that could, asked where this one cannot.

    """

    def check() -> None:
        if undeclared:
            raise undeclared
        lack = provider.capabilities(request.model).lack(request)
        if lack:
            could = ", ".join(instead())
            hint = f"; these can: {could}" if could else ""
            trace = Trace(model=request.model)
            raise Unsupported(provider.name, f"{request.model}: {lack}{hint}", trace)

    declared, undeclared = _declared(provider, request)

    def fits(answer: ImageAnswer) -> ImageAnswer:
        if provider.capabilities(request.model).imports:
            wrong = answer.width < request.width or answer.height < request.height
        else:
            wrong = (answer.width, answer.height) != (request.width, request.height)
        if wrong:
            raise BadOutput(
                provider.name,
                f"drew {answer.width}x{answer.height}, asked for {request.width}x{request.height}",
                Trace(model=request.model, usage=answer.usage),
                charged=Charged.YES,
            )
        return answer

    def ask() -> ImageAnswer | Pending:
        if isinstance(provider, ImageJobs):
            return provider.submit(request)
        return fits(provider.draw(request))

    return Deal(
        provider=provider.name,
        model=request.model,
        operation="image",
        stage="concepts",
        repeatable=provider.repeatable,
        facts=Facts(
            input_bytes=len(request.prompt.encode()),
            width=request.width,
            height=request.height,
            quality=request.quality,
            references=len(request.references),
            declared=declared.cost if declared else None,
        ),
        asked=request.facts() | ({"declared": declared.sha256} if declared else {}),
        locale=None,
        check=check,
        ask=ask,
        pack=_pack_picture,
        unpack=_unpack_picture,
        collect=_collecting(provider, request, fits) if isinstance(provider, ImageJobs) else None,
        notes=notes,
        labour=declared.labour if declared else None,
    )


def _declared(
    provider: ImageProvider | ImageJobs, request: ImageRequest
) -> tuple[Declaration | None, Unsupported | None]:
    """Return what people declared of a picture, or why there is nothing: that is told in time."""
    if not isinstance(provider, Declares):
        return None, None
    try:
        return provider.declared(request), None
    except Unsupported as error:
        return None, error


def _collecting(
    jobs: ImageJobs, request: ImageRequest, fits: Callable[[ImageAnswer], ImageAnswer]
) -> Callable[[Pending], ImageAnswer | Pending]:
    def collect(pending: Pending) -> ImageAnswer | Pending:
        answer = jobs.collect(request, pending)
        return answer if isinstance(answer, Pending) else fits(answer)

    return collect


def text(
    provider: TextProvider, request: TextRequest, parts: Mapping[str, str] | None = None
) -> Deal[TextAnswer]:
    """Return the deal for one text.

    Args:
        provider: Who writes.
        request: What.
        parts: The fingerprint of each part of it that would do for another request, too.

    """
    return Deal(
        provider=provider.name,
        model=request.model,
        operation="text",
        stage="concepts",
        repeatable=provider.repeatable,
        facts=_text_facts(request),
        asked=request.asked(),
        locale=None,
        check=lambda: None,
        ask=lambda: provider.write(request),
        pack=lambda answer: Packed(canonical(answer.data), answer.usage, _told(parts or {})),
        unpack=lambda kept, content: TextAnswer(_json(content), kept.usage),
        parts=parts or {},
    )


def translation(provider: Translator, request: TranslateRequest) -> Deal[TranslateAnswer]:
    """Return the deal for one message in one locale."""
    by_token = provider.operation == "text"
    letters = (
        provider.letters(request)
        if isinstance(provider, BilledByLetter)
        else sum(map(len, request.segments.values()))
    )
    # What was turned down is said otherwise for some renditions alone.
    again = request.rejected or request.reasons
    parts = {} if again else {slot: fingerprint(request.line(slot)) for slot in request.segments}
    return Deal(
        provider=provider.name,
        model=request.model,
        operation=provider.operation,
        stage="back_translation" if request.literal else "copy",
        repeatable=provider.repeatable,
        facts=_text_facts(text_request(request)) if by_token else Facts(input_characters=letters),
        asked=request.asked(),
        # The copy of which locale it is for, and whose files bear what it costs.
        locale=request.source_locale if request.literal else request.target.tag,
        check=lambda: None,
        ask=lambda: provider.translate(request),
        pack=lambda answer: Packed(
            canonical(dict(answer.segments)),
            answer.usage,
            _told({slot: one for slot, one in parts.items() if slot in answer.segments}),
        ),
        unpack=lambda kept, content: TranslateAnswer(_json(content), kept.usage),
        parts=parts,
    )


def parts_of(kept: Kept) -> Mapping[str, object]:
    """Return the parts that an answer holds; none of one from before they were told."""
    parts = kept.facts.get("parts")
    return parts if isinstance(parts, dict) else {}


def _told(parts: Mapping[str, str]) -> dict[str, JsonValue]:
    return {"parts": dict(parts)} if parts else {}


def _text_facts(request: TextRequest) -> Facts:
    schema = canonical(dict(request.schema_))
    return Facts(
        input_bytes=len(request.system.encode()) + len(request.message.encode()) + len(schema),
        max_output_tokens=request.max_output_tokens,
    )


def _pack_picture(answer: ImageAnswer) -> Packed:
    return Packed(
        content=answer.content,
        usage=answer.usage,
        facts={
            "width": answer.width,
            "height": answer.height,
            "format": answer.format,
            "source_type": answer.source_type.value,
            "placeholder": answer.placeholder,
            "focus": list(answer.focus),
        },
    )


def _unpack_picture(kept: Kept, content: bytes) -> ImageAnswer:
    facts: dict[str, Any] = dict(kept.facts)
    across, down = facts["focus"]
    return ImageAnswer(
        content=content,
        width=facts["width"],
        height=facts["height"],
        format=facts["format"],
        usage=kept.usage,
        source_type=SourceType(facts["source_type"]),
        placeholder=facts["placeholder"],
        focus=(across, down),
    )


def _json(content: bytes) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(content)
    return data
