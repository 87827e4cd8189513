"""OpenAI's wire on loopback: an HTTP server that answers in the published shapes, or fails as told.

It keeps a journal of every request that reached it and of what it would have billed, which is
what our ledger is compared with: the two were written by different programs. From a test::

    with Wire(["503", "ok"]) as wire:
        wire.url        # http://127.0.0.1:<port>/v1
        wire.calls      # what reached it, in order

From elsewhere: ``python tests/openai_wire.py --port 0 --journal FILE [--script 503,ok]``, which
prints its address. After the script has run out, it answers well.

Shapes: openai 3.54.0, ``types/images_response.py``, ``types/responses/response.py``,
``types/chat/chat_completion.py``; errors: the reference's error page.
"""

import argparse
import base64
import email
import email.policy
import gzip
import io
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loopback import PromptServer
from PIL import Image

Asked = dict[str, Any]
"""The fields of a request."""

# Faults that answer with a status and an error, and are not billed: status, code, headers.
ERRORS: dict[str, tuple[int, str, dict[str, str]]] = {
    "400": (400, "invalid_value", {}),
    "moderation": (400, "moderation_blocked", {}),
    "billing_limit": (400, "billing_hard_limit_reached", {}),
    "401": (401, "invalid_api_key", {}),
    "403": (403, "unsupported_country_region_territory", {}),
    "404": (404, "model_not_found", {}),
    "408": (408, "timeout", {}),
    "409": (409, "conflict", {}),
    "422": (422, "unprocessable", {}),
    "429": (429, "rate_limit_exceeded", {"retry-after": "0.01"}),
    "429_plain": (429, "rate_limit_exceeded", {}),
    "429_day": (429, "rate_limit_exceeded", {"retry-after": "86400"}),
    "429_garbage": (429, "rate_limit_exceeded", {"retry-after": "soon"}),
    "429_date": (
        429,
        "rate_limit_exceeded",
        {"date": "Sat, 21 Nov 2026 09:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 09:00:07 GMT"},
    ),
    "429_quota": (429, "insufficient_quota", {}),
    "503": (503, "overloaded", {}),
    "529": (529, "overloaded", {}),
}
# Faults that come after the work was done: it is billed, and the answer does not arrive.
LOST = {"hang", "drop", "truncated", "chunked_truncated", "500", "502", "504", "500_html"}
UNBILLED_OTHERS = {"html", "redirect", "gzip", "huge"}
IN_TOKENS, OUT_TOKENS = 40, 1756
# What 1024x1024 in medium quality takes, by OpenAI's own calculator.
IMAGE_IN, IMAGE_TEXT_IN = 1536, 38
# What the dearest picture to follow was measured to take, and the text that it is billed besides.
TEXT_IN, TEXT_CACHED, TEXT_OUT = 300, 100, 87


@dataclass(frozen=True)
class Call:
    """One request that reached the server."""

    number: int
    path: str
    model: str
    asked: dict[str, Any]
    fault: str
    billed: bool
    headers: dict[str, str]
    """All but the key."""


