"""The pictures of products that a brief brings, to be drawn into its scenes as they are."""

from collections.abc import Iterable
from dataclasses import dataclass

from creative.brief_file import LoadedBrief
from creative.problem import Problem
from providers.images.base import Reference
from providers.images.media_type import media_type

MOST_BYTES = 7_000_000
"""Of one picture: the least that a vendor takes, once it is written as base64."""


@dataclass(frozen=True)
class ProductShot:
    """One product, and the picture that shows it."""

    name: str
    picture: Reference


def read_shots(loaded: LoadedBrief) -> tuple[tuple[ProductShot, ...], tuple[Problem, ...]]:
    """Return the pictures of a brief's products, and what is wrong with them."""
    read = tuple(_read(loaded))
    shots = tuple(one for one in read if isinstance(one, ProductShot))
    return shots, tuple(one for one in read if isinstance(one, Problem))


def _read(loaded: LoadedBrief) -> Iterable[ProductShot | Problem]:
    for index, product in enumerate(loaded.brief.products):
        if product.image is None:
            continue
        place = ("products", index, "image")
        path = loaded.path.parent / product.image
        try:
            if path.stat().st_size > MOST_BYTES:
                message = f"it is larger than {MOST_BYTES:,} bytes"
                yield loaded.document.problem(place, message, "Export it smaller")
                continue
            content = path.read_bytes()
        except OSError as error:
            message = f"it cannot be read ({error.strerror})"
            yield loaded.document.problem(place, message, "Put the picture there again")
            continue
        # Its first bytes decide: to decode it here would take longer than the rest of a quote.
        kind = media_type(content)
        if kind is None:
            message = f"{product.image!r:.80} is no PNG, JPEG or WebP"
            yield loaded.document.problem(place, message, "Save it as a PNG")
        else:
            yield ProductShot(product.name, Reference(content=content, media_type=kind))
