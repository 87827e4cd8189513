"""The embedded studio: pictures that are free, the same every time, and plainly placeholders."""

import hashlib
import math
import os
import random
import subprocess
import sys
from functools import cache
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from creative.concept import SourceType
from providers import errors
from providers.faults import FailingImages, FaultPlan
from providers.images.base import ImageAnswer, ImageProvider, ImageRequest
from providers.images.picture import look_at
from providers.images.studio import StudioImages
from providers.images.studio_scenes import SCENES
from providers.images.studio_scenes.colour import Colour, Palette, distance, to_lab, tone
from providers.images.studio_scenes.finish import finish
from providers.images.studio_scenes.stage import Linear, Stage

GREEN = ("#0B5D3B", "#F2B705", "#E4572E", "#FFFFFF")
NAVY = ("#1B1F3B", "#F25F5C", "#70C1B3", "#FFF8F0")
PURPLE = ("#5B2A86", "#F7B801", "#3DDC97", "#FFFFFF")
NIGHT = ("#FFD400", "#0057B8", "#E4002B", "#111111")
CHANCE = random.Random(1)  # noqa: S311 - grain
EVERY_SCENE = range(len(SCENES))


def asking(
    index: int = 0,
    *,
    width: int = 320,
    height: int = 320,
    palette: tuple[str, ...] = GREEN,
    prompt: str = "A slower morning.",
    seed: int = 0,
) -> ImageRequest:
    """Ask for a small picture."""
    return ImageRequest(
        prompt=prompt,
        width=width,
        height=height,
        model="studio-1",
        seed=seed,
        palette=palette,
        index=index,
    )


@cache
def answered(index: int, palette: tuple[str, ...] = GREEN) -> ImageAnswer:
    """Draw a scene once for all that is asked of it."""
    return StudioImages().draw(asking(index, palette=palette))


def opened(answer: ImageAnswer) -> Image.Image:
    """Open an answer."""
    return Image.open(BytesIO(answer.content)).convert("RGB")


def drawn(request: ImageRequest) -> Image.Image:
    """Draw a request and open the answer."""
    return opened(StudioImages().draw(request))


def thumbnail(image: Image.Image) -> list[Colour]:
    """Return a picture as 64 colours, a row after the other."""
    small = image.resize((8, 8), Image.Resampling.BOX)
    content = small.tobytes()
    return [(content[at], content[at + 1], content[at + 2]) for at in range(0, len(content), 3)]


def test_the_studio_is_an_image_provider() -> None:
    """The registry hands it to the runner as one; mypy checks the shape here."""
    provider: ImageProvider = StudioImages()

    assert (provider.name, provider.repeatable, provider.default_model) == (
        "studio",
        True,
        "studio-1",
    )


def test_what_is_drawn_again_is_seen_to_be_another_one() -> None:
    """Turned around, and counted in its mark; the second picture is the same every time."""
    first = asking()
    second = first.model_copy(update={"again": 1, "prompt": "A slower morning, less dark."})

    one, other = StudioImages().draw(first), StudioImages().draw(second)

    assert other.content == StudioImages().draw(second).content
    assert one.focus[0] + other.focus[0] == pytest.approx(1, abs=0.2)
    pictures = [Image.open(BytesIO(it.content)).convert("RGB") for it in (one, other)]
    assert sum(ImageStat.Stat(ImageChops.difference(*pictures)).mean) > 20
    # What was drawn before there was rework goes by the name that it had.
    assert "again" not in first.facts()
    assert second.facts()["again"] == 1


@pytest.mark.parametrize("index", EVERY_SCENE)
def test_the_same_request_gives_the_same_bytes(index: int) -> None:
    """A run that is resumed adopts stored pictures by their hash."""
    assert StudioImages().draw(asking(index)) == answered(index)


