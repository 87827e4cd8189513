"""The log of decisions: each is bound to bytes, and to all decisions before it."""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import Connection, Engine, insert, select

from cost_tracking import tables
from cost_tracking.database import lock, reading, writing
from creative.asset_name import AssetName
from creative.decision import Decision, Verdict
from creative.value import canonical

START = "0" * 64
"""What the first decision has for a predecessor."""


class Decisions:
    """Append-only; a row holds the hash of the one before it, so that no row can be changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, decisions: Iterable[Decision]) -> None:
        """Write decisions down, all or none."""
        with writing(self._engine) as connection:
            lock(connection, "kampanj/decisions")
            previous = _head(connection)
            rows = []
            for decision in decisions:
                statement = canonical(decision.model_dump(mode="json")).decode()
                here = _link(previous, statement)
                row = {"prev_sha256": previous, "sha256": here, "statement": statement}
                rows.append(row)
                previous = here
            if rows:
                connection.execute(insert(tables.decision), rows)

    def newest(self, campaign: str) -> dict[tuple[str, str], Decision]:
        """Return the newest decision by asset and the sha256 it was made on.

        A decision on other bytes is not found by the present ones: it is void.
        """
        start = f'{{"asset":"{campaign}_'
        statement = (
            select(tables.decision.c.statement)
            .where(tables.decision.c.statement.startswith(start, autoescape=True))
            .order_by(tables.decision.c.seq)
        )
        with reading(self._engine) as connection:
            found = [Decision.model_validate_json(row[0]) for row in connection.execute(statement)]
        return {(one.asset, one.sha256): one for one in found}

    def faults(self) -> list[str]:
        """Return what is wrong with the chain, in words; empty when it is whole.

        A tail that was cut off cannot be told from the log alone: compare ``head`` with the one
        that a manifest or report carries.
        """
        said: list[str] = []
        previous = START
        with reading(self._engine) as connection:
            for row in connection.execute(select(tables.decision).order_by(tables.decision.c.seq)):
                if row.prev_sha256 != previous:
                    said.append(f"decision {row.seq} does not follow the one before it")
                if _link(row.prev_sha256, row.statement) != row.sha256:
                    said.append(f"decision {row.seq} was changed after it was made")
                previous = row.sha256
        return said

    @property
    def head(self) -> str:
        """Return the hash of the newest decision: publish it, and the log cannot be cut."""
        with reading(self._engine) as connection:
            return _head(connection)

    def holds(self, head: str) -> bool:
        """Say whether a head that was published once is still in the chain."""
        statement = select(tables.decision.c.seq).where(tables.decision.c.sha256 == head)
        with reading(self._engine) as connection:
            return head == START or connection.execute(statement).first() is not None


def stands(decision: Decision | None, name: AssetName, digest: str) -> bool:
    """Say whether a decision accepts exactly these bytes of this asset."""
    return (
        decision is not None
        and decision.verdict is Verdict.ACCEPTED
        and (decision.asset, decision.sha256) == (str(name), digest)
    )


def _head(connection: Connection) -> str:
    column = tables.decision.c.sha256
    newest = select(column).order_by(tables.decision.c.seq.desc()).limit(1)
    return connection.execute(newest).scalar() or START


def _link(previous: str, statement: str) -> str:
    return sha256(f"{previous}\n{statement}".encode()).hexdigest()
