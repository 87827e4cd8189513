"""Those who draw over wires of their own keep the contract that ships for plugins."""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from loopback import BREAKS, Asked, Loopback, Told, picture
from pydantic import SecretStr
from vendor_faults import CANARY

from providers import registry
from providers.contract.images import ImageProviderContract
from providers.contract.rig import Fault, ImageRig, Rig
from providers.images.base import ImageRequest
from providers.settings import ProviderSettings

WHOLE = picture(1024, 1024)
HURRY = 0.3
"""Seconds of patience with a wire that says nothing."""
AT_ONCE = "its answer holds the picture itself"
NUMBERED = {"x-request-id": "r1", "x-amzn-RequestId": "r1"}


def failed(status: int, code: str) -> Told:
    """Return a fault as most vendors write it, with the key repeated."""
    return Told(status, {"error": {"code": code, "message": f"{code}: {CANARY}"}, "name": code})


def aws(status: int, code: str) -> Told:
    """Return a fault as Amazon writes it."""
    return Told(status, {"message": f"{code}: {CANARY}"}, {"x-amzn-ErrorType": code})


USUAL = {
    Fault.RATE_LIMITED: failed(429, "rate_limit_exceeded"),
    Fault.OVERLOADED: failed(503, "unavailable"),
    Fault.NO_KEY: failed(401, "unauthorized"),
    Fault.NO_MONEY: failed(402, "payment_required"),
    Fault.NO_MODEL: failed(404, "not_found"),
}
AWS = {
    Fault.RATE_LIMITED: aws(429, "ThrottlingException"),
    Fault.OVERLOADED: aws(503, "ServiceUnavailableException"),
    Fault.NO_KEY: aws(403, "UnrecognizedClientException"),
    Fault.NO_MONEY: aws(400, "ServiceQuotaExceededException"),
    Fault.NO_MODEL: aws(404, "ResourceNotFoundException"),
    Fault.REFUSED: Told(200, {"finish_reasons": ["Filter reason: prompt"]}),
    Fault.EMPTY: Told(200, {"finish_reasons": [None], "images": []}),
}


@dataclass(frozen=True)
class Vendor:
    """One vendor: how its account is told, and how it answers."""

    name: str
    model: str
    settings: Callable[[str], dict[str, Any]]
    body: Callable[[str], Any]
    """Makes an answer of a picture's base64."""
    faults: Mapping[Fault, Told]


def _gemini(image: str) -> dict[str, Any]:
    parts = [{"inlineData": {"mimeType": "image/png", "data": image}}]
    usage = {"promptTokenCount": 12, "candidatesTokenCount": 1120}
    candidate = {"content": {"parts": parts}, "finishReason": "STOP"}
    return {"candidates": [candidate], "usageMetadata": usage, "responseId": "r1"}


def _azure(image: str) -> dict[str, Any]:
    return {"data": [{"b64_json": image}], "usage": {"input_tokens": 40, "output_tokens": 1756}}


VENDORS = (
    Vendor(
        "stability",
        "stable-image-ultra",
        lambda url: {"stability_api_key": SecretStr(CANARY), "stability_base_url": url},
        lambda image: {"image": image, "finish_reason": "SUCCESS", "seed": 1},
        {
            **USUAL,
            Fault.REFUSED: failed(403, "content_moderation"),
            Fault.EMPTY: Told(200, {"finish_reason": "SUCCESS"}),
        },
    ),
    Vendor(
        "gemini",
        "gemini-3-pro-image",
        lambda url: {"gemini_api_key": SecretStr(CANARY), "gemini_base_url": url},
        _gemini,
        {
            **USUAL,
            Fault.REFUSED: Told(200, {"promptFeedback": {"blockReason": "SAFETY"}}),
            Fault.EMPTY: Told(200, {"candidates": []}),
        },
    ),
    Vendor(
        "azure-openai",
        "gpt-image-2",
        lambda url: {
            "azure_openai_api_key": SecretStr(CANARY),
            "azure_openai_endpoint": url,
            "azure_openai_deployments": {"drawing": "gpt-image-2"},
        },
        _azure,
        {
            **USUAL,
            Fault.NO_MONEY: failed(429, "insufficient_quota"),
            Fault.REFUSED: failed(400, "contentFilter"),
            Fault.EMPTY: Told(200, {"data": []}),
        },
    ),
    Vendor(
        "bedrock",
        "stability.sd3-5-large-v1:0",
        lambda url: {
            "aws_access_key_id": SecretStr("AKIAIOSFODNN7EXAMPLE"),
            "aws_secret_access_key": SecretStr(CANARY),
            "bedrock_endpoint_url": url,
        },
        lambda image: {"seeds": [1], "finish_reasons": [None], "images": [image]},
        AWS,
    ),
)


