"""Black Forest Labs over a real wire: one billed request, and a key that stays at home."""

import logging
import traceback
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from loopback import Loopback, Told, picture
from pydantic import SecretStr
from slow_vendors import JOB, Bfl

from cost_tracking.money import Money
from cost_tracking.prices import price_book
from creative.concept import SourceType
from providers import deals, errors, registry
from providers.errors import Charged, ProviderError
from providers.images.base import ImageAnswer, ImageRequest, Reference
from providers.images.jobs import ImageJobs, Pending
from providers.quoting import quoted
from providers.settings import ProviderSettings
from providers.terms import BudgetTerms

TODAY = date(2026, 11, 21)
CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key


def images(bfl: Bfl, **more: object) -> ImageJobs:
    """Build the provider over a wire, as the registry does."""
    told = {"bfl_api_key": SecretStr(CANARY), "bfl_base_url": bfl.url, "image_timeout": 5.0}
    built = registry.image_provider("bfl", ProviderSettings(**{**told, **more}))
    assert isinstance(built, ImageJobs)
    return built


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {"prompt": "A slower morning.", "width": 1024, "height": 768, "model": "flux-2-pro"}
    return ImageRequest(**{**facts, "seed": 7, **more})


def drawn(provider: ImageJobs, asked: ImageRequest) -> ImageAnswer:
    """Hand in a picture and ask for it until it is there, as the runner does."""
    answer: ImageAnswer | Pending = provider.submit(asked)
    while isinstance(answer, Pending):
        answer = provider.collect(asked, answer)
    return answer


def failure(step: str, fault: str) -> tuple[ProviderError, Bfl]:
    """Draw over a wire with one fault in one step, and return what was raised."""
    with Bfl({step: [fault]}) as bfl, pytest.raises(ProviderError) as caught:
        drawn(images(bfl, image_timeout=0.5), request(width=256, height=256))
    return caught.value, bfl


def test_a_job_is_handed_in_once_and_asked_for_until_it_is_done() -> None:
    """A job that is handed in again while it runs is bought twice."""
    with Bfl({"collect": ["pending", "pending", "pending"]}) as bfl:
        answer = drawn(images(bfl), request())

    assert bfl.steps == ["submit", *["collect"] * 4, "picture"]
    assert bfl.billed == 1
    assert (answer.width, answer.height, answer.format) == (1024, 768, "png")
    assert (answer.source_type, answer.placeholder) == (SourceType.TRAINED, False)
    assert bfl.asked[0].path == "/v1/flux-2-pro"
    assert bfl.asked[0].json == {
        "prompt": "A slower morning.",
        "width": 1024,
        "height": 768,
        "seed": 7,
        "output_format": "png",
    }


def test_what_the_answer_says_in_credits_is_what_it_cost() -> None:
    """The vendor's own figure is the one on its invoice."""
    with Bfl() as bfl:
        answer = drawn(images(bfl), request())

    assert answer.usage.reported == Money.of("0.045", "USD")
    assert answer.usage.quantities == {"image": 1, "output_megapixel": 1}
    assert answer.usage.receipt == JOB


@pytest.mark.parametrize(("fault", "waste"), [("ready", False), ("content_moderated", True)])
def test_the_ledger_holds_what_the_vendor_reported(office: Any, fault: str, *, waste: bool) -> None:
    """A picture that was drawn and withheld is on the invoice too."""
    with Bfl({"collect": ["pending", fault]}) as bfl:
        errand = {"campaign": "spring", "run": "r1", "asset": "c1"}
        with pytest.raises(errors.RefusedOutput) if waste else nullcontext():
            office.runner().draw(images(bfl), request(), **errand)

    [attempt] = office.all()
    assert (attempt.amount, attempt.waste) == (Money.of("0.045", "USD"), waste)
    assert office.budget.spent == Money.of("0.0405", "EUR")
    assert attempt.receipt == JOB
    assert waste or attempt.basis == "reported"


@pytest.mark.parametrize(
    "fault", ["no_cost", "wrong_cost", "negative_cost", "huge_cost", "true_cost"]
)
def test_without_a_believable_cost_the_price_book_decides(fault: str) -> None:
    """A cost that is no number would be written into the ledger for good."""
    with Bfl({"submit": [fault]}) as bfl:
        answer = drawn(images(bfl), request(width=1920, height=1920))

    assert answer.usage.reported is None
    price = price_book().entry("bfl", "flux-2-pro", "image", on=TODAY)
    assert price_book().cost(price, answer.usage, "USD") == Money.of("0.075", "USD")


