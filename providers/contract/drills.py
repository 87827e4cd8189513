"""The vendor's journal against our ledger: whatever befalls a purchase, and wherever we are killed.

The rig's ``sent`` is the journal. It is kept by the wire, which knows nothing of a ledger, and by
another process than the one that is killed. Needs pytest.
"""

import contextlib
import os
import signal
import sys
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cost_tracking.attempts import Attempt, State, Suspect
from cost_tracking.ledger import check
from providers.contract.rig import MEANINGS, Fault
from providers.contract.till import Till
from providers.deals import Deal
from providers.errors import Charged, ProviderError
from providers.images.jobs import ImageJobs

STEPS = ("reserved", "sent", "asked", "submitted", "answered", "stored", "settled")
"""Where a buyer is killed: at each step that ``Runner`` tells, and at ``asked`` as soon as the
request has reached the vendor, wherever the buyer then is."""
DEAD = "the-one-who-died"
WELL = "all is well"
LEFT = {Charged.NO: State.RELEASED, Charged.YES: State.SETTLED, Charged.MAYBE: State.SUSPECT}
"""What becomes of the attempt, by what its error says of the charge."""
FAILED = (Fault.RATE_LIMITED, Fault.LOST, Fault.EMPTY)
"""Faults that a buyer is killed at before it writes them down: one of each kind of charge."""
_FREE = (Charged.NO,)


class LedgerDrills(ABC):
    """Buys from a rig through the runner, and compares the two books."""

    steps: ClassVar[tuple[str, ...]] = STEPS

    @abstractmethod
    def deal(self, rig: Any) -> Deal[Any]:
        """Return the purchase of what the rig's request asks for."""

    @abstractmethod
    def striking(self, rig: Any, *faults: Fault) -> Iterator[Fault]:
        """Let each of these that the vendor may have strike the next request, one after the other.

        Args:
            rig: Whose wire fails.
            faults: None named is all of them.

        """

    def test_no_fault_hides_a_purchase_or_makes_a_second_one(
        self, rig: Any, tmp_path: Path
    ) -> None:
        """What the vendor bills and we do not know of is found by nobody before its invoice."""
        till, deal = Till(tmp_path), self.deal(rig)
        before = rig.sent()
        till.buy(deal, WELL)
        (row,) = till.rows(WELL)
        _print(rig, WELL, None, row, rig.sent() - before)
        self._agree(rig, till, WELL, rig.sent() - before)
        for fault in self.striking(rig):
            before = rig.sent()
            with pytest.raises(ProviderError) as caught:
                till.buy(self.deal(rig.facing(fault)), fault)
            error, reached = caught.value, rig.sent() - before
            (row,) = till.rows(fault)
            _print(rig, fault, error, row, reached)
            assert reached <= 1, f"{fault}: one purchase sent {reached} requests"
            assert row.state is LEFT[error.charged], f"{fault}: it is {row.state}"
            hidden = MEANINGS[fault].charged != _FREE and reached and not row.counts.micros
            known_free = error.charged is Charged.NO
            assert not hidden or known_free, f"{fault}: billed, and in no row that counts"
            if row.state is State.SUSPECT:
                with pytest.raises(Suspect):
                    till.buy(deal, fault)
                assert rig.sent() - before == reached, f"{fault}: sent while nobody knows"
                till.attempts.close(row.id, charged=True, by="ada", reason="the vendor's journal")
            till.buy(deal, fault)
            till.buy(deal, fault)
            free = reached if known_free else 0
            self._agree(rig, till, fault, rig.sent() - before - free)

    def test_no_kill_hides_a_purchase_or_makes_a_second_one(self, rig: Any, tmp_path: Path) -> None:
        """A power cut between paying and writing it down costs a question at most."""
        if not hasattr(os, "fork"):
            pytest.skip("this system cannot fork a process to kill")
        # What is free and local is done again, whichever step it is killed at.
        for step in ("sent", "stored") if rig.provider.repeatable else self.steps:
            if step != "submitted" or isinstance(rig.provider, ImageJobs):
                self._drill(rig, tmp_path, step)
        for fault in self.striking(rig, *FAILED):
            self._drill(rig, tmp_path, "failed", fault)

    def _drill(self, rig: Any, folder: Path, step: str, fault: Fault | None = None) -> None:
        """Kill a buyer at a step, and let the next one end what it began."""
        till, deal, asset = Till(folder), self.deal(rig), f"{step} {fault or ''}".strip()
        before = rig.sent()
        ended = _killed_at(step, asset, folder, deal, rig)
        assert ended == -signal.SIGKILL or (step == "asked" and ended == 0), f"{asset}: {ended}"
        till.attempts.reap(dead=DEAD)
        (row,) = till.rows(asset)
        reached = rig.sent() - before
        free = reached if fault and MEANINGS[fault].charged == _FREE else 0
        assert reached <= 1, f"killed at {asset}: {reached} requests"
        recorded = row.state in {State.SUSPECT, State.SETTLED}
        assert recorded or not reached or rig.provider.repeatable, f"{asset}: billed and hidden"
        try:
            till.buy(deal, asset)
        except Suspect:
            assert rig.sent() - before == reached, f"{asset}: sent while nobody knows"
            charged = reached > free
            till.attempts.close(row.id, charged=charged, by="ada", reason="the vendor's journal")
            till.buy(deal, asset)
        till.buy(deal, asset)
        billed = rig.sent() - before - free
        _print_kill(rig, asset, row, reached - free, billed)
        self._agree(rig, till, asset, billed)
        kept = step in {"submitted", "answered"} and isinstance(rig.provider, ImageJobs)
        assert not kept or billed == 1, f"{asset}: the job was known, and was bought again"

    def _agree(self, rig: Any, till: Till, asset: str, billed: int) -> None:
        """Hold the vendor's journal of one asset against the ledger."""
        paid = [one for one in till.rows(asset) if one.state is State.SETTLED]
        bought = [one for one in paid if not one.waste]
        assert len(bought) == 1, f"{asset}: bought {len(bought)} times"
        if not rig.provider.repeatable:
            assert len(paid) == billed, f"{asset}: {billed} billed, {len(paid)} in the ledger"
            # What was paid twice on purpose was closed as waste, by a person or by its error.
            assert all(one.amount and one.amount.micros for one in paid), f"{asset}: at no price"
        assert till.budget.reserved.micros == 0, f"{asset}: money is still set aside"
        assert check(till.engine) == []


