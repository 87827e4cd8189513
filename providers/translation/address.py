"""How formal a translation shall be: from the word by which a reader is addressed."""

from collections.abc import Mapping
from typing import Literal, TypeVar

from providers.translation.base import Reader

_T = TypeVar("_T")
Formality = Literal["formal", "informal", "default"]
INFORMAL = {"du", "sinä", "tu", "je", "tú", "te", "ty", "εσύ", "sina", "você", "你"}
FORMAL = {"vous", "vy", "вие", "vi", "jūs", "siz", "です・ます", "해요체", "您", "คุณ", "आप"}
"""The words of the market table's column ``address_form_editorial``, casefolded; with ``INFORMAL``
they are its T and V forms, and its N forms are in neither."""


def formality(reader: Reader, settings: Mapping[str, Formality]) -> Formality:
    """Return how formal a translation for this reader shall be.

    Args:
        reader: Whom it is for.
        settings: What this installation decided, by locale or language; it wins.

    >>> formality(Reader(tag="de-CH", language="German", script="Latn", address="du; no ß"), {})
    'informal'
    >>> reader = Reader(tag="fr-CA", language="French", script="Latn", address="vous")
    >>> formality(reader, {}), formality(reader, {"fr": "informal"})
    ('formal', 'informal')
    """
    decided = of_locale(reader.tag, settings)
    if decided is not None:
        return decided
    word = next(iter(reader.address.casefold().split()), "").strip(";,.")
    if word in INFORMAL:
        return "informal"
    return "formal" if word in FORMAL else "default"


def of_locale(tag: str, by_locale: Mapping[str, _T]) -> _T | None:
    """Return what is kept for a locale, or for the longest part of its tag, or None.

    >>> of_locale("pt-BR", {"pt": "a", "pt-BR": "b"}), of_locale("pt-PT", {"pt": "a"})
    ('b', 'a')
    >>> of_locale("de-CH", {"pt": "a"})
    """
    parts = tag.split("-")
    names = ("-".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((by_locale[name] for name in names if name in by_locale), None)
