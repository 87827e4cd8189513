"""Words that a platform would cut off do not go out."""

import pytest

from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.placement import placement_table
from localization.limits import over_limits

FEED = placement_table().placements["meta_feed_1x1"]


def deck(headline: str) -> CopyDeck:
    """Return a deck of one line."""
    line = Line(text=headline, origin=Origin.MEMORY, reviewed=True, reference="")
    return CopyDeck(locale="ja-JP", lines={Slot.HEADLINE: line})


@pytest.mark.parametrize(("letter", "most"), [("a", 40), ("ä", 40), ("日", 20)])
def test_a_limit_counts_columns_as_the_platform_does(letter: str, most: int) -> None:
    """Twenty-one Japanese letters are as wide as forty-two Latin ones."""
    assert FEED.limits["headline"] == 40
    assert not list(over_limits(deck(letter * most), FEED))

    (found,) = over_limits(deck(letter * (most + 1)), FEED)

    assert (found.check, found.where, found.severity.value) == ("text-limit", "headline", "block")
    assert "ja-JP" in found.mend


def test_a_placement_that_shows_no_words_beside_the_picture_limits_none() -> None:
    """A banner is only its picture."""
    banner = placement_table().placements["iab_leaderboard"]

    assert not list(over_limits(deck("a" * 500), banner))
