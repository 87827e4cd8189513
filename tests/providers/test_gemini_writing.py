"""Gemini's writing over a real wire: refusals on status 200, and thoughts on the bill.

Shapes: https://ai.google.dev/api/generate-content; errors: google.rpc.Status with its details.
"""

import json
from datetime import date
from typing import Any

import pytest
from loopback import BREAKS, Loopback, Told
from pydantic import SecretStr

from cost_tracking.prices import price_book
from providers import errors, registry
from providers.errors import Charged, ProviderError
from providers.settings import ProviderSettings
from providers.translation.base import Reader, TranslateRequest
from providers.writing.base import DATA_ONLY, TextProvider, TextRequest
from providers.writing.shape import closed

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
SCHEMA = closed({"lines": {"type": "array", "items": {"type": "string"}, "minItems": 2}})
LINES = {"lines": ["One", "Two"]}
USAGE = {
    "promptTokenCount": 300,
    "cachedContentTokenCount": 100,
    "candidatesTokenCount": 47,
    "thoughtsTokenCount": 40,
    "totalTokenCount": 387,
}
BILLED = {"input_text_token": 200, "cached_input_text_token": 100, "output_text_token": 87}


def said(text: str = json.dumps(LINES), reason: str | None = "STOP", **more: Any) -> Told:
    """Return an answer of the model, with what it thought before."""
    parts = [{"text": "I think.", "thought": True}, {"text": text}]
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    body = {"candidates": [candidate], "usageMetadata": USAGE, "responseId": "resp-1", **more}
    return Told(200, {name: value for name, value in body.items() if value is not None})


def refused(status: int, code: str, *details: dict[str, Any]) -> Told:
    """Return an error in the service's shape; it repeats the key."""
    error = {"code": status, "message": f"no {CANARY}", "status": code, "details": list(details)}
    return Told(status, {"error": error})


def settings(url: str, timeout: float = 5.0) -> ProviderSettings:
    """Return what the provider is told; it is patient, since the machine may be busy."""
    return ProviderSettings(
        gemini_api_key=SecretStr(CANARY), gemini_base_url=url, text_timeout=timeout
    )


def writer(server: Loopback, timeout: float = 5.0) -> TextProvider:
    """Build the writer over a wire."""
    return registry.text_provider("gemini", settings(server.url, timeout))


def request(**facts: Any) -> TextRequest:
    """Ask for two lines."""
    return TextRequest(
        model="gemini-3.7-flash",
        task="lines",
        instructions="Write two lines.",
        facts=facts,
        schema=SCHEMA,
        max_output_tokens=500,
    )


def test_a_text_is_asked_for_by_its_schema_and_its_thoughts_are_billed() -> None:
    """Thoughts are counted beside the answer: who leaves them out reports half of the bill."""
    with Loopback(lambda _asked: said()) as server:
        answer = writer(server).write(request(who="shoppers"))

    assert answer.data == LINES
    assert answer.usage.quantities == BILLED
    assert answer.usage.receipt == "resp-1"
    [asked] = server.asked
    assert asked.path == "/v1beta/models/gemini-3.7-flash:generateContent"
    assert asked.headers["x-goog-api-key"] == CANARY
    assert asked.json["systemInstruction"]["parts"][0]["text"].endswith(DATA_ONLY)
    assert asked.json["contents"][0]["parts"][0]["text"].startswith("BEGIN FACTS\n")
    assert asked.json["generationConfig"] == {
        "candidateCount": 1,
        "maxOutputTokens": 500,
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA,
    }


