"""What those who write and translate will be asked for: the same for the quote and for the run."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from creative.amendment import Rework
from creative.brief import Route
from creative.copy_deck import Slot
from creative.market import Locale, market_table
from creative.value import fingerprint
from flows.materials import Materials
from flows.suppliers import Suppliers
from localization.languages import written_language
from providers import deals
from providers.deals import Deal, Hop
from providers.errors import Unsupported
from providers.translation.base import (
    Guided,
    Reader,
    TranslateAnswer,
    TranslateRequest,
    Translator,
)
from providers.writing.base import TextAnswer
from providers.writing.directions import directions_request, ideas

A = TypeVar("A")

DIRECTIONS = "directions"
"""What they are bought as, and the one part that an answer with them has."""
WIDEST = {Slot.HEADLINE: 60, Slot.BODY: 140, Slot.CTA: 24}
"""The display width that a translator is asked to keep to, so that small placements can be set."""


def directions(materials: Materials, suppliers: Suppliers) -> tuple[Hop[TextAnswer], ...]:
    """Return who may write the directions that the brief leaves open; nobody if there are none."""
    brief = materials.loaded.brief
    count = brief.concepts.count - len(brief.concepts.directions)

    def deal(name: str, model: str) -> Deal[TextAnswer]:
        writer = suppliers.writer(name)
        chosen = model or brief.providers.text_model or writer.default_model
        request = directions_request(brief, materials.loaded.brand, count, chosen)
        return deals.text(writer, request, {DIRECTIONS: fingerprint(ideas(request))})

    return route(brief.providers.writing, deal) if count else ()


def translation(
    materials: Materials, suppliers: Suppliers, locale: Locale, texts: Mapping[Slot, str]
) -> tuple[Hop[TranslateAnswer], ...]:
    """Return who may translate the lines of one locale that no memory has approved."""

    def deal(name: str, model: str) -> Deal[TranslateAnswer]:
        translator = suppliers.translator(name)
        request = _message(materials, locale, texts, _model(materials, locale, translator, model))
        remembered = {
            slot.value: line.text
            for slot, text in texts.items()
            if (line := materials.memory.unreviewed(locale, slot, text))
        }
        return deals.translation(translator, request.model_copy(update={"suggestions": remembered}))

    return route(materials.loaded.brief.providers.translators(locale.market), deal)


def again(
    materials: Materials, suppliers: Suppliers, locale: Locale, rework: Rework
) -> tuple[Hop[TranslateAnswer], ...]:
    """Return who may say lines otherwise that were turned down: those who can be told why."""

    def deal(name: str, model: str) -> Deal[TranslateAnswer]:
        translator = suppliers.translator(name)
        if not (isinstance(translator, Guided) and translator.guided):
            raise Unsupported(
                translator.name,
                "cannot be told why its text was turned down; edit the line, or name a writer in "
                "providers.translation",
            )
        chosen = _model(materials, locale, translator, model)
        request = _message(materials, locale, rework.sources, chosen)
        turned_down = {slot.value: text for slot, text in rework.words.items()}
        said = {"rejected": turned_down, "reasons": rework.reasons}
        return deals.translation(translator, request.model_copy(update=said))

    return route(materials.loaded.brief.providers.translators(locale.market), deal)


def back(
    materials: Materials, suppliers: Suppliers, locale: Locale, texts: Mapping[Slot, str]
) -> tuple[Hop[TranslateAnswer], ...]:
    """Return who may say what a locale says again in the brief's language; nobody if none shall.

    They are not told what the message is: they would say what ought to stand there.
    """
    brief = materials.loaded.brief
    said = {slot.value: text for slot, text in texts.items()}

    def deal(name: str, model: str) -> Deal[TranslateAnswer]:
        translator = suppliers.translator(name)
        request = TranslateRequest(
            model=model or translator.default_model,
            source_locale=locale.tag,
            target=_reader_of(brief.messaging.source_locale),
            segments=said,
            keep=materials.terms.untranslated,
            literal=True,
        )
        return deals.translation(translator, request)

    return route(brief.providers.back_translation or (), deal)


def asks_back(materials: Materials, locale: Locale) -> bool:
    """Say whether the brief has the words of a locale said back: not those of its own language."""
    brief = materials.loaded.brief
    source = written_language(brief.messaging.source_locale)
    return bool(brief.providers.back_translation) and written_language(locale.tag) != source


def back_asset(locale: Locale) -> str:
    """Return what a back-translation is bought for: a part of the locale's copy."""
    return f"copy/{locale.tag}/back"


def _reader_of(tag: str) -> Reader:
    """Return who reads the language of a tag, which need not be in the market table."""
    language = written_language(tag)
    every = (one for market in market_table().markets.values() for one in market.locales)
    kin = next((one for one in every if written_language(one.tag) == language), None)
    known = (kin.language, kin.script, kin.direction) if kin else (tag, "", "ltr")
    return Reader(tag=tag, language=known[0], script=known[1], direction=known[2])


def _model(materials: Materials, locale: Locale, translator: Translator, model: str) -> str:
    routes = materials.loaded.brief.providers
    given = model or (None if locale.market in routes.markets else routes.text_model)
    return given or translator.default_model


def _message(
    materials: Materials, locale: Locale, texts: Mapping[Slot, str], model: str
) -> TranslateRequest:
    brief, brand = materials.loaded.brief, materials.loaded.brand
    return TranslateRequest(
        model=model,
        source_locale=brief.messaging.source_locale,
        target=Reader(
            tag=locale.tag,
            language=locale.language,
            script=locale.script,
            direction=locale.direction,
            address=locale.address,
        ),
        segments={slot.value: text for slot, text in texts.items()},
        tone=brand.tone,
        context=f"{brief.audience.who}. {brief.audience.insight}".strip(),
        max_width={slot.value: WIDEST[slot] for slot in texts},
        keep=materials.terms.untranslated,
    )


def route(stops: Route, deal: Callable[[str, str], Deal[A]]) -> tuple[Hop[A], ...]:
    """Return the hops of a route, each built by its provider and its model when it is asked."""
    return tuple(_hop(stop, deal) for stop in stops)


def _hop(stop: str, deal: Callable[[str, str], Deal[A]]) -> Hop[A]:
    name, _, model = stop.partition("/")
    return Hop(name.partition("@")[0], lambda: deal(name, model))
