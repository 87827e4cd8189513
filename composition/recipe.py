"""The fingerprint of all that goes into a rendition: the same recipe gives the same bytes."""

import hashlib
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import uharfbuzz
from icu4py import icu_version
from PIL import features

from composition.fonts import Fonts
from composition.order import Look, Order
from creative.value import fingerprint


def recipe(order: Order, look: Look) -> str:
    """Return the fingerprint of everything that decides an order's bytes and findings.

    That is the picture, the words, the place, the locale, the look with the bytes of every font,
    this code and the libraries that draw. The order's name is not in it: a new version of the same
    asset has the same bytes. Neither is where the picture lies, only its sha256.

    Takes about a tenth of a millisecond once the fonts of its script have been hashed.
    """
    place = order.placement
    return fingerprint(
        {
            "picture": [order.key_visual_sha256, list(order.focus), order.source_type.value],
            "placeholder": order.placeholder,
            "title": order.title,
            "words": order.deck.sha256,
            "locale": order.locale.model_dump(include={"tag", "script", "direction", "font"}),
            "fonts": _font_hashes(look, order),
            "place": {
                "id": place.id,
                "size": [place.width, place.height],
                "formats": list(place.formats),
                "bytes": place.max_bytes,
                "unsafe": place.unsafe.model_dump(),
            },
            "look": look_fingerprint(look),
            "layout": order.layout,
            "made_by": made_by(),
        }
    )


def look_fingerprint(look: Look) -> str:
    """Return the fingerprint of a look, its font files apart."""
    return fingerprint(
        {
            "colours": look.colours.model_dump(),
            "families": [look.heading_family, look.body_family],
            "name": look.brand_name,
            "logo": hashlib.sha256(look.logo or b"").hexdigest(),
            "logo_terms": [look.logo_clear_space, look.logo_min_width],
        }
    )


@cache
def made_by() -> tuple[tuple[str, str], ...]:
    """Return the fingerprint of this code, and the versions of what draws for it."""
    code = hashlib.sha256()
    # The code itself, and not a number beside it that someone must remember to raise.
    for file in sorted(files("composition").iterdir(), key=lambda one: one.name):
        if file.name.endswith(".py"):
            code.update(file.name.encode() + b"\0" + file.read_bytes())
    libraries = {
        "composition": code.hexdigest(),
        "pillow": version("pillow"),
        "libjpeg_turbo": features.version("libjpeg_turbo") or "",
        "zlib": features.version("zlib") or "",
        "harfbuzz": uharfbuzz.version_string(),
        "icu": icu_version,
        "budoux": version("budoux"),
    }
    return tuple(sorted(libraries.items()))


def _font_hashes(look: Look, order: Order) -> dict[str, str]:
    own = tuple(sorted(look.font_files.items()))
    return _hashes(
        look.heading_family, look.body_family, own, (order.locale.script, order.locale.font)
    )


@lru_cache(maxsize=512)
def _hashes(
    heading: str, body: str, own: tuple[tuple[str, Path], ...], place: tuple[str, str]
) -> dict[str, str]:
    return Fonts(heading, body, dict(own)).sha256(*place)
