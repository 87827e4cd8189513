"""Whoever writes or translates for money keeps the contract that ships for plugins."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from loopback import BREAKS, Asked, Loopback, Told
from pydantic import SecretStr

from providers import registry
from providers.contract.embedded import MESSAGE, TEXT
from providers.contract.rig import Fault, Rig, TextRig, TranslatorRig
from providers.contract.translation import TranslatorContract
from providers.contract.writing import TextProviderContract
from providers.settings import ProviderSettings

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
SESSION = "b0c1d2e3f4a5968778695a4b3c2d1e0f"
HURRY = 0.3
"""Seconds of patience with a wire that says nothing."""
GOOD = {"directions": ["A hill.", "A lake."], "headline": "En lugnare morgon", "cta": "Smaka"}
ID = {"x-amzn-RequestId": "req-1"}
NO_MODELS = "it has no models that a caller could name"
NO_REFUSAL = "it translates whatever it is given"


@dataclass(frozen=True)
class Vendor:
    """One vendor's wire: what it answers when all is well, and by fault."""

    name: str
    good: Callable[[Mapping[str, Any]], Told]
    """From the object that was asked for."""
    faults: Mapping[Fault, Told]
    settings: Callable[[str], Mapping[str, Any]]
    """From the server's address."""
    without: Mapping[Fault, str] = field(default_factory=dict)


def aws_error(status: int, code: str) -> Told:
    """Return an error as AWS writes it, with the key in it."""
    return Told(status, {"__type": code, "message": CANARY}, {**ID, "x-amzn-ErrorType": code})


AWS_FAULTS: Mapping[Fault, Told] = {
    Fault.RATE_LIMITED: aws_error(429, "ThrottlingException"),
    Fault.OVERLOADED: aws_error(503, "ServiceUnavailableException"),
    Fault.NO_KEY: aws_error(403, "UnrecognizedClientException"),
    Fault.NO_MONEY: aws_error(400, "ServiceQuotaExceededException"),
    Fault.NO_MODEL: aws_error(404, "ResourceNotFoundException"),
    Fault.EMPTY: Told(200, {}, ID),
}


def converse(data: Mapping[str, Any], reason: str = "end_turn") -> Told:
    """Return an answer of Bedrock."""
    usage = {"inputTokens": 30, "outputTokens": 8, "totalTokens": 38}
    message = {"role": "assistant", "content": [{"text": json.dumps(data)}]}
    body = {"output": {"message": message}, "stopReason": reason, "usage": usage}
    return Told(200, {**body, "metrics": {"latencyMs": 1}}, ID)


def aws_settings(field_name: str, url: str) -> dict[str, Any]:
    """Return an account at AWS whose session has a token."""
    return {
        "aws_region": "eu-north-1",
        "aws_access_key_id": SecretStr("AKIDTEST"),
        "aws_secret_access_key": SecretStr(CANARY),
        "aws_session_token": SecretStr(SESSION),
        field_name: url,
    }


def gemini(data: Mapping[str, Any], reason: str = "STOP") -> Told:
    """Return an answer of Gemini."""
    content = {"parts": [{"text": json.dumps(data)}]}
    usage = {"promptTokenCount": 30, "candidatesTokenCount": 8}
    candidates = [{"content": content, "finishReason": reason}]
    body = {"candidates": candidates, "usageMetadata": usage, "responseId": "resp-1"}
    return Told(200, body)


def gemini_error(status: int, code: str, **detail: Any) -> Told:
    """Return an error as Google writes it, with the key in it."""
    error = {"code": status, "status": code, "message": CANARY, "details": [detail]}
    return Told(status, {"error": error})


def deepl(data: Mapping[str, Any]) -> Told:
    """Return an answer of DeepL."""
    texts = [{"text": data[slot], "billed_characters": 9} for slot in data]
    return Told(200, {"translations": texts}, {"X-Trace-ID": "trace-1"})


def aws_translate(data: Mapping[str, Any]) -> Told:
    """Return an answer of Amazon Translate."""
    text = "".join(f"<p>{one}</p>" for one in data.values())
    return Told(200, {"TranslatedText": text, "AppliedSettings": None}, ID)


