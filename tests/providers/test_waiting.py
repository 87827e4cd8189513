"""Two who want the same thing at once: one buys it, and the other waits for the answer."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from openai_wire import Wire
from pydantic import SecretStr

from cost_tracking.attempts import Attempts, Claimed, State, Suspect
from providers import registry
from providers.images.base import ImageProvider, ImageRequest
from providers.runner import Bought, Runner
from providers.settings import ProviderSettings
from providers.terms import Patience

JOB: dict[str, Any] = {"campaign": "spring", "run": "r1", "asset": "c1"}
PICTURE = ImageRequest(prompt="c1", width=1024, height=1024, model="gpt-image-2")


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the vendor."""
    with Wire() as vendor:
        yield vendor


@pytest.fixture
def drawer(wire: Wire) -> Any:
    """Return who draws."""
    told = ProviderSettings(openai_api_key=SecretStr("sk-test"), openai_base_url=wire.url)
    return registry.image_provider("openai", told)


class Stop(BaseException):
    """Ends a buyer as a power cut would: it writes nothing more."""


def runner(office: Any, owner: str, sleep: Callable[[float], None], **more: Any) -> Runner:
    """Build a runner whose waits are the test's."""
    return Runner(
        Attempts(office.engine, office.now, owner, lease=timedelta(seconds=100)),
        office.prices,
        office.answers,
        now=office.now,
        sleep=sleep,
        budget=office.terms,
        **more,
    )


def held(office: Any, drawer: ImageProvider, step: str) -> None:
    """Let a buyer die at a step, with its lease alive."""

    def die(told: str) -> None:
        if told == step:
            raise Stop

    with pytest.raises(Stop):
        runner(office, "dead", office.slept.append, on_step=die).draw(drawer, PICTURE, **JOB)


def test_the_second_one_takes_the_first_one_s_answer(
    office: Any, wire: Wire, drawer: ImageProvider
) -> None:
    """Two workers on one brief must not fail each other, nor pay twice."""
    waits = threading.Event()
    found: list[Bought[Any]] = []

    def sleep(_seconds: float) -> None:
        waits.set()
        time.sleep(0.01)

    def second() -> None:
        found.append(runner(office, "second", sleep).draw(drawer, PICTURE, **JOB))

    thread = threading.Thread(target=second)

    def step(name: str) -> None:
        if name == "answered":
            thread.start()
            assert waits.wait(20), "the second one does not wait"

    first = runner(office, "first", office.slept.append, on_step=step).draw(drawer, PICTURE, **JOB)
    thread.join(20)

    assert [(one.replayed, one.attempt.id) for one in found] == [(True, first.attempt.id)]
    assert found[0].answer == first.answer
    assert len(wire.calls) == 1


def test_the_wait_has_an_end(office: Any, wire: Wire, drawer: ImageProvider) -> None:
    """Who waits for ever is found by nobody; after the bound a person is told who has it."""
    held(office, drawer, "sent")
    slept: list[float] = []
    patience = Patience(claim=60, between=5)

    with pytest.raises(Claimed, match="dead is asking openai"):
        runner(office, "next", slept.append, patience=patience).draw(drawer, PICTURE, **JOB)

    assert sum(slept) == pytest.approx(60)
    assert max(slept) == 5
    assert len(wire.calls) == 0
    with pytest.raises(Claimed):
        runner(office, "next", slept.append, patience=Patience(claim=0)).draw(
            drawer, PICTURE, **JOB
        )
    assert sum(slept) == pytest.approx(60), "who has no patience does not wait at all"


@pytest.mark.parametrize(("step", "bought"), [("reserved", True), ("sent", False)])
def test_the_wait_ends_with_the_lease(
    office: Any,
    wire: Wire,
    drawer: ImageProvider,
    step: str,
    *,
    bought: bool,
) -> None:
    """The dead hold nothing: what was only reserved is bought, and what was sent is a question."""
    held(office, drawer, step)
    began = office.time

    def sleep(seconds: float) -> None:
        office.time += timedelta(seconds=seconds)

    buyer = runner(office, "next", sleep)
    if bought:
        assert not buyer.draw(drawer, PICTURE, **JOB).replayed
    else:
        with pytest.raises(Suspect):
            buyer.draw(drawer, PICTURE, **JOB)

    assert timedelta(seconds=100) <= office.time - began < timedelta(seconds=101)
    assert len(wire.calls) == bought
    assert {one.state for one in office.all()} == (
        {State.RELEASED, State.SETTLED} if bought else {State.SUSPECT}
    )