class Wire:
    """The server. It starts with ``with`` and ends with it.

    Args:
        script: Faults, one for each request from the first on.
        journal: A file for what was asked.
        port: Where it listens; 0 for any that is free.
        delay: Seconds before each answer.
        draw: Makes the file of a picture of what was asked; plain gradients are quickest.

    """

    def __init__(
        self,
        script: Iterable[str] = (),
        journal: Path | None = None,
        port: int = 0,
        delay: float = 0,
        draw: Callable[[Asked], bytes] | None = None,
    ) -> None:
        self._script = list(script)
        self.delay = delay
        self.draw = draw or drawn
        self._journal = journal
        self._lock = threading.Lock()
        self._released = threading.Event()
        self.calls: list[Call] = []
        self._server = PromptServer(("127.0.0.1", port), _handler(self))

    @property
    def url(self) -> str:
        """Return the address to give as a base URL."""
        return f"http://127.0.0.1:{self._server.port}/v1"

    @property
    def billed(self) -> list[Call]:
        """Return the calls that this provider would put on the invoice."""
        return [call for call in self.calls if call.billed]

    def play(self, *faults: str) -> None:
        """Add to the script."""
        with self._lock:
            self._script += faults

    def start(self) -> None:
        """Answer from now on."""
        self._server.start()

    def stop(self) -> None:
        """Let go of what hangs, and end."""
        self._released.set()
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait(self, seconds: float) -> None:
        """Hang for as long as this, or until the server ends."""
        self._released.wait(seconds)

    def take(self, path: str, asked: dict[str, Any], headers: Any) -> Call:
        """Write a request down, on disk before it is answered, and say what becomes of it."""
        with self._lock:
            fault = self._script.pop(0) if self._script else "ok"
            call = Call(
                number=len(self.calls) + 1,
                path=path,
                model=str(asked.get("model", "")),
                asked=asked,
                fault=fault,
                billed=fault not in ERRORS and fault not in UNBILLED_OTHERS,
                headers={
                    name.lower(): value
                    for name, value in headers.items()
                    if name.lower() != "authorization"
                },
            )
            self.calls.append(call)
            if self._journal:
                with self._journal.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(call)) + "\n")
                    file.flush()
                    os.fsync(file.fileno())
            return call


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Return the calls that a server of another process wrote down."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """Return a real picture of this size."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, kind)
    return file.getvalue()


def drawn(asked: dict[str, Any]) -> bytes:
    """Return a gradient, or what takes the place of one that was turned down."""
    width, height = size_of(asked)
    if "turned down" in asked["prompt"]:
        return _redrawn(width, height, asked["prompt"].count("«"))
    return picture(width, height)


