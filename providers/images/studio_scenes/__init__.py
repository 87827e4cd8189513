"""The scenes the studio can paint. Each takes a stage, and returns the point a crop must keep."""

from collections.abc import Callable
from typing import TypeAlias

from providers.images.studio_scenes.arches import arches
from providers.images.studio_scenes.balloons import balloons
from providers.images.studio_scenes.bloom import bloom
from providers.images.studio_scenes.card import card
from providers.images.studio_scenes.city import city
from providers.images.studio_scenes.geometry import Point
from providers.images.studio_scenes.hills import hills
from providers.images.studio_scenes.leaves import leaves
from providers.images.studio_scenes.orbs import orbs
from providers.images.studio_scenes.quarters import quarters
from providers.images.studio_scenes.ribbons import ribbons
from providers.images.studio_scenes.sea import sea
from providers.images.studio_scenes.stage import Stage

Scene: TypeAlias = Callable[[Stage], Point]

SCENES: tuple[Scene, ...] = (
    card,
    hills,
    quarters,
    sea,
    city,
    leaves,
    orbs,
    arches,
    bloom,
    ribbons,
    balloons,
)
"""In the order in which the concepts of a campaign get them."""
