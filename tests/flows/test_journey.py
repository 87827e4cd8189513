"""What a person does, from Prefect's form to the delivered files, while everything dies four times.

The vendor is OpenAI's wire on loopback, whose own journal says what was bought. At each stage the
run's own process is killed by SIGKILL, and with it Prefect's server, the worker and the page.
"""

import re
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openai_wire import Wire, size_of
from places import Place
from playwright.sync_api import Locator, Page, expect
from prefect_pages import Asking, pictured, put_away, signed_in
from serving import Served, free_ports, given

from cost_tracking.orders import State
from cost_tracking.runs import Run, RunState
from flows import people_edit
from flows.desk import Desk, open_desk
from flows.settings import read_settings
from providers.images import studio
from providers.images.base import ImageRequest
from providers.images.studio import StudioImages
from providers.images.studio_scenes import SCENES
from providers.images.studio_scenes.hills import hills
from providers.images.studio_scenes.sea import sea
from review.access.people import Entry, alone, hashed

ROOT = Path(__file__).parents[2]
IMAGES = "/v1/images/"
"""Where pictures are asked for: from words, and after one that somebody turned down."""
NAME = "spring-journey"
PASSWORD = "a word of nobody's"  # noqa: S105 - of nobody
PEOPLE = (("ada", "Ada", ("brief",)), ("cy", "Cy", ("brief", "choose", "approve")))
FILES = 15
MADE = 150.0
"""Seconds in which one stage is over, on a machine that does other things."""


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the vendor, who draws as our studio does: the pictures of docs/ are taken here."""
    with Wire(draw=scene) as vendor:
        yield vendor


def scene(asked: dict[str, Any]) -> bytes:
    """Draw what was asked for, or another one than what was turned down."""
    width, height = size_of(asked)
    request = ImageRequest(
        prompt=asked["prompt"],
        width=width,
        height=height,
        model=studio.MODEL,
        palette=("#0B5D3B", "#F2B705", "#E4572E", "#FFFFFF"),
        index=SCENES.index(sea if "tide line" in asked["prompt"] else hills),
        again=int("turned down" in asked["prompt"]),
    )
    return StudioImages().draw(request).content


@pytest.fixture
def journey(tmp_path: Path, wire: Wire) -> Iterator["Journey"]:
    """Return an installation that is not served yet, with people, a brand and today's rate."""
    shutil.copytree(ROOT / "briefs" / "brands", tmp_path / "briefs" / "brands")
    (tmp_path / "kampanj.toml").touch()
    there = Served(Place(tmp_path), *free_ports())
    people = tmp_path / "people.yaml"
    known = {
        "KAMPANJ_PEOPLE": str(people),
        "OPENAI_API_KEY": "sk-test-0123456789",
        "OPENAI_BASE_URL": wire.url,
    }
    with given(there, known), open_desk(read_settings()) as desk:
        for who, name, roles in PEOPLE:
            entry = Entry(id=who, name=name, roles=roles, password=hashed(PASSWORD))
            people_edit.put(desk, alone("ada"), people, entry)
        today = datetime.now(UTC).date()
        rates = f"base,quote,rate,date,source\nUSD,EUR,0.9,{today},treasury\n"
        (tmp_path / "rates.csv").write_text(rates, encoding="utf-8")
        ended = there.place.run("rates", "import", "rates.csv", "--source", "csv")
        assert ended.code == 0, ended.err
        try:
            yield Journey(there, desk, wire)
        finally:
            there.kill()


