"""What providers will be asked for, worked out once for the quote and for the run alike."""

from collections.abc import Mapping

from creative.copy_deck import Slot
from creative.market import Locale
from creative.prompt import image_prompt
from creative.value import fingerprint
from flows.materials import Materials
from providers.images.base import ImageProvider, ImageRequest
from providers.translation.base import Reader, TranslateRequest, Translator
from providers.writing.base import TextProvider, TextRequest
from providers.writing.directions import directions_request

MASTER = (1920, 1920)
"""Pixels of a key visual: the least from which a full HD story and a full HD screen can both be
cropped without enlarging, and no larger than what image models draw well."""
WIDEST = {Slot.HEADLINE: 60, Slot.BODY: 140, Slot.CTA: 24}
"""The display width that a translator is asked to keep to, so that small placements can be set."""


def directions(materials: Materials, writer: TextProvider) -> TextRequest | None:
    """Return the request for the directions that the brief leaves open, or None."""
    brief = materials.loaded.brief
    count = brief.concepts.count - len(brief.concepts.directions)
    model = brief.providers.text_model or writer.default_model
    return directions_request(brief, materials.loaded.brand, count, model) if count else None


def image(materials: Materials, drawer: ImageProvider, index: int, direction: str) -> ImageRequest:
    """Return the request for the picture of one concept, counted from 0."""
    brief, brand = materials.loaded.brief, materials.loaded.brand
    width, height = MASTER
    return ImageRequest(
        prompt=image_prompt(brief, brand, direction),
        width=width,
        height=height,
        quality=brief.providers.quality,
        model=brief.providers.image_model or drawer.default_model,
        seed=int(fingerprint([brief.name, index])[:8], 16),
        palette=brand.colours.palette,
        index=index,
    )


def translation(
    materials: Materials, translator: Translator, locale: Locale, texts: Mapping[Slot, str]
) -> TranslateRequest:
    """Return the request for the lines of one locale that no memory has approved."""
    brief, brand = materials.loaded.brief, materials.loaded.brand
    remembered = {
        slot.value: line.text
        for slot, text in texts.items()
        if (line := materials.memory.unreviewed(locale, slot, text))
    }
    return TranslateRequest(
        model=brief.providers.text_model or translator.default_model,
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
