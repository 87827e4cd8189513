"""What holds for every test."""

import os

import pytest

NO_SKIP = "KAMPANJ_TEST_NO_SKIP"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that was told to leave nothing out, and left something out.

    Where a stranger lacks a server or a tool, its tests skip and say so. In CI they must run.
    """
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get(NO_SKIP) and skipped:
        reporter.write_line(f"{NO_SKIP} is set, and {len(skipped)} tests were skipped", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
