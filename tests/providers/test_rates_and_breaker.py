"""An account is asked as fast as it may be, and a provider that is down is left alone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from jobs_wire import SlowImages
from sqlalchemy import Engine

from cost_tracking.buckets import Buckets
from providers import errors
from providers.breaker import CODE, Breaker, BreakerTerms
from providers.errors import Charged, ProviderError
from providers.images.base import ImageRequest
from providers.images.studio import StudioImages
from providers.models import Rate
from providers.rates import Rates, turns_of
from providers.runner import Runner

JOB: dict[str, Any] = {"campaign": "spring", "run": "r1"}
PICTURE = ImageRequest(prompt="c1", width=512, height=512, model="studio-1")


def test_a_request_waits_for_its_turn(engine: Engine, clock: Any) -> None:
    """What waits holds no transaction: another process may write meanwhile."""
    slept: list[float] = []
    buckets = Buckets(engine, clock)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        # On SQLite there is one writer: this would hang if the first one were still writing.
        buckets.take(
            turns_of(Rate(provider="other", requests=Decimal(1)), "text"), timedelta(hours=1)
        )

    rates = Rates(buckets, [Rate(provider="firefly", requests=Decimal(4))], sleep)
    for _ in range(3):
        rates.wait("firefly", "image4", "image")
    rates.wait("openai", "gpt-image-2", "image")

    assert slept == [15, 30]


def test_pictures_and_words_of_one_account_are_told_apart(engine: Engine, clock: Any) -> None:
    """A limit on images per minute does not slow the copy down."""
    slept: list[float] = []
    rate = Rate(provider="openai", requests=Decimal(60), images=Decimal(6), account="berlin")
    rates = Rates(Buckets(engine, clock), [rate], slept.append)

    for operation in ("image", "image", "text"):
        rates.wait("openai", "m", operation)

    assert slept == [10, 2]


def test_a_queue_that_is_too_long_is_an_error_to_fail_over_from(engine: Engine, clock: Any) -> None:
    """Nobody finds a run that sleeps in a queue of 200 pictures at four a minute."""
    rate = Rate(provider="firefly", requests=Decimal(4))
    rates = Rates(Buckets(engine, clock), [rate], lambda _seconds: None, longest=60)
    for _ in range(5):
        rates.wait("firefly", "image4", "image")

    with pytest.raises(errors.RateLimited, match="the next turn") as caught:
        rates.wait("firefly", "image4", "image")

    assert (caught.value.retry_after, caught.value.charged) == (75, Charged.NO)


def down(breaker: Breaker, times: int, error: ProviderError | None = None) -> None:
    """Let a provider fail."""
    for _ in range(times):
        breaker.failed("bfl", "flux", error or errors.Unavailable("bfl", "503"))


def open_(breaker: Breaker) -> bool:
    """Say whether it lets nothing through."""
    try:
        breaker.check("bfl", "flux")
    except errors.Unavailable as error:
        return error.trace.code == CODE and error.charged is Charged.NO
    return False


def test_a_provider_that_is_down_is_left_alone_and_then_tried_once(clock: Any) -> None:
    """500 locales must not wait for 500 timeouts, nor stay away after it is back."""
    breaker = Breaker(clock, BreakerTerms(failures=3, rest=timedelta(seconds=60)))

    down(breaker, 2)
    assert not open_(breaker)
    down(breaker, 1)
    assert open_(breaker)
    breaker.check("bfl", "another")
    clock.forward(seconds=60)
    # Half open: one is let through, and the others wait for what becomes of it.
    assert (open_(breaker), open_(breaker)) == (False, True)
    down(breaker, 1)
    clock.forward(seconds=59)
    assert open_(breaker)
    clock.forward(seconds=1)
    assert not open_(breaker)
    breaker.answered("bfl", "flux")
    down(breaker, 2)
    assert not open_(breaker)


@pytest.mark.parametrize("kind", [errors.NotConfigured, errors.QuotaExceeded])
def test_no_key_and_no_money_count_too(clock: Any, kind: type[ProviderError]) -> None:
    """They do not mend themselves within a campaign."""
    breaker = Breaker(clock)

    down(breaker, 5, kind("bfl", "no"))

    assert open_(breaker)


@pytest.mark.parametrize("kind", [errors.RefusedInput, errors.RefusedOutput, errors.BadOutput])
def test_a_refusal_is_the_answer_of_one_who_works(clock: Any, kind: type[ProviderError]) -> None:
    """One brief that nobody may draw must not close a provider for the others."""
    breaker = Breaker(clock, BreakerTerms(failures=3))

    for _ in range(5):
        down(breaker, 2)
        down(breaker, 9, kind("bfl", "no"))

    assert not open_(breaker)


@pytest.mark.parametrize("kind", [errors.RateLimited, errors.OutcomeUnknown, errors.Unsupported])
def test_what_says_nothing_of_its_health_changes_nothing(
    clock: Any, kind: type[ProviderError]
) -> None:
    """A busy minute neither opens the breaker nor forgets what was counted."""
    breaker = Breaker(clock, BreakerTerms(failures=3))

    down(breaker, 2)
    down(breaker, 9, kind("bfl", "no"))
    assert not open_(breaker)
    down(breaker, 1)
    assert open_(breaker)


def test_the_runner_asks_both(office: Any) -> None:
    """A guard that nobody asks guards nothing."""
    rate = Rate(provider="studio", images=Decimal(6))
    buckets = Buckets(office.engine, office.now)
    runner = Runner(
        office.attempts(),
        office.prices,
        office.answers,
        now=office.now,
        sleep=office.slept.append,
        budget=office.terms,
        rates=Rates(buckets, [rate], office.slept.append),
        breaker=Breaker(office.now, BreakerTerms(failures=4)),
    )
    for asset in ("c1", "c2", "c1"):
        runner.draw(StudioImages(), PICTURE, **JOB, asset=asset)
    # The third was bought before, and takes no turn.
    assert office.slept == [10]

    nobody = SlowImages("http://127.0.0.1:9")
    request = PICTURE.model_copy(update={"model": "gpt-image-2"})
    for asset, rows in (("c3", 4), ("c4", 4)):
        with pytest.raises(errors.Unavailable):
            runner.draw(nobody, request, **JOB, asset=asset)
        assert len([one for one in office.all() if one.provider == "openai"]) == rows
