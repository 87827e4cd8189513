"""The shipped placements agree with themselves and with the rules written above them."""

import re
from datetime import date
from fractions import Fraction
from math import ceil

import pytest

from creative.asset_name import AssetName
from creative.placement import Box, Placement, placement_table

TABLE = placement_table()
ROWS = [pytest.param(row, id=name) for name, row in TABLE.placements.items()]
EACH = pytest.mark.parametrize("row", ROWS)
CHANNELS = {"social", "display", "dooh"}
PREFIXES = {
    "meta": "Meta",
    "linkedin": "LinkedIn",
    "tiktok": "TikTok",
    "pinterest": "Pinterest",
    "snapchat": "Snapchat",
    "x": "X",
    "reddit": "Reddit",
    "youtube": "YouTube",
    "pmax": "Google",
    "gdn": "Google",
    "iab": "IAB",
    "dooh": "DOOH",
}


def _intersection(boxes: list[Box]) -> Box:
    return Box(
        left=max(box.left for box in boxes),
        top=max(box.top for box in boxes),
        right=min(box.right for box in boxes),
        bottom=min(box.bottom for box in boxes),
    )


def test_there_are_at_least_thirty_placements() -> None:
    """A media plan names units of several sellers; a short table would send it elsewhere."""
    assert len(TABLE.placements) >= 30
    assert {row.channel for row in TABLE.placements.values()} == CHANNELS


@EACH
def test_an_id_follows_the_naming_and_fits_a_file_name(row: Placement) -> None:
    """An id that a name cannot carry would make files whose parts nobody can tell apart."""
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+(\.[0-9]+x[0-9]+)?)+|x_1\.91x1", row.id)
    assert PREFIXES[row.id.split("_")[0]] == row.platform
    name = AssetName.parse(f"tea_CH_de-CH_{row.id}_c1_v1.jpg")
    assert name.placement == row.id


@EACH
def test_a_ratio_in_an_id_is_the_ratio_of_the_row(row: Placement) -> None:
    """A buyer who books `4x5` by its id gets 4:5."""
    written = re.search(r"_([0-9.]+)x([0-9]+)$", row.id)
    if written and row.id != "iab_smartphone_banner_300x50":
        assert f"{written[1]}:{written[2]}" == row.ratio


@EACH
def test_the_ratio_is_true_to_the_pixels(row: Placement) -> None:
    """A seller refuses or crops a file whose pixels are not of the ratio it asks for."""
    across, down = (Fraction(part) for part in row.ratio.split(":"))
    asked = across / down
    off = abs(Fraction(row.width, row.height) - asked) / asked
    assert off <= Fraction(str(row.ratio_tolerance))


@EACH
def test_the_safe_box_is_inside_the_frame_and_leaves_room(row: Placement) -> None:
    """Edges that eat the frame would leave typesetting nothing, and every rendition would fail."""
    safe = row.safe_box
    assert 0 <= safe.left < safe.right <= row.width
    assert 0 <= safe.top < safe.bottom <= row.height
    assert safe.width * safe.height >= 0.4 * row.width * row.height


@EACH
def test_a_byte_cap_is_positive_and_read_as_thousands(row: Placement) -> None:
    """A cap read as 1,024 lets files through that the seller then turns away."""
    assert row.max_bytes > 0
    assert row.max_bytes % 1_000 == 0


@EACH
def test_a_row_names_its_formats_limits_and_source(row: Placement) -> None:
    """Finance asks where a figure came from and when; encoding asks which formats may be sent."""
    assert len(set(row.formats)) == len(row.formats)
    assert row.formats[0] == "jpg"
    assert all(limit > 0 for limit in row.limits.values())
    assert len(row.source) > 10
    assert date.fromisoformat(row.checked) >= date(2026, 11, 21)


def test_a_fixed_size_file_can_be_sold_to_iab_and_to_google() -> None:
    """The default cap is the smaller of both, or a file bought once would have to be made twice."""
    fixed = [row for row in TABLE.placements.values() if row.id.startswith(("iab_", "gdn_"))]
    assert max(row.max_bytes for row in fixed) == 150_000
    assert TABLE.placements["iab_smartphone_banner"].max_bytes == 50_000
    assert all(row.ratio_tolerance == 0 for row in fixed)


@pytest.mark.parametrize(
    ("placement", "edge", "share"),
    [
        ("meta_stories_9x16", "top", "0.14"),
        ("meta_stories_9x16", "bottom", "0.20"),
        ("meta_reels_9x16", "top", "0.14"),
        ("meta_reels_9x16", "bottom", "0.35"),
        ("meta_reels_9x16", "left", "0.06"),
        ("meta_reels_9x16", "right", "0.06"),
        ("pmax_marketing_image", "top", "0.10"),
        ("pmax_marketing_image", "left", "0.10"),
        ("pmax_portrait", "bottom", "0.10"),
    ],
)
def test_a_share_of_the_frame_is_rounded_up(placement: str, edge: str, share: str) -> None:
    """Half a pixel to our side of the line would put text under the platform's button."""
    row = TABLE.placements[placement]
    length = row.height if edge in {"top", "bottom"} else row.width
    assert getattr(row.unsafe, edge) == ceil(Fraction(share) * length)


def test_one_box_is_safe_in_stories_reels_and_tiktok() -> None:
    """A studio that makes one 9:16 file for all three needs the box that holds in each.

    A page that is often quoted prints x 40-940, y 450-1450, which breaks the bottom edge of reels.
    """
    names = ("meta_stories_9x16", "meta_reels_9x16", "tiktok_image_9x16")
    rows = [TABLE.placements[name] for name in names]
    assert {(row.width, row.height) for row in rows} == {(1080, 1920)}

    safe = _intersection([row.safe_box for row in rows])

    assert safe == Box(left=65, top=269, right=940, bottom=1248)
    assert safe.width > 0
    assert safe.height > 0


def test_groups_hold_existing_placements_once() -> None:
    """A brief that names a group must not fail on an id that its author never wrote."""
    for name, ids in TABLE.groups.items():
        assert ids, name
        assert len(set(ids)) == len(ids), name
        assert set(ids) <= set(TABLE.placements), name
    assert not set(TABLE.groups) & set(TABLE.placements)


def test_channels_and_all_are_groups_made_from_the_rows() -> None:
    """A new row joins its channel by itself; a list kept by hand would forget it."""
    for channel in CHANNELS:
        members = {row.id for row in TABLE.placements.values() if row.channel == channel}
        assert set(TABLE.groups[channel]) == members
    assert set(TABLE.groups["all"]) == set(TABLE.placements)


def test_a_platform_group_holds_all_its_rows() -> None:
    """Whoever books `linkedin` expects every LinkedIn unit, the newest one too."""
    for row in TABLE.placements.values():
        group = row.platform.lower()
        assert row.id in TABLE.groups[group]
    assert set(TABLE.groups["pmax"]) | set(TABLE.groups["gdn"]) == set(TABLE.groups["google"])
