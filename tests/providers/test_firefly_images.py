"""Adobe Firefly over a real wire: tokens that end, jobs that are paid by contract, refusals."""

import logging
import traceback
from datetime import date
from typing import Any

import pytest
from loopback import Loopback, Told, picture
from pydantic import SecretStr
from slow_vendors import JOB, Firefly

from cost_tracking.money import Money
from cost_tracking.prices import PriceBook, UnknownPrice, price_book
from creative.concept import SourceType
from providers import deals, errors, registry
from providers.adobe_account import AdobeAccount
from providers.errors import Charged, ProviderError
from providers.images.base import ImageAnswer, ImageRequest
from providers.images.firefly_images import FireflyImages
from providers.images.jobs import ImageJobs, Pending
from providers.quoting import quoted
from providers.settings import ProviderSettings
from providers.terms import BudgetTerms

CANARY = "7f3a9b1c5d2e4f60718293a4"  # the client's secret; nothing says that it is one
TODAY = date(2026, 11, 21)
CONTRACT = """
[[price]]
id = "firefly-contract"
provider = "firefly"
model = "*"
operation = "image"
basis = "contract"
currency = "EUR"
rates = [{ unit = "operation", amount = "0.08" }]
effective_from = 2026-01-01
source = "Order form 4711, page 3"
checked_on = 2026-11-21

[price.estimates.picture]
each = { operation = "1" }
source = "One operation a picture."
"""


def settings(firefly: Firefly, **more: object) -> ProviderSettings:
    """Return settings that lead to a wire."""
    told = {
        "firefly_client_id": "client-1",
        "firefly_client_secret": SecretStr(CANARY),
        "firefly_base_url": firefly.url,
        "firefly_ims_url": firefly.url,
        "image_timeout": 5.0,
    }
    return ProviderSettings(**{**told, **more})


def images(firefly: Firefly, **more: object) -> ImageJobs:
    """Build the provider over a wire, as the registry does."""
    built = registry.image_provider("firefly", settings(firefly, **more))
    assert isinstance(built, ImageJobs)
    return built


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {"prompt": "A slower morning.", "width": 2304, "height": 1792}
    return ImageRequest(**{**facts, "model": "image4_standard", "seed": 7, **more})


def drawn(provider: ImageJobs, asked: ImageRequest) -> ImageAnswer:
    """Hand in a picture and ask for it until it is there, as the runner does."""
    answer: ImageAnswer | Pending = provider.submit(asked)
    while isinstance(answer, Pending):
        answer = provider.collect(asked, answer)
    return answer


def failure(step: str, fault: str) -> tuple[ProviderError, Firefly]:
    """Draw over a wire with one fault in one step, and return what was raised."""
    with Firefly({step: [fault]}) as firefly, pytest.raises(ProviderError) as caught:
        drawn(images(firefly, image_timeout=0.5), request(model="image5", width=1024, height=1024))
    return caught.value, firefly


def test_a_job_is_handed_in_once_and_asked_for_until_it_is_done() -> None:
    """A job that is handed in again while it runs is two operations of the contract."""
    with Firefly({"collect": ["pending", "running", "cancel_pending"]}) as firefly:
        answer = drawn(images(firefly), request())

    assert firefly.steps == ["token", "submit", *["collect"] * 4, "picture"]
    assert (answer.width, answer.height, answer.format) == (2304, 1792, "png")
    assert (answer.source_type, answer.placeholder) == (SourceType.TRAINED, False)
    assert answer.usage.quantities == {"operation": 1}
    assert (answer.usage.receipt, answer.usage.reported) == (JOB, None)


def test_image_4_is_asked_by_size() -> None:
    """Another size is paid for and does not fit."""
    with Firefly() as firefly:
        images(firefly).submit(request())

    [asked] = firefly.at("submit")
    assert asked.path == "/v3/images/generate-async"
    assert asked.headers["x-model-version"] == "image4_standard"
    assert asked.json == {
        "prompt": "A slower morning.",
        "numVariations": 1,
        "seeds": [7],
        "size": {"width": 2304, "height": 1792},
    }


