"""What waits for people: since when, until when, and by which form they are asked.

A waiting says how things stand. What people decide about it stands in the signed logs alone.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime
from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from cost_tracking.database import lock, reading, writing
from cost_tracking.moments import moment, stamp
from cost_tracking.waiting.tables import form as form_table
from cost_tracking.waiting.tables import waiting as table
from creative.patience import Lapse, Wait
from creative.value import Value, canonical

Kind = Literal["choice", "review"]
Outcome = Literal["decided", "auto", "stop", "changed", "overtaken"]
"""How a waiting ends: people decided; nobody did, and the brief's rule took the first concepts or
stopped the run; other pictures came to wait; a newer run of the campaign took its place."""


class Waiting(Value):
    """One time that a run came to wait."""

    id: str
    run: str
    kind: Kind
    subject: Mapping[str, str]
    """What is to be looked at: the sha256 of each picture, by its concept's or rendition's name."""
    opened_at: AwareDatetime
    remind_at: AwareDatetime | None
    deadline: AwareDatetime | None
    lapse: Lapse
    """What becomes of it if nobody has answered by then."""
    tries: int
    """How often its reminder was sent off."""
    reminded_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    outcome: Outcome | None


class Form(Value):
    """One form that was shown for a waiting."""

    id: str
    """Known to nobody before it was shown; where people have no codes, it decides once."""
    waiting: str
    flow_run: str
    read_at: AwareDatetime | None
    refusal: str | None
    """Why what was typed into it decided nothing."""


class Waits:
    """What waits in one database.

    Args:
        engine: With its tables upgraded.
        now: The clock.

    """

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def open(self, run: str, kind: Kind, subject: Mapping[str, str], patience: Wait) -> Waiting:
        """Note that a run waits, and return that waiting; one that goes on keeps its deadlines.

        Args:
            run: Its id.
            kind: For what it waits.
            subject: What is to be looked at. As long as nothing new is in it, it is the same
                waiting, though some of it may have been decided.
            patience: How long the brief lets it wait.

        """
        now = self._now()
        with writing(self._engine) as connection:
            lock(connection, f"kampanj/waiting/{run}")
            for one in _standing(connection, run):
                if one.kind == kind and subject.items() <= one.subject.items():
                    return one
                _close(connection, one.id, "changed", now)
            made = Waiting(
                id=secrets.token_hex(8),
                run=run,
                kind=kind,
                subject=subject,
                opened_at=now,
                remind_at=now + patience.remind_after if patience.remind_after else None,
                deadline=now + patience.deadline if patience.deadline else None,
                lapse=patience.then,
                tries=0,
                reminded_at=None,
                closed_at=None,
                outcome=None,
            )
            connection.execute(insert(table).values(_row(made)))
        return made

    def standing(self, run: str | None = None) -> tuple[Waiting, ...]:
        """Return what waits in a run, or in all of them, the oldest first."""
        with reading(self._engine) as connection:
            return _standing(connection, run)

    def newest(self, run: str) -> Waiting | None:
        """Return the newest waiting of a run, whether it has ended or not."""
        query = select(table).where(table.c.run == run).order_by(table.c.opened_at.desc()).limit(1)
        with reading(self._engine) as connection:
            found = connection.execute(query).mappings().first()
        return _waiting(found) if found else None

    def over(self, run: str, outcome: Outcome, kind: Kind | None = None) -> None:
        """Note that a run does not wait any more, for anything or for one kind of answer."""
        with writing(self._engine) as connection:
            for one in _standing(connection, run):
                if kind in (None, one.kind):
                    _close(connection, one.id, outcome, self._now())

    def end(self, connection: Connection, waiting: Waiting, outcome: Outcome) -> bool:
        """End one waiting in the caller's transaction; false if it has ended before."""
        return _close(connection, waiting.id, outcome, self._now())

    def claim_reminder(self, connection: Connection, waiting: Waiting) -> bool:
        """Note in the caller's transaction that a reminder goes out; false if another did it."""
        sends = (
            update(table)
            .where(table.c.id == waiting.id, table.c.reminded_at.is_(None))
            .where(table.c.closed_at.is_(None))
            .values(reminded_at=stamp(self._now()), tries=table.c.tries + 1)
        )
        return connection.execute(sends).rowcount == 1

    def not_reminded(self, waiting: Waiting) -> None:
        """Take back that a reminder went out: it did not arrive."""
        with writing(self._engine) as connection:
            connection.execute(
                update(table).where(table.c.id == waiting.id).values(reminded_at=None)
            )

    def show_form(self, waiting: Waiting, flow_run: str) -> Form:
        """Note that a form is shown, in place of those that were shown before it."""
        made = Form(
            id=secrets.token_hex(12),
            waiting=waiting.id,
            flow_run=flow_run,
            read_at=None,
            refusal=None,
        )
        shown = {"shown_at": stamp(self._now())}
        with writing(self._engine) as connection:
            connection.execute(
                update(form_table)
                .where(form_table.c.flow_run == flow_run, form_table.c.read_at.is_(None))
                .values(read_at=shown["shown_at"], refusal="")
            )
            connection.execute(insert(form_table).values({**made.model_dump(), **shown}))
        return made

    def form(self, flow_run: str) -> tuple[Form, Waiting] | None:
        """Return the form that a flow run shows and nobody has read yet, with its waiting."""
        query = (
            select(form_table)
            .where(form_table.c.flow_run == flow_run)
            .order_by(form_table.c.shown_at.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
            if row is None or row["read_at"] is not None:
                return None
            of = select(table).where(table.c.id == row["waiting"])
            waiting = _waiting(connection.execute(of).mappings().one())
        shown = Form(
            id=row["id"], waiting=waiting.id, flow_run=flow_run, read_at=None, refusal=None
        )
        return shown, waiting

    def read_form(self, form: Form, refusal: str) -> None:
        """Note that what was typed into a form was read, and why it decided nothing, if so."""
        values = {"read_at": stamp(self._now()), "refusal": refusal}
        with writing(self._engine) as connection:
            connection.execute(
                update(form_table).where(form_table.c.id == form.id).values(**values)
            )

    def refusal(self, waiting: Waiting) -> str:
        """Return why the newest answer to a waiting decided nothing; empty if there is none."""
        query = (
            select(form_table.c.refusal)
            .where(form_table.c.waiting == waiting.id, form_table.c.read_at.is_not(None))
            .order_by(form_table.c.shown_at.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar() or ""


def _standing(connection: Connection, run: str | None) -> tuple[Waiting, ...]:
    query = select(table).where(table.c.closed_at.is_(None)).order_by(table.c.opened_at)
    if run is not None:
        query = query.where(table.c.run == run)
    return tuple(_waiting(row) for row in connection.execute(query).mappings())


def _close(connection: Connection, waiting: str, outcome: Outcome, at: datetime) -> bool:
    ends = (
        update(table)
        .where(table.c.id == waiting, table.c.closed_at.is_(None))
        .values(closed_at=stamp(at), outcome=outcome)
    )
    return connection.execute(ends).rowcount == 1


def _row(waiting: Waiting) -> dict[str, object]:
    return {
        **waiting.model_dump(),
        "subject": canonical(dict(waiting.subject)).decode(),
        "opened_at": stamp(waiting.opened_at),
        "remind_at": stamp(waiting.remind_at) if waiting.remind_at else None,
        "deadline": stamp(waiting.deadline) if waiting.deadline else None,
    }


def _waiting(row: RowMapping) -> Waiting:
    moments = ("opened_at", "remind_at", "deadline", "reminded_at", "closed_at")
    read = {name: moment(row[name]) if row[name] else None for name in moments}
    return Waiting.model_validate({**row, **read, "subject": json.loads(row["subject"])})
