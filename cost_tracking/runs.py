"""Executions of campaigns: which brief, how it was asked for, and how far it has come."""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, JsonValue
from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from cost_tracking import tables
from cost_tracking.database import lock, reading, writing
from cost_tracking.moments import moment, stamp
from creative.value import Value, canonical

_run = tables.run


class RunState(StrEnum):
    """How far a run has come."""

    RUNNING = "running"
    WAITING = "waiting"
    """For a person; no process is held."""
    DONE = "done"
    FAILED = "failed"


class UnknownRun(KeyError):
    """No run has this id."""

    def __str__(self) -> str:
        return str(self.args[0])


class RunConflict(Exception):
    """The id stands for a run of another brief, or of the same one asked for otherwise."""


class Run(Value):
    """One execution of a campaign."""

    id: str
    campaign: str
    brief_path: str
    brief_sha256: str
    options: Mapping[str, JsonValue]
    """How it was asked for: choose, approve, out …"""
    state: RunState
    started_at: AwareDatetime
    updated_at: AwareDatetime


class Runs:
    """The runs in a database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def start(
        self,
        campaign: str,
        brief_path: str,
        brief_sha256: str,
        options: Mapping[str, JsonValue],
        *,
        run_id: str | None = None,
    ) -> Run:
        """Write a run down and return it.

        Args:
            campaign: The brief's name.
            brief_path: Where the brief was read from.
            brief_sha256: Of its bytes.
            options: How it was asked for.
            run_id: Fixed by a caller who may ask twice, such as CI on one commit: then the second
                call returns the first one's run. Without it every call starts a run of its own.

        Raises:
            RunConflict: The id stands for another brief, or for other options.

        """
        at = stamp(self._now())
        run_id = run_id or f"{self._now():%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        asked = (campaign, brief_sha256, canonical(dict(options)).decode())
        with writing(self._engine) as connection:
            lock(connection, f"run/{run_id}")
            row = connection.execute(select(_run).where(_run.c.id == run_id)).mappings().first()
            if row is None:
                values = {
                    "id": run_id,
                    "campaign": campaign,
                    "brief_path": brief_path,
                    "brief_sha256": brief_sha256,
                    "options": asked[2],
                    "state": RunState.RUNNING,
                    "started_at": at,
                    "updated_at": at,
                }
                connection.execute(insert(_run).values(values))
                row = connection.execute(select(_run).where(_run.c.id == run_id)).mappings().one()
        if asked != (row["campaign"], row["brief_sha256"], row["options"]):
            raise RunConflict(
                f"run {run_id} is of campaign {row['campaign']} with another brief or other "
                "options; start this one under an id of its own"
            )
        return _run_of(row)

    def update(self, run_id: str, state: RunState) -> Run:
        """Say how far a run has come.

        Raises:
            UnknownRun: There is none of this id.

        """
        with writing(self._engine) as connection:
            self.write(connection, run_id, state)
        return self.get(run_id)

    def write(self, connection: Connection, run_id: str, state: RunState) -> None:
        """Say in the caller's transaction how far a run has come."""
        connection.execute(
            update(_run)
            .where(_run.c.id == run_id)
            .values(state=state, updated_at=stamp(self._now()))
        )

    def get(self, run_id: str) -> Run:
        """Return a run.

        Raises:
            UnknownRun: There is none of this id.

        """
        found = self.find(run_id)
        if found is None:
            raise UnknownRun(f"there is no run {run_id!r}; kampanj status lists them")
        return found

    def find(self, run_id: str) -> Run | None:
        """Return a run, or None where there is none of this id."""
        with reading(self._engine) as connection:
            row = connection.execute(select(_run).where(_run.c.id == run_id)).mappings().first()
        return _run_of(row) if row else None

    def list(self, campaign: str | None = None, limit: int = 50) -> tuple[Run, ...]:
        """Return the newest runs, of one campaign or of all, the newest first."""
        query = select(_run).order_by(_run.c.started_at.desc(), _run.c.id.desc()).limit(limit)
        if campaign is not None:
            query = query.where(_run.c.campaign == campaign)
        with reading(self._engine) as connection:
            return tuple(_run_of(row) for row in connection.execute(query).mappings())

    def latest(self, campaign: str) -> Run | None:
        """Return a campaign's newest run, or None."""
        return next(iter(self.list(campaign, limit=1)), None)


def _run_of(row: RowMapping) -> Run:
    return Run(
        id=row["id"],
        campaign=row["campaign"],
        brief_path=row["brief_path"],
        brief_sha256=row["brief_sha256"],
        options=json.loads(row["options"]),
        state=RunState(row["state"]),
        started_at=moment(row["started_at"]),
        updated_at=moment(row["updated_at"]),
    )
