"""Which words may stand in for which: the same written language, and never another one."""

import re
from functools import cache

from creative.market import Locale

_PARTS = re.compile(
    r"(?P<language>[a-z]{2,3})(-(?P<script>[A-Z][a-z]{3}))?(-(?P<region>[A-Z]{2}|[0-9]{3}))?",
    re.ASCII,
)
_TRADITIONAL = {"TW", "HK", "MO"}


@cache
def parts(tag: str) -> tuple[str, str, str]:
    """Return language, script and region of a tag; an empty text for what it does not say.

    Raises:
        ValueError: It is not a tag of the form that our market table uses.

    >>> parts("zh-Hant-HK")
    ('zh', 'Hant', 'HK')
    """
    found = _PARTS.fullmatch(tag)
    if not found:
        raise ValueError(f"{tag!r} is not a language tag, such as sv, de-CH or zh-Hant")
    return found["language"], found["script"] or "", found["region"] or ""


@cache
def written_language(tag: str) -> str:
    """Return the written language of a tag: two tags that share it are read by the same people.

    Chinese scripts are two languages, and so are the Portuguese of Brazil (which is what CLDR
    means by ``pt``) and of Portugal. ``no`` is Bokmål. ``zh`` alone names no script, so it is
    like nothing but itself.

    >>> [written_language(tag) for tag in ("pt", "pt-BR", "pt-PT", "zh-TW", "no", "de-CH")]
    ['pt-BR', 'pt-BR', 'pt-PT', 'zh-Hant', 'nb', 'de']
    """
    language, script, region = parts(tag)
    if language == "no":
        language = "nb"
    if language == "pt":
        return "pt-BR" if region in {"", "BR"} else "pt-PT"
    if language == "zh" and not script and region:
        script = "Hant" if region in _TRADITIONAL else "Hans"
    return f"{language}-{script}" if script else language


def stand_ins(locale: Locale) -> tuple[str, ...]:
    """Return the tags whose marketing copy a locale may use, nearest first.

    They are its own tag, its fallbacks and its written language. Fallbacks that turn out to be
    another language are left out here, whatever a market table says.
    """
    language = written_language(locale.tag)
    tags = dict.fromkeys((locale.tag, *locale.fallbacks, language))
    return tuple(tag for tag in tags if written_language(tag) == language)


def legal_keys(tag: str) -> tuple[str, ...]:
    """Return the tags under which a legal text for a locale may be written: nearest first.

    Only the exact tag, and its language where the owner wrote one text for all of it. A
    neighbour's text is never one of them.

    >>> legal_keys("zh-Hant-HK"), legal_keys("de-CH"), legal_keys("pt-PT")
    (('zh-Hant-HK', 'zh-Hant'), ('de-CH', 'de'), ('pt-PT',))
    """
    language, script, _ = parts(tag)
    whole = f"{language}-{script}" if script else language
    tags = dict.fromkeys((tag, whole))
    return tuple(one for one in tags if written_language(one) == written_language(tag))


def spells_sharp_s(tag: str) -> bool:
    """Say whether a locale may use ß: Switzerland and Liechtenstein write ss."""
    language, _, region = parts(tag)
    return language == "de" and region not in {"CH", "LI"}
