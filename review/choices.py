"""The picks of concepts: the newest one counts, and none is forgotten."""

from sqlalchemy import Connection, Engine, func, insert, select

from cost_tracking import tables
from cost_tracking.database import lock, reading, writing
from creative.choice import Choice
from creative.value import canonical


class WrongPick(ValueError):
    """What was picked are not concepts of this campaign, or not as many as it wants."""


class Choices:
    """Append-only, by campaign."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, choice: Choice) -> None:
        """Write a choice down."""
        with writing(self._engine) as connection:
            self.write(connection, choice)

    @staticmethod
    def write(connection: Connection, choice: Choice) -> None:
        """Write a choice down in the caller's transaction."""
        table = tables.choice
        lock(connection, f"kampanj/choice/{choice.campaign}")
        newest = select(func.max(table.c.seq)).where(table.c.campaign == choice.campaign)
        seq = (connection.execute(newest).scalar() or 0) + 1
        statement = canonical(choice.model_dump(mode="json")).decode()
        row = {"campaign": choice.campaign, "seq": seq, "statement": statement}
        connection.execute(insert(table), row)

    def newest(self, campaign: str) -> Choice | None:
        """Return the newest choice of a campaign."""
        with reading(self._engine) as connection:
            return self.newest_of(connection, campaign)

    @staticmethod
    def newest_of(connection: Connection, campaign: str, *, keep: bool = False) -> Choice | None:
        """Return the newest choice of a campaign as the caller's transaction sees it.

        Args:
            connection: In a transaction.
            campaign: Whose.
            keep: Whether to keep everyone else from choosing until the transaction ends.

        """
        table = tables.choice
        if keep:
            lock(connection, f"kampanj/choice/{campaign}")
        statement = (
            select(table.c.statement)
            .where(table.c.campaign == campaign)
            .order_by(table.c.seq.desc())
            .limit(1)
        )
        found = connection.execute(statement).scalar()
        return Choice.model_validate_json(found) if found else None
