"""Google's Gemini models that write, behind ``TextProvider``, by ``generateContent``."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from pydantic import Field

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Charged, ProviderError, Trace
from providers.google_account import NAME, dicts, refused
from providers.models import ModelTable
from providers.reply import Part, Reply, counted
from providers.rest import Rest
from providers.writing.base import TextAnswer, TextRequest
from providers.writing.shape import read

MAX_ANSWER = 4_000_000
"""Bytes; far above the longest answer that ``max_output_tokens`` allows."""
_MOST = 10**8
_WITHHELD = {
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
}


class _Tokens(Part):
    promptTokenCount: int = Field(ge=0, le=_MOST)  # noqa: N815 - as the service writes it
    candidatesTokenCount: int = Field(default=0, ge=0, le=_MOST)  # noqa: N815
    thoughtsTokenCount: int = Field(default=0, ge=0, le=_MOST)  # noqa: N815
    cachedContentTokenCount: int = Field(default=0, ge=0, le=_MOST)  # noqa: N815


class GeminiWriting:
    """Writes JSON of a given shape, in one paid call.

    Args:
        rest: Where to send, with the key.
        models: Where the default model stands.

    """

    name = NAME
    repeatable = False

    def __init__(self, rest: Rest, models: ModelTable) -> None:
        self._rest = rest
        self._models = models

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "text")

    def write(self, request: TextRequest) -> TextAnswer:
        """Write one text; its usage is read before anything else can fail."""
        reply = self._rest.json(
            "POST",
            f"/v1beta/models/{quote(request.model, safe='')}:generateContent",
            _asked(request),
            model=request.model,
            sent_is_billed=True,
        )
        if not reply.ok:
            raise refused(reply, request.model)
        usage = _usage(reply, request.model)
        trace = Trace(model=request.model, status=200, request_id=usage.receipt, usage=usage)
        fault = _fault(reply.data)
        if fault is not None:
            kind, said, charged = fault
            raise kind(NAME, f"{request.task}: {said}", trace, charged=charged)
        data, faults = read(_text(reply.data), request.schema_)
        if faults:
            raise errors.BadOutput(NAME, f"{request.task}: {'; '.join(faults[:3])}", trace)
        return TextAnswer(data=data, usage=usage)


def _asked(request: TextRequest) -> dict[str, Any]:
    return {
        "systemInstruction": {"parts": [{"text": request.system}]},
        "contents": [{"role": "user", "parts": [{"text": request.message}]}],
        "generationConfig": {
            "candidateCount": 1,
            # What the model thinks is within it.
            "maxOutputTokens": request.max_output_tokens,
            "responseMimeType": "application/json",
            "responseJsonSchema": dict(request.schema_),
        },
    }


def _fault(body: dict[str, Any]) -> tuple[type[ProviderError], str, Charged] | None:
    """Return what kept an answer from being whole, and whether that is billed, or None."""
    feedback = body.get("promptFeedback")
    blocked = feedback.get("blockReason") if isinstance(feedback, dict) else None
    reason = _candidate(body).get("finishReason")
    if isinstance(blocked, str) and blocked:
        # It was read before it was blocked, and what is read is billed.
        return errors.RefusedInput, f"it will not do this ({blocked[:40]})", Charged.YES
    if not isinstance(reason, str):
        return errors.BadOutput, "answered with something that is no message", Charged.MAYBE
    if reason == "MAX_TOKENS":
        return errors.Truncated, "cut off at the limit on tokens", Charged.YES
    if reason in _WITHHELD:
        return errors.RefusedOutput, f"withheld ({reason})", Charged.YES
    if reason != "STOP":
        return errors.BadOutput, f"it ended with {reason[:40]}", Charged.YES
    return None


def _candidate(body: dict[str, Any]) -> dict[str, Any]:
    return next(dicts(body.get("candidates")), {})


def _text(body: dict[str, Any]) -> str:
    content = _candidate(body).get("content")
    parts = dicts(content.get("parts")) if isinstance(content, dict) else ()
    # A part that is marked as thought is no part of the answer.
    said = (one.get("text") for one in parts if one.get("thought") is not True)
    return "".join(one for one in said if isinstance(one, str))


def _usage(reply: Reply, model: str) -> Usage:
    """Return what was consumed; without quantities where the answer does not say."""
    answer = reply.data.get("responseId")
    receipt = answer if isinstance(answer, str) and answer else reply.request_id
    tokens: _Tokens | None = counted(_Tokens, reply.data.get("usageMetadata"))
    if tokens is None:
        return Usage(model=model, quantities={}, receipt=receipt)
    cached = min(tokens.cachedContentTokenCount, tokens.promptTokenCount)
    quantities = {
        "input_text_token": tokens.promptTokenCount - cached,
        # What it thought is counted beside what it said, and is billed alike.
        "output_text_token": tokens.candidatesTokenCount + tokens.thoughtsTokenCount,
        **({"cached_input_text_token": cached} if cached else {}),
    }
    return Usage(
        model=model,
        quantities={unit: Decimal(count) for unit, count in quantities.items()},
        receipt=receipt,
    )