class Wire:
    """Answers well, but for what was put into its queue."""

    def __init__(self, good: Callable[[Asked], Told]) -> None:
        self._good = good
        self._next: list[Told | None] = []

    def play(self, *told: Told | None) -> Callable[[], None]:
        """Return what makes the next requests be answered so; None is a good answer."""
        return lambda: self._next.extend(told)

    def answer(self, asked: Asked) -> Told:
        """Answer one request."""
        return (self._next.pop(0) if self._next else None) or self._good(asked)


def _request(model: str) -> ImageRequest:
    return ImageRequest(prompt="A slower morning.", width=1024, height=1024, model=model)


@contextmanager
def drawing(vendor: Vendor) -> Iterator[ImageRig]:
    """Open the wire of one who answers with a picture."""

    def good(content: bytes = WHOLE) -> Told:
        return Told(200, vendor.body(base64.b64encode(content).decode()), NUMBERED)

    wire = Wire(lambda _asked: good())
    faults = {
        **vendor.faults,
        Fault.LOST: BREAKS["drop"](good()),
        Fault.HANG: BREAKS["hang"](good()),
        Fault.DRIP: BREAKS["drip"](good()),
        Fault.CUT: BREAKS["cut"](good()),
        Fault.NO_JSON: BREAKS["html"](good()),
        Fault.WRONG_SIZE: good(picture(512, 512)),
        Fault.NOT_A_PICTURE: good(WHOLE[:-20]),
    }
    with Loopback(wire.answer) as server:

        def built(patience: float) -> Any:
            told = ProviderSettings(**vendor.settings(server.url), image_timeout=patience)
            return registry.image_provider(vendor.name, told)

        yield Rig(
            provider=built(20),
            hurried=built(HURRY),
            without={Fault.EXPIRED: AT_ONCE},
            request=_request(vendor.model),
            sent=lambda: len(server.asked),
            faults={fault: wire.play(told) for fault, told in faults.items()},
            secrets=(CANARY,),
        )


@contextmanager
def ideogram() -> Iterator[ImageRig]:
    """Open Ideogram's wire, whose answer is an address."""

    def good(asked: Asked) -> Told:
        if asked.method == "GET":
            return Told(200, WHOLE, {"Content-Type": "image/png"})
        one = {"url": f"http://{asked.headers['host']}/r.png", "is_image_safe": True}
        return Told(200, {"data": [one], "generation_id": "g1"})

    wire = Wire(good)
    with Loopback(wire.answer) as server:

        def built(patience: float) -> Any:
            told = {"ideogram_api_key": SecretStr(CANARY), "ideogram_base_url": server.url}
            settings = ProviderSettings(**told, image_timeout=patience)
            return registry.image_provider("ideogram", settings)

        yield Rig(
            provider=built(20),
            hurried=built(HURRY),
            request=_request("ideogram-v3"),
            sent=lambda: sum(asked.method == "POST" for asked in server.asked),
            faults={
                **{fault: wire.play(told) for fault, told in USUAL.items()},
                Fault.REFUSED: wire.play(failed(422, "unsafe")),
                Fault.EMPTY: wire.play(Told(200, {"data": []})),
                Fault.LOST: wire.play(Told(how="drop")),
                Fault.HANG: wire.play(Told(how="hang")),
                Fault.DRIP: wire.play(Told(200, {"data": []}, how="drip")),
                Fault.CUT: wire.play(Told(200, {"data": []}, how="cut")),
                Fault.EXPIRED: wire.play(None, Told(410)),
                Fault.NO_JSON: wire.play(BREAKS["html"](Told())),
                Fault.WRONG_SIZE: wire.play(None, Told(200, picture(512, 512))),
                Fault.NOT_A_PICTURE: wire.play(None, Told(200, WHOLE[:-20])),
            },
            secrets=(CANARY,),
        )


class TestPictures(ImageProviderContract):
    """Whoever draws at once, and who names an address."""

    covers = (*(one.name for one in VENDORS), "ideogram")

    @pytest.fixture(params=[*VENDORS, None], ids=lambda one: one.name if one else "ideogram")
    def rig(self, request: pytest.FixtureRequest) -> Iterator[ImageRig]:
        """Open the wire of one vendor."""
        with drawing(request.param) if request.param else ideogram() as rig:
            yield rig
