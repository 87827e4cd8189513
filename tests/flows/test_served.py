"""``kampanj serve`` as people use it: a run waits in Prefect, everything is killed, and it goes on.

One server, one worker and one page for the whole module; the vendor is OpenAI's wire on loopback,
whose own journal says what was bought.
"""

import contextvars
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from openai_wire import Wire
from places import make_place
from serving import AUTH, Served, free_ports, given

from cost_tracking.runs import RunState
from creative.decision import Verdict
from flows import deciding, flow_runs, people_edit, reviewing, waking
from flows.desk import Desk, open_desk
from flows.settings import read_settings
from review.access import codes
from review.access.people import Entry, alone
from review.acts import Ruling

TEA = "spring-tea"
IMAGES = "/v1/images/generations"
PEOPLE = (("ada", ("brief",)), ("cy", ("choose",)), ("bo", ("approve",)))


@dataclass
class Installation(Served):
    """One that is served, with what its people and Prefect's interface are asked."""

    desk: Desk = field(init=False)

    def start_campaign(self) -> UUID:
        """Start the campaign by Prefect's deployment, and return the flow run."""
        from prefect.client.orchestration import get_client

        with get_client(sync_client=True) as client:
            found = client.read_deployment_by_name("campaign-from-file/campaign-from-file")
            code = codes.issue(self.desk.keys, "ada", TEA, self.desk.now(), codes.TO_START)
            asked = {"brief": "brief.yaml", "choose": "wait", "approve": "wait", "code": code}
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


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the vendor."""
    with Wire() as vendor:
        yield vendor


@pytest.fixture
def served(tmp_path: Path, wire: Wire) -> Iterator[Installation]:
    """Return an installation that is served, with people who must show who they are."""
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    place = make_place(tmp_path)
    place.rewrite("image: studio", "image: openai")
    there = Installation(place, *free_ports())
    known = {
        "KAMPANJ_PEOPLE": str(place.folder / "people.yaml"),
        "OPENAI_API_KEY": "sk-test-0123456789",
        "OPENAI_BASE_URL": wire.url,
    }
    ours = {PREFECT_API_URL: there.url, PREFECT_API_AUTH_STRING: AUTH}
    with given(there, known), temporary_settings(ours), open_desk(read_settings()) as desk:
        there.desk = desk
        for name, roles in PEOPLE:
            entry = Entry(id=name, name=name, roles=roles)
            people_edit.put(desk, alone("ada"), place.folder / "people.yaml", entry)
        there.start("one-home")
        try:
            yield there
        finally:
            there.kill()


def bought(wire: Wire) -> int:
    """Return how many pictures the vendor would bill."""
    return sum(call.path == IMAGES for call in wire.billed)


def test_a_run_waits_in_prefect_and_survives_all_of_it(served: Installation, wire: Wire) -> None:
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


def nobody_comes_in_without_the_password_or_from_another_page(served: Installation) -> None:
    """A web page that somebody has open can reach loopback."""
    find = f"{served.url}/flow_runs/filter"
    own = served.origin
    preflight = {"Access-Control-Request-Method": "POST"}

    assert httpx2.get(f"{served.url}/admin/version").status_code == 401
    user, _, password = AUTH.partition(":")
    # With the password, and without the token that requests from elsewhere do not have.
    assert httpx2.post(find, json={}, auth=(user, password)).status_code == 403
    other = httpx2.options(find, headers={"Origin": "http://evil.example", **preflight})
    assert "access-control-allow-origin" not in other.headers
    mine = httpx2.options(find, headers={"Origin": own, **preflight})
    assert mine.headers["access-control-allow-origin"] == own
    page = httpx2.get(f"{served.page}/")
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")
    server = Path(f"/proc/{served.children[0]}/environ").read_bytes()
    assert b"PREFECT_SERVER_API_AUTH_STRING" in server
    assert b"sk-test" not in server


def calls_of_the_interface_decide_nothing(served: Installation, flow_run: UUID, run: str) -> None:
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
    assert f"{served.page}/campaigns/{TEA}/concepts" in asked


def somebody_answers_by_the_form(served: Installation, flow_run: UUID) -> None:
    """Cy types c2 and a code, and nobody else has to do anything."""
    code = codes.issue(served.desk.keys, "cy", TEA, served.desk.now())

    assert served.resume(flow_run, {"chosen": ["c2"], "code": code}) == "ACCEPT"

    served.until(flow_run, "Suspended", waits=3)
    choice = served.desk.choices.newest(TEA)
    assert choice is not None
    assert (choice.concepts, choice.by) == (("c2",), "cy")
    assert served.place.files() == {}


def it_is_stopped_there_and_two_people_go_on(
    served: Installation, flow_run: UUID, run: str
) -> None:
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


def the_others_end_when_one_does(served: Installation) -> None:
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