@pytest.mark.parametrize(("edge", "level"), [(1024, "1MP"), (2048, "4MP")])
def test_image_5_is_asked_by_ratio_and_resolution(edge: int, level: str) -> None:
    """It knows no pixels, and answers 400 to a body that names some."""
    with Firefly() as firefly:
        firefly.size = (edge, edge)
        answer = drawn(images(firefly), request(model="image5", width=edge, height=edge))

    assert answer.usage.receipt == JOB
    [asked] = firefly.at("submit")
    assert asked.path == "/v4/images/generate-async"
    assert asked.headers["x-model-version"] == "image5"
    assert (asked.json["aspectRatio"], asked.json["resolutionLevel"]) == ("1:1", level)
    assert "size" not in asked.json


def test_a_token_is_asked_for_once_and_sent_as_a_form() -> None:
    """The token server counts, and a secret in an address stands in every log on the way."""
    with Firefly() as firefly:
        provider = images(firefly)
        drawn(provider, request())
        drawn(provider, request())

    [asked] = firefly.at("token")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert b"grant_type=client_credentials&client_id=client-1&client_secret=" in asked.body
    assert CANARY not in asked.path
    sent = {
        (one.headers["authorization"], one.headers["x-api-key"]) for one in firefly.at("submit")
    }
    assert sent == {("Bearer token-1-0123456789", "client-1")}


def test_a_token_that_ends_soon_is_not_used() -> None:
    """A request that leaves with a token and arrives without one is refused."""
    time = [0.0]
    with Firefly() as firefly:
        told = settings(firefly)
        account = AdobeAccount(told, "client-1", SecretStr(CANARY), clock=lambda: time[0])
        provider = FireflyImages(account, registry.models(told))
        pending = provider.submit(request())
        for time[0] in (86_200.0, 86_300.0):
            provider.collect(request(), pending)

    assert firefly.steps == ["token", "submit", "collect", "picture", "token", "collect", "picture"]


def test_a_token_that_was_taken_back_is_asked_for_anew() -> None:
    """An administrator's new secret stops a campaign for one question, and not for a day."""
    with Firefly({"collect": ["401"]}) as firefly:
        provider = images(firefly)
        pending = provider.submit(request())
        with pytest.raises(errors.Unavailable, match="a new one"):
            provider.collect(request(), pending)
        assert isinstance(provider.collect(request(), pending), ImageAnswer)

    assert firefly.steps.count("token") == 2
    assert firefly.billed == 1


def test_another_process_collects_what_one_handed_in() -> None:
    """After a crash the job is paid for; handing it in again would buy it twice."""
    with Firefly({"collect": ["running"]}) as firefly:
        kept = images(firefly).submit(request())
        again = Pending(kept.job, kept.poll_url, kept.wait, dict(kept.facts))
        other = images(firefly)
        assert isinstance(other.collect(request(), again), Pending)
        assert isinstance(other.collect(request(), again), ImageAnswer)

    assert firefly.steps.count("submit") == 1


