"""Orders become files."""

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from composition.composer import Composer
from composition.engine import Composed, Engine, Look, Order, check_shaping, recipe
from composition.errors import KeyVisualRefused, TextRefused, WorkerDied
from composition.fonts import Fonts, Role
from composition.layout import frames
from composition.provenance import read
from creative.asset_name import AssetName
from creative.brand import Colours
from creative.concept import SourceType
from creative.finding import Severity
from creative.placement import Insets, Placement

MakeOrder = Callable[..., Order]
MakePlacement = Callable[..., Placement]
TAGS = ("en-GB", "ar-AE", "th-TH", "ja-JP")


def made(engine: Engine, orders: list[Order], out: Path) -> dict[str, Composed]:
    """Compose orders, by name."""
    out.mkdir(exist_ok=True)
    return {str(one.name): one for one in engine.compose(orders, out)}


@pytest.fixture(scope="module")
def orders(make_order: MakeOrder, place: MakePlacement) -> list[Order]:
    """Four locales in three placements, one of them under a cap that binds."""
    places = [place(300, 250), place(728, 90), place(540, 540, cap=24_000)]
    return [make_order(tag, one) for one in places for tag in TAGS]


def test_any_number_of_workers_in_any_order_gives_the_same_bytes(
    look: Look, orders: list[Order], tmp_path: Path
) -> None:
    """An approval binds to bytes: a rerun on another machine must not void it."""
    with Engine(look, workers=1) as engine:
        alone = made(engine, orders, tmp_path / "one")
        again = made(engine, orders[::-1], tmp_path / "again")
    with Engine(look, workers=2) as engine:
        together = made(engine, orders[::-1], tmp_path / "two")
        later = made(engine, orders[5:7], tmp_path / "later")
    hashes = {name: one.sha256 for name, one in alone.items()}
    assert hashes == {name: one.sha256 for name, one in again.items()}
    assert hashes == {name: one.sha256 for name, one in together.items()}
    assert all(hashes[name] == one.sha256 for name, one in later.items())
    assert len(set(hashes.values())) == len(orders)
    assert {one.recipe for one in alone.values()} == {one.recipe for one in together.values()}


def test_what_is_said_of_a_file_is_true(look: Look, orders: list[Order], tmp_path: Path) -> None:
    """The manifest, the review page and the seller all go by these figures."""
    with Engine(look, workers=1) as engine:
        for one in engine.compose(orders, tmp_path):
            content = one.content_path.read_bytes()
            assert hashlib.sha256(content).hexdigest() == one.sha256
            assert len(content) == one.bytes
            image = Image.open(io.BytesIO(content))
            assert image.size == (one.width, one.height)
            assert image.format == {"jpg": "JPEG", "png": "PNG"}[one.format]
            about = read(content)
            assert about.source_type is one.source_type is SourceType.COMPOSITE
            assert about.title == "Test & <Campaign>"
    assert not list(tmp_path.glob("*.part"))


def test_a_binding_cap_is_met_with_metadata(
    look: Look, orders: list[Order], tmp_path: Path
) -> None:
    """A file over the cap is refused by the seller on the day of the launch."""
    with Engine(look, workers=1) as engine:
        tight = [one for one in made(engine, orders, tmp_path).values() if one.width == 540]
    assert all(22_500 < one.bytes <= 24_000 for one in tight)
    assert not any(finding.check == "bytes" for one in tight for finding in one.findings)


def test_a_cap_that_cannot_be_met_blocks(
    look: Look, make_order: MakeOrder, place: MakePlacement, tmp_path: Path
) -> None:
    """Better no file than one that is refused after the media was booked."""
    with Engine(look, workers=1) as engine:
        one = next(engine.compose([make_order(placement=place(cap=9000))], tmp_path))
    finding = next(finding for finding in one.findings if finding.check == "bytes")
    assert finding.severity is Severity.BLOCK


def test_a_placement_that_takes_only_png_gets_one(
    look: Look, make_order: MakeOrder, place: MakePlacement, tmp_path: Path
) -> None:
    """Some sellers take one format and no other."""
    orders = [
        make_order(placement=place(300, 250, formats=("png",))),
        make_order(placement=place(320, 50, formats=("jpg",))),
        make_order(placement=place(468, 60)),
    ]
    with Engine(look, workers=1) as engine:
        formats = [one.format for one in engine.compose(orders, tmp_path)]
    assert sorted(formats) == ["jpg", "jpg", "png"]


