"""Posts one message to an address of this installation's, within bounds."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2
from pydantic import JsonValue

from creative.value import canonical
from providers.wire import GuardedTransport, certificates

PATIENCE = 10.0
"""Seconds for all of it."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Undelivered(Exception):
    """It did not arrive. The message holds nothing of the address, which may be a secret."""


def check(url: str) -> str:
    """Return an address to post to, if it is one.

    Raises:
        ValueError: It is not https, and not http on this machine.

    """
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not (safe and parts.hostname and not parts.username):
        raise ValueError("write an address of https://, or of http:// on this machine")
    return url


def post(url: str, body: Mapping[str, JsonValue], proxy: str | None = None) -> None:
    """Post a message as JSON, once, following no redirect.

    Args:
        url: As ``check`` accepts it.
        body: The message.
        proxy: Where to send through.

    Raises:
        Undelivered: No answer came in time, or one that does not take it.

    """
    inner = httpx2.HTTPTransport(verify=certificates(), trust_env=False, proxy=proxy)
    # No client above it, which would write the address to the log.
    transport = GuardedTransport(inner, max_bytes=10_000, deadline=PATIENCE)
    request = httpx2.Request(
        "POST",
        check(url),
        content=canonical(dict(body)),
        headers={"Content-Type": "application/json"},
        extensions={"timeout": httpx2.Timeout(PATIENCE, connect=5).as_dict()},
    )
    try:
        answer = transport.handle_request(request)
        # What it says is nothing to us.
        answer.close()
    except httpx2.TransportError as error:
        raise Undelivered(f"no answer ({type(error).__name__})") from None
    finally:
        transport.close()
    if not answer.is_success:
        raise Undelivered(f"the answer was {answer.status_code}")