MEANINGS = {
    ("token", "400"): (errors.NotConfigured, "no"),
    ("token", "401"): (errors.NotConfigured, "no"),
    ("token", "429"): (errors.RateLimited, "no"),
    ("token", "500"): (errors.Unavailable, "no"),
    ("token", "hang"): (errors.Unavailable, "no"),
    ("token", "html"): (errors.Unavailable, "no"),
    ("token", "redirect"): (errors.NotConfigured, "no"),
    ("token", "no_token"): (errors.Unavailable, "no"),
    ("submit", "400:bad_request"): (errors.InvalidRequest, "no"),
    ("submit", "401"): (errors.NotConfigured, "no"),
    ("submit", "403:access_error"): (errors.NotConfigured, "no"),
    ("submit", "403:quota_exhausted"): (errors.QuotaExceeded, "no"),
    ("submit", "404"): (errors.ModelGone, "no"),
    ("submit", "408:timeout_error"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "415:invalid_content_type"): (errors.InvalidRequest, "no"),
    ("submit", "422:validation_error"): (errors.InvalidRequest, "no"),
    ("submit", "422:cai_assertion_violation_error"): (errors.RefusedInput, "no"),
    ("submit", "429:rate_limited"): (errors.RateLimited, "no"),
    ("submit", "451:prompt_unsafe"): (errors.RefusedInput, "no"),
    ("submit", "451:prompt_entity_denied"): (errors.RefusedInput, "no"),
    ("submit", "451:reference_image_unsafe_error"): (errors.RefusedInput, "no"),
    ("submit", "451:input_media_unsafe"): (errors.RefusedInput, "no"),
    ("submit", "451:legal_error"): (errors.RefusedInput, "no"),
    ("submit", "451:of_tomorrow"): (errors.RefusedInput, "no"),
    ("submit", "451:image_unsafe"): (errors.RefusedOutput, "maybe"),
    ("submit", "500"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "503"): (errors.Unavailable, "no"),
    ("submit", "redirect"): (errors.NotConfigured, "no"),
    ("submit", "hang"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "drop"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "cut"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "drip"): (errors.BadOutput, "maybe"),
    ("submit", "html"): (errors.BadOutput, "maybe"),
    ("submit", "no_url"): (errors.BadOutput, "maybe"),
    ("collect", "failed"): (errors.JobFailed, "maybe"),
    ("collect", "failed:runtime_error"): (errors.JobFailed, "maybe"),
    ("collect", "failed:prompt_unsafe"): (errors.RefusedInput, "no"),
    ("collect", "failed:image_unsafe"): (errors.RefusedOutput, "maybe"),
    ("collect", "cancelled"): (errors.JobFailed, "maybe"),
    ("collect", "timeout"): (errors.JobFailed, "maybe"),
    ("collect", "dreaming"): (errors.BadOutput, "maybe"),
    ("collect", "denied_words"): (errors.RefusedInput, "yes"),
    ("collect", "blocked_artists"): (errors.RefusedInput, "yes"),
    ("collect", "no_outputs"): (errors.BadOutput, "yes"),
    ("collect", "403"): (errors.NotConfigured, "maybe"),
    ("collect", "404"): (errors.JobLost, "maybe"),
    ("collect", "410"): (errors.JobLost, "maybe"),
    ("collect", "422"): (errors.InvalidRequest, "maybe"),
    ("collect", "429"): (errors.RateLimited, "no"),
    ("collect", "503"): (errors.Unavailable, "no"),
    ("collect", "hang"): (errors.Unavailable, "no"),
    ("collect", "html"): (errors.Unavailable, "no"),
    ("picture", "404"): (errors.JobLost, "yes"),
    ("picture", "410"): (errors.JobLost, "yes"),
    ("picture", "503"): (errors.Unavailable, "no"),
    ("picture", "drip"): (errors.Unavailable, "no"),
    ("picture", "half"): (errors.BadOutput, "yes"),
    ("picture", "html"): (errors.BadOutput, "yes"),
    ("picture", "cut_png"): (errors.BadOutput, "yes"),
}