class Journey:
    """A campaign on its way, and the machine that it dies on."""

    def __init__(self, served: Served, desk: Desk, wire: Wire) -> None:
        self.served = served
        self.desk = desk
        self._wire = wire
        self._starts = 0

    def starts(self, kill_at: str = "") -> None:
        """Serve, as another user's Prefect, and have the next run killed where this says."""
        self._starts += 1
        self.served.start(f"home-{self._starts}", KAMPANJ_KILL_AT=kill_at)

    def dies(self) -> None:
        """Wait until the run's process has been killed, and kill all else, before it is noticed."""
        self._until(lambda: self._holder is not None)
        self._until(lambda: self._holder is None)
        self.served.kill()
        assert self.run.state is RunState.RUNNING

    def waits(self) -> None:
        """Wait until the run waits for people, and no process carries it."""
        self._until(lambda: self.run.state is RunState.WAITING and self._holder is None)

    def ends(self) -> None:
        """Wait until the run has ended."""
        self._until(lambda: self.run.state is RunState.DONE and self._holder is None)

    @property
    def run(self) -> Run:
        """Return the run, of which there is one."""
        [found] = self.desk.runs.list()
        return found

    @property
    def bought(self) -> int:
        """Return how many pictures the vendor would bill."""
        return sum(call.path.startswith(IMAGES) for call in self._wire.billed)

    @property
    def _holder(self) -> str | None:
        found = self.desk.runs.list()
        return self.desk.claims.holder(f"run/{found[0].id}") if found else None

    def _until(self, is_so: Any) -> None:
        until = time.monotonic() + MADE
        while not is_so():
            assert not [one for one in self.desk.runs.list() if one.state is RunState.FAILED]
            assert time.monotonic() < until, self.served.log
            time.sleep(0.05)


def test_a_campaign_goes_from_the_form_to_its_files_though_all_dies_at_every_stage(
    journey: Journey,
) -> None:
    """Nobody who works with pictures can be asked to know what a process is, or to pay twice."""
    journey.starts("stored:6")
    with signed_in(journey.served) as page:
        it_is_asked_for_in_the_form(page, journey)
        journey.dies()
        assert journey.bought == 1

        journey.starts("decided:1")
        cy_signs_in(page, journey)
        cy_goes_on(page)
        journey.waits()
        assert journey.bought == 2
        cy_chooses_a_concept(page, journey)
        journey.dies()

        journey.starts("stored:1")
        cy_goes_on(page, anew=journey)
        journey.waits()
        assert journey.bought == 2
        cy_rejects_two(page, journey)
        journey.dies()

        journey.starts("delivered:3")
        cy_goes_on(page, anew=journey)
        journey.waits()
        assert journey.bought == 3
        cy_sees_them_redone(page, journey)
        cy_accepts_all_by_keyboard(page)
        journey.dies()

        journey.starts()
        cy_goes_on(page, anew=journey)
        journey.ends()
        the_files_and_the_report_are_found(page, journey)
    each_thing_was_bought_once(journey)


def table(journey: Journey) -> str:
    """Return the address of the light table."""
    return f"{journey.served.page}/campaigns/{NAME}"


def it_is_asked_for_in_the_form(page: Page, journey: Journey) -> None:
    """Ada fills in Prefect's own form, and shows that it is she."""
    code = ada_gets_a_code(page, journey)
    form = Asking(page, journey.served, "campaign")
    form.fill("Name", NAME)
    form.fill("Title", "Spring journey")
    form.choose("Requested by", "ada", "ada (Ada)")
    form.fill("Personal code (Optional)", code)
    form.choose("Pictures", "openai", "openai")
    form.leave_out("Pictures", "studio")
    form.choose("Choice of concepts", "wait", "wait")
    form.choose("Acceptance of files", "wait", "wait")
    pictured(page, "journey-1-form")
    form.sent()


def ada_gets_a_code(page: Page, journey: Journey) -> str:
    """Ada is known on the review page, and there alone."""
    page.goto(journey.served.page)
    sign_in(page, "ada", f"{journey.served.page}/")
    page.get_by_label("Name of the campaign").fill(NAME)
    page.get_by_role("button", name="Give me a personal code").click()
    code = page.locator(".secret").inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    return code


def cy_signs_in(page: Page, journey: Journey) -> None:
    """Cy comes to the review page by name and password."""
    page.goto(table(journey))
    sign_in(page, "cy", f"{table(journey)}*")


def sign_in(page: Page, who: str, to: str) -> None:
    """Come in by name and password."""
    page.get_by_label("Name").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(to)


