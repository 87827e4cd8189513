"""Where an ad appears, and what that place demands of a file."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from creative.plain_toml import toml_values
from creative.value import Value


class Box(Value):
    """A rectangle in pixels, its right and bottom edges outside of it."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Return its width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Return its height in pixels."""
        return self.bottom - self.top


class Insets(Value):
    """How much of each edge is not ours, in pixels."""

    top: int = Field(default=0, ge=0)
    right: int = Field(default=0, ge=0)
    bottom: int = Field(default=0, ge=0)
    left: int = Field(default=0, ge=0)


class Placement(Value):
    """One place that an ad appears in."""

    id: str
    name: str
    platform: str
    """Who sells it: Meta, LinkedIn, Google, IAB …"""
    channel: Literal["social", "display", "dooh"]
    """The part of the media plan that pays for it."""
    width: int = Field(gt=0)
    """In pixels; a rendition has exactly this width."""
    height: int = Field(gt=0)
    ratio: str
    """As the platform writes it: ``1.91:1``. True to the pixels within ``ratio_tolerance``."""
    ratio_tolerance: float = Field(ge=0, le=0.05)
    """The share by which the platform lets the ratio differ; 0 where the size is exact."""
    formats: tuple[Literal["jpg", "png"], ...] = Field(min_length=1)
    max_bytes: int = Field(gt=0)
    """The cap on the file. Sources write KB without saying which: 1 KB is 1,000 bytes here,
    the smaller reading."""
    unsafe: Insets = Insets.model_construct()
    """The edges that the platform draws over; text and logo keep out of them."""
    limits: Mapping[Literal["headline", "body"], int] = {}
    """The longest text beside the picture, in display width: an East Asian wide letter is 2."""
    source: str
    checked: str
    """The day on which the source was read."""

    @property
    def safe_box(self) -> Box:
        """Return the part of the frame where text and logo may stand."""
        edge = self.unsafe
        return Box(
            left=edge.left,
            top=edge.top,
            right=self.width - edge.right,
            bottom=self.height - edge.bottom,
        )


class PlacementTable(Value):
    """The shipped table of placements with its provenance."""

    version: int
    checked: str
    groups: Mapping[str, tuple[str, ...]]
    placements: Mapping[str, Placement]


@cache
def placement_table() -> PlacementTable:
    """Read the shipped table; its groups are the channels, the platforms and ``all``."""
    text = (files("creative") / "data" / "placements.toml").read_text(encoding="utf-8")
    about = toml_values(text)
    checked = about["checked"]
    placements = {row["id"]: Placement(**{"checked": checked, **row}) for row in about["placement"]}
    groups: dict[str, list[str]] = {"all": list(placements)}
    for one in placements.values():
        groups.setdefault(one.channel, []).append(one.id)
    groups.update(about.get("groups", {}))
    return PlacementTable(
        version=about["version"],
        checked=checked,
        groups={name: tuple(ids) for name, ids in groups.items()},
        placements=placements,
    )