def size_of(asked: dict[str, Any]) -> tuple[int, int]:
    """Return the width and height that are asked for, in pixels."""
    width, height = map(int, asked["size"].split("x"))
    return width, height


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing: the journal does."""

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            asked = _read(raw, self.headers["Content-Type"])
            call = wire.take(self.path, asked, self.headers)
            _Reply(self, wire, call).give()

    return Handler


def _read(raw: bytes, kind: str) -> dict[str, Any]:
    if kind.startswith("application/json"):
        data: dict[str, Any] = json.loads(raw)
        return data
    # Multipart, as images.edit sends it.
    message = email.message_from_bytes(
        b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw, policy=email.policy.HTTP
    )
    asked: dict[str, Any] = {"files": []}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename():
            asked["files"].append(
                [name, part.get_filename(), part.get_content_type(), len(content)]
            )
        else:
            asked[str(name)] = content.decode()
    return asked


class _Reply:
    def __init__(self, handler: BaseHTTPRequestHandler, wire: Wire, call: Call) -> None:
        self._handler = handler
        self._wire = wire
        self._call = call

    def give(self) -> None:
        fault = self._call.fault
        self._wire.wait(self._wire.delay)
        if fault in ERRORS:
            status, code, headers = ERRORS[fault]
            # The real one repeats the key that it refuses.
            key = self._handler.headers.get("Authorization", "").split()[-1]
            said = f"{code}: {key}"
            self._json({"error": {"message": said, "type": "x", "code": code}}, status, headers)
            return
        special = getattr(self, f"_{fault}", None)
        if special:
            special()
        elif fault in {"500", "502", "504"}:
            self._json({"error": {"message": "lost it", "code": None}}, int(fault), {})
        else:
            self._json(self._body(fault), 200, {})

    def _body(self, fault: str) -> Any:
        if fault in {"null", "list", "string"}:
            return {"null": None, "list": [], "string": "ok"}[fault]
        if "/images/" in self._call.path:
            return _images(self._call.asked, fault, self._wire.draw)
        return _text(self._call.asked, fault, chat=self._call.path.endswith("/chat/completions"))

    def _send(
        self, content: bytes, status: int, headers: dict[str, str], length: int | None = None
    ) -> None:
        handler = self._handler
        handler.send_response_only(status)
        said = {
            "Content-Type": "application/json",
            "x-request-id": f"req_{self._call.number}",
            "Content-Length": str(len(content) if length is None else length),
            **headers,
        }
        for name, value in said.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            handler.wfile.write(content)
            handler.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    def _json(self, data: Any, status: int, headers: dict[str, str]) -> None:
        self._send(json.dumps(data).encode(), status, headers)

    def _hang(self) -> None:
        self._wire.wait(60)
        self._handler.close_connection = True

    def _drop(self) -> None:
        self._handler.close_connection = True

    def _truncated(self) -> None:
        content = json.dumps(self._body("ok")).encode()
        self._send(content[: len(content) // 2], 200, {}, length=len(content))
        self._handler.close_connection = True

    def _chunked_truncated(self) -> None:
        handler = self._handler
        handler.send_response_only(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b'20\r\n{"created": 1, "data": [{"b64_js\r\n')
        handler.close_connection = True

    def _drip(self) -> None:
        self._send(b"{", 200, {}, length=10_000)
        try:
            while not self._wire._released.wait(0.02):
                self._handler.wfile.write(b" ")
                self._handler.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass
        self._handler.close_connection = True

    def _html(self) -> None:
        page = b"<!doctype html><title>Sign in</title>"
        self._send(page, 200, {"Content-Type": "text/html"})

    def _500_html(self) -> None:
        self._send(b"<h1>Bad gateway</h1>", 502, {"Content-Type": "text/html"})

    def _redirect(self) -> None:
        self._send(b"", 307, {"Location": "http://127.0.0.1:1/stolen"})

    def _gzip(self) -> None:
        self._send(gzip.compress(b"0" * 50_000_000), 200, {"Content-Encoding": "gzip"})

    def _huge(self) -> None:
        block = b" " * 1_000_000
        self._send(b"{", 200, {}, length=200_000_000)
        try:
            for _ in range(200):
                self._handler.wfile.write(block)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self._handler.close_connection = True


def _images(asked: dict[str, Any], fault: str, draw: Callable[[Asked], bytes]) -> Asked:
    width, height = size_of(asked)
    files = len(asked.get("files", ()))
    content = {
        "wrong_size": lambda: picture(width // 2, height // 2),
        "jpeg": lambda: picture(width, height, "JPEG"),
        "gif": lambda: picture(width, height, "GIF"),
        "eps": lambda: picture(width, height, "EPS"),
        "cut_png": lambda: picture(width, height)[:-20],
        "not_a_picture": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "moving": lambda: _moving(width, height),
        "flood": _flood,
    }.get(fault, lambda: draw(asked) if fault == "ok" else picture(width, height))()
    one: dict[str, Any] = {"b64_json": base64.b64encode(content).decode()}
    data: Any = [one]
    if fault == "extra_images":
        data = [one] * 5
    elif fault in {"null_data", "empty_data"}:
        data = None if fault == "null_data" else []
    elif fault == "bad_base64":
        one["b64_json"] = one["b64_json"][:1001]
    elif fault == "data_url":
        one["b64_json"] = f"data:image/png;base64,{one['b64_json']}"
    elif fault == "number_base64":
        one["b64_json"] = 5
    elif fault == "address":
        data = [{"url": "http://127.0.0.1:1/picture.png"}]
    answer = {
        "created": int(time.time()),
        "background": "opaque",
        "data": data,
        "output_format": "png",
        "quality": asked.get("quality"),
        "size": asked["size"],
        "usage": _usage(files, fault),
    }
    return {key: value for key, value in answer.items() if key != "usage" or value}


def _usage(files: int, fault: str) -> dict[str, Any] | None:
    wrong: dict[str, Any] = {
        "wrong_usage": "many",
        "negative_usage": -OUT_TOKENS,
        "dear": 3 * OUT_TOKENS,
    }
    text, drawn = IN_TOKENS + IMAGE_TEXT_IN * files, IMAGE_IN * files
    usage = {
        "input_tokens": text + drawn,
        "input_tokens_details": {"text_tokens": text, "image_tokens": drawn},
        "output_tokens": wrong.get(fault, OUT_TOKENS),
        "total_tokens": text + drawn + OUT_TOKENS,
    }
    return None if fault == "missing_usage" else usage


def _redrawn(width: int, height: int, reasons: int) -> bytes:
    """Return another picture of this size for each number of reasons."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (30 * reasons % 256, 90, 120)).save(file, "PNG")
    return file.getvalue()


