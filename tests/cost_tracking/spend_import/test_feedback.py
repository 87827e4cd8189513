"""What the world says of an ad becomes an event of its asset, once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.acceptance.events import recorded
from cost_tracking.database import reading
from cost_tracking.spend_import.feedback import About, Heard, import_feedback
from creative.asset_code import asset_code
from creative.problem import InvalidInput

FEED = "tea_SE_sv-SE_meta_feed_1x1_c1"
HEAD = "id,kind,at,asset,reason,note\n"
GOOD = f"1,complaint,2027-03-02T10:00:00+01:00,{FEED}_v2,wrong_price,too dear\n"


@pytest.fixture
def hear(shelf: Engine, clock: Any, tmp_path: Path) -> Any:
    """Return what imports a text of feedback."""

    def run(text: str, **about: Any) -> Heard:
        options = {name: about.pop(name) for name in ("codes", "dry_run") if name in about}
        path = tmp_path / "feedback.csv"
        path.write_text(text)
        return import_feedback(shelf, path, About.model_validate(about), clock, **options)

    return run


def events(engine: Engine) -> list[tuple[str, str, int | None, str]]:
    """Return kind, slot, version and reason of what is recorded."""
    with reading(engine) as connection:
        found = recorded(connection)
    return [(one.kind.value, one.slot, one.version, one.reason) for one in found]


def test_feedback_is_recorded_once(shelf: Engine, hear: Any) -> None:
    """The export of tickets is read every night."""
    assert [hear(HEAD + GOOD).new, hear(HEAD + GOOD).new] == [1, 0]
    assert events(shelf) == [("complaint", FEED, 2, "wrong_price")]
    assert hear(HEAD + GOOD, dry_run=True).new == 0


def test_other_headings_words_and_names_are_understood(shelf: Engine, hear: Any) -> None:
    """A platform's own list of rejections, with short codes in the names of ads."""
    text = f"Ref;When;Ad\nr1;2027-03-02;Promo {asset_code(FEED)}\nr2;2027-03-03;XYZ1\n"
    hear(
        text,
        source="meta",
        kind="platform_rejected",
        columns="id=Ref,at=When,asset=Ad",
        time_zone="Europe/Stockholm",
        codes={"XYZ1": [FEED]},
    )
    assert events(shelf) == [("platform_rejected", FEED, None, "")] * 2


def test_a_day_without_an_hour_is_told_at_its_end(shelf: Engine, hear: Any) -> None:
    """At its beginning, a complaint would come before the asset was accepted, and not count."""
    text = f"id,kind,at,asset\n1,complaint,2026-11-21,{FEED}\n"
    hear(text, time_zone="UTC")

    with reading(shelf) as connection:
        (one,) = recorded(connection)
    assert one.at == datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)


def test_a_rejection_that_was_overturned_is_retracted(shelf: Engine, hear: Any) -> None:
    """An appeal that was won gives the asset back."""
    hear(
        "id,kind,at,asset,retracts\n1,rejected,2027-03-02T10:00Z," + FEED + ",\n"
        f"2,appeal won,2027-03-04T10:00Z,{FEED},1\n"
    )
    assert [one[0] for one in events(shelf)] == ["platform_rejected", "retracted"]


@pytest.mark.parametrize(
    ("line", "says", "mend"),
    [
        (GOOD.replace("1,", ",", 1), "it has no id", "number"),
        (GOOD.replace("complaint", "grumble"), "is no kind of feedback", "complaint"),
        (GOOD.replace("2027-03-02", "2 March"), "is no moment", "2027-03-14"),
        (GOOD.replace("+01:00", ""), "which time zone", "--timezone"),
        (GOOD.replace("2027", "2028"), "lies ahead", "Correct"),
        (GOOD.replace(FEED, "somebody"), "names none of our assets", "--skip-unmatched"),
        (GOOD.replace(FEED, f"{FEED} + tea_SE_sv-SE_meta_reels_9x16_c1"), "names several", "one"),
        (GOOD.replace("wrong_price", "it is too dear!"), "is no code of a reason", "note"),
        (GOOD + GOOD, "is the id of line 2 already", "its own"),
        (GOOD + "2,complaint\n", "it has 2 of 6 columns", "again"),
        (GOOD.replace("complaint", "retracted"), "names in `retracts`", "Correct"),
        (GOOD.replace("too dear", "x" * 3_000), "at most 2000", "Correct"),
    ],
)
def test_wrong_feedback_is_told_by_line_and_nothing_is_recorded(
    shelf: Engine, hear: Any, line: str, says: str, mend: str
) -> None:
    """Half a list of complaints is a wrong figure of how many there were."""
    other = f"9,review,2027-03-02T10:00:00Z,{FEED},,\n"
    with pytest.raises(InvalidInput) as caught:
        hear(HEAD + line + other)

    told = [one for one in caught.value.problems if says in one.message]
    assert told, str(caught.value)
    assert mend in told[0].mend
    assert told[0].line in {2, 3}
    assert events(shelf) == []


def test_an_id_that_tells_something_else_now_is_refused(shelf: Engine, hear: Any) -> None:
    """A ticket cannot change into another one under our hands."""
    hear(HEAD + GOOD)
    with pytest.raises(InvalidInput, match=r"feedback.csv:2: id: .*other content"):
        hear(HEAD + GOOD.replace("too dear", "too cheap"))
    assert len(events(shelf)) == 1


def test_rows_of_others_can_be_left_out_and_are_listed(shelf: Engine, hear: Any) -> None:
    """A help desk hears of everything."""
    heard = hear(
        HEAD + GOOD + GOOD.replace("1,", "2,", 1).replace(FEED, "Other ad"), skip_unmatched=True
    )
    assert (heard.new, heard.skipped) == (1, ((3, "Other ad_v2"),))
    assert len(events(shelf)) == 1
