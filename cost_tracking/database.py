"""Opens the database, and brings its tables up to date."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_SECONDS = 60
"""How long a writer waits for another before the database says that it is locked."""
WAL_MENDED = (3, 51, 3)
SYNCHRONOUS = "FULL"
"""SQLite's word for it that a commit is on the disk when it returns."""
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


class UnknownDatabase(ValueError):
    """The address is of no database that we keep money in."""


def open_database(url: str) -> Engine:
    """Open the database at an address; its tables are brought up to date by ``upgrade``.

    Args:
        url: ``sqlite:///path/to/file.db``, whose folder is made if need be, or
            ``postgresql://user:password@host/name``.

    Raises:
        UnknownDatabase: It is neither. The message never repeats the address, which may hold
            a password.

    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise UnknownDatabase(
            "the database's address is not one; write sqlite:///file.db or postgresql://host/name"
        ) from error
    if address.get_backend_name() == "sqlite" and address.database not in {None, "", ":memory:"}:
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        return _sqlite(str(address))
    if address.drivername in {*_DRIVERS, "postgresql+psycopg"}:
        driver = _DRIVERS.get(address.drivername, address.drivername)
        return create_engine(
            address.set(drivername=driver), pool_pre_ping=True, max_overflow=27, pool_timeout=60
        )
    raise UnknownDatabase(
        f"cannot keep a ledger in {address.drivername!r}; use sqlite:///file.db, "
        "which must be a file, or postgresql://host/name"
    )


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS}, max_overflow=27, pool_timeout=BUSY_SECONDS
    )

    # The recipe of SQLAlchemy's SQLite page for every version of Python: the driver begins
    # nothing, and we say how. A deferred transaction that reads and then writes fails at once
    # when another one wrote in between, whatever the busy timeout; IMMEDIATE waits instead.
    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={SYNCHRONOUS}",
            "foreign_keys=ON",
            # 64 MB, taken as needed: an import's indexes do not fit into the usual 2.
            "cache_size=-65536",
            # Without it, INSERT OR REPLACE deletes a row and no trigger sees it.
            "recursive_triggers=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that may write; it is committed at the end."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment of the database, and keeps no writer waiting."""
    options: dict[str, object] = {"reads": True}
    if engine.dialect.name == "postgresql":
        # By default each statement would see a moment of its own, and a report's total would
        # not be the sum of its lines.
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        yield connection


def lock(connection: Connection, name: str) -> None:
    """Keep everyone else who asks for this name waiting until the transaction ends.

    On SQLite there is nothing to do: a writing transaction is already the only one.
    """
    if connection.dialect.name == "postgresql":
        statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        connection.execute(statement, {"name": name})


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the tables up to a revision, in one transaction; nothing happens if they are there.

    Several processes may call it at once: one does the work and the others wait for it.
    """
    from alembic import command

    with _migrating(engine) as config:
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the tables back to a revision (``base``: drop them all, with what they hold)."""
    from alembic import command

    with _migrating(engine) as config:
        command.downgrade(config, revision)


@contextmanager
def _migrating(engine: Engine) -> Iterator["Config"]:
    # Only who changes tables pays for importing what does it.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("migrations")).replace("%", "%%"))
    with writing(engine) as connection:
        lock(connection, "kampanj/migrations")
        config.attributes["connection"] = connection
        yield config


def sqlite_wal_warning(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> str | None:
    """Say what is wrong with the SQLite that Python was built with, or None.

    Versions 3.7.0 to 3.51.2 can corrupt a database in WAL mode when several processes write and
    the log is reset at the wrong moment. Source: https://www.sqlite.org/wal.html, "the WAL-reset
    bug".
    """
    if version >= WAL_MENDED:
        return None
    ours, mended = (".".join(map(str, one)) for one in (version, WAL_MENDED))
    return (
        f"SQLite {ours} may corrupt a database that several processes write to (mended in "
        f"{mended}); let one process run at a time, or set KAMPANJ_DATABASE_URL to a Postgres"
    )
