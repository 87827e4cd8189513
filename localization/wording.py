"""Whether a text says a phrase, uses a word or keeps a name, in languages that inflect."""

import re
import unicodedata

from localization.copy_text import folded
from localization.languages import parts

_SPACELESS = {"ja", "zh", "th"}
# Endings hang on with no limit here (Finnish, Turkish, Hungarian), or particles do (Korean).
_AGGLUTINATING = {"fi", "et", "tr", "hu", "ko"}
_ENDING = 3
_STEM = 5


def says(text: str, phrase: str) -> bool:
    """Say whether a text holds a phrase, whatever its case, width, spacing or invisible letters.

    It must be whole words where words are told apart by spaces.

    >>> says("Really FREE  money!", "free money"), says("carefree moneybags", "free money")
    (True, False)
    """
    text, phrase = folded(text), folded(phrase)
    start = text.find(phrase) if phrase else -1
    while start >= 0:
        end = start + len(phrase)
        if _edge(text[start - 1 : start], phrase[0]) and _edge(text[end : end + 1], phrase[-1]):
            return True
        start = text.find(phrase, start + 1)
    return False


def uses(text: str, word: str, tag: str) -> bool:
    """Say whether a text uses a word or one of its forms.

    Where words are not spaced, the letters anywhere will do. Elsewhere it must start a word,
    and an ending may follow or replace its last letter: of up to three letters, or of any
    length in agglutinating languages.

    >>> uses("Alla krediter", "kredit", "sv"), uses("Alla kreditkort", "kredit", "sv")
    (True, False)
    """
    text, word = folded(text), folded(word)
    language = parts(tag)[0]
    if language in _SPACELESS:
        return word in text
    ending = r"\w*" if language in _AGGLUTINATING else rf"\w{{0,{_ENDING}}}"
    stem = word[:-1] if len(word) >= _STEM else word
    # Without its last letter a stem is short, so what replaces the letter is not optional.
    forms = rf"(?:{re.escape(word)}{ending}|{re.escape(stem)}[^\W\d_]{ending})"
    return re.search(rf"(?<!\w){forms}(?!\w)", text) is not None


def keeps(text: str, name: str) -> bool:
    """Say whether a text has a name as the brand writes it, with any ending of the language.

    The last letter may give way to an ending: Czech makes *Klarnou* of *Klarna*.

    >>> keeps("Klarnalla", "Klarna"), keeps("s Klarnou", "Klarna"), keeps("klarna", "Klarna")
    (True, True, False)
    """
    text = unicodedata.normalize("NFC", text)
    stem = name[:-1] if len(name) >= _STEM else name
    # A Latin name may follow an Arabic or Chinese letter directly, but not a Latin one.
    return re.search(rf"(?<![A-Za-z]){re.escape(stem)}", text) is not None


def _edge(neighbour: str, letter: str) -> bool:
    """Say whether a word may begin or end between a phrase's outer letter and its neighbour."""
    spaced = _word(neighbour) and _word(letter)
    return not spaced


def _word(letter: str) -> bool:
    if not letter or not (letter.isalnum() or letter == "_"):
        return False
    wide = unicodedata.east_asian_width(letter) in {"W", "F"}
    return not (wide or unicodedata.name(letter, "").startswith("THAI"))
