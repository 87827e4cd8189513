"""Small pictures of large ones: thumbnails, a sheet of concepts, a poster of renditions."""

import io
import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from creative.concept import Concept
from creative.manifest import ManifestAsset
from creative.market import MarketTable

THUMBNAIL = (240, 300)
"""The largest width and height of a thumbnail, in pixels. A banner may be twice as wide."""
WIDE = 3.0
"""The ratio of width to height from which a picture is a banner."""
QUALITY = 60
_MAT = (233, 232, 228)
_INK = (60, 61, 66)
_GAP = 10
_KINDS = ("JPEG", "PNG", "WEBP")
# Pillow would have Ghostscript read the rest.
_BROKEN = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)
# What Pillow raises over files that are no pictures, or hostile ones.


class Thumbnail(NamedTuple):
    """A JPEG and its size in pixels."""

    jpeg: bytes
    width: int
    height: int


def thumbnails(
    files: Mapping[str, Path], box: tuple[int, int] = THUMBNAIL
) -> dict[str, Thumbnail | str]:
    """Make a small picture of each file, several at a time.

    Args:
        files: The pictures by a name of the caller's, such as their sha256.
        box: The largest width and height in pixels; the aspect is kept, and a banner may be
            twice as wide, because its words are small.

    Returns:
        A thumbnail for each name, or why there is none. One broken file spoils no sheet.

    """
    # Pillow gives up the interpreter while it decodes and scales, so threads are enough.
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        made = threads.map(lambda path: thumbnail(path, box), files.values())
        return dict(zip(files, made, strict=True))


