"""OpenAI's images over a real wire: one request each, and every fault has one meaning."""

import inspect
import logging
import socket
import traceback
from typing import Any

import openai
import openai_wire
import pytest
from openai.types.chat import ChatCompletion
from openai_wire import OUT_TOKENS, Wire
from pydantic import SecretStr

from cost_tracking.money import Money
from creative.concept import SourceType
from providers import errors, registry
from providers.errors import Charged, ProviderError
from providers.images.base import ImageProvider, ImageRequest, Reference
from providers.openai_account import Account
from providers.settings import ProviderSettings

CANARY = "7f3a9b1c5d2e4f60718293a4"  # like Azure's: nothing says that it is a key


def images(wire: Wire, *, patience: float = 20.0, **more: object) -> ImageProvider:
    """Build the provider over a wire, as the registry does."""
    told = {"openai_api_key": SecretStr(CANARY), "openai_base_url": wire.url}
    settings = ProviderSettings(**told, image_timeout=patience, **more)
    return registry.image_provider("openai", settings)


def request(**more: object) -> ImageRequest:
    """Ask for a small picture."""
    facts = {"prompt": "A slower morning.", "width": 1024, "height": 1024, "model": "gpt-image-2"}
    return ImageRequest(**{**facts, **more})


def failure(fault: str) -> tuple[ProviderError, Wire]:
    """Draw over a wire with one fault, and return what was raised."""
    # Little where nothing comes, and enough for a busy machine else.
    patience = 0.3 if fault in {"hang", "drip"} else 20.0
    with Wire([fault]) as wire, pytest.raises(ProviderError) as caught:
        images(wire, patience=patience).draw(request())
    return caught.value, wire


def test_a_picture_comes_with_what_it_consumed() -> None:
    """The ledger prices tokens and checks invoices, so both come through unchanged."""
    with Wire() as wire:
        answer = images(wire).draw(request(width=1536, height=864, quality="high"))

    assert (answer.width, answer.height, answer.format) == (1536, 864, "png")
    assert answer.content == openai_wire.picture(1536, 864)
    assert answer.usage.quantities == {"input_text_token": 40, "output_image_token": OUT_TOKENS}
    assert answer.usage.receipt == "req_1"
    assert (answer.source_type, answer.placeholder) == (SourceType.TRAINED, False)
    assert [call.asked for call in wire.calls] == [
        {
            "model": "gpt-image-2",
            "prompt": "A slower morning.",
            "size": "1536x864",
            "quality": "high",
            "output_format": "png",
            "n": 1,
        }
    ]


