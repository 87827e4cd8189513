"""A person writes a line of copy anew: the pictures of that locale change at once, no others."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from places import Place
from sqlalchemy import select
from typer.testing import CliRunner

from cost_tracking import tables
from cost_tracking.database import reading
from creative.amendment import Edit
from creative.copy_deck import Slot
from creative.problem import InvalidInput
from flows import deciding, pipeline, show
from flows.__main__ import app
from flows.desk import Desk, open_desk
from flows.editing import Edited, edit
from flows.exits import WrongInput
from flows.materials import gather
from flows.reviewing import items
from flows.run_options import RunOptions
from flows.settings import read_settings
from localization.copy_text import MAX_LENGTH
from review.access.people import Person, alone
from review.access.roles import Grant
from review.acts import NotAllowed, Replayed, Stale
from review.approval import Approval

TEA = "spring-tea"
NEW = "En lugn morgon"
T = TypeVar("T")


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return the folder of a brief, in which this process stands; its pictures are small."""
    quick = "providers: {tier: sketch, sketch: {image: studio, edge: 256}, image: studio"
    place.rewrite("providers: {image: studio", quick)
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    monkeypatch.setattr(show.OUT, "width", 200)
    return place


def made(desk: Desk, approve: Approval = Approval.AUTO) -> str:
    """Make the campaign with nobody in front of it, and return the run's id."""
    options = RunOptions(
        brief=str(Path("brief.yaml").absolute()),
        out=str(Path("out").absolute()),
        approve=approve,
        by="bo",
    )
    run = pipeline.start(desk, gather(Path("brief.yaml")), options)
    pipeline.carry_out(desk, run)
    return run


def written(desk: Desk, text: str = NEW, slot: str = "headline", **more: Any) -> Edited:
    """Return what came of Ada's edit of a Swedish line."""
    who = more.pop("person", alone("ada"))
    return edit(desk, who, TEA, more.pop("locale", "sv-SE"), slot, text, via="page", **more)


def told(*words: str) -> Any:
    """Return what a command printed as JSON."""
    ended = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(ended.stdout)


def test_an_edit_is_seen_at_once_and_only_in_its_locale(here: Place) -> None:
    """Whoever mends a Swedish line must not wait for a run, nor reopen what Arabic readers see."""
    with open_desk(read_settings()) as desk:
        run = made(desk)
        before = {one.name: one for one in items(desk, TEA)}
        delivered = here.files()

        done = written(desk)

        assert (done.was, done.text, done.by) == ("En lugnare morgon", NEW, "ada")
        after = {one.name: one for one in items(desk, TEA)}
        new = {name: one for name, one in after.items() if "sv-SE" in name}
        assert sorted(done.renditions.values()) == sorted(new)
        assert all(name.endswith("_v2") and one.state == "waiting" for name, one in new.items())
        assert {name: one for name, one in after.items() if "ar-SA" in name} == {
            name: one for name, one in before.items() if "ar-SA" in name
        }
        for one in new.values():
            rendition = one.asset.rendition
            assert desk.holds_rendered(rendition.sha256, rendition.format)
            assert desk.copy(run, "sv-SE", rendition.deck)["headline"] == NEW
        assert desk.runs.get(run).state == "waiting"
        (waiting,) = desk.waits.standing(run)
        assert set(waiting.subject) == set(new)
        # What lies at the place of delivery is what was accepted, until somebody goes on.
        assert here.files() == delivered
        assert not told("verify", str(here.delivered))["faults"]


def test_the_next_run_shows_the_line_and_no_rule_accepts_it(here: Place) -> None:
    """An edit that the next run forgot would be delivered as it was before."""
    with open_desk(read_settings()) as desk:
        run = made(desk)
        names = set(written(desk).renditions.values())

        resumed = pipeline.carry_out(desk, run, approve=Approval.AUTO)

        assert (resumed.composed, resumed.images_bought) == (0, 2)
        assert (resumed.waiting, resumed.delivered) == (2, 2)
        assert {one.name for one in items(desk, TEA) if one.state == "waiting"} == names
        assert not names & {Path(one).stem for one in here.files()}
        told("review", "accept", TEA, "--yes")
        assert pipeline.carry_out(desk, run).delivered == 4
        assert names < {Path(one).stem for one in here.files()}
        again = made(desk, Approval.WAIT)
        assert {one.name for one in items(desk, again)} >= names
        assert not told("verify", str(here.delivered))["faults"]