def _moving(width: int, height: int) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (width, height), colour) for colour in ("red", "blue")]
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    return file.getvalue()


def _flood() -> bytes:
    file = io.BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    return file.getvalue()


def _text(asked: dict[str, Any], fault: str, *, chat: bool) -> dict[str, Any]:
    if chat:
        schema = asked["response_format"]["json_schema"]["schema"]
        message = asked["messages"][-1]["content"]
    else:
        schema, message = asked["text"]["format"]["schema"], asked["input"]
    facts = json.loads(re.search(r"BEGIN FACTS\n(.*)\nEND FACTS", message, re.DOTALL)[1])
    said = json.dumps(_fill(schema, facts, ""), ensure_ascii=False)
    said = {"not_json": "Sure! Here it is:", "wrong_shape": '{"other": 1}'}.get(fault, said)
    refusal = "I cannot help with that." if fault == "refusal" else None
    reason = {"cut_off": "length", "filtered": "content_filter"}.get(fault)
    if chat:
        choice = {
            "index": 0,
            "finish_reason": reason or "stop",
            "message": {
                "role": "assistant",
                "content": None if refusal else said,
                "refusal": refusal,
            },
        }
        usage = {
            "prompt_tokens": TEXT_IN,
            "completion_tokens": TEXT_OUT,
            "total_tokens": TEXT_IN + TEXT_OUT,
            "prompt_tokens_details": {"cached_tokens": TEXT_CACHED},
        }
        answer = {"id": "chatcmpl_1", "object": "chat.completion", "usage": usage}
        return {**answer, "choices": [] if fault == "empty_data" else [choice]}
    part = (
        {"type": "refusal", "refusal": refusal}
        if refusal
        else {"type": "output_text", "text": said[:20] if fault == "cut_off" else said}
    )
    reason = {"length": "max_output_tokens"}.get(str(reason), reason)
    answer = {
        "id": "resp_1",
        "object": "response",
        "status": "incomplete" if reason else "failed" if fault == "failed" else "completed",
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "id": "msg_1", "role": "assistant", "content": [part]},
        ],
        "usage": {
            "input_tokens": TEXT_IN,
            "input_tokens_details": {"cached_tokens": TEXT_CACHED},
            "output_tokens": TEXT_OUT,
            "output_tokens_details": {"reasoning_tokens": 40},
            "total_tokens": TEXT_IN + TEXT_OUT,
        },
    }
    if fault == "missing_usage":
        del answer["usage"]
    return answer


def _fill(schema: dict[str, Any], facts: dict[str, Any], name: str) -> Any:
    """Make up an answer of a shape; a translation is the source behind the reader's tag."""
    if schema["type"] == "object":
        return {key: _fill(one, facts, key) for key, one in schema["properties"].items()}
    if schema["type"] == "array":
        count = schema.get("minItems", 1)
        return [f"{_fill(schema['items'], facts, name)} {number}" for number in range(1, count + 1)]
    source = facts.get("source", {})
    if name in source:
        # What was turned down is said otherwise, once more for each reason.
        anew = " anew" * len(facts.get("reasons", ()))
        return f"{facts['reader']['tag']}{anew}: {source[name]}"
    return f"A made-up answer for {name}"


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="OpenAI's wire on loopback, with faults.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--script", default="", help="faults, with commas between them")
    parser.add_argument("--delay", type=float, default=0, help="seconds before each answer")
    options = parser.parse_args()
    script = [fault for fault in options.script.split(",") if fault]
    wire = Wire(script, options.journal, options.port, options.delay)
    print(wire.url, flush=True)  # noqa: T201 - who starts it reads its address here
    wire.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
