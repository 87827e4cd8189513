"""What any test may ask for; take these before you make your own, which each cost seconds.

- ``engine``, ``url``: a database whose tables are there, on SQLite and on a real Postgres;
  ``migrated`` writes a SQLite file with tables where you want it.
- ``place``: a folder with a small brief, and the command line to run there, which starts quickly.
- ``finished``, ``waiting``: the same, when its campaign is delivered, or made and waits for people.
- ``drawn_once``: quick pictures of the studio's, where a campaign runs in the test's own process.
- Nothing waits for the disk, but in a command that is started ``anew``, or with ``on_disk``.
- ``page``: a tab of a browser; ``browser``: one that is started once a module, for many tabs.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import databases
import program
import program_template
import pytest
from argon2 import PasswordHasher
from databases import Database, PostgresDatabase, SqliteDatabase, postgres_database
from places import Kept, Place, make_place
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

import cost_tracking.database
from providers.images.studio import StudioImages
from review.access import people

NO_SKIP = "KAMPANJ_TEST_NO_SKIP"
LONGEST = {
    "test_campaign.py",
    "test_docs.py",
    "test_journey.py",
    "test_kill_drill.py",
    "test_prefect_pages.py",
    "test_review_commands.py",
    "test_served.py",
}
"""Modules with a test that takes 5 seconds or more."""
SHIPPED = (os.fsync, cost_tracking.database.SYNCHRONOUS)
program_template.wait_for_no_disk()


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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    """Return the server that answers, or skip."""
    server = databases.postgres_server()
    if server is None:
        pytest.skip("no Postgres answers; start one, or set KAMPANJ_TEST_POSTGRES_URL")
    yield server
    server.dispose()


@pytest.fixture(scope="session")
def postgres(postgres_server: Engine) -> Iterator[PostgresDatabase]:
    """Return a Postgres whose tables are there, made once."""
    with postgres_database(postgres_server) as address:
        made = PostgresDatabase(address)
        yield made
        made.close()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabase:
    """Return a SQLite file whose tables are there, made once."""
    return SqliteDatabase(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without a table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
    else:
        with postgres_database(request.getfixturevalue("postgres_server")) as address:
            yield address


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files and SQLite wait for the disk, as they do for people."""
    sync, synchronous = SHIPPED
    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(cost_tracking.database, "SYNCHRONOUS", synchronous)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return a database whose tables are there and empty, to be emptied again by who likes."""
    made: Database = request.getfixturevalue(request.param)
    made.empty()
    yield made
    made.close()


@pytest.fixture
def url(database: Database) -> str:
    """Return the address of a database whose tables are there and empty."""
    return database.url


@pytest.fixture
def engine(database: Database) -> Engine:
    """Open a database whose tables are there and empty."""
    return database.engine


@pytest.fixture
def migrated(sqlite: SqliteDatabase) -> Callable[[Path], Path]:
    """Return what writes a SQLite file whose tables are there; to migrate one takes longer."""
    return sqlite.copy_to


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a folder with a small brief, its brand and its words."""
    return make_place(tmp_path)


@pytest.fixture(scope="module")
def drawn_once() -> Iterator[None]:
    """Let the studio draw each picture once, in this process as in those that it starts.

    Take it where a campaign is only the ground of a test. Who looks at what the studio does has to
    do without it.
    """
    draw = StudioImages.draw
    program_template.draw_once(program.pictures())
    yield
    StudioImages.draw = draw  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def slow_hashes() -> Iterator[PasswordHasher]:
    """Hash passwords in a moment, in this process, and return what hashes them for people.

    That takes a tenth of a second of a processor on purpose. Who looks at that takes what returns.
    """
    shipped = people._HASHER
    people._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    yield shipped
    people._HASHER = shipped


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


def pytest_collection() -> None:
    """Look for no garbage while thousands of tests are collected: there is none."""
    gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest begin first, so that no core waits for one of them at the end.

    Cores that have nothing left take over what others have not begun, the last of it first.
    """
    items.sort(key=lambda one: one.path.name not in LONGEST)


def pytest_collection_finish() -> None:
    """Look from now on, but not through what was collected and imported: it stays to the end."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Let no module leave a variable behind for which each later command starts an interpreter."""
    yield
    if nextitem is None or nextitem.path != item.path:
        left = program.put_back()
        assert not left, f"{item.path.name} leaves these in the environment: {', '.join(left)}"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that was told to leave nothing out, and left something out.

    Where a stranger lacks a server or a tool, its tests skip and say so. In CI they must run.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get(NO_SKIP) and skipped:
        reporter.write_line(f"{NO_SKIP} is set, and {len(skipped)} tests were skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
