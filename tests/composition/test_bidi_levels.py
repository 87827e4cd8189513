"""Lines of both directions, against the library that browsers and Pillow use."""

import ctypes
import ctypes.util
import random

import pytest

from composition.bidi import levels, visual_order

# No isolates, embeddings or unpaired sets of brackets: there FriBiDi 1.0.8 departs from UAX 9
# (it reads FSI past its PDI, and takes the paragraph's level for the start of an embedding).
ALPHABET = "aab אבג ابج 123 ٣٤ .,%-+/«»<> \u0300\u064b€\u200f\u200e\u00ad\t()"
LTR, RTL = 0x110, 0x111


def fribidi_levels(library: ctypes.CDLL, text: str, base: int) -> list[int]:
    """Return FriBiDi's levels of one line."""
    count = len(text)
    words = ctypes.c_uint32 * count
    letters, types, brackets = words(*map(ord, text)), words(), words()
    found = (ctypes.c_int8 * count)()
    library.fribidi_get_bidi_types(letters, count, types)
    library.fribidi_get_bracket_types(letters, count, types, brackets)
    direction = ctypes.c_uint32(base)
    library.fribidi_get_par_embedding_levels_ex(
        types, brackets, count, ctypes.byref(direction), found
    )
    library.fribidi_reorder_line(0, types, count, 0, direction, found, None, None)
    return list(found)


@pytest.mark.parametrize(("direction", "base"), [("ltr", LTR), ("rtl", RTL)])
def test_levels_are_those_of_fribidi(direction: str, base: int) -> None:
    """An Arabic reader would see an amount or a brand name on the wrong side of its sentence."""
    name = ctypes.util.find_library("fribidi")
    assert name, "install libfribidi0, the second opinion of this test"
    library = ctypes.CDLL(name)
    chance = random.Random(7)  # noqa: S311 - the same texts in every run
    texts = ["".join(chance.choices(ALPHABET, k=chance.randint(1, 16))) for _ in range(8000)]
    wrong = [
        (text, levels(text, direction), fribidi_levels(library, text, base))
        for text in texts
        if levels(text, direction) != fribidi_levels(library, text, base)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "direction", "expected"),
    [
        ("abc", "ltr", [0, 0, 0]),
        ("abc", "rtl", [2, 2, 2]),
        ("אב 12", "rtl", [1, 1, 1, 2, 2]),
        ("a \u2067א1\u2069 b", "ltr", [0, 0, 0, 1, 2, 0, 0, 0]),
        ("a \u202bא\u202c b", "ltr", [0, 0, 0, 1, 1, 0, 0]),
        ("א \u2068a.\u2069 ב", "rtl", [1, 1, 1, 2, 2, 1, 1, 1]),
        ("\u202eabc", "ltr", [0, 1, 1, 1]),
    ],
)
def test_levels_follow_the_standard(text: str, direction: str, expected: list[int]) -> None:
    """Isolates keep a product's Latin name whole in a Hebrew line; FriBiDi errs on some."""
    assert levels(text, direction) == expected


def test_runs_turn_around_level_by_level() -> None:
    """A number within a right-to-left line still reads from left to right."""
    assert visual_order([1, 2, 1]) == [2, 1, 0]
    assert visual_order([0, 1, 2, 1, 0]) == [0, 3, 2, 1, 4]
    assert visual_order([]) == []
