"""A picture that is drawn slowly is handed in once, and collected by whoever comes next."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jobs_wire
import pytest
from jobs_wire import COST, JobServer, SlowImages, bills
from sqlalchemy import Engine

from cost_tracking.attempts import Attempts, Claimed, LeaseLost, State, Suspect
from cost_tracking.database import open_database
from cost_tracking.ledger import check
from providers import errors
from providers.images.base import ImageRequest
from providers.images.jobs import ImageJobs
from providers.runner import Runner
from providers.terms import Patience

DEAD = "the-one-who-died"
JOB: dict[str, Any] = {"campaign": "spring", "run": "r1", "asset": "c1"}
PICTURE = ImageRequest(prompt="c1", width=1024, height=1024, model="gpt-image-2")
STEPS = ["reserved", "sent", "submitted", "answered", "stored", "settled"]


@pytest.fixture
def vendor(tmp_path: Path) -> Iterator[JobServer]:
    """Start a provider in this process, which can be told to fail."""
    server = JobServer(tmp_path / "journal.jsonl")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return the file of what was billed."""
    return tmp_path / "journal.jsonl"


def test_a_job_is_on_disk_before_anybody_waits_for_it(
    office: Any, vendor: JobServer, journal: Path
) -> None:
    """Whoever crashes while waiting has paid; without the job's name the picture is lost."""
    steps: list[str] = []
    jobs: list[dict[str, Any] | None] = []

    def step(name: str) -> None:
        steps.append(name)
        jobs.append(office.all()[0].job)

    provider: ImageJobs = SlowImages(vendor.url)
    bought = office.runner(on_step=step).draw(provider, PICTURE, **JOB)

    assert steps == STEPS
    assert jobs[:2] == [None, None]
    assert jobs[2] == {"job": "job-1", "poll_url": "", "facts": {"size": 1024}}
    assert (bought.attempt.amount, bought.replayed) == (COST, False)
    assert bills(journal) == ["c1"]
    assert office.slept == sorted(office.slept)
    assert office.runner().draw(provider, PICTURE, **JOB).replayed
    assert check(office.engine) == []


@pytest.mark.parametrize("faults", [["busy"] * 3, ["broken"], ["busy", "broken"]])
def test_a_question_that_fails_is_asked_again(
    office: Any, vendor: JobServer, journal: Path, faults: list[str]
) -> None:
    """503 to a free question must neither give the money back nor pay for a second picture."""
    vendor.script = faults

    office.runner().draw(SlowImages(vendor.url), PICTURE, **JOB)

    assert office.rows() == [(State.SETTLED, False, None)]
    assert bills(journal) == ["c1"]


@pytest.mark.parametrize(
    ("fault", "kind", "row"),
    [
        ("moderated", errors.RefusedInput, (State.RELEASED, False, "refused_input")),
        ("failed", errors.BadOutput, (State.SETTLED, True, "bad_output")),
        ("lost", errors.JobLost, (State.SUSPECT, False, "job_lost")),
    ],
)
def test_a_job_that_comes_to_nothing_costs_what_the_provider_says(
    office: Any, vendor: JobServer, fault: str, kind: type, row: tuple[State, bool, str]
) -> None:
    """Free, charged and nobody-knows are three different lines of the report."""
    vendor.script = ["", fault]

    with pytest.raises(kind):
        office.runner().draw(SlowImages(vendor.url), PICTURE, **JOB)

    assert office.rows() == [row]
    if fault == "lost":
        # There is nothing left to collect: a person has to look at the bill.
        with pytest.raises(Suspect):
            office.runner().draw(SlowImages(vendor.url), PICTURE, **JOB)


def test_a_key_that_ends_while_we_wait_loses_no_picture(
    office: Any, vendor: JobServer, journal: Path
) -> None:
    """401 to a question is free, and the job was not: to release it would hide a charge."""
    vendor.script = ["", "key"]

    with pytest.raises(errors.Unfinished, match="run again to collect it"):
        office.runner().draw(SlowImages(vendor.url), PICTURE, **JOB)
    assert office.rows() == [(State.SUSPECT, False, "unfinished")]
    assert office.budget.reserved.micros > 0

    bought = office.runner("another").draw(SlowImages(vendor.url), PICTURE, **JOB)

    assert (bought.replayed, bought.attempt.amount) == (True, COST)
    assert bills(journal) == ["c1"]
    assert check(office.engine) == []


