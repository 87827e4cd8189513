"""Going on with a run is one click and one process, whatever became of whoever was at it before.

What Prefect does with it is shown in ``test_served.py``, with a server of its own.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from places import Place, make_place

from cost_tracking.runs import RunState, UnknownRun
from flows import deciding, pipeline, reviewing, waking
from flows.desk import Desk, open_desk
from flows.exits import Waiting
from flows.materials import gather
from flows.run_options import RunOptions
from flows.settings import read_settings
from review.access.people import alone
from review.acts import Seen
from review.approval import Approval

TEA = "spring-tea"


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return one folder with a small brief for all of these."""
    return make_place(tmp_path_factory.mktemp("waking"))


@pytest.fixture(scope="module")
def desk(tea: Place) -> Iterator[Desk]:
    """Return its state; this process stands in the folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tea.folder)
        patch.setenv("KAMPANJ_ACTOR", "ada")
        patch.setenv("PREFECT_HOME", str(tea.folder / "prefect"))
        patch.delenv("PREFECT_API_URL", raising=False)
        with open_desk(read_settings()) as opened:
            yield opened


@pytest.fixture(scope="module")
def run(desk: Desk, tea: Place) -> str:
    """Return a run that waits for a choice of concepts."""
    out = str(tea.folder / "out")
    asked = RunOptions(brief=str(tea.brief), out=out, choose="wait", approve=Approval.AUTO)
    started = pipeline.start(desk, gather(tea.brief), asked)
    with pytest.raises(Waiting):
        pipeline.carry_out(desk, started)
    return started


def ended(desk: Desk, run: str) -> RunState:
    """Return how a run stands when the process that goes on with it has ended."""
    for _ in range(900):
        if desk.claims.holder(f"wake/{run}") is None:
            return desk.runs.get(run).state
        time.sleep(0.1)
    pytest.fail(waking.log_path(desk, run).read_text("utf-8"))


def test_a_run_that_is_not_known_is_an_error(desk: Desk) -> None:
    """The page is given names by whoever sends it a request."""
    with pytest.raises(UnknownRun):
        waking.go_on(desk, "../../etc/passwd")

    assert not (desk.home / "logs").exists()


def test_nobody_goes_on_with_what_is_being_carried_out(desk: Desk, run: str) -> None:
    """A second process would draw and deliver all of it once more."""
    with desk.claims.holding(f"run/{run}"):
        said = waking.go_on(desk, run)

    assert said == f"Run {run} is being carried out already, by process {desk.owner}."
    assert not waking.log_path(desk, run).exists()


def test_a_server_that_is_away_keeps_nobody_from_going_on(
    desk: Desk, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect executes; a campaign does not wait until its server is mended."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        away = Desk(read_settings(), desk.engine, desk.owner)
        said = waking.go_on(away, run)

    assert said.startswith("Prefect's server does not answer (ConnectError). A process of its own")
    # Nobody has chosen, which the log says, and the next click works as this one did.
    assert ended(desk, run) is RunState.WAITING
    assert "waits for a choice" in waking.log_path(desk, run).read_text("utf-8")


@pytest.mark.parametrize(
    ("state", "minutes", "started"),
    [
        ("RUNNING", -1, True),
        ("RUNNING", -4, False),
        ("PENDING", -1, True),
        ("PENDING", -4, False),
        ("CANCELLING", -4, False),
        ("SCHEDULED", -600, True),
        ("SCHEDULED", 0, True),
        ("SCHEDULED", 600, False),
        ("PAUSED", -1, False),
        ("COMPLETED", -1, False),
        ("FAILED", -1, False),
        ("CRASHED", -1, False),
        ("CANCELLED", -1, False),
    ],
)
def test_what_prefect_says_is_believed_for_as_long_as_a_start_takes(
    state: str, minutes: int, started: object
) -> None:
    """Whoever was killed with its worker is shown as running for ever, and keeps nobody."""
    from uuid import uuid4

    from prefect.client.schemas.objects import FlowRun, State, StateDetails, StateType

    from flows.flow_runs import is_started

    now = datetime.now(UTC)
    then = now + timedelta(minutes=minutes)
    scheduled = StateDetails(scheduled_time=then if state == "SCHEDULED" else None)
    told = State(type=StateType(state), timestamp=then, state_details=scheduled)

    one = FlowRun(flow_id=uuid4(), state=told)
    before, after = then - timedelta(seconds=1), then + timedelta(seconds=1)
    assert is_started(one, now, before) is started
    # The run has moved since, and nobody holds it: whoever had begun is gone, however short ago.
    assert is_started(one, now, after) is (started and state == "SCHEDULED")


def test_one_process_goes_on_however_many_ask(desk: Desk, run: str, tea: Place) -> None:
    """Two people click at the same time, and two more a moment later."""
    asks = deciding.request(alone("ada"), "command line")
    reviewing.choose(desk, asks, TEA, [Seen(asset="c2", sha256="")], "")

    with ThreadPoolExecutor(4) as clicks:
        said = list(clicks.map(lambda _: waking.go_on(desk, run), range(4)))

    started = [one for one in said if one.startswith("A process of its own goes on")]
    assert len(started) == 1, said
    for one in set(said) - set(started):
        assert "was started a moment ago" in one or "is being carried out already" in one
    assert ended(desk, run) is RunState.DONE, waking.log_path(desk, run).read_text("utf-8")
    assert len(desk.runs.list()) == 1
    assert len(tea.files()) == 4
    log = waking.log_path(desk, run).read_text("utf-8")
    assert log.count('"delivered": 4') == 1
