"""What a locale's words say is bought once, priced before, kept, and never of words that changed.

The vendor is a server of ours that speaks as DeepL does, in its own process's wire.
"""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from loopback import Asked, Loopback, Told
from places import Place
from visits import visiting

from cost_tracking.attempts import Attempt, State
from flows import pipeline, reviewing
from flows.desk import Desk, open_desk
from flows.editing import edit
from flows.materials import gather
from flows.page_house import DeskHouse
from flows.quote import Quote
from flows.quoting import quote
from flows.run_options import RunOptions
from flows.settings import read_settings
from flows.summary import Summary
from providers.errors import ProviderError
from review.access.people import alone
from review.approval import Approval
from review.page.house import Line

TEA = "spring-tea"
SWEDISH = f"{TEA}_SE_sv-SE_iab_medium_rectangle_c1_v1"
SAYS = {
    "En lugnare morgon": "A calmer morning",
    "Låt dra i tre minuter.": "Let it draw for three minutes.",
    "Smaka": "Taste",
    "صباح أكثر هدوءًا": "A calmer morning",
    "يُترك ثلاث دقائق.": "It is left for three minutes.",
    "للتذوق": "For tasting",
    "Morgon i lugn takt": "A morning at a quiet pace",
}
STUDIO = "translation: studio}"
NOTICE = """\
schema: 1
id: terms
version: 1
owner: Legal
status: approved
valid_from: 2026-01-01
valid_until: 2028-12-31
kind: standard_info
placement: one_click
texts: {sv: Villkor gäller., en: Terms apply.}
"""


def english(asked: Asked) -> Told:
    """Say a message in English as DeepL does, and bill each letter of it."""
    lines = [
        {"text": SAYS.get(text, "?"), "billed_characters": len(text)} for text in asked.json["text"]
    ]
    return Told(200, {"translations": lines}, {"X-Trace-ID": "trace-1"})


class Vendor:
    """DeepL's place, whose answers a test may change."""

    def __init__(self) -> None:
        self.answers = english
        self.server = Loopback(self._answer)

    def _answer(self, asked: Asked) -> Told:
        return self.answers(asked)

    @property
    def asked(self) -> list[Any]:
        """Return the texts that were to be said back, by the language that they are in."""
        told = (one.json for one in self.server.asked)
        return [(one["source_lang"], one["target_lang"], one["text"]) for one in told]


