"""The brand's words, and the errors of the file they are in."""

# ruff: noqa: RUF001 - letters that look like others are what is tested

from pathlib import Path

import pytest

from creative.problem import InvalidInput
from localization.termbase import Termbase
from localization.wording import keeps, says, uses

HEADER = "source,target,locale,status,note\n"


def load(folder: Path, rows: str, header: str = HEADER) -> Termbase:
    """Write rows to a file and load it."""
    path = folder / "terms.csv"
    path.write_text(header + rows, encoding="utf-8")
    return Termbase.load(path)


def test_a_term_holds_for_its_language_and_no_other(tmp_path: Path) -> None:
    """A word that Portugal forbids may be the brand's own in Brazil."""
    rows = ",gratis,sv,forbidden,\n,grátis,pt-PT,forbidden,\n,parkieren,de-CH,forbidden,\n"
    terms = load(tmp_path, rows + ",scam,,forbidden,\n")

    def words(tag: str) -> list[str | None]:
        return [term.target for term in terms.forbidden(tag)]

    assert words("sv-FI") == ["gratis", "scam"]
    assert words("pt-BR") == ["scam"]
    assert words("pt-PT") == ["grátis", "scam"]
    assert words("de-CH") == ["parkieren", "scam"]
    assert words("de-DE") == ["scam"]


def test_the_brands_own_name_can_be_added(tmp_path: Path) -> None:
    """A brand without a termbase still keeps its name."""
    terms = load(tmp_path, "Nordlys,,,dnt,\n").keeping("Nordlys", "Nordlys Card")

    assert terms.untranslated == ("Nordlys", "Nordlys Card")


BAD = {
    "header": ("term,target\n", "", ":1: the columns are not ours"),
    "empty file": ("", "", ":1: the columns are not ours"),
    "too few columns": (HEADER, "a,b,sv,preferred\n", ":2: it has 4 columns instead of 5"),
    "unknown status": (HEADER, "a,b,sv,liked,\n", ":2: status: Input should be"),
    "preferred without a locale": (HEADER, "a,b,,preferred,\n", ":2: a preferred term needs"),
    "forbidden without a word": (HEADER, "a,,sv,forbidden,\n", "needs a target"),
    "untranslated without a word": (HEADER, ",b,,dnt,\n", "needs a source"),
    "not a tag": (HEADER, "a,b,Swedish,preferred,\n", ":2: 'Swedish' is not a language tag"),
    "twice": (HEADER, "a,b,sv,preferred,\na,b,sv,preferred,x\n", ":3: line 2 already says"),
    "a bidi override": (HEADER, "a,\u202eb,sv,preferred,\n", ":2: target: the text holds a bidi"),
    "an open quote": (HEADER, 'a,"b,sv,preferred,\n', "it is not CSV here"),
}


@pytest.mark.parametrize(("header", "rows", "said"), BAD.values(), ids=BAD)
def test_a_bad_row_is_refused_with_its_line(
    tmp_path: Path, header: str, rows: str, said: str
) -> None:
    """A termbase comes out of a spreadsheet with a thousand rows."""
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, rows, header)

    assert said in str(caught.value)


def test_every_bad_row_is_reported_at_once(tmp_path: Path) -> None:
    """Nobody mends a spreadsheet one row a run."""
    with pytest.raises(InvalidInput) as caught:
        load(tmp_path, "a,b,sv,liked,\na,b,sv,preferred,\n,,,dnt,\n")

    assert [problem.line for problem in caught.value.problems] == [2, 4]


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """Spreadsheets save as Latin-1, or as a workbook, when nobody looks."""
    path = tmp_path / "terms.csv"
    path.write_bytes(HEADER.encode() + "a,köp,sv,preferred,\n".encode("latin-1"))

    with pytest.raises(InvalidInput, match="it is not UTF-8"):
        Termbase.load(path)
    with pytest.raises(InvalidInput, match="it cannot be read"):
        Termbase.load(tmp_path / "none.csv")


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    """Spreadsheets put one before the first column's name."""
    assert load(tmp_path, "Nordlys,,,dnt,\n", "\ufeff" + HEADER).untranslated == ("Nordlys",)


@pytest.mark.parametrize(
    ("text", "phrase", "said"),
    [
        ("Get FREE money today", "free money", True),
        ("Get free\u00a0money", "Free Money", True),
        ("Get fr\u00adee money", "free money", True),
        ("A carefree moneybox", "free money", False),
        ("无风险的钱", "无风险", True),
        ("今なら無料でお届け", "無料", True),
        ("Anything", "", False),
    ],
)
def test_a_phrase_is_found_as_whole_words(text: str, phrase: str, *, said: bool) -> None:
    """A claim in capitals is the same claim, and *carefree* is none."""
    assert says(text, phrase) is said


@pytest.mark.parametrize(
    ("text", "word", "tag", "used"),
    [
        ("Direkt i kassan", "kassa", "sv", True),
        ("Nätkassan", "kassa", "sv", False),
        ("Suoraan kassallasi", "kassa", "fi", True),
        ("Alışverişinizi bölün", "alışveriş", "tr", True),
        ("お買い物も", "買い物", "ja", True),
        ("Des achats", "achat", "fr", True),
        ("Un chat", "achat", "fr", False),
    ],
)
def test_a_word_is_found_in_its_forms(text: str, word: str, tag: str, *, used: bool) -> None:
    """Whole-word search misses four of five Finnish forms, and letters anywhere finds too much."""
    assert uses(text, word, tag) is used


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Maksa Nordlysillä", True),
        ("S Nordlysem", True),
        ("Nordlysは架空", True),
        ("علامة Nordlys", True),
        ("nordlys", False),
        ("Norrsken", False),
        ("FauxNordlys", False),
    ],
)
def test_a_name_may_take_an_ending(text: str, *, kept: bool) -> None:
    """Finnish and Czech inflect names; a check that forbids it is switched off within a week."""
    assert keeps(text, "Nordlys") is kept
