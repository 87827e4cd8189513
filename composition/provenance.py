"""Where a file came from, written into the file: an XMP packet, and reading it back."""

import io
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from defusedxml import ElementTree
from PIL import Image

from creative.concept import SourceType

TOOL = "Kampanj"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a file says of itself."""

    title: str
    source_type: SourceType
    tool: str


def composed_of(key_visual: SourceType) -> SourceType:
    """Return how a rendition came to be, from how the picture in it did.

    Source: https://cv.iptc.org/newscodes/digitalsourcetype/
    """
    if key_visual in {SourceType.TRAINED, SourceType.COMPOSITE}:
        return SourceType.COMPOSITE
    return SourceType.DIGITAL_CREATION


def packet(provenance: Provenance) -> bytes:
    """Return the XMP packet of a file. It holds no date, so that bytes repeat."""
    title = escape(_printable(provenance.title))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        f'<rdf:RDF xmlns:rdf="{_RDF}"><rdf:Description rdf:about="" xmlns:dc="{_DC}" '
        f'xmlns:xmp="{_XMP}" xmlns:Iptc4xmpExt="{_IPTC}" '
        f"xmp:CreatorTool={quoteattr(_printable(provenance.tool))} "
        f'Iptc4xmpExt:DigitalSourceType="{provenance.source_type.uri}">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
        '<?xpacket end="r"?>'
    ).encode()


def read(content: bytes) -> Provenance:
    """Read a JPEG's or PNG's packet back.

    Raises:
        ValueError: The file is not a picture, has no packet, or its packet says too little.

    """
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            raw = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp")
    except OSError as error:
        raise ValueError(f"not a picture: {error}") from error
    if not raw:
        raise ValueError("the file has no XMP packet: it was saved again after it was composed")
    try:
        tree = ElementTree.fromstring(raw, forbid_dtd=True)
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(f"the XMP packet cannot be read: {error}") from error
    about = tree.find(f".//{{{_RDF}}}Description")
    if about is None:
        raise ValueError("the XMP packet describes nothing")
    name = about.get(f"{{{_IPTC}}}DigitalSourceType", "").rpartition("/")[2]
    return Provenance(
        title=about.findtext(f"{{{_DC}}}title/{{{_RDF}}}Alt/{{{_RDF}}}li") or "",
        source_type=SourceType(name),
        tool=about.get(f"{{{_XMP}}}CreatorTool", ""),
    )


def _printable(text: str) -> str:
    # XML 1.0 has no form for control characters, and would lose the whole packet to one.
    return "".join(letter for letter in text if letter.isprintable())
