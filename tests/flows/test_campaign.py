"""The flow under Prefect itself, with a server of its own that passes with the test."""

from pathlib import Path

from places import Place


def test_prefect_does_what_is_done_without_it(place: Place) -> None:
    """Creative operations start campaigns from its pages, and engineers from a shell."""
    environment = {"PREFECT_HOME": str(place.folder / "prefect")}
    waits = place.run("run", "brief.yaml", "--choose", "wait", "--json", **environment)
    assert waits.code == 4, waits.err
    run = waits.json["error"]["message"].split()[1]

    made = place.run("resume", run, "--choose", "c2", "--approve", "auto", "--json", **environment)

    assert made.code == 0, made.err
    assert made.json["delivered"] == len(place.files()) == 4
    under_prefect = place.files()
    place.run(
        *("run", "brief.yaml", "--choose", "c2", "--approve=auto", "--direct", "--out=again"),
        KAMPANJ_HOME="elsewhere",
    )
    again = place.folder / "again" / "spring-tea"
    assert {path: (again / path).read_bytes() for path in under_prefect} == under_prefect


def test_an_input_that_is_wrong_ends_the_same_under_prefect(place: Place) -> None:
    """The errors of the shell and of the pages are one set."""
    place.rewrite("[SE, SA]", "[SE, UK]")

    ended = place.run("run", "brief.yaml", "--json", PREFECT_HOME=str(Path("prefect")))

    assert ended.code == 2
    assert "Write GB" in ended.json["error"]["message"]