ANSWERS: dict[str, tuple[Told, type[ProviderError], Charged]] = {
    "blocked": (
        said(candidates=None, promptFeedback={"blockReason": "PROHIBITED_CONTENT"}),
        errors.RefusedInput,
        Charged.YES,
    ),
    "cut off": (said('{"li', "MAX_TOKENS"), errors.Truncated, Charged.YES),
    "unsafe": (said("", "SAFETY"), errors.RefusedOutput, Charged.YES),
    "recited": (said("", "RECITATION"), errors.RefusedOutput, Charged.YES),
    "personal": (said("", "SPII"), errors.RefusedOutput, Charged.YES),
    "a new reason": (said("", "BORED"), errors.BadOutput, Charged.YES),
    "no candidate": (said(candidates=[]), errors.BadOutput, Charged.MAYBE),
    "no reason": (said(reason=None), errors.BadOutput, Charged.MAYBE),
    "no json": (said("Gladly!"), errors.BadOutput, Charged.YES),
    "too few": (said('{"lines": ["One"]}'), errors.BadOutput, Charged.YES),
    "no parts": (
        said(candidates=[{"content": None, "finishReason": "STOP"}]),
        errors.BadOutput,
        Charged.YES,
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_keeps_its_bill(name: str) -> None:
    """All of these are status 200; the tokens were read, and mostly written, before it stopped."""
    told, kind, charged = ANSWERS[name]
    with Loopback(lambda _asked: told) as server, pytest.raises(ProviderError) as caught:
        writer(server).write(request())

    assert (type(caught.value), caught.value.charged) == (kind, charged)
    assert caught.value.usage
    assert caught.value.usage.quantities == BILLED
    assert len(server.asked) == 1


@pytest.mark.parametrize("usage", [None, {"promptTokenCount": -1}, {"promptTokenCount": "many"}])
def test_a_bill_that_cannot_be_true_is_none(usage: dict[str, object] | None) -> None:
    """Without quantities the most is entered, which never understates."""
    with Loopback(lambda _asked: said(usageMetadata=usage)) as server:
        assert writer(server).write(request()).usage.quantities == {}


REASON = "type.googleapis.com/google.rpc.ErrorInfo"
QUOTA = "type.googleapis.com/google.rpc.QuotaFailure"
PER_DAY = {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}
PER_MINUTE = {"violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}
WAIT = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "33.5s"}
FAULTS: dict[str, tuple[Told, type[ProviderError]]] = {
    "field": (refused(400, "INVALID_ARGUMENT"), errors.InvalidRequest),
    "key": (
        refused(400, "INVALID_ARGUMENT", {"@type": REASON, "reason": "API_KEY_INVALID"}),
        errors.NotConfigured,
    ),
    "country": (refused(400, "FAILED_PRECONDITION"), errors.NotConfigured),
    "no key": (refused(401, "UNAUTHENTICATED"), errors.NotConfigured),
    "right": (refused(403, "PERMISSION_DENIED"), errors.NotConfigured),
    "model": (refused(404, "NOT_FOUND"), errors.ModelGone),
    "minute": (
        refused(429, "RESOURCE_EXHAUSTED", {"@type": QUOTA, **PER_MINUTE}, WAIT),
        errors.RateLimited,
    ),
    "day": (refused(429, "RESOURCE_EXHAUSTED", {"@type": QUOTA, **PER_DAY}), errors.QuotaExceeded),
    "inside": (refused(500, "INTERNAL"), errors.OutcomeUnknown),
    "busy": (refused(503, "UNAVAILABLE"), errors.Unavailable),
    "late": (refused(504, "DEADLINE_EXCEEDED"), errors.OutcomeUnknown),
    "page": (BREAKS["html_502"](said()), errors.OutcomeUnknown),
    "redirect": (BREAKS["redirect"](said()), errors.NotConfigured),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_error_has_one_meaning(name: str) -> None:
    """A wrong key and a wrong field share a status; so do a busy minute and a spent day."""
    told, kind = FAULTS[name]
    with Loopback(lambda _asked: told) as server, pytest.raises(ProviderError) as caught:
        writer(server).write(request())

    assert type(caught.value) is kind
    assert caught.value.charged is kind.usual
    assert caught.value.retry_after == (33.5 if name == "minute" else None)
    assert CANARY not in str(caught.value)
    assert len(server.asked) == 1


LOST = {
    "hang": errors.OutcomeUnknown,
    "drop": errors.OutcomeUnknown,
    "cut": errors.OutcomeUnknown,
    "drip": errors.BadOutput,
    "html": errors.BadOutput,
    "null": errors.BadOutput,
}


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_may_be_charged_and_is_asked_for_once(fault: str) -> None:
    """It was sent, so it may have been written, and billed."""
    with (
        Loopback(lambda _asked: BREAKS[fault](said())) as server,
        pytest.raises(ProviderError) as caught,
    ):
        writer(server, timeout=0.3).write(request())

    assert (type(caught.value), caught.value.charged) == (LOST[fault], Charged.MAYBE)
    assert len(server.asked) == 1


def test_a_writer_is_also_a_transcreator() -> None:
    """A team that may buy only from Google still needs copy that reads as written."""
    good = {"headline": "Betala i din takt, {name}", "cta": "Se hur"}
    with Loopback(lambda _asked: said(json.dumps(good))) as server:
        translator = registry.translator("gemini", settings(server.url))
        answer = translator.translate(
            TranslateRequest(
                model=translator.default_model,
                source_locale="en-GB",
                target=Reader(tag="sv-SE", language="Swedish", script="Latn", address="du"),
                segments={"headline": "Pay at your own pace, {name}", "cta": "See how"},
            )
        )

    assert answer.segments == good
    assert (answer.reviewed, translator.operation, translator.name) == (False, "text", "gemini")


def test_a_missing_key_names_its_variable() -> None:
    """The person who sees this has never read the code."""
    for build, kind in ((registry.text_provider, "writing"), (registry.translator, "translation")):
        with pytest.raises(errors.NotConfigured, match=f"set KAMPANJ_GEMINI_API_KEY, .*{kind} to"):
            build("gemini", ProviderSettings())
    assert "KAMPANJ_GEMINI_API_KEY" in registry.lacking("gemini", ProviderSettings())
    assert not registry.lacking("gemini", ProviderSettings(gemini_api_key=SecretStr("k")))


def test_a_price_that_ends_is_followed_by_the_next_one() -> None:
    """The introductory rates double on New Year's Day; a January quote must say so."""
    rates = [
        price_book().entry("gemini", "gemini-3.7-flash", "text", on).rates[-1].amount
        for on in (date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert rates[1] == 2 * rates[0]
