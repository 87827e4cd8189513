"""The log of decisions: each is bound to bytes, and to all decisions before it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from cost_tracking import tables
from cost_tracking.database import reading, writing
from creative.asset_name import AssetName
from creative.decision import Decision, Verdict
from creative.value import canonical
from review.chain import Chain
from review.signing import Keys


class Decisions:
    """Append-only, chained and signed: no row can be changed, and none put in."""

    def __init__(self, engine: Engine, keys: Keys) -> None:
        self._engine = engine
        self.chain = Chain(tables.decision, keys)

    def append(self, decisions: Iterable[Decision]) -> None:
        """Write decisions down, all or none."""
        with writing(self._engine) as connection:
            self.write(connection, decisions)

    def write(self, connection: Connection, decisions: Iterable[Decision]) -> None:
        """Write decisions down in the caller's transaction."""
        told = [canonical(one.model_dump(mode="json")).decode() for one in decisions]
        self.chain.append(connection, told)

    def newest(
        self, campaign: str, until: datetime | None = None
    ) -> dict[tuple[str, str], Decision]:
        """Return the newest decision by asset and the sha256 it was made on.

        A decision on other bytes is not found by the present ones: it is void.

        Args:
            campaign: Its name.
            until: The last moment whose decisions count; None for now.

        """
        start = f'{{"asset":"{campaign}_'
        statement = (
            select(tables.decision.c.statement)
            .where(tables.decision.c.statement.startswith(start, autoescape=True))
            .order_by(tables.decision.c.seq)
        )
        with reading(self._engine) as connection:
            found = [Decision.model_validate_json(row[0]) for row in connection.execute(statement)]
        return {(one.asset, one.sha256): one for one in found if until is None or one.at <= until}

    def of(self, asset: str) -> tuple[Decision, ...]:
        """Return every decision on one asset, the oldest first, on whatever bytes."""
        column = tables.decision.c.statement
        start = f'{{"asset":"{asset}",'
        statement = (
            select(column)
            .where(column.startswith(start, autoescape=True))
            .order_by(tables.decision.c.seq)
        )
        with reading(self._engine) as connection:
            return tuple(
                Decision.model_validate_json(row[0]) for row in connection.execute(statement)
            )

    def faults(self) -> list[str]:
        """Return what is wrong with the chain, in words; empty when it is whole.

        A tail that was cut off cannot be told from the log alone: compare ``head`` with the one
        that a manifest, a report or a checkpoint carries.
        """
        with reading(self._engine) as connection:
            return self.chain.faults(connection)

    @property
    def head(self) -> str:
        """Return the hash of the newest decision: publish it, and the log cannot be cut."""
        with reading(self._engine) as connection:
            return self.chain.head(connection).sha256

    def holds(self, head: str) -> bool:
        """Say whether a head that was published once is still in the chain."""
        with reading(self._engine) as connection:
            return self.chain.at(connection, head) is not None


def stands(decision: Decision | None, name: AssetName, digest: str) -> bool:
    """Say whether a decision accepts exactly these bytes of this asset."""
    return (
        decision is not None
        and decision.verdict is Verdict.ACCEPTED
        and (decision.asset, decision.sha256) == (str(name), digest)
    )


def seconded(decision: Decision, *, two: bool) -> bool:
    """Say whether as many people stand behind a decision as are asked for now.

    An acceptance from before two were asked for is one person's. A no needs only one.

    Args:
        decision: Of a person.
        two: Whether two must accept.

    """
    return not two or decision.verdict is not Verdict.ACCEPTED or bool(decision.seconded)
