"""Stability's models on Amazon Bedrock, behind ``ImageProvider``."""

import base64
import json
from decimal import Decimal
from typing import Any

from cost_tracking.usage import Usage
from providers import errors
from providers.aws_account import AwsAccount
from providers.errors import Charged, ProviderError, Trace
from providers.images.arrived import arrived, suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.ratios import ratio
from providers.images.stability_images import LAST_SEED, MAX_ANSWER, RATIOS, STRENGTH
from providers.models import ModelTable

__all__ = ["MAX_ANSWER", "NAME", "SERVICE", "BedrockImages"]

NAME = "bedrock"
SERVICE = "bedrock-runtime"
REASONS: dict[str, tuple[type[ProviderError], Charged]] = {
    "Filter reason: prompt": (errors.RefusedInput, Charged.NO),
    "Filter reason: input image": (errors.RefusedInput, Charged.NO),
    "Filter reason: output image": (errors.RefusedOutput, Charged.YES),
}
"""What a reason to end means, on an answer whose status is 200; any other is unknown to us."""


class BedrockImages:
    """Draws with Stability's models on Bedrock, in one paid call a picture.

    Args:
        account: A client of ``bedrock-runtime`` that never retries.
        models: What each model can do.

    """

    name = NAME
    repeatable = False

    def __init__(self, account: AwsAccount, models: ModelTable) -> None:
        self._account = account
        self._models = models

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._models.find(NAME, "image", model).capabilities

    def draw(self, request: ImageRequest) -> ImageAnswer:
        """Draw one picture from words, or a sketch anew."""
        suited(NAME, self.capabilities(request.model), request)
        asked: dict[str, Any] = {
            "prompt": request.prompt,
            "mode": "text-to-image",
            "aspect_ratio": ratio(request.width, request.height, RATIOS),
            "output_format": "png",
            "seed": request.seed % (LAST_SEED + 1),
        }
        for one in request.references:
            del asked["aspect_ratio"]
            picture = base64.b64encode(one.content).decode()
            asked |= {"mode": "image-to-image", "image": picture, "strength": float(STRENGTH)}
        answer = self._account.call(
            "invoke_model",
            request.model,
            {
                "modelId": request.model,
                "body": json.dumps(asked).encode(),
                "contentType": "application/json",
                "accept": "application/json",
            },
        )
        receipt = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
        # The answer counts nothing: one picture is one price.
        usage = Usage(model=request.model, quantities={"image": Decimal(1)}, receipt=receipt)
        trace = Trace(model=request.model, status=200, request_id=receipt, usage=usage)
        data = self._object(answer["body"].read(), trace)
        return arrived(NAME, request, self._content(data, trace), usage, trace)

    def _object(self, raw: bytes, trace: Trace) -> dict[str, Any]:
        try:
            data = json.loads(raw)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise self._account.failed(
                errors.BadOutput,
                f"answered {len(raw)} bytes, which are no JSON object",
                trace,
                charged=Charged.MAYBE,
            )
        return data

    def _content(self, data: dict[str, Any], trace: Trace) -> str:
        reasons = data.get("finish_reasons")
        reason = reasons[0] if isinstance(reasons, list) and reasons else None
        if reason is not None:
            kind, charged = REASONS.get(str(reason), (errors.BadOutput, Charged.MAYBE))
            raise self._account.failed(kind, str(reason)[:200], trace, charged=charged)
        images = data.get("images")
        if not isinstance(images, list) or len(images) != 1 or not isinstance(images[0], str):
            count = len(images) if isinstance(images, list) else 0
            said = f"{count} pictures came where 1 was asked for"
            raise self._account.failed(errors.BadOutput, said, trace)
        return str(images[0])
