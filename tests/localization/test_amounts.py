"""Numbers as each locale writes them."""

# ruff: noqa: RUF001 - letters that look like others are what is tested

import pytest

from localization.amounts import numbers


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("1,234.50", "en-GB"),
        ("1 234,50", "sv-SE"),
        ("1\u00a0234,50", "fr-FR"),
        ("1\u202f234,5", "fr-FR"),
        ("1.234,50", "de-DE"),
        ("1’234.50", "de-CH"),
        ("1'234.50", "de-CH"),
        ("1234,50", "es-ES"),
        ("١٬٢٣٤٫٥٠", "ar-SA"),
        ("१,२३४.५०", "hi-IN"),
    ],
)
def test_one_number_is_read_from_ten_spellings(text: str, tag: str) -> None:
    """A check that cries at every decimal comma is soon switched off."""
    assert numbers(f"x {text} y", tag) == {"1234.5": 1}


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("1,00,000", "en-IN", {"100000": 1}),
        ("31.12.2026", "de-DE", {"31": 1, "12": 1, "2026": 1}),
        ("3 och 3", "sv-SE", {"3": 2}),
        ("no digits", "en-GB", {}),
        ("0,90", "sv-SE", {"0.9": 1}),
        ("1.500", "en-GB", {"1.5": 1}),
        ("1.500", "de-DE", {"1500": 1}),
    ],
)
def test_separators_mean_what_the_locale_says(
    text: str, tag: str, expected: dict[str, int]
) -> None:
    """1.500 is one and a half in London, and fifteen hundred in Berlin."""
    assert numbers(text, tag) == expected
