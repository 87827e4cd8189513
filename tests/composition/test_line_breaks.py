"""Where lines end."""

import pytest

from composition.breaks import INSIDE_PHRASE, NBSP, NNBSP, bind, pieces


@pytest.mark.parametrize(
    ("tag", "text", "bound"),
    [
        ("de-DE", "20 % weniger", f"20{NBSP}% weniger"),
        ("sv-SE", "100 kr extra", f"100{NBSP}kr extra"),
        ("de-CH", "CHF 20 sparen", f"CHF{NBSP}20 sparen"),
        ("de-DE", "Zahlen – später", f"Zahlen{NBSP}– später"),  # noqa: RUF001 - a dash
        ("fr-FR", "Vraiment ?", f"Vraiment{NNBSP}?"),
        ("fr-FR", "« Oui »", f"«{NBSP}Oui{NBSP}»"),
        ("pl-PL", "Kup z nami", f"Kup z{NBSP}nami"),
        ("en-GB", "Buy a car", "Buy a car"),
    ],
)
def test_what_belongs_together_stays_on_one_line(tag: str, text: str, bound: str) -> None:
    """A reader who meets "20" at the end of a line and "%" on the next reads it twice."""
    assert bind(text, tag) == bound


def test_binding_changes_no_word() -> None:
    """An approved text is drawn as it was approved: only the kind of a space may differ."""
    text = "Prêt à payer 20 % de moins ? Kup z nami – 5 kr"  # noqa: RUF001 - a dash
    for tag in ("fr-FR", "pl-PL", "sv-SE"):
        assert bind(text, tag).replace(NBSP, " ").replace(NNBSP, " ") == text


def test_pieces_make_the_text_again() -> None:
    """A break that swallowed a letter would change what was approved."""
    for tag, text in [("de-DE", "Ganz-einfach zahlen"), ("th-TH", "จ่ายตามจังหวะของคุณ")]:
        assert "".join(piece.text for piece in pieces(text, tag)) == text


def test_korean_breaks_at_spaces_only() -> None:
    """A Korean word cut in two reads as a mistake."""
    parts = [piece.text for piece in pieces("원하는 속도로 결제하세요", "ko-KR")]
    assert parts == ["원하는 ", "속도로 ", "결제하세요"]


def test_japanese_and_chinese_prefer_to_break_between_phrases() -> None:
    """Both may break nearly anywhere, and look careless when they do."""
    japanese = pieces("あなたのペースでお支払い", "ja-JP")
    good = [piece.text for piece in japanese if piece.penalty < INSIDE_PHRASE]
    assert good[0].endswith("の")
    chinese = pieces("按照自己的节奏付款", "zh-Hans-SG")
    assert chinese[0].penalty == INSIDE_PHRASE  # 按|照 is one word


def test_thai_breaks_between_words() -> None:
    """Thai writes no spaces between words: without a dictionary a headline would be one line."""
    assert len(pieces("จ่ายตามจังหวะของคุณ", "th-TH")) > 3