BEDROCK = Vendor(
    name="bedrock",
    good=converse,
    faults={
        **AWS_FAULTS,
        Fault.REFUSED: converse({}, "guardrail_intervened"),
        Fault.WRONG_SHAPE: converse({"other": 1}),
        Fault.MISSING: converse({"headline": "En lugnare morgon"}),
        Fault.CUT_OFF: converse({}, "max_tokens"),
    },
    settings=partial(aws_settings, "bedrock_endpoint_url"),
)
GEMINI = Vendor(
    name="gemini",
    good=gemini,
    faults={
        Fault.RATE_LIMITED: gemini_error(429, "RESOURCE_EXHAUSTED"),
        Fault.OVERLOADED: gemini_error(503, "UNAVAILABLE"),
        Fault.NO_KEY: gemini_error(400, "INVALID_ARGUMENT", reason="API_KEY_INVALID"),
        Fault.NO_MONEY: gemini_error(
            429, "RESOURCE_EXHAUSTED", violations=[{"quotaId": "RequestsPerDay"}]
        ),
        Fault.NO_MODEL: gemini_error(404, "NOT_FOUND"),
        Fault.REFUSED: Told(200, {"promptFeedback": {"blockReason": "SAFETY"}}),
        Fault.EMPTY: Told(200, {"candidates": []}),
        Fault.WRONG_SHAPE: gemini({"other": 1}),
        Fault.MISSING: gemini({"headline": "En lugnare morgon"}),
        Fault.CUT_OFF: gemini({}, "MAX_TOKENS"),
    },
    settings=lambda url: {"gemini_api_key": SecretStr(CANARY), "gemini_base_url": url},
)
DEEPL = Vendor(
    name="deepl",
    good=deepl,
    faults={
        Fault.RATE_LIMITED: Told(429, {"message": CANARY}),
        Fault.OVERLOADED: Told(529, {"message": CANARY}),
        Fault.NO_KEY: Told(403, {"message": CANARY}),
        Fault.NO_MONEY: Told(456, {"message": CANARY}),
        Fault.EMPTY: deepl({}),
        Fault.MISSING: deepl({"headline": "En lugnare morgon"}),
    },
    settings=lambda url: {"deepl_api_key": SecretStr(CANARY), "deepl_base_url": url},
    without={Fault.NO_MODEL: NO_MODELS, Fault.REFUSED: NO_REFUSAL},
)
AWS_TRANSLATE = Vendor(
    name="aws-translate",
    good=aws_translate,
    faults={
        **AWS_FAULTS,
        Fault.EMPTY: aws_translate({}),
        Fault.MISSING: aws_translate({"headline": "En lugnare morgon"}),
    },
    settings=partial(aws_settings, "translate_endpoint_url"),
    without={Fault.REFUSED: NO_REFUSAL},
)
TEXTS = {one.name: one for one in (BEDROCK, GEMINI)}
TRANSLATORS = {one.name: one for one in (BEDROCK, GEMINI, DEEPL, AWS_TRANSLATE)}


@contextmanager
def opened(
    vendor: Vendor, build: Callable[[str, ProviderSettings], Any], request: Any, *slots: str
) -> Iterator[Rig[Any, Any]]:
    """Open a vendor's wire, and a provider over it."""
    good = vendor.good({slot: GOOD[slot] for slot in slots})
    script: list[Told] = []

    def answer(_asked: Asked) -> Told:
        return script.pop(0) if script else good

    faults = {
        **vendor.faults,
        Fault.LOST: BREAKS["drop"](good),
        Fault.HANG: BREAKS["hang"](good),
        Fault.DRIP: BREAKS["drip"](good),
        Fault.CUT: BREAKS["cut"](good),
        Fault.NO_JSON: BREAKS["html"](good),
    }
    with Loopback(answer) as server:

        def built(patience: float) -> Any:
            told = ProviderSettings(**vendor.settings(server.url), text_timeout=patience)
            return build(vendor.name, told)

        provider = built(5.0)
        yield Rig(
            provider=provider,
            hurried=built(HURRY),
            request=request.model_copy(update={"model": provider.default_model}),
            sent=lambda: len(server.asked),
            faults={fault: partial(script.append, told) for fault, told in faults.items()},
            without=vendor.without,
            secrets=(CANARY, SESSION),
        )


class TestTexts(TextProviderContract):
    """Whoever writes."""

    covers = tuple(TEXTS)

    @pytest.fixture(params=TEXTS)
    def rig(self, request: pytest.FixtureRequest) -> Iterator[TextRig]:
        """Open the wire of one vendor."""
        with opened(TEXTS[request.param], registry.text_provider, TEXT, "directions") as rig:
            yield rig


class TestTranslations(TranslatorContract):
    """Whoever translates."""

    covers = tuple(TRANSLATORS)

    @pytest.fixture(params=TRANSLATORS)
    def rig(self, request: pytest.FixtureRequest) -> Iterator[TranslatorRig]:
        """Open the wire of one vendor."""
        vendor = TRANSLATORS[request.param]
        with opened(vendor, registry.translator, MESSAGE, "headline", "cta") as rig:
            yield rig
