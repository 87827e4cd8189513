"""A sketch that was chosen is the key visual that is bought, and the only one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from drawers import Drawer, drawing
from places import Place

from cost_tracking.attempts import Attempt, State
from creative.choice import Choice
from creative.concept import Concept
from flows import pipeline, steps
from flows.desk import open_desk
from flows.materials import gather
from flows.quote import Quote
from flows.quoting import quote
from flows.run_options import RunOptions
from flows.settings import Settings
from flows.work import Work, take_up
from providers.errors import NotConfigured

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SKETCH = "sketch: {image: openai/gpt-image-2, quality: low, edge: 1024}"


def tiered(place: Place, image: str = "openai/gpt-image-2") -> Place:
    """Write a brief that is sketched first."""
    place.rewrite("{image: studio,", f"{{image: {image}, {SKETCH}, tier: sketch,")
    return place


def to_produce(place: Place) -> None:
    """Go from sketches to key visuals."""
    place.rewrite("tier: sketch", "tier: produce")


@contextmanager
def at_work(settings: Settings, place: Place, choose: str = "auto") -> Iterator[Work]:
    """Take a run of the brief up, in this process."""
    with open_desk(settings) as desk:
        options = RunOptions(brief=str(place.brief), out=str(place.folder / "out"), choose=choose)
        run = pipeline.start(desk, gather(place.brief), options)
        yield take_up(desk, run, options)


def pictured(work: Work) -> tuple[tuple[Concept, ...], Choice]:
    """Take the steps up to the key visuals."""
    concepts = steps.draw_concepts(work)
    choice = steps.choose(work, concepts)
    if steps.to_produce(work, concepts):
        concepts = steps.produce(work, concepts, choice)
    return concepts, choice


def told(settings: Settings, place: Place) -> Quote:
    """Quote the brief."""
    return quote(settings, place.brief, NOW)


def attempts(work: Work) -> tuple[Attempt, ...]:
    """Return what this run bought."""
    return tuple(one for one in work.desk.attempts.list("spring-tea") if one.run == work.run)


@pytest.fixture
def accounts(place: Place, tmp_path: Path) -> Iterator[tuple[Settings, dict[str, Drawer]]]:
    """Open an account at one vendor that follows pictures, and at one that does not."""
    with ExitStack() as wires:
        drawers = {
            name: wires.enter_context(drawing(name, tmp_path))
            for name in ("openai", "bedrock", "stability")
        }
        more: dict[str, Any] = {}
        for drawer in drawers.values():
            more |= drawer.settings
        yield Settings(home=place.folder / "state", **more), drawers


def test_the_chosen_sketch_is_what_the_key_visual_is_drawn_after(
    place: Place, accounts: tuple[Settings, dict[str, Drawer]]
) -> None:
    """A person chose a picture, and not the words that it came from."""
    settings, drawers = accounts
    tiered(place)
    with at_work(settings, place, "c2") as work:
        sketched, choice = pictured(work)
    to_produce(place)
    before = told(settings, place)
    with at_work(settings, place, "wait") as work:
        concepts, again = pictured(work)
        bought = attempts(work)
    with at_work(settings, place, "wait") as work:
        replayed, _ = pictured(work)
        assert not attempts(work)

    calls = drawers["openai"].asked()
    assert [(call["size"], call["quality"]) for call in calls] == [
        ("1024x1024", "low"),
        ("1024x1024", "low"),
        ("1920x1920", "medium"),
    ]
    [file] = calls[2]["files"]
    assert file[2] == "image/png"
    assert "Picture 1 is a sketch: draw it anew" in calls[2]["prompt"]
    assert again == choice
    assert choice.seen == (sketched[1].sha256,)
    assert replayed == concepts
    assert concepts[0] == sketched[0]
    assert [one.stage for one in concepts] == ["sketch", "key_visual"]
    assert (concepts[1].sketch, concepts[1].follows) == (sketched[1].sha256,) * 2
    assert concepts[1].sha256 != sketched[1].sha256
    lines = {one.pixels: (one.count, one.bought) for one in before.purchases if one.pixels}
    assert lines == {"1024x1024": (0, 2), "1920x1920": (1, 0)}
    [one] = bought
    assert (one.state, one.budget_amount) == (State.SETTLED, before.most)


def test_who_cannot_follow_a_picture_is_named_and_draws_from_words(
    place: Place, accounts: tuple[Settings, dict[str, Drawer]]
) -> None:
    """A key visual that looks otherwise than what was chosen must surprise nobody."""
    settings, drawers = accounts
    tiered(place, "bedrock/stability.stable-image-ultra-v1:1")
    with at_work(settings, place, "c1") as work:
        sketched, _ = pictured(work)
    to_produce(place)
    before = told(settings, place)
    with at_work(settings, place) as work:
        concepts, _ = pictured(work)

    [note] = [one for one in before.notes if "cannot follow the sketch" in one]
    assert note.startswith("bedrock/stability.stable-image-ultra")
    assert len(drawers["bedrock"].asked()) == 1
    assert (concepts[0].sketch, concepts[0].follows) == (sketched[0].sha256, "")
    assert "sketch" not in concepts[0].prompt


def test_sketches_that_nobody_chose_from_are_chosen_from_first(
    place: Place, accounts: tuple[Settings, dict[str, Drawer]]
) -> None:
    """Four key visuals of which three are scrapped are what sketches are there to save."""
    settings, drawers = accounts
    tiered(place)
    with at_work(settings, place) as work:
        steps.draw_concepts(work)
    to_produce(place)
    before = told(settings, place)
    with at_work(settings, place) as work:
        concepts, choice = pictured(work)

    assert "no sketch is chosen yet; the first ones are quoted" in before.notes
    assert [one.count for one in before.purchases if one.pixels] == [0, 1]
    assert len(drawers["openai"].asked()) == 3
    assert choice.seen == (concepts[0].sketch,)


def test_a_brief_that_was_not_sketched_buys_every_concept_and_says_so(
    place: Place, accounts: tuple[Settings, dict[str, Drawer]]
) -> None:
    """Whoever rewords a direction after the sketches learns what that costs before it does."""
    settings, drawers = accounts
    tiered(place)
    with at_work(settings, place, "c1") as work:
        pictured(work)
    place.rewrite("Leaves in the sun", "Leaves in the rain")
    to_produce(place)
    chosen = told(settings, place)
    place.rewrite("A cup by a window", "A cup by a door")
    reworded = told(settings, place)
    with at_work(settings, place) as work:
        concepts, _ = pictured(work)

    assert [one.count for one in chosen.purchases if one.pixels] == [0, 1]
    assert [one.count for one in reworded.purchases if one.pixels] == [2]
    assert [one for one in reworded.notes if one.startswith("c1, c2: not sketched")]
    assert len(drawers["openai"].asked()) == 4
    assert [one.stage for one in concepts] == ["key_visual"] * 2


def test_a_sketch_whose_account_is_gone_is_not_bought_again_elsewhere(
    place: Place, accounts: tuple[Settings, dict[str, Drawer]]
) -> None:
    """Without its key its requests cannot be told apart, and four pictures would be bought."""
    settings, drawers = accounts
    tiered(place, "stability")
    with at_work(settings, place, "c1") as work:
        pictured(work)
    to_produce(place)
    without = settings.model_copy(update={"openai_api_key": None})
    with at_work(without, place) as work, pytest.raises(NotConfigured):
        pictured(work)

    assert not drawers["stability"].asked()


def test_a_campaign_is_composed_of_key_visuals_and_its_sheet_says_whose_they_are(
    place: Place, accounts: tuple[Settings, dict[str, Drawer]]
) -> None:
    """What is delivered is the final picture, under the choice that was made on the sketch."""
    settings, _ = accounts
    tiered(place)
    for _ in range(2):
        with open_desk(settings.model_copy(update={"workers": 1})) as desk:
            options = RunOptions(brief=str(place.brief), out=str(place.folder / "out"), choose="c2")
            run = pipeline.start(desk, gather(place.brief), options)
            made = pipeline.carry_out(desk, run)
            manifest = desk.manifest(run)
        if "tier: sketch" in place.brief.read_text():
            to_produce(place)

    assert made.images_bought == 3
    visual = manifest.concepts[1]
    assert visual.stage == "key_visual"
    assert manifest.choice.seen == (visual.sketch,)
    assert {one.rendition.key_visual for one in manifest.assets} == {visual.sha256}
    sheet = (place.delivered / "contact-sheet.html").read_text(encoding="utf-8")
    assert "changed since" not in sheet
    assert sheet.count("drawn after the sketch that was chosen") == 1