def test_no_words_and_no_pictures_are_in_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever turns the log up to find a fault would publish a campaign before its time."""
    packshot = Reference(content=openai_wire.picture(64, 64), media_type="image/png")
    with Wire() as wire:
        provider = images(wire)
        with caplog.at_level(logging.DEBUG):
            provider.draw(request(references=(packshot,)))
            provider.draw(request())

    assert "A slower morning." not in caplog.text
    assert CANARY not in caplog.text
    assert "openai" not in {one.name.partition(".")[0] for one in caplog.records}


def test_references_go_along_as_files() -> None:
    """A packshot that is not sent gives a card of another bank."""
    packshot = Reference(content=openai_wire.picture(64, 64), media_type="image/png")
    with Wire() as wire:
        answer = images(wire).draw(request(references=(packshot,)))

    assert wire.calls[0].path == "/v1/images/edits"
    assert [file[1:3] for file in wire.calls[0].asked["files"]] == [
        ["reference-1.png", "image/png"]
    ]
    assert answer.usage.quantities["input_image_token"] == openai_wire.IMAGE_IN


def test_an_edit_never_costs_more_than_was_reserved(office: Any) -> None:
    """The pictures that go along are read for money, and 16 of them cost more than one drawn."""
    packshot = Reference(content=openai_wire.picture(64, 64), media_type="image/png")
    asked = request(references=(packshot,) * 16, prompt="A cup.", quality="low")
    with Wire() as wire:
        office.runner().draw(images(wire), asked, campaign="spring", run="r1", asset="c1")

    [attempt] = office.all()
    assert attempt.usage
    assert attempt.usage["input_image_token"] == 16 * openai_wire.IMAGE_IN
    read = Money.of("0.196608", "USD")  # 16 x 1536 tokens at 8.00 USD a million
    assert attempt.amount
    assert read < attempt.amount <= attempt.estimate


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"width": 1000}, "multiples of 16"),
        ({"width": 3856, "height": 2160}, "at most 3840"),
        ({"width": 3200, "height": 1024}, "ratios up to 3:1"),
        ({"width": 512, "height": 512}, "655360"),
        ({"prompt": "x" * 32_001}, "32000 characters"),
        ({"model": "gpt-image-3"}, "did you mean gpt-image-2"),
        ({"model": "gpt-image-2.6-flare", "width": 1280}, "1024x1024, 1536x1024"),
    ],
)
def test_what_it_cannot_draw_is_refused_before_it_is_sent(
    more: dict[str, object], words: str
) -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with Wire() as wire, pytest.raises(errors.Unsupported, match=words) as caught:
        images(wire).draw(request(**more))

    assert wire.calls == []
    assert caught.value.charged is Charged.NO


MEANINGS = {
    "400": (errors.InvalidRequest, "no"),
    "moderation": (errors.RefusedInput, "no"),
    "billing_limit": (errors.QuotaExceeded, "no"),
    "401": (errors.NotConfigured, "no"),
    "403": (errors.NotConfigured, "no"),
    "404": (errors.ModelGone, "no"),
    "408": (errors.OutcomeUnknown, "maybe"),
    "409": (errors.OutcomeUnknown, "maybe"),
    "422": (errors.InvalidRequest, "no"),
    "429": (errors.RateLimited, "no"),
    "429_quota": (errors.QuotaExceeded, "no"),
    "500": (errors.OutcomeUnknown, "maybe"),
    "502": (errors.OutcomeUnknown, "maybe"),
    "500_html": (errors.OutcomeUnknown, "maybe"),
    "503": (errors.Unavailable, "no"),
    "504": (errors.OutcomeUnknown, "maybe"),
    "529": (errors.Unavailable, "no"),
    "redirect": (errors.NotConfigured, "no"),
    "hang": (errors.OutcomeUnknown, "maybe"),
    "drop": (errors.OutcomeUnknown, "maybe"),
    "truncated": (errors.OutcomeUnknown, "maybe"),
    "chunked_truncated": (errors.OutcomeUnknown, "maybe"),
    "drip": (errors.BadOutput, "maybe"),
    "gzip": (errors.BadOutput, "maybe"),
    "huge": (errors.BadOutput, "maybe"),
    "html": (errors.BadOutput, "maybe"),
    "null": (errors.BadOutput, "maybe"),
    "list": (errors.BadOutput, "maybe"),
    "string": (errors.BadOutput, "maybe"),
    "null_data": (errors.BadOutput, "yes"),
    "empty_data": (errors.BadOutput, "yes"),
    "extra_images": (errors.BadOutput, "yes"),
    "bad_base64": (errors.BadOutput, "yes"),
    "data_url": (errors.BadOutput, "yes"),
    "number_base64": (errors.BadOutput, "yes"),
    "address": (errors.BadOutput, "yes"),
    "wrong_size": (errors.BadOutput, "yes"),
    "gif": (errors.BadOutput, "yes"),
    "eps": (errors.BadOutput, "yes"),
    "cut_png": (errors.BadOutput, "yes"),
    "not_a_picture": (errors.BadOutput, "yes"),
    "moving": (errors.BadOutput, "yes"),
    "flood": (errors.BadOutput, "yes"),
}


@pytest.mark.parametrize("fault", MEANINGS)
def test_each_fault_has_one_meaning_and_costs_one_request(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With an SDK's own retries one lost answer was measured to buy three pictures."""
    caplog.set_level(logging.INFO)
    error, wire = failure(fault)

    assert (type(error), str(error.charged)) == MEANINGS[fault]
    assert len(wire.calls) == 1
    # What may have been billed is never called free.
    assert error.charged is not Charged.NO or not wire.billed
    if error.charged is Charged.YES:
        assert error.usage
        assert error.usage.quantities["output_image_token"] == OUT_TOKENS
        assert error.usage.receipt == "req_1"
    # A log is read by more people than may spend money, and a server repeats the key it got.
    assert CANARY not in caplog.text
    assert CANARY not in "".join(traceback.format_exception(error, chain=True))
    assert CANARY not in f"{vars(error)}"
    assert len(str(error)) <= errors.LONGEST


