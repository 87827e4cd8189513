"""Every writing model on Amazon Bedrock, behind ``TextProvider``, by its Converse API."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from cost_tracking.usage import Usage
from providers import errors
from providers.aws_account import AwsAccount
from providers.errors import Charged, Trace
from providers.models import ModelTable
from providers.reply import Part, counted
from providers.writing.base import TextAnswer, TextRequest
from providers.writing.shape import misfits, read, without_counts

NAME = "bedrock"
SERVICE = "bedrock-runtime"
MAX_ANSWER = 4_000_000
"""Bytes; far above the longest answer that ``max_output_tokens`` allows."""
_MOST = 10**8
_CUT = {"max_tokens", "model_context_window_exceeded"}
_WITHHELD = {"guardrail_intervened", "content_filtered"}
_DONE = {"schema": {"end_turn", "stop_sequence"}, "tool": {"tool_use"}}
"""How an answer ends that is whole, by the way in which it was asked for."""


class _Tokens(Part):
    inputTokens: int = Field(ge=0, le=_MOST)  # noqa: N815 - as the service writes it
    outputTokens: int = Field(ge=0, le=_MOST)  # noqa: N815
    cacheReadInputTokens: int = Field(default=0, ge=0, le=_MOST)  # noqa: N815
    cacheWriteInputTokens: int = Field(default=0, ge=0, le=_MOST)  # noqa: N815


class BedrockWriting:
    """Writes JSON of a given shape, in one paid call.

    Args:
        account: Where to send, with a client that never retries.
        models: Where the default model stands.
        api: ``schema`` asks for text of a JSON schema; ``tool`` makes the model call a tool whose
            input has that schema, for models that know nothing else.

    """

    name = NAME
    repeatable = False

    def __init__(
        self, account: AwsAccount, models: ModelTable, api: Literal["schema", "tool"] = "schema"
    ) -> None:
        self._account = account
        self._models = models
        # A release of the SDK from before schemas would refuse the field.
        self._api = api if account.knows("Converse", "outputConfig") else "tool"

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "text")

    def write(self, request: TextRequest) -> TextAnswer:
        """Write one text; its usage is read before anything else can fail."""
        answer = self._account.call("converse", request.model, self._asked(request))
        receipt = str(answer.get("ResponseMetadata", {}).get("RequestId", ""))
        usage = _usage(answer.get("usage"), request.model, receipt)
        trace = Trace(model=request.model, status=200, request_id=receipt, usage=usage)
        ended = answer.get("stopReason")
        if not isinstance(ended, str):
            # The SDK makes an empty answer of a web page; whether the service was reached at
            # all, and billed, nobody can tell from that.
            raise self._account.failed(
                errors.BadOutput,
                f"{request.task}: answered with something that is no message",
                trace,
                charged=Charged.MAYBE,
            )
        if ended in _CUT:
            raise self._account.failed(
                errors.Truncated,
                f"{request.task}: cut off at {request.max_output_tokens} tokens ({ended})",
                trace,
            )
        if ended in _WITHHELD:
            raise self._account.failed(
                errors.RefusedOutput, f"{request.task}: withheld ({ended})", trace
            )
        if ended not in _DONE[self._api]:
            raise self._account.failed(
                errors.BadOutput, f"{request.task}: it ended with {ended[:40]}", trace
            )
        data, faults = self._read(answer, request)
        if faults:
            raise self._account.failed(
                errors.BadOutput, f"{request.task}: {'; '.join(faults[:3])}", trace
            )
        return TextAnswer(data=data, usage=usage)

    def _asked(self, request: TextRequest) -> dict[str, Any]:
        # The service refuses the lengths of lists in a schema; they are checked in the answer.
        schema = without_counts(request.schema_)
        asked: dict[str, Any] = {
            "modelId": request.model,
            "system": [{"text": request.system}],
            "messages": [{"role": "user", "content": [{"text": request.message}]}],
            "inferenceConfig": {"maxTokens": request.max_output_tokens},
        }
        if self._api == "tool":
            tool = {"name": request.task, "inputSchema": {"json": schema}}
            choice = {"tool": {"name": request.task}}
            return {**asked, "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": choice}}
        shape = {"jsonSchema": {"name": request.task, "schema": json.dumps(schema)}}
        return {
            **asked,
            "outputConfig": {"textFormat": {"type": "json_schema", "structure": shape}},
        }

    def _read(
        self, answer: dict[str, Any], request: TextRequest
    ) -> tuple[dict[str, Any], list[str]]:
        blocks = tuple(_blocks(answer))
        if self._api == "schema":
            # Reasoning stands in blocks of its own, and is not part of what was written.
            text = "".join(one["text"] for one in blocks if isinstance(one.get("text"), str))
            return read(text, request.schema_)
        tools = (one["toolUse"] for one in blocks if isinstance(one.get("toolUse"), dict))
        data = next((one.get("input") for one in tools if one.get("name") == request.task), None)
        return (data if isinstance(data, dict) else {}), list(misfits(data, request.schema_))


def _blocks(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    message = (answer.get("output") or {}).get("message") or {}
    yield from (one for one in message.get("content") or () if isinstance(one, dict))


def _usage(data: object, model: str, receipt: str) -> Usage:
    """Return what was consumed; without quantities where the answer does not say.

    The service's count of what was read leaves out what came from a cache or went into one.
    """
    tokens: _Tokens | None = counted(_Tokens, data)
    if tokens is None:
        return Usage(model=model, quantities={}, receipt=receipt)
    cached = {
        "cached_input_text_token": tokens.cacheReadInputTokens,
        "cache_write_text_token": tokens.cacheWriteInputTokens,
    }
    quantities = {
        "input_text_token": tokens.inputTokens,
        "output_text_token": tokens.outputTokens,
        **{unit: count for unit, count in cached.items() if count},
    }
    return Usage(
        model=model,
        quantities={unit: Decimal(count) for unit, count in quantities.items()},
        receipt=receipt,
    )
