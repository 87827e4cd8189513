"""What may stand in a line of copy."""

# ruff: noqa: RUF001 - letters that look like others are what is tested

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localization import copy_text
from localization.copy_text import MAX_LENGTH, display_width, folded, one_space, tidy

HOSTILE = {
    "null": "Pay\x00now",
    "tab": "Pay\tnow",
    "carriage return": "Pay\rnow",
    "escape": "Pay \x1b[31mnow",
    "next line": "Pay\x85now",
    "override": "Pay \u202e05,4$ now",
    "embedding": "Pay \u202anow\u202c",
    "line separator": "Pay\u2028now",
    "byte order mark": "\ufeffPay now",
    "tags": "Pay \U000e0070\U000e0061 now",
    "surrogate": "Pay \ud800 now",
    "noncharacter": "Pay \ufdd0 now",
    "last of a plane": "Pay \U0001ffff now",
    "flood of marks": "Pa" + "\u0301" * 6 + "y",
    "open isolate": "Pay \u2067now",
    "stray end of isolate": "Pay\u2069 now \u2067",
    "joiner between Latin letters": "Pa\u200dy",
    "non-joiner at the start": "\u200cPay",
    "too long": "a" * (MAX_LENGTH + 1),
    "empty": "",
    "only spaces": "  \u00a0 ",
}
HARMLESS = {
    "French spaces": "Payez en trois fois\u202f!",
    "Hindi": "अपनी रफ़्तार से भुगतान करें",
    "Hindi with a joiner": "क्\u200dष",
    "Persian with a non-joiner": "می\u200cخواهم",
    "Thai": "จ่ายในจังหวะของคุณ",
    "a closed isolate": "علامة \u2068Nordlys\u2069 خيالية",
    "right-to-left mark": "20\u200f%",
    "two lines": "Pay\nnow",
    "emoji": "Pay now 🎉",
    "as long as allowed": "a" * MAX_LENGTH,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_refused(text: str) -> None:
    """A reversed price, or a letter flood that stops the layout, comes in as a translation."""
    with pytest.raises(ValueError, match="the text"):
        tidy(text)


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_what_a_script_needs_is_kept(text: str) -> None:
    """Hindi, Persian and Arabic readers would see broken words if marks and joiners were cut."""
    assert tidy(text) == text


def test_text_is_composed_and_trimmed() -> None:
    """Two spellings of one text would be two entries of the memory, and two fingerprints."""
    assert tidy(" Sa\u030a ha\u0308r ") == "Så här"


@given(st.text(max_size=40))
def test_tidy_text_stays_as_it_is(text: str) -> None:
    """A deck that is read, written and read again must keep its fingerprint."""
    try:
        once = tidy(text)
    except ValueError:
        return
    assert tidy(once) == once


@given(st.text(max_size=40))
def test_width_is_at_most_two_a_letter(text: str) -> None:
    """A width beyond that would refuse copy that its platform takes."""
    assert 0 <= display_width(text) <= 4 * len(text)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("See how", 7),
        ("自分のペースで", 14),
        ("내 속도", 7),
        ("Ａ", 2),
        ("ｱ", 1),
        ("é", 1),
        ("बाँ", 2),
    ],
)
def test_wide_letters_count_twice(text: str, width: int) -> None:
    """Google counts so; a Japanese headline that we pass must not be refused there."""
    assert display_width(text) == width


def test_spaces_and_invisible_letters_do_not_hide_a_word() -> None:
    """A soft hyphen in a prohibited claim would let it through."""
    assert folded("Free\u00a0 mo\u00adn\u200bey") == "free money"
    assert one_space(" a \n b\u00a0c") == "a b c"


def test_what_is_printed_is_never_refused_and_never_joins() -> None:
    """Most lines hold no other letters, so nothing is looked for in them."""
    printed = "".join(filter(str.isprintable, map(chr, range(0x110000))))

    assert not [name for pattern, name in copy_text._refused() if pattern.search(printed)]
    assert copy_text._JOINERS.isdisjoint(printed)
    assert (copy_text._ISOLATES | {copy_text._POP_ISOLATE}).isdisjoint(printed)
    assert unicodedata.normalize("NFC", printed).isprintable()
