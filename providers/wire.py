"""The wire below a vendor's SDK: bounded in bytes and in time, and never led to another host."""

import contextlib
import functools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx2

from providers import errors
from providers.errors import Charged, ProviderError

# No byte of the request left us in these; in all others some may have.
NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


class Overrun(httpx2.ReadError):
    """An answer was larger, slower or packed otherwise than we read."""


class Overdue(Overrun):
    """An answer had begun, and was slower than we read."""


class Broken(NamedTuple):
    """What it means that no whole answer came to a request that is billed when it is done."""

    kind: type[ProviderError]
    charged: Charged
    said: str


def lost(error: httpx2.TransportError) -> Broken:
    """Return what an error of the wire means."""
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, NOT_SENT):
        return Broken(errors.Unavailable, Charged.NO, f"not reached: {said}")
    # What was too large or too slow did answer; what broke off did not.
    kind = errors.BadOutput if isinstance(error, Overrun) else errors.OutcomeUnknown
    return Broken(kind, Charged.MAYBE, f"sent, and no whole answer came back: {said}")


class GuardedTransport(httpx2.BaseTransport):
    """Passes requests on, and stops reading an answer that passes a limit.

    A client's own timeout is for one read: a server that drips a byte at a time never meets it.

    Args:
        inner: The transport that speaks.
        max_bytes: The longest body that is read.
        deadline: Seconds from the first byte sent to the last byte read.
        clock: Seconds that only rise.

    """

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        *,
        max_bytes: int,
        deadline: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._clock = clock

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return its answer with a bounded body."""
        until = self._clock() + self._deadline
        # Unpacking would let a small body grow without bound, so none is asked for or accepted.
        request.headers["Accept-Encoding"] = "identity"
        response = self._answer(request)
        packed = response.headers.get("content-encoding", "identity").lower()
        if packed != "identity":
            response.close()
            raise Overrun(f"the answer is packed as {packed[:20]}", request=request)
        stream = response.stream
        if isinstance(stream, httpx2.SyncByteStream):
            response.stream = _Bounded(
                stream, request, self._max_bytes, lambda: self._clock() > until
            )
        return response

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        """Return an answer with its headers read, and its body not yet."""
        if "trace" in request.extensions:
            # Whoever sends watches by itself.
            return self._inner.handle_request(request)
        with Watch(self._deadline) as watch:
            request.extensions = {**request.extensions, "trace": watch.see}
            try:
                return self._inner.handle_request(request)
            except httpx2.TransportError as error:
                if watch.late:
                    said = "the answer took too long"
                    raise httpx2.ReadTimeout(said, request=request) from error
                raise


class _Bounded(httpx2.SyncByteStream):
    def __init__(
        self,
        inner: httpx2.SyncByteStream,
        request: httpx2.Request,
        max_bytes: int,
        late: Callable[[], bool],
    ) -> None:
        self._inner = inner
        self._request = request
        self._max_bytes = max_bytes
        self._late = late

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._inner:
            size += len(chunk)
            if size > self._max_bytes:
                raise Overrun(f"the answer has over {self._max_bytes} bytes", request=self._request)
            if self._late():
                raise Overdue("the answer took too long", request=self._request)
            yield chunk

    def close(self) -> None:
        self._inner.close()


@functools.cache
def certificates() -> ssl.SSLContext:
    """Return whom we trust, read once: that takes longer than many a request."""
    return httpx2.create_ssl_context(trust_env=False)


def guarded_client(
    *, max_bytes: int, connect: float, deadline: float, proxy: str | None = None
) -> httpx2.Client:
    """Return a client that follows no redirect and reads no more than it must.

    Args:
        max_bytes: The longest body that is read.
        connect: Seconds until the connection stands.
        deadline: Seconds for the whole answer.
        proxy: Where to send through. Proxies and certificates that the environment names are
            not used: whoever sets a variable would read our keys.

    """
    return httpx2.Client(
        transport=GuardedTransport(
            httpx2.HTTPTransport(
                verify=certificates(),
                trust_env=False,
                proxy=proxy,
                # Each call has a connection of its own. One that is kept open may be closed by
                # the other side just as we send, and that looks like a request that was lost.
                limits=httpx2.Limits(max_keepalive_connections=0),
            ),
            max_bytes=max_bytes,
            deadline=deadline,
        ),
        timeout=httpx2.Timeout(deadline, connect=connect),
        follow_redirects=False,
        trust_env=False,
    )


class Watch:
    """Ends a connection when its time is up, since a timeout is for one read and not for all.

    A server that sends its headers a byte at a time meets no other limit.

    Args:
        seconds: From ``with`` until the connection is cut.

    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._stream: Any = None
        self.late = False

    def see(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of the connection as soon as it stands."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._stream = info["return_value"]

    def _cut(self) -> None:
        self.late = True
        # Closing wakes a read that blocks, on whichever thread it does.
        line = self._stream.get_extra_info("socket") if self._stream else None
        if line:
            # Not the method of a TLS socket, which would take its state from under the reader. An
            # error says that the connection ended by itself at the same moment.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()


def exchanged(
    transport: httpx2.BaseTransport, request: httpx2.Request, deadline: float
) -> tuple[httpx2.Response, bytes]:
    """Send a request, and return its answer with the whole of its body.

    Args:
        transport: A guarded one.
        request: With its timeouts among its extensions.
        deadline: Seconds from the first byte sent to the last byte read.

    Raises:
        TransportError: No whole answer came; ``lost`` says what that means. Of an answer that is
            an error anyway, what came of it is enough.

    """
    with Watch(deadline) as watch:
        request.extensions = {**request.extensions, "trace": watch.see}
        response = transport.handle_request(request)
        content = b""
        try:
            content = response.read()
        except httpx2.TransportError as error:
            late = watch.late or isinstance(error, httpx2.TimeoutException)
            if response.is_success and late and not isinstance(error, Overrun):
                raise Overdue("the answer took too long", request=request) from None
            if response.is_success:
                raise
        finally:
            response.close()
    return response, content
