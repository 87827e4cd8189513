"""The fonts that text is set in: the families we ship, the brand's own, and who stands in."""

import hashlib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

import uharfbuzz as hb

from composition.errors import FontRefused
from composition.typefaces import BRAND_SCRIPTS, LAST_RESORT, SHIPPED, family_key
from creative.market import Locale

FONT_BYTES = 40_000_000
"""The largest font file that is opened; the largest that we ship has 18 MB."""


class Role(StrEnum):
    """What a line of text is for, which decides its weight."""

    HEADLINE = "headline"
    BODY = "body"
    CTA = "cta"
    NOTICE = "notice"
    WORDMARK = "wordmark"


# wght, and opsz where a family has it: large text takes the display cut.
_AXES: Mapping[Role, Mapping[str, float]] = {
    Role.HEADLINE: {"wght": 800, "opsz": 32},
    Role.BODY: {"wght": 400, "opsz": 20},
    Role.CTA: {"wght": 680, "opsz": 20},
    Role.NOTICE: {"wght": 400, "opsz": 14},
    Role.WORDMARK: {"wght": 850, "opsz": 32},
}


class Cut:
    """One family at one weight. All its measures are in em."""

    def __init__(self, face: hb.Face, axes: Mapping[str, float]) -> None:
        self.font = hb.Font(face)
        if face.has_var_data:
            self.font.set_variations(dict(axes))
        self.upem: int = face.upem
        extents = self.font.get_font_extents("ltr")
        self.ascent: float = extents.ascender / self.upem
        self.descent: float = -extents.descender / self.upem
        cap = self.font.get_metric_position_with_fallback(hb.OTMetricsTag.CAP_HEIGHT)
        self.cap_height: float = cap / self.upem
        self._ink: dict[int, tuple[float, float, float, float] | None] = {}

    def covers(self, letter: str) -> bool:
        """Say whether this font has a glyph for a character."""
        return self.font.get_nominal_glyph(ord(letter)) is not None

    def ink(self, glyph: int) -> tuple[float, float, float, float] | None:
        """Return a glyph's left, bottom, right and top in em, or None where it is blank."""
        if glyph not in self._ink:
            box = self.font.get_glyph_extents(glyph)
            upem = self.upem
            self._ink[glyph] = (
                (
                    box.x_bearing / upem,
                    (box.y_bearing + box.height) / upem,
                    (box.x_bearing + box.width) / upem,
                    box.y_bearing / upem,
                )
                if box and box.width and box.height
                else None
            )
        return self._ink[glyph]


class Chain:
    """The fonts of one role in one locale, the preferred one first."""

    def __init__(self, fonts: "Fonts", families: tuple[str, ...], role: Role) -> None:
        self._fonts = fonts
        self._role = role
        self.families = families

    @property
    def first(self) -> Cut:
        """Return the font that sets all text it can."""
        return self._fonts.cut(self.families[0], self._role)

    def for_letter(self, letter: str) -> Cut | None:
        """Return the first font that has this character, or None where none has."""
        return next((cut for cut in self._cuts() if cut.covers(letter)), None)

    def _cuts(self) -> Iterator[Cut]:
        # Fonts behind the first are opened only when a character asks for them.
        return (self._fonts.cut(family, self._role) for family in self.families)


class Fonts:
    """All fonts of one brand, opened when first asked for."""

    def __init__(self, heading: str, body: str, own: Mapping[str, Path]) -> None:
        self._heading = family_key(heading)
        self._body = family_key(body)
        self._own = {family_key(family): path for family, path in own.items()}
        self._cuts: dict[tuple[str, Role], Cut] = {}
        self._chains: dict[tuple[str, str, Role], Chain] = {}
        for family in (self._heading, self._body):
            self.path(family)

    def chain(self, locale: Locale, role: Role) -> Chain:
        """Return the fonts of a role in a locale.

        Raises:
            FontRefused: The locale's family is not one that we ship.

        """
        key = (locale.script, family_key(locale.font), role)
        if key not in self._chains:
            self._chains[key] = Chain(self, self.families(locale.script, locale.font, role), role)
        return self._chains[key]

    def families(self, script: str, font: str, role: Role) -> tuple[str, ...]:
        """Return the families that may set a locale's script and font, in order."""
        brand = self._heading if role in {Role.HEADLINE, Role.CTA, Role.WORDMARK} else self._body
        own = family_key(font)
        # The wordmark is the brand's in every market.
        ours = script in BRAND_SCRIPTS or role is Role.WORDMARK
        first = (brand,) if ours else (own, brand)
        rest = (own, *LAST_RESORT, *(family for family in SHIPPED if family.startswith("NotoSans")))
        return tuple(dict.fromkeys((*first, *rest)))

    def cut(self, family: str, role: Role) -> Cut:
        """Return a family at a role's weight."""
        key = (family, role)
        if key not in self._cuts:
            self._cuts[key] = Cut(_face(self.path(family)), _AXES[role])
        return self._cuts[key]

    def path(self, family: str) -> Path:
        """Return the file of a family.

        Raises:
            FontRefused: It is neither shipped nor one of the brand's files.

        """
        if family in self._own:
            return self._own[family]
        if family not in SHIPPED:
            raise FontRefused(
                f"font family {family!r} is not shipped; name its file in the brand, "
                f"or take one of: {', '.join(SHIPPED)}"
            )
        package, name = SHIPPED[family]
        return Path(str(files(package))) / "fonts" / "ofl" / name

    def sha256(self, script: str, font: str) -> dict[str, str]:
        """Return the sha256 of every font file that may set text of a script and font."""
        names = {name for role in Role for name in self.families(script, font, role)}
        return {name: file_sha256(self.path(name)) for name in sorted(names)}


@cache
def file_sha256(path: Path) -> str:
    """Return the sha256 of a font file, read once in the life of a process."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=64)
def _face(path: Path) -> hb.Face:
    if not path.is_file() or path.stat().st_size > FONT_BYTES:
        raise FontRefused(
            f"{path}: no such font file, or over {FONT_BYTES:,} bytes; check the brand"
        )
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    # HarfBuzz opens anything and reports an empty font: text would vanish without an error.
    if face.glyph_count < 2 or not face.unicodes:
        raise FontRefused(f"{path}: this is not a font that HarfBuzz can read; give a TTF or OTF")
    return face
