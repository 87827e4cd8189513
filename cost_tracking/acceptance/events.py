"""What befell an asset after it was accepted: it was pulled, complained about, or simply ended.

That something was made, accepted, rejected or withdrawn is not told here again: the tables
``asset`` and ``decision`` know it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, Field, model_validator
from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite

from cost_tracking.acceptance.kinds import EventKind
from cost_tracking.acceptance.tables import asset_event
from cost_tracking.moments import moment, stamp
from creative.value import Value


class EventConflict(Exception):
    """The key stands for another event. Nothing was recorded."""


class UnknownEvent(KeyError):
    """No event has this key."""

    def __str__(self) -> str:
        return str(self.args[0])


class AssetEvent(Value):
    """One thing that was heard of an asset. It is never changed, only retracted by another."""

    key: str = Field(min_length=1, max_length=300)
    """Fixed by where it comes from (a platform's id of the rejection, a ticket), so that the same
    export read twice records nothing twice."""
    campaign: str = Field(min_length=1)
    slot: str = Field(min_length=1)
    """The asset without its version: ``AssetName.slot`` of a rendition."""
    version: int | None = Field(default=None, ge=1)
    """None when the source does not tell versions apart."""
    kind: EventKind
    reason: str = Field(default="", max_length=100)
    """A code of the acceptance policy, such as ``wrong_price``; one that it does not know counts
    against the asset."""
    at: AwareDatetime
    """When it happened."""
    actor: str = ""
    source: str = Field(min_length=1)
    """Who or what says so: ``import``, ``review`` …"""
    note: str = Field(default="", max_length=2000)
    retracts: str | None = None
    """The key of the event that this one takes back; for kind ``retracted``, and only there."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind is EventKind.RETRACTED) != (self.retracts is not None):
            raise ValueError(
                f"{self.key}: a {EventKind.RETRACTED} event, and no other, names in `retracts` "
                "the key of the one that it takes back"
            )
        return self


class Recorded(AssetEvent):
    """An event as the database holds it."""

    seq: int
    """The order in which we learned of it."""
    recorded_at: AwareDatetime


def record(connection: Connection, events: Iterable[AssetEvent], at: datetime) -> int:
    """Write events down, all or none; one that is already there changes nothing.

    Args:
        connection: In the caller's transaction.
        events: In the order that we are to learn of them.
        at: When they are recorded.

    Returns:
        How many were new.

    Raises:
        EventConflict: A key stands for another event, or an event is retracted twice.
        UnknownEvent: An event that is to be retracted is not there.

    """
    given: dict[str, AssetEvent] = {}
    for one in events:
        if given.setdefault(one.key, one) != one:
            raise EventConflict(f"two different events are given the key {one.key!r}")
    known = _known(connection, list(given))
    fresh = [one for one in given.values() if one.key not in known]
    if fresh:
        _check_retractions(connection, fresh)
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        # Another process may record the same key between the look and the write; then its row
        # stands, and ours is compared with it below.
        statement = dialect.insert(asset_event).on_conflict_do_nothing(index_elements=["idem_key"])
        connection.execute(statement, [_row_of(one, at) for one in fresh])
        known |= _known(connection, [one.key for one in fresh])
    for key, one in given.items():
        if known[key] != one:
            raise EventConflict(
                f"the event {key!r} is recorded with other content; retract it, and record what "
                "happened under a key of its own"
            )
    return len(fresh)


def recorded(
    connection: Connection, campaigns: Sequence[str] | None = None, *, up_to: int | None = None
) -> tuple[Recorded, ...]:
    """Return the events of campaigns in the order in which we learned of them.

    Args:
        connection: That may read.
        campaigns: Their names; None for all.
        up_to: The last sequence number that counts, so that a report can be made again as it was.

    """
    query = select(asset_event).order_by(asset_event.c.seq)
    if campaigns is not None:
        query = query.where(asset_event.c.campaign.in_(campaigns))
    if up_to is not None:
        query = query.where(asset_event.c.seq <= up_to)
    return tuple(
        Recorded.model_validate(
            {**_content(row), "seq": row["seq"], "recorded_at": moment(row["recorded_at"])}
        )
        for row in connection.execute(query).mappings()
    )


def _check_retractions(connection: Connection, fresh: Sequence[AssetEvent]) -> None:
    taken = [one.retracts for one in fresh if one.retracts]
    there = {*_known(connection, taken), *(one.key for one in fresh)}
    if lost := sorted(set(taken) - there):
        raise UnknownEvent(f"there is no event {lost[0]!r} to retract")
    column = asset_event.c.retracts
    before: set[str | None] = set()
    for some in _slices(taken):
        before |= set(connection.execute(select(column).where(column.in_(some))).scalars())
    twice = [key for key, count in Counter(taken).items() if count > 1 or key in before]
    if twice:
        raise EventConflict(f"the event {twice[0]!r} is retracted already")


def _slices(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    # SQLite binds at most 32,766 values in one statement.
    return (keys[start : start + 10_000] for start in range(0, len(keys), 10_000))


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, AssetEvent]:
    return {
        row["idem_key"]: AssetEvent.model_validate(_content(row))
        for some in _slices(keys)
        for row in connection.execute(
            select(asset_event).where(asset_event.c.idem_key.in_(some))
        ).mappings()
    }


def _content(row: RowMapping) -> Mapping[str, object]:
    left_out = {"seq", "idem_key", "recorded_at", "at"}
    same = {name: value for name, value in row.items() if name not in left_out}
    return {**same, "key": row["idem_key"], "at": moment(row["at"])}


def _row_of(one: AssetEvent, at: datetime) -> dict[str, object]:
    same = one.model_dump(mode="json", exclude={"key", "at"})
    return {**same, "idem_key": one.key, "at": stamp(one.at), "recorded_at": stamp(at)}
