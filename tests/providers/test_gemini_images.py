"""Gemini's pictures over a real wire: one request each, and every fault has one meaning.

Shapes: https://ai.google.dev/api/generate-content, and google.rpc.Status for what failed.
"""

import base64
import logging
from typing import Any

import pytest
from loopback import Loopback, Told, picture
from pydantic import SecretStr
from vendor_faults import CANARY, broken, check, maybe, no, pictures, yes

from cost_tracking.prices import price_book
from providers import errors, registry
from providers.errors import Charged, ProviderError
from providers.images.base import ImageAnswer, ImageRequest, Reference
from providers.images.gemini_images import GeminiImages
from providers.settings import ProviderSettings

TOKENS = {
    "promptTokenCount": 12,
    "candidatesTokenCount": 1130,
    "thoughtsTokenCount": 200,
    "totalTokenCount": 1342,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}],
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
}


def images(url: str, timeout: float = 20.0) -> GeminiImages:
    """Build the provider over a wire, as the registry does."""
    settings = ProviderSettings(
        gemini_api_key=SecretStr(CANARY), gemini_base_url=url, image_timeout=timeout
    )
    provider = registry.image_provider("gemini", settings)
    assert isinstance(provider, GeminiImages)
    return provider


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {
        "prompt": "A slower morning.",
        "width": 1024,
        "height": 1024,
        "model": "gemini-3-pro-image",
    }
    return ImageRequest(**{**facts, **more})


def ask(url: str, timeout: float) -> ImageAnswer:
    """Draw once."""
    return images(url, timeout).draw(request())


def shown(image: str, **more: Any) -> dict[str, Any]:
    """Return a part with a picture."""
    return {"inlineData": {"mimeType": "image/png", "data": image}, **more}


def answer(*parts: dict[str, Any], ended: str = "STOP", **more: Any) -> dict[str, Any]:
    """Return a body as the service writes it."""
    content = {"role": "model", "parts": list(parts)}
    candidate = {"content": content, "finishReason": ended, "index": 0}
    return {"candidates": [candidate], "usageMetadata": TOKENS, "responseId": "resp_1", **more}


def withheld(ended: str) -> Told:
    """Return an answer whose picture is kept back."""
    candidate = {"finishReason": ended, "index": 0}
    return Told(200, {"candidates": [candidate], "usageMetadata": TOKENS, "responseId": "resp_1"})


def blocked(reason: str, **usage: Any) -> Told:
    """Return an answer to a prompt that did not pass."""
    return Told(200, {"promptFeedback": {"blockReason": reason}, "responseId": "resp_1", **usage})


def failed(code: int, status: str, *details: dict[str, Any]) -> Told:
    """Return a fault; the real service repeats a key that it refuses."""
    said = {"code": code, "message": f"{status}: {CANARY}", "status": status}
    return Told(code, {"error": {**said, "details": list(details)}})


def reason(name: str) -> dict[str, str]:
    """Return a detail of a fault."""
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": name}