def concept_sheet_jpeg(
    concepts: Sequence[Concept], paths: Mapping[str, Path], *, across: int = 0, cell: int = 360
) -> bytes:
    """Return all concepts side by side, each with its id, as one compact JPEG.

    Args:
        concepts: In the order to show them; at least one.
        paths: Where each concept's picture lies, by sha256. One that is missing or broken leaves
            an empty mat.
        across: How many stand in a row at most; 0 for as many as look well on a wide page.
        cell: The width and height of each picture's mat in pixels.

    """
    across = min(len(concepts), across or (4 if len(concepts) != 3 else 3))
    label = 40
    down = -(-len(concepts) // across)
    size = (_GAP + across * (cell + _GAP), _GAP + down * (cell + label + _GAP))
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(20)
    for number, concept in enumerate(concepts):
        left = _GAP + number % across * (cell + _GAP)
        top = _GAP + number // across * (cell + label + _GAP)
        pen.rectangle((left, top, left + cell - 1, top + cell - 1), fill=_MAT)
        if picture := _opened(paths.get(concept.sha256), (cell, cell)):
            inset = ((cell - picture.width) // 2, (cell - picture.height) // 2)
            sheet.paste(picture, (left + inset[0], top + inset[1]))
        pen.text((left + 2, top + cell + 9), concept.id, fill=_INK, font=font)
    return _jpeg(sheet, 82)


def overview_assets(
    assets: Iterable[ManifestAsset], markets: MarketTable, count: int = 40
) -> tuple[ManifestAsset, ...]:
    """Pick the renditions that together show the most: scripts first, then shapes, then markets.

    Args:
        assets: Of one campaign; those that a check blocks should be left out before.
        markets: Tells the script of each locale.
        count: How many to pick.

    """
    scripts = {one.tag: one.script for market in markets.markets.values() for one in market.locales}
    left = list(assets)
    seen: dict[tuple[str, object], int] = {}
    picked: list[ManifestAsset] = []
    while left and len(picked) < count:
        best = min(left, key=lambda one: [seen.get(key, 0) for key in _kinds(one, scripts)])
        left.remove(best)
        picked.append(best)
        for key in _kinds(best, scripts):
            seen[key] = seen.get(key, 0) + 1
    return tuple(picked)


def overview_png(
    assets: Sequence[ManifestAsset],
    files: Mapping[str, Path],
    *,
    width: int = 1600,
    row_height: int = 230,
) -> bytes:
    """Return a poster: renditions in rows that are all exactly as wide as the poster.

    Args:
        assets: In the order to show them, from ``overview_assets``.
        files: Where each rendition's file lies, by sha256. One that cannot be read is left out.
        width: Of the poster in pixels.
        row_height: About how high a row is; each is scaled until it fills the width.

    Raises:
        ValueError: None of the files can be read.

    """
    box = (width, 2 * row_height)
    opened = [_opened(files.get(one.rendition.sha256), box) for one in assets]
    pictures = _with_banners_stacked([one for one in opened if one])
    if not pictures:
        raise ValueError("the overview has no picture: none of the renditions' files can be read")
    room = width - 2 * _GAP
    rows = _rows(pictures, room, row_height)
    heights = [_height(row, room) for row in rows]
    poster = Image.new("RGB", (width, sum(heights) + _GAP * (len(rows) + 1)), "white")
    top = _GAP
    for row, height in zip(rows, heights, strict=True):
        left = _GAP
        for picture in row:
            broad = round(picture.width / picture.height * height)
            if picture is row[-1]:
                broad = width - _GAP - left
            poster.paste(picture.resize((broad, height), Image.Resampling.LANCZOS), (left, top))
            left += broad + _GAP
        top += height + _GAP
    out = io.BytesIO()
    # To optimize it takes four times as long, and saves two bytes in a hundred.
    poster.save(out, "PNG")
    return out.getvalue()


def thumbnail(
    source: Path | bytes, box: tuple[int, int], quality: int = QUALITY
) -> Thumbnail | str:
    """Make one small picture, or say why there is none; see ``thumbnails``."""
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with Image.open(file, formats=_KINDS) as picture:
            banner = picture.width >= WIDE * picture.height
            small = _small(picture, (box[0] * 2, box[1]) if banner else box)
    except FileNotFoundError:
        return "the file is missing"
    except _BROKEN as error:
        return f"the file cannot be read: {error}"
    return Thumbnail(_jpeg(small, quality), small.width, small.height)


def _opened(path: Path | None, box: tuple[int, int]) -> Image.Image | None:
    if path is None:
        return None
    try:
        with Image.open(path, formats=_KINDS) as picture:
            return _small(picture, box)
    except _BROKEN:
        return None


def _small(picture: Image.Image, box: tuple[int, int]) -> Image.Image:
    # JPEG decodes at a half, a quarter or an eighth for a fraction of the work; twice the box
    # leaves enough for a clean last step.
    picture.draft("RGB", (box[0] * 2, box[1] * 2))
    plain = picture.convert("RGBA") if "A" in picture.getbands() else picture.convert("RGB")
    plain.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    if plain.mode == "RGBA":
        # A mat shows through a transparent picture; black would look like a fault of it.
        on_mat = Image.new("RGB", plain.size, _MAT)
        on_mat.paste(plain, mask=plain.getchannel("A"))
        return on_mat
    return plain


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=False)
    return out.getvalue()


def _kinds(asset: ManifestAsset, scripts: Mapping[str, str]) -> list[tuple[str, object]]:
    """Return what makes a rendition unlike others, the most telling first."""
    name = asset.rendition.name
    script = scripts.get(name.locale, "")
    ratio = round(asset.rendition.width / asset.rendition.height, 1)
    return [
        ("script and shape", (script, ratio)),
        ("shape", ratio),
        ("script", script),
        ("locale", name.locale),
        ("concept", name.concept),
    ]


def _with_banners_stacked(pictures: list[Image.Image]) -> list[Image.Image]:
    """Put banners above each other, because one alone would fill a row."""
    banners = [one for one in pictures if one.width >= WIDE * one.height]
    rest = [one for one in pictures if one.width < WIDE * one.height]
    every = max(1, len(rest) // max(1, -(-len(banners) // 4)))
    for number, start in enumerate(range(0, len(banners), 4)):
        rest.insert(min(len(rest), number * (every + 1)), _stack(banners[start : start + 4]))
    return rest


def _stack(banners: Sequence[Image.Image]) -> Image.Image:
    broad = max(one.width for one in banners)
    scaled = [one.resize((broad, round(one.height * broad / one.width))) for one in banners]
    stack = Image.new(
        "RGB", (broad, sum(one.height for one in scaled) + _GAP * (len(scaled) - 1)), "white"
    )
    top = 0
    for one in scaled:
        stack.paste(one, (0, top))
        top += one.height + _GAP
    return stack


def _rows(pictures: Sequence[Image.Image], room: int, height: int) -> list[list[Image.Image]]:
    """Break pictures into rows of nearly equal length, so that no row is left short."""
    ratios = [one.width / one.height for one in pictures]
    whole = sum(ratios)
    count = max(1, round(whole * height / room))
    rows: list[list[Image.Image]] = [[] for _ in range(count)]
    before = 0.0
    for picture, ratio in zip(pictures, ratios, strict=True):
        rows[int((before + ratio / 2) / whole * count)].append(picture)
        before += ratio
    return [row for row in rows if row]


def _height(row: Sequence[Image.Image], room: int) -> int:
    """Return how high a row is when it fills the width."""
    return round((room - _GAP * (len(row) - 1)) / sum(one.width / one.height for one in row))
