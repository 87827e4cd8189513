"""``kampanj serve`` as people use it: a run waits in Prefect, everything is killed, and it goes on.

One server, one worker and one page for the whole module; the vendor is OpenAI's wire on loopback,
whose own journal says what was bought.
"""

import contextlib
import contextvars
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from openai_wire import Wire
from places import Place, make_place

from cost_tracking.runs import RunState
from creative.decision import Verdict
from flows import deciding, flow_runs, people_edit, reviewing, waking
from flows.desk import Desk, open_desk
from flows.settings import read_settings
from review.access import codes
from review.access.people import Entry, alone
from review.acts import Ruling

TEA = "spring-tea"
AUTH = "kampanj:a password of nobody's"
READY = "The worker is ready"
IMAGES = "/v1/images/generations"
PEOPLE = (("ada", ("brief",)), ("cy", ("choose",)), ("bo", ("approve",)))


@dataclass
class Served:
    """One installation, and the command that serves it."""

    place: Place
    port: int
    page_port: int
    process: subprocess.Popen[bytes] | None = None
    desk: Desk = field(init=False)

    @property
    def url(self) -> str:
        """Return the address of Prefect's interface."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def log(self) -> str:
        """Return what it wrote so far."""
        return (self.place.folder / "serve.log").read_text("utf-8", "replace")

    def start(self, prefect_home: str) -> None:
        """Serve, with a home of Prefect's own as another machine or user has it."""
        before = (
            self.log.count("Review page: ") if (self.place.folder / "serve.log").exists() else 0
        )
        command = [sys.executable, "-m", "flows", "serve"]
        ports = ["--port", str(self.port), "--page-port", str(self.page_port)]
        with (self.place.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [*command, *ports],
                env={**os.environ, "PREFECT_HOME": str(self.place.folder / prefect_home)},
                stdout=log,
                stderr=log,
            )
        for _ in range(1200):
            if self.log.count(READY) > before:
                return
            assert self.process.poll() is None, self.log
            time.sleep(0.2)
        pytest.fail(self.log)

    @property
    def children(self) -> list[int]:
        """Return its own processes: the server, the worker and the page, in this order."""
        assert self.process is not None
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """Kill everything with SIGKILL, as when the machine loses its power."""
        assert self.process is not None
        groups = self.children
        self.process.kill()
        for one in groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one, signal.SIGKILL)
        self.process.wait()

    def start_campaign(self) -> UUID:
        """Start the campaign by Prefect's deployment, and return the flow run."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            found = client.read_deployment_by_name("campaign-from-file/campaign-from-file")
            asked = {"brief": "brief.yaml", "choose": "wait", "approve": "wait"}
            return client.create_flow_run_from_deployment(found.id, parameters=asked).id

    def until(self, flow_run: UUID, state: str, waits: int = 0) -> None:
        """Wait until a flow run is in a state, and so many forms have been shown."""
        from prefect.client.orchestration import get_client

        now = None
        with get_client(sync_client=True) as client:
            for _ in range(300):
                now = client.read_flow_run(flow_run).state
                if now and now.name == state and len(self.forms) >= waits:
                    return
                assert not now or now.name not in {"Failed", "Crashed"}, f"{now}\n{self.log}"
                time.sleep(0.4)
        pytest.fail(f"{now}\n{self.log}")

    def resume(self, flow_run: UUID, typed: dict[str, object] | None) -> str:
        """Call Prefect's resume interface, and return what it says to it."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            return client.resume_flow_run(flow_run, run_input=typed).status.value

    @property
    def forms(self) -> list[str]:
        """Return the forms that were shown, the newest last."""
        from sqlalchemy import select

        from cost_tracking.database import reading
        from cost_tracking.waiting.tables import form

        with reading(self.desk.engine) as connection:
            return list(connection.execute(select(form.c.id).order_by(form.c.shown_at)).scalars())


def free_ports() -> list[int]:
    """Return two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the vendor."""
    with Wire() as vendor:
        yield vendor


@pytest.fixture
def served(tmp_path: Path, wire: Wire) -> Iterator[Served]:
    """Return an installation that is served, with people who must show who they are."""
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    place = make_place(tmp_path)
    place.rewrite("image: studio", "image: openai")
    there = Served(place, *free_ports())
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.chdir(place.folder)
        for name, value in {
            "KAMPANJ_ACTOR": "ada",
            "KAMPANJ_WORKERS": "1",
            "KAMPANJ_PREFECT_AUTH": AUTH,
            "KAMPANJ_PEOPLE": str(place.folder / "people.yaml"),
            "OPENAI_API_KEY": "sk-test-0123456789",
            "OPENAI_BASE_URL": wire.url,
            "PREFECT_API_URL": there.url,
            "PREFECT_API_AUTH_STRING": AUTH,
        }.items():
            patch.setenv(name, value)
        ours = {PREFECT_API_URL: there.url, PREFECT_API_AUTH_STRING: AUTH}
        stack.enter_context(temporary_settings(ours))
        there.desk = stack.enter_context(open_desk(read_settings()))
        for name, roles in PEOPLE:
            entry = Entry(id=name, name=name, roles=roles)
            people_edit.put(there.desk, alone("ada"), place.folder / "people.yaml", entry)
        there.start("one-home")
        try:
            yield there
        finally:
            if there.process and there.process.poll() is None:
                there.kill()


def bought(wire: Wire) -> int:
    """Return how many pictures the vendor would bill."""
    return sum(call.path == IMAGES for call in wire.billed)


