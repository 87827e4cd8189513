"""One file: a key visual, a copy deck and a placement."""

from collections.abc import Mapping
from typing import Literal

from creative.asset_name import AssetName
from creative.concept import SourceType
from creative.finding import Finding
from creative.value import Value


class Rendition(Value):
    """One finished picture for one placement, market and locale."""

    name: AssetName
    sha256: str
    """Of the file's bytes."""
    bytes: int
    width: int
    height: int
    format: Literal["jpg", "png"]
    key_visual: str
    """The sha256 of the picture in it."""
    deck: str
    """The sha256 of the words on it."""
    recipe: str
    """The fingerprint of all that went in: picture, words, placement, brand, fonts and code.
    The same recipe gives the same bytes."""
    ingredients: Mapping[str, str] = {}
    """The digest of each part of the recipe by its name, such as ``headline`` or ``logo``. Words
    that the placement has no place for are not in it. Empty in manifests from before they were
    kept."""
    source_type: SourceType
    findings: tuple[Finding, ...]
    layout: int = 0
    """Which of its placement's layouts it has; another than 0 was tried after a rejection."""
