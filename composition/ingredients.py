"""What goes into a rendition, by name: each of it as a digest that any process can work out.

Two renditions differ by the ingredients whose digests differ, and so a changed brief is told from
what was made of it before, without a font or a picture being opened.
"""

import hashlib
from collections.abc import Mapping
from functools import cache, cached_property, lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import TypeAlias

from composition.colour import palette
from composition.layout import frames
from composition.order import Look
from creative.copy_deck import Slot
from creative.market import Locale
from creative.placement import Placement
from creative.value import fingerprint

Ingredients: TypeAlias = Mapping[str, str]
"""The digest of each, by its name."""
DRAWN_WITH = "drawn with"
"""The one that only a process with the fonts and libraries at hand can work out: the bytes of every
font of a locale's script, and what is built into what draws. It follows from the fonts, the locale
and the program, as far as they are told by their versions."""
DIGITS = 32
"""Of a digest: 128 bits, twice what keeps a billion billion different things apart by chance."""
_LIBRARIES = (
    *("pillow", "uharfbuzz", "icu4py", "budoux"),
    *("justmytype-western-core", "justmytype-intl-rtl", "justmytype-intl-sea"),
    *("justmytype-intl-south-asia", "justmytype-intl-cjk"),
)
"""What draws for us, and what the fonts come with."""


def digest(value: object) -> str:
    """Return the digest of an ingredient.

    Raises:
        TypeError: It is not made of JSON types.

    """
    return fingerprint(value)[:DIGITS]


def shown(placement: Placement, direction: str) -> frozenset[Slot]:
    """Return the places for words that a placement has in any of its layouts.

    What it has no place for is left out of it, whatever it says.

    Args:
        placement: Where it appears.
        direction: In which its readers read.

    """
    shapes = frames(placement, direction)
    places = {Slot.HEADLINE, Slot.CTA}
    if any(one.body for one in shapes):
        places.add(Slot.BODY)
    if any(one.notice for one in shapes):
        places.add(Slot.NOTICE)
    return frozenset(places)


class Kitchen:
    """Names the ingredients of one brand's renditions.

    Args:
        look: How the brand appears.

    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._places: dict[tuple[object, ...], tuple[str, frozenset[Slot]]] = {}
        self._texts: dict[str, str] = {}

    def ingredients(
        self,
        placement: Placement,
        locale: Locale,
        texts: Mapping[Slot, str],
        *,
        picture: str,
        title: str,
        layout: int,
    ) -> dict[str, str]:
        """Return what goes into one rendition, save what draws it; see ``recipe``.

        Args:
            placement: Where it appears.
            locale: Who reads it.
            texts: The words in that locale. Those that the placement has no place for are only
                known to be there.
            picture: The digest of its key visual, from ``picture``.
            title: What the file's metadata calls it.
            layout: Which of the placement's layouts it has.

        """
        place, places = self._place(placement, locale.direction)
        said = {slot: text.strip() for slot, text in texts.items() if text.strip()}
        unshown = sorted(slot.value for slot in said if slot not in places)
        return {
            **{slot.value: self._text(text) for slot, text in said.items() if slot in places},
            "unshown": digest(unshown),
            "picture": picture,
            "logo": self._logo,
            "colours": self._colours,
            "fonts": self._fonts,
            "title": self._text(title),
            "locale": _locale(locale.tag, locale.script, locale.direction, locale.font),
            "placement": place,
            "layout": self._text(str(layout)),
            "program": program(),
        }

    def _text(self, text: str) -> str:
        if text not in self._texts:
            self._texts[text] = digest(text)
        return self._texts[text]

    def _place(self, place: Placement, direction: str) -> tuple[str, frozenset[Slot]]:
        size = (place.width, place.height, place.max_bytes, place.formats)
        key = (place.id, size, place.unsafe, direction)
        if key not in self._places:
            said = [place.id, size, place.unsafe.model_dump()]
            self._places[key] = digest(said), shown(place, direction)
        return self._places[key]

    @cached_property
    def _logo(self) -> str:
        look = self._look
        if not look.logo:
            # The name stands for it, kept as clear.
            return digest([look.brand_name, look.logo_clear_space])
        sha256 = hashlib.sha256(look.logo).hexdigest()
        return digest([sha256, look.logo_clear_space, look.logo_min_width])

    @cached_property
    def _colours(self) -> str:
        # As they are worn: a colour that no part wears changes nothing.
        worn = palette(self._look.colours)
        return digest([worn.ground, worn.ink, worn.pill, worn.pill_ink, worn.plate])

    @cached_property
    def _fonts(self) -> str:
        look = self._look
        own = {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in look.font_files.items()
        }
        return digest([look.heading_family, look.body_family, own])


def written(ingredients: Ingredients) -> str:
    """Return the recipe that these ingredients make, once what draws them is among them."""
    return fingerprint(dict(ingredients))


@lru_cache(maxsize=256)
def picture(sha256: str, focus: tuple[float, float], source_type: str, *, placeholder: bool) -> str:
    """Return the digest of a key visual, with all of it that is seen or written into the file."""
    return digest([sha256, list(focus), source_type, placeholder])


@cache
def _locale(tag: str, script: str, direction: str, font: str) -> str:
    return digest([tag, script, direction, font])


@cache
def program() -> str:
    """Return the digest of this code, and of the versions of what draws for it."""
    code = hashlib.sha256()
    # The code itself, and not a number beside it that someone must remember to raise.
    for file in sorted(files("composition").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".py"):
            code.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest([code.hexdigest(), {name: version(name) for name in _LIBRARIES}])