def test_a_recipe_changes_with_every_input(
    look: Look, make_order: MakeOrder, place: MakePlacement, tmp_path: Path
) -> None:
    """An input that is left out keeps a stale rendition for ever."""
    order = make_order()
    own = tmp_path / "own.ttf"
    own.write_bytes(Fonts("Inter", "Inter", {}).path("NotoSerif").read_bytes())
    colours = Colours(primary="#112233", background="#FFFFFF")
    changed_looks = [
        look.model_copy(update={"colours": colours}),
        look.model_copy(update={"heading_family": "Noto Serif"}),
        look.model_copy(update={"body_family": "Noto Serif"}),
        look.model_copy(update={"brand_name": "Nordlyset"}),
        look.model_copy(update={"logo": b"other bytes"}),
        look.model_copy(update={"logo_clear_space": 0.5}),
        look.model_copy(update={"logo": b"other bytes", "logo_min_width": 99}),
        look.model_copy(update={"font_files": {"Inter": own}}),
    ]
    copy = ("Another headline", "Body", "Call", "Notice")
    changed_orders = [
        make_order(copy=copy),
        make_order("en-AE", copy=copy),
        make_order(placement=place(1080, 1081)),
        make_order(placement=place(cap=4_999_999)),
        make_order(placement=place(formats=("jpg",))),
        make_order(placement=place(unsafe=Insets(left=5))),
        make_order(locale=order.locale.model_copy(update={"font": "NotoSansJP"})),
        make_order(locale=order.locale.model_copy(update={"direction": "rtl"})),
        make_order(key_visual_sha256="0" * 64),
        make_order(focus=(0.1, 0.1)),
        make_order(source_type=SourceType.ALGORITHMIC),
        make_order(placeholder=True),
        make_order(title="Another"),
    ]
    found = [recipe(order, look)]
    found += [recipe(order, other) for other in changed_looks]
    found += [recipe(other, look) for other in changed_orders]
    assert len(set(found)) == len(found)


def test_a_recipe_ignores_what_does_not_change_the_bytes(
    look: Look, make_order: MakeOrder, key_visual: Path, tmp_path: Path
) -> None:
    """A new version number or another folder must not make hundreds of files again."""
    order = make_order()
    moved = tmp_path / "moved.png"
    moved.write_bytes(key_visual.read_bytes())
    name = AssetName.model_validate({**order.name.model_dump(), "version": 9})
    assert recipe(order, look) == recipe(make_order(name=name, key_visual=moved), look)


def test_a_recipe_ignores_what_is_not_painted(
    look: Look, make_order: MakeOrder, place: MakePlacement
) -> None:
    """A line that a small banner never shows must not have it drawn and approved anew."""
    banner = place(320, 50)
    said = recipe(make_order(placement=banner, copy=("Headline", "Body", "Call", "Notice")), look)
    other = make_order(placement=banner, copy=("Headline", "Else", "Call", "Other"))
    assert recipe(other, look) == said
    # That something is left out is told of it, and where nothing is there is nothing to tell.
    assert recipe(make_order(placement=banner, copy=("Headline", "", "Call", "Notice")), look) != (
        said
    )
    worn = look.colours.model_copy(update={"secondary": "#777777"})
    assert recipe(make_order(), look.model_copy(update={"colours": worn})) == (
        recipe(make_order(), look)
    )
    signed = look.model_copy(update={"logo": b"a sign"})
    renamed = signed.model_copy(update={"brand_name": "Nordlyset"})
    assert recipe(make_order(), renamed) == recipe(make_order(), signed)


def test_a_recipe_is_the_same_in_another_process(look: Look, make_order: MakeOrder) -> None:
    """The flow asks for it in one process and the engine in another, days apart."""
    order = make_order("ar-AE")
    code = (
        "import sys, json; from composition.engine import Look, Order, recipe; "
        "look, order = json.load(sys.stdin); "
        "print(recipe(Order.model_validate_json(order), Look.model_validate_json(look)))"
    )
    sent = json.dumps([look.model_dump_json(), order.model_dump_json()])
    answer = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], input=sent, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == recipe(order, look)


def test_the_ink_is_where_the_plan_says(look: Look, make_order: MakeOrder) -> None:
    """Safe zone, clipping and overlap are checked on the plan, so it must tell the truth."""
    for tag in ("de-DE", "ar-AE", "hi-IN", "th-TH", "ja-JP"):
        composer = Composer(look)
        order = make_order(tag)
        finished = composer.compose(order)
        plan = finished.plan
        bare = composer._backdrops.get(order, plan).image
        drawn = Image.open(io.BytesIO(finished.encoded.content)).convert("RGB")
        difference = ImageChops.difference(bare, drawn).convert("L")
        boxes = [line.ink for text in plan.texts for line in text.lines]
        boxes += [plan.pill] if plan.pill else []
        for box in boxes:
            assert difference.crop((box.left, box.top, box.right, box.bottom)).getextrema()[1] > 60
            around = (box.left - 8, box.top - 8, box.right + 8, box.bottom + 8)
            difference.paste(0, around)
        assert difference.getextrema()[1] < 60, tag  # what is left is the JPEG's


def test_a_story_melts_into_a_ground_that_words_can_be_read_on(
    make_order: MakeOrder, place: MakePlacement, tmp_path: Path
) -> None:
    """White words over a bright sky cannot be read: the final pixels decide."""
    white = tmp_path / "white.png"
    Image.new("RGB", (900, 900), "#FFFFFF").save(white)
    sha256 = hashlib.sha256(white.read_bytes()).hexdigest()
    for primary in ("#0B5D3B", "#2347FF", "#FFB3C7"):
        look = Look(colours=Colours(primary=primary, background="#FFFFFF"), brand_name="Nordlys")
        for unsafe in (Insets(top=269, bottom=384), Insets(top=269, bottom=672)):
            order = make_order(
                "de-DE",
                place(1080, 1920, unsafe=unsafe),
                key_visual=white,
                key_visual_sha256=sha256,
            )
            checks = {finding.check for finding in Composer(look).compose(order).findings}
            assert "contrast" not in checks


