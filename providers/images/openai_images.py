"""OpenAI's image models, behind ``ImageProvider``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import openai
from pydantic import Field

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Trace
from providers.images.arrived import arrived, suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.media_type import ENDINGS
from providers.models import ModelTable
from providers.openai_account import Account
from providers.reply import Part, counted

MAX_ANSWER = 80_000_000
"""Bytes: base64 of the largest picture, uncompressed, and half as much again."""


class _Details(Part):
    image_tokens: int = Field(default=0, ge=0, le=10**8)
    text_tokens: int = Field(default=0, ge=0, le=10**8)


class _Usage(Part):
    input_tokens: int = Field(ge=0, le=10**8)
    output_tokens: int = Field(gt=0, le=10**8)
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None


class OpenAIImages:
    """Draws with OpenAI's models, in one paid call a picture.

    Args:
        account: Where to send, with a client that never retries.
        models: What each model can do.
        deployments: By model, what the account calls it, where that is another name.

    """

    repeatable = False

    def __init__(
        self, account: Account, models: ModelTable, deployments: Mapping[str, str] | None = None
    ) -> None:
        self._account = account
        self._models = models
        self._deployments = deployments or {}

    @property
    def name(self) -> str:
        """Return its name in the registry, the price book and the ledger."""
        return self._account.provider

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(self.name, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._models.find(self.name, "image", model).capabilities

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one picture, from words alone or after references."""
        suited(self.name, self.capabilities(request.model), request)
        try:
            raw = self._send(request)
        except openai.OpenAIError as error:
            # Not chained: the SDK's error holds the request, and the request holds the key.
            raise self._account.ours(error, request.model) from None
        receipt = raw.headers.get("x-request-id", "")
        body = self._account.body(raw.http_response, request.model)
        usage = _usage(body.get("usage"), request.model, receipt)
        trace = Trace(model=request.model, status=200, request_id=receipt, usage=usage)
        return arrived(self.name, request, self._content(body, trace), usage, trace)

    def _content(self, body: dict[str, Any], trace: Trace) -> str:
        data = body.get("data")
        if not isinstance(data, list) or len(data) != 1 or not isinstance(data[0], dict):
            count = len(data) if isinstance(data, list) else 0
            said = f"{count} came where 1 was asked for"
            raise self._account.failed(errors.BadOutput, said, trace)
        text = data[0].get("b64_json")
        return text if isinstance(text, str) else ""

    def _send(self, request: ImageRequest) -> Any:
        asked: dict[str, Any] = {
            "model": self._deployments.get(request.model, request.model),
            "prompt": request.prompt,
            "size": f"{request.width}x{request.height}",
            "quality": request.quality,
            "output_format": "png",
            "n": 1,
        }
        images = self._account.client.images.with_raw_response
        if not request.references:
            return images.generate(**asked)
        files = [
            (f"reference-{number}.{ENDINGS[one.media_type]}", one.content, one.media_type)
            for number, one in enumerate(request.references, start=1)
        ]
        return images.edit(image=files, **asked)


def _usage(data: object, model: str, receipt: str) -> Usage:
    """Return what was consumed; without quantities where the answer does not say."""
    usage: _Usage | None = counted(_Usage, data)
    if usage is None:
        return Usage(model=model, quantities={}, receipt=receipt)
    images_in = usage.input_tokens_details.image_tokens if usage.input_tokens_details else 0
    # The Images endpoints often leave the details out; what they put out then is pictures, and
    # a price of text would be a third of the bill.
    text_out = usage.output_tokens_details.text_tokens if usage.output_tokens_details else 0
    quantities = {
        "input_text_token": max(usage.input_tokens - images_in, 0),
        "input_image_token": min(images_in, usage.input_tokens),
        "output_image_token": max(usage.output_tokens - text_out, 0),
        "output_text_token": min(text_out, usage.output_tokens),
    }
    return Usage(
        model=model,
        quantities={unit: Decimal(count) for unit, count in quantities.items() if count},
        receipt=receipt,
    )