def cy_goes_on(page: Page, *, anew: Journey | None = None) -> None:
    """Cy presses the button of a campaign that was cut off, or of one that has been decided."""
    if anew:
        page.goto(table(anew))
    page.get_by_role("button", name=re.compile("^Go on")).first.click()
    page.wait_for_url(re.compile("went=true"))
    put_away(page)


def cy_chooses_a_concept(page: Page, journey: Journey) -> None:
    """Cy looks at both, takes the second one, and says why."""
    page.goto(f"{table(journey)}/concepts")
    sketches = page.locator(".sketch")
    expect(sketches).to_have_count(2)
    sketches.nth(1).locator("input").check()
    page.get_by_label("Why").fill("Calmer, and room for the words")
    pictured(page, "journey-2-concepts")
    page.get_by_role("button", name="Choose", exact=True).click()
    cy_goes_on(page)


def cy_rejects_two(page: Page, journey: Journey) -> None:
    """Cy picks two of Sweden's and says what is wrong with the picture."""
    page.goto(table(journey))
    expect(cells(page)).to_have_count(FILES)
    for cell in cells(page).all()[:2]:
        cell.locator("input").check()
    page.get_by_text("Reject …").click()
    page.get_by_label("Reason", exact=True).select_option(label="brand")
    page.get_by_label(re.compile("^Note")).fill("Too dark for spring")
    pictured(page, "journey-3-rejecting")
    page.get_by_role("button", name="Reject 2", exact=True).click()
    expect(cells(page, "rejected")).to_have_count(2)
    cy_goes_on(page)


def cy_sees_them_redone(page: Page, journey: Journey) -> None:
    """Cy finds two of another version, and the rest as they were."""
    page.goto(table(journey))
    expect(cells(page, "waiting")).to_have_count(FILES)
    names = cells(page).evaluate_all("all => all.map(one => one.dataset.name)")
    again = [one for one in names if one.endswith("_v2")]
    assert len(again) == 2
    pictured(page, "journey-4-redone")
    page.goto(f"{table(journey)}/renditions/{again[0]}")
    pictured(page, "journey-5-version")
    page.goto(table(journey))


def cy_accepts_all_by_keyboard(page: Page) -> None:
    """Cy's hand never leaves the keyboard: each key accepts one, and goes to the next."""
    # The table remembers where one was, which is where one goes first.
    page.keyboard.press("k")
    for _ in range(FILES):
        page.keyboard.press("k")
    for _ in range(FILES):
        page.keyboard.press("a")
    expect(cells(page, "accepted")).to_have_count(FILES)
    # What comes next stands there at once, for who has come to the end.
    expect(page.get_by_label("What is next")).to_contain_text("Nothing waits any more.")
    pictured(page, "journey-6-accepted")
    cy_goes_on(page)


def the_files_and_the_report_are_found(page: Page, journey: Journey) -> None:
    """Cy follows the page to what it cost; the files lie where the brief said."""
    folder = journey.served.place.folder / "out" / NAME
    assert len([one for one in (folder / "assets").rglob("*") if one.is_file()]) == FILES
    page.goto(table(journey))
    page.get_by_role("link", name="Cost").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Each accepted rendition cost")
    expect(page.get_by_text(f"{FILES} renditions for 4 markets, {FILES} accepted")).to_be_visible()
    pictured(page, "journey-7-report")
    assert journey.served.place.run("verify", f"out/{NAME}").code == 0


def each_thing_was_bought_once(journey: Journey) -> None:
    """Their journal and our ledger tell of the same three pictures, one of them anew."""
    assert journey.bought == 3
    found = [one for one in journey.desk.attempts.list(NAME) if one.provider == "openai"]
    assert [one.state for one in found] == [State.SETTLED] * 3
    assert sum(one.rework for one in found) == 1


def cells(page: Page, state: str = "") -> Locator:
    """Return the pictures of the light table, all or those in a state."""
    return page.locator(f".cell.{state}" if state else ".cell")
