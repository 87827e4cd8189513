"""The state folder lies on a disk, and disks and people change files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from places import Place
from visits import TEA, at, settings, visiting

from flows.desk import open_desk

ASSET = "spring-tea_SE_sv-SE_iab_medium_rectangle_c1_v1"
HOW: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda whole: whole[: len(whole) // 2],
    "emptied": lambda _: b"",
    "another list": lambda _: b"[]",
    "another object": lambda _: b'{"run": "x", "assets": []}',
}


def manifest_of(place: Place) -> Path:
    """Return the manifest of the one run."""
    [found] = (
        path
        for path in (place.folder / ".kampanj" / "manifests").glob("*.json")
        if "." not in path.stem
    )
    return found


@pytest.mark.parametrize("how", HOW)
def test_a_manifest_that_was_damaged_is_named_with_its_mend(finished: Place, how: str) -> None:
    """A trace of ours helps nobody; and the next run needs no manifest of the last one."""
    path = manifest_of(finished)
    path.write_bytes(HOW[how](path.read_bytes()))

    for command in (
        ("plan", "brief.yaml"),
        ("history", ASSET),
        ("review", "list", TEA),
        ("report", TEA, "--format", "markdown"),
    ):
        ended = finished.run(*command)
        assert (ended.code, "was changed or damaged" in ended.err) == (2, True), ended.err
        assert (path.name in ended.err, "run the brief again" in ended.err) == (True, True)
        assert "Traceback" not in ended.err

    again = finished.run("run", "brief.yaml", "--choose", "auto", "--approve", "auto", "--direct")
    assert again.code == 0, again.err
    assert "nothing was bought" in again.out
    assert finished.run("plan", "brief.yaml").code == 0


def test_the_list_of_campaigns_shows_which_one_cannot_be_read(waiting: Place) -> None:
    """One bad file must not hide the other campaigns from whoever reviews."""
    path = manifest_of(waiting)
    path.write_bytes(b"")
    with at(waiting), open_desk(settings(waiting)) as desk:
        visit = visiting(desk)
        visit.client.get("/sign-in")
        visit.come_in()

        assert "it was changed or damaged" in visit.get("/")
        table = visit.client.get(f"/campaigns/{TEA}", headers={"accept": "text/html"})
        assert (table.status_code, "it was changed or damaged" in table.text) == (409, True)
