"""Stability over a real wire: one request each, and every fault has one meaning.

Shapes: https://platform.stability.ai/docs/api-reference, v2beta: an answer, and ``{id, name,
errors}`` for what failed.
"""

import base64
import contextlib
import logging
from typing import Any

import pytest
from loopback import Loopback, Told, picture
from pydantic import SecretStr
from vendor_faults import CANARY, broken, check, maybe, no, pictures, yes

from cost_tracking.attempts import State
from cost_tracking.money import Money
from cost_tracking.prices import price_book
from providers import errors, registry
from providers.errors import ProviderError
from providers.images.base import ImageAnswer, ImageRequest, Reference
from providers.images.ratios import ratio
from providers.images.stability_images import RATIOS, StabilityImages
from providers.models import model_table
from providers.settings import ProviderSettings


def images(url: str, timeout: float = 20.0) -> StabilityImages:
    """Build the provider over a wire, as the registry does."""
    settings = ProviderSettings(
        stability_api_key=SecretStr(CANARY), stability_base_url=url, image_timeout=timeout
    )
    provider = registry.image_provider("stability", settings)
    assert isinstance(provider, StabilityImages)
    return provider


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {
        "prompt": "A slower morning.",
        "width": 1024,
        "height": 1024,
        "model": "stable-image-ultra",
    }
    return ImageRequest(**{**facts, **more})


def ask(url: str, timeout: float) -> ImageAnswer:
    """Draw once."""
    return images(url, timeout).draw(request())


def answer(image: str, reason: str | None = "SUCCESS") -> dict[str, object]:
    """Return a body as the service writes it."""
    return {"image": image, "finish_reason": reason, "seed": 343940597}


def failed(status: int, name: str, **headers: str) -> Told:
    """Return a fault; the real service repeats what it was sent."""
    return Told(status, {"id": "a1b2", "name": name, "errors": [f"{name}: {CANARY}"]}, headers)


PRICE = Money.of("0.08", "USD")
WHOLE = base64.b64encode(picture(1024, 1024)).decode()
GOOD = Told(200, answer(WHOLE), {"x-request-id": "req_1"})
FAULTS = {
    "bad_request": no(failed(400, "bad_request"), errors.InvalidRequest),
    "unauthorized": no(failed(401, "unauthorized"), errors.NotConfigured),
    "payment_required": no(failed(402, "payment_required"), errors.QuotaExceeded),
    "content_moderation": no(failed(403, "content_moderation"), errors.RefusedInput),
    "forbidden": no(failed(403, "forbidden"), errors.NotConfigured),
    "not_found": no(failed(404, "not_found"), errors.ModelGone),
    "payload_too_large": no(failed(413, "payload_too_large"), errors.InvalidRequest),
    "invalid_language": no(failed(422, "invalid_language"), errors.InvalidRequest),
    "rate_limit_exceeded": no(failed(429, "rate_limit_exceeded"), errors.RateLimited),
    "internal_error": maybe(failed(500, "internal_error"), errors.OutcomeUnknown),
    "unavailable": no(failed(503, "unavailable"), errors.Unavailable),
    "timeout": maybe(failed(504, "timeout"), errors.OutcomeUnknown),
    "200_filtered": yes(Told(200, answer(WHOLE, "CONTENT_FILTERED")), errors.RefusedOutput),
    "200_filtered_empty": yes(Told(200, answer("", "CONTENT_FILTERED")), errors.RefusedOutput),
    "200_error": yes(Told(200, answer(WHOLE, "ERROR")), errors.BadOutput),
    "200_no_image": yes(Told(200, {"finish_reason": "SUCCESS"}), errors.BadOutput),
    **pictures(answer),
    **broken(GOOD),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_one_meaning_and_costs_one_request(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is charged and called free is bought twice; what is free and called lost stops a run."""
    caplog.set_level(logging.DEBUG)
    check("stability", fault, FAULTS[fault], ask, lambda: caplog.text)


def test_a_picture_is_asked_for_in_a_form() -> None:
    """The service reads forms and nothing else, and pixels are told as a ratio."""
    with Loopback(lambda _asked: Told(200, answer(wide), {"x-request-id": "req_1"})) as server:
        drawn = images(server.url).draw(
            request(width=1344, height=768, model="sd3.5-large", seed=7)
        )

    [asked] = server.asked
    assert asked.path == "/v2beta/stable-image/generate/sd3"
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {CANARY}"
    assert asked.form == {
        "prompt": "A slower morning.",
        "aspect_ratio": "16:9",
        "output_format": "png",
        "seed": "7",
        "model": "sd3.5-large",
        "mode": "text-to-image",
    }
    assert (drawn.width, drawn.height, drawn.format) == (1344, 768, "png")
    assert drawn.usage.quantities == {"image": 1}
    assert drawn.usage.receipt == "req_1"


wide = base64.b64encode(picture(1344, 768)).decode()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"width": 1280, "height": 720}, "1344x768"),
        ({"prompt": "x" * 10_001}, "10000 characters"),
        ({"model": "sd3.5-huge"}, "did you mean"),
        (
            {"references": (Reference(content=picture(8, 8), media_type="image/png"),)},
            "0 references",
        ),
    ],
)
def test_what_it_cannot_draw_is_refused_before_it_is_sent(
    more: dict[str, object], words: str
) -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with (
        Loopback(lambda _asked: GOOD) as server,
        pytest.raises(errors.Unsupported, match=words),
    ):
        images(server.url).draw(request(**more))

    assert server.asked == []


def test_each_size_has_a_ratio_of_its_own() -> None:
    """Two sizes of one name would draw the same picture, and one of them is refused, and paid."""
    for model in model_table().model:
        if model.provider in {"stability", "bedrock"} and model.operation == "image":
            assert len({ratio(*size, RATIOS) for size in model.sizes}) == len(model.sizes)


def test_each_model_has_a_price() -> None:
    """A model without one stops a run at its first picture."""
    on = price_book().prices[0].checked_on
    for model in model_table().model:
        if model.provider in {"stability", "bedrock", "ideogram", "gemini"}:
            assert price_book().entry(model.provider, model.model, model.operation, on).estimates


@pytest.mark.parametrize(
    ("fault", "entered"),
    [
        (None, (State.SETTLED, False, PRICE)),
        ("200_filtered", (State.SETTLED, True, PRICE)),
        ("wrong_size", (State.SETTLED, True, PRICE)),
        ("content_moderation", (State.RELEASED, False, None)),
        ("cut", (State.SUSPECT, False, None)),
    ],
)
def test_the_ledger_holds_what_each_outcome_costs(
    office: Any, fault: str | None, entered: tuple[State, bool, Money | None]
) -> None:
    """What a vendor bills for and nobody entered is found by an accountant, months later."""
    told = FAULTS[fault].told if fault else GOOD
    with Loopback(lambda _asked: told) as server, contextlib.suppress(ProviderError):
        office.runner().draw(images(server.url), request(), campaign="spring", run="r1", asset="c1")

    [attempt] = office.all()
    assert (attempt.state, attempt.waste, attempt.amount) == entered
    assert len(server.asked) == 1
