"""One request over a real wire: how each fault is told apart, and where a key never goes."""

import logging
import socket
import time
import traceback

import pytest
from loopback import BREAKS, Loopback, Told
from pydantic import SecretStr
from vendor_faults import CANARY, patience

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Charged, ProviderError, Trace
from providers.reply import usual
from providers.rest import Rest


def rest(url: str, *hosts: str, timeout: float = 20.0, max_bytes: int = 10_000) -> Rest:
    """Build an account whose key is the canary."""
    return Rest("acme", url, {"x-key": CANARY}, timeout=timeout, max_bytes=max_bytes, hosts=hosts)


def closed_port() -> str:
    """Return an address where nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def told(error: BaseException) -> str:
    """Return all that a log would show of an error."""
    return "".join(traceback.format_exception(error, chain=True)) + f"{vars(error)}"


def test_an_answer_comes_with_its_status_and_object() -> None:
    """An adapter reads fields; it does not speak HTTP."""
    with Loopback(lambda _asked: Told(202, {"id": "1"}, {"X-Request-Id": "r1"})) as server:
        reply = rest(f"{server.url}/v1/").json("POST", "/draw", {"a": 1}, sent_is_billed=True)

    assert (reply.status, reply.data, reply.ok, reply.request_id) == (202, {"id": "1"}, True, "r1")
    [asked] = server.asked
    assert (asked.method, asked.path, asked.json) == ("POST", "/v1/draw", {"a": 1})
    assert asked.headers["x-key"] == CANARY


def test_a_form_carries_fields_and_files() -> None:
    """Vendors that take pictures read forms, and some read nothing else."""
    file = ("cup.png", b"123", "image/png")
    with Loopback(lambda _asked: Told(200, {"id": "1"})) as server:
        rest(server.url).json("POST", "a", {"n": 1}, files=[("image", file)], sent_is_billed=True)
        rest(server.url).json("POST", "b", {"n": 1}, files=[], sent_is_billed=True)

    assert server.asked[0].form == {"n": "1", "image": ("cup.png", "image/png", 3)}
    assert server.asked[1].form == {"n": "1"}


BILLED = {
    "hang": (errors.OutcomeUnknown, "maybe"),
    "drop": (errors.OutcomeUnknown, "maybe"),
    "cut": (errors.OutcomeUnknown, "maybe"),
    "head_drip": (errors.OutcomeUnknown, "maybe"),
    "drip": (errors.BadOutput, "maybe"),
    "html": (errors.BadOutput, "maybe"),
    "gzip": (errors.BadOutput, "maybe"),
    "null": (errors.BadOutput, "maybe"),
    "list": (errors.BadOutput, "maybe"),
}


@pytest.mark.parametrize("fault", BILLED)
@pytest.mark.parametrize("request_is", ["billed", "free"])
def test_a_lost_answer_is_asked_again_only_where_it_is_free(
    fault: str, request_is: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A purchase that is called free is bought twice, and a poll that gives up loses a picture."""
    caplog.set_level(logging.DEBUG)
    good, billed = Told(200, {"id": "1"}), request_is == "billed"
    with Loopback(lambda _asked: BREAKS[fault](good)) as server:
        account = rest(server.url, timeout=patience(BREAKS[fault](good)))
        with pytest.raises(ProviderError) as caught:
            account.json("POST", "a", {}, model="m1", sent_is_billed=billed)

    wanted = BILLED[fault] if billed else (errors.Unavailable, "no")
    assert (type(caught.value), str(caught.value.charged)) == wanted
    assert caught.value.model == "m1"
    assert len(server.asked) == 1
    assert CANARY not in told(caught.value) + caplog.text


def test_a_closed_port_is_not_a_lost_request() -> None:
    """Nothing was sent, so nothing can be on the bill, and the money is given back."""
    with pytest.raises(errors.Unavailable) as caught:
        rest(closed_port()).json("POST", "a", {}, sent_is_billed=True)

    assert caught.value.charged is Charged.NO


