"""Has the words of each locale said again in the brief's language, for who cannot read them.

It is an aid to review: nothing that is delivered rests on it. So what keeps it from being bought
keeps nothing else from being made, and is said when all else is done.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from creative.back_translation import BackTranslation, foreign
from creative.copy_deck import CopyDeck, Slot
from creative.market import Locale
from flows import asking, line_by_line
from flows.hindrances import IN_VAIN, LATER, Hindered
from flows.progress import tell
from flows.work import Work


def say_back(work: Work, decks: Iterable[CopyDeck]) -> Hindered:
    """Buy what the words of each deck say, once for each locale and text, and keep it.

    Args:
        work: The run.
        decks: All that its renditions show.

    Returns:
        What keeps a locale's words from being said back now, by its tag.

    """
    locales = {one.tag: one for one in work.materials.loaded.locales}
    todo: dict[tuple[str, tuple[tuple[Slot, str], ...]], Locale] = {}
    for deck in decks:
        locale, texts = locales[deck.locale], foreign(deck)
        if texts and asking.asks_back(work.materials, locale):
            todo[locale.tag, tuple(texts.items())] = locale
    kept: list[BackTranslation] = []
    failed: dict[str, Exception] = {}
    for number, ((tag, texts_of), locale) in enumerate(todo.items()):
        tell("back-translation", number, len(todo))
        try:
            kept.append(_said(work, locale, dict(texts_of)))
        except LATER as error:
            failed[tag] = error
    work.desk.keep_back_translations(work.run, kept)
    tell("back-translation", len(todo), len(todo))
    work.reached("backtranslated")
    return Hindered(failed)


def _said(work: Work, locale: Locale, texts: Mapping[Slot, str]) -> BackTranslation:
    none = BackTranslation(locale=locale.tag, words=texts)
    errand = work.errand(asking.back_asset(locale), locale.market)
    route_of = partial(asking.back, work.materials, work.suppliers, locale)
    try:
        bought = line_by_line.bought(work.runner, errand, texts, route_of)
    except IN_VAIN as error:
        return none.model_copy(update={"failed": str(error)})
    return none.model_copy(
        update={
            "says": {slot: bought[slot].answer.segments[slot] for slot in texts},
            "by": {slot: one.attempt.provider for slot, one in bought.items()},
            "attempts": tuple(dict.fromkeys(one.attempt.id for one in bought.values())),
        }
    )
