"""Letters become glyphs, and texts become lines."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from composition.composer import Composer
from composition.errors import FontRefused, ShapingUnavailable, TextRefused
from composition.fonts import Fonts, Role
from composition.order import Look, Order
from composition.shape import check_shaping, shape
from composition.typeset import Typesetter
from creative.market import market_table

Words = tuple[str, str, str, str]
TABLE = market_table()


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    """Inter for headlines, Noto Sans for text."""
    return Fonts("Inter", "Noto Sans", {})


def test_no_locale_of_the_table_meets_tofu(fonts: Fonts, words: dict[str, Words]) -> None:
    """A box in place of a letter is the first thing that a reader sees."""
    for tag, texts in words.items():
        for role, text in zip(
            (Role.HEADLINE, Role.BODY, Role.CTA, Role.NOTICE), texts, strict=True
        ):
            locale = TABLE.locale(tag)
            assert shape(text, fonts.chain(locale, role), locale).missing == ""


@pytest.mark.parametrize("sign", list("€£$¥₽₹₺₪₩฿₴"))
def test_every_currency_sign_finds_a_font_in_every_script(fonts: Fonts, sign: str) -> None:
    """An Arabic or Thai font has no sign of its neighbour's currency; another font lends it."""
    for tag in ("ar-AE", "he-IL", "th-TH", "hi-IN", "ja-JP", "ko-KR", "en-GB"):
        locale = TABLE.locale(tag)
        assert shape(f"20 {sign}", fonts.chain(locale, Role.BODY), locale).missing == ""


def test_a_letter_that_no_font_has_is_named(fonts: Fonts) -> None:
    """The checker must say which letter to change."""
    locale = TABLE.locale("en-GB")
    assert shape("Ride 🏇 on", fonts.chain(locale, Role.BODY), locale).missing == "🏇"


def test_arabic_letters_join_and_run_from_right_to_left(fonts: Fonts) -> None:
    """Isolated letters in the wrong order are no Arabic at all."""
    locale = TABLE.locale("ar-AE")
    chain = fonts.chain(locale, Role.HEADLINE)
    check_shaping(chain, locale)
    word = shape("بيت", chain, locale)
    assert word.width < sum(shape(letter, chain, locale).width for letter in "بيت")
    # The last letter stands at the left end of the line.
    last = {glyph.id for glyph in shape("ت", chain, locale).glyphs}
    assert min(word.glyphs, key=lambda glyph: glyph.x).id not in last
    assert shape("بيت", chain, locale).glyphs != shape("تيب", chain, locale).glyphs


def test_a_latin_name_does_not_break_the_shaping_of_what_follows(fonts: Fonts) -> None:
    """HarfBuzz takes a run's script from its first letter; Hindi after Latin would fall apart."""
    locale = TABLE.locale("hi-IN")
    chain = fonts.chain(locale, Role.BODY)
    alone = [glyph.id for glyph in shape("भुगतान", chain, locale).glyphs]
    mixed = [glyph.id for glyph in shape("Nordlys भुगतान", chain, locale).glyphs]
    assert mixed[-len(alone) :] == alone


def test_a_number_stands_left_of_the_arabic_word_before_it(fonts: Fonts) -> None:
    """A wrong order turns "3 payments" into "payments 3"."""
    locale = TABLE.locale("ar-AE")
    chain = fonts.chain(locale, Role.BODY)
    shaped = shape("دفعات 31", chain, locale)
    three = shape("3", chain, locale).glyphs[0].id
    place = next(glyph.x for glyph in shaped.glyphs if glyph.id == three)
    assert place == pytest.approx(min(glyph.x for glyph in shaped.glyphs))


def test_the_same_ideograph_differs_by_locale(fonts: Fonts) -> None:
    """Readers in Taipei and Tokyo see at once when they are given the other's letters."""
    families = {
        tag: fonts.chain(TABLE.locale(tag), Role.BODY).families[0]
        for tag in ("ja-JP", "ko-KR", "zh-Hans-SG", "zh-Hant-TW")
    }
    assert len(set(families.values())) == 4


def test_a_broken_arabic_font_stops_the_work(
    tmp_path: Path, look: Look, make_order: Callable[..., Order]
) -> None:
    """Where letters do not join nothing is drawn, rather than something that looks like Arabic."""
    font = TTFont(Fonts("Inter", "Inter", {}).path("NotoSansArabic"))
    options = Options(layout_features=[], drop_tables=["GSUB", "GPOS"], notdef_outline=True)
    subset = Subsetter(options)
    subset.populate(text="".join(chr(code) for code in range(0x0620, 0x0670)) + " 0123456789.")
    subset.subset(font)
    broken = tmp_path / "broken.ttf"
    font.save(broken)
    composer = Composer(look.model_copy(update={"font_files": {"NotoSansArabic": broken}}))
    with pytest.raises(ShapingUnavailable, match="uharfbuzz"):
        composer.compose(make_order("ar-AE"))


