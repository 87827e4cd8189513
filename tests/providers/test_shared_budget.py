"""Eight processes buy for one budget; the provider's own journal says what they were billed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openai_wire
import pytest
from openai_wire import IN_TOKENS, OUT_TOKENS, read_journal
from pydantic import SecretStr
from sqlalchemy import Engine

from cost_tracking.attempts import State
from cost_tracking.budgets import OverBudget
from cost_tracking.database import open_database
from cost_tracking.ledger import check
from cost_tracking.money import Money
from providers import registry
from providers.images import openai_images
from providers.images.base import ImageRequest
from providers.settings import ProviderSettings

PROCESSES = 8
COST = Money.of(f"{(IN_TOKENS * 5 + OUT_TOKENS * 30) / 10**6:.6f}", "USD")
IN_EUR = COST.at(Decimal("0.90"), "EUR")
# Imported here, so that eight children do not each import the SDK.
assert openai_images


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Start a provider in a process of its own, and give its address and its journal."""
    journal = tmp_path / "journal.jsonl"
    command = [sys.executable, openai_wire.__file__, "--journal", str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        assert server.stdout
        yield server.stdout.readline().strip(), journal
        server.terminate()


def buy_all(office: Any, url: str, address: str, number: int) -> None:
    """Buy until the budget holds no more, as a process of its own would."""
    shop = replace(office, engine=open_database(url))
    settings = ProviderSettings(openai_api_key=SecretStr("sk-test"), openai_base_url=address)
    drawer = registry.image_provider("openai", settings)
    runner = shop.runner(f"p{number}")
    for asset in range(20):
        name = f"p{number}-{asset}"
        request = ImageRequest(prompt=name, width=1024, height=1024, model="gpt-image-2")
        runner.draw(drawer, request, campaign="spring", run="r1", asset=name)


def test_eight_processes_never_spend_a_micro_more_than_the_limit(
    office: Any, engine: Engine, url: str, vendor: tuple[str, Path]
) -> None:
    """Finance sets one number for a campaign, and not one for each machine that works on it."""
    address, journal = vendor
    shop = replace(office, engine=engine)
    shop.limit("1.10")
    children: list[int] = []
    for number in range(PROCESSES):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                buy_all(shop, url, address, number)
            except OverBudget:
                code = 0
            finally:
                os._exit(code)
        children.append(child)

    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]

    assert codes == [0] * PROCESSES
    bills = read_journal(journal)
    settled = shop.attempts().list("spring", State.SETTLED)
    assert {one.asset for one in settled} == {call["asked"]["prompt"] for call in bills}
    assert len(settled) == len(bills) > PROCESSES
    assert shop.budget.spent == Money(micros=IN_EUR.micros * len(bills), currency="EUR")
    assert shop.budget.spent <= shop.budget.limit
    assert shop.budget.reserved.micros == 0
    assert check(engine) == []
    told = f"{PROCESSES} processes, {engine.dialect.name}: {len(bills)} billed and in the ledger, "
    sys.stdout.write(f"{told}{shop.budget.spent} spent of {shop.budget.limit}\n")