def test_ink_that_cannot_be_read_is_found_on_the_pixels(look: Look, make_order: MakeOrder) -> None:
    """The one check that sees what the reader sees: it must not trust the colours' names."""
    composer = Composer(look)
    order = make_order()
    plan = composer.compose(order).plan
    bright = Image.new("RGB", (1080, 1080), "#BFE8D2")
    found = [finding for finding in composer._paint(bright, plan) if finding.check == "contrast"]
    assert {finding.where for finding in found} == {"headline", "body", "notice", "wordmark"}
    assert all(finding.severity is Severity.BLOCK for finding in found)


def test_placeholder_art_is_marked(look: Look, make_order: MakeOrder) -> None:
    """Studio art that reaches an audience costs the brand more than the campaign."""
    findings = Composer(look).compose(make_order(placeholder=True)).findings
    assert [(one.check, one.severity) for one in findings] == [("placeholder", Severity.WARN)]


def test_a_letter_without_a_glyph_blocks(look: Look, make_order: MakeOrder) -> None:
    """A box in a headline is seen by everyone but the one who approved the text."""
    order = make_order(copy=("Ride on 🏇", "Body", "Go", ""))
    findings = Composer(look).compose(order).findings
    assert [(one.check, one.where) for one in findings] == [("missing-glyph", "headline")]
    assert "U+1F3C7" in findings[0].message


def test_a_deck_without_a_headline_is_refused(look: Look, make_order: MakeOrder) -> None:
    """An ad that says nothing is a mistake upstream."""
    with pytest.raises(TextRefused, match="headline"):
        Composer(look).compose(make_order(copy=("", "Body", "Go", "")))


def test_a_logo_is_drawn_and_gets_a_plate_where_it_would_vanish(
    look: Look, make_order: MakeOrder
) -> None:
    """A green logo on the brand's green is no logo."""
    for colour, plate in (("#0B5D3B", True), ("#F2B705", False)):
        file = io.BytesIO()
        Image.new("RGBA", (300, 80), colour).save(file, "PNG")
        branded = look.model_copy(update={"logo": file.getvalue()})
        finished = Composer(branded).compose(make_order())
        box = finished.plan.logo
        assert box is not None
        image = Image.open(io.BytesIO(finished.encoded.content)).convert("RGB")
        beside = image.getpixel((box.left - 4, (box.top + box.bottom) // 2))
        assert isinstance(beside, tuple)
        assert (min(beside) > 200) is plate
        assert not any(finding.severity is Severity.BLOCK for finding in finished.findings)


def test_a_refused_picture_names_its_order(
    look: Look, make_order: MakeOrder, place: MakePlacement, tmp_path: Path
) -> None:
    """Among hundreds, the one that failed must be found without a debugger."""
    good, bad = make_order(), make_order(placement=place(300, 250), key_visual_sha256="0" * 64)
    for workers in (1, 2):
        with (
            Engine(look, workers=workers) as engine,
            pytest.raises(KeyVisualRefused, match="test_300x250_c1_v1"),
        ):
            list(engine.compose([good, bad], tmp_path))


def test_a_worker_that_dies_names_its_order_and_the_engine_lives_on(
    look: Look, orders: list[Order], tmp_path: Path
) -> None:
    """A crash in a decoder must not hang the campaign, nor hide which picture did it."""
    with Engine(look, workers=2) as engine:
        work = engine.compose(orders, tmp_path)
        next(work)
        for worker in engine._pool._workers:
            worker._process.kill()
        with pytest.raises(WorkerDied) as died:
            list(work)
        assert died.value.name in {str(order.name) for order in orders}
        assert "workers=1" in str(died.value)
        assert len(list(engine.compose(orders, tmp_path))) == len(orders)


def test_shaping_can_be_proved_at_the_start(look: Look) -> None:
    """``doctor`` says so before a campaign runs into it."""
    check_shaping()
    check_shaping(look)


def test_no_word_stands_on_the_picture_of_a_card(
    look: Look, make_order: MakeOrder, place: MakePlacement
) -> None:
    """On a card the ground is flat, and the words are as readable as the brand's colours."""
    for size in ((1080, 1080), (300, 250), (160, 600), (728, 90)):
        placement = place(*size)
        plan = Composer(look).compose(make_order(placement=placement)).plan
        assert plan.frame in frames(placement, "ltr")
        for text in plan.texts:
            for line in text.lines:
                picture = plan.picture
                assert picture is None or not (
                    line.ink.left < picture.right
                    and picture.left < line.ink.right
                    and line.ink.top < picture.bottom
                    and picture.top < line.ink.bottom
                )
        assert any(text.role is Role.HEADLINE for text in plan.texts)
