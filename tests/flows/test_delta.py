"""A changed brief has only that done again which the change touches: words, pictures, approvals."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openai_wire import Call, Wire
from PIL import Image
from places import Place

from creative.decision import Redo, Verdict
from flows import deciding, pipeline
from flows.delta import Delta, lines
from flows.desk import Desk, open_desk
from flows.editing import edit
from flows.materials import gather
from flows.quote import Quote
from flows.quoting import quote
from flows.reviewing import decide, items
from flows.run_options import RunOptions
from flows.settings import read_settings
from flows.summary import Summary
from providers.errors import ProviderError
from review.access.people import alone
from review.acts import Ruling
from review.approval import Approval

TEA = "spring-tea"
SE_CARD = "spring-tea_SE_sv-SE_iab_medium_rectangle_c1"
SE_BANNER = "spring-tea_SE_sv-SE_iab_smartphone_banner_c1"
DE_CARD = "spring-tea_DE_de-DE_iab_medium_rectangle_c1"
DE_BANNER = "spring-tea_DE_de-DE_iab_smartphone_banner_c1"
CARDS = {SE_CARD, DE_CARD}
ALL = CARDS | {SE_BANNER, DE_BANNER}
PICTURES, WORDS = "/v1/images/generations", "/v1/responses"
NOTICE = """\
schema: 1
id: terms
version: 3
kind: terms_link
owner: legal@leaf.example
status: approved
valid_from: 2027-01-01
valid_until: 2027-12-31
placement: one_click
texts: {sv: "Villkor gäller.", de: "Es gelten Bedingungen."}
"""
TERMS = "source,target,locale,status,note\n"


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the vendor."""
    with Wire() as vendor:
        yield vendor


