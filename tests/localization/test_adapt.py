"""One message for many locales: who gets which words, and who gets none."""

from collections.abc import Mapping
from datetime import date

import pytest

from creative.brief import Brief
from creative.copy_deck import Line, Origin, Slot
from creative.finding import Severity
from creative.market import Locale, market_table
from localization.adapt import Decks, copy_decks, recall
from localization.memory import Entry, Memory, MemoryFile, State
from localization.notices import Notice, Notices
from localization.saying import Untranslatable, message
from localization.termbase import Status, Term, Termbase

HEADLINE, BODY, CTA = "Pay at your own pace", "Split any purchase.", "See how"
SWEDISH = {Slot.HEADLINE: "Betala lugnt", Slot.BODY: "Dela upp köpet.", Slot.CTA: "Se hur"}
EMPTY = Memory({})
NONE = Notices({})


def brief(source_locale: str = "en-GB", notices: tuple[str, ...] = (), body: str = BODY) -> Brief:
    """Return a brief with the message above."""
    return Brief.model_validate(
        {
            "schema": 1,
            "name": "tea",
            "title": "Tea",
            "brand": "brand.yaml",
            "objective": "awareness",
            "audience": {"who": "Tea drinkers"},
            "messaging": {
                "headline": HEADLINE,
                "body": body,
                "cta": CTA,
                "source_locale": source_locale,
            },
            "compliance": {"required_disclosures": notices, "prohibited_claims": ["free money"]},
            "markets": ["SE"],
            "placements": ["meta_feed_1x1"],
            "schedule": {"start": "2027-03-01", "end": "2027-04-15"},
            "budget": {"currency": "EUR", "non_working": "1"},
        }
    )


def memory(tag: str, texts: Mapping[Slot, str], state: State = State.APPROVED) -> Memory:
    """Return a memory of the message in one language."""
    signed = {"by": "Ana Lima", "on": date(2026, 11, 2)} if state is State.APPROVED else {}
    sources = {Slot.HEADLINE: HEADLINE, Slot.BODY: BODY, Slot.CTA: CTA}
    entries = tuple(
        Entry.model_validate(
            {"slot": slot, "source": sources[slot], "target": text, "state": state, **signed}
        )
        for slot, text in texts.items()
    )
    return Memory.of([MemoryFile.model_validate({"schema": 1, "locale": tag, "entries": entries})])


def notice(notice_id: str, **texts: str) -> Notice:
    """Return an approved notice."""
    return Notice.model_validate(
        {
            "schema": 1,
            "id": notice_id,
            "version": 2,
            "owner": "Legal",
            "status": "approved",
            "valid_from": "2027-01-01",
            "valid_until": "2027-12-31",
            "kind": "standard_info",
            "texts": texts,
        }
    )


class Translator:
    """Answers from a table, and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Mapping[Slot, str]] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[tuple[str, tuple[Slot, ...]]] = []

    def __call__(self, locale: Locale, texts: Mapping[Slot, str]) -> Mapping[Slot, Line]:
        """Return the table's lines for the locale."""
        self.asked.append((locale.tag, tuple(texts)))
        if locale.tag not in self.answers:
            raise Untranslatable(f"nobody knows {locale.tag}")
        return {
            slot: Line(text=text, origin=Origin.PROVIDER, reviewed=True, reference="attempt-1")
            for slot, text in self.answers[locale.tag].items()
        }


def decks(
    *tags: str,
    source: Brief | None = None,
    known: Memory = EMPTY,
    notices: Notices = NONE,
    translate: Translator | None = None,
) -> Decks:
    """Return the decks of these locales."""
    locales = [market_table().locale(tag) for tag in tags]
    return copy_decks(source or brief(), locales, known, notices, translate or Translator())


def checks(made: Decks) -> set[str]:
    """Return the names of the findings of the first deck."""
    return {finding.check for finding in made.decks[0].findings}


