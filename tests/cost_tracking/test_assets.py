"""A version is new bytes; the same recipe is not rendered twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.assets import Assets, Made
from creative.asset_name import AssetName
from creative.concept import SourceType
from creative.finding import Finding, Severity
from creative.rendition import Rendition


def sketch(slot: str = "tea_c1", sha256: str = "a", recipe: str = "r1") -> Made:
    """Return a picture that was bought."""
    return Made(kind="sketch", slot=slot, sha256=sha256 * 64, recipe=recipe, concept="c1")


@pytest.fixture
def assets(engine: Engine, clock: Any) -> Assets:
    """Return the assets of an empty database."""
    return Assets(engine, clock)


def test_the_same_bytes_are_the_same_version(assets: Assets) -> None:
    """An approval stays valid when a run is repeated and nothing changed."""
    first = assets.record("tea", sketch())

    again = assets.record("tea", sketch(recipe="r2"))

    assert (again.version, again.seq, again.sha256) == (1, first.seq, first.sha256)
    assert assets.by_recipe("r2") == again
    assert assets.by_recipe("r1") is None
    assert len(assets.history("tea")) == 1


def test_other_bytes_are_the_next_version(assets: Assets) -> None:
    """A redone rendition never takes the name of one that was approved."""
    versions = [assets.record("tea", sketch(sha256=sha256)).version for sha256 in "abba"]

    assert versions == [1, 2, 2, 3]
    assert [one.sha256[0] for one in assets.current("tea")] == ["a"]
    assert [one.version for one in assets.history("tea")] == [1, 2, 3]


def test_what_a_recipe_gave_is_found_again(assets: Assets) -> None:
    """540 renditions are not drawn again because one changed."""
    made = assets.record_all("tea", [sketch(f"s{number}", recipe=f"r{number}") for number in "123"])
    newer = assets.record("coffee", sketch("other", recipe="r2"))

    assert assets.by_recipe("r1") == made[0]
    assert assets.by_recipes(["r1", "r2", "none"]) == {"r1": made[0], "r2": newer}
    assert assets.by_recipe("none") is None


def test_a_batch_keeps_its_order_and_counts_within_itself(assets: Assets) -> None:
    """The caller pairs what comes back with what it sent."""
    batch = [sketch("s2", "a"), sketch("s1", "b"), sketch("s2", "c"), sketch("s2", "c")]

    recorded = assets.record_all("tea", batch)

    assert [(one.slot, one.version) for one in recorded] == [
        ("s2", 1),
        ("s1", 1),
        ("s2", 2),
        ("s2", 2),
    ]
    assert [one.slot for one in assets.current("tea")] == ["s1", "s2"]


def test_hundreds_are_recorded_by_several_workers_without_a_gap(assets: Assets) -> None:
    """Two runs of one campaign may not hand out one version for two files."""
    slots = [f"s{number}" for number in range(60)]

    def work(letter: str) -> None:
        assets.record_all("tea", [sketch(slot, letter) for slot in slots])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, "abcd"))

    assert {one.version for one in assets.current("tea")} == {4}
    assert len(assets.history("tea")) == 240


def test_a_rendition_is_kept_with_all_that_a_report_needs(assets: Assets) -> None:
    """Market, placement, findings and provenance come back as they were."""
    finding = Finding(
        check="contrast", severity=Severity.WARN, where="cta", message="3.1", mend="darken"
    )
    rendition = Rendition(
        name=AssetName.parse("tea_CH_de-CH_meta_feed_1x1_c2_v9"),
        sha256="b" * 64,
        bytes=1234,
        width=1080,
        height=1080,
        format="jpg",
        key_visual="c" * 64,
        deck="d" * 64,
        recipe="r",
        source_type=SourceType.COMPOSITE,
        findings=(finding,),
    )

    kept = assets.record("tea", Made.rendition(rendition))

    assert kept.slot == "tea_CH_de-CH_meta_feed_1x1_c2"
    assert (kept.market, kept.locale, kept.placement, kept.concept, kept.version) == (
        "CH",
        "de-CH",
        "meta_feed_1x1",
        "c2",
        1,
    )
    assert (kept.findings, kept.source_type) == ((finding,), SourceType.COMPOSITE)
    assert (kept.bytes, kept.width, kept.key_visual, kept.deck) == (1234, 1080, "c" * 64, "d" * 64)
    assert assets.current("tea") == (kept,)
    assert assets.record_all("tea", []) == ()
