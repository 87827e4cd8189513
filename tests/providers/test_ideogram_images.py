"""Ideogram over a real wire: bought once, fetched as often as it takes, every fault one meaning.

Shapes: https://developer.ideogram.ai/api-reference, and its pages on responses and errors.
"""

import logging
from typing import Any

import pytest
from loopback import Asked, Loopback, Told, picture
from pydantic import SecretStr
from vendor_faults import CANARY, Case, broken, check, maybe, no, yes

from cost_tracking.attempts import State
from cost_tracking.money import Money
from providers import errors, registry
from providers.images.base import ImageAnswer, ImageRequest
from providers.images.ideogram_images import IdeogramImages
from providers.images.jobs import ImageJobs, Pending
from providers.settings import ProviderSettings


def images(url: str, timeout: float = 20.0) -> IdeogramImages:
    """Build the provider over a wire, as the registry does."""
    settings = ProviderSettings(
        ideogram_api_key=SecretStr(CANARY), ideogram_base_url=url, image_timeout=timeout
    )
    provider = registry.image_provider("ideogram", settings)
    assert isinstance(provider, IdeogramImages)
    assert isinstance(provider, ImageJobs)
    return provider


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {
        "prompt": "A slower morning.",
        "width": 1024,
        "height": 1024,
        "model": "ideogram-v3-turbo",
    }
    return ImageRequest(**{**facts, **more})


def submit(url: str, timeout: float) -> Pending:
    """Buy once."""
    return images(url, timeout).submit(request())


def answer(url: object, **more: Any) -> dict[str, Any]:
    """Return a body as the service writes it."""
    one = {
        "url": url,
        "prompt": "A slower morning.",
        "resolution": "1024x1024",
        "seed": 12345,
        "is_image_safe": True,
        **more,
    }
    return {"created": "2026-11-21T09:00:00Z", "generation_id": "gen_1", "data": [one]}


def failed(status: int, **headers: str) -> Told:
    """Return a fault."""
    return Told(status, {"error": f"It went wrong: {CANARY}"}, headers)


GOOD = Told(200, answer("https://ideogram.ai/r.png"))
SUBMITTING = {
    "400": no(failed(400), errors.InvalidRequest),
    "401": no(failed(401), errors.NotConfigured),
    "402": no(failed(402), errors.QuotaExceeded),
    "403": no(failed(403), errors.NotConfigured),
    "404": no(failed(404), errors.ModelGone),
    "422_unsafe_prompt": no(failed(422), errors.RefusedInput),
    "429": no(failed(429), errors.RateLimited),
    "500": maybe(failed(500), errors.OutcomeUnknown),
    "503": no(failed(503), errors.Unavailable),
    "200_withheld": yes(Told(200, answer("", is_image_safe=False)), errors.RefusedOutput),
    "200_withheld_null": yes(Told(200, answer(None, is_image_safe=False)), errors.RefusedOutput),
    "200_no_address": yes(Told(200, answer(None)), errors.BadOutput),
    "200_no_picture": yes(Told(200, {"data": []}), errors.BadOutput),
    "200_two_pictures": yes(Told(200, {"data": GOOD.body["data"] * 2}), errors.BadOutput),
    "200_odd_shapes": yes(Told(200, {"data": ["a"]}), errors.BadOutput),
    **broken(GOOD),
}


