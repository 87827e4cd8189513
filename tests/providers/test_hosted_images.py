"""fal and Replicate over a real wire: one billed request, and a key that stays at home."""

import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from loopback import Loopback, Told, picture
from pydantic import SecretStr
from slow_hosts import Fal, Replicate
from slow_vendors import JOB, SlowVendor

from cost_tracking.money import Money
from cost_tracking.prices import price_book
from providers import deals, errors, registry
from providers.errors import Charged, ProviderError
from providers.images.base import ImageAnswer, ImageRequest, Reference
from providers.images.jobs import ImageJobs, Pending
from providers.quoting import quoted
from providers.settings import ProviderSettings
from providers.terms import BudgetTerms

TODAY = date(2026, 11, 21)
CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
HOSTS: Mapping[str, tuple[type[SlowVendor], str]] = {
    "fal": (Fal, "fal-ai/flux-2-pro"),
    "replicate": (Replicate, "black-forest-labs/flux-2-pro"),
}
PACKSHOT = Reference(content=picture(64, 64), media_type="image/png")


def images(name: str, url: str, **more: object) -> ImageJobs:
    """Build the provider over a wire, as the registry does."""
    told = {f"{name}_api_key": SecretStr(CANARY), f"{name}_base_url": url, "image_timeout": 5.0}
    built = registry.image_provider(name, ProviderSettings(**{**told, **more}))
    assert isinstance(built, ImageJobs)
    return built


