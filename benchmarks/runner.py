"""What buying through the runner costs, against calling the SDK bare on the same wire.

``python benchmarks/runner.py [--calls N] [--database URL]`` buys N pictures from a provider on
loopback, in a process of its own, and measures the CPU (user and system, of this process and of the
decoder that it keeps, whose start is shared among the calls) of

a. the bare SDK: ``images.generate`` and base64, and nothing else: no row, no check, no file;
b. our adapter: the same call, with its answer bounded, read and looked at;
c. the runner: with price, budget, the rows of an attempt, a turn of a token bucket, the answer
   synced to disk, and the ledger.

Wall time is told too, and is noise on a shared machine: most of it is the disk, which is synced
for each step, as it must be where money is counted.
"""

import argparse
import base64
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from openai import OpenAI
from pydantic import SecretStr

from cost_tracking.attempts import Attempts
from cost_tracking.buckets import Buckets
from cost_tracking.budgets import Budgets
from cost_tracking.database import open_database, upgrade
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.prices import price_book
from providers import registry
from providers.answers import Answers
from providers.images import sandbox
from providers.images.base import ImageRequest
from providers.models import Rate
from providers.rates import Rates
from providers.runner import Runner
from providers.settings import ProviderSettings
from providers.storage.blobs import Blobs
from providers.terms import BudgetTerms

ROOT = Path(__file__).resolve().parent.parent
MODEL = "gpt-image-2"
KEY = "sk-benchmark"


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@contextmanager
def vendor(folder: Path) -> Iterator[str]:
    """Start a provider in a process of its own, and give its address."""
    wire = str(ROOT / "tests" / "openai_wire.py")
    command = [sys.executable, wire, "--journal", str(folder / "journal.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:  # noqa: S603 - ours
        if server.stdout is None:
            raise RuntimeError("the provider says nothing")
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def measured(call: Callable[[int], object], calls: int) -> tuple[float, float]:
    """Return the milliseconds of CPU and of wall time of one call, after two to warm up."""
    for number in (-1, -2):
        call(number)
    # What a child has used is known when it has ended.
    sandbox.close()
    cpu, wall = used(), time.perf_counter()
    for number in range(calls):
        call(number)
    elapsed = time.perf_counter() - wall
    sandbox.close()
    return (used() - cpu) * 1000 / calls, elapsed * 1000 / calls


def used() -> float:
    """Return the seconds of CPU that this process and its ended children have used."""
    told = os.times()
    return told.user + told.system + told.children_user + told.children_system


def request(number: int) -> ImageRequest:
    """Return a request that is like no other."""
    return ImageRequest(
        prompt=f"A slower morning, {number}.", width=1024, height=1024, model=MODEL, quality="low"
    )


def bare(url: str) -> Callable[[int], object]:
    """Return a call of the SDK."""
    client = OpenAI(api_key=KEY, base_url=url, max_retries=0)

    def call(number: int) -> bytes:
        answer = client.images.generate(
            model=MODEL, prompt=request(number).prompt, size="1024x1024", quality="low"
        )
        if not (answer.data and answer.data[0].b64_json):
            raise RuntimeError("the provider sent no picture")
        return base64.b64decode(answer.data[0].b64_json)

    return call


def bought(url: str, folder: Path, database: str) -> tuple[Callable[[int], object], ...]:
    """Return a call of the adapter, and one of the runner."""
    settings = ProviderSettings(openai_api_key=SecretStr(KEY), openai_base_url=url)
    drawer = registry.image_provider("openai", settings)
    engine = open_database(database)
    upgrade(engine)
    name = f"benchmark-{now():%H%M%S%f}"
    limit = Money.of("1000", "USD")
    Budgets(engine, now).set_limit(name, SpendClass.NON_WORKING, limit)
    rate = Rate(provider="openai", images=Decimal(10**6), at_once=1000)
    runner = Runner(
        Attempts(engine, now, name),
        price_book(),
        Answers(folder / "answers", Blobs(folder / "blobs")),
        now=now,
        sleep=time.sleep,
        budget=BudgetTerms(currency="USD"),
        rates=Rates(Buckets(engine, now), [rate], time.sleep),
    )

    def buy(number: int) -> object:
        return runner.draw(
            drawer, request(number), campaign=name, run="r1", asset=f"c{number}"
        ).answer

    return lambda number: drawer.draw(request(number)), buy


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="What buying through the runner costs.")
    parser.add_argument("--calls", type=int, default=60)
    parser.add_argument(
        "--database", default="", help="where the ledger is; a SQLite file if empty"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, vendor(Path(place)) as url:
        database = options.database or f"sqlite:///{place}/kampanj.db"
        ways = {"bare SDK": bare(url)}
        ways["adapter"], ways["runner"] = bought(url, Path(place), database)
        figures = {name: measured(call, options.calls) for name, call in ways.items()}
    floor = figures["bare SDK"][0]
    print(f"{options.calls} pictures of 1024x1024; milliseconds of one call")
    print(f"{'':10} {'CPU':>8} {'wall':>8} {'CPU ratio':>10}")
    for name, (cpu, wall) in figures.items():
        print(f"{name:10} {cpu:8.2f} {wall:8.2f} {cpu / floor:9.2f}x")
    over = figures["runner"][0] - figures["adapter"][0]
    print(f"the runner adds {over:.2f} ms of CPU to its adapter's call")


if __name__ == "__main__":
    main()