@pytest.mark.usefixtures("here")
def test_an_edit_stands_for_as_long_as_the_message_says_the_same(here: Place) -> None:
    """A line that says the old price in Swedish must not outlive it."""
    with open_desk(read_settings()) as desk:
        made(desk)
        written(desk)
        here.rewrite("headline: A slower morning", "headline: A slow morning")
        path = here.folder / "memory" / "sv.yaml"
        path.write_text(path.read_text("utf-8").replace("A slower", "A slow"), "utf-8")
        ar = here.folder / "memory" / "ar.yaml"
        ar.write_text(ar.read_text("utf-8").replace("A slower", "A slow"), "utf-8")

        run = made(desk)

        shown = {one.asset.rendition.deck for one in items(desk, TEA) if "sv-SE" in one.name}
        (deck,) = (desk.decks(run)[one] for one in shown)
        assert deck.text(Slot.HEADLINE) == "En lugnare morgon"


@pytest.mark.usefixtures("here")
def test_what_checks_say_of_a_persons_line_stands(here: Place) -> None:
    """A block stays a block, whoever wrote the line."""
    brand = here.folder / "brand.yaml"
    brand.write_text(brand.read_text("utf-8") + "termbase: terms.csv\n", "utf-8")
    (here.folder / "terms.csv").write_text(
        "source,target,locale,status,note\n,gratis,sv,forbidden,Never\n", "utf-8"
    )
    with open_desk(read_settings()) as desk:
        made(desk)

        done = written(desk, "Gratis te")

        assert sorted(done.blocked) == sorted(done.renditions.values())
        (blocked,) = {
            (one.check, one.where)
            for item in items(desk, TEA)
            if item.name in done.blocked
            for one in item.asset.rendition.findings
            if one.severity == "block"
        }
        assert blocked == ("forbidden-term", "headline")
        # The other lines are as little reviewed as they were; this one has a name to it.
        waits = {
            one.where
            for item in items(desk, TEA)
            if item.name in done.blocked
            for one in item.asset.rendition.findings
            if one.check == "unreviewed-copy"
        }
        assert waits == {"body", "cta"}


REFUSED: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "of another market": (
        NotAllowed,
        "may not edit in SE",
        {
            "person": Person(
                id="cy",
                name="Cy",
                grants=(Grant.parse("approve:SA"), Grant.parse("admin")),
                proof="users-file",
            )
        },
    ),
    "a notice": (WrongInput, "shown as its owner wrote it", {"slot": "notice"}),
    "no slot": (WrongInput, "has no 'title'; it has headline, body, cta", {"slot": "title"}),
    "no locale": (WrongInput, "no locale 'sv'; it has sv-SE, ar-SA", {"locale": "sv"}),
    "the same": (WrongInput, "says that already", {"text": " En lugnare morgon "}),
    "empty": (WrongInput, "the text is empty", {"text": "  "}),
    "too long": (WrongInput, "the most is 2,000", {"text": "x" * (MAX_LENGTH + 1)}),
    "reordering": (WrongInput, "bidi override", {"text": "9\u202e3"}),
    "not what was seen": (Stale, "not what you saw", {"was": "En annan morgon"}),
}


