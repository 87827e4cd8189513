"""What every request meets first, and every answer leaves with, whatever the page behind does."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 4_000_000
"""The longest form: 20,000 assets that were seen, each by its name and sha256."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    # Not no-referrer: browsers then name no origin even when a page of ours sends its own form
    # (Fetch, "append a request Origin header"). To others this says as little.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
NEVER_KEPT = "no-store"


@dataclass(frozen=True)
class Address:
    """Where people open the page."""

    origin: str
    """Such as ``http://127.0.0.1:4300``, with nothing behind the port."""
    secure: bool = field(init=False)
    """Whether a browser comes by https, so that its cookie never goes another way."""
    host: str = field(init=False)
    """What a browser calls it: with the port, where that is not the usual one."""
    cookie: str = field(init=False)
    """The name of the session's cookie. Ports share cookies, so it has the port in it."""

    def __post_init__(self) -> None:
        """Take the address apart.

        Raises:
            ValueError: It is none.

        """
        parts = urlsplit(self.origin)
        plain = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in ("http", "https") or not parts.hostname or plain != self.origin:
            raise ValueError(
                f"{self.origin!r} is no address of a page; write https://review.example.com"
            )
        secure = parts.scheme == "https"
        object.__setattr__(self, "secure", secure)
        object.__setattr__(self, "host", parts.netloc)
        # A name that begins so is only taken from https, for this host and no wider (RFC 6265bis).
        name = "__Host-kampanj" if secure else f"kampanj-{parts.port or 80}"
        object.__setattr__(self, "cookie", name)


class Guard:
    """Refuses other hosts and endless bodies, and says to browsers what a page may do.

    Args:
        app: What it stands before.
        host: The one that we are called by. Another one is a name of somebody else's that was
            made to lead here (DNS rebinding), and their page would be of our origin.

    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        said = headers.get("host", "")
        if said.lower() != self._host:
            told = f"this page answers to {self._host} and to no other name\n"
            await PlainTextResponse(told, 400)(scope, receive, _stamped(send))
            return
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            told = f"a form has {MOST_BYTES:,} bytes at most\n"
            await PlainTextResponse(told, 413)(scope, receive, _stamped(send))
            return
        await self._app(scope, _bounded(receive), _stamped(send))


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            # Sent in pieces, with no length said before.
            raise HTTPException(413, f"a form has {MOST_BYTES:,} bytes at most")
        return message

    return bounded


def _stamped(send: Send) -> Send:
    async def stamped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", NEVER_KEPT)
        await send(message)

    return stamped
