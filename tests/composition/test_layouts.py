"""Frames of every family, with copy in every script."""

import itertools
from collections.abc import Callable

import pytest

from composition.arrange import arrange
from composition.checks import check_plan
from composition.fonts import Fonts, Role
from composition.frame import Family
from composition.layout import family, frames
from composition.plan import Mark, Plan
from composition.typeset import Typesetter
from creative.finding import Severity
from creative.market import market_table
from creative.placement import Box, Insets, Placement

Words = tuple[str, str, str, str]
ROLES = (Role.HEADLINE, Role.BODY, Role.CTA, Role.NOTICE)
SIZES = {
    (1080, 1080): Family.CARD,
    (1080, 1350): Family.CARD,
    (300, 250): Family.CARD,
    (300, 600): Family.CARD,
    (1080, 1920): Family.STORY,
    (1200, 628): Family.LANDSCAPE,
    (970, 250): Family.LANDSCAPE,
    (1920, 1080): Family.CINEMA,
    (160, 600): Family.SKYSCRAPER,
    (728, 90): Family.LEADERBOARD,
    (970, 90): Family.LEADERBOARD,
    (320, 50): Family.TINY,
    (320, 100): Family.TINY,
}
SETTER = Typesetter(Fonts("Inter", "Noto Sans", {}))


def planned(tag: str, placement: Placement, texts: Words, mark: Mark | None = None) -> Plan:
    """Arrange a text in a placement."""
    locale = market_table().locale(tag)
    words = {
        role: SETTER.set(text, role, locale)
        for role, text in zip(ROLES, texts, strict=True)
        if text
    }
    return arrange(frames(placement, locale.direction), words, mark or wordmark(), locale)


def wordmark() -> Mark:
    """Return a brand name in type."""
    block = SETTER.set("Nordlys", Role.WORDMARK, market_table().locale("en-GB")).nice[0]
    line = block.lines[0]
    return Mark((line.right - line.left) / block.top, block, 0.25, 1)


@pytest.mark.parametrize(("size", "expected"), SIZES.items())
def test_every_shape_has_its_family(
    size: tuple[int, int], expected: Family, place: Callable[..., Placement]
) -> None:
    """A banner laid out as a story would show a strip of picture and no words."""
    assert family(place(*size)) is expected


@pytest.mark.parametrize("size", SIZES)
def test_every_family_fits_every_script(
    size: tuple[int, int], place: Callable[..., Placement], words: dict[str, Words]
) -> None:
    """One locale that does not fit holds up the delivery of its market."""
    for tag, texts in words.items():
        plan = planned(tag, place(*size), texts)
        found = [
            finding
            for finding in check_plan(plan, wordmark())
            if finding.severity is not Severity.NOTE
        ]
        assert found == [], tag
        assert any(text.role is Role.HEADLINE for text in plan.texts)
        assert plan.logo is not None
        assert plan.pill is not None


def test_text_and_logo_keep_out_of_what_the_platform_covers(
    place: Callable[..., Placement], words: dict[str, Words]
) -> None:
    """A headline below Reels' buttons is paid for and not read."""
    unsafe = Insets(top=269, right=140, bottom=672, left=40)
    placement = place(1080, 1920, unsafe=unsafe)
    safe = placement.safe_box
    for tag, texts in words.items():
        plan = planned(tag, placement, texts)
        boxes = [line.ink for text in plan.texts for line in text.lines]
        boxes += [box for box in (plan.logo, plan.pill) if box]
        for box in boxes:
            assert box.left >= safe.left
            assert box.right <= safe.right
            assert box.top >= safe.top
            assert box.bottom <= safe.bottom


@pytest.mark.parametrize("size", SIZES)
def test_a_right_to_left_frame_is_the_mirror_of_the_other(
    size: tuple[int, int], place: Callable[..., Placement]
) -> None:
    """An Arabic reader starts at the right: picture, logo and call change sides with the words."""
    texts = ("123", "", "45", "")
    western, eastern = (planned(tag, place(*size), texts) for tag in ("en-GB", "he-IL"))
    width = size[0]
    assert western.logo
    assert eastern.logo
    assert (western.logo.left, western.logo.top) == (width - eastern.logo.right, eastern.logo.top)
    if western.picture and eastern.picture:
        assert western.picture.left == width - eastern.picture.right
    heads = [
        next(text.lines[0].ink for text in plan.texts if text.role is Role.HEADLINE)
        for plan in (western, eastern)
    ]
    assert abs(heads[0].left - (width - heads[1].right)) <= 2