def _killed_at(step: str, asset: str, folder: Path, deal: Deal[Any], rig: Any) -> int:
    """Buy in a process of its own that is killed at a step, and return how it ended."""
    before = rig.sent()
    child = os.fork()
    if not child:
        _buy_and_die(step, asset, folder, deal)
    if step == "asked":
        while rig.sent() == before:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.0005)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _buy_and_die(step: str, asset: str, folder: Path, deal: Deal[Any]) -> None:
    def hook(told: str) -> None:
        if told == step:
            os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        Till(folder, DEAD).buy(deal, asset, hook)
        code = 0
    except BaseException:  # noqa: BLE001 - nobody above may see it: they belong to the parent
        with contextlib.suppress(OSError):
            traceback.print_exc()
    finally:
        os._exit(code)


def _print(rig: Any, fault: str, error: ProviderError | None, row: Attempt, reached: int) -> None:
    """Print a line of the table that ``pytest -s`` shows."""
    paid = Charged.YES if row.counts.micros else Charged.NO
    kind, charged = (error.kind, error.charged) if error else ("-", paid)
    called = f"{kind:17}charged {charged:7}{row.state:10}"
    sys.stdout.write(
        f"{_who(rig, row)}{fault:15}{called}counts {row.counts!s:14}{reached} request\n"
    )


def _print_kill(rig: Any, asset: str, row: Attempt, billed: int, in_all: int) -> None:
    at = f"killed {asset}"
    books = f"{billed} billed then, {in_all} in all"
    sys.stdout.write(f"{_who(rig, row)}{at:28}left {row.state:10}{books}\n")


def _who(rig: Any, row: Attempt) -> str:
    with_pictures = " +refs" if getattr(rig.request, "references", ()) else ""
    return f"{rig.provider.name:13}{row.operation}{with_pictures:{18 - len(row.operation)}}"
