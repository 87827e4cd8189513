"""People are reminded once, and at a deadline a run does what its brief says."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from loopback import BREAKS, Loopback, Told
from places import Place, make_place
from sqlalchemy import select
from typer.testing import CliRunner

from cost_tracking import tables
from cost_tracking.database import reading
from cost_tracking.runs import RunState
from creative.concept import Concept, SourceType
from creative.decision import Verdict
from flows import deciding, pipeline, reminding, reviewing, show, standing
from flows.__main__ import app
from flows.desk import Desk, open_desk
from flows.exits import Waiting
from flows.materials import gather
from flows.reminding import MOST_TRIES, Reach, enforce
from flows.run_options import RunOptions
from flows.settings import BadSettings, read_settings
from flows.webhook import Undelivered, post
from review.access.people import alone
from review.acts import Ruling, Seen
from review.approval import Approval
from review.light_table import State

TEA = "spring-tea"
CHOICE = "waits: {choice: {remind_after: P1D, deadline: P5D, then: auto}}\n"
BOTH = "waits: {choice: {deadline: P5D}, review: {remind_after: P1D, deadline: P7D}}\n"


@dataclass
class World:
    """A state whose clock a test moves, and what was done to the world from it."""

    desk: Desk
    clock: Any
    place: Place
    posted: list[Mapping[str, Any]] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)
    given_up: list[tuple[str, str]] = field(default_factory=list)
    lost: int = 0
    """How many of the next reminders do not arrive."""

    def enforce(self, *, silent: bool = False) -> list[str]:
        """Do what is due, and return what was done."""
        reach = Reach(None if silent else self._post, self._wake, self._give_up)
        return [one.what for one in enforce(self.desk, reach)]

    def start(self, waits: str = CHOICE) -> str:
        """Start a run that waits for a choice between two pictures that nobody drew."""
        brief = self.place.brief
        if waits not in brief.read_text("utf-8"):
            brief.write_text(brief.read_text("utf-8") + waits, "utf-8")
        options = RunOptions(brief=str(brief), out=str(self.place.folder), choose="wait")
        run = pipeline.start(self.desk, gather(brief), options)
        self.desk.keep_concepts(run, CONCEPTS)
        patience = gather(brief).loaded.brief.waits.choice
        self.desk.waits.open(run, "choice", {one.id: one.seen for one in CONCEPTS}, patience)
        self.desk.runs.update(run, RunState.WAITING)
        return run

    @property
    def acts(self) -> list[dict[str, Any]]:
        """Return what was written down, the newest last."""
        with reading(self.desk.engine) as connection:
            rows = connection.execute(select(tables.act.c.statement).order_by(tables.act.c.seq))
            return [json.loads(one) for (one,) in rows]

    def _post(self, body: Mapping[str, Any]) -> None:
        if self.lost:
            self.lost -= 1
            raise Undelivered("the answer was 503")
        self.posted.append(body)

    def _wake(self, _desk: Desk, run: str) -> str:
        self.woken.append(run)
        return "somebody goes on"

    def _give_up(self, _desk: Desk, run: str, reason: str) -> None:
        self.given_up.append((run, reason))


CONCEPTS = tuple(
    Concept(
        id=f"c{number}",
        direction="A cup",
        prompt="A cup",
        sha256=str(number) * 64,
        source_type=SourceType.ALGORITHMIC,
        width=8,
        height=8,
        focus=(0.5, 0.5),
        provider="studio",
        model="studio-1",
        placeholder=True,
        attempt=f"a{number}",
    )
    for number in (1, 2)
)


@pytest.fixture
def world(place: Place, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Return a folder with a small brief, in which this process stands, and its clock."""
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setattr(show.OUT, "width", 200)
    with open_desk(read_settings()) as opened:
        timed = type("Timed", (Desk,), {"now": staticmethod(clock)})
        yield World(timed(opened.settings, opened.engine, opened.owner), clock, place)


def test_a_reminder_is_sent_once_and_written_down(world: World) -> None:
    """Somebody who gets four an hour turns them off."""
    run = world.start()
    world.clock.forward(hours=23)
    assert world.enforce() == []
    world.clock.forward(hours=1)

    assert world.enforce() == ["reminded"]
    assert world.enforce() == []

    [sent] = world.posted
    assert (sent["campaign"], sent["run"], sent["kind"]) == (TEA, run, "choice")
    assert sent["text"] == (
        "spring-tea waits for a choice of concepts since 2026-11-21 09:00 UTC, until "
        f"2026-11-26 09:00 UTC: kampanj status {run}"
    )
    [told] = world.acts
    assert (told["act"], told["by"], told["waiting"]) == (
        *("reminded", "policy:waits"),
        sent["waiting"],
    )