@pytest.mark.parametrize("how", ["hang", "drip", "head_drip"])
def test_no_answer_takes_longer_than_it_may(how: str) -> None:
    """A server that sends a byte at a time would hold a worker for good."""
    with Loopback(lambda _asked: BREAKS[how](Told(200, {"id": "1"}))) as server:
        started = time.monotonic()
        with pytest.raises(ProviderError):
            rest(server.url, timeout=0.2).json("GET", "a", sent_is_billed=True)

    assert time.monotonic() - started < 2


def test_an_answer_that_is_too_long_is_not_read() -> None:
    """A picture of a gigabyte would take the machine with it."""
    body = b'{"a": "' + b"x" * 20_000 + b'"}'
    with (
        Loopback(lambda _asked: Told(200, body)) as server,
        pytest.raises(errors.BadOutput, match="over 10000 bytes") as caught,
    ):
        rest(server.url).json("POST", "a", {}, sent_is_billed=True)

    assert caught.value.charged is Charged.MAYBE


MEANINGS = {
    300: (errors.NotConfigured, "no"),
    307: (errors.NotConfigured, "no"),
    400: (errors.InvalidRequest, "no"),
    401: (errors.NotConfigured, "no"),
    402: (errors.QuotaExceeded, "no"),
    403: (errors.NotConfigured, "no"),
    404: (errors.ModelGone, "no"),
    408: (errors.OutcomeUnknown, "maybe"),
    409: (errors.OutcomeUnknown, "maybe"),
    410: (errors.ModelGone, "no"),
    418: (errors.InvalidRequest, "no"),
    422: (errors.InvalidRequest, "no"),
    429: (errors.RateLimited, "no"),
    500: (errors.OutcomeUnknown, "maybe"),
    502: (errors.OutcomeUnknown, "maybe"),
    503: (errors.Unavailable, "no"),
    504: (errors.OutcomeUnknown, "maybe"),
    529: (errors.Unavailable, "no"),
}


@pytest.mark.parametrize("status", MEANINGS)
@pytest.mark.parametrize("how", ["whole", "cut"])
def test_each_status_has_one_meaning(status: int, how: str) -> None:
    """What the status says stands, even where the words after it break off or are a page."""
    page = Told(status, b"<h1>Sorry</h1>", {"Retry-After": "7", "X-Request-Id": "r1"}, how=how)
    with Loopback(lambda _asked: page) as server:
        reply = rest(server.url).json("POST", "a", {}, sent_is_billed=True)
    error = usual(reply, "acme", "m1")

    assert (type(error), str(error.charged)) == MEANINGS[status]
    assert (error.trace.status, error.trace.request_id, error.retry_after) == (status, "r1", 7)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "unsafe", "message": f"no: {CANARY}"}},
        {"error": {"code": 400, "status": "unsafe", "message": f"no: {CANARY}"}},
        {"error_code": "unsafe", "message": f"no: {CANARY}"},
        {"name": "unsafe", "errors": [f"no: {CANARY}"]},
        {"code": "unsafe", "detail": f"no: {CANARY}"},
    ],
)
def test_a_code_is_found_wherever_vendors_write_it(body: dict[str, object]) -> None:
    """A refusal that is read as a bad request sends somebody to look for a bug."""
    with Loopback(lambda _asked: Told(400, body)) as server:
        reply = rest(server.url).json("POST", "a", {}, sent_is_billed=True)

    assert type(usual(reply, "acme", "m1", frozenset({"unsafe"}))) is errors.RefusedInput
    error = usual(reply, "acme", "m1", quota=frozenset({"unsafe"}))
    assert type(error) is errors.QuotaExceeded
    assert "no: …" in str(error)
    assert CANARY not in told(error) + repr(reply)


def test_a_free_request_that_failed_inside_is_asked_again() -> None:
    """A poll that meets a 500 says nothing of the job."""
    with Loopback(lambda _asked: Told(500)) as server:
        reply = rest(server.url).json("GET", "a", sent_is_billed=False)

    assert type(usual(reply, "acme", "m1")) is errors.Unavailable