@pytest.mark.parametrize(("step", "fault"), MEANINGS)
def test_each_fault_has_one_meaning_and_is_handed_in_once(
    step: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is called free and was not is a hole in the budget; what is sent twice is paid twice."""
    caplog.set_level(logging.INFO)
    error, firefly = failure(step, fault)

    assert (type(error), str(error.charged)) == MEANINGS[step, fault]
    assert firefly.steps.count("submit") == (step != "token")
    # What may have been billed is never called free.
    assert error.charged is not Charged.NO or firefly.billed == 0 or step != "submit"
    shown = caplog.text + "".join(traceback.format_exception(error, chain=True)) + f"{vars(error)}"
    assert CANARY not in shown
    assert "token-1-0123456789" not in shown
    assert "X-Amz-Signature=a" not in shown
    if error.charged is Charged.YES:
        assert error.usage
        assert error.usage.quantities == {"operation": 1}


def test_a_job_elsewhere_is_not_asked_for() -> None:
    """A poisoned answer would be told a token that may spend for a day."""
    with Loopback(lambda _asked: Told(200, {})) as thief:
        address = thief.url.replace("127.0.0.1", "localhost")
        with (
            Firefly({"submit": ["elsewhere"]}, elsewhere=address) as firefly,
            pytest.raises(errors.BadOutput, match="none of firefly's"),
        ):
            drawn(images(firefly), request())

    assert thief.asked == []


def test_the_host_of_results_never_sees_the_token() -> None:
    """Results lie with a cloud's customers, of whom anyone may be one."""
    with (
        Loopback(lambda _asked: Told(200, picture(2304, 1792))) as cloud,
        Firefly({"collect": ["sample_elsewhere"]}, elsewhere=cloud.url) as firefly,
    ):
        drawn(images(firefly, firefly_result_hosts=(cloud.url,)), request())

    [asked] = cloud.asked
    assert not {"authorization", "x-api-key"} & set(asked.headers)


def test_a_job_may_not_be_asked_for_where_results_lie() -> None:
    """The hosts of results are a cloud's customers; they must not be told the token."""
    with (
        Loopback(lambda _asked: Told(200, {})) as cloud,
        Firefly({"submit": ["elsewhere"]}, elsewhere=cloud.url) as firefly,
        pytest.raises(errors.BadOutput),
    ):
        drawn(images(firefly, firefly_result_hosts=(cloud.url,)), request())

    assert cloud.asked == []


def test_without_the_contracts_price_nothing_is_sent() -> None:
    """A price of 0 that nobody agreed on hides a campaign's largest bill."""
    with Firefly() as firefly:
        deal = deals.picture(images(firefly), request())
        with pytest.raises(UnknownPrice, match="firefly"):
            quoted(deal, price_book(), BudgetTerms(currency="EUR"), TODAY)

    assert firefly.asked == []


def test_the_contracts_price_is_called_by_its_name(office: Any) -> None:
    """Finance asks whether a figure was computed from a public price or from what was agreed."""
    office.prices = PriceBook.read(CONTRACT)
    with Firefly({"collect": ["running"]}) as firefly:
        errand = {"campaign": "spring", "run": "r1", "asset": "c1"}
        office.runner().draw(images(firefly), request(), **errand)

    [attempt] = office.all()
    assert (attempt.amount, attempt.basis) == (Money.of("0.08", "EUR"), "contract")
    assert (attempt.receipt, office.budget.spent) == (JOB, Money.of("0.08", "EUR"))


@pytest.mark.parametrize(
    ("fault", "stopped"), [("ok", True), ("404", False), ("409", False), ("drop", False)]
)
def test_a_job_is_called_stopped_only_where_the_vendor_said_so(
    fault: str, *, stopped: bool
) -> None:
    """Whoever counts on it books money back that is spent."""
    with Firefly({"cancel": [fault]}) as firefly:
        provider = images(firefly)
        assert provider.cancel(provider.submit(request())) is stopped

    assert [(one.method, one.path) for one in firefly.at("cancel")] == [
        ("PUT", f"/v3/cancel/{JOB}")
    ]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"width": 1920, "height": 1920}, "2048x2048"),
        ({"prompt": "x" * 1025}, "1024 characters"),
        ({"model": "image5"}, "1024x1024"),
        ({"model": "image3"}, "did you mean image"),
    ],
)
def test_what_it_cannot_draw_is_refused_before_it_is_sent(
    more: dict[str, object], words: str
) -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with Firefly() as firefly, pytest.raises(errors.Unsupported, match=words):
        images(firefly).submit(request(**more))

    assert firefly.asked == []


def test_without_a_credential_it_says_which_variables() -> None:
    """Whoever sets up an installation needs both names at once."""
    with pytest.raises(errors.NotConfigured, match=r"CLIENT_ID and KAMPANJ_FIREFLY_CLIENT_SECRET"):
        registry.image_provider("firefly", ProviderSettings())