def test_the_quote_bounds_what_a_picture_with_references_costs() -> None:
    """A budget that is reserved too low is overspent."""
    packshot = Reference(content=picture(64, 64), media_type="image/png")
    with Bfl() as bfl:
        plain = deals.picture(images(bfl), request())
        following = deals.picture(images(bfl), request(references=(packshot, packshot)))
    terms = BudgetTerms(currency="USD")

    assert quoted(plain, price_book(), terms, TODAY).most == Money.of("0.03", "USD")
    assert quoted(following, price_book(), terms, TODAY).most == Money.of("0.15", "USD")


def test_references_go_along() -> None:
    """A packshot that is not sent gives a card of another bank."""
    packshot = Reference(content=picture(64, 64), media_type="image/png")
    with Bfl() as bfl:
        drawn(images(bfl), request(references=(packshot, packshot)))

    assert {"input_image", "input_image_2"} <= set(bfl.asked[0].json)


def test_references_without_a_cost_are_not_guessed() -> None:
    """Their pixels are billed too, and the answer does not say how many."""
    packshot = Reference(content=picture(64, 64), media_type="image/png")
    with Bfl({"submit": ["no_cost"]}) as bfl:
        answer = drawn(images(bfl), request(references=(packshot,)))

    assert (answer.usage.quantities, answer.usage.reported) == ({}, None)


def test_another_process_collects_what_one_handed_in() -> None:
    """After a crash the job is paid for; handing it in again would buy it twice."""
    with Bfl({"collect": ["pending"]}) as bfl:
        kept = images(bfl).submit(request())
        again = Pending(kept.job, kept.poll_url, kept.wait, dict(kept.facts))
        other = images(bfl)
        assert isinstance(other.collect(request(), again), Pending)
        answer = other.collect(request(), again)

    assert isinstance(answer, ImageAnswer)
    assert answer.usage.reported == Money.of("0.045", "USD")
    assert bfl.steps.count("submit") == 1


MEANINGS = {
    ("submit", "400"): (errors.InvalidRequest, "no"),
    ("submit", "401"): (errors.NotConfigured, "no"),
    ("submit", "402"): (errors.QuotaExceeded, "no"),
    ("submit", "403"): (errors.NotConfigured, "no"),
    ("submit", "404"): (errors.ModelGone, "no"),
    ("submit", "422"): (errors.InvalidRequest, "no"),
    ("submit", "429"): (errors.RateLimited, "no"),
    ("submit", "500"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "503"): (errors.Unavailable, "no"),
    ("submit", "redirect"): (errors.NotConfigured, "no"),
    ("submit", "hang"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "drop"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "cut"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "drip"): (errors.BadOutput, "maybe"),
    ("submit", "html"): (errors.BadOutput, "maybe"),
    ("submit", "null"): (errors.BadOutput, "maybe"),
    ("submit", "no_url"): (errors.BadOutput, "maybe"),
    ("collect", "request_moderated"): (errors.RefusedInput, "no"),
    ("collect", "content_moderated"): (errors.RefusedOutput, "yes"),
    ("collect", "error"): (errors.JobFailed, "maybe"),
    ("collect", "not_found"): (errors.JobLost, "maybe"),
    ("collect", "new_status"): (errors.BadOutput, "maybe"),
    ("collect", "no_sample"): (errors.BadOutput, "yes"),
    ("collect", "401"): (errors.NotConfigured, "maybe"),
    ("collect", "404"): (errors.JobLost, "maybe"),
    ("collect", "410"): (errors.JobLost, "maybe"),
    ("collect", "422"): (errors.InvalidRequest, "maybe"),
    ("collect", "redirect"): (errors.NotConfigured, "maybe"),
    # The job goes on: whoever asks again gets it, and pays nothing for having asked.
    ("collect", "429"): (errors.RateLimited, "no"),
    ("collect", "500"): (errors.Unavailable, "no"),
    ("collect", "503"): (errors.Unavailable, "no"),
    ("collect", "hang"): (errors.Unavailable, "no"),
    ("collect", "drop"): (errors.Unavailable, "no"),
    ("collect", "cut"): (errors.Unavailable, "no"),
    ("collect", "drip"): (errors.Unavailable, "no"),
    ("collect", "html"): (errors.Unavailable, "no"),
    ("collect", "html_502"): (errors.Unavailable, "no"),
    ("picture", "503"): (errors.Unavailable, "no"),
    ("picture", "hang"): (errors.Unavailable, "no"),
    ("picture", "cut"): (errors.Unavailable, "no"),
    ("picture", "drip"): (errors.Unavailable, "no"),
    ("picture", "404"): (errors.JobLost, "yes"),
    ("picture", "410"): (errors.JobLost, "yes"),
    ("picture", "403"): (errors.JobLost, "yes"),
    ("picture", "redirect"): (errors.BadOutput, "yes"),
    ("picture", "html"): (errors.BadOutput, "yes"),
    ("picture", "half"): (errors.BadOutput, "yes"),
    ("picture", "gif"): (errors.BadOutput, "yes"),
    ("picture", "cut_png"): (errors.BadOutput, "yes"),
}


