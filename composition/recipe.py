"""The fingerprint of all that goes into a rendition: the same recipe gives the same bytes."""

from functools import cache, lru_cache
from pathlib import Path

import uharfbuzz
from icu4py import icu_version
from PIL import features

from composition.fonts import Fonts
from composition.ingredients import DRAWN_WITH, Kitchen, digest, picture, written
from composition.order import Look, Order
from creative.copy_deck import Slot


def recipe(order: Order, look: Look) -> str:
    """Return the fingerprint of everything that decides an order's bytes and findings.

    That is the picture, the words that its placement has room for in any layout, the place, the
    locale, the look with the bytes of every font, this code and the libraries that draw. The
    order's name is not in it: a new version of the same asset has the same bytes. Neither is where
    the picture lies, only its sha256.

    Takes about a tenth of a millisecond once the fonts of its script have been hashed.
    """
    return Recipes(look).of(order)


class Recipes:
    """Tells the recipes of one brand's renditions.

    Args:
        look: How the brand appears.

    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._kitchen = Kitchen(look)

    def of(self, order: Order) -> str:
        """Return the fingerprint of everything that decides an order's bytes and findings."""
        return written(self.ingredients(order))

    def ingredients(self, order: Order) -> dict[str, str]:
        """Return everything that decides an order's bytes and findings, by name."""
        look, locale = self._look, order.locale
        own = tuple(sorted(look.font_files.items()))
        fonts = (look.heading_family, look.body_family, own, (locale.script, locale.font))
        return {
            **self._kitchen.ingredients(
                order.placement,
                locale,
                {slot: order.deck.text(slot) for slot in Slot},
                picture=picture(
                    order.key_visual_sha256,
                    order.focus,
                    order.source_type.value,
                    placeholder=order.placeholder,
                ),
                title=order.title,
                layout=order.layout,
            ),
            DRAWN_WITH: digest([_font_hashes(*fonts), _natives()]),
        }


@cache
def _natives() -> dict[str, str]:
    """Return the versions of what is built into the libraries that draw."""
    return {
        "libjpeg_turbo": features.version("libjpeg_turbo") or "",
        "zlib": features.version("zlib") or "",
        "harfbuzz": uharfbuzz.version_string(),
        "icu": icu_version,
    }


@lru_cache(maxsize=512)
def _font_hashes(
    heading: str, body: str, own: tuple[tuple[str, Path], ...], place: tuple[str, str]
) -> dict[str, str]:
    return Fonts(heading, body, dict(own)).sha256(*place)
