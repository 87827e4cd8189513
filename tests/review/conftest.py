"""A small campaign that waits for people, and the review page over it."""

from collections.abc import Iterator

import pytest
from places import Place
from visits import Visit, at, settings, visiting

from flows.desk import Desk, open_desk


@pytest.fixture(scope="session", autouse=True)
def _quick_hashes(slow_hashes: object) -> None:
    """Let every module hash passwords in a moment."""


@pytest.fixture
def desk(waiting: Place) -> Iterator[Desk]:
    """Open the state of a campaign about which nobody has decided anything."""
    with at(waiting), open_desk(settings(waiting)) as desk:
        yield desk


@pytest.fixture
def visit(desk: Desk) -> Visit:
    """Return somebody who sits at the machine, and is signed in."""
    made = visiting(desk)
    made.come_in()
    return made