def test_of_several_who_remind_at_once_one_does(world: World) -> None:
    """Cron and the flow may both be set up, on two machines."""
    world.start()
    world.clock.forward(days=1)

    with ThreadPoolExecutor(4) as pool:
        done = [what for one in pool.map(lambda _: world.enforce(), range(4)) for what in one]

    assert done == ["reminded"]
    assert len(world.posted) == 1


def test_a_reminder_that_does_not_arrive_is_tried_again_and_not_for_ever(world: World) -> None:
    """A webhook that was taken down must not fill the log for a week."""
    world.start()
    world.clock.forward(days=1)
    world.lost = 1
    assert [world.enforce(), world.enforce()] == [["not delivered"], ["reminded"]]
    assert [one["act"] for one in world.acts] == ["reminded", "reminder lost", "reminded"]

    world.clock.forward(minutes=1)
    world.start()
    world.clock.forward(days=1)
    world.lost = 99
    done = [what for _ in range(6) for what in world.enforce()]
    assert done == ["overtaken", *["not delivered"] * MOST_TRIES]


def test_without_a_place_to_post_to_it_is_only_told(world: World) -> None:
    """Whoever reads cron's mail is reminded by that."""
    world.start()
    world.clock.forward(days=1)

    assert world.enforce(silent=True) == ["reminded"]
    assert world.enforce(silent=True) == []


def test_at_the_deadline_the_first_concepts_are_taken_if_the_brief_says_so(world: World) -> None:
    """The campaign has a date, and the one who chooses is on holiday."""
    run = world.start()
    world.clock.forward(days=5)

    assert world.enforce() == ["chose"]

    choice = world.desk.choices.newest(TEA)
    assert choice is not None
    assert (choice.concepts, choice.seen) == (("c1",), ("1" * 64,))
    assert choice.by == "policy:deadline"
    assert choice.reason == (
        "nobody chose until 2026-11-26 09:00 UTC, so the first ones go on, unseen"
    )
    assert world.woken == [run]
    assert world.acts[-1]["act"] == "chose"
    assert world.enforce() == []
    # A later run of the same brief asks people again: nobody has seen these.
    assert world.desk.waits.newest(run).outcome == "auto"


def test_a_person_who_chose_in_time_is_not_overruled(world: World) -> None:
    """They chose on the page, and nobody clicked that it goes on."""
    run = world.start()
    world.clock.forward(days=4)
    asks = deciding.request(alone("ada"), "command line")
    reviewing.choose(world.desk, asks, TEA, [Seen(asset="c2", sha256="")], "")
    assert world.enforce() == ["reminded"]
    assert "is decided, and waits for somebody to say" in world.posted[0]["text"]
    world.clock.forward(days=1)

    assert world.enforce() == ["went on"]

    assert world.desk.choices.newest(TEA).concepts == ("c2",)
    assert world.woken == [run]
    assert world.enforce() == []


def test_a_person_who_chooses_in_the_same_second_is_not_overruled(world: World) -> None:
    """The rule has looked and found no choice; theirs is written before the rule's is."""
    run = world.start()
    world.clock.forward(days=5)
    [waiting] = world.desk.waits.standing(run)
    asks = deciding.request(alone("ada"), "command line")
    reviewing.choose(world.desk, asks, TEA, [Seen(asset="c2", sha256="")], "")

    assert reminding._chosen(world.desk, world.desk.runs.get(run), waiting) is None

    assert world.desk.choices.newest(TEA).concepts == ("c2",)
    assert world.desk.waits.standing(run) == (waiting,)


def test_at_the_deadline_a_run_is_stopped_and_can_be_resumed(world: World) -> None:
    """It ends with a reason, and not with a process that waits for ever."""
    run = world.start(BOTH)
    world.clock.forward(days=5)

    assert world.enforce() == ["stopped"]

    reason = f"nobody chose until 2026-11-26 09:00 UTC; `kampanj resume {run}` waits anew"
    assert world.given_up == [(run, reason)]
    assert world.desk.runs.get(run).state is RunState.FAILED
    assert "nobody answered until" in standing.of_run(world.desk, run)[0]["stopped"]
    assert world.acts[-1]["why"] == reason
    assert world.desk.choices.newest(TEA) is None
    assert not world.woken

    with pytest.raises(Waiting):
        pipeline.carry_out(world.desk, run)
    [again] = world.desk.waits.standing(run)
    assert again.opened_at == world.clock.time
    assert again.deadline == world.clock.time + timedelta(days=5)
    assert "waits" in standing.of_run(world.desk, run)[0]


