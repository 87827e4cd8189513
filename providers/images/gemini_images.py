"""Google's Gemini image models, behind ``ImageProvider``: ``generateContent`` over REST.

Its SDK adds nothing that we need, and takes most of a second to import.
"""

import base64
from decimal import Decimal
from typing import Any

from pydantic import Field

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Charged, Trace
from providers.google_account import NAME, refused
from providers.images.arrived import arrived, suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.ratios import ratio
from providers.models import ModelTable
from providers.reply import Part, counted
from providers.rest import Rest

MAX_ANSWER = 120_000_000
"""Bytes: base64 of a 4K picture, uncompressed, and half as much again."""
RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
TIERS = ((724, "512"), (1448, "1K"), (2896, "2K"))
"""The edge of a square of as many pixels, below which a size is of this tier; else it is 4K."""
WITHHELD = frozenset(
    {
        "BLOCKLIST",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "RECITATION",
        "SAFETY",
        "SPII",
    }
)
"""Reasons to end after work was begun: its tokens are billed."""


class _Modality(Part):
    modality: str = ""
    token_count: int = Field(default=0, ge=0, le=10**8, alias="tokenCount")


class _Usage(Part):
    prompt: int = Field(default=0, ge=0, le=10**8, alias="promptTokenCount")
    drawn: int = Field(default=0, ge=0, le=10**8, alias="candidatesTokenCount")
    thought: int = Field(default=0, ge=0, le=10**8, alias="thoughtsTokenCount")
    prompt_details: list[_Modality] = Field(default=[], alias="promptTokensDetails")
    drawn_details: list[_Modality] = Field(default=[], alias="candidatesTokensDetails")


class GeminiImages:
    """Draws with Gemini's image models, in one paid call a picture.

    Args:
        rest: The account, with its key in a header.
        models: What each model can do.

    """

    name = NAME
    repeatable = False

    def __init__(self, rest: Rest, models: ModelTable) -> None:
        self._rest = rest
        self._models = models

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._models.find(NAME, "image", model).capabilities

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one picture, from words alone or after references."""
        suited(NAME, self.capabilities(request.model), request)
        reply = self._rest.json(
            "POST",
            f"/v1/models/{request.model}:generateContent",
            _asked(request),
            model=request.model,
            sent_is_billed=True,
        )
        if not reply.ok:
            raise refused(reply, request.model)
        receipt = reply.data.get("responseId")
        usage = _usage(reply.data.get("usageMetadata"), request.model, receipt)
        trace = Trace(
            model=request.model, status=reply.status, request_id=usage.receipt, usage=usage
        )
        return arrived(NAME, request, _content(reply.data, trace), usage, trace)


def _asked(request: ImageRequest) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": request.prompt}]
    parts += [
        {
            "inlineData": {
                "mimeType": one.media_type,
                "data": base64.b64encode(one.content).decode(),
            }
        }
        for one in request.references
    ]
    edge = (request.width * request.height) ** 0.5
    tier = next((name for limit, name in TIERS if edge < limit), "4K")
    return {
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {
                "aspectRatio": ratio(request.width, request.height, RATIOS),
                "imageSize": tier,
            },
        },
    }


def _content(data: dict[str, Any], trace: Trace) -> str:
    """Return the one picture's base64, or raise what became of it."""
    feedback = data.get("promptFeedback")
    blocked = feedback.get("blockReason") if isinstance(feedback, dict) else None
    if blocked:
        # What the filter read is counted, and what is counted is billed.
        read = trace.usage is not None and bool(trace.usage.quantities)
        raise errors.RefusedInput(
            NAME,
            f"{blocked}: the prompt was blocked; reword the direction",
            trace,
            charged=Charged.YES if read else Charged.NO,
        )
    candidates = data.get("candidates")
    first = candidates[0] if isinstance(candidates, list) and candidates else None
    ended = str(first.get("finishReason", "")) if isinstance(first, dict) else ""
    if ended in WITHHELD:
        raise errors.RefusedOutput(NAME, f"{ended}: the picture is withheld", trace)
    if ended == "MAX_TOKENS":
        raise errors.Truncated(NAME, "MAX_TOKENS: the picture was cut off", trace)
    pictures = _pictures(first)
    if len(pictures) != 1:
        said = f"{ended or 'no reason'}: {len(pictures)} pictures came where 1 was asked for"
        raise errors.BadOutput(NAME, said, trace)
    return pictures[0]


def _pictures(candidate: Any) -> list[str]:
    content = candidate.get("content") if isinstance(candidate, dict) else None
    parts = content.get("parts") if isinstance(content, dict) else None
    # A model that thinks in pictures sends those too.
    shown = [
        one.get("inlineData")
        for one in (parts if isinstance(parts, list) else [])
        if isinstance(one, dict) and not one.get("thought")
    ]
    texts = [one.get("data") for one in shown if isinstance(one, dict)]
    return [one if isinstance(one, str) else "" for one in texts]


def _usage(data: object, model: str, receipt: object) -> Usage:
    """Return what was consumed; without quantities where the answer does not say."""
    usage: _Usage | None = counted(_Usage, data)
    number = receipt if isinstance(receipt, str) else ""
    if usage is None:
        return Usage(model=model, quantities={}, receipt=number)
    images_in = min(_of_images(usage.prompt_details), usage.prompt)
    # Without details all of it counts as pictures, which cost ten times as much as text.
    told = _of_images(usage.drawn_details) if usage.drawn_details else usage.drawn
    images_out = min(told, usage.drawn)
    quantities = {
        "input_text_token": usage.prompt - images_in,
        "input_image_token": images_in,
        "output_image_token": images_out,
        "output_text_token": usage.drawn - images_out + usage.thought,
    }
    return Usage(
        model=model,
        quantities={unit: Decimal(count) for unit, count in quantities.items() if count},
        receipt=number,
    )


def _of_images(details: list[_Modality]) -> int:
    return sum(one.token_count for one in details if one.modality == "IMAGE")
