"""What any test may ask for; take these before you make your own, which each cost seconds.

- ``url``, ``engine``: a database whose tables are there, on SQLite and on a real Postgres.
- ``place``: a folder with a small brief, and the command line to run there, which starts quickly.
- ``finished``, ``waiting``: the same, when its campaign is delivered, or made and waits for people.
- ``page``: a tab of a browser; ``browser``: one that is started once a module, for many tabs.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from places import Kept, Place, make_place
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from cost_tracking.database import open_database, upgrade, writing
from cost_tracking.schema import APPEND_ONLY, METADATA

NO_SKIP = "KAMPANJ_TEST_NO_SKIP"
SERVERS = (
    "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    "postgresql+psycopg://127.0.0.1:5432/postgres",
)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.time

    def forward(self, **much: int) -> None:
        """Move it on, as ``timedelta`` is told."""
        self.time += timedelta(**much)


def _server() -> Engine | None:
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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """Return the server that answers, or skip."""
    server = _server()
    if server is None:
        pytest.skip("no Postgres answers; start one, or set KAMPANJ_TEST_POSTGRES_URL")
    yield server
    server.dispose()


@contextmanager
def _database(server: Engine) -> Iterator[str]:
    """Make a database of a random name, and drop it at the end."""
    name = f"kampanj_{uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.url.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgres(postgres_server: Engine) -> Iterator[str]:
    """Return the address of a Postgres whose tables are there, made once."""
    with _database(postgres_server) as address:
        engine = open_database(address)
        upgrade(engine)
        engine.dispose()
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
    else:
        with _database(request.getfixturevalue("postgres_server")) as address:
            yield address


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file whose tables are there and empty, to be copied: it takes a moment."""
    path = tmp_path_factory.mktemp("migrated") / "ledger.db"
    engine = open_database(f"sqlite:///{path}")
    upgrade(engine)
    # The last one to close writes what is in the log to the file.
    engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database whose tables are there and empty."""
    if request.param == "postgres":
        address: str = request.getfixturevalue("postgres")
        return address
    migrated: Path = request.getfixturevalue("migrated")
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'ledger.db')}"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Open a database whose tables are there and empty."""
    engine = open_database(url)
    yield engine
    if engine.dialect.name == "postgresql":
        emptied(engine)
    engine.dispose()


def emptied(engine: Engine) -> None:
    """Empty the tables of a Postgres, which is faster than to make them again."""
    with writing(engine) as connection:
        for table in APPEND_ONLY:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(f"TRUNCATE {', '.join(METADATA.tables)}"))
        for table in APPEND_ONLY:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a folder with a small brief, its brand and its words."""
    return make_place(tmp_path)


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Kept]:
    """Return what runs the small brief once in a session, with these words about approval."""

    @cache
    def run(approve: str) -> Kept:
        made = Kept(tmp_path_factory.mktemp("kept"))
        ended = made.place.run("run", "brief.yaml", "--approve", approve, "--direct")
        assert ended.code == (4 if approve == "wait" else 0), ended.err
        made.keep()
        return made

    return run


@pytest.fixture
def finished(kept: Callable[[str], Kept]) -> Place:
    """Return a place where ``run brief.yaml --approve auto --direct`` has ended; yours to change.

    Its folder is the same one in each test, so one test has one of it.
    """
    return kept("auto").put_back()


@pytest.fixture
def waiting(kept: Callable[[str], Kept]) -> Place:
    """Return a place where ``run brief.yaml --approve wait --direct`` has ended; see ``finished``.

    Its four renditions wait for people, and nothing is delivered.
    """
    return kept("wait").put_back()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium once for a module.

    It is not kept for longer: while it runs, nothing else in this process can have an event loop.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("needs Chromium, which this machine does not have")
    with sync_playwright() as browsers:
        yield browsers.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a tab that shares nothing with another test's."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that was told to leave nothing out, and left something out.

    Where a stranger lacks a server or a tool, its tests skip and say so. In CI they must run.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get(NO_SKIP) and skipped:
        reporter.write_line(f"{NO_SKIP} is set, and {len(skipped)} tests were skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