@pytest.fixture
def vendor(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    """Return the vendor of a brief that asks for back-translations; this process stands there."""
    quick = "providers: {tier: sketch, sketch: {image: studio, edge: 256}, image: studio"
    place.rewrite("providers: {image: studio", quick)
    place.rewrite(STUDIO, "translation: studio, back_translation: deepl}")
    monkeypatch.chdir(place.folder)
    vendor = Vendor()
    with vendor.server as server:
        for name, value in {
            "ACTOR": "ada",
            "WORKERS": "1",
            "DEEPL_API_KEY": "key-of-nobody",
            "DEEPL_BASE_URL": server.url,
        }.items():
            monkeypatch.setenv(f"KAMPANJ_{name}", value)
        yield vendor


def started(desk: Desk) -> str:
    """Write a run down that leaves its renditions to people."""
    options = RunOptions(
        brief=str(Path("brief.yaml").absolute()),
        out=str(Path("out").absolute()),
        approve=Approval.WAIT,
        by="bo",
    )
    return pipeline.start(desk, gather(Path("brief.yaml")), options)


def carried_out(desk: Desk) -> Summary:
    """Make the campaign, in a run of its own."""
    return pipeline.carry_out(desk, started(desk))


def told() -> Quote:
    """Quote the brief as it is now."""
    return quote(read_settings(), Path("brief.yaml"), datetime(2026, 11, 21, 9, 0, tzinfo=UTC))


def bought(desk: Desk) -> list[Attempt]:
    """Return the attempts to have words said back."""
    return [one for one in desk.attempts.list(TEA) if one.stage == "back_translation"]


def shown(desk: Desk, asset: str = SWEDISH) -> str:
    """Return the page of a rendition, as a browser without a script gets it."""
    visit = visiting(desk)
    visit.come_in()
    return visit.get(f"/campaigns/{TEA}/renditions/{asset}")


def lines(desk: Desk, asset: str = SWEDISH) -> dict[str, Line]:
    """Return the words of a rendition as the page has them."""
    return {one.slot: one for one in DeskHouse(desk).rendition(asset).lines}


def test_the_words_of_a_locale_are_said_back_once_at_the_price_that_was_quoted(
    vendor: Vendor,
) -> None:
    """Who cannot read a word of it accepts it, and the money for that is told and spent once."""
    with open_desk(read_settings()) as desk:
        before = told()
        carried_out(desk)
        carried_out(desk)
        after = told()
        attempts, page, html = bought(desk), lines(desk), shown(desk)
        listed = reviewing.told(desk, SWEDISH)

    assert [asked[:2] for asked in vendor.asked] == [("SV", "EN-GB"), ("AR", "EN-GB")]
    assert page["headline"].back == "A calmer morning"
    assert '<span lang="en-GB">A calmer morning</span>' in html
    assert "Nobody has said it back" not in html
    assert listed["back_translation"] == {slot: SAYS[text] for slot, text in listed["copy"].items()}
    assert (page["body"].back, page["body"].back_by) == ("Let it draw for three minutes.", "deepl")
    assert (page["cta"].back_of, page["cta"].unsaid) == ("", "")
    assert {(one.asset, one.market, one.locale, one.state) for one in attempts} == {
        ("copy/sv-SE/back", "SE", "sv-SE", State.SETTLED),
        ("copy/ar-SA/back", "SA", "ar-SA", State.SETTLED),
    }
    [quoted] = [one for one in before.purchases if one.stage == "back_translation"]
    paid = sum(one.budget_amount.micros for one in attempts if one.budget_amount)
    assert (quoted.count, quoted.bought, quoted.expected.micros) == (2, 0, paid)
    assert paid > 0
    [again] = [one for one in after.purchases if one.stage == "back_translation"]
    assert (again.count, again.bought, again.expected.micros) == (0, 2, 0)


def test_words_that_nobody_has_written_yet_are_priced_longer_than_the_brief_s(
    vendor: Vendor, place: Place
) -> None:
    """A plan that forgot what translation makes of a text would be overspent by the run."""
    place.rewrite("translation: studio, back", "translation: deepl, back")

    def both(asked: Asked) -> Told:
        if asked.json["target_lang"] == "EN-GB":
            return english(asked)
        words = {"SV": list(SAYS)[:3], "AR": list(SAYS)[3:6]}[asked.json["target_lang"]]
        billed = [len(text) for text in asked.json["text"]]
        pairs = zip(words, billed, strict=True)
        lines = [{"text": text, "billed_characters": many} for text, many in pairs]
        return Told(200, {"translations": lines}, {"X-Trace-ID": "trace-1"})

    vendor.answers = both
    with open_desk(read_settings()) as desk:
        before = told()
        carried_out(desk)
        after = told()
        paid = sum(one.budget_amount.micros for one in bought(desk) if one.budget_amount)

    [quoted] = [one for one in before.purchases if one.stage == "back_translation"]
    assert quoted.count == 2
    assert 0 < paid < quoted.expected.micros < 3 * paid
    assert any("2 locales are not written yet" in note for note in before.notes)
    [again] = [one for one in after.purchases if one.stage == "back_translation"]
    assert (again.count, again.bought) == (0, 2)
    assert not any("not written yet" in note for note in after.notes)


@pytest.mark.parametrize(
    ("point", "asked", "code"),
    [("sent", 0, 5), ("answered", 1, 5), ("stored", 1, 4), ("settled", 1, 4)],
)
def test_a_kill_at_any_step_of_it_buys_nothing_twice(
    vendor: Vendor, place: Place, point: str, asked: int, code: int
) -> None:
    """What was sent and is not stored may be charged: a person looks, and all else is made."""
    key, url = "key-of-nobody", vendor.server.url
    settings = {"KAMPANJ_DEEPL_API_KEY": key, "KAMPANJ_DEEPL_BASE_URL": url}
    run = ("run", "brief.yaml", "--direct", "--approve", "wait")
    # The studio's two texts and two pictures come before; the fifth purchase is its first.
    killed = place.run(*run, KAMPANJ_KILL_AT=f"{point}:5", **settings)
    assert (killed.code, len(vendor.asked)) == (-signal.SIGKILL, asked)

    again = place.run(*run, **settings)

    assert again.code == code, again.err
    assert [one[0] for one in vendor.asked] == ["SV"] * asked + ["AR"]
    assert (place.delivered / "manifest.json").is_file()


def test_an_edited_line_has_no_back_translation_until_it_is_made_anew(vendor: Vendor) -> None:
    """What stood there before must not vouch for what a person wrote over it."""
    with open_desk(read_settings()) as desk:
        run = started(desk)
        pipeline.carry_out(desk, run)
        person = alone("ada")
        edit(desk, person, TEA, "sv-SE", "headline", "Morgon i lugn takt", via="page")
        edited = SWEDISH.replace("_v1", "_v2")
        stale, page = lines(desk, edited), shown(desk, edited)
        asked, quoted = len(vendor.asked), told()
        paid = sum(one.budget_amount.micros for one in bought(desk) if one.budget_amount)
        pipeline.carry_out(desk, run)
        fresh, again = lines(desk, edited), told()
        paid = -paid + sum(one.budget_amount.micros for one in bought(desk) if one.budget_amount)

    assert stale["headline"].back_of == "En lugnare morgon"
    assert stale["body"].back_of == ""
    assert "back-translation of what stood there before, deepl" in page
    assert '<s lang="en-GB">A calmer morning</s>' in page
    assert (fresh["headline"].back, fresh["headline"].back_of) == ("A morning at a quiet pace", "")
    # What was not edited was said back before, and is not paid for again; plan knows all of it.
    assert vendor.asked[asked:] == [("SV", "EN-GB", ["Morgon i lugn takt"])]
    [purchase] = [one for one in quoted.purchases if one.stage == "back_translation"]
    assert (purchase.count, purchase.expected.micros) == (1, paid)
    [purchase] = [one for one in again.purchases if one.stage == "back_translation"]
    assert (purchase.count, purchase.expected.micros) == (0, 0)


def test_what_cannot_be_said_back_keeps_nothing_else_from_being_made(vendor: Vendor) -> None:
    """It is an aid: a campaign that is drawn and paid for waits for people all the same."""
    vendor.answers = lambda _: Told(456, {"message": "Quota exceeded"})
    with open_desk(read_settings()) as desk:
        with pytest.raises(ProviderError, match="characters are used up"):
            carried_out(desk)
        assert lines(desk)["headline"].back == ""

        vendor.answers = lambda _: Told(200, {"translations": []}, {"X-Trace-ID": "trace-2"})
        made = carried_out(desk)
        assert made.waiting == 4
        assert "0 texts came for 3" in lines(desk)["headline"].unsaid
        assert "no back-translation: deepl" in shown(desk)

    assert len(bought(desk)) > 2


def test_words_that_need_no_translator_are_sent_to_none(vendor: Vendor, place: Place) -> None:
    """A notice is its owner's, word for word, and who reads English needs no English."""
    place.rewrite("markets: [SE, SA]", "markets: [SE, US]")
    place.rewrite("concepts:", "compliance: {required_disclosures: [terms]}\nconcepts:")
    (place.folder / "notices").mkdir()
    (place.folder / "notices" / "terms.yaml").write_text(NOTICE, encoding="utf-8")
    with (place.folder / "brand.yaml").open("a", encoding="utf-8") as brand:
        brand.write("notices: notices/\n")
    with open_desk(read_settings()) as desk:
        carried_out(desk)
        notice = lines(desk)["notice"]

    assert (notice.text, notice.back) == ("Villkor gäller.", "")
    [(source, _, texts)] = vendor.asked
    assert (source, texts) == ("SV", ["En lugnare morgon", "Låt dra i tre minuter.", "Smaka"])


def test_nobody_is_asked_where_the_brief_names_nobody(vendor: Vendor, place: Place) -> None:
    """Money is spent on what somebody asked for."""
    place.rewrite(", back_translation: deepl", "")
    with open_desk(read_settings()) as desk:
        carried_out(desk)
        assert lines(desk)["headline"].back == ""

    assert vendor.asked == []
    assert {one.stage for one in told().purchases} == {"concepts", "copy"}