WHOLE = base64.b64encode(picture(1024, 1024)).decode()
GOOD = Told(200, answer(shown(WHOLE)))
COUNTED = {"usageMetadata": {"promptTokenCount": 12, "totalTokenCount": 12}}
REFUSED = (
    "SAFETY",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "RECITATION",
    "SPII",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
)
FAULTS = {
    "INVALID_ARGUMENT": no(failed(400, "INVALID_ARGUMENT"), errors.InvalidRequest),
    "API_KEY_INVALID": no(
        failed(400, "INVALID_ARGUMENT", reason("API_KEY_INVALID")), errors.NotConfigured
    ),
    "FAILED_PRECONDITION": no(failed(400, "FAILED_PRECONDITION"), errors.NotConfigured),
    "UNAUTHENTICATED": no(failed(401, "UNAUTHENTICATED"), errors.NotConfigured),
    "PERMISSION_DENIED": no(failed(403, "PERMISSION_DENIED"), errors.NotConfigured),
    "NOT_FOUND": no(failed(404, "NOT_FOUND"), errors.ModelGone),
    "RESOURCE_EXHAUSTED": no(failed(429, "RESOURCE_EXHAUSTED"), errors.RateLimited),
    "RESOURCE_EXHAUSTED_day": no(
        failed(429, "RESOURCE_EXHAUSTED", {"violations": [{"quotaId": "ImagesPerDay"}]}),
        errors.QuotaExceeded,
    ),
    "SERVICE_DISABLED": no(
        failed(400, "INVALID_ARGUMENT", {"reason": "SERVICE_DISABLED"}), errors.NotConfigured
    ),
    "CANCELLED": maybe(failed(499, "CANCELLED"), errors.OutcomeUnknown),
    "INTERNAL": maybe(failed(500, "INTERNAL"), errors.OutcomeUnknown),
    "UNAVAILABLE": no(failed(503, "UNAVAILABLE"), errors.Unavailable),
    "DEADLINE_EXCEEDED": maybe(failed(504, "DEADLINE_EXCEEDED"), errors.OutcomeUnknown),
    "200_blocked": no(blocked("SAFETY"), errors.RefusedInput),
    "200_blocked_counted": yes(blocked("IMAGE_SAFETY", **COUNTED), errors.RefusedInput),
    "200_blocked_other": no(blocked("OTHER"), errors.RefusedInput),
    **{f"200_{one}": yes(withheld(one), errors.RefusedOutput) for one in REFUSED},
    "200_MAX_TOKENS": yes(withheld("MAX_TOKENS"), errors.Truncated),
    "200_NO_IMAGE": yes(withheld("NO_IMAGE"), errors.BadOutput),
    "200_IMAGE_OTHER": yes(withheld("IMAGE_OTHER"), errors.BadOutput),
    "200_only_words": yes(Told(200, answer({"text": "Sure!"})), errors.BadOutput),
    "200_two_pictures": yes(Told(200, answer(shown(WHOLE), shown(WHOLE))), errors.BadOutput),
    "200_only_a_thought": yes(Told(200, answer(shown(WHOLE, thought=True))), errors.BadOutput),
    "200_no_candidate": yes(Told(200, {"candidates": [], **COUNTED}), errors.BadOutput),
    "200_odd_shapes": yes(Told(200, {"candidates": [{"content": [1]}]}), errors.BadOutput),
    **pictures(lambda image: answer(shown(image))),
    **broken(GOOD),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_one_meaning_and_costs_one_request(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is charged and called free is bought twice; what is free and called lost stops a run."""
    caplog.set_level(logging.DEBUG)
    check("gemini", fault, FAULTS[fault], ask, lambda: caplog.text)


def test_a_picture_comes_with_what_it_consumed() -> None:
    """The ledger prices tokens: those of pictures cost ten times those of words."""
    content = picture(1376, 768)
    thought = shown(WHOLE, thought=True)
    body = answer(thought, {"text": "Here."}, shown(base64.b64encode(content).decode()))
    with Loopback(lambda _asked: Told(200, body)) as server:
        drawn = images(server.url).draw(request(width=1376, height=768))

    assert (drawn.content, drawn.width, drawn.height) == (content, 1376, 768)
    assert drawn.usage.quantities == {
        "input_text_token": 12,
        "output_image_token": 1120,
        "output_text_token": 210,
    }
    assert drawn.usage.receipt == "resp_1"
    [asked] = server.asked
    assert asked.path == "/v1/models/gemini-3-pro-image:generateContent"
    assert asked.headers["x-goog-api-key"] == CANARY
    assert asked.json == {
        "contents": [{"role": "user", "parts": [{"text": "A slower morning."}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "1K"},
        },
    }


def test_references_go_along() -> None:
    """A packshot that is not sent gives a card of another bank."""
    packshot = Reference(content=picture(64, 64), media_type="image/png")
    tokens = {
        "promptTokenCount": 572,
        "candidatesTokenCount": 1120,
        "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 560}],
    }
    body = {**answer(shown(WHOLE)), "usageMetadata": tokens}
    with Loopback(lambda _asked: Told(200, body)) as server:
        drawn = images(server.url).draw(request(references=(packshot,)))

    sent = server.asked[0].json["contents"][0]["parts"][1]["inlineData"]
    assert base64.b64decode(sent["data"]) == packshot.content
    assert drawn.usage.quantities == {
        "input_text_token": 12,
        "input_image_token": 560,
        # Nobody said what they are, so they count as the dear ones.
        "output_image_token": 1120,
    }


@pytest.mark.parametrize(
    ("size", "told"),
    [
        ((1024, 1024), ("1:1", "1K")),
        ((1584, 672), ("21:9", "1K")),
        ((848, 1264), ("2:3", "1K")),
        ((2048, 2048), ("1:1", "2K")),
        ((2752, 1536), ("16:9", "2K")),
        ((1856, 2304), ("4:5", "2K")),
    ],
)
def test_pixels_are_told_as_a_ratio_and_a_tier(
    size: tuple[int, int], told: tuple[str, str]
) -> None:
    """A tier too small is a picture that does not fit, and is paid for."""
    width, height = size
    with (
        Loopback(lambda _asked: failed(400, "INVALID_ARGUMENT")) as server,
        pytest.raises(errors.InvalidRequest),
    ):
        images(server.url).draw(request(width=width, height=height))

    asked = server.asked[0].json["generationConfig"]["imageConfig"]
    assert (asked["aspectRatio"], asked["imageSize"]) == told


@pytest.mark.parametrize(("delay", "wait"), [("34s", 34), ("0.5s", 0.5), ("soon", None), (5, None)])
def test_what_a_detail_says_about_waiting_is_kept(delay: object, wait: float | None) -> None:
    """Google puts it into the body, and whoever comes back too early is refused again."""
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    with (
        Loopback(lambda _asked: failed(429, "RESOURCE_EXHAUSTED", info)) as server,
        pytest.raises(errors.RateLimited) as caught,
    ):
        ask(server.url, 20)

    assert caught.value.retry_after == wait


@pytest.mark.parametrize("count", [None, "many", {"promptTokenCount": -1}, {}])
def test_an_answer_without_a_count_has_no_quantities(count: object) -> None:
    """A count that is made up would be taken for the bill; the price book's most is the price."""
    with Loopback(lambda _asked: Told(200, {**GOOD.body, "usageMetadata": count})) as server:
        drawn = images(server.url).draw(request())

    assert drawn.usage.quantities == {}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"width": 1280, "height": 720}, "1376x768"),
        ({"width": 4096, "height": 4096}, "2048x2048"),
        ({"model": "gemini-3.1-flash-lite-image", "width": 2048, "height": 2048}, "not 2048x2048"),
        ({"model": "imagen-4"}, "no image model"),
    ],
)
def test_what_it_cannot_draw_is_refused_before_it_is_sent(
    more: dict[str, object], words: str
) -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with (
        Loopback(lambda _asked: GOOD) as server,
        pytest.raises(errors.Unsupported, match=words) as caught,
    ):
        images(server.url).draw(request(**more))

    assert server.asked == []
    assert caught.value.charged is Charged.NO


def test_the_bill_stays_below_what_was_reserved() -> None:
    """A budget that reserves less than is charged is overspent by each picture."""
    book = price_book()
    for model in ("gemini-3-pro-image", "gemini-3.1-flash-image", "gemini-3.1-flash-lite-image"):
        price = book.entry("gemini", model, "image", book.prices[0].checked_on)
        with Loopback(lambda _asked: GOOD) as server:
            drawn = images(server.url).draw(request(model=model))
        from providers import deals

        deal = deals.picture(images("http://127.0.0.1:1"), request(model=model))
        reserved = book.estimate(price, deal.facts, "USD").most
        assert book.cost(price, drawn.usage, "USD") <= reserved


def test_no_key_is_said_before_anything_is_sent() -> None:
    """Who has none is told which to set, and not by a 401 in the middle of a run."""
    with pytest.raises(ProviderError, match="KAMPANJ_GEMINI_API_KEY") as caught:
        registry.image_provider("gemini", ProviderSettings())

    assert caught.value.kind == "not_configured"