def test_a_font_file_that_is_no_font_is_refused(tmp_path: Path, look: Look) -> None:
    """HarfBuzz opens anything, and all words would vanish without an error."""
    fake = tmp_path / "fake.ttf"
    fake.write_bytes(b"\0\1\0\0" + b"not a font" * 50)
    changed = look.model_copy(update={"font_files": {"Inter": fake}})
    locale = TABLE.locale("en-GB")
    fonts = Fonts("Inter", "Inter", changed.font_files)
    with pytest.raises(FontRefused, match="not a font"):
        shape("a", fonts.chain(locale, Role.BODY), locale)
    with pytest.raises(FontRefused, match="Comic"):
        Fonts("Comic", "Inter", {})


def test_lines_are_balanced_and_leave_no_orphan(fonts: Fonts) -> None:
    """A headline with one short word on its last line looks like an accident."""
    setter = Typesetter(fonts)
    setting = setter.set(
        "Split any purchase into three parts", Role.HEADLINE, TABLE.locale("en-GB")
    )
    for block in setting.nice[1:3]:
        widths = [line.width for line in block.lines]
        assert min(widths) > 0.55 * max(widths)


def test_every_number_of_lines_holds_the_whole_text(fonts: Fonts, words: dict[str, Words]) -> None:
    """A text is never cut to make it fit."""
    setter = Typesetter(fonts)
    for tag, (headline, body, *_) in words.items():
        for role, text in ((Role.HEADLINE, headline), (Role.BODY, body)):
            setting = setter.set(text, role, TABLE.locale(tag))
            for block in (*setting.nice, *setting.free):
                drawn = "".join(line.text for line in block.lines)
                assert "".join(drawn.split()) == "".join(text.split())


def test_lines_of_tall_scripts_do_not_touch(fonts: Fonts, words: dict[str, Words]) -> None:
    """Vowel signs above one Thai or Hindi line would run into the tails of the line before."""
    setter = Typesetter(fonts)
    for tag, (headline, body, *_) in words.items():
        for role, text in ((Role.HEADLINE, headline), (Role.BODY, body)):
            for block in setter.set(text, role, TABLE.locale(tag)).nice:
                for upper, lower in zip(block.lines, block.lines[1:], strict=False):
                    assert block.leading + upper.bottom - lower.top > 0


def test_stacked_accents_push_lines_apart(fonts: Fonts) -> None:
    """Vietnamese capitals reach far above their line, into the tails of the one before."""
    setter = Typesetter(fonts)
    plain, tall = (
        setter.set(f"gjpqy {word}", Role.HEADLINE, TABLE.locale("en-GB")).nice[1]
        for word in ("nnnnn", "ẤẨỐỔỂ")
    )
    assert tall.leading > plain.leading
    upper, lower = tall.lines
    assert tall.leading + upper.bottom - lower.top > 0


def test_a_soft_hyphen_shows_only_at_the_end_of_a_line(fonts: Fonts) -> None:
    """Copy writers mark where a long German word may be cut; elsewhere the mark must vanish."""
    setting = Typesetter(fonts).set(
        "Zahlungs\u00adbedingungen", Role.HEADLINE, TABLE.locale("de-DE")
    )
    assert setting.nice[0].lines[0].text == "Zahlungsbedingungen"
    assert [line.text for line in setting.nice[1].lines] == ["Zahlungs-", "bedingungen"]


def test_a_long_notice_is_set_to_its_last_letter(fonts: Fonts) -> None:
    """The end of a legal notice is as binding as its beginning."""
    text = "所定の審査があります。利用規約が適用されます。" * 20
    setting = Typesetter(fonts).set(text, Role.NOTICE, TABLE.locale("ja-JP"))
    for block in (*setting.nice, *setting.free):
        assert "".join(line.text for line in block.lines) == text


def test_a_book_is_no_copy(fonts: Fonts) -> None:
    """A text without end would take minutes to break into lines."""
    with pytest.raises(TextRefused, match="600"):
        Typesetter(fonts).set("long " * 200, Role.BODY, TABLE.locale("en-GB"))
