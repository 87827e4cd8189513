"""Everyone who draws can make a campaign's key visuals with the settings that one starts with."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import loopback
import pytest
from drawers import Drawer, drawing
from places import Place
from pydantic import SecretStr
from sqlalchemy import text

from cost_tracking import ledger
from cost_tracking.database import reading
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from creative.problem import InvalidInput
from flows import pipeline, steps
from flows.desk import Desk, open_desk
from flows.materials import gather
from flows.product_shots import MOST_BYTES
from flows.quote import Quote
from flows.quoting import quote
from flows.run_options import RunOptions
from flows.settings import Settings
from flows.work import Work, take_up
from providers import registry
from providers.errors import Unsupported
from providers.models import Rate

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CONTRACT = """
[[price]]
id = "{name}-contract"
provider = "{name}"
model = "*"
operation = "image"
basis = "contract"
currency = "EUR"
effective_from = 2026-01-01
source = "Contract 7"
checked_on = 2026-11-21
rates = [{rates}]

[price.estimates.picture]
each = {{ {each} }}
source = "Contract 7"
"""
PRICES = {
    "firefly": CONTRACT.format(
        name="firefly",
        rates='{ unit = "operation", amount = "0.05" }',
        each='operation = "1"',
    ),
}
"""Nobody publishes what it costs: each installation must say it."""
LONG = "They leave a full basket when they cannot see what paying later will cost them. " * 6
SIZES = {
    "azure-openai": "1920x1920",
    "bedrock": "1024x1024",
    "bfl": "1920x1920",
    "comfyui": "1920x1920",
    "fal": "1920x1920",
    "firefly": "2048x2048",
    "gemini": "2048x2048",
    "ideogram": "2048x2048",
    "import": "1024x1024",
    "openai": "1920x1920",
    "replicate": "1920x1920",
    "stability": "1024x1024",
    "studio": "1920x1920",
}
SOFT = {"bedrock", "stability"}
"""Whose pictures are enlarged for a story in full HD."""


@pytest.fixture(autouse=True)
def _asked_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask our vendors at once whether they are done: they are, and Adobe wants three seconds."""
    hurried = SimpleNamespace(
        sleep=lambda seconds: time.sleep(min(seconds, 0.01)), monotonic=time.monotonic
    )
    monkeypatch.setattr("flows.work.time", hurried)


def briefed(place: Place, name: str) -> Place:
    """Write a brief as people write them: wordy, for a small banner and for a story."""
    place.rewrite("{image: studio,", f"{{image: {name},")
    place.rewrite("{who: People who drink tea}", f"{{who: People who drink tea, insight: {LONG}}}")
    place.rewrite("iab_smartphone_banner]", "meta_stories_9x16]")
    return place


def settled(place: Place, name: str, drawer: Drawer) -> Settings:
    """Return the settings of an installation that has this one account."""
    (place.folder / "prices.toml").write_text(PRICES.get(name, ""), encoding="utf-8")
    # At the rate that Adobe allows, two pictures take half a minute.
    quick = Rate(provider=name, requests=Decimal(6000))
    more = {"prices": place.folder / "prices.toml", "rates": (quick,)}
    return Settings(home=place.folder / "state", **more, **drawer.settings)


@contextmanager
def at_work(settings: Settings, place: Place) -> Iterator[Work]:
    """Take a run of the brief up, in this process."""
    with open_desk(settings) as desk:
        options = RunOptions(brief=str(place.brief), out=str(place.folder / "out"))
        run = pipeline.start(desk, gather(place.brief), options)
        yield take_up(desk, run, options)


def quoted(settings: Settings, place: Place) -> Quote:
    """Quote the brief."""
    return quote(settings, place.brief, NOW)


def images_bought(desk: Desk) -> int:
    """Return how many pictures the ledger's attempts say were bought."""
    return sum(one.operation == "image" for one in desk.attempts.list("spring-tea"))


def entered(desk: Desk, cost_type: str) -> dict[str | None, int]:
    """Return what the ledger holds of a cost type, by asset."""
    query = text(
        "SELECT asset, sum(amount_micros) FROM posting WHERE cost_type = :type GROUP BY asset"
    )
    with reading(desk.engine) as connection:
        return {one: int(much) for one, much in connection.execute(query, {"type": cost_type})}