def test_nothing_is_done_to_a_run_that_somebody_carries_out(world: World) -> None:
    """They may be delivering what was decided a second before the deadline."""
    run = world.start()
    world.clock.forward(days=5)

    with world.desk.claims.holding(f"run/{run}"):
        assert world.enforce() == []

    assert world.enforce() == ["chose"]


def test_what_cannot_be_done_for_one_campaign_is_done_for_the_others(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Somebody moved a brief."""
    other = make_place(tmp_path_factory.mktemp("other"))
    other.rewrite("name: spring-tea", "name: autumn-tea")
    World(world.desk, world.clock, other).start()
    world.clock.forward(minutes=1)
    run = world.start()
    other.brief.unlink()
    world.clock.forward(days=5)

    assert world.enforce() == ["not done", "chose"]
    assert world.woken == [run]


def test_renditions_are_reminded_of_and_never_accepted_by_a_deadline(
    place: Place, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nobody looked is no acceptance."""
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    place.brief.write_text(place.brief.read_text("utf-8") + BOTH, "utf-8")
    options = RunOptions(
        brief=str(place.brief), out=str(place.folder / "out"), approve=Approval.WAIT
    )
    run = pipeline.start(world.desk, gather(place.brief), options)
    pipeline.carry_out(world.desk, run)
    world.clock.forward(days=1)
    assert world.enforce() == ["reminded"]
    assert "waits for decisions about 4 renditions since" in world.posted[0]["text"]

    found = reviewing.items(world.desk, TEA)
    asks, seen = deciding.request(alone("ada"), "command line"), [one.seen for one in found]
    reviewing.decide(world.desk, asks, TEA, seen[:3], Ruling(verdict=Verdict.ACCEPTED))
    world.clock.forward(days=6)
    assert world.enforce() == ["stopped"]
    assert world.given_up[0][1].startswith("nobody decided about every rendition until 2026-11-28")
    states = [one.state for one in reviewing.items(world.desk, TEA)]
    assert states.count(State.WAITING) == 1

    # Going on delivers what was accepted, and waits anew for the one that is left.
    assert pipeline.carry_out(world.desk, run).delivered == 3
    assert world.enforce() == []
    reviewing.decide(
        world.desk,
        asks.model_copy(update={"nonce": "n2"}),
        TEA,
        seen[3:],
        Ruling(verdict=Verdict.ACCEPTED),
    )
    world.clock.forward(days=7)
    assert world.enforce() == ["went on"]
    assert world.woken == [run]


def test_cron_calls_a_command(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It posts to where the installation says, by the machine's own clock."""
    world.clock.time = datetime.now(UTC) - timedelta(days=2)
    run = world.start()
    with Loopback(lambda _asked: Told(200, b"ok")) as mail:
        monkeypatch.setenv("KAMPANJ_REMINDER_WEBHOOK", f"{mail.url}/hook/secret-token")
        ended = [
            CliRunner().invoke(app, ["review", "remind", *more], catch_exceptions=False)
            for more in ([], ["--json"])
        ]

    [asked] = mail.asked
    assert (asked.path, asked.headers["content-type"]) == (
        *("/hook/secret-token", "application/json"),
    )
    assert (asked.json["run"], asked.json["then"]) == (run, "auto")
    assert ended[0].stdout == f"reminded: {asked.json['text']}\n"
    assert json.loads(ended[1].stdout) == []


@pytest.mark.parametrize("how", ["drop", "redirect", "html_502"])
def test_a_reminder_that_is_not_taken_says_so_without_the_address(how: str) -> None:
    """The address of a webhook is its password."""
    with Loopback(lambda _asked: BREAKS[how](Told(200, b"ok"))) as mail:
        with pytest.raises(Undelivered) as lost:
            post(f"{mail.url}/hook/secret-token", {"text": "Hello"})
        assert len(mail.asked) == 1

    assert "secret-token" not in str(lost.value)
    assert lost.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    ["http://hooks.example.com/a", "file:///etc/passwd", "ftp://a.example", "https://", "gopher:x"],
)
def test_an_address_that_is_not_safe_is_refused_when_it_is_read(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is not repeated: it may hold a password."""
    monkeypatch.setenv("KAMPANJ_REMINDER_WEBHOOK", url)

    with pytest.raises(BadSettings) as refused:
        read_settings()

    assert "KAMPANJ_REMINDER_WEBHOOK: write an address of https://" in str(refused.value)
    assert url not in str(refused.value).replace("https://, or of http://", "")