def request(name: str, **more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {"prompt": "A slower morning.", "width": 1024, "height": 768, "seed": 7}
    return ImageRequest(**{**facts, "model": HOSTS[name][1], **more})


def drawn(provider: ImageJobs, asked: ImageRequest) -> ImageAnswer:
    """Hand in a picture and ask for it until it is there, as the runner does."""
    answer: ImageAnswer | Pending = provider.submit(asked)
    while isinstance(answer, Pending):
        answer = provider.collect(asked, answer)
    return answer


def test_fal_is_handed_a_job_once_and_asked_where_it_says() -> None:
    """A job that is handed in again while it runs is bought twice."""
    with Fal({"collect": ["queued", "running"]}) as fal:
        answer = drawn(images("fal", fal.url), request("fal"))

    assert fal.steps == ["submit", *["collect"] * 3, "result", "picture"]
    assert fal.asked[0].path == "/fal-ai/flux-2-pro"
    assert fal.asked[0].json == {
        "prompt": "A slower morning.",
        "image_size": {"width": 1024, "height": 768},
        "seed": 7,
        "output_format": "png",
    }
    assert fal.asked[0].headers["authorization"] == f"Key {CANARY}"
    assert "authorization" not in fal.asked[-1].headers
    assert (answer.width, answer.height, answer.usage.receipt) == (1024, 768, JOB)


def test_fal_follows_pictures_where_it_edits() -> None:
    """A packshot that is sent to where words alone are read gives a card of another bank."""
    with Fal() as fal:
        drawn(images("fal", fal.url), request("fal", references=(PACKSHOT, PACKSHOT)))

    assert fal.asked[0].path == "/fal-ai/flux-2-pro/edit"
    urls = fal.asked[0].json["image_urls"]
    assert [one.partition(",")[0] for one in urls] == ["data:image/png;base64"] * 2


@pytest.mark.parametrize("fault", ["ok", "listed"])
def test_replicate_is_handed_a_job_once_and_asked_where_it_says(fault: str) -> None:
    """Some of its models answer with one address, and some with a list of one."""
    waits = ["starting", "processing"]
    with Replicate({"collect": [*waits, fault]}) as host:
        answer = drawn(images("replicate", host.url), request("replicate"))

    assert host.steps == ["submit", *["collect"] * 3, "picture"]
    assert host.asked[0].path == "/v1/models/black-forest-labs/flux-2-pro/predictions"
    assert host.asked[0].json == {
        "input": {
            "prompt": "A slower morning.",
            "aspect_ratio": "custom",
            "width": 1024,
            "height": 768,
            "seed": 7,
            "output_format": "png",
        }
    }
    assert host.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    assert "authorization" not in host.asked[-1].headers
    assert (answer.width, answer.height, answer.usage.receipt) == (1024, 768, JOB)


USUAL: dict[tuple[str, str], tuple[type[ProviderError], str]] = {
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
    ("submit", "no_url"): (errors.BadOutput, "maybe"),
    ("collect", "401"): (errors.NotConfigured, "maybe"),
    ("collect", "404"): (errors.JobLost, "maybe"),
    ("collect", "429"): (errors.RateLimited, "no"),
    ("collect", "500"): (errors.Unavailable, "no"),
    ("collect", "drop"): (errors.Unavailable, "no"),
    ("collect", "html"): (errors.Unavailable, "no"),
    ("picture", "503"): (errors.Unavailable, "no"),
    ("picture", "cut"): (errors.Unavailable, "no"),
    ("picture", "404"): (errors.JobLost, "yes"),
    ("picture", "redirect"): (errors.BadOutput, "yes"),
    ("picture", "half"): (errors.BadOutput, "yes"),
    ("picture", "gif"): (errors.BadOutput, "yes"),
    ("picture", "cut_png"): (errors.BadOutput, "yes"),
}
FAL: dict[tuple[str, str], tuple[type[ProviderError], str]] = {
    ("submit", "no_result_url"): (errors.BadOutput, "maybe"),
    ("collect", "new_status"): (errors.BadOutput, "maybe"),
    ("result", "refused"): (errors.RefusedInput, "maybe"),
    ("result", "invalid"): (errors.InvalidRequest, "maybe"),
    # Its own errors are never billed, and a question that failed says nothing of the job.
    ("result", "timed_out"): (errors.JobFailed, "no"),
    ("result", "model_500"): (errors.JobFailed, "no"),
    ("result", "500"): (errors.Unavailable, "no"),
    ("result", "html_502"): (errors.Unavailable, "no"),
    ("result", "drop"): (errors.Unavailable, "no"),
    ("result", "404"): (errors.JobLost, "maybe"),
    ("result", "none"): (errors.BadOutput, "yes"),
    ("result", "two"): (errors.BadOutput, "yes"),
    ("result", "unnamed"): (errors.BadOutput, "yes"),
}
REPLICATE: dict[tuple[str, str], tuple[type[ProviderError], str]] = {
    ("collect", "failed:flagged as sensitive. (E005)"): (errors.RefusedInput, "maybe"),
    ("collect", "failed:out of memory (E1001)"): (errors.JobFailed, "maybe"),
    ("collect", "failed"): (errors.JobFailed, "maybe"),
    ("collect", "canceled"): (errors.JobFailed, "yes"),
    ("collect", "aborted"): (errors.JobFailed, "no"),
    ("collect", "dreaming"): (errors.BadOutput, "maybe"),
    ("collect", "none"): (errors.BadOutput, "yes"),
    ("collect", "two"): (errors.BadOutput, "yes"),
}
MEANINGS = {
    **{("fal", *key): meaning for key, meaning in {**USUAL, **FAL}.items()},
    **{("replicate", *key): meaning for key, meaning in {**USUAL, **REPLICATE}.items()},
}


@pytest.mark.parametrize(("name", "step", "fault"), MEANINGS)
def test_each_fault_has_one_meaning_and_is_handed_in_once(
    name: str, step: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """What is called free and was not is a hole in the budget; what is sent twice is paid twice."""
    caplog.set_level(logging.INFO)
    patience = 0.5 if fault in {"hang", "drip"} else 20.0
    with HOSTS[name][0]({step: [fault]}) as host:
        provider = images(name, host.url, image_timeout=patience)
        with pytest.raises(ProviderError) as caught:
            drawn(provider, request(name, width=256, height=256))

    error = caught.value
    row = f"{name:13}{step + ' ' + fault:44}{error.kind:17}{error.charged!s:7}\n"
    sys.stdout.write(row)
    assert (type(error), str(error.charged)) == MEANINGS[name, step, fault]
    assert host.steps.count("submit") == 1
    shown = caplog.text + "".join(traceback.format_exception(error, chain=True)) + f"{vars(error)}"
    assert CANARY not in shown
    if error.charged is Charged.YES:
        assert error.usage
        assert error.usage.quantities["image"] == 1


@pytest.mark.parametrize("name", HOSTS)
def test_another_process_collects_what_one_handed_in(name: str) -> None:
    """After a crash the job is paid for; handing it in again would buy it twice."""
    kind, _ = HOSTS[name]
    with kind({"collect": ["running" if name == "fal" else "processing"]}) as host:
        kept = images(name, host.url).submit(request(name))
        again = Pending(kept.job, kept.poll_url, kept.wait, dict(kept.facts))
        other = images(name, host.url)
        assert isinstance(other.collect(request(name), again), Pending)
        assert isinstance(other.collect(request(name), again), ImageAnswer)

    assert host.steps.count("submit") == 1


@pytest.mark.parametrize(
    ("name", "step", "fault"),
    [
        ("fal", "submit", "elsewhere"),
        ("fal", "submit", "result_elsewhere"),
        ("fal", "result", "sample_elsewhere"),
        ("replicate", "submit", "elsewhere"),
        ("replicate", "collect", "sample_elsewhere"),
    ],
)
def test_an_address_elsewhere_is_not_asked(name: str, step: str, fault: str) -> None:
    """A poisoned answer would be told the key, or send us into our own network."""
    kind, _ = HOSTS[name]
    with Loopback(lambda _asked: Told(200, {})) as thief:
        address = thief.url.replace("127.0.0.1", "localhost")
        with (
            kind({step: [fault]}, elsewhere=address) as host,
            pytest.raises(errors.BadOutput, match=f"none of {name}'s"),
        ):
            drawn(images(name, host.url), request(name))

    assert thief.asked == []


@pytest.mark.parametrize("name", HOSTS)
def test_a_job_can_be_taken_back_before_it_runs(name: str) -> None:
    """Whoever counts on it must be told whether it was in time."""
    kind, _ = HOSTS[name]
    with kind() as host:
        provider = images(name, host.url)
        assert provider.cancel(provider.submit(request(name)))
        assert not provider.cancel(Pending(JOB))
    with kind({"cancel": ["400"]}) as host:
        provider = images(name, host.url)
        assert not provider.cancel(provider.submit(request(name)))


@pytest.mark.parametrize(
    ("name", "more", "words"),
    [
        ("fal", {"width": 1000}, "multiples of 16"),
        ("fal", {"references": (PACKSHOT,) * 4}, "follows 3 references"),
        ("replicate", {"width": 1040}, "multiples of 32"),
        ("replicate", {"references": (PACKSHOT,) * 9}, "follows 8 references"),
        (
            "replicate",
            {"references": (PACKSHOT,), "model": "black-forest-labs/flux-1.1-pro"},
            "follows 0 references, not 1 .its image_prompt",
        ),
        ("replicate", {"width": 1920, "model": "black-forest-labs/flux-1.1-pro"}, "at most 1440"),
    ],
)
def test_what_it_cannot_draw_is_refused_before_it_is_sent(
    name: str, more: dict[str, object], words: str
) -> None:
    """A size that is rounded in silence is paid for and does not fit."""
    with HOSTS[name][0]() as host, pytest.raises(errors.Unsupported, match=words):
        images(name, host.url).submit(request(name, **more))

    assert host.asked == []


@pytest.mark.parametrize(
    ("name", "more", "expected", "most"),
    [
        ("fal", {}, "0.03", "0.03"),
        ("fal", {"width": 1920, "height": 1920}, "0.075", "0.075"),
        ("fal", {"references": (PACKSHOT, PACKSHOT)}, "0.15", "0.15"),
        ("replicate", {"width": 1920, "height": 1920}, "0.075", "0.075"),
        ("replicate", {"model": "black-forest-labs/flux-1.1-pro"}, "0.04", "0.04"),
    ],
)
def test_what_is_quoted_is_what_is_entered(
    name: str, more: dict[str, Any], expected: str, most: str, office: Any
) -> None:
    """A budget that is reserved too low is overspent."""
    asked = request(name, **more)
    with HOSTS[name][0]() as host:
        provider = images(name, host.url)
        figures = quoted(
            deals.picture(provider, asked), price_book(), BudgetTerms(currency="USD"), TODAY
        )
        office.runner().draw(provider, asked, campaign="spring", run="r1", asset="c1")

    [attempt] = office.all()
    assert (figures.expected, figures.most) == (Money.of(expected, "USD"), Money.of(most, "USD"))
    assert attempt.amount == figures.most
    assert attempt.basis == ("estimated" if asked.references else "computed")


@pytest.mark.parametrize("name", HOSTS)
def test_without_a_key_it_says_which_one(name: str) -> None:
    """Whoever sets up an installation needs the name of the variable."""
    with pytest.raises(errors.NotConfigured, match=f"KAMPANJ_{name.upper()}_API_KEY"):
        registry.image_provider(name, ProviderSettings())