@pytest.mark.parametrize("name", registry.names("image"))
def test_key_visuals_are_quoted_and_bought_from_everyone(
    place: Place, name: str, tmp_path: Path
) -> None:
    """A provider that refuses the main job is a line in a list, and no provider."""
    briefed(place, name)
    with drawing(name, tmp_path) as drawer:
        settings = settled(place, name, drawer)
        told = quoted(settings, place)
        with at_work(settings, place) as work:
            concepts = steps.draw_concepts(work)
            bought = images_bought(work.desk)

        asked = [body for body in drawer.asked() if body]

    [line] = [one for one in told.purchases if one.operation == "image"]
    assert (line.provider, line.pixels, line.count) == (name, SIZES[name], 2)
    assert bought == line.count == len(concepts)
    if name == "import":
        assert {(one.width, one.height) for one in concepts} == {(1024, 1024), (3000, 2000)}
    else:
        assert {f"{one.width}x{one.height}" for one in concepts} == {line.pixels}
        assert len(asked) == (0 if name == "studio" else 2)
    soft = [note for note in told.notes if "look soft in meta_stories_9x16" in note]
    assert bool(soft) == (name in SOFT), told.notes


def test_a_model_that_reads_little_is_asked_in_whole_sentences(
    place: Place, tmp_path: Path
) -> None:
    """A prompt that is cut within a sentence asks for something that nobody wrote."""
    briefed(place, "firefly")
    place.rewrite("[A cup by a window,", f"[A cup by a window{' and steam' * 40},")
    with drawing("firefly", tmp_path) as drawer:
        settings = settled(place, "firefly", drawer)
        told = quoted(settings, place)
        with at_work(settings, place) as work:
            wordy, plain = steps.draw_concepts(work)
        asked = [body["prompt"] for body in drawer.asked()]

    assert asked == [wordy.prompt, plain.prompt]
    assert max(map(len, asked)) <= 1024
    assert LONG.strip() not in wordy.prompt
    assert "Avoid:" in wordy.prompt
    assert "Colours:" in wordy.prompt
    assert LONG.strip().rstrip(".") in plain.prompt
    [note] = [one for one in told.notes if "reads 1024 characters" in one]
    assert note.startswith("c1: firefly/image4_standard")
    assert note.endswith("without the brief's insight")


def test_what_cannot_be_read_whole_is_refused_with_who_can(place: Place, tmp_path: Path) -> None:
    """The one who is at the keyboard wants a name to write, and not a limit."""
    briefed(place, "firefly")
    place.rewrite("[A cup by a window,", f"[A cup by a window{' and steam' * 100},")
    with drawing("firefly", tmp_path) as drawer:
        settings = settled(place, "firefly", drawer)
        with pytest.raises(Unsupported, match="it reads 1024 characters") as caught:
            quoted(settings, place)
        with at_work(settings, place) as work, pytest.raises(Unsupported):
            steps.draw_concepts(work)

        assert not drawer.asked()
    assert "these can: openai/gpt-image-2" in str(caught.value)
    assert "firefly" not in str(caught.value).partition("these can:")[2]


def test_a_sketch_s_edge_is_met_by_a_size_that_the_model_has(place: Place, tmp_path: Path) -> None:
    """A sketch of 512 pixels that nobody draws would be refused, or rounded unseen."""
    sketch = "{image: studio, sketch: {image: bedrock, edge: 512}, tier: sketch,"
    place.rewrite("{image: studio,", sketch)
    key = {"aws_secret_access_key": SecretStr("x"), "aws_access_key_id": SecretStr("y")}

    told = quoted(Settings(home=tmp_path / "state", **key), place)

    assert {one.pixels for one in told.purchases if one.operation == "image"} == {"1024x1024"}


FOLLOW = {"azure-openai", "bfl", "fal", "gemini", "ideogram", "openai", "replicate"}
"""Whose default model can show a product as it is."""


