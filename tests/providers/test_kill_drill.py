"""A buyer is killed wherever it hurts; the provider's own journal says what it was billed for.

The journal is written by another process, which knows nothing of our ledger. What is compared:
how often each picture was billed, and whether each bill is in a row of ours.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai_wire
import pytest
from openai_wire import read_journal
from pydantic import SecretStr

from cost_tracking.attempts import State, Suspect
from cost_tracking.database import open_database
from cost_tracking.ledger import check
from providers import registry
from providers.images import openai_images
from providers.images.base import ImageRequest
from providers.settings import ProviderSettings

DEAD = "the-one-who-died"
# Imported here, so that a child is killed while it buys, and not while it imports the SDK.
assert openai_images


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Start a provider in a process of its own, and give its address and its journal."""
    journal = tmp_path / "journal.jsonl"
    command = [sys.executable, openai_wire.__file__, "--journal", str(journal), "--delay", "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        assert server.stdout
        yield server.stdout.readline().strip(), journal
        server.terminate()


def buy(office: Any, url: str, asset: str, on_step: Callable[[str], None]) -> None:
    """Buy one picture, as a process of its own would."""
    office.engine = open_database(f"sqlite:///{office.folder}/kampanj.db")
    settings = ProviderSettings(openai_api_key=SecretStr("sk-test"), openai_base_url=url)
    request = ImageRequest(prompt=asset, width=1024, height=1024, model="gpt-image-2")
    runner = office.runner(DEAD, on_step)
    provider = registry.image_provider("openai", settings)
    runner.draw(provider, request, campaign="spring", run="r1", asset=asset)


def in_a_child(work: Callable[[], None], after: float | None = None) -> int:
    """Do something in a process of its own, kill it after some seconds, and say how it ended.

    Returns:
        Its exit code, 3 where an earlier attempt is suspect, or minus the signal that ended it.

    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except Suspect:
            code = 3
        finally:
            os._exit(code)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def die_at(point: str) -> Callable[[str], None]:
    """Return a hook that ends the process at a step, as a power cut would."""

    def hook(step: str) -> None:
        if step == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


@pytest.mark.parametrize(
    ("point", "billed", "left", "then"),
    [
        # Reserved only: it can have cost nothing, and is given back.
        ("reserved", 0, State.RELEASED, 0),
        # It may have left: a person looks. Here it had not.
        ("sent", 0, State.SUSPECT, 3),
        # It was answered and lost: a person looks, and finds the bill.
        ("answered", 1, State.SUSPECT, 3),
        # It was stored: it is settled from the store, and nothing is bought.
        ("stored", 1, State.SUSPECT, 0),
        ("settled", 1, State.SETTLED, 0),
    ],
)
def test_a_kill_at_any_step_costs_at_most_a_question(
    office: Any, vendor: tuple[str, Path], point: str, billed: int, left: State, then: int
) -> None:
    """Whoever is killed between paying and writing it down must not pay, or hide it, twice."""
    url, journal = vendor

    assert in_a_child(lambda: buy(office, url, "c1", die_at(point))) == -signal.SIGKILL
    assert len(read_journal(journal)) == billed
    office.attempts().reap(dead=DEAD)
    assert [one.state for one in office.all()] == [left]

    assert in_a_child(lambda: buy(office, url, "c1", lambda _step: None)) == then
    if then == 3:
        assert len(read_journal(journal)) == billed
        (lost,) = office.all()
        assert office.budget.reserved == lost.budget_amount
        office.attempts().close(lost.id, charged=billed > 0, by="ada", reason="their journal")
        assert in_a_child(lambda: buy(office, url, "c1", lambda _step: None)) == 0

    paid = [one for one in office.all() if one.state is State.SETTLED]
    assert len(paid) == len(read_journal(journal))
    assert len([one for one in paid if not one.waste]) == 1
    assert office.budget.reserved.micros == 0
    assert check(office.engine) == []


def _taken(office: Any, url: str, asset: str) -> float:
    """Return the seconds of a purchase that nobody disturbs."""
    began = time.monotonic()
    assert in_a_child(lambda: buy(office, url, asset, lambda _step: None)) == 0
    return time.monotonic() - began


def test_kills_at_any_moment_buy_nothing_twice_and_hide_nothing(
    office: Any, vendor: tuple[str, Path]
) -> None:
    """The steps that nobody thought of are between the steps that have names."""
    url, journal = vendor
    chance = random.Random(20261121)  # noqa: S311 - the same kills each time
    decided: Counter[str] = Counter()
    killed = 0
    # Of this machine, now: a fixed time would be all too late on a quick one. The quickest, since
    # what was slowed down for a moment would put most kills after the end.
    whole = min(_taken(office, url, asset) for asset in ("whole-1", "whole-2", "whole-3"))
    for number in range(24):
        asset = f"c{number // 3}"
        ended = in_a_child(
            lambda: buy(office, url, asset, lambda _step: None),  # noqa: B023 - it ends within
            after=whole * chance.uniform(0.05, 0.95) if number % 3 < 2 else None,
        )
        killed += ended == -signal.SIGKILL
        office.attempts().reap(dead=DEAD)
        bills = Counter(call["asked"]["prompt"] for call in read_journal(journal))
        # At every instant, each bill is a row that counts, and no more than was decided.
        counted = Counter(one.asset for one in office.all() if one.counts.micros)
        assert not bills - counted
        assert all(bills[one] <= 1 + decided[one] for one in bills)
        for lost in office.attempts().list("spring", State.SUSPECT):
            stored = office.answers.find(lost.id)
            if not stored:
                charged = bills[lost.asset] > decided[lost.asset]
                office.attempts().close(lost.id, charged=charged, by="ada", reason="journal")
                decided[lost.asset] += charged

    assert killed >= 8
    settled = Counter(one.asset for one in office.all() if one.state is State.SETTLED)
    assert settled == Counter(call["asked"]["prompt"] for call in read_journal(journal))
    assert check(office.engine) == []
