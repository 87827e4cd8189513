"""What is written down of an asset once it is out."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine

from cost_tracking.acceptance.events import (
    AssetEvent,
    EventConflict,
    EventKind,
    UnknownEvent,
    record,
    recorded,
)
from cost_tracking.database import reading, writing

AT = datetime(2027, 3, 20, 8, tzinfo=UTC)
KNOWN = datetime(2027, 3, 21, 9, tzinfo=UTC)


def event(key: str = "meta/77", **facts: object) -> AssetEvent:
    """Return a complaint about one rendition of campaign tea."""
    usual = {
        "campaign": "tea",
        "slot": "tea_SE_sv-SE_meta_feed_1x1_c1",
        "kind": "complaint",
        "reason": "wrong_price",
        "at": AT,
        "source": "import",
    }
    return AssetEvent.model_validate({"key": key, **usual, **facts})


def test_an_event_is_recorded_once(engine: Engine) -> None:
    """The same export is read every morning; ten complaints must not become a hundred."""
    for new in (2, 0):
        with writing(engine) as connection:
            assert record(connection, [event(), event("meta/78", version=2)], KNOWN) == new

    with reading(engine) as connection:
        first, second = recorded(connection)
    assert first.kind is EventKind.COMPLAINT
    assert (first.at, first.recorded_at) == (AT, KNOWN)
    assert (first.version, second.version) == (None, 2)
    assert first.seq < second.seq


@pytest.mark.parametrize(
    ("events", "error", "says"),
    [
        ([event(reason="brand")], EventConflict, "recorded with other content"),
        ([event("x"), event("x", note="!")], EventConflict, "two different events"),
        ([event("b", kind="retracted", retracts="nothing")], UnknownEvent, "no event 'nothing'"),
        (
            [event(key, kind="retracted", retracts="meta/77") for key in "bc"],
            EventConflict,
            "retracted already",
        ),
    ],
)
def test_a_contradiction_is_refused_and_nothing_is_kept(
    engine: Engine, events: list[AssetEvent], error: type[Exception], says: str
) -> None:
    """Half an import is worse than none: nobody knows which half."""
    with writing(engine) as connection:
        record(connection, [event()], KNOWN)

    with pytest.raises(error, match=says), writing(engine) as connection:
        record(connection, [event("fresh"), *events], KNOWN)

    with reading(engine) as connection:
        assert [one.key for one in recorded(connection)] == ["meta/77"]


def test_events_are_read_by_campaign_and_up_to_a_moment(engine: Engine) -> None:
    """Last month's report must come out again as it was, whatever was heard since."""
    with writing(engine) as connection:
        record(connection, [event("a"), event("b", campaign="oat")], KNOWN)
    with writing(engine) as connection:
        record(connection, [event("c", kind="retracted", retracts="a")], KNOWN)

    with reading(engine) as connection:
        assert [one.key for one in recorded(connection, ["tea"])] == ["a", "c"]
        first = recorded(connection)[0].seq
        assert [one.key for one in recorded(connection, up_to=first)] == ["a"]
        with_c = recorded(connection, ["tea"])[1]
    assert with_c.retracts == "a"

    with (
        pytest.raises(EventConflict, match="'a' is retracted already"),
        writing(engine) as connection,
    ):
        record(connection, [event("d", kind="retracted", retracts="a")], KNOWN)


@pytest.mark.parametrize("facts", [{"kind": "retracted"}, {"retracts": "meta/77"}, {"version": 0}])
def test_a_malformed_event_is_refused(facts: dict[str, object]) -> None:
    """A retraction of nothing would sit in the log and mean nothing."""
    with pytest.raises(ValidationError):
        event(**facts)
