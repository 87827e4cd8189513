"""Campaigns of the edge, which run for their money, words and decisions more than for pictures."""

import sys
from collections.abc import Callable

import pytest
from places import Ended, Place

from flows.__main__ import main


@pytest.fixture(scope="module", autouse=True)
def _drawn_once(drawn_once: None) -> None:
    """Let every module have quick pictures."""


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes(slow_hashes: object) -> None:
    """Let every module hash passwords in a moment."""


@pytest.fixture
def typed(
    finished: Place, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., Ended]:
    """Return the command line in this process, since seventeen would take a minute to start."""
    monkeypatch.chdir(finished.folder)
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    # What ``main`` sets for its own process would stay in this one.
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "__all__")

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["kampanj", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsysbinary.readouterr()
        return Ended(int(ended.value.code or 0), out.decode(), err.decode())

    return run
