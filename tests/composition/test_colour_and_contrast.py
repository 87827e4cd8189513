"""Colour roles and what can be read on them."""

import pytest
from PIL import Image

from composition.colour import palette
from composition.contrast import contrast, contrast_on, needed, rgb
from creative.brand import Colours


@pytest.mark.parametrize(
    ("ink", "paper", "ratio"),
    [("#FFFFFF", "#000000", 21.0), ("#767676", "#FFFFFF", 4.54), ("#0000FF", "#FFFFFF", 8.59)],
)
def test_the_ratio_is_that_of_wcag(ink: str, paper: str, ratio: float) -> None:
    """A figure of our own would mean nothing to an auditor. Source: WebAIM's contrast checker."""
    assert contrast(rgb(ink), rgb(paper)) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(
    "primary", ["#0B5D3B", "#FFB3C7", "#FFFFFF", "#000000", "#777777", "#F2B705", "#2347FF"]
)
def test_every_brand_colour_gets_readable_ink(primary: str) -> None:
    """Whatever a brand's colour, its words and its call must be read."""
    for accent in (None, "#E4572E", "#FFFFFF", "#111111", "#777777"):
        colours = palette(Colours(primary=primary, background="#FFFFFF", accent=accent))
        assert contrast(colours.ink, colours.ground) >= 4.5
        assert contrast(colours.pill_ink, colours.pill) >= 4.5
        assert contrast(colours.pill, colours.ground) >= 1.6


def test_the_call_wears_the_accent_where_it_can_be_told_from_the_ground() -> None:
    """The accent is chosen to be seen."""
    worn = palette(Colours(primary="#0B5D3B", background="#FFFFFF", accent="#E4572E"))
    assert worn.pill == rgb("#E4572E")
    hidden = palette(Colours(primary="#0B5D3B", background="#FFFFFF", accent="#0B6D3B"))
    assert hidden.pill == rgb("#FFFFFF")


def test_contrast_is_measured_where_the_picture_is_worst() -> None:
    """A bright cloud behind one word hides that word, however dark the rest is."""
    dark = Image.new("RGB", (100, 100), "#101010")
    assert contrast_on(dark, (255, 255, 255)) == pytest.approx(
        contrast((255, 255, 255), (16, 16, 16))
    )
    dark.paste("#DDDDDD", (0, 0, 100, 8))
    assert contrast_on(dark, (255, 255, 255)) < 1.6
    # A single speck does not count.
    speck = Image.new("RGB", (100, 100), "#101010")
    speck.putpixel((5, 5), (255, 255, 255))
    assert contrast_on(speck, (255, 255, 255)) > 15


@pytest.mark.parametrize("grey", [0, 16, 60, 100, 118, 130, 200, 255])
def test_measured_and_computed_ratios_agree(grey: int) -> None:
    """Eight-bit arithmetic must not pass what WCAG would fail."""
    pixels = Image.new("RGB", (20, 20), (grey, grey, grey))
    pixels.putpixel((0, 0), (grey, grey, grey ^ 1))
    for ink in ((255, 255, 255), (17, 17, 17)):
        exact = contrast(ink, (grey, grey, grey))
        assert contrast_on(pixels, ink) == pytest.approx(exact, rel=0.06)


def test_large_text_may_have_less_contrast() -> None:
    """AA asks 4.5 of text and 3 of large text; bold counts as large sooner."""
    assert needed(16, bold=True) == 4.5
    assert needed(19, bold=True) == 3.0
    assert needed(19, bold=False) == 4.5
    assert needed(24, bold=False) == 3.0
