"""The shipped markets: their locales, currencies, groups and fallbacks."""

import re
from datetime import date

import babel
import pytest
from babel.numbers import get_territory_currencies, list_currencies

from creative.market import Locale, Market, market_table

TABLE = market_table()
MARKETS = [pytest.param(one, id=code) for code, one in TABLE.markets.items()]
LOCALES = [one for market in TABLE.markets.values() for one in market.locales]
# Bokmål is one of the two written forms of Norwegian; CLDR's `no` is Bokmål.
SAME_LANGUAGE = {"nb": {"nb", "no"}}
# Bulgaria took the euro on 2026-01-01; the CLDR inside Babel 2.18 is older than that.
NEWER_THAN_BABEL = {"BG": {"EUR"}}


def test_there_are_45_markets_and_56_locales() -> None:
    """The figures of the documentation and of the price per rendition stand on these counts."""
    assert len(TABLE.markets) == 45
    assert len(LOCALES) == 56
    assert len({one.tag for one in LOCALES}) == 56


@pytest.mark.parametrize("market", MARKETS)
def test_a_market_is_a_territory_and_pays_in_its_own_currency(market: Market) -> None:
    """A currency that is not the market's makes its reports wrong without any error."""
    assert market.code in babel.Locale("en").territories
    assert market.code != "UK"
    assert market.currency in list_currencies()
    tender = get_territory_currencies(market.code, start_date=date.fromisoformat(TABLE.checked))
    assert market.currency in {*tender, *NEWER_THAN_BABEL.get(market.code, set())}


@pytest.mark.parametrize("market", MARKETS)
def test_a_market_has_one_primary_locale_and_it_comes_first(market: Market) -> None:
    """A brief that names only the market gets that locale; two would buy a deck too many."""
    assert [one.primary for one in market.locales].count(True) == 1
    assert market.locales[0].primary
    assert {one.market for one in market.locales} == {market.code}


@pytest.mark.parametrize("locale", LOCALES, ids=[one.tag for one in LOCALES])
def test_a_locale_is_one_that_babel_knows(locale: Locale) -> None:
    """Numbers and dates of an unknown locale would be written in English."""
    known = babel.Locale.parse(locale.tag, sep="-")
    assert known.territory == locale.market
    assert known.text_direction == locale.direction
    assert TABLE.locale(locale.tag) == locale


@pytest.mark.parametrize("locale", LOCALES, ids=[one.tag for one in LOCALES])
def test_a_fallback_never_crosses_a_language(locale: Locale) -> None:
    """A reader in Bergen must not get Danish, nor anyone English, because copy was missing."""
    language = locale.tag.split("-")[0]
    allowed = SAME_LANGUAGE.get(language, {language})
    assert {tag.split("-")[0] for tag in locale.fallbacks} <= allowed
    assert locale.tag not in locale.fallbacks
    for tag in locale.fallbacks:
        assert babel.Locale.parse(tag, sep="-")


def test_portugal_never_falls_back_to_bare_portuguese() -> None:
    """CLDR's `pt` is Brazilian, and a Portuguese reader sees it at once."""
    assert "pt" not in TABLE.locale("pt-PT").fallbacks


def test_a_chinese_fallback_keeps_its_script() -> None:
    """A reader of traditional characters must not be served simplified ones."""
    for locale in LOCALES:
        script = re.search(r"-(Han[st])-", locale.tag)
        if script:
            assert all(script[1] in tag for tag in locale.fallbacks), locale.tag


def test_only_arabic_and_hebrew_run_from_right_to_left() -> None:
    """A direction that is wrong mirrors every layout of the market."""
    leftward = {one.script for one in LOCALES if one.direction == "rtl"}
    assert leftward == {"Arab", "Hebr"}


def test_groups_hold_existing_markets_once() -> None:
    """A brief that names `nordics` must not fail on a code that its author never wrote."""
    assert set(TABLE.groups["all"]) == set(TABLE.markets)
    assert TABLE.groups["nordics"] == ("SE", "NO", "DK", "FI")
    for name, codes in TABLE.groups.items():
        assert codes, name
        assert len(set(codes)) == len(codes), name
        assert set(codes) <= set(TABLE.markets), name
    assert not set(TABLE.groups) & set(TABLE.markets)


def test_an_unknown_locale_is_a_key_error() -> None:
    """A caller that asks for a locale we do not serve hears of it, and gets no stand-in."""
    with pytest.raises(KeyError):
        TABLE.locale("da-NO")