def test_patience_with_a_job_ends_and_the_job_does_not(
    office: Any, vendor: JobServer, journal: Path
) -> None:
    """A process that waits for ever is found by nobody; a picture that is late is still ours."""
    vendor.script = ["running"] * 400
    runner = Runner(
        office.attempts(),
        office.prices,
        office.answers,
        now=office.now,
        sleep=office.slept.append,
        budget=office.terms,
        patience=Patience(job=60, between=5),
    )

    with pytest.raises(errors.Unfinished, match="is not done after 6"):
        runner.draw(SlowImages(vendor.url), PICTURE, **JOB)

    assert max(office.slept) == 5
    assert 60 <= sum(office.slept) < 66
    assert len(office.slept) < 30
    vendor.script = []
    assert office.runner().draw(SlowImages(vendor.url), PICTURE, **JOB).replayed
    assert bills(journal) == ["c1"]


def test_a_lease_is_renewed_while_a_job_is_drawn(office: Any, vendor: JobServer) -> None:
    """A janitor must not take what somebody is waiting for, however slow the provider is."""
    vendor.script = ["running"] * 40
    taken: list[Any] = []

    def sleep(_seconds: float) -> None:
        office.forward(minutes=1)
        taken.extend(office.attempts("janitor").reap())

    runner = Runner(
        office.attempts("patient"),
        office.prices,
        office.answers,
        now=office.now,
        sleep=sleep,
        budget=office.terms,
        patience=Patience(job=7200),
    )
    bought = runner.draw(SlowImages(vendor.url), PICTURE, **JOB)

    assert office.time.hour == 9
    assert office.time.minute > 40
    assert (taken, bought.attempt.state) == ([], State.SETTLED)


def test_a_short_lease_is_not_slept_away(office: Any, vendor: JobServer) -> None:
    """The lease is the operator's to choose, and the waits follow it."""
    vendor.script = ["running"] * 12
    attempts = Attempts(office.engine, office.now, "short", lease=timedelta(seconds=9))
    runner = Runner(
        attempts,
        office.prices,
        office.answers,
        now=office.now,
        sleep=office.slept.append,
        budget=office.terms,
    )

    runner.draw(SlowImages(vendor.url), PICTURE, **JOB)

    assert max(office.slept) == 3


@pytest.mark.parametrize("repeatable", [False, True])
def test_a_laptop_that_slept_leaves_the_job_to_who_took_it(
    office: Any, vendor: JobServer, journal: Path, *, repeatable: bool
) -> None:
    """Two processes that collect one job would settle one charge twice.

    What is free and local takes an hour of somebody's machine, so it is collected too.
    """

    def sleep(_seconds: float) -> None:
        office.forward(hours=1)
        office.attempts("janitor").reap()

    provider = SlowImages(vendor.url, repeatable=repeatable)
    runner = Runner(
        office.attempts("laptop"),
        office.prices,
        office.answers,
        now=office.now,
        sleep=sleep,
        budget=office.terms,
    )
    with pytest.raises(LeaseLost):
        runner.draw(provider, PICTURE, **JOB)

    assert office.runner("another").draw(provider, PICTURE, **JOB).replayed
    assert office.rows() == [(State.SETTLED, False, None)]
    assert bills(journal) == ["c1"]
    assert check(office.engine) == []


def test_who_collects_is_not_raced(office: Any, vendor: JobServer, journal: Path) -> None:
    """A second process that finds the same job waits for the first one."""
    vendor.script = ["key"]
    with pytest.raises(errors.Unfinished):
        office.runner("first").draw(SlowImages(vendor.url), PICTURE, **JOB)
    seen: list[Exception] = []

    def step(name: str) -> None:
        if name == "answered":
            try:
                office.runner("third").draw(SlowImages(vendor.url), PICTURE, **JOB)
            except Claimed as error:
                seen.append(error)

    office.runner("second", step).draw(SlowImages(vendor.url), PICTURE, **JOB)

    assert len(seen) == 1
    assert bills(journal) == ["c1"]


