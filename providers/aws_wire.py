"""The wire below Amazon's SDK: it describes, signs and reads, and the request is sent by ours.

What the SDK has no limit for is the wire: it waits for each read alone, reads a body to its end
however large it is, and takes proxies from the environment.
"""

import io
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pydantic import SecretStr

from providers.wire import GuardedTransport, certificates, exchanged


class AwsWire:
    """Sends what an SDK's client has signed: once, bounded in bytes and in time.

    Args:
        timeout: Seconds from the first byte sent to the last byte read.
        max_bytes: The longest answer that is read.
        connect: Seconds until the connection stands.
        silent: Seconds that the other side may say nothing; None is as long as ``timeout``.
        proxy: Where everything is sent through.

    """

    def __init__(
        self,
        *,
        timeout: float,
        max_bytes: int,
        connect: float,
        silent: float | None = None,
        proxy: SecretStr | None = None,
    ) -> None:
        # At DEBUG it writes down each request with the session's token, and each body whole.
        logging.getLogger("botocore").setLevel(logging.INFO)
        self._deadline = timeout
        self._timeout = httpx2.Timeout(silent or timeout, connect=connect).as_dict()
        self._transport = GuardedTransport(
            httpx2.HTTPTransport(
                verify=certificates(),
                trust_env=False,
                proxy=proxy.get_secret_value() if proxy else None,
                # A connection that is kept may be closed by the other side just as we send, and
                # that looks like a request that was lost.
                limits=httpx2.Limits(max_keepalive_connections=0),
            ),
            max_bytes=max_bytes,
            deadline=timeout,
        )

    def carry(self, client: Any) -> None:
        """Send all that a client signs from now on."""
        client.meta.events.register("before-send", self._send)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _send(self, request: AWSPreparedRequest, **_facts: object) -> AWSResponse:
        """Send what the SDK has signed; it takes what is returned as its own wire's answer."""
        sent = httpx2.Request(
            request.method,
            request.url,
            headers=[(name, _bytes(value)) for name, value in request.headers.items()],
            content=_bytes(request.body or b""),
            extensions={"timeout": self._timeout},
        )
        response, content = exchanged(self._transport, sent, self._deadline)
        return AWSResponse(
            request.url, response.status_code, dict(response.headers), _Body(content)
        )


class _Body(io.BytesIO):
    """A body that was read, as the SDK asks for it."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


def _bytes(value: Any) -> bytes:
    """Return a header's value or a body as bytes: the SDK makes a file of the body of an object."""
    if isinstance(value, str):
        return value.encode()
    return bytes(value.read() if hasattr(value, "read") else value)
