"""A vendor's JSON over HTTP, asked once: bounded, never led elsewhere, and never told our keys.

An SDK is not needed for two endpoints, and most of them retry what is billed.
"""

import email.utils
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from providers import errors
from providers.errors import Charged, ProviderError, Trace
from providers.wire import GuardedTransport, Overrun, Watch, certificates

# No byte of the request left us in these; in all others some may have.
NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)
BY_STATUS: dict[int, type[ProviderError]] = {
    400: errors.InvalidRequest,
    401: errors.NotConfigured,
    402: errors.QuotaExceeded,
    403: errors.NotConfigured,
    404: errors.ModelGone,
    408: errors.OutcomeUnknown,
    409: errors.OutcomeUnknown,
    410: errors.ModelGone,
    413: errors.InvalidRequest,
    415: errors.InvalidRequest,
    422: errors.InvalidRequest,
    429: errors.RateLimited,
    503: errors.Unavailable,
    529: errors.Unavailable,
}
"""All other 5xx came after the request was taken in: whether it was done, nobody said."""
MENDS = {
    "not_configured": "check the key and the address; ",
    "quota": "add money to the account; ",
    "model_gone": "choose another model, see kampanj providers; ",
}
REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-trace-id")
File = tuple[str, bytes, str]
"""Of a multipart form: its name, its bytes, its media type."""


class Part(BaseModel):
    """A part of an answer, read strictly: other types are refused, unknown fields passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)


def counted(shape: type[Part], data: object) -> Any:
    """Read a usage block, or return None where it is missing or cannot be true."""
    try:
        return shape.model_validate(data)
    except ValidationError:
        return None


@dataclass(frozen=True)
class Reply:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    data: dict[str, Any] = field(repr=False)
    """The JSON object; empty where a status that is not 2xx came with anything else."""
    billed: bool = True
    """Whether the request was one that is billed when it is done."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not appear in a message that is made of it."""

    @property
    def ok(self) -> bool:
        """Say whether it was done."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str:
        """Return the provider's own number for the request, or an empty string."""
        return next((self.headers[name] for name in REQUEST_IDS if name in self.headers), "")

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the provider's names for the fault, wherever it writes them."""
        inner = self.data.get("error")
        places = [inner] if isinstance(inner, dict) else []
        found = (
            place.get(name)
            for place in (*places, self.data)
            for name in ("code", "status", "type", "name", "error_code")
        )
        return tuple(one[:80] for one in found if isinstance(one, str) and one)

    @property
    def words(self) -> str:
        """Return the provider's own message; a page or a dump is not worth a line of the log."""
        inner = self.data.get("error")
        places = (inner if isinstance(inner, dict) else {}, self.data)
        said = [place.get(name) for place in places for name in ("message", "detail")]
        several = self.data.get("errors")
        said += [inner, *(several if isinstance(several, list) else ())]
        return next((one for one in said if isinstance(one, str) and one), "it gave no reason")

    def trace(self, model: str) -> Trace:
        """Return what it tells a support desk."""
        return Trace(
            model=model,
            status=self.status,
            code=next(iter(self.codes), ""),
            request_id=self.request_id,
            retry_after=seconds_to_wait(self.headers),
        )


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
        except _Cut as cut:
            raise self._lost(cut, trace, billed=sent_is_billed) from None
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
        except _Cut as cut:
            if cut.too_large:
                raise self._failed(errors.BadOutput, f"the result: {cut}", known) from None
            raise self._lost(cut, known, billed=False) from None
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
        """Send, and read to the end; of an answer that is an error anyway, what came of it."""
        with Watch(self._deadline) as watch:
            request.extensions = {"timeout": self._timeout, "trace": watch.see}
            try:
                response = self._transport.handle_request(request)
            except httpx2.TransportError as error:
                raise _Cut(error, sent=not isinstance(error, NOT_SENT), late=watch.late) from None
            raw = b""
            try:
                raw = response.read()
            except httpx2.TransportError as error:
                if 200 <= response.status_code < 300:
                    raise _Cut(error, begun=True, late=watch.late) from None
            finally:
                response.close()
        return response, raw

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

    def _lost(self, cut: "_Cut", trace: Trace, *, billed: bool) -> ProviderError:
        if not cut.sent:
            return self._failed(errors.Unavailable, f"not reached: {cut}", trace)
        if not billed:
            return self._failed(errors.Unavailable, f"no whole answer came: {cut}", trace)
        # What was too large or too slow did answer; what broke off did not.
        kind = errors.BadOutput if cut.too_large or cut.too_slow else errors.OutcomeUnknown
        return self._failed(
            kind, f"sent, and no whole answer came back: {cut}", trace, charged=Charged.MAYBE
        )

    def _failed(
        self,
        kind: type[ProviderError],
        message: str,
        trace: Trace,
        *,
        charged: Charged | None = None,
    ) -> ProviderError:
        return kind(self._provider, message, trace, charged=charged, secrets=self._secrets)


def usual(
    reply: Reply,
    provider: str,
    model: str,
    refusals: frozenset[str] = frozenset(),
    quota: frozenset[str] = frozenset(),
    *,
    codes: Mapping[str, type[ProviderError]] | None = None,
    charged: Charged | None = None,
) -> ProviderError:
    """Return what an answer that is not 2xx means, by its code and then by its status.

    Args:
        reply: What was answered.
        provider: Who answered.
        model: Which was asked.
        refusals: Codes of a prompt that the vendor will not draw.
        quota: Codes of an account without money.
        codes: What other codes mean.
        charged: Whether it was billed; None takes what is usual for the kind.

    """
    known = {
        **(codes or {}),
        **dict.fromkeys(quota, errors.QuotaExceeded),
        **dict.fromkeys(refusals, errors.RefusedInput),
    }
    named = [known[code] for code in reply.codes if code in known]
    kind: type[ProviderError] = named[0] if named else _by_status(reply)
    mend = MENDS.get(kind.kind, "")
    trace = reply.trace(model)
    said = f"{reply.status} {trace.code}: {mend}{reply.words}"
    return kind(provider, said, trace, charged=charged, secrets=reply.secrets)


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return what Retry-After asks for in seconds, from 0, or None for anything unreadable.

    A date is taken against the answer's own Date, so that no clock of ours is asked.
    """
    text = headers.get("retry-after", "").strip()
    try:
        wait = float(text)
    except ValueError:
        then = _date(text)
        sent = _date(headers.get("date", ""))
        if then is None or sent is None:
            return None
        wait = then - sent
    return max(wait, 0.0) if math.isfinite(wait) else None


def _by_status(reply: Reply) -> type[ProviderError]:
    if 300 <= reply.status < 400:
        return errors.NotConfigured
    unknown = errors.OutcomeUnknown if reply.status >= 500 else errors.InvalidRequest
    kind = BY_STATUS.get(reply.status, unknown)
    # A free request that was lost is asked again.
    lost = kind is errors.OutcomeUnknown and not reply.billed
    return errors.Unavailable if lost else kind


def _date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


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


class _Cut(Exception):
    """An answer did not come whole."""

    def __init__(
        self, error: Exception, *, sent: bool = True, begun: bool = False, late: bool = False
    ) -> None:
        # The error itself is not kept: it holds the request, and the request holds the key.
        super().__init__(f"{type(error).__name__}: {error}")
        overrun = isinstance(error, Overrun)
        timed_out = isinstance(error, httpx2.TimeoutException)
        self.sent = sent
        self.too_slow = begun and (late or timed_out)
        self.too_large = overrun and not self.too_slow
