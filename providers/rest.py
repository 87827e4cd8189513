"""A vendor's JSON over HTTP, asked once: bounded, never led elsewhere, and never told our keys.

An SDK is not needed for two endpoints, and most of them retry what is billed.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
from pydantic import SecretStr

from providers import errors
from providers.errors import Charged, ProviderError, Trace
from providers.reply import Reply
from providers.wire import (
    GuardedTransport,
    Overdue,
    Overrun,
    certificates,
    exchanged,
    lost,
)

File = tuple[str, bytes, str]
"""Of a multipart form: its name, its bytes, its media type."""


class Rest:
    """One account at one vendor. It never retries, follows no redirect, and reads no environment.

    Args:
        provider: Its name in the registry, for messages.
        base_url: Where the vendor's API is.
        headers: Sent with each request of ``json``, and never with ``fetch``: they hold the key.
        timeout: Seconds from the first byte sent to the last byte read.
        max_bytes: The longest answer that is read.
        connect: Seconds until the connection stands.
        proxy: Where everything is sent through.
        secrets: More values to remove from messages.
        hosts: Where else absolute addresses may point: a suffix of a host, over https only
            (``bfl.ai`` also means ``api.eu.bfl.ai``), or one whole origin
            (``http://127.0.0.1:8188``). The origin of ``base_url`` is always among them.

    """

    def __init__(  # noqa: PLR0913 - each is a limit that somebody else sets
        self,
        provider: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        timeout: float,
        max_bytes: int,
        connect: float = 5.0,
        proxy: SecretStr | None = None,
        secrets: tuple[str, ...] = (),
        hosts: tuple[str, ...] = (),
    ) -> None:
        self._provider = provider
        self._base = base_url.rstrip("/")
        self._headers = dict(headers)
        self._deadline = timeout
        self._timeout = httpx2.Timeout(timeout, connect=connect).as_dict()
        self._secrets = tuple(filter(None, (*secrets, *headers.values())))
        self._hosts = hosts
        # Without a client above it: that would write each address to the log, and those of
        # results hold a signature. Nor is a connection kept: one may be closed by the other side
        # just as we send, and that looks like a request that was lost.
        self._transport = GuardedTransport(
            httpx2.HTTPTransport(
                verify=certificates(),
                trust_env=False,
                proxy=proxy.get_secret_value() if proxy else None,
                limits=httpx2.Limits(max_keepalive_connections=0),
            ),
            max_bytes=max_bytes,
            # The watch ends what is slow, and knows it from what is large.
            deadline=timeout + 60,
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def json(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path_or_url: str,
        body: Mapping[str, Any] | None = None,
        *,
        files: Sequence[tuple[str, File]] | None = None,
        form: Mapping[str, str] | None = None,
        raw: tuple[bytes, str] | None = None,
        headers: Mapping[str, str] | None = None,
        model: str = "",
        sent_is_billed: bool,
    ) -> Reply:
        """Send one request and return its answer, whatever its status.

        Args:
            method: ``GET``, ``POST`` …
            path_or_url: Below ``base_url``, or an address that the vendor gave.
            body: Sent as JSON, or as the fields of a form where there are files.
            files: By field. An empty list still sends a form.
            form: Sent as the fields of a form in place of the rest, as token servers ask for it.
            raw: Bytes with their media type, sent as they are in place of the rest.
            headers: For this request only.
            model: For messages.
            sent_is_billed: Whether the vendor bills for it once it is taken in. Of a free one
                no answer is as good as none: it is ``Unavailable`` and may be asked again.

        Raises:
            Unavailable: Nothing was sent, or a free request had no answer.
            OutcomeUnknown: It was sent, is billed if done, and no whole answer came.
            BadOutput: The answer is no JSON object, too large, or too slow; billed or not,
                nobody can tell from that. Or the address is not one that we trust.

        """
        content: dict[str, Any]
        more = dict(headers or {})
        if raw is not None:
            content = {"content": raw[0]}
            more["Content-Type"] = raw[1]
        elif form is not None:
            content = {"data": dict(form)}
        elif files is None:
            content = {} if body is None else {"json": dict(body)}
        else:
            fields = [(name, (None, str(value))) for name, value in (body or {}).items()]
            content = {"files": [*fields, *files]}
        request = httpx2.Request(
            method,
            self._address(path_or_url, model),
            headers={"Accept": "application/json", **self._headers, **more},
            **content,
        )
        trace = Trace(model=model)
        try:
            response, answer = self._send(request)
        except httpx2.TransportError as error:
            # Not chained: it holds the request, and the request holds the key.
            raise self._lost(error, trace, billed=sent_is_billed) from None
        reply = Reply(
            status=response.status_code,
            headers=response.headers,
            data=_object(answer) or {},
            billed=sent_is_billed,
            secrets=self._secrets,
        )
        if reply.ok and not reply.data and answer.strip() != b"{}":
            kind = response.headers.get("content-type", "nothing")
            raise self._failed(
                errors.BadOutput if sent_is_billed else errors.Unavailable,
                f"answered {len(answer)} bytes of {kind}, which is no JSON object",
                reply.trace(model),
                charged=Charged.MAYBE if sent_is_billed else Charged.NO,
            )
        return reply

    def fetch(self, url: str, trace: Trace | None = None) -> bytes:
        """Return the bytes of a result, asked for without our keys.

        Args:
            url: As the vendor gave it. It is not shown: it may be signed.
            trace: What is known of the answer that named it, with its usage.

        Raises:
            Unavailable: It may be there, and did not come whole; asking again is free.
            JobLost: It is there no longer. What was made is paid for, here as below.
            BadOutput: It is elsewhere than the vendor's results are, or too large.

        """
        known = trace or Trace()
        request = httpx2.Request("GET", self._address(url, known.model, known))
        try:
            response, raw = self._send(request)
        except httpx2.TransportError as error:
            if isinstance(error, Overrun) and not isinstance(error, Overdue):
                said = f"the result: {lost(error).said}"
                raise self._failed(errors.BadOutput, said, known) from None
            raise self._lost(error, known, billed=False) from None
        if response.status_code == 200:
            return raw
        said = f"{response.status_code} for the result at {request.url.host}"
        if response.status_code in {408, 425, 429} or response.status_code >= 500:
            raise self._failed(errors.Unavailable, f"{said}; it may come later", known)
        if response.status_code in {403, 404, 410}:
            gone = f"{said}: the address has expired"
            raise self._failed(errors.JobLost, gone, known, charged=Charged.YES)
        raise self._failed(errors.BadOutput, f"{said}, which is no picture", known)

    def _send(self, request: httpx2.Request) -> tuple[httpx2.Response, bytes]:
        request.extensions = {"timeout": self._timeout}
        return exchanged(self._transport, request, self._deadline)

    def _address(self, path_or_url: str, model: str, trace: Trace | None = None) -> httpx2.URL:
        absolute = path_or_url.startswith(("http://", "https://"))
        known = trace or Trace(model=model)
        try:
            base = httpx2.URL(self._base)
            written = path_or_url if absolute else f"{self._base}/{path_or_url.lstrip('/')}"
            url = httpx2.URL(written)
        except httpx2.InvalidURL:
            raise self._failed(errors.BadOutput, "an address cannot be read", known) from None
        if _origin(url) == _origin(base) and not url.userinfo:
            return url
        if absolute and not url.userinfo and any(_within(url, host) for host in self._hosts):
            return url
        raise self._failed(
            errors.BadOutput,
            f"an address at {url.scheme}://{url.host[:80]} is none of {self._provider}'s; "
            "nothing was sent there",
            known,
        )

    def _lost(self, error: httpx2.TransportError, trace: Trace, *, billed: bool) -> ProviderError:
        kind, charged, said = lost(error)
        if not billed and charged is not Charged.NO:
            said = f"no whole answer came: {type(error).__name__}: {error}"
            kind, charged = errors.Unavailable, Charged.NO
        return self._failed(kind, said, trace, charged=charged)

    def _failed(
        self,
        kind: type[ProviderError],
        message: str,
        trace: Trace,
        *,
        charged: Charged | None = None,
    ) -> ProviderError:
        return kind(self._provider, message, trace, charged=charged, secrets=self._secrets)


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _within(url: httpx2.URL, allowed: str) -> bool:
    if "://" in allowed:
        return _origin(url) == _origin(httpx2.URL(allowed))
    suffix = allowed.lower().strip(".")
    host = url.host == suffix or url.host.endswith(f".{suffix}")
    return host and url.scheme == "https" and url.port is None