def test_the_source_locale_gets_the_message_itself() -> None:
    """Whoever wrote the brief finds their own words, and pays for no translation of them."""
    made = decks("en-GB")

    assert made.decks[0].text(Slot.HEADLINE) == HEADLINE
    assert made.decks[0].lines[Slot.CTA].origin is Origin.SOURCE
    assert made.decks[0].findings == ()


@pytest.mark.parametrize("tag", ["en-IE", "en-US", "en-IN", "en-AE"])
def test_another_region_of_the_language_gets_the_message_with_a_note(tag: str) -> None:
    """The same language needs no translation, but somebody may want *color*."""
    made = decks(tag)

    assert made.decks[0].text(Slot.BODY) == BODY
    assert {finding.severity for finding in made.decks[0].findings} == {Severity.NOTE}
    assert checks(made) == {"regional-source"}


def test_approved_words_of_a_region_come_before_another_regions_message() -> None:
    """Americans who approved their own spelling must get it."""
    made = decks("en-US", known=memory("en-US", {Slot.CTA: "See how it works"}))

    assert made.decks[0].text(Slot.CTA) == "See how it works"
    assert made.decks[0].text(Slot.BODY) == BODY


@pytest.mark.parametrize(("source", "tag"), [("pt-BR", "pt-PT"), ("sv-SE", "nb-NO")])
def test_a_neighbouring_language_does_not_get_the_message(source: str, tag: str) -> None:
    """Lisbon reads Brazilian as foreign, and Oslo Swedish."""
    assert tag in decks(tag, source=brief(source)).failures


def test_approved_memory_is_taken_without_asking_anybody() -> None:
    """A translation that was paid for once is not bought again."""
    translator = Translator()

    made = decks("sv-SE", known=memory("sv", SWEDISH), translate=translator)

    assert made.decks[0].text(Slot.HEADLINE) == "Betala lugnt"
    assert made.decks[0].findings == ()
    assert translator.asked == []


def test_a_neighbouring_regions_approval_is_noted() -> None:
    """Finland's reviewer must see that Sweden approved the words."""
    made = decks("sv-FI", known=memory("sv-SE", SWEDISH))

    assert checks(made) == {"regional-memory"}


def test_only_what_is_missing_is_translated_and_in_one_go() -> None:
    """A line translated alone lacks its context, and each request costs money."""
    known = memory("sv", {Slot.CTA: "Se hur"})
    texts = {Slot.HEADLINE: "Betala lugnt", Slot.BODY: "Dela upp köpet."}
    translator = Translator({"sv-SE": texts})

    made = decks("sv-SE", known=known, translate=translator)

    assert translator.asked == [("sv-SE", (Slot.HEADLINE, Slot.BODY))]
    assert {slot: line.text for slot, line in made.decks[0].lines.items()} == SWEDISH


def test_a_machine_does_not_review_itself() -> None:
    """A provider that calls its own words reviewed would slip past every reviewer."""
    made = decks("sv-SE", translate=Translator({"sv-SE": SWEDISH}))

    lines = made.decks[0].lines.values()
    assert not any(line.reviewed for line in lines)
    assert [(one.check, one.severity) for one in made.decks[0].findings] == [
        ("unreviewed-copy", Severity.WARN)
    ] * 3


def test_a_locale_without_copy_fails_and_the_others_go_on() -> None:
    """One missing language must not stop a launch in forty, and must not run in English."""
    translator = Translator({"sv-SE": SWEDISH})

    made = decks("en-GB", "fi-FI", "sv-SE", "de-DE", translate=translator)

    assert [deck.locale for deck in made.decks] == ["en-GB", "sv-SE"]
    assert made.failures == {"fi-FI": "nobody knows fi-FI", "de-DE": "nobody knows de-DE"}


