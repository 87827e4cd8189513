"""Which tags are the same written language."""

import pytest

from creative.market import Locale, market_table
from localization.languages import legal_keys, stand_ins, written_language


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pt-PT", "pt-BR"),
        ("pt-PT", "pt"),
        ("pt-AO", "pt"),
        ("zh-Hans", "zh-Hant"),
        ("zh-TW", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh", "zh-Hant"),
        ("nb", "da"),
        ("nb", "sv"),
        ("cs", "sk"),
        ("hr", "sl"),
    ],
)
def test_neighbours_are_different_languages(one: str, other: str) -> None:
    """A Portuguese reader of Brazilian copy, or a Dane of Norwegian, sees a foreign brand."""
    assert written_language(one) != written_language(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("no", "nb-NO"), ("de-CH", "de"), ("zh-HK", "zh-Hant-TW"), ("es-MX", "es-419")],
)
def test_regions_of_one_language_are_the_same(one: str, other: str) -> None:
    """Otherwise each region would need its own copy, and most would have none."""
    assert written_language(one) == written_language(other)


def test_no_market_borrows_another_language() -> None:
    """The market table is edited by hand; a slip in it must not put Danish before Norwegians."""
    for market in market_table().markets.values():
        for locale in market.locales:
            languages = {written_language(tag) for tag in stand_ins(locale)}
            assert languages == {written_language(locale.tag)}, locale.tag


def test_a_fallback_to_another_language_is_ignored() -> None:
    """A locale that somebody made with an English fallback would otherwise run in English."""
    swedish = market_table().locale("sv-FI")
    astray = swedish.model_copy(update={"fallbacks": ("fi-FI", "sv-SE", "en-GB", "da")})

    assert stand_ins(astray) == ("sv-FI", "sv-SE", "sv")


@pytest.mark.parametrize(
    ("tag", "keys"),
    [
        ("nb-NO", ("nb-NO", "nb")),
        ("es-MX", ("es-MX", "es")),
        ("pt-BR", ("pt-BR", "pt")),
        ("pt-PT", ("pt-PT",)),
        ("zh-Hans-SG", ("zh-Hans-SG", "zh-Hans")),
    ],
)
def test_a_legal_text_has_two_keys_at_most(tag: str, keys: tuple[str, ...]) -> None:
    """Lawyers sign a text for a language or a region of it, not for what is near to it."""
    assert legal_keys(tag) == keys


def test_the_bokmal_of_the_market_table_is_known() -> None:
    """Norway's fallback is ``no``; a memory named ``nb.yaml`` must be found all the same."""
    norwegian: Locale = market_table().locale("nb-NO")

    assert stand_ins(norwegian) == ("nb-NO", "no", "nb")
