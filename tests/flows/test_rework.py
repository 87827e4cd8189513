"""What somebody rejects is made again once, alone, with the reason as guidance, and reviewed."""

import json
from pathlib import Path
from typing import Any

import pytest
from places import Place
from sqlalchemy import select
from typer.testing import CliRunner

from cost_tracking import tables
from cost_tracking.attempts import Attempt
from cost_tracking.database import reading
from creative.amendment import Rework
from creative.copy_deck import Slot
from creative.manifest import ManifestAsset
from flows import pipeline, show
from flows.__main__ import app
from flows.desk import Desk, open_desk
from flows.editing import edit
from flows.materials import gather
from flows.reviewing import items
from flows.run_options import RunOptions
from flows.settings import read_settings
from flows.summary import Summary
from review.access.people import alone
from review.approval import Approval

TEA = "spring-tea"
CARD = "spring-tea_SE_sv-SE_iab_medium_rectangle_c1"
BOARD = "spring-tea_SE_sv-SE_iab_leaderboard_c1"
STRIP = "spring-tea_SE_sv-SE_iab_smartphone_banner_c1"
ARABIC = "spring-tea_SA_ar-SA_iab_medium_rectangle_c1"
QUICK = "providers: {tier: sketch, sketch: {image: studio, edge: 256}, image: studio"


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return the folder of a brief, in which this process stands; its pictures are small."""
    place.rewrite("providers: {image: studio", QUICK)
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    monkeypatch.setattr(show.OUT, "width", 200)
    return place


def made(desk: Desk, approve: Approval = Approval.WAIT) -> str:
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


def told(*words: str) -> Any:
    """Return what a command printed as JSON."""
    ended = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(ended.stdout)


def reject(*assets: str, code: str = "translation", **more: str) -> None:
    """Say no to assets."""
    options = [word for name, value in more.items() for word in (f"--{name}", value)]
    told("review", "reject", TEA, *assets, "--reason", code, *options)


def again(desk: Desk, run: str, **more: Any) -> Summary:
    """Go on with a run."""
    return pipeline.carry_out(desk, run, **more)


def assets(desk: Desk) -> dict[str, ManifestAsset]:
    """Return the newest rendition of each slot."""
    return {one.asset.rendition.name.slot: one.asset for one in items(desk, TEA)}


def versions(desk: Desk) -> dict[str, tuple[int, str]]:
    """Return the version of each slot, and how far it is."""
    return {
        one.asset.rendition.name.slot: (one.asset.rendition.name.version, one.state.value)
        for one in items(desk, TEA)
    }


def reworks(desk: Desk) -> list[Attempt]:
    """Return the attempts that were made of what was rejected."""
    return [one for one in desk.attempts.list(TEA) if one.rework]


def test_rejected_words_are_written_again_for_what_was_rejected_alone(here: Place) -> None:
    """Who accepted the banner must not find other words on it, and nobody pays for them twice."""
    with open_desk(read_settings()) as desk:
        run = made(desk)
        told("review", "accept", TEA, f"{STRIP}_v1")
        reject(f"{CARD}_v1", note='Nobody says "lugnare"')
        before = assets(desk)

        summary = again(desk, run, approve=Approval.AUTO)

        assert (summary.redone, summary.composed, summary.stay_rejected) == (1, 1, {})
        # Of what a person turned down, no rule accepts the next version.
        assert versions(desk)[CARD] == (2, "waiting")
        assert versions(desk)[STRIP] == (1, "accepted")
        after = assets(desk)
        assert after[STRIP].rendition == before[STRIP].rendition
        decks = desk.decks(run)
        assert decks[after[CARD].rendition.deck].text(Slot.HEADLINE) == "[En lugnare morgon]"
        assert decks[after[STRIP].rendition.deck].text(Slot.HEADLINE) == "En lugnare morgon"
        (attempt,) = reworks(desk)
        assert (attempt.asset, attempt.redoes) == ("copy/sv-SE", (f"{CARD}_v1",))
        first = next(one for one in desk.attempts.list(TEA) if one.asset == "copy/sv-SE")
        assert attempt.replaces == first.id
        replaces = after[CARD].replaces
        assert replaces is not None
        assert (replaces.asset, replaces.how, replaces.attempt) == (
            f"{CARD}_v1",
            "copy",
            attempt.id,
        )
        assert [(one.by, one.code, one.note) for one in replaces.because] == [
            ("ada", "translation", 'Nobody says "lugnare"')
        ]
        assert len(here.files()) == 3
        assert again(desk, run).redone == 0
        assert len(reworks(desk)) == 1
        assert made(desk) != run
        assert len(reworks(desk)) == 1
        assert versions(desk)[CARD] == (2, "waiting")
        assert not told("verify", str(here.delivered))["faults"]


def test_the_second_round_knows_both_reasons_and_the_third_is_not_made(here: Place) -> None:
    """A writer who hears only the last reason walks in a circle; a budget must end somewhere."""
    assert here
    with open_desk(read_settings()) as desk:
        run = made(desk)
        reject(f"{CARD}_v1", note="Too stiff")
        again(desk, run)
        reject(f"{CARD}_v2", note="Too loud", code="legal")
        again(desk, run)

        assert versions(desk)[CARD] == (3, "waiting")
        asked = [one for one in desk.acts.amendments(TEA) if isinstance(one, Rework)]
        assert [one.round for one in asked] == [1, 2]
        assert [(one.code, one.note) for one in asked[1].reasons] == [
            ("translation", "Too stiff"),
            ("legal", "Too loud"),
        ]
        assert [one.redoes for one in reworks(desk)] == [(f"{CARD}_v1",), (f"{CARD}_v2",)]
        assert reworks(desk)[1].replaces == reworks(desk)[0].id

        reject(f"{CARD}_v3", note="Still")
        summary = again(desk, run)

        assert summary.stay_rejected == {
            f"{CARD}_v3": "it was made again 2 times, as often as the brief's rework.rounds allows"
        }
        assert versions(desk)[CARD] == (3, "rejected")
        assert len(reworks(desk)) == 2
        resumed = CliRunner().invoke(app, ["resume", TEA, "--direct"], catch_exceptions=False)
        assert "1 stay rejected: it was made again 2 times" in resumed.stdout
        with reading(desk.engine) as connection:
            assert not desk.acts.chain.faults(connection)
            said = connection.execute(select(tables.act.c.statement)).scalars().all()
        taken = [one["versions"] for one in map(json.loads, said) if one["act"] == "replaced"]
        assert taken == [{f"{CARD}_v1": f"{CARD}_v2"}, {f"{CARD}_v2": f"{CARD}_v3"}]


def test_a_rejected_picture_is_drawn_once_for_all_who_rejected_it(here: Place) -> None:
    """Pictures are what costs: two noes to one picture are one purchase, a yes keeps its own."""
    here.rewrite("[iab_medium", "[iab_leaderboard, iab_medium")
    with open_desk(read_settings()) as desk:
        run = made(desk)
        told("review", "accept", TEA, "--market", "SA", "--yes")
        reject(f"{CARD}_v1", code="brand", note="Too dark")
        reject(f"{BOARD}_v1", code="defect")
        reject(f"{STRIP}_v1", code="defect")
        files = assets(desk)

        summary = again(desk, run)

        (attempt,) = reworks(desk)
        assert (attempt.asset, attempt.operation, attempt.concept) == ("c1", "image", "c1")
        assert sorted(attempt.redoes) == [f"{BOARD}_v1", f"{CARD}_v1"]
        now = assets(desk)
        assert (summary.redone, summary.composed) == (2, 2)
        assert [versions(desk)[one] for one in (CARD, BOARD, STRIP, ARABIC)] == [
            (2, "waiting"),
            (2, "waiting"),
            (1, "rejected"),
            (1, "accepted"),
        ]
        assert "it shows no picture" in summary.stay_rejected[f"{STRIP}_v1"]
        assert now[ARABIC].rendition == files[ARABIC].rendition
        (drawn,) = desk.manifest(run).redrawn
        assert drawn.replaces == files[CARD].rendition.key_visual
        assert drawn.sha256 == now[CARD].rendition.key_visual != drawn.replaces
        assert "«defect» «brand: Too dark»" in drawn.prompt
        assert again(desk, run).redone == 0
        page = (here.delivered / "contact-sheet.html").read_text("utf-8")
        assert f"{CARD}_v2" in page


def test_a_layout_is_free_and_another_reason_can_ask_for_it(here: Place) -> None:
    """Not every no is about the words or the picture, and only the person knows."""
    assert here
    with open_desk(read_settings()) as desk:
        run = made(desk)
        attempts = len(desk.attempts.list(TEA))
        reject(f"{CARD}_v1", code="brand", redo="layout", note="Cut it closer")
        again(desk, run)
        reject(f"{CARD}_v2", code="size_not_needed")
        summary = again(desk, run)

        assert len(desk.attempts.list(TEA)) == attempts
        assert summary.stay_rejected == {
            f"{CARD}_v2": "nothing is made again for size_not_needed; reject it again with --redo"
        }
        rendition = assets(desk)[CARD].rendition
        assert (rendition.layout, rendition.name.version) == (1, 2)
        # An edit keeps the layout that was made for it.
        edit(desk, alone("ada"), TEA, "sv-SE", "headline", "En lugn morgon", via="page")
        assert assets(desk)[CARD].rendition.layout == 1
        assert again(desk, run).composed == 0


def test_what_the_brief_or_a_person_says_is_not_said_otherwise_by_a_machine(here: Place) -> None:
    """The message is the brief's, and what was approved as an edit is newer than any rework."""
    here.rewrite("[SE, SA]", "[SE, SA, GB]")
    english = "spring-tea_GB_en-GB_iab_medium_rectangle_c1_v1"
    with open_desk(read_settings()) as desk:
        run = made(desk)
        reject(english, code="wrong_price")
        reject(f"{CARD}_v1", code="translation")
        summary = again(desk, run)

        assert summary.stay_rejected == {
            english: "its words are the brief's own; edit the line, or change the brief"
        }
        done = edit(desk, alone("ada"), TEA, "sv-SE", "headline", "En lugn morgon", via="page")
        assert sorted(done.renditions.values()) == [f"{CARD}_v3", f"{STRIP}_v2"]
        shown = {slot: desk.decks(run)[assets(desk)[slot].rendition.deck] for slot in (CARD, STRIP)}
        assert {one.text(Slot.HEADLINE) for one in shown.values()} == {"En lugn morgon"}
        assert [shown[one].text(Slot.CTA) for one in (CARD, STRIP)] == ["[Smaka]", "Smaka"]
        assert again(desk, run).composed == 0
        assert [assets(desk)[one].replaces.how for one in (CARD, STRIP)] == ["edit", "edit"]
        # A no that comes after the edit is a no to the edit, too.
        reject(f"{CARD}_v3", code="translation")
        again(desk, run)
        newest = desk.decks(run)[assets(desk)[CARD].rendition.deck]
        assert newest.text(Slot.HEADLINE) == "[En lugn morgon]"


def test_what_was_rejected_is_not_made_again_once_it_is_accepted_or_gone(here: Place) -> None:
    """People change their minds, and briefs change: neither may cost anything."""
    with open_desk(read_settings()) as desk:
        run = made(desk)
        reject(f"{CARD}_v1", code="brand")
        told("review", "accept", TEA, f"{CARD}_v1")
        reject(f"{ARABIC}_v1", code="translation")
        path = here.folder / "memory" / "ar.yaml"
        path.write_text(path.read_text("utf-8").replace("أكثر ", ""), "utf-8")

        summary = again(desk, run)

        assert (summary.redone, reworks(desk)) == (0, [])
        assert [versions(desk)[one] for one in (CARD, ARABIC)] == [(1, "accepted"), (2, "waiting")]
        here.rewrite("schedule:", "rework: {rounds: 0}\nschedule:")
        run = made(desk)
        reject(f"{STRIP}_v1", code="translation")
        assert list(again(desk, run).stay_rejected) == [f"{STRIP}_v1"]
        assert reworks(desk) == []