def test_parts_do_not_stand_on_each_other(
    place: Callable[..., Placement], words: dict[str, Words]
) -> None:
    """Words over words cannot be read, and no other check would see it."""
    for size, (tag, texts) in itertools.product(SIZES, words.items()):
        plan = planned(tag, place(*size), texts)
        parts = [(text.role, line.ink) for text in plan.texts for line in text.lines]
        for (one, first), (other, second) in itertools.combinations(parts, 2):
            if one is not other:
                assert not overlap(first, second), (size, tag, one, other)


def test_copy_that_is_too_long_is_shown_whole_and_blocked(
    place: Callable[..., Placement],
) -> None:
    """A copy writer must be told how much to cut; a reader must never get half a sentence."""
    text = "Unvergleichlich entspannte Zahlungsbedingungen " * 6
    plan = planned("de-DE", place(300, 250), (text, "", "Mehr", ""))
    finding = next(one for one in check_plan(plan, wordmark()) if one.check == "overflow")
    assert finding.severity is Severity.BLOCK
    assert finding.where == "headline"
    assert 50 < plan.overflow[Role.HEADLINE] < len(text)
    assert str(plan.overflow[Role.HEADLINE]) in finding.mend
    drawn = [
        line.shaped.text for one in plan.texts for line in one.lines if one.role is Role.HEADLINE
    ]
    assert "".join("".join(drawn).split()) == "".join(text.split())
    for line in (line for one in plan.texts for line in one.lines):
        assert line.ink.left >= 0
        assert line.ink.right <= 300


def test_cutting_what_the_finding_says_makes_it_fit(place: Callable[..., Placement]) -> None:
    """A finding that asks for too little sends the copy writer around twice."""
    text = "Unvergleichlich entspannte Zahlungen für alle " * 5
    too_long = planned("de-DE", place(300, 250), (text, "", "Mehr", ""))
    shorter = text[: len(text) - round(too_long.overflow[Role.HEADLINE] * 1.15)]
    assert planned("de-DE", place(300, 250), (shorter, "", "Mehr", "")).overflow == {}


def test_small_sizes_drop_the_body_and_say_so(
    place: Callable[..., Placement], words: dict[str, Words]
) -> None:
    """A dropped text is a decision that a person must be able to see."""
    plan = planned("en-GB", place(320, 50), words["en-GB"])
    notes = {finding.check: finding for finding in check_plan(plan, wordmark())}
    assert notes["body-dropped"].severity is Severity.NOTE
    assert notes["notice-one-click"].severity is Severity.NOTE
    assert {text.role for text in plan.texts} == {Role.HEADLINE, Role.CTA, Role.WORDMARK}


def test_a_notice_is_shown_wherever_there_is_room(
    place: Callable[..., Placement], words: dict[str, Words]
) -> None:
    """The law asks for it beside the claim; only a banner may leave it to the click."""
    for size, kind in SIZES.items():
        plan = planned("en-GB", place(*size), words["en-GB"])
        shown = any(text.role is Role.NOTICE for text in plan.texts)
        assert shown is (kind not in {Family.LEADERBOARD, Family.TINY})


def test_a_logo_below_its_smallest_width_is_reported(
    place: Callable[..., Placement], words: dict[str, Words]
) -> None:
    """A mark that cannot be read harms the brand more than none."""
    mark = Mark(aspect=1.0, wordmark=None, clear_space=0.25, min_width=96)
    plan = planned("en-GB", place(320, 50), words["en-GB"], mark)
    assert "logo-size" in {finding.check for finding in check_plan(plan, mark)}


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes share a pixel."""
    return (
        one.left < other.right
        and other.left < one.right
        and one.top < other.bottom
        and other.top < one.bottom
    )