def test_a_run_waits_in_prefect_and_survives_all_of_it(served: Served, wire: Wire) -> None:
    """Killed while it waits, attacked, answered by form, stopped, gone on with: bought once.

    One test, because a server is dear: each part stands on what the one before it left.
    """
    nobody_comes_in_without_the_password_or_from_another_page(served)
    flow_run = served.start_campaign()
    served.until(flow_run, "Suspended", waits=1)
    [run] = served.desk.runs.list()
    assert bought(wire) == 2
    assert served.desk.claims.holder(f"run/{run.id}") is None

    served.kill()
    served.start("another-home")

    calls_of_the_interface_decide_nothing(served, flow_run, run.id)
    somebody_answers_by_the_form(served, flow_run)
    it_is_stopped_there_and_two_people_go_on(served, flow_run, run.id)
    assert len(served.place.files()) == 4
    assert bought(wire) == 2
    assert [one.id for one in served.desk.runs.list()] == [run.id]
    assert served.desk.runs.get(run.id).state is RunState.DONE
    the_others_end_when_one_does(served)


def nobody_comes_in_without_the_password_or_from_another_page(served: Served) -> None:
    """A web page that somebody has open can reach loopback."""
    find = f"{served.url}/flow_runs/filter"
    own = f"http://127.0.0.1:{served.port}"
    preflight = {"Access-Control-Request-Method": "POST"}

    assert httpx2.get(f"{served.url}/admin/version").status_code == 401
    user, _, password = AUTH.partition(":")
    # With the password, and without the token that requests from elsewhere do not have.
    assert httpx2.post(find, json={}, auth=(user, password)).status_code == 403
    other = httpx2.options(find, headers={"Origin": "http://evil.example", **preflight})
    assert "access-control-allow-origin" not in other.headers
    mine = httpx2.options(find, headers={"Origin": own, **preflight})
    assert mine.headers["access-control-allow-origin"] == own
    page = httpx2.get(f"http://127.0.0.1:{served.page_port}/")
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")
    server = Path(f"/proc/{served.children[0]}/environ").read_bytes()
    assert b"PREFECT_SERVER_API_AUTH_STRING" in server
    assert b"sk-test" not in server


def calls_of_the_interface_decide_nothing(served: Served, flow_run: UUID, run: str) -> None:
    """Bare, with a wrong number, with what is none, and past the form into its place."""
    from prefect.client.orchestration import get_client
    from prefect.input import keyset_from_base_key

    [form] = served.forms
    code = codes.issue(served.desk.keys, "cy", TEA, served.desk.now())
    for typed in (
        None,
        {"chosen": ["c1"]},
        {"chosen": ["c1", "c2"], "code": code},
        {"chosen": ["c9"], "code": code},
    ):
        assert served.resume(flow_run, typed) == "REJECT"
    with get_client(sync_client=True) as client:
        place = keyset_from_base_key(f"suspended-{form}")["response"]
        forged = '{"chosen": ["c1"], "code": "forged"}'
        client.create_flow_run_input(flow_run, key=place, value=forged)

    assert waking.go_on(served.desk, run).startswith("Prefect goes on with it: http://")

    served.until(flow_run, "Suspended", waits=2)
    assert served.desk.choices.newest(TEA) is None
    with get_client(sync_client=True) as client:
        place = keyset_from_base_key(f"suspended-{served.forms[-1]}")["description"]
        asked = client.read_flow_run_input(flow_run, key=place)
    assert "**Not taken:** this is no code of ours" in asked
    assert f"http://127.0.0.1:{served.page_port}/campaigns/{TEA}/concepts" in asked


def somebody_answers_by_the_form(served: Served, flow_run: UUID) -> None:
    """Cy types c2 and a code, and nobody else has to do anything."""
    code = codes.issue(served.desk.keys, "cy", TEA, served.desk.now())

    assert served.resume(flow_run, {"chosen": ["c2"], "code": code}) == "ACCEPT"

    served.until(flow_run, "Suspended", waits=3)
    choice = served.desk.choices.newest(TEA)
    assert choice is not None
    assert (choice.concepts, choice.by) == (("c2",), "cy")
    assert served.place.files() == {}


def it_is_stopped_there_and_two_people_go_on(served: Served, flow_run: UUID, run: str) -> None:
    """Bo accepts on the page. The flow run is no more, and two people click at a time."""
    from prefect.client.orchestration import get_client

    people = served.desk.people
    bo = people.find("bo", "users-file") if people else None
    assert bo is not None
    seen = [one.seen for one in reviewing.items(served.desk, TEA)]
    asks = deciding.request(bo, "page")
    reviewing.decide(served.desk, asks, TEA, seen, Ruling(verdict=Verdict.ACCEPTED))
    waking.give_up(served.desk, run, "nobody decided in time")
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(flow_run).state
        assert state is not None
        assert (state.name, state.message) == ("Failed", "nobody decided in time")

    # Each thread takes Prefect's settings along, which in a page are those of its process.
    contexts = [contextvars.copy_context() for _ in range(2)]
    with ThreadPoolExecutor(2) as clicks:
        said = list(clicks.map(lambda one: one.run(waking.go_on, served.desk, run), contexts))

    with get_client(sync_client=True) as client:
        others = [one.id for one in flow_runs.of_run(client, run) if one.id != flow_run]
    assert len(others) == 1, said
    served.until(others[0], "Completed")


def the_others_end_when_one_does(served: Served) -> None:
    """A page that is up while nobody carries runs out takes decisions, and nothing happens."""
    assert served.process is not None
    started = served.children
    assert len(started) == 3

    os.kill(started[2], signal.SIGKILL)

    assert served.process.wait(timeout=90) == 1
    assert "the review page was ended by signal 9; the others were ended as well" in served.log
    assert not [one for one in started if Path(f"/proc/{one}").exists()]
    assert "Traceback" not in served.log.rpartition("the review page was ended")[2]
    assert "sk-test" not in served.log
