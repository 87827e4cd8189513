"""Databases for tests: SQLite files, and databases of a real Postgres, made once and emptied."""

import os
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from cost_tracking.database import open_database, upgrade, writing
from cost_tracking.schema import METADATA

SERVERS = (
    "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "postgresql+psycopg://127.0.0.1:5432/postgres",
)


class Database(ABC):
    """A database whose tables are there, and which is emptied for each test.

    Its engine is one for all of them: SQLAlchemy keeps with it what it has compiled, which takes
    longer than to execute it.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_database(url)

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    @abstractmethod
    def empty(self) -> None:
        """Take everything out of it."""


class SqliteDatabase(Database):
    """A file.

    Args:
        folder: Where it lies.

    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ledger.db"
        self._migrated = folder / "migrated.db"
        super().__init__(f"sqlite:///{self._file}")
        upgrade(self.engine)
        # The last one to close writes what is in the log to the file.
        self.close()
        self._file.rename(self._migrated)

    def copy_to(self, path: Path) -> Path:
        """Write an empty one."""
        return Path(shutil.copyfile(self._migrated, path))

    def empty(self) -> None:
        """Put an empty file in its place; who still has the old one open has that one."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._file}{suffix}").unlink(missing_ok=True)
        self.copy_to(self._file)


class PostgresDatabase(Database):
    """A database of a server.

    Args:
        url: Of a database without a table.

    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        upgrade(self.engine)

    def empty(self) -> None:
        """Delete what rows there are; to truncate a table makes a new file for it, rows or none."""
        names = METADATA.tables
        asked = " UNION ALL ".join(f"SELECT '{one}' WHERE EXISTS (TABLE {one})" for one in names)
        with writing(self.engine) as connection:
            # Neither triggers nor foreign keys are asked.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for name in connection.execute(text(asked)).scalars().all():
                connection.execute(METADATA.tables[name].delete())


def postgres_server() -> Engine | None:
    """Return the server that answers, if one does."""
    given = os.environ.get("KAMPANJ_TEST_POSTGRES_URL")
    for url in (given,) if given else SERVERS:
        address = make_url(url).set(drivername="postgresql+psycopg")
        engine = create_engine(
            address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
        )
        try:
            engine.connect().close()
        except OperationalError:
            continue
        return engine
    return None


@contextmanager
def postgres_database(server: Engine) -> Iterator[str]:
    """Make a database of a random name, and drop it at the end."""
    name = f"kampanj_{uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        # A power cut may take what was committed last, and a crash takes nothing.
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
