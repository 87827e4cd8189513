"""What providers will be asked for, worked out once for the quote and for the run alike."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from creative.brief import Route
from creative.copy_deck import Slot
from creative.market import Locale
from creative.prompt import image_prompt
from creative.value import fingerprint
from flows.materials import Materials
from flows.suppliers import Suppliers
from providers import deals
from providers.deals import Deal, Hop
from providers.images.base import ImageAnswer, ImageRequest
from providers.translation.base import Reader, TranslateAnswer, TranslateRequest
from providers.writing.base import TextAnswer
from providers.writing.directions import directions_request

A = TypeVar("A")

MASTER = 1920
"""Pixels of each edge of a key visual: the least from which a full HD story and a full HD screen
can both be cropped without enlarging, and no larger than what image models draw well."""
WIDEST = {Slot.HEADLINE: 60, Slot.BODY: 140, Slot.CTA: 24}
"""The display width that a translator is asked to keep to, so that small placements can be set."""


def directions(materials: Materials, suppliers: Suppliers) -> tuple[Hop[TextAnswer], ...]:
    """Return who may write the directions that the brief leaves open; nobody if there are none."""
    brief = materials.loaded.brief
    count = brief.concepts.count - len(brief.concepts.directions)

    def deal(name: str, model: str) -> Deal[TextAnswer]:
        writer = suppliers.writer(name)
        chosen = model or brief.providers.text_model or writer.default_model
        return deals.text(writer, directions_request(brief, materials.loaded.brand, count, chosen))

    return _route(brief.providers.writing, deal) if count else ()


def prompt(materials: Materials, direction: str) -> str:
    """Return what is drawn in a direction."""
    return image_prompt(materials.loaded.brief, materials.loaded.brand, direction)


def picture(
    materials: Materials, suppliers: Suppliers, index: int, direction: str
) -> tuple[Hop[ImageAnswer], ...]:
    """Return who may draw the picture of one concept, counted from 0."""
    brief, brand = materials.loaded.brief, materials.loaded.brand
    routes = brief.providers
    sketch = routes.sketch if routes.tier == "sketch" else None
    edge = sketch.edge if sketch else MASTER

    def deal(name: str, model: str) -> Deal[ImageAnswer]:
        drawer = suppliers.drawer(name)
        given = model or (None if sketch else routes.image_model)
        request = ImageRequest(
            prompt=prompt(materials, direction),
            width=edge,
            height=edge,
            quality=sketch.quality if sketch else routes.quality,
            model=given or drawer.default_model,
            seed=int(fingerprint([brief.name, index])[:8], 16),
            palette=brand.colours.palette,
            index=index,
        )
        return deals.picture(drawer, request)

    return _route(routes.pictures, deal)


def translation(
    materials: Materials, suppliers: Suppliers, locale: Locale, texts: Mapping[Slot, str]
) -> tuple[Hop[TranslateAnswer], ...]:
    """Return who may translate the lines of one locale that no memory has approved."""
    brief, brand = materials.loaded.brief, materials.loaded.brand
    routes = brief.providers
    remembered = {
        slot.value: line.text
        for slot, text in texts.items()
        if (line := materials.memory.unreviewed(locale, slot, text))
    }

    def deal(name: str, model: str) -> Deal[TranslateAnswer]:
        translator = suppliers.translator(name)
        given = model or (None if locale.market in routes.markets else routes.text_model)
        request = TranslateRequest(
            model=given or translator.default_model,
            source_locale=brief.messaging.source_locale,
            target=Reader(
                tag=locale.tag,
                language=locale.language,
                script=locale.script,
                direction=locale.direction,
                address=locale.address,
            ),
            segments={slot.value: text for slot, text in texts.items()},
            suggestions=remembered,
            tone=brand.tone,
            context=f"{brief.audience.who}. {brief.audience.insight}".strip(),
            max_width={slot.value: WIDEST[slot] for slot in texts},
            keep=materials.terms.untranslated,
        )
        return deals.translation(translator, request)

    return _route(routes.translators(locale.market), deal)


def _route(route: Route, deal: Callable[[str, str], Deal[A]]) -> tuple[Hop[A], ...]:
    return tuple(_hop(stop, deal) for stop in route)


def _hop(stop: str, deal: Callable[[str, str], Deal[A]]) -> Hop[A]:
    name, _, model = stop.partition("/")
    return Hop(name, lambda: deal(name, model))