@pytest.mark.parametrize("fault", SUBMITTING)
def test_each_fault_of_buying_has_one_meaning_and_costs_one_request(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A withheld picture is billed: a ledger that calls it free does not match the invoice."""
    caplog.set_level(logging.DEBUG)
    check("ideogram", fault, SUBMITTING[fault], submit, lambda: caplog.text)


def collect(url: str, timeout: float) -> ImageAnswer:
    """Fetch once."""
    pending = Pending(job="gen_1", poll_url=f"{url}/r.png?sig={CANARY}")
    return images(url, timeout).collect(request(), pending)


WHOLE = picture(1024, 1024)
PNG = {"Content-Type": "image/png"}
COLLECTING = {
    "result_403": yes(Told(403), errors.JobLost),
    "result_404": yes(Told(404), errors.JobLost),
    "result_410": yes(Told(410), errors.JobLost),
    "result_307": yes(Told(307, b"", {"Location": "http://127.0.0.1:1/"}), errors.BadOutput),
    "result_500": no(Told(500), errors.Unavailable),
    "result_503": no(Told(503), errors.Unavailable),
    "result_drop": no(Told(how="drop"), errors.Unavailable),
    "result_cut": no(Told(200, WHOLE, how="cut"), errors.Unavailable),
    "result_drip": no(Told(200, WHOLE, how="drip"), errors.Unavailable),
    "result_hang": no(Told(how="hang"), errors.Unavailable),
    "result_wrong_size": yes(Told(200, picture(512, 512), PNG), errors.BadOutput),
    "result_cut_png": yes(Told(200, WHOLE[:-20], PNG), errors.BadOutput),
    "result_page": yes(Told(200, b"<html>", PNG), errors.BadOutput),
    "result_empty": yes(Told(200, b"", PNG), errors.BadOutput),
}


@pytest.mark.parametrize("fault", COLLECTING)
def test_each_fault_of_fetching_has_one_meaning(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is paid for by then: it is fetched again, or entered as waste, and never bought again."""
    # The server's own log of a test is none of ours.
    caplog.set_level(logging.INFO)
    case: Case = COLLECTING[fault]
    check("ideogram", fault, case, collect, lambda: caplog.text)


def test_a_picture_is_bought_and_then_fetched_without_the_key() -> None:
    """Where results lie, others read the headers."""

    def served(asked: Asked) -> Told:
        address = f"http://{asked.headers['host']}/r.png?sig=1"
        return Told(200, WHOLE) if asked.method == "GET" else Told(200, answer(address))

    with Loopback(served) as server:
        provider = images(server.url)
        pending = provider.submit(request(seed=7))
        drawn = provider.collect(request(seed=7), pending)
        again = provider.collect(request(seed=7), pending)

    bought, fetched, _ = server.asked
    assert bought.path == "/v1/ideogram-v3/generate"
    assert bought.headers["api-key"] == CANARY
    assert bought.form == {
        "prompt": "A slower morning.",
        "resolution": "1024x1024",
        "rendering_speed": "TURBO",
        "magic_prompt": "OFF",
        "num_images": "1",
        "seed": "7",
    }
    assert "api-key" not in fetched.headers
    assert drawn == again
    assert (drawn.content, drawn.usage.quantities) == (WHOLE, {"image": 1})
    assert (pending.job, drawn.usage.receipt, pending.wait) == ("gen_1", "gen_1", 0)
    assert not provider.cancel(pending)


@pytest.mark.parametrize(
    ("model", "path", "speed"),
    [
        ("ideogram-v4-turbo", "/v1/ideogram-v4/generate", "TURBO"),
        ("ideogram-v4", "/v1/ideogram-v4/generate", "DEFAULT"),
        ("ideogram-v4-quality", "/v1/ideogram-v4/generate", "QUALITY"),
    ],
)
def test_a_models_name_says_how_fast_it_draws(model: str, path: str, speed: str) -> None:
    """Each speed has its own price, and the price is found by the model's name."""
    with Loopback(lambda _asked: GOOD) as server:
        images(server.url).submit(request(model=model, width=2560, height=1440))

    [asked] = server.asked
    assert asked.path == path
    assert asked.form == {
        "text_prompt": "A slower morning.",
        "resolution": "2560x1440",
        "rendering_speed": speed,
    }


def test_an_address_elsewhere_is_not_fetched() -> None:
    """An answer that names our own network would have us read it."""
    with Loopback(lambda _asked: Told(200, WHOLE)) as other:
        pending = Pending(job="gen_1", poll_url=f"{other.url}/latest/meta-data")
        with pytest.raises(errors.BadOutput, match="none of ideogram's") as caught:
            images("https://api.ideogram.ai").collect(request(), pending)

    assert other.asked == []
    assert caught.value.charged.value == "yes"


def test_what_it_cannot_draw_is_refused_before_it_is_sent() -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with (
        Loopback(lambda _asked: GOOD) as server,
        pytest.raises(errors.Unsupported, match="not 1024x1024"),
    ):
        images(server.url).submit(request(model="ideogram-v4"))

    assert server.asked == []


def test_a_picture_that_does_not_come_is_fetched_again_and_bought_once(office: Any) -> None:
    """A fetch that failed is a fetch, and no reason to pay again."""
    results = iter([Told(503), Told(200, WHOLE, how="cut"), Told(200, WHOLE)])

    def served(asked: Asked) -> Told:
        address = f"http://{asked.headers['host']}/r.png"
        return next(results) if asked.method == "GET" else Told(200, answer(address))

    with Loopback(served) as server:
        bought = office.runner().draw(
            images(server.url), request(), campaign="spring", run="r1", asset="c1"
        )

    assert [asked.method for asked in server.asked] == ["POST", "GET", "GET", "GET"]
    assert bought.answer.content == WHOLE
    [attempt] = office.all()
    assert (attempt.state, attempt.amount) == (State.SETTLED, Money.of("0.03", "USD"))


def test_a_withheld_picture_is_waste_in_the_ledger(office: Any) -> None:
    """It is on the invoice, and so must be here."""
    withheld = SUBMITTING["200_withheld"].told
    with Loopback(lambda _asked: withheld) as server, pytest.raises(errors.RefusedOutput):
        office.runner().draw(images(server.url), request(), campaign="spring", run="r1", asset="c1")

    [attempt] = office.all()
    assert (attempt.state, attempt.waste) == (State.SETTLED, True)
    assert attempt.amount == Money.of("0.03", "USD")


def test_an_answer_without_a_number_is_known_by_its_pictures_name() -> None:
    """A purchase without a receipt is not found on an invoice."""
    body = answer("https://ideogram.ai/api/images/ephemeral/abc.png?sig=1")
    del body["generation_id"]
    with Loopback(lambda _asked: Told(200, body)) as server:
        assert images(server.url).submit(request()).job == "abc.png"
