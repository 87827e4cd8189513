"""OpenAI's writing models, behind ``TextProvider``; and every server that speaks like them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import openai
from pydantic import Field

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Trace
from providers.models import ModelTable
from providers.openai_account import NAME, Account
from providers.reply import Part, counted
from providers.writing.base import TextAnswer, TextRequest
from providers.writing.shape import misfits

MAX_ANSWER = 4_000_000
"""Bytes; far above the longest answer that ``max_output_tokens`` allows."""
_MOST = 10**8


class _InDetails(Part):
    cached_tokens: int = Field(default=0, ge=0, le=_MOST)


class _ResponsesUsage(Part):
    input_tokens: int = Field(ge=0, le=_MOST)
    output_tokens: int = Field(ge=0, le=_MOST)
    input_tokens_details: _InDetails | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        details = self.input_tokens_details
        return self.input_tokens, details.cached_tokens if details else 0, self.output_tokens


class _ChatUsage(Part):
    prompt_tokens: int = Field(ge=0, le=_MOST)
    completion_tokens: int = Field(ge=0, le=_MOST)
    prompt_tokens_details: _InDetails | None = None

    @property
    def counts(self) -> tuple[int, int, int]:
        details = self.prompt_tokens_details
        return self.prompt_tokens, details.cached_tokens if details else 0, self.completion_tokens


@dataclass(frozen=True)
class _Said:
    """What an answer holds, whichever way it was asked for."""

    text: str
    refusal: str
    ended: str
    """Empty when it was completed, else why it was not."""


class OpenAIWriting:
    """Writes JSON of a given shape, in one paid call.

    Args:
        account: Where to send, with a client that never retries.
        models: Where the default model stands.
        api: ``responses``, or ``chat`` for servers that know only chat completions.

    """

    name = NAME
    repeatable = False

    def __init__(
        self,
        account: Account,
        models: ModelTable,
        api: Literal["responses", "chat"] = "responses",
    ) -> None:
        self._account = account
        self._models = models
        self._api = api

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "text")

    def write(self, request: TextRequest) -> TextAnswer:
        """Write one text; its usage is read before anything else can fail."""
        try:
            raw = self._send(request)
        except openai.OpenAIError as error:
            # Not chained: the SDK's error holds the request, and the request holds the key.
            raise self._account.ours(error, request.model) from None
        receipt = raw.headers.get("x-request-id", "")
        body = self._account.body(raw.http_response, request.model)
        usage = _usage(body.get("usage"), request.model, receipt)
        trace = Trace(model=request.model, status=200, request_id=receipt, usage=usage)
        said = _responses(body) if self._api == "responses" else _chat(body)
        if said.refusal:
            raise self._account.failed(
                errors.RefusedOutput, f"{request.task}: it declined: {said.refusal}", trace
            )
        if said.ended in {"max_output_tokens", "length"}:
            raise self._account.failed(
                errors.Truncated,
                f"{request.task}: cut off at {request.max_output_tokens} tokens",
                trace,
            )
        if said.ended == "content_filter":
            raise self._account.failed(
                errors.RefusedOutput, f"{request.task}: its filter withheld the answer", trace
            )
        if said.ended:
            raise self._account.failed(
                errors.BadOutput, f"{request.task}: it ended with {said.ended}", trace
            )
        try:
            data = json.loads(said.text)
        except (ValueError, RecursionError):
            data = None
        faults = list(misfits(data, request.schema_))
        if faults or not isinstance(data, dict):
            raise self._account.failed(
                errors.BadOutput, f"{request.task}: {'; '.join(faults[:3])}", trace
            )
        return TextAnswer(data=data, usage=usage)

    def _send(self, request: TextRequest) -> Any:
        shape = {"name": request.task, "schema": dict(request.schema_), "strict": True}
        client: Any = self._account.client
        if self._api == "responses":
            # Not .parse(): on an answer that was cut off it raises, and the bill is lost with it.
            return client.responses.with_raw_response.create(
                model=request.model,
                instructions=request.system,
                input=request.message,
                text={"format": {"type": "json_schema", **shape}},
                max_output_tokens=request.max_output_tokens,
                store=False,
            )
        return client.chat.completions.with_raw_response.create(
            model=request.model,
            messages=[
                {"role": "system", "content": request.system},
                {"role": "user", "content": request.message},
            ],
            response_format={"type": "json_schema", "json_schema": shape},
            # The old name: compatible servers know it, and the new one not always.
            max_tokens=request.max_output_tokens,
        )


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _responses(body: dict[str, Any]) -> _Said:
    parts = [
        part
        for item in _dicts(body.get("output"))
        if item.get("type") == "message"
        for part in _dicts(item.get("content"))
    ]
    status = _text(body.get("status")) or "no status"
    details = body.get("incomplete_details")
    reason = _text(details.get("reason")) if isinstance(details, dict) else ""
    return _Said(
        text="".join(_text(one.get("text")) for one in parts if one.get("type") == "output_text"),
        refusal=" ".join(
            _text(one.get("refusal")) for one in parts if one.get("type") == "refusal"
        ),
        ended="" if status == "completed" else reason or status,
    )


def _chat(body: dict[str, Any]) -> _Said:
    choice = next(_dicts(body.get("choices")), {})
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    reason = _text(choice.get("finish_reason")) or "no finish reason"
    return _Said(
        text=_text(message.get("content")),
        refusal=_text(message.get("refusal")),
        ended="" if reason == "stop" else reason,
    )


def _usage(data: object, model: str, receipt: str) -> Usage:
    """Return what was consumed; without quantities where the answer does not say."""
    usage = counted(_ResponsesUsage, data) or counted(_ChatUsage, data)
    if usage is None:
        return Usage(model=model, quantities={}, receipt=receipt)
    inside, cached, outside = usage.counts
    cached = min(cached, inside)
    quantities = {
        "input_text_token": inside - cached,
        "cached_input_text_token": cached,
        # Reasoning is within it, and is billed like what can be read.
        "output_text_token": outside,
    }
    return Usage(
        model=model,
        quantities={unit: Decimal(count) for unit, count in quantities.items() if count},
        receipt=receipt,
    )
