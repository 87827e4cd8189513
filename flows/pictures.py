"""What those who draw will be asked for, each at a size and in as many words as its model takes."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from composition.layout import SOFT, enlargement
from creative.amendment import Rework
from creative.brief import Quality
from creative.concept import Concept
from creative.prompt import PRESENT, SKETCH, Prompt, image_prompt
from creative.reason import Reason
from creative.value import Value, fingerprint
from flows.asking import route
from flows.materials import Materials
from flows.suppliers import Suppliers
from providers import deals, registry
from providers.deals import Deal, Hop
from providers.errors import NotStored, Unsupported
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest, Reference
from providers.images.master import master_size
from providers.images.media_type import media_type

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
    sketching: bool = False
    """Whether it is a first look, which may go without the pictures of products."""
    after: Reference | None = None
    """The picture that it is to be drawn after: its sketch, or what was turned down."""
    reasons: tuple[Reason, ...] = ()
    """Why what is there was turned down; empty where it is drawn for the first time."""
    again: int = 0
    """How often it was turned down."""


def picture(
    materials: Materials, suppliers: Suppliers, index: int, direction: str
) -> tuple[Hop[ImageAnswer], ...]:
    """Return who may draw the picture of one concept, counted from 0, in the tier of this run."""
    routes = materials.loaded.brief.providers
    if routes.tier == "sketch":
        return sketch(materials, suppliers, index, direction)
    return key_visual(materials, suppliers, index, direction)


def sketch(
    materials: Materials, suppliers: Suppliers, index: int, direction: str
) -> tuple[Hop[ImageAnswer], ...]:
    """Return who may draw the first look of one concept; nobody where the brief has no sketches."""
    terms = materials.loaded.brief.providers.sketch
    if terms is None:
        return ()
    wanted = Wanted(
        index=index,
        direction=direction,
        edge=terms.edge,
        quality=terms.quality,
        sketching=True,
    )
    return route(terms.image, lambda *stop: _deal(materials, suppliers, wanted, *stop))


def key_visual(
    materials: Materials,
    suppliers: Suppliers,
    index: int,
    direction: str,
    after: Reference | None = None,
) -> tuple[Hop[ImageAnswer], ...]:
    """Return who may draw the final picture of one concept, after its sketch if there is one."""
    routes = materials.loaded.brief.providers
    wanted = Wanted(
        index=index,
        direction=direction,
        quality=routes.quality,
        model=routes.image_model,
        after=after,
    )
    return route(routes.image, lambda *stop: _deal(materials, suppliers, wanted, *stop))


def again(
    materials: Materials, suppliers: Suppliers, concept: Concept, content: bytes, rework: Rework
) -> tuple[Hop[ImageAnswer], ...]:
    """Return who may draw a concept's picture anew, after the one that was turned down.

    Args:
        materials: What it is made from.
        suppliers: Who can be asked.
        concept: As the rejected renditions show it.
        content: The bytes of its picture.
        rework: Why it is drawn again, and how often it was.

    """
    routes = materials.loaded.brief.providers
    wanted = Wanted(
        index=int(concept.id.removeprefix("c")) - 1,
        direction=concept.direction,
        quality=routes.quality,
        model=routes.image_model,
        after=reference(concept, content),
        reasons=rework.reasons,
        again=rework.round,
    )
    stops = routes.image
    if concept.stage == "sketch" and routes.sketch:
        terms = routes.sketch
        stops = terms.image
        as_sketch = {"edge": terms.edge, "quality": terms.quality, "model": None}
        wanted = wanted.model_copy(update={**as_sketch, "sketching": True})
    return route(stops, lambda *stop: _redraw(materials, suppliers, wanted, *stop))


def _redraw(
    materials: Materials, suppliers: Suppliers, wanted: Wanted, name: str, model: str
) -> Deal[ImageAnswer]:
    drawer = suppliers.drawer(name)
    able = drawer.capabilities(model or wanted.model or drawer.default_model)
    if able.imports:
        raise Unsupported(
            drawer.name, "brings pictures that exist already; give it another one for this concept"
        )
    return _deal(materials, suppliers, wanted, name, model)


def reference(sketch: Concept, content: bytes) -> Reference:
    """Return a sketch as something to draw after.

    Raises:
        NotStored: The bytes are no picture of a kind that vendors take.

    """
    kind = media_type(content)
    if kind is None:
        raise NotStored("blobs", f"{sketch.id}: {sketch.sha256} is no picture; restore a backup")
    return Reference(content=content, media_type=kind, sketch=(sketch.width, sketch.height))


def asked_of(hops: Iterable[Hop[ImageAnswer]], provider: str, model: str) -> Deal[ImageAnswer]:
    """Return what one provider of a route was asked."""
    deals_of = (hop.deal() for hop in hops if hop.provider == provider)
    return next(deal for deal in deals_of if deal.model == model)


def concept(
    deal: Deal[ImageAnswer],
    attempt: str,
    index: int,
    direction: str,
    answer: ImageAnswer,
    *,
    sketch: Reference | None = None,
    sketching: bool = False,
) -> Concept:
    """Return what was drawn for a concept, with the words and the sketch that it was drawn from.

    Args:
        deal: What was asked.
        attempt: The id of the attempt that bought it.
        index: Of the concept, counted from 0.
        direction: Its idea.
        answer: What came.
        sketch: The one that was chosen, where it is a key visual.
        sketching: Whether it is a sketch itself.

    """
    references = deal.asked["references"]
    followed = sketch and isinstance(references, list) and sketch.name in references
    return Concept(
        id=f"c{index + 1}",
        direction=direction,
        prompt=str(deal.asked["prompt"]),
        sha256=sha256(answer.content).hexdigest(),
        width=answer.width,
        height=answer.height,
        focus=answer.focus,
        provider=deal.provider,
        model=deal.model,
        attempt=attempt,
        source_type=answer.source_type,
        placeholder=answer.placeholder,
        stage="sketch" if sketching else "key_visual",
        sketch=sketch.sha256 if sketch else "",
        follows=sketch.sha256 if sketch and followed else "",
    )


def redrawn(deal: Deal[ImageAnswer], attempt: str, before: Concept, answer: ImageAnswer) -> Concept:
    """Return what was drawn in the place of a picture that was turned down."""
    index, sketching = int(before.id.removeprefix("c")) - 1, before.stage == "sketch"
    made = concept(deal, attempt, index, before.direction, answer, sketching=sketching)
    references = deal.asked["references"]
    followed = isinstance(references, list) and f"sketch {before.sha256}" in references
    follows = before.sha256 if followed else ""
    told = {"sketch": before.sketch, "follows": follows, "replaces": before.sha256}
    return made.model_copy(update=told)


def _deal(
    materials: Materials, suppliers: Suppliers, wanted: Wanted, name: str, model: str
) -> Deal[ImageAnswer]:
    drawer = suppliers.drawer(name)
    able = drawer.capabilities(model or wanted.model or drawer.default_model)
    return deals.picture(
        drawer,
        _request(materials, wanted, able),
        notes=tuple(_notes(materials, wanted, able, f"{name}/{able.model}")),
        instead=lambda: _who_can(suppliers, lambda other: _request(materials, wanted, other)),
    )


def _prompt(materials: Materials, wanted: Wanted, able: ImageCapabilities) -> Prompt:
    brief, brand = materials.loaded.brief, materials.loaded.brand
    attached = [what for what, _ in _attached(materials, wanted, able)]
    return image_prompt(brief, brand, wanted.direction, able.max_prompt, attached, wanted.reasons)


def _attached(
    materials: Materials, wanted: Wanted, able: ImageCapabilities
) -> tuple[tuple[str, Reference], ...]:
    """Return the pictures that go along, each with what the prompt calls it.

    A final picture must show the brief's products as they are, and is refused by a model that
    cannot. The sketch goes along where there is room for it besides.
    """
    if able.imports or able.placeholder:
        return ()
    shots = tuple((one.name, one.picture) for one in materials.shots)
    if wanted.sketching and len(shots) > able.max_references:
        return ()
    if wanted.after and _redraws(wanted.after, wanted, able, len(shots)):
        return ((PRESENT if wanted.again else SKETCH, wanted.after), *shots)
    return shots


def _redraws(one: Reference, wanted: Wanted, able: ImageCapabilities, shots: int) -> bool:
    if able.redraws == "same size":
        return one.sketch == master_size(able, wanted.edge)
    if able.redraws == "never":
        return False
    return bool(able.redraws) or shots < able.max_references


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
        references=tuple(one for _, one in _attached(materials, wanted, able)),
        again=wanted.again,
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
    yield from _unfollowed(materials, wanted, able, name)
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


def _unfollowed(
    materials: Materials, wanted: Wanted, able: ImageCapabilities, name: str
) -> Iterator[str]:
    attached = [what for what, _ in _attached(materials, wanted, able)]
    if wanted.again and PRESENT not in attached:
        yield f"{name} cannot follow the picture that was turned down; it draws from words"
    elif wanted.after and SKETCH not in attached:
        yield (
            f"{name} cannot follow the sketch that was chosen; it draws from the same words, and "
            "the picture may look otherwise"
        )
    shown = [one.name for one in materials.shots if one.name in attached]
    if shown and able.about_references:
        yield f"{name} draws after the picture of {', '.join(shown)}: {able.about_references}"
    left_out = [one.name for one in materials.shots if one.name not in attached]
    if left_out and not able.imports:
        yield f"{name} draws without the picture of {', '.join(left_out)}"


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
