"""A small campaign that waits for people, and the review page over it."""

import shutil
from collections.abc import Iterator

import pytest
from places import Place, make_place
from visits import Visit, at, settings, visiting

from flows import pipeline
from flows.desk import Desk, open_desk
from flows.materials import gather
from flows.run_options import RunOptions
from review.approval import Approval


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Make a campaign once, of which nobody has accepted anything."""
    place = make_place(tmp_path_factory.mktemp("page"))
    with at(place), open_desk(settings(place)) as desk:
        options = RunOptions(
            brief=str(place.brief),
            out=str(place.folder / "out"),
            approve=Approval.WAIT,
            by="ada",
        )
        pipeline.carry_out(desk, pipeline.start(desk, gather(place.brief), options))
    shutil.copytree(place.folder / "home", place.folder / "kept")
    return place


@pytest.fixture
def place(finished: Place) -> Place:
    """Return the campaign as it was before any test decided about it."""
    home = finished.folder / "home"
    shutil.rmtree(home)
    shutil.copytree(finished.folder / "kept", home)
    for name in ("people.yaml", "people.yaml.sig"):
        (finished.folder / name).unlink(missing_ok=True)
    return finished


@pytest.fixture
def desk(place: Place) -> Iterator[Desk]:
    """Open the state of the campaign."""
    with at(place), open_desk(settings(place)) as desk:
        yield desk


@pytest.fixture
def visit(desk: Desk) -> Visit:
    """Return somebody who sits at the machine, and is signed in."""
    made = visiting(desk)
    made.come_in()
    return made