@pytest.mark.parametrize(("step", "fault"), MEANINGS)
def test_each_fault_has_one_meaning_and_is_handed_in_once(
    step: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is called free and was not is a hole in the budget; what is sent twice is paid twice."""
    caplog.set_level(logging.INFO)
    error, bfl = failure(step, fault)

    assert (type(error), str(error.charged)) == MEANINGS[step, fault]
    assert bfl.steps.count("submit") == 1
    # A log is read by more people than may spend money, and a server repeats the key it got.
    shown = caplog.text + "".join(traceback.format_exception(error, chain=True)) + f"{vars(error)}"
    assert CANARY not in shown
    assert "sig=a" not in shown
    if error.charged is Charged.YES:
        assert error.usage
        assert error.usage.reported == Money.of("0.045", "USD")


@pytest.mark.parametrize("step", ["collect", "picture"])
def test_after_a_free_question_was_lost_the_job_is_still_there(step: str) -> None:
    """A dropped connection while asking is no reason to throw a paid picture away."""
    with Bfl({step: ["drop"]}) as bfl:
        provider = images(bfl)
        pending = provider.submit(request())
        with pytest.raises(errors.TryAgain):
            provider.collect(request(), pending)
        assert isinstance(provider.collect(request(), pending), ImageAnswer)

    assert bfl.billed == 1


def test_a_job_elsewhere_is_not_asked_for() -> None:
    """A poisoned answer would be told the account's key."""
    with Loopback(lambda _asked: Told(200, {})) as thief:
        address = thief.url.replace("127.0.0.1", "localhost")
        with (
            Bfl({"submit": ["elsewhere"]}, elsewhere=address) as bfl,
            pytest.raises(errors.BadOutput, match="none of bfl's"),
        ):
            drawn(images(bfl), request())

    assert thief.asked == []


def test_a_picture_elsewhere_is_not_fetched() -> None:
    """An answer could send us into our own network."""
    with (
        Loopback(lambda _asked: Told(200, {})) as inside,
        Bfl({"collect": ["sample_elsewhere"]}, elsewhere=inside.url) as bfl,
        pytest.raises(errors.BadOutput, match="none of bfl's"),
    ):
        drawn(images(bfl), request())

    assert inside.asked == []


def test_the_host_of_results_never_sees_the_key() -> None:
    """Results lie with a cloud's customers, of whom anyone may be one."""
    with (
        Loopback(lambda _asked: Told(200, picture(1024, 768))) as cloud,
        Bfl({"collect": ["sample_elsewhere"]}, elsewhere=cloud.url) as bfl,
    ):
        drawn(images(bfl, bfl_result_hosts=(cloud.url,)), request())

    [asked] = cloud.asked
    assert CANARY not in f"{asked.headers}"
    assert {asked.headers.get("x-key") for asked in bfl.at("collect")} == {CANARY}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"width": 1000}, "multiples of 16"),
        ({"width": 2064, "height": 1024}, "at most 2048"),
        ({"model": "flux-3"}, "did you mean flux-2"),
        (
            {"references": (Reference(content=b"a", media_type="image/png"),) * 9},
            "follows 8 references",
        ),
    ],
)
def test_what_it_cannot_draw_is_refused_before_it_is_sent(
    more: dict[str, object], words: str
) -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with Bfl() as bfl, pytest.raises(errors.Unsupported, match=words):
        images(bfl).submit(request(**more))

    assert bfl.asked == []


def test_a_job_cannot_be_stopped() -> None:
    """Whoever counts on it books money back that is spent."""
    with Bfl() as bfl:
        provider = images(bfl)
        assert not provider.cancel(provider.submit(request()))


def test_without_a_key_it_says_which_one() -> None:
    """Whoever sets up an installation needs the name of the variable."""
    with pytest.raises(errors.NotConfigured, match="KAMPANJ_BFL_API_KEY"):
        registry.image_provider("bfl", ProviderSettings())


def test_prices_are_those_of_the_vendors_page() -> None:
    """One megapixel, and each more, as the page names them."""
    book = price_book()
    for model, first, four in (
        ("flux-2-pro", "0.03", "0.075"),
        ("flux-2-max", "0.07", "0.16"),
        ("flux-2-klein-9b", "0.015", "0.021"),
        ("flux-2-klein-4b", "0.014", "0.017"),
        ("flux-2-flex", "0.05", "0.20"),
    ):
        price = book.entry("bfl", model, "image", on=TODAY)
        rates = {rate.unit: rate.amount for rate in price.rates}
        one = rates.get("image", Decimal(0)) + rates["output_megapixel"]
        assert (one, one + 3 * rates["output_megapixel"]) == (Decimal(first), Decimal(four))
