"""A vendor's place on loopback: an HTTP server that answers what a test says, or breaks off.

with Loopback(lambda asked: Told(200, {"id": "1"})) as server:
    server.url      # http://127.0.0.1:<port>
    server.asked    # what reached it, in order
"""

import email
import email.policy
import io
import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

from PIL import Image

How = Literal["whole", "hang", "drop", "cut", "drip", "head_drip"]


@dataclass(frozen=True)
class Asked:
    """One request that reached the server."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        """Return its body."""
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, Any]:
        """Return the fields of a multipart form; of a file its name, type and length.

        A field that comes several times is a list.
        """
        kind = self.headers["content-type"].encode()
        message = email.message_from_bytes(
            b"Content-Type: " + kind + b"\r\n\r\n" + self.body, policy=email.policy.HTTP
        )
        fields: dict[str, Any] = {}
        for part in message.iter_parts():
            name = str(part.get_param("name", header="content-disposition"))
            content = part.get_payload(decode=True)
            whole = (part.get_filename(), part.get_content_type(), len(content))
            value = whole if part.get_filename() else content.decode()
            before = fields.get(name)
            several = before if isinstance(before, list) else [before]
            fields[name] = value if before is None else [*several, value]
        return fields


@dataclass(frozen=True)
class Told:
    """What the server answers, and how."""

    status: int = 200
    body: Any = field(default_factory=dict)
    """Bytes as they are; anything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    how: How = "whole"

    @property
    def content(self) -> bytes:
        """Return the body's bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


BREAKS: dict[str, Callable[[Told], Told]] = {
    "hang": lambda told: Told(told.status, told.body, how="hang"),
    "drop": lambda told: Told(told.status, told.body, how="drop"),
    "cut": lambda told: Told(told.status, told.body, how="cut"),
    "drip": lambda told: Told(told.status, told.body, how="drip"),
    "head_drip": lambda told: Told(told.status, told.body, how="head_drip"),
    "html": lambda _told: Told(
        200, b"<!doctype html><title>Hi</title>", {"Content-Type": "text/html"}
    ),
    "html_502": lambda _told: Told(502, b"<h1>Bad gateway</h1>", {"Content-Type": "text/html"}),
    "redirect": lambda _told: Told(307, b"", {"Location": "http://127.0.0.1:1/stolen"}),
    "gzip": lambda told: Told(told.status, told.body, {"Content-Encoding": "gzip"}),
    "null": lambda _told: Told(200, None),
    "list": lambda _told: Told(200, []),
}
"""What may befall any good answer on its way."""


class PromptServer(ThreadingHTTPServer):
    """A server that ends at once, where ``serve_forever`` looks up some dozen times a second.

    Args:
        address: Of the host, and the port or 0.
        handler: Answers one request.

    """

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._ending = False
        self._thread = threading.Thread(target=self._serve)

    @property
    def port(self) -> int:
        """Return where it listens."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End, and free the port."""
        self._ending = True
        # It waits for whoever calls, so this is who does.
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self.server_close()

    def handle_error(self, *_of: object) -> None:
        """Say nothing: who is killed while it asks resets its connection."""

    def verify_request(self, *_of: object) -> bool:
        """Turn the last one away."""
        return not self._ending

    def _serve(self) -> None:
        while not self._ending:
            self.handle_request()


class Loopback:
    """The server. It starts with ``with`` and ends with it."""

    def __init__(self, answer: Callable[[Asked], Told]) -> None:
        self._answer = answer
        self._ended = threading.Event()
        self.asked: list[Asked] = []
        self._server = PromptServer(("127.0.0.1", 0), _handler(self))

    @property
    def url(self) -> str:
        """Return the address to give as a base URL."""
        return f"http://127.0.0.1:{self._server.port}"

    def take(self, asked: Asked) -> Told:
        """Write a request down and return what to answer."""
        self.asked.append(asked)
        return self._answer(asked)

    def wait(self, seconds: float) -> bool:
        """Wait as long as this or until the server ends, and say whether it ended."""
        return self._ended.wait(seconds)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._server.stop()


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    """Return a real picture of this size."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, kind)
    return file.getvalue()


def _drip(server: Loopback, line: BinaryIO, content: bytes) -> None:
    for byte in content * 1000:
        if server.wait(0.02):
            return
        line.write(bytes([byte]))
        line.flush()


def _handler(server: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            """Say nothing: the server keeps what was asked."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = server.take(Asked(self.command, self.path, headers, body))
            try:
                self._give(told)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_GET = do_DELETE = do_PUT = do_POST  # noqa: N815 - their names

        def _give(self, told: Told) -> None:
            content = told.content
            self.close_connection = told.how != "whole"
            if told.how in {"hang", "drop"}:
                server.wait(60 if told.how == "hang" else 0)
                return
            self.send_response_only(told.status)
            if told.how == "head_drip":
                self.flush_headers()
                _drip(server, self.wfile, b"X-Slow: 1\r\n")
                return
            length = len(content) * (1000 if told.how == "drip" else 1)
            said = {"Content-Type": "application/json", "Content-Length": str(length)}
            for name, value in {**said, **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if told.how == "drip":
                _drip(server, self.wfile, content)
            else:
                self.wfile.write(content if told.how == "whole" else content[: len(content) // 2])

    return Handler
