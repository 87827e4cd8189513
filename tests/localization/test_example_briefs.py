"""The briefs that we ship: each loads, and the demo speaks to every market."""

from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from cost_tracking.policy import default_policy
from creative.brief_file import LoadedBrief, load_brief
from creative.copy_deck import Slot
from creative.finding import blocks
from creative.market import market_table
from localization.adapt import Decks, copy_decks, recall
from localization.copy_text import display_width
from localization.languages import stand_ins, written_language
from localization.memory import Memory, State
from localization.notices import Notices
from localization.saying import message
from localization.termbase import Termbase

FOLDER = Path(__file__).parents[2] / "briefs"
BRIEFS = sorted(FOLDER.glob("*.yaml"))
DEMO = FOLDER / "spring-checkout.yaml"


@cache
def memory() -> Memory:
    """Return the example brand's memory, read once."""
    return Memory.load(FOLDER / "brands" / "memory")


@cache
def decks(path: Path) -> Decks:
    """Return the decks that a brief gets without paying anybody."""
    loaded = load_brief(path)
    return copy_decks(
        loaded.brief,
        loaded.locales,
        memory(),
        Notices.load(FOLDER / "brands" / "notices"),
        recall(memory()),
        Termbase.load(FOLDER / "brands" / "terms" / "nordlys.csv").keeping("Nordlys"),
    )


def test_there_are_briefs_to_test() -> None:
    """A moved folder must not pass as a folder in which all is well."""
    assert {path.stem for path in BRIEFS} >= {"spring-checkout", "nordic-flash", "rtl-cjk"}


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.stem)
def test_an_example_brief_is_whole(path: Path) -> None:
    """The first thing a newcomer runs is one of these."""
    loaded: LoadedBrief = load_brief(path)

    assert loaded.brief.name == path.stem
    assert loaded.locales


@pytest.mark.parametrize("path", BRIEFS, ids=lambda path: path.stem)
def test_every_declared_cost_has_a_class(path: Path) -> None:
    """Finance could not tell working from non-working money in our own example."""
    for cost in load_brief(path).brief.costs:
        assert default_policy().rule(cost.type)


def test_the_demo_speaks_to_every_market() -> None:
    """The promise of the first page: one brief, every market, without a key."""
    made = decks(DEMO)
    every = {locale.tag for market in market_table().markets.values() for locale in market.locales}

    assert made.failures == {}
    assert {deck.locale for deck in made.decks} == every
    slots = {Slot.HEADLINE, Slot.BODY, Slot.CTA, Slot.NOTICE}
    assert all(set(deck.lines) == slots for deck in made.decks)


@pytest.mark.parametrize("name", ["spring-checkout", "nordic-flash", "rtl-cjk"])
def test_the_examples_have_no_fault_but_that_nobody_reviewed_them(name: str) -> None:
    """Nobody may claim a native speaker's approval, and nobody should see an avoidable warning."""
    made = decks(FOLDER / f"{name}.yaml")
    checks = {finding.check for deck in made.decks for finding in deck.findings}

    assert made.failures == {}
    assert checks <= {"unreviewed-copy", "regional-source"}
    assert not any(blocks(deck.findings) for deck in made.decks)


def test_the_memory_holds_every_language_of_the_table_in_each_slot() -> None:
    """A market that is added to the table without words must be noticed here."""
    loaded = load_brief(DEMO)
    source = message(loaded.brief)
    for locale in loaded.locales:
        if written_language(locale.tag) == written_language(source.locale):
            continue
        for slot, line in source.lines.items():
            assert memory().unreviewed(locale, slot, line.text), (locale.tag, slot)


def test_the_example_memory_claims_no_review_and_no_stray_language() -> None:
    """These translations were not read by natives, and a file that no market reads is dead."""
    read = {
        tag
        for market in market_table().markets.values()
        for locale in market.locales
        for tag in stand_ins(locale)
    }

    assert {entry.state for entry in memory().entries.values()} == {State.UNREVIEWED}
    assert {tag for tag, _, _ in memory().entries} <= read


def test_the_translations_are_short_enough_for_ads() -> None:
    """A headline that is twice as long as its source is set half as large."""
    longest = {Slot.HEADLINE: 30, Slot.BODY: 46, Slot.CTA: 16, Slot.NOTICE: 56}
    for deck in decks(DEMO).decks:
        for slot, line in deck.lines.items():
            assert display_width(line.text) <= longest[slot], (deck.locale, slot)


def test_the_logo_is_large_and_see_through() -> None:
    """It stands on pictures of any colour, and on billboards."""
    with Image.open(FOLDER / "brands" / "assets" / "logo.png") as logo:
        assert logo.width >= 800
        assert logo.mode == "RGBA"
        assert logo.getchannel("A").getextrema() == (0, 255)