def test_a_line_that_cannot_be_written_is_not(here: Place) -> None:
    """And nothing of it is half written."""
    assert here
    with open_desk(read_settings()) as desk:
        made(desk)
        before = desk.manifest_path(desk.run_named(TEA).id).read_bytes()
        for what, (error, message, how) in REFUSED.items():
            with pytest.raises(error, match=message):
                written(desk, **{"text": NEW, **how})
            assert not desk.acts.amendments(TEA), what
        assert desk.manifest_path(desk.run_named(TEA).id).read_bytes() == before
        written(desk, nonce="form-1")
        with pytest.raises(Replayed):
            written(desk, "En sen morgon", nonce="form-1")
        assert [one.text for one in desk.acts.amendments(TEA)] == [NEW]
        (here.folder / "brief.yaml").write_text("schema: 2\n", "utf-8")
        with pytest.raises(InvalidInput):
            written(desk, "En sen morgon")
        assert desk.acts.chain.name == "act"
        with reading(desk.engine) as connection:
            assert not desk.acts.chain.faults(connection)
            said = connection.execute(select(tables.act.c.statement)).scalars().all()
        refusals = [one for one in map(json.loads, said) if one["act"] == "refused"]
        assert [one["by"] for one in refusals] == ["cy", "ada"]


def test_an_edit_whose_process_died_is_made_up_for(here: Place) -> None:
    """The line is written down before anything is drawn, and so is never lost."""
    assert here
    with open_desk(read_settings()) as desk:
        run = made(desk)
        half = Edit(
            campaign=TEA,
            market="SE",
            locale="sv-SE",
            slot=Slot.HEADLINE,
            source="A slower morning",
            was="En lugnare morgon",
            text=NEW,
            by="ada",
            at=desk.now(),
        )
        desk.acts.edit(deciding.request(alone("ada"), "page"), half)

        done = written(desk, "Smaka på det", "cta")

        decks = desk.decks(run)
        shown = {one.asset.rendition.deck for one in items(desk, TEA) if "sv-SE" in one.name}
        (deck,) = (decks[one] for one in shown)
        assert (deck.text(Slot.HEADLINE), deck.text(Slot.CTA)) == (NEW, "Smaka på det")
        assert len(done.renditions) == 2
        assert pipeline.carry_out(desk, run).composed == 0


def test_an_edit_during_a_run_is_in_what_the_run_made(here: Place) -> None:
    """Between reading the lines and writing the manifest there is time enough for a person."""
    assert here
    with open_desk(read_settings()) as desk:
        run = made(desk)
        steps: list[str] = []

        def interrupted(name: str, step: Callable[[], T]) -> T:
            steps.append(name)
            if name == "decisions" and steps.count(name) == 1:
                written(desk)
            return step()

        pipeline.carry_out(desk, run, do=interrupted)

        assert steps.count("report") == 2
        waiting = [one.name for one in items(desk, TEA) if one.state == "waiting"]
        assert [name.endswith("_v2") and "sv-SE" in name for name in waiting] == [True, True]
        own, delivered = desk.manifest_path(run), here.delivered / "manifest.json"
        assert own.read_bytes() == delivered.read_bytes()


def test_edits_are_entered_in_the_memory_as_approved(here: Place) -> None:
    """So that the next campaign says it as the person did, and nobody has to write it twice."""
    file = here.folder / "memory" / "sv-SE.yaml"
    file.write_text("schema: 1\nlocale: sv-SE\n# Kept by hand.\nentries: []\n", "utf-8")
    with open_desk(read_settings()) as desk:
        run = made(desk)
        first = told("review", "edit", TEA, "sv-SE", "headline", "En sen morgon")
        assert (first["was"], len(first["renditions"])) == ("En lugnare morgon", 2)
        told("review", "edit", TEA, "sv-SE", "headline", NEW)
        listed = told("review", "edits", TEA)
        assert [(one["was"], one["text"]) for one in listed["edits"]] == [("En sen morgon", NEW)]
        assert listed["written"] == []

        entered = told("review", "edits", TEA, "--memory")

        assert [Path(one).name for one in entered["written"]] == ["sv-SE.yaml"]
        text = file.read_text("utf-8")
        assert "# Kept by hand." in text
        line = gather(here.brief).memory.approved(
            gather(here.brief).loaded.locales[0], Slot.HEADLINE, "A slower morning"
        )
        assert line is not None
        assert (line.text, line.reviewed) == (NEW, True)
        told("review", "edits", TEA, "--memory")
        assert file.read_text("utf-8") == text
        # It says what it said: nothing is drawn, and no approval is touched.
        assert pipeline.carry_out(desk, run).composed == 0
