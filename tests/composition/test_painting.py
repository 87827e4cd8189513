"""Painted letters, against what Pillow draws with Raqm and FriBiDi: a second opinion."""

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, features

from composition.fonts import Fonts, Role
from composition.plan import Placed, PlacedLine
from composition.render import paint_text, rounded
from composition.shape import Shaped, shape
from creative.market import market_table
from creative.placement import Box

SIZE = 48
TEXTS = {
    "ar-AE": "ادفع 31 دفعات (20%) بدون رسوم",
    "he-IL": "לשלם בקצב שלכם (20%) עכשיו",
    "hi-IN": "अपनी गति से भुगतान करें",
    "th-TH": "จ่ายตามจังหวะของคุณ",
    "ja-JP": "あなたのペースで、お支払い",
    "en-GB": "Pay at your own pace",
}


def ours(shaped: Shaped) -> Image.Image:
    """Paint a line black on white with our own painter."""
    image = Image.new("RGB", (1100, 160), "white")
    box = Box(left=0, top=0, right=1, bottom=1)
    line = PlacedLine(shaped, 40.0, 100, box)
    paint_text(image, Placed(Role.BODY, SIZE, (line,), ""), (0, 0, 0))
    return ImageChops.invert(image.convert("L"))


def pillows(text: str, path: str, direction: str, language: str) -> Image.Image:
    """Paint the same line with Pillow."""
    font = ImageFont.truetype(path, SIZE, layout_engine=ImageFont.Layout.RAQM)
    wanted = {b"Weight": 400, b"Width": 100, b"Optical size": 20}
    font.set_variation_by_axes([wanted[axis["name"] or b""] for axis in font.get_variation_axes()])
    image = Image.new("L", (1100, 160), 0)
    ImageDraw.Draw(image).text(
        (40, 100), text, fill=255, font=font, anchor="ls", direction=direction, language=language
    )
    return image


@pytest.mark.parametrize("tag", TEXTS)
def test_a_line_looks_as_another_shaper_draws_it(tag: str) -> None:
    """Letters in the wrong order or form are seen by every reader and by none of the authors."""
    assert features.check("raqm"), "install libfribidi0, the second opinion of this test"
    locale = market_table().locale(tag)
    fonts = Fonts("Inter", "Inter", {})
    chain = fonts.chain(locale, Role.BODY)
    mine = ours(shape(TEXTS[tag], chain, locale))
    theirs = pillows(TEXTS[tag], str(fonts.path(chain.families[0])), locale.direction, tag)
    first, second = mine.getbbox(), theirs.getbbox()
    assert first
    assert second
    assert all(abs(one - other) <= 3 for one, other in zip(first, second, strict=True))
    # Both are made coarse, as they differ in how they round places and edges.
    coarse = (image.crop(first).resize((80, 8), Image.Resampling.BOX) for image in (mine, theirs))
    difference = ImageChops.difference(*coarse).tobytes()
    assert sum(difference) / len(difference) < 6
    assert max(difference) < 70


def test_corners_are_round_and_smooth() -> None:
    """A jagged edge on a call to action looks like a screenshot."""
    mask = rounded(60, 40, 20)
    assert mask.getpixel((0, 0)) == 0
    assert mask.getpixel((30, 20)) == 255
    assert len(set(mask.tobytes())) > 8
    assert mask.tobytes() == mask.transpose(Image.Transpose.ROTATE_180).tobytes()