@pytest.fixture
def paid(place: Place, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a brief whose pictures and words are bought; its brand has a logo, terms and notices.

    Its banner shows neither the body nor the notice.
    """
    quick = "providers: {tier: sketch, sketch: {image: openai, edge: 1024}, image: studio"
    place.rewrite("providers: {image: studio, writing: studio", f"{quick}, writing: openai")
    place.rewrite("markets: [SE, SA]", "markets: [SE, DE]")
    place.rewrite("translation: studio", "translation: openai")
    place.rewrite("schedule:", "compliance: {required_disclosures: [terms]}\nschedule:")
    brand = place.folder / "brand.yaml"
    more = "logo: {image: logo.png}\ntermbase: terms.csv\nnotices: notices/\n"
    brand.write_text(brand.read_text("utf-8") + more, "utf-8")
    Image.new("RGBA", (240, 80), "#F2B705").save(place.folder / "logo.png")
    (place.folder / "terms.csv").write_text(TERMS, "utf-8")
    (place.folder / "notices").mkdir()
    (place.folder / "notices" / "terms.yaml").write_text(NOTICE, "utf-8")
    monkeypatch.chdir(place.folder)
    for name, value in {
        "KAMPANJ_ACTOR": "ada",
        "KAMPANJ_WORKERS": "1",
        "OPENAI_API_KEY": "sk-test-0123456789",
        "OPENAI_BASE_URL": wire.url,
    }.items():
        monkeypatch.setenv(name, value)
    return place


def made(desk: Desk, approve: Approval = Approval.WAIT) -> Summary:
    """Start a run of the brief as it is now, and carry it out."""
    brief = Path("brief.yaml").absolute()
    out = str(Path("out").absolute())
    options = RunOptions(brief=str(brief), out=out, approve=approve, by="bo")
    return pipeline.carry_out(desk, pipeline.start(desk, gather(brief), options))


def accept(desk: Desk) -> None:
    """Let Ada accept all that waits."""
    waiting = [one.seen for one in items(desk, TEA) if one.state == "waiting"]
    request = deciding.request(alone("ada"), "command line")
    decide(desk, request, TEA, waiting, Ruling(verdict=Verdict.ACCEPTED))


def as_done(told: Quote, done: Summary) -> Delta:
    """Return what a quote said was made anew, once the run has done exactly that."""
    delta = told.delta
    assert delta
    assert (delta.drawn, delta.kept + delta.restored, delta.rework.renditions, delta.reopened) == (
        done.composed - done.redone,
        done.reused,
        done.redone,
        done.reopened,
    )
    assert (told.attempts, told.files) == (done.attempts, done.files)
    return delta


class Shown(NamedTuple):
    """One rendition as people find it."""

    name: str
    sha256: str
    state: str


def shown(desk: Desk) -> dict[str, Shown]:
    """Return the newest renditions by their slots."""
    return {
        one.asset.rendition.name.slot: Shown(one.name, one.asset.rendition.sha256, one.state)
        for one in items(desk, TEA)
    }


def facts(call: Call) -> dict[str, Any]:
    """Return what a writer was told."""
    found = re.search(r"BEGIN FACTS\n(.*)\nEND FACTS", call.asked["input"], re.DOTALL)
    assert found
    told: dict[str, Any] = json.loads(found[1])
    return told


def asked(wire: Wire, since: int) -> dict[str, set[str]]:
    """Return which lines each locale was asked for since some call."""
    found: dict[str, set[str]] = {}
    for call in wire.calls[since:]:
        if call.path == WORDS:
            told = facts(call)
            tag = told["reader"]["tag"] if "reader" in told else "directions"
            assert tag not in found
            found[tag] = set(told.get("source", ()))
    return found


def rewritten(file: str, old: str, new: str) -> None:
    """Change a file beside the brief."""
    path = Path(file)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def another_logo() -> None:
    """Draw the logo in another colour."""
    Image.new("RGBA", (240, 80), "#E4572E").save("logo.png")


class Change(NamedTuple):
    """One change, and all that it touches."""

    do: Callable[[], None]
    asks: Mapping[str, set[str]]
    """The lines that are asked for anew, by locale."""
    draws: set[str]
    because: set[str]
    """What a quote gives as the reason."""


BOTH = ("sv-SE", "de-DE")
APPROVED = """\
schema: 1
locale: sv-SE
entries:
  - {slot: body, source: Steep for three minutes., target: Tre minuter räcker., state: approved,
     by: Bea, on: 2026-11-01}
"""
CHANGES = {
    "nothing": Change(lambda: None, {}, set(), set()),
    "a claim": Change(
        lambda: rewritten("brief.yaml", "A slower morning", "A slow morning"),
        {key: {"headline"} for key in BOTH},
        ALL,
        {"headline"},
    ),
    "a price": Change(
        lambda: rewritten("brief.yaml", "Steep for three minutes.", "From 4 euros a cup."),
        {key: {"body"} for key in BOTH},
        CARDS,
        {"body"},
    ),
    "a line that somebody approved": Change(
        lambda: Path("memory/sv-SE.yaml").write_text(APPROVED, "utf-8") and None,
        {},
        {SE_CARD},
        {"body"},
    ),
    "a logo": Change(another_logo, {}, ALL, {"logo"}),
    "a name that no line says": Change(
        lambda: rewritten("terms.csv", TERMS, f"{TERMS}Oolong,,,dnt,\n"), {}, set(), set()
    ),
    "a forbidden word": Change(
        lambda: rewritten("terms.csv", TERMS, f"{TERMS},gratis,sv,forbidden,\n"), {}, set(), set()
    ),
    "a notice": Change(
        lambda: rewritten("notices/terms.yaml", "Villkor gäller.", "Allmänna villkor gäller."),
        {},
        {SE_CARD},
        {"notice"},
    ),
    "a title": Change(
        lambda: rewritten("brief.yaml", "title: Spring", "title: Late"), {}, ALL, {"title"}
    ),
    "money and dates": Change(
        lambda: rewritten("brief.yaml", '"50.00"', '"60.00"'), {}, set(), set()
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_has_done_again_what_it_touches(paid: Place, wire: Wire, what: str) -> None:
    """Who mends a price must not pay for pictures, nor have everything approved anew."""
    change = CHANGES[what]
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        before, calls = shown(desk), len(wire.calls)
        change.do()
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        after = shown(desk)
        delta = as_done(told, done)
        assert (delta.images, delta.copy_requests) == (0, len(change.asks))
        assert {one.name for one in delta.touched} == {before[one].name for one in change.draws}
        assert {why for one in delta.touched for why in one.because} == change.because
        assert {one.by for one in delta.touched} <= {"ada"}
        assert {one.what for one in delta.changes} == change.because
        assert not delta.choice_open
        assert asked(wire, calls) == change.asks
        assert not [call for call in wire.calls[calls:] if call.path != WORDS]
        assert {slot for slot in ALL if after[slot].sha256 != before[slot].sha256} == change.draws
        assert (done.composed, done.reused) == (len(change.draws), 4 - len(change.draws))
        assert {slot for slot, one in after.items() if one.state == "waiting"} == change.draws
        assert {slot: after[slot] for slot in ALL - change.draws} == {
            slot: before[slot] for slot in ALL - change.draws
        }
        # Asked once more, it has nothing left to do.
        told = quote(read_settings(), paid.brief, desk.now())
        again = made(desk)
        assert as_done(told, again).kept == 4
        assert (again.composed, again.attempts, again.waiting) == (0, 0, done.waiting)


def test_a_message_keeps_the_ideas_that_somebody_wrote_for_it(paid: Place, wire: Wire) -> None:
    """The ideas are bought with the pictures: others would cost all of them, and the choice."""
    paid.rewrite("[A cup by a window, Leaves in the sun]", "[]")
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        pictures = {one.sha256 for one in desk.concepts(desk.run_named(TEA).id)}
        calls = len(wire.calls)
        paid.rewrite("A slower morning", "A slow morning")
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        assert as_done(told, done).images == 0
        assert [one for one in told.notes if "concepts.directions" in one]
        assert asked(wire, calls) == {key: {"headline"} for key in BOTH}
        assert not [call for call in wire.calls[calls:] if call.path == PICTURES]
        assert {one.sha256 for one in desk.concepts(done.run)} == pictures
        # Other people are another idea.
        paid.rewrite("People who drink tea", "People who drink coffee")
        calls = len(wire.calls)
        made(desk)
        assert "directions" in asked(wire, calls)


def test_a_colour_that_is_seen_has_the_pictures_drawn_in_it(paid: Place, wire: Wire) -> None:
    """The pictures are asked for in the brand's colours, and the choice is of what was seen."""
    assert paid
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        calls = len(wire.calls)
        rewritten("brand.yaml", "#1B3B6F", "#3B1B6F")
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        delta = as_done(told, done)
        assert (delta.images, delta.reopened, delta.choice_open) == (2, 4, True)
        assert {why for one in delta.touched for why in one.because} == {"colours", "picture"}

        assert [call.path for call in wire.calls[calls:]] == [PICTURES] * 2
        assert (done.composed, done.waiting) == (4, 4)


def test_an_edit_leaves_what_does_not_show_it(paid: Place) -> None:
    """Whoever mends the body must not have the banners approved again."""
    assert paid
    with open_desk(read_settings()) as desk:
        run = made(desk).run
        accept(desk)
        pipeline.carry_out(desk, run)
        before = {one.rendition.name: one for one in desk.manifest(run).assets}

        done = edit(desk, alone("ada"), TEA, "sv-SE", "body", "Tre minuter.", via="page")

        assert set(done.renditions) == {f"{SE_CARD}_v1"}
        kept = {str(one.rendition.name): one for one in desk.manifest(run).assets}
        banner = kept[f"{SE_BANNER}_v1"]
        assert banner.decision == before[banner.rendition.name].decision is not None
        assert banner.delivered
        assert desk.copy(run, "sv-SE", banner.rendition.deck)["body"] == "Tre minuter."
        assert {slot for slot, one in shown(desk).items() if one.state == "waiting"} == {SE_CARD}
        resumed = pipeline.carry_out(desk, run, approve=Approval.AUTO)
        assert (resumed.composed, resumed.waiting, resumed.delivered) == (0, 1, 3)
        # A banner that is new is not by hand for words that it does not show.
        paid.rewrite(
            "iab_smartphone_banner]", "iab_smartphone_banner, iab_smartphone_banner_300x50]"
        )
        assert made(desk, Approval.AUTO).waiting == 1


def test_what_was_said_again_stands_while_another_line_changes(paid: Place, wire: Wire) -> None:
    """A rejected headline that came back with the old words would be rejected for ever."""
    assert paid
    with open_desk(read_settings()) as desk:
        made(desk)
        ruling = Ruling(
            verdict=Verdict.REJECTED, code="translation", note="Too flat", redo=Redo.COPY
        )
        banner = next(one for one in items(desk, TEA) if one.name.startswith(SE_BANNER))
        request = deciding.request(alone("ada"), "command line")
        decide(desk, request, TEA, [banner.seen], ruling)
        made(desk)
        before, calls = shown(desk), len(wire.calls)
        assert before[SE_BANNER].name.endswith("_v2")

        paid.rewrite("Steep for three minutes.", "From 4 euros a cup.")
        made(desk)

        assert asked(wire, calls) == {key: {"body"} for key in BOTH}
        assert shown(desk)[SE_BANNER] == before[SE_BANNER]


def test_what_is_still_to_be_said_counts_as_changed(paid: Place, wire: Wire) -> None:
    """Nobody knows what a vendor will say: a quote may be too high then, and never too low."""
    assert paid
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        calls = len(wire.calls)
        rewritten("terms.csv", TERMS, f"{TERMS}minutes,,,dnt,\n")
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        assert asked(wire, calls) == {key: {"body"} for key in BOTH}
        assert told.attempts == done.attempts == 2
        # They are said as they were, so nothing is drawn, and no approval is touched.
        assert (done.composed, done.reopened) == (0, 0)
        assert told.delta
        assert (told.delta.drawn, told.delta.reopened) == (2, 2)


def test_a_change_that_is_taken_back_is_not_drawn_again(paid: Place) -> None:
    """What is in the store is taken from there, and seen anew: another version was accepted."""
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        first = shown(desk)
        rewritten("brief.yaml", "title: Spring", "title: Late")
        made(desk)
        accept(desk)
        rewritten("brief.yaml", "title: Late", "title: Spring")
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        delta = as_done(told, done)
        assert (delta.drawn, delta.restored, delta.kept, delta.reopened) == (0, 4, 0, 4)
        assert "4 are taken from the store" in lines(delta)[0]
        now = shown(desk)
        assert {slot: one.sha256 for slot, one in now.items()} == {
            slot: one.sha256 for slot, one in first.items()
        }
        assert all(one.name.endswith("_v3") for one in now.values())


def test_an_edit_and_what_was_made_again_are_known_to_a_quote(paid: Place) -> None:
    """Whoever wrote a line by hand must not be told that a run would undo it."""
    with open_desk(read_settings()) as desk:
        made(desk)
        edit(desk, alone("ada"), TEA, "sv-SE", "headline", "En lugn morgon", via="page")
        accept(desk)
        told = quote(read_settings(), paid.brief, desk.now())
        assert as_done(told, made(desk)).kept == 4
        # The line stands for the message that it was written for.
        paid.rewrite("A slower morning", "A slow morning")
        told = quote(read_settings(), paid.brief, desk.now())
        delta = as_done(told, made(desk))
        assert (delta.drawn, delta.reopened) == (4, 4)


@pytest.mark.parametrize("redo", [Redo.COPY, Redo.PICTURE, Redo.LAYOUT])
def test_pending_rework_is_priced_before_it_is_done(paid: Place, redo: Redo) -> None:
    """What people turned down costs money, too, and a quote without it is too low."""
    with open_desk(read_settings()) as desk:
        made(desk)
        ruling = Ruling(verdict=Verdict.REJECTED, code="translation", note="Too flat", redo=redo)
        card = next(one for one in items(desk, TEA) if one.name.startswith(SE_CARD))
        decide(desk, deciding.request(alone("ada"), "page"), TEA, [card.seen], ruling)
        accept(desk)

        told = quote(read_settings(), paid.brief, desk.now())
        done = made(desk)

        delta = as_done(told, done)
        requests = 0 if redo is Redo.LAYOUT else 1
        assert (delta.rework.renditions, delta.rework.requests) == (1, requests)
        assert (delta.drawn, delta.kept, delta.reopened) == (0, 3, 0)
        assert bool(delta.rework.money.micros) == bool(requests)
        assert (told.money, told.most) == (delta.rework.money, delta.rework.most)
        # What the run set aside for it is what the quote said.
        if requests:
            (attempt,) = (one for one in desk.attempts.list(TEA) if one.run == done.run)
            assert attempt.budget_amount == told.most
        again = quote(read_settings(), paid.brief, desk.now())
        assert again.delta
        assert (again.delta.rework.renditions, again.attempts) == (0, 0)


def test_a_place_that_is_added_is_new_and_reopens_nothing(paid: Place) -> None:
    """Whoever adds a size later must not have the others approved again."""
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        paid.rewrite("iab_smartphone_banner]", "iab_smartphone_banner, iab_portrait]")
        told = quote(read_settings(), paid.brief, desk.now())

        delta = as_done(told, made(desk))

        assert (delta.drawn, delta.kept, delta.reopened) == (2, 4, 0)
        assert [(one.what, one.renditions) for one in delta.changes] == [("new", 2)]
        paid.rewrite("[iab_medium_rectangle, iab_smartphone_banner, ", "[")
        told = quote(read_settings(), paid.brief, desk.now())
        delta = as_done(told, made(desk))
        assert (delta.drawn, delta.kept, delta.left_out) == (0, 2, 4)


def test_a_quote_says_it_to_people_to_programs_and_on_a_pull_request(paid: Place) -> None:
    """Three readers, one set of figures; a first quote has nothing to compare with."""
    assert json.loads(paid.run("plan", "brief.yaml", "--json").out)["delta"] is None
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        rewritten("brief.yaml", "Steep for three minutes.", "From 4 euros a cup.")
        told = quote(read_settings(), paid.brief, desk.now())
    text = paid.run("plan", "brief.yaml").out
    markdown = paid.run("plan", "brief.yaml", "--markdown").out
    spoken = json.loads(paid.run("plan", "brief.yaml", "--json").out)

    assert told.delta
    assert spoken["delta"] == told.delta.model_dump(mode="json")
    figures = "2 renditions are drawn, 2 stay as they are; 2 approvals are reopened"
    for said in (text, markdown):
        assert f"{figures}; 0 image requests, 2 copy requests" in said
        assert "the body: 2 changed, 2 reopened" in said
        assert "accepted by ada: the body" in said


def test_a_manifest_from_before_ingredients_were_kept_is_compared_all_the_same(
    paid: Place,
) -> None:
    """A campaign that is under way when the program is updated goes on."""
    with open_desk(read_settings()) as desk:
        run = made(desk).run
        accept(desk)
        path = desk.manifest_path(run)
        old = json.loads(path.read_bytes())
        for asset in old["assets"]:
            del asset["rendition"]["ingredients"]
        path.write_text(json.dumps(old), "utf-8")

        told = quote(read_settings(), paid.brief, desk.now())

        assert told.delta
        assert [(one.what, one.renditions) for one in told.delta.changes] == [("program", 4)]
        # They come out as they were, so nothing is approved again.
        assert told.delta.reopened == 0
        assert desk.manifest(run).assets[0].rendition.ingredients == {}


def test_a_word_that_is_forbidden_now_is_told_where_people_read_it(paid: Place) -> None:
    """What was accepted is taken out of the delivery: nobody should learn that from a run."""
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        assert made(desk).delivered == 4
        rewritten("terms.csv", TERMS, f"{TERMS},Steep,sv,forbidden,\n")
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        delta = as_done(told, done)
        assert (delta.drawn, delta.reopened, delta.blocked) == (0, 0, done.blocked) == (0, 0, 1)
        ((name, why),) = ((one.name, one.why) for one in delta.held)
        assert name == f"{SE_CARD}_v1"
        assert "forbids 'Steep'" in why
        assert (done.delivered, done.taken_out) == (3, 1)


def test_a_line_that_stayed_is_not_said_back_again(paid: Place, wire: Wire) -> None:
    """Whoever reads what a locale says reads the old lines as they were, and pays for the new."""
    paid.rewrite("translation: openai", "translation: openai, back_translation: openai")
    with open_desk(read_settings()) as desk:
        made(desk)
        accept(desk)
        calls = len(wire.calls)
        paid.rewrite("Steep for three minutes.", "From 4 euros a cup.")
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        assert as_done(told, done).copy_requests == 2
        assert (told.attempts, done.attempts) == (4, 4)
        said = [facts(call) for call in wire.calls[calls:]]
        texts = [set(one.get("source") or one["text"]) for one in said]
        assert texts == [{"body"}] * 4
        told = quote(read_settings(), paid.brief, desk.now())
        assert as_done(told, made(desk)).kept == 4


def test_what_waits_to_be_said_again_is_not_lost_by_a_line_that_nobody_sees_there(
    paid: Place, wire: Wire
) -> None:
    """A no to a banner would be forgotten for ever, since it shows no body."""
    with open_desk(read_settings()) as desk:
        made(desk)
        ruling = Ruling(
            verdict=Verdict.REJECTED, code="translation", note="Too flat", redo=Redo.COPY
        )
        banner = next(one for one in items(desk, TEA) if one.name.startswith(SE_BANNER))
        decide(desk, deciding.request(alone("ada"), "page"), TEA, [banner.seen], ruling)
        wire.play("429_quota")
        with pytest.raises(ProviderError, match="quota"):
            made(desk)
        paid.rewrite("Steep for three minutes.", "From 4 euros a cup.")
        told = quote(read_settings(), paid.brief, desk.now())

        done = made(desk)

        assert as_done(told, done).rework.renditions == 1
        assert shown(desk)[SE_BANNER].name.endswith("_v2")
        assert shown(desk)[SE_BANNER].state == "waiting"
