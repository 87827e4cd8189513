"""Files under a cap."""

import hashlib
import io

import pytest
from PIL import Image

from composition.encode import (
    QUALITIES,
    encode,
    encode_png,
    flat,
    jpeg,
    png,
    quantization,
    start_quality,
)
from composition.provenance import Provenance, composed_of, packet, read
from creative.concept import SourceType

XMP = packet(Provenance("Spring & <sale> – ربيع", SourceType.COMPOSITE, "Kampanj"))  # noqa: RUF001


@pytest.fixture(scope="module")
def image() -> Image.Image:
    """A noisy picture, whose file grows with every step of quality."""
    noise = Image.frombytes("RGB", (120, 100), hashlib.shake_256(b"noise").digest(36_000))
    return noise.resize((600, 500), Image.Resampling.BICUBIC)


def test_a_file_fills_its_cap_and_never_passes_it(image: Image.Image) -> None:
    """One byte over and the seller refuses it; far under and the picture is worse than need be."""
    exact = jpeg(image, QUALITIES[10], XMP, tight=True)
    at_cap = encode(image, len(exact), XMP, start=QUALITIES[0])
    assert at_cap.content == exact
    assert at_cap.fits
    below = encode(image, len(exact) - 1, XMP, start=QUALITIES[0])
    assert below.quality == QUALITIES[11]
    assert len(below.content) < len(exact)


def test_the_metadata_counts(image: Image.Image) -> None:
    """A cap that was met before the packet went in is not met."""
    bare = len(jpeg(image, QUALITIES[8], b"", tight=True))
    assert encode(image, bare, XMP, start=QUALITIES[0]).quality < QUALITIES[8]


@pytest.mark.parametrize("start", QUALITIES[::6])
def test_the_search_ends_at_the_same_bytes_wherever_it_begins(
    image: Image.Image, start: int
) -> None:
    """An approval binds to bytes, so they may not depend on which locale came first."""
    cap = len(jpeg(image, QUALITIES[14], XMP, tight=True)) + 7
    assert encode(image, cap, XMP, start=start).quality == QUALITIES[14]


def test_a_search_begins_near_its_end(image: Image.Image) -> None:
    """Every encode that is not needed is paid for in hundreds of renditions."""
    cap = len(jpeg(image, QUALITIES[20], XMP, tight=True))
    start = start_quality(image, cap, len(XMP))
    assert abs(QUALITIES.index(start) - 20) <= 1


def test_a_cap_that_cannot_be_met_is_said(image: Image.Image) -> None:
    """The smallest file there is is still shown, and blocked by its finding."""
    hopeless = encode(image, 500, XMP, start=QUALITIES[-1])
    assert not hopeless.fits
    assert hopeless.quality == QUALITIES[-1]
    assert not encode_png(image, 500, XMP).fits


def test_a_tight_file_is_smaller_and_shows_the_same(image: Image.Image) -> None:
    """Where the cap binds, its bytes are spent on quality."""
    loose, tight = jpeg(image, 60, XMP), jpeg(image, 60, XMP, tight=True)
    assert len(tight) < len(loose)
    first, second = (Image.open(io.BytesIO(content)).tobytes() for content in (loose, tight))
    assert first == second


def test_the_quantization_table_reaches_the_file(image: Image.Image) -> None:
    """A table in the wrong order costs quality without an error."""
    written = Image.open(io.BytesIO(jpeg(image, 50, XMP)))
    tables = written.quantization  # type: ignore[attr-defined]
    assert list(tables[0]) == quantization(50)
    assert list(tables[0])[:4] == [16, 16, 16, 18]
    assert all(1 <= entry <= 255 for quality in QUALITIES for entry in quantization(quality))


def test_small_files_keep_their_colours_sharp(image: Image.Image) -> None:
    """Red type on green with halved colour has a dirty edge."""
    from PIL import JpegImagePlugin

    small = Image.open(io.BytesIO(jpeg(image.resize((300, 250)), 90, XMP)))
    large = Image.open(io.BytesIO(jpeg(image.resize((1080, 1080)), 90, XMP)))
    assert JpegImagePlugin.get_sampling(small) == 0
    assert JpegImagePlugin.get_sampling(large) == 2


def test_a_png_loses_nothing(image: Image.Image) -> None:
    """A flat brand colour must stay that colour."""
    again = Image.open(io.BytesIO(png(image, XMP)))
    assert again.tobytes() == image.tobytes()


def test_flat_pictures_are_told_from_photographs(image: Image.Image) -> None:
    """A photograph as a PNG is ten times the bytes."""
    assert flat(Image.new("RGB", (300, 250), "#0B5D3B"))
    assert not flat(image)


def test_provenance_is_read_back_from_both_formats(image: Image.Image) -> None:
    """The AI Act asks for a mark that machines can read; one that is lost is none."""
    for content in (jpeg(image, 80, XMP), png(image, XMP)):
        found = read(content)
        assert found.title == "Spring & <sale> – ربيع"  # noqa: RUF001
        assert found.source_type is SourceType.COMPOSITE
        assert found.tool == "Kampanj"


def test_a_title_cannot_break_out_of_the_packet() -> None:
    """A brief's title comes from outside, and must not write metadata of its own."""
    title = '</rdf:li>" Iptc4xmpExt:DigitalSourceType="x\x00\ufffe]]>'
    found = read(
        jpeg(Image.new("RGB", (8, 8)), 80, packet(Provenance(title, SourceType.TRAINED, 'a"')))
    )
    assert found.title.startswith('</rdf:li>" Iptc4xmpExt')
    assert found.source_type is SourceType.TRAINED
    assert found.tool == 'a"'


def test_a_file_saved_again_has_lost_its_provenance(image: Image.Image) -> None:
    """Verification must see that somebody opened and saved a delivered file."""
    file = io.BytesIO()
    Image.open(io.BytesIO(jpeg(image, 80, XMP))).convert("RGB").save(file, "PNG")
    with pytest.raises(ValueError, match="no XMP"):
        read(file.getvalue())
    with pytest.raises(ValueError, match="not a picture"):
        read(b"nothing")


@pytest.mark.parametrize("bomb", [b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', b"<x>", b"<a/>"])
def test_a_hostile_packet_is_refused(bomb: bytes) -> None:
    """An entity bomb in a picture must not take down whoever reads it back."""
    with pytest.raises(ValueError, match="packet"):
        read(jpeg(Image.new("RGB", (8, 8)), 80, bomb))


def test_a_composite_of_a_generated_picture_says_so() -> None:
    """Words on a generated picture do not make it a photograph."""
    assert composed_of(SourceType.TRAINED) is SourceType.COMPOSITE
    assert composed_of(SourceType.COMPOSITE) is SourceType.COMPOSITE
    assert composed_of(SourceType.ALGORITHMIC) is SourceType.DIGITAL_CREATION