def test_another_process_draws_the_same_bytes() -> None:
    """Two machines of one team compare concepts by hash; hash seeds differ between processes."""
    request = asking(5, width=256, height=256)
    code = (
        "import hashlib, sys\n"
        "from providers.images.base import ImageRequest\n"
        "from providers.images.studio import StudioImages\n"
        "request = ImageRequest.model_validate_json(sys.argv[1])\n"
        "print(hashlib.sha256(StudioImages().draw(request).content).hexdigest())\n"
    )

    there = {
        subprocess.run(  # noqa: S603 - our own interpreter and code
            [sys.executable, "-c", code, request.model_dump_json()],
            capture_output=True,
            check=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert there == {hashlib.sha256(StudioImages().draw(request).content).hexdigest()}


def test_every_concept_has_another_composition() -> None:
    """Whoever chooses between concepts must have something to choose from."""
    pictures = [thumbnail(opened(answered(index))) for index in EVERY_SCENE]

    for at, one in enumerate(pictures):
        for other in pictures[at + 1 :]:
            apart = sum(map(distance, one, other)) / len(one)
            assert apart > 0.05


@pytest.mark.parametrize("change", [{"seed": 7}, {"prompt": "A faster evening."}])
@pytest.mark.parametrize("index", EVERY_SCENE)
def test_another_seed_or_prompt_moves_the_details(index: int, change: dict[str, object]) -> None:
    """Asking again for a variant must not give the picture that was just turned down."""
    one = opened(answered(index))
    other = drawn(asking(index).model_copy(update=change))

    # More than the grain, which alone differs by about three levels.
    assert sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3 > 3.4


def test_indexes_beyond_the_last_scene_wrap_and_still_differ() -> None:
    """A brief may ask for more concepts than there are scenes."""
    first, again = drawn(asking(1)), drawn(asking(1 + len(SCENES)))

    assert first.tobytes() != again.tobytes()


@pytest.mark.parametrize("palette", [GREEN, NAVY, PURPLE, NIGHT], ids=lambda one: one[0])
@pytest.mark.parametrize("index", EVERY_SCENE)
def test_the_brand_colours_are_in_the_picture(index: int, palette: tuple[str, ...]) -> None:
    """A brand must know its concept at a glance, so each main colour covers a visible part."""
    image = opened(answered(index, palette)).resize((160, 160), Image.Resampling.BOX)
    # Each pixel is taken to OKLab once, and not once for each colour that it is held against.
    counts = [
        (count, to_lab((pixel[0], pixel[1], pixel[2])))
        for count, pixel in image.getcolors(160 * 160) or []
        if isinstance(pixel, tuple)
    ]
    brand = Palette.read(palette)

    for colour in (brand.primary, brand.secondary, brand.accent):
        wanted = to_lab(colour)
        near = sum(count for count, lab in counts if math.dist(lab, wanted) < 0.07)
        assert near / 160**2 > 0.002, colour


@pytest.mark.parametrize("index", EVERY_SCENE)
def test_the_focus_lies_where_crops_can_keep_it(index: int) -> None:
    """A crop around a focus at the edge would show half a subject and a border of nothing."""
    across, down = answered(index).focus

    assert 0.35 <= across <= 0.65
    assert 0.35 <= down <= 0.65


@pytest.mark.parametrize("size", [(256, 256), (271, 483), (256, 1536), (1536, 256)])
@pytest.mark.parametrize("index", EVERY_SCENE)
def test_the_picture_has_exactly_the_size_that_was_asked(index: int, size: tuple[int, int]) -> None:
    """The runner refuses a picture of another size, and the layout was made for this one."""
    answer = StudioImages().draw(asking(index, width=size[0], height=size[1]))
    picture = look_at(answer.content)

    assert (picture.width, picture.height, picture.format) == (*size, "png")
    assert (answer.width, answer.height, answer.format) == (*size, "png")


def test_an_answer_says_that_it_is_a_free_placeholder() -> None:
    """Review blocks a placeholder from delivery, and the ledger still sees the whole path."""
    answer = StudioImages().draw(asking())

    assert answer.placeholder
    assert answer.source_type is SourceType.ALGORITHMIC
    assert answer.usage.model == "studio-1"
    assert dict(answer.usage.quantities) == {"image": 1}
    assert answer.usage.receipt.startswith("studio-")
    assert "PLACEHOLDER" in Image.open(BytesIO(answer.content)).info["Description"]


def test_the_mark_survives_a_strip_around_the_focus() -> None:
    """A banner crops away both corners, and must not lose the warning with them."""
    grey = (128, 128, 128)
    stage = Stage((900, 900), Palette.read(("#808080",) * 4), CHANCE)
    stage.wash(grey)
    finish(stage, (450.0, 450.0))

    strip = stage.image.crop((0, 300, 900, 600))
    levels = strip.convert("L").histogram()

    assert sum(levels[:80]) > 500
    assert sum(levels[240:]) > 150


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 4000}, "at most 3840 pixels"),
        ({"width": 255}, "at least 256 pixels"),
        ({"width": 128, "height": 1024}, "at least 256 pixels"),
        ({"width": 64, "height": 64}, "65536 to"),
        ({"model": "studio-9"}, "it has studio-1"),
    ],
)
def test_what_it_cannot_draw_is_refused_before_anything_is_drawn(
    change: dict[str, object], words: str
) -> None:
    """Whoever plans a campaign hears the limit, and not a wrong picture later."""
    with pytest.raises(errors.Unsupported, match=words):
        StudioImages().draw(asking().model_copy(update=change))