@pytest.mark.parametrize(
    ("fault", "wait"),
    [("429", 0.01), ("429_plain", None), ("429_day", 86400), ("429_garbage", None)],
)
def test_what_retry_after_asks_for_is_kept(fault: str, wait: float | None) -> None:
    """Whoever waits less than it was asked to is banned; whoever waits for garbage never wakes."""
    error, _ = failure(fault)

    assert error.retry_after == wait


def test_a_date_to_retry_at_is_counted_from_the_answer() -> None:
    """This machine's clock may be a day off, and would then wait a day."""
    error, _ = failure("429_date")

    assert error.retry_after == 7


@pytest.mark.parametrize("fault", ["missing_usage", "wrong_usage", "negative_usage"])
def test_an_answer_without_a_count_has_no_quantities(fault: str) -> None:
    """A count that is made up would be taken for the bill; the price book's most is the price."""
    with Wire([fault]) as wire:
        answer = images(wire).draw(request())

    assert answer.usage.quantities == {}


def test_another_format_than_asked_for_is_told_by_the_bytes() -> None:
    """The answer repeats the format that was asked for, whatever it sends."""
    with Wire(["jpeg"]) as wire:
        assert images(wire).draw(request()).format == "jpeg"


def test_a_closed_port_is_not_a_lost_request() -> None:
    """Nothing was sent, so nothing can be on the bill, and the money is given back."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ProviderSettings(
        openai_api_key=SecretStr(CANARY), openai_base_url=f"http://127.0.0.1:{port}/v1"
    )
    with pytest.raises(errors.Unavailable) as caught:
        registry.image_provider("openai", settings).draw(request())

    assert caught.value.charged is Charged.NO


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can set a variable of a CI job could else read the key through a proxy."""
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Stolen: yes")
    with Wire() as wire:
        provider = images(wire)
        provider.draw(request())

    headers = wire.calls[0].headers
    assert "openai-organization" not in headers
    assert "x-stolen" not in headers


def every_error(base: type[openai.OpenAIError]) -> list[type[openai.OpenAIError]]:
    """Return all classes below one."""
    below = base.__subclasses__()
    return [*below, *(one for kind in below for one in every_error(kind))]


@pytest.mark.parametrize("kind", sorted(set(every_error(openai.OpenAIError)), key=str))
def test_every_error_of_the_sdk_has_a_meaning(kind: type[openai.OpenAIError]) -> None:
    """A release that adds one fails here and not in a campaign."""
    import httpx2

    wire_request = httpx2.Request("POST", "http://127.0.0.1/v1")
    parts = {
        "message": "m",
        "request": wire_request,
        "response": httpx2.Response(getattr(kind, "status_code", 500) or 500, request=wire_request),
        "body": None,
        "completion": ChatCompletion.construct(usage=None),
        "unsent_messages": [],
        "symbol": "Image",
    }
    # One of them takes what any exception does, and has no signature.
    own = kind.__init__ is not Exception.__init__
    wanted = inspect.signature(kind).parameters if own else {}
    error = kind(**{name: parts[name] for name in wanted if name in parts})
    settings = ProviderSettings(openai_api_key=SecretStr(CANARY))
    account = Account(settings, SecretStr(CANARY), timeout=1, max_bytes=1)

    ours = account.ours(error, "gpt-image-2")

    assert isinstance(ours, (errors.TryAgain, errors.GiveUp))
    assert ours.kind != "failed"
    if not isinstance(error, openai.APIStatusError):
        # Without a status nobody has said that it was not done.
        assert ours.charged is Charged.MAYBE