@pytest.mark.parametrize("name", sorted(set(registry.names("image")) - {"comfyui"}))
def test_a_product_s_picture_goes_along_or_who_cannot_is_refused(
    place: Place, name: str, tmp_path: Path
) -> None:
    """A card that a model made up is not the card that is sold."""
    briefed(place, name)
    (place.folder / "tin.png").write_bytes(loopback.picture(64, 64))
    products = "products: [{id: tin, name: Leaf tin, image: tin.png}]"
    place.rewrite("markets: [SE, SA]", f"markets: [SE, SA]\n{products}")
    with drawing(name, tmp_path) as drawer:
        settings = settled(place, name, drawer)
        if name in FOLLOW | {"studio", "import"}:
            told = quoted(settings, place)
            with at_work(settings, place) as work:
                concepts = steps.draw_concepts(work)
            shown = "Picture 1 shows Leaf tin" in concepts[0].prompt
            assert shown == (name in FOLLOW)
            assert [note for note in told.notes if "without the picture of Leaf tin" in note] == (
                ["studio/studio-1 draws without the picture of Leaf tin"] * (name == "studio")
            )
            return
        with pytest.raises(Unsupported, match=r"it follows 0 references, not 1.*; these can: "):
            quoted(settings, place)
        assert not drawer.asked()


def test_a_service_that_keeps_a_product_says_what_it_wants_of_its_picture(
    place: Place, tmp_path: Path
) -> None:
    """An opaque picture as large as the result leaves no room for a scene."""
    briefed(place, "firefly/object_composite")
    (place.folder / "tin.png").write_bytes(loopback.picture(64, 64))
    products = "products: [{id: tin, name: Leaf tin, image: tin.png}]"
    place.rewrite("markets: [SE, SA]", f"markets: [SE, SA]\n{products}")
    with drawing("firefly", tmp_path) as drawer:
        settings = settled(place, "firefly", drawer)
        told = quoted(settings, place)
        with at_work(settings, place) as work:
            steps.draw_concepts(work)
        paths = {one.path for one in drawer.heard() if one.method == "POST"}

    assert "/v3/images/generate-object-composite-async" in paths
    assert "/v2/storage/image" in paths
    [note] = {one for one in told.notes if "after the picture of Leaf tin" in one}
    assert "cut the product out" in note


def test_a_product_s_picture_that_cannot_be_sent_is_told_with_its_line(place: Place) -> None:
    """A vendor would say so in its own words, after the budget was reserved."""
    (place.folder / "tin.png").write_bytes(b"<svg/>")
    (place.folder / "box.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES))
    products = (
        "products: [{id: tin, name: Tin, image: tin.png}, {id: box, name: Box, image: box.png}]"
    )
    place.rewrite("markets: [SE, SA]", f"markets: [SE, SA]\n{products}")

    with pytest.raises(InvalidInput) as caught:
        gather(place.brief)

    found = [(one.path, one.message) for one in caught.value.problems]
    assert found == [
        ("products[0].image", "'tin.png' is no PNG, JPEG or WebP"),
        ("products[1].image", "it is larger than 7,000,000 bytes"),
    ]


def test_the_hours_that_were_declared_with_a_picture_are_entered_once(
    place: Place, tmp_path: Path
) -> None:
    """What an agency's picture cost our own people is money too, and is no purchase."""
    briefed(place, "import")
    with drawing("import", tmp_path) as drawer:
        sheet = tmp_path / "imports" / "import.csv"
        first, one, two = sheet.read_text(encoding="utf-8").splitlines()
        sheet.write_text(f"{first},hours\n{one},1.5\n{two},\n", encoding="utf-8")
        settings = settled(place, "import", drawer).model_copy(update={"labour_rate": "60.00 EUR"})
        told = quoted(settings, place)
        for _ in range(2):
            with at_work(settings, place) as work:
                steps.draw_concepts(work)
                labour = entered(work.desk, "labour.internal")
                assert ledger.check(work.desk.engine) == []
                left = work.desk.budgets.of("spring-tea", SpendClass.NON_WORKING)

    assert (
        "c1: 1.5 hours of people's work, 90.00 EUR, are entered as labour beside what is bought"
        in (told.notes)
    )
    # The brief itself declares 72.00 EUR of hours.
    assert labour == {None: 72_000_000, "c1": 90_000_000}
    assert left.spent == Money.of("5.00", "EUR")
