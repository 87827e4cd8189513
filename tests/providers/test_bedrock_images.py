"""Stability on Bedrock over a real wire: one request each, and every fault has one meaning.

Shapes: the model's page in the user guide of Amazon Bedrock, and the service's error classes in
botocore 1.44.5.
"""

import base64
import logging

import boto3
import pytest
from loopback import Loopback, Told, picture
from pydantic import SecretStr
from vendor_faults import CANARY, broken, check, maybe, no, pictures, yes

from providers import errors, registry
from providers.images.base import ImageAnswer, ImageRequest
from providers.images.bedrock_images import BedrockImages
from providers.settings import ProviderSettings

MODEL = "stability.sd3-5-large-v1:0"


def images(url: str, timeout: float = 20.0) -> BedrockImages:
    """Build the provider over a wire, as the registry does."""
    settings = ProviderSettings(
        aws_access_key_id=SecretStr("AKIAIOSFODNN7EXAMPLE"),
        aws_secret_access_key=SecretStr(CANARY),
        bedrock_endpoint_url=url,
        image_timeout=timeout,
    )
    provider = registry.image_provider("bedrock", settings)
    assert isinstance(provider, BedrockImages)
    return provider


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {"prompt": "A slower morning.", "width": 1024, "height": 1024, "model": MODEL}
    return ImageRequest(**{**facts, **more})


def ask(url: str, timeout: float) -> ImageAnswer:
    """Draw once."""
    return images(url, timeout).draw(request())


def answer(image: str, reason: str | None = None) -> dict[str, object]:
    """Return a body as the model writes it."""
    return {"seeds": [2130420379], "finish_reasons": [reason], "images": [image]}


def ended(reason: str) -> Told:
    """Return an answer that holds a reason and no picture."""
    return Told(200, {"finish_reasons": [reason]}, RECEIPT)


def failed(status: int, code: str) -> Told:
    """Return a fault as the service writes it."""
    headers = {"x-amzn-ErrorType": code, **RECEIPT}
    return Told(status, {"message": f"{code}: {CANARY}"}, headers)


RECEIPT = {"x-amzn-RequestId": "req_1"}
WHOLE = base64.b64encode(picture(1024, 1024)).decode()
GOOD = Told(200, answer(WHOLE), RECEIPT)
FAULTS = {
    "Validation": no(failed(400, "ValidationException"), errors.InvalidRequest),
    "ServiceQuota": no(failed(400, "ServiceQuotaExceededException"), errors.QuotaExceeded),
    "AccessDenied": no(failed(403, "AccessDeniedException"), errors.NotConfigured),
    "Unrecognized": no(failed(403, "UnrecognizedClientException"), errors.NotConfigured),
    "ExpiredToken": no(failed(403, "ExpiredTokenException"), errors.NotConfigured),
    "ResourceNotFound": no(failed(404, "ResourceNotFoundException"), errors.ModelGone),
    "ModelTimeout": maybe(failed(408, "ModelTimeoutException"), errors.OutcomeUnknown),
    "Conflict": maybe(failed(409, "ConflictException"), errors.OutcomeUnknown),
    "ModelError": maybe(failed(424, "ModelErrorException"), errors.OutcomeUnknown),
    "Throttling": no(failed(429, "ThrottlingException"), errors.RateLimited),
    "ModelNotReady": no(failed(429, "ModelNotReadyException"), errors.Unavailable),
    "InternalServer": maybe(failed(500, "InternalServerException"), errors.OutcomeUnknown),
    "ServiceUnavailable": no(failed(503, "ServiceUnavailableException"), errors.Unavailable),
    "unknown_code": maybe(failed(500, "NobodyKnowsException"), errors.OutcomeUnknown),
    "200_prompt": no(ended("Filter reason: prompt"), errors.RefusedInput),
    "200_input_image": no(ended("Filter reason: input image"), errors.RefusedInput),
    "200_output_image": yes(ended("Filter reason: output image"), errors.RefusedOutput),
    "200_inference_error": maybe(ended("Inference error"), errors.BadOutput),
    "200_new_reason": maybe(ended("Filter reason: something new"), errors.BadOutput),
    "200_no_image": yes(Told(200, {"finish_reasons": [None]}), errors.BadOutput),
    "200_two_images": yes(
        Told(200, {"finish_reasons": [None], "images": [WHOLE] * 2}), errors.BadOutput
    ),
    "200_odd_shapes": yes(Told(200, {"finish_reasons": {}, "images": [5]}), errors.BadOutput),
    **pictures(answer),
    **broken(GOOD),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_one_meaning_and_costs_one_request(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With the SDK's own retries one slow answer was measured to buy three pictures."""
    caplog.set_level(logging.INFO)
    check("bedrock", fault, FAULTS[fault], ask, lambda: caplog.text)


def test_a_picture_comes_with_its_receipt() -> None:
    """The answer counts nothing: one picture is one price, and the receipt finds it in a bill."""
    content = base64.b64encode(picture(768, 1344)).decode()
    with Loopback(lambda _asked: Told(200, answer(content), RECEIPT)) as server:
        drawn = images(server.url).draw(request(width=768, height=1344, seed=7))

    [asked] = server.asked
    assert asked.path == "/model/stability.sd3-5-large-v1%3A0/invoke"
    # The region is in what is signed: elsewhere there are no such models.
    assert "/us-west-2/bedrock/aws4_request" in asked.headers["authorization"]
    assert asked.json == {
        "prompt": "A slower morning.",
        "mode": "text-to-image",
        "aspect_ratio": "9:16",
        "output_format": "png",
        "seed": 7,
    }
    assert (drawn.width, drawn.height, drawn.format) == (768, 1344, "png")
    assert drawn.usage.quantities == {"image": 1}
    assert drawn.usage.receipt == "req_1"


def test_what_it_cannot_draw_is_refused_before_it_is_sent() -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with (
        Loopback(lambda _asked: GOOD) as server,
        pytest.raises(errors.Unsupported, match="not 1280x720"),
    ):
        images(server.url).draw(request(width=1280, height=720))

    assert server.asked == []


def shapes() -> list[str]:
    """Return the names of all that the operation can raise, as the SDK knows them."""
    client = boto3.client("bedrock-runtime", region_name="us-west-2")
    operation = client.meta.service_model.operation_model("InvokeModel")
    return [shape.name for shape in operation.error_shapes]


@pytest.mark.parametrize("name", shapes())
def test_every_error_of_the_sdk_is_in_the_table(name: str) -> None:
    """A release that adds one fails here and not in a campaign."""
    assert name in {case.told.headers.get("x-amzn-ErrorType") for case in FAULTS.values()}