def test_a_full_disk_leaves_the_job_to_be_collected(
    office: Any, vendor: JobServer, journal: Path
) -> None:
    """The provider still has the picture, so it is not waste: make room, and run again."""
    blobs = office.folder / "blobs"

    def step(name: str) -> None:
        if name == "answered":
            blobs.write_bytes(b"")

    with pytest.raises(errors.StorageError):
        office.runner(on_step=step).draw(SlowImages(vendor.url), PICTURE, **JOB)
    blobs.unlink()

    assert office.runner().draw(SlowImages(vendor.url), PICTURE, **JOB).replayed
    assert office.rows() == [(State.SETTLED, False, None)]
    assert bills(journal) == ["c1"]


def test_ctrl_c_while_waiting_leaves_the_job_to_be_collected(
    office: Any, vendor: JobServer, journal: Path
) -> None:
    """Even what is free and local is not drawn twice, while it is being drawn."""

    def sleep(_seconds: float) -> None:
        raise KeyboardInterrupt

    for asset, repeatable in (("c1", False), ("c2", True)):
        provider = SlowImages(vendor.url, repeatable=repeatable)
        job = {**JOB, "asset": asset}
        runner = Runner(
            office.attempts(),
            office.prices,
            office.answers,
            now=office.now,
            sleep=sleep,
            budget=office.terms,
        )
        with pytest.raises(KeyboardInterrupt):
            runner.draw(provider, PICTURE, **job)
        assert office.runner().draw(provider, PICTURE, **job).replayed
    assert len(bills(journal)) == 2


# The drill: SIGKILL at each step, with the provider in a process of its own.


@pytest.fixture
def shop(office: Any, engine: Engine) -> Any:
    """Open the office on a database of each kind."""
    shop = replace(office, engine=engine)
    shop.limit("100.00")
    return shop


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Start a provider in a process of its own, and give its address and its journal."""
    journal = tmp_path_factory.mktemp("vendor") / "journal.jsonl"
    command = [sys.executable, jobs_wire.__file__, "--journal", str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - ours
        assert server.stdout
        yield server.stdout.readline().strip(), journal
        server.terminate()


def in_a_child(shop: Any, url: str, address: str, asset: str, die_at: str = "") -> int:
    """Buy in a process of its own; return its exit code, 3 where a person is asked."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)
    code = 1
    try:
        request = PICTURE.model_copy(update={"prompt": asset})
        runner = replace(shop, engine=open_database(url)).runner(DEAD, _killing(die_at))
        runner.draw(SlowImages(address), request, **{**JOB, "asset": asset})
        code = 0
    except Suspect:
        code = 3
    finally:
        os._exit(code)


def _killing(point: str) -> Callable[[str], None]:
    def hook(step: str) -> None:
        if step == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


@pytest.mark.parametrize(
    ("point", "billed", "left", "then"),
    [
        ("reserved", 0, State.RELEASED, 0),
        ("sent", 0, State.SUSPECT, 3),
        # From here on nobody has to be asked: the job is known, and it is collected.
        ("submitted", 1, State.SUSPECT, 0),
        ("answered", 1, State.SUSPECT, 0),
        ("stored", 1, State.SUSPECT, 0),
        ("settled", 1, State.SETTLED, 0),
    ],
)
def test_a_kill_at_any_step_of_a_job_buys_nothing_twice(
    shop: Any, url: str, slow: tuple[str, Path], point: str, billed: int, left: State, then: int
) -> None:
    """The vendor's own journal against our ledger: no double and no unrecorded purchase."""
    address, journal = slow
    asset = f"{point}-{shop.engine.dialect.name}"

    def bill() -> int:
        return bills(journal).count(asset)

    assert in_a_child(shop, url, address, asset, point) == -signal.SIGKILL
    assert bill() == billed
    shop.attempts().reap(dead=DEAD)
    assert [one.state for one in shop.all()] == [left]

    assert in_a_child(shop, url, address, asset) == then
    if then == 3:
        (lost,) = shop.all()
        shop.attempts().close(lost.id, charged=False, by="ada", reason="not in their journal")
        assert in_a_child(shop, url, address, asset) == 0

    paid = [one for one in shop.all() if one.state is State.SETTLED]
    assert (len(paid), bill(), paid[0].amount) == (1, 1, COST)
    assert shop.budget.reserved.micros == 0
    assert check(shop.engine) == []
