"""Each check of a copy deck, with a case that it finds and one that it lets pass."""

# ruff: noqa: RUF001 - letters that look like others are what is tested

import pytest

from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.finding import Severity
from creative.market import market_table
from localization.checks import check_deck
from localization.termbase import Status, Term, Termbase

TERMS = Termbase(
    (
        Term(source="Nordlys", status=Status.DNT),
        Term(target="gratis pengar", locale="sv", status=Status.FORBIDDEN),
        Term(source="purchase", target="köp", locale="sv", status=Status.PREFERRED),
    )
)


def deck(tag: str, text: str, slot: Slot = Slot.BODY) -> CopyDeck:
    """Return a deck of one line."""
    line = Line(text=text, origin=Origin.PROVIDER, reviewed=False, reference="attempt")
    return CopyDeck(locale=tag, lines={slot: line})


def found(source: str, target: str, tag: str = "sv-SE", source_tag: str = "en-GB") -> set[str]:
    """Return the checks that have something to say."""
    findings = check_deck(
        deck(tag, target),
        deck(source_tag, source),
        market_table().locale(tag),
        prohibited=("free money",),
        terms=TERMS,
    )
    return {f"{finding.check} {finding.severity.value}" for finding in findings}


FOUND = {
    "placeholder lost": ("Save {amount}", "Spara pengar", "sv-SE", "placeholders block"),
    "placeholder renamed": ("Save {amount}", "Spara {belopp}", "sv-SE", "placeholders block"),
    "percent placeholder": ("Hi %(name)s", "Hej du", "sv-SE", "placeholders block"),
    "another amount": ("Save 20 %", "Spara 30 %", "sv-SE", "numbers block"),
    "an amount dropped": ("Save 20 %", "Spara", "sv-SE", "numbers warn"),
    "a small new number": ("Split it", "Dela i 3", "sv-SE", "numbers warn"),
    "decimal point in Sweden": ("From 1.50", "Från 1.500", "sv-SE", "numbers block"),
    "an address": ("See how", "Se på nordlys.se", "sv-SE", "new-address block"),
    "a link": ("See how", "Se https://evil.example/x", "sv-SE", "new-address block"),
    "a mailbox": ("Write to us", "Skriv till a.b@nordlys.example", "sv-SE", "new-address block"),
    "doubled word": ("Pay in in parts", "Betala i i delar", "sv-SE", "doubled-word warn"),
    "double space": ("Pay in parts", "Betala  i delar", "sv-SE", "double-space warn"),
    "left in English": ("Pay at your pace", "Pay at your pace", "sv-SE", "unchanged block"),
    "one word in English": ("Start", "Start", "sv-SE", "unchanged warn"),
    "sharp s": ("Street", "Straße", "de-CH", "sharp-s warn"),
    "claim in the source": ("Free money!", "Pengar!", "sv-SE", "prohibited-claim block"),
    "claim added": ("Money", "FREE  MONEY nu", "sv-SE", "prohibited-claim block"),
    "forbidden term": ("Money", "Gratis pengar nu", "sv-SE", "forbidden-term block"),
    "name translated": ("Get Nordlys", "Skaffa Norrsken", "sv-SE", "do-not-translate block"),
    "another word": ("Any purchase", "Alla inhandlingar", "sv-SE", "preferred-term warn"),
    "Latin for Greek": ("Pay slowly", "Plirose arga", "el-GR", "wrong-script block"),
    "Russian for Hebrew": ("Pay slowly", "Платите медленно", "he-IL", "wrong-script block"),
    "simplified in Taiwan": ("Pay slowly", "慢慢付款，了解详情", "zh-Hant-TW", "han-variant warn"),
    "traditional in China": ("Pay slowly", "慢慢付款，瞭解詳情", "zh-Hans-SG", "han-variant warn"),
}
PASSED = {
    "placeholder kept": ("Save {amount}", "Spara {amount}", "sv-SE"),
    "percent sign": ("Save 20% so", "Spara 20 % så", "sv-SE"),
    "Swedish amount": ("Save 1,234.50", "Spara 1\u00a0234,50", "sv-SE"),
    "Arabic digits": ("Save 20%", "وفر ٢٠٪", "ar-SA"),
    "spelled number": ("Split it into three", "3回に分けられます", "ja-JP"),
    "abbreviation": ("For example", "T.ex. bl.a. i dag", "sv-SE"),
    "the source's address": ("See nordlys.se", "Se nordlys.se", "sv-SE"),
    "French double": ("You yourself pay", "Vous vous offrez du temps", "fr-FR"),
    "Hindi double": ("Slowly", "धीरे धीरे चुकाएँ", "hi-IN"),
    "same in English": ("Pay at your pace", "Pay at your pace", "en-US"),
    "Germany's sharp s": ("Street", "Straße", "de-DE"),
    "inside a word": ("Carefree moneybox", "Sorglös sparbössa", "sv-SE"),
    "near a forbidden term": ("Money", "Gratis frakt", "sv-SE"),
    "inflected name": ("With Nordlys", "Nordlysillä", "fi-FI"),
    "preferred word": ("Any purchase", "Alla köpen", "sv-SE"),
    "a name among Greek": ("Pay with Nordlys", "Με Nordlys", "el-GR"),
    "Taiwan": ("Pay slowly", "依您的步調付款，了解詳情", "zh-Hant-TW"),
    "Singapore": ("Pay slowly", "按你的节奏付款，了解详情", "zh-Hans-SG"),
    "Japanese": ("Pay slowly", "自分のペースでお支払い", "ja-JP"),
}


@pytest.mark.parametrize(("source", "target", "tag", "said"), FOUND.values(), ids=FOUND)
def test_a_fault_is_found(source: str, target: str, tag: str, said: str) -> None:
    """A reader, a lawyer or a platform would find it next, and in public."""
    assert said in found(source, target, tag)


@pytest.mark.parametrize(("source", "target", "tag"), PASSED.values(), ids=PASSED)
def test_good_copy_passes(source: str, target: str, tag: str) -> None:
    """Reviewers stop reading findings that are wrong."""
    assert found(source, target, tag) == set()


def test_a_notice_is_not_ours_to_check() -> None:
    """Its owner repeats words, gives addresses and amounts for reasons of their own."""
    locale = market_table().locale("sv-SE")
    notice = deck("sv-SE", "Se 30 % på konsumenternas.se", Slot.NOTICE)

    assert check_deck(notice, deck("en-GB", "Pay"), locale, prohibited=("se",)) == ()


def test_a_finding_says_where_and_how_to_mend() -> None:
    """Whoever gets only a name of a check has to read our code."""
    (finding,) = check_deck(
        deck("sv-SE", "Betala  i delar", Slot.CTA),
        deck("en-GB", "Pay in parts", Slot.CTA),
        market_table().locale("sv-SE"),
    )

    assert (finding.where, finding.severity) == ("cta", Severity.WARN)
    assert finding.message
    assert finding.mend