ELSEWHERE = [
    "http://169.254.169.254/latest/meta-data",
    "http://127.0.0.1:1/a",
    "http://api.acme.test/a",
    "https://api.acme.test:444/a",
    "https://acme.test.evil.test/a",
    "https://evilacme.test/a",
    "https://acme.test@evil.test/a",
    "https://user:word@api.acme.test/a",
    "http://user:word@127.0.0.1:2/a",
    "https://[::1]/a",
    "https://acme.test\\@evil.test/a",
    "http://[",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_nothing_is_sent_to_an_address_that_is_not_the_vendors(url: str) -> None:
    """A poll address in an answer would carry our key to whoever wrote it."""
    account = rest("http://127.0.0.1:2", "acme.test")
    with pytest.raises(errors.BadOutput, match="address"):
        account.json("GET", url, sent_is_billed=False)
    with pytest.raises(errors.BadOutput, match="address") as caught:
        account.fetch(url)

    assert caught.value.charged is Charged.YES


def test_an_address_of_the_vendors_is_tried() -> None:
    """Results lie on hosts of their own, and pollers on regional ones."""
    account = rest("http://127.0.0.1:2", "invalid")
    with pytest.raises(errors.Unavailable):
        account.json("GET", "https://api.eu.invalid/a", sent_is_billed=False)


def test_a_result_is_fetched_without_the_key(caplog: pytest.LogCaptureFixture) -> None:
    """A bucket's owner reads every header, and a log every signature."""
    caplog.set_level(logging.DEBUG, "httpx2")
    with Loopback(lambda _asked: Told(200, b"bytes")) as server:
        origin = server.url
        content = rest("https://acme.test", origin).fetch(f"{origin}/r.png?sig=signature")

    assert content == b"bytes"
    assert "x-key" not in server.asked[0].headers
    assert CANARY not in f"{server.asked[0].headers}"
    assert "signature" not in caplog.text


RESULTS = {
    "403": (Told(403), errors.JobLost, "yes"),
    "404": (Told(404), errors.JobLost, "yes"),
    "410": (Told(410), errors.JobLost, "yes"),
    "307": (Told(307, b"", {"Location": "http://127.0.0.1:1/"}), errors.BadOutput, "yes"),
    "huge": (Told(200, b"x" * 20_000), errors.BadOutput, "yes"),
    "429": (Told(429), errors.Unavailable, "no"),
    "500": (Told(500), errors.Unavailable, "no"),
    "503": (Told(503), errors.Unavailable, "no"),
    "cut": (Told(200, b"12345", how="cut"), errors.Unavailable, "no"),
    "drip": (Told(200, b"12345", how="drip"), errors.Unavailable, "no"),
    "hang": (Told(how="hang"), errors.Unavailable, "no"),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_that_does_not_come_may_come_later_or_was_paid_for(name: str) -> None:
    """What was drawn is on the bill, whether we got it or not."""
    answer, kind, charged = RESULTS[name]
    usage = Usage(model="m1", quantities={"image": 1}, receipt="r1")
    signed = f"/r.png?sig={CANARY}"
    with Loopback(lambda _asked: answer) as server:
        account = rest(server.url, timeout=patience(answer))
        with pytest.raises(ProviderError) as caught:
            account.fetch(server.url + signed, Trace(model="m1", usage=usage))

    assert (type(caught.value), str(caught.value.charged)) == (kind, charged)
    assert caught.value.usage == usage
    assert CANARY not in told(caught.value)
    assert len(server.asked) == 1


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can set a variable of a CI job could else read the key through a proxy."""
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Loopback(lambda _asked: Told()) as server:
        assert rest(server.url).json("GET", "a", sent_is_billed=True).ok


def test_a_proxy_that_was_set_is_used() -> None:
    """Many networks let nothing out but through theirs."""
    with Loopback(lambda _asked: Told(200, {"via": "proxy"})) as proxy:
        account = Rest(
            "acme",
            "http://acme.invalid/v1",
            {},
            timeout=1,
            max_bytes=100,
            proxy=SecretStr(proxy.url),
        )
        reply = account.json("GET", "a", sent_is_billed=False)

    assert reply.data == {"via": "proxy"}
    assert proxy.asked[0].path == "http://acme.invalid/v1/a"