def test_a_colour_that_is_none_is_named() -> None:
    """The brand file's author must know which entry to mend."""
    with pytest.raises(errors.InvalidRequest, match="'green' is not #RRGGBB"):
        StudioImages().draw(asking(palette=("green",)))


@pytest.mark.parametrize("palette", [(), ("#0B5D3B",), ("#0B5D3B", "#F2B705")])
def test_a_short_palette_is_completed(palette: tuple[str, ...]) -> None:
    """A new brand may have named one colour only."""
    assert drawn(asking(palette=palette)).size == (320, 320)


@pytest.mark.parametrize(
    ("plan", "error"),
    [
        ("refuse", errors.RefusedInput),
        ("429:2", errors.RateLimited),
        ("timeout_after_send", errors.OutcomeUnknown),
        ("wrong_size", errors.BadOutput),
    ],
)
def test_it_fails_as_it_is_told_and_then_draws(
    plan: str, error: type[errors.ProviderError]
) -> None:
    """A team rehearses an outage with the embedded studio, for nothing."""
    studio = FailingImages(StudioImages(), FaultPlan(plan))
    for _ in range(2 if plan.endswith(":2") else 1):
        with pytest.raises(error):
            studio.draw(asking())

    assert studio.draw(asking()) == StudioImages().draw(asking())


@pytest.mark.parametrize("colour", [(11, 93, 59), (242, 183, 5), (0, 0, 0), (255, 255, 255)])
def test_a_tone_keeps_the_hue_and_takes_the_lightness(colour: Colour) -> None:
    """Tints that drift in hue look like another brand."""
    for lightness in (0.3, 0.6, 0.9):
        light, a, b = to_lab(tone(colour, lightness))
        _, wanted_a, wanted_b = to_lab(colour)
        assert light == pytest.approx(lightness, abs=0.02)
        assert a * wanted_b - b * wanted_a == pytest.approx(0, abs=0.002)


def test_a_gradient_starts_and_ends_in_its_colours() -> None:
    """A brand colour at the end of a gradient is the brand colour, not one near it."""
    stage = Stage((300, 300), Palette.read(GREEN), CHANCE)
    stage.wash(Linear((0, 50), (0, 250), ((11, 93, 59), (242, 183, 5), (228, 87, 46))))

    for spot, colour in (((150, 2), (11, 93, 59)), ((150, 298), (228, 87, 46))):
        pixel = stage.image.getpixel(spot)
        assert isinstance(pixel, tuple)
        assert math.dist(pixel, colour) < 3
