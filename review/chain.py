"""A log in which each row holds the hash of the one before it, and is signed.

No row can be changed, removed from the middle or put in without the rows after it saying so, and
nobody without the server's key can write those anew. That the newest rows were cut off shows only
against a head that was published elsewhere: see ``review.checkpoints``.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, Table, func, insert, or_, select

from cost_tracking.database import lock
from review.signing import Keys, Signature

START = "0" * 64
"""What the first row has for a predecessor."""


class Head(NamedTuple):
    """The newest row of a chain, or its start."""

    seq: int
    sha256: str
    rows: int
    """How many there are up to it."""


class Chain:
    """One chained table.

    Args:
        table: With the columns ``seq``, ``prev_sha256``, ``sha256``, ``statement``, ``key_id``
            and ``signature``.
        keys: Who signs, and whose signatures count.

    """

    def __init__(self, table: Table, keys: Keys) -> None:
        self.table = table
        self._keys = keys

    @property
    def name(self) -> str:
        """Return the name of the table."""
        return self.table.name

    def append(self, connection: Connection, statements: Sequence[str]) -> None:
        """Write statements down in the caller's transaction, one after the other."""
        lock(connection, f"kampanj/{self.name}")
        previous = self.head(connection).sha256
        rows: list[dict[str, object]] = []
        for statement in statements:
            here = _link(previous, statement)
            signature = self._keys.sign(self.name, here)
            rows.append(
                {
                    "prev_sha256": previous,
                    "sha256": here,
                    "statement": statement,
                    "key_id": signature.key_id,
                    "signature": signature.value,
                }
            )
            previous = here
        if rows:
            connection.execute(insert(self.table), rows)

    def starting(self, connection: Connection, *begins: str) -> Sequence[str]:
        """Return the statements that begin in one of these ways, in their order."""
        columns = self.table.c
        like = or_(*(columns.statement.startswith(one, autoescape=True) for one in begins))
        query = select(columns.statement).where(like).order_by(columns.seq)
        return connection.execute(query).scalars().all()

    def head(self, connection: Connection) -> Head:
        """Return where the chain ends."""
        columns = self.table.c
        newest = select(columns.seq, columns.sha256).order_by(columns.seq.desc()).limit(1)
        row = connection.execute(newest).first()
        if row is None:
            return Head(0, START, 0)
        count = connection.execute(select(func.count()).select_from(self.table)).scalar_one()
        return Head(row.seq, row.sha256, count)

    def faults(self, connection: Connection) -> list[str]:
        """Return what is wrong with the chain, in words, the first row first."""
        said: list[str] = []
        previous, signed = START, False
        rows = connection.execute(select(self.table).order_by(self.table.c.seq))
        for row in rows:
            called = f"{self.name} {row.seq}"
            if row.prev_sha256 != previous:
                said.append(f"{called} does not follow the one before it")
            if _link(row.prev_sha256, row.statement) != row.sha256:
                said.append(f"{called} was changed after it was made")
            if row.signature is None and signed:
                said.append(f"{called} is not signed, and those before it are")
            if row.signature is not None:
                signed = True
                signature = Signature(row.key_id or "", row.signature)
                if not self._keys.holds(self.name, row.sha256, signature):
                    said.append(f"{called} was not signed by a key that is trusted here")
            previous = row.sha256
        return said

    def at(self, connection: Connection, digest: str) -> Head | None:
        """Return where a head that was published once stands now, or None where it is gone."""
        columns = self.table.c
        if digest == START:
            return Head(0, START, 0)
        seq = connection.execute(select(columns.seq).where(columns.sha256 == digest)).scalar()
        if seq is None:
            return None
        until = select(func.count()).select_from(self.table).where(columns.seq <= seq)
        return Head(seq, digest, connection.execute(until).scalar_one())


def _link(previous: str, statement: str) -> str:
    return sha256(f"{previous}\n{statement}".encode()).hexdigest()
