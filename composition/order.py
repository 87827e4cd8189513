"""What is asked of composition, and what it gives back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field

from creative.asset_name import AssetName
from creative.brand import Colours
from creative.concept import SourceType
from creative.copy_deck import CopyDeck
from creative.finding import Finding
from creative.market import Locale
from creative.placement import Placement
from creative.value import Value


class Look(Value):
    """How the brand appears: the part of it that composition needs, with its files."""

    # The logo crosses a pipe as JSON, where bytes have no form of their own.
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    colours: Colours
    heading_family: str = "Inter"
    body_family: str = "Noto Sans"
    brand_name: str = Field(min_length=1)
    """Set in type where there is no logo."""
    logo: bytes | None = None
    """A PNG with transparency."""
    logo_clear_space: float = Field(default=0.25, ge=0, le=1)
    """Empty space on every side, as a share of the logo's height."""
    logo_min_width: int = Field(default=48, ge=8)
    """The smallest width in pixels at which the logo may be shown."""
    font_files: Mapping[str, Path] = {}
    """The brand's own font files by family; any other family must be one that we ship."""


class Order(Value):
    """One rendition to be made."""

    name: AssetName
    placement: Placement
    locale: Locale
    deck: CopyDeck
    key_visual: Path
    """The picture's file, whose bytes have the sha256 below."""
    key_visual_sha256: str
    focus: tuple[float, float] = (0.5, 0.5)
    """The point that a crop must keep, as shares of width and height from the top left."""
    source_type: SourceType
    """How the key visual came to be."""
    placeholder: bool = False
    """True when the picture is studio art that nobody should ship."""
    title: str = ""
    """What the file's metadata calls it."""
    layout: int = Field(default=0, ge=0)
    """Which of the layouts that its placement has: 0 is the best one, and each number after it
    another one, with the picture cut more closely."""


class Composed(Value):
    """One finished rendition: a file, and what the checks say about it."""

    name: AssetName
    content_path: Path
    """Where the bytes lie: in the folder that was named, called by their sha256."""
    sha256: str
    width: int
    height: int
    format: Literal["jpg", "png"]
    bytes: int
    source_type: SourceType
    """How the rendition came to be, as its metadata says."""
    findings: tuple[Finding, ...]
    recipe: str
