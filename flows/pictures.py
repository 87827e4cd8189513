"""What those who draw will be asked for, each at a size and in as many words as its model takes."""

from collections.abc import Callable, Iterator

from composition.layout import SOFT, enlargement
from creative.brief import Quality
from creative.prompt import Prompt, image_prompt
from creative.value import Value, fingerprint
from flows.asking import route
from flows.materials import Materials
from flows.suppliers import Suppliers
from providers import deals, registry
from providers.deals import Deal, Hop
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.master import master_size

MASTER = 1920
"""Pixels that each edge of a key visual should have: the least from which a full HD story and a
full HD screen can both be cropped without enlarging, and no larger than what image models draw
well. What a model draws instead is ``master_size``'s to say."""
NAMED = 6
"""How many other models an error names."""


class Wanted(Value):
    """One picture that is wanted, whoever draws it."""

    index: int
    """Of its concept, counted from 0."""
    direction: str
    edge: int = MASTER
    quality: Quality = "medium"
    model: str | None = None
    """In place of each provider's default; a route may name others."""


def picture(
    materials: Materials, suppliers: Suppliers, index: int, direction: str
) -> tuple[Hop[ImageAnswer], ...]:
    """Return who may draw the picture of one concept, counted from 0."""
    routes = materials.loaded.brief.providers
    if routes.tier == "sketch" and routes.sketch:
        sketch = routes.sketch
        wanted = Wanted(index=index, direction=direction, edge=sketch.edge, quality=sketch.quality)
    else:
        wanted = Wanted(
            index=index, direction=direction, quality=routes.quality, model=routes.image_model
        )

    def deal(name: str, model: str) -> Deal[ImageAnswer]:
        return _deal(materials, suppliers, wanted, name, model)

    return route(routes.pictures, deal)


def words_of(hops: tuple[Hop[ImageAnswer], ...], provider: str, model: str) -> str:
    """Return the prompt that one provider of a route was asked with."""
    mine = (hop.deal() for hop in hops if hop.provider == provider)
    return next(str(deal.asked["prompt"]) for deal in mine if deal.model == model)


def _deal(
    materials: Materials, suppliers: Suppliers, wanted: Wanted, name: str, model: str
) -> Deal[ImageAnswer]:
    drawer = suppliers.drawer(name)
    able = drawer.capabilities(model or wanted.model or drawer.default_model)
    request = _request(materials, wanted, able)
    return deals.picture(
        drawer,
        request,
        notes=tuple(_notes(materials, wanted, able, f"{name}/{able.model}")),
        instead=lambda: _who_can(suppliers, lambda other: _request(materials, wanted, other)),
    )


def _prompt(materials: Materials, wanted: Wanted, able: ImageCapabilities) -> Prompt:
    brief, brand = materials.loaded.brief, materials.loaded.brand
    return image_prompt(brief, brand, wanted.direction, able.max_prompt)


def _request(materials: Materials, wanted: Wanted, able: ImageCapabilities) -> ImageRequest:
    brief, brand = materials.loaded.brief, materials.loaded.brand
    width, height = master_size(able, wanted.edge)
    return ImageRequest(
        prompt=_prompt(materials, wanted, able).text,
        width=width,
        height=height,
        quality=wanted.quality,
        model=able.model,
        seed=int(fingerprint([brief.name, wanted.index])[:8], 16),
        palette=brand.colours.palette,
        index=wanted.index,
    )


def _notes(
    materials: Materials, wanted: Wanted, able: ImageCapabilities, name: str
) -> Iterator[str]:
    left_out = _prompt(materials, wanted, able).left_out
    if left_out:
        yield (
            f"c{wanted.index + 1}: {name} reads {able.max_prompt} characters, so it is asked "
            f"without the brief's {', '.join(left_out)}"
        )
    if able.imports:
        # How large they are is seen when they come, and told of each rendition.
        return
    width, height = master_size(able, wanted.edge)
    soft = {
        one.id: much
        for one in materials.loaded.placements
        if max(one.width / width, one.height / height) >= SOFT
        and (much := enlargement(one, (width, height))) >= SOFT
    }
    if soft:
        worst = max(soft.values())
        yield (
            f"{name} draws {width}x{height}, which may be enlarged up to {worst:.1f} times and "
            f"look soft in {', '.join(soft)}; a larger model would not"
        )


def _who_can(
    suppliers: Suppliers, asked: Callable[[ImageCapabilities], ImageRequest]
) -> tuple[str, ...]:
    """Return the models that could draw what one could not, at sizes of their own."""
    pictures = (
        one for one in registry.models(suppliers.settings).model if one.operation == "image"
    )
    can = [
        f"{one.provider}/{one.model}"
        for one in pictures
        if not (one.imports or one.placeholder or one.capabilities.lack(asked(one.capabilities)))
    ]
    return tuple(can[:NAMED])