BAD: dict[str, tuple[Mapping[Slot, str], str]] = {
    "a slot is missing": ({Slot.HEADLINE: "A", Slot.BODY: "B"}, "lacks cta"),
    "a notice was made up": ({**SWEDISH, Slot.NOTICE: "Lag"}, "also has notice"),
    "an empty line": ({**SWEDISH, Slot.CTA: " "}, "the cta for sv-SE: the text is empty"),
    "a reversed price": ({**SWEDISH, Slot.CTA: "\u202e05"}, "a bidi override"),
}


@pytest.mark.parametrize(("answer", "said"), BAD.values(), ids=BAD)
def test_a_bad_answer_fails_its_locale(answer: Mapping[Slot, str], said: str) -> None:
    """What a provider sends is data to be judged, not copy."""
    assert said in decks("sv-SE", translate=Translator({"sv-SE": answer})).failures["sv-SE"]


def test_what_must_stop_the_run_is_not_swallowed() -> None:
    """An empty budget would otherwise look like forty untranslatable languages."""

    def broke(_locale: Locale, _texts: Mapping[Slot, str]) -> Mapping[Slot, Line]:
        raise RuntimeError("over budget")

    with pytest.raises(RuntimeError, match="over budget"):
        copy_decks(brief(), [market_table().locale("sv-SE")], EMPTY, NONE, broke)


def test_the_notices_are_added_word_for_word() -> None:
    """A lawyer's text reaches the picture unchanged, with the version that was used."""
    notices = Notices({"one": notice("one", en="Credit costs."), "two": notice("two", en="18+.")})

    made = decks("en-GB", source=brief(notices=("one", "two")), notices=notices)

    line = made.decks[0].lines[Slot.NOTICE]
    assert line.text == "Credit costs. 18+."
    assert line.reference == "one@2/en, two@2/en"
    assert line.reviewed


def test_a_locale_without_its_notice_fails_before_it_costs_money() -> None:
    """Copy that can never run would be bought for nothing."""
    translator = Translator({"sv-SE": SWEDISH})
    notices = Notices({"one": notice("one", en="Credit costs.")})

    made = decks(
        "sv-SE", "en-GB", source=brief(notices=("one",)), notices=notices, translate=translator
    )

    assert "notice one@2 has no text for sv-SE" in made.failures["sv-SE"]
    assert [deck.locale for deck in made.decks] == ["en-GB"]
    assert translator.asked == []


def test_a_message_without_a_body_has_no_body_anywhere() -> None:
    """An empty slot must not be sent to be translated."""
    assert set(message(brief(body="")).lines) == {Slot.HEADLINE, Slot.CTA}


def test_the_decks_are_checked_against_the_brief_and_the_brand() -> None:
    """A forbidden claim must block wherever the words came from."""
    forbidden = Term(target="gratis pengar", locale="sv", status=Status.FORBIDDEN)
    answer = {**SWEDISH, Slot.BODY: "Gratis pengar.", Slot.CTA: "Free money"}

    made = copy_decks(
        brief(),
        [market_table().locale("sv-SE")],
        EMPTY,
        NONE,
        Translator({"sv-SE": answer}),
        Termbase((forbidden,)),
    )

    assert {"forbidden-term", "prohibited-claim"} <= checks(made)


def test_recalling_takes_unreviewed_words_and_says_so() -> None:
    """The free route must work without anybody's approval, and never hide it."""
    known = memory("sv", SWEDISH, State.UNREVIEWED)
    locales = [market_table().locale(tag) for tag in ("sv-SE", "nb-NO")]

    made = copy_decks(brief(), locales, known, NONE, recall(known))

    assert made.decks[0].lines[Slot.CTA].origin is Origin.MEMORY
    assert checks(made) == {"unreviewed-copy"}
    assert "no headline and no body and no cta for nb-NO" in made.failures["nb-NO"]


def test_the_same_words_have_the_same_fingerprint() -> None:
    """A decision is bound to it; a second run must not ask for approval again."""
    first, second = (decks("sv-SE", known=memory("sv", SWEDISH)).decks[0] for _ in range(2))

    assert first.sha256 == second.sha256
