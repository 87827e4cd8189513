"""What a test may take for granted of a command that it starts, forked or not."""

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import program
import program_template
import pytest
from places import Place

PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("KAMPANJ_")}
forks = pytest.mark.skipif(not program.CAN_FORK, reason="this system has no pidfd_open")


@pytest.mark.parametrize("anew", [False, True], ids=["forked", "anew"])
def test_a_command_has_its_own_streams_folder_environment_and_exit_code(
    tmp_path: Path,
    anew: bool,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    """All that our tests say about the program they say by these."""
    (tmp_path / "brief.yaml").write_text("schema: 1", encoding="utf-8")
    unset = {**PLAIN, "KAMPANJ_WORKERS": "none"}

    good = program.run(["markets", "--json"], tmp_path, PLAIN, anew=anew)
    wrong = program.run(["plan", "brief.yaml", "--json"], tmp_path, PLAIN, anew=anew)
    bad = program.run(["providers"], tmp_path, unset, anew=anew)

    assert (good.code, good.err) == (0, "")
    assert good.json["markets"]["SE"]
    assert (wrong.code, wrong.err, wrong.json["error"]["kind"]) == (2, "", "input")
    assert (bad.code, bad.out) == (2, "")
    assert "KAMPANJ_WORKERS" in bad.err


def test_a_fork_says_what_a_new_interpreter_says(place: Place) -> None:
    """Otherwise the suite would test a program that nobody has."""
    for words in (("plan", "brief.yaml"), ("providers", "--json"), ("--help",), ("report",)):
        assert place.run(*words) == place.run(*words, anew=True), words


@pytest.mark.parametrize("anew", [False, True], ids=["forked", "anew"])
def test_a_command_under_way_can_be_killed_and_does_not_outlive_its_test(
    place: Place,
    anew: bool,  # noqa: FBT001 - a parameter of pytest's
) -> None:
    """A server that stays holds its port, and a machine fills up with them."""
    assert place.run("status").code == 0
    with closing(sqlite3.connect(place.folder / ".kampanj" / "kampanj.db")) as held:
        # It waits a minute for a writer.
        held.execute("BEGIN EXCLUSIVE")
        with program.start(["status"], place.folder, PLAIN, anew=anew) as killed:
            with pytest.raises(subprocess.TimeoutExpired):
                killed.wait(0.1)
            killed.send_signal(signal.SIGKILL)
            assert killed.wait() == -signal.SIGKILL
            assert killed.stdout.read() == killed.stderr.read() == ""
        with program.start(["status"], place.folder, PLAIN, anew=anew) as left:
            os.kill(left.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(left.pid, 0)


@forks
def test_many_commands_run_at_once(place: Place) -> None:
    """Two terminals are what the locks are for."""
    started = [program.start(["markets"], place.folder, PLAIN) for _ in range(4)]

    for one in started:
        with one as command:
            assert "SE" in command.stdout.read()
            assert command.wait() == 0
    assert len({one.pid for one in started}) == 4


@forks
def test_what_an_import_read_or_python_reads_is_not_overlooked(place: Place) -> None:
    """The template imported with what stood there then."""
    template = program.template()

    assert template.stands_for({**os.environ, "KAMPANJ_HOME": "elsewhere", "NO_COLOR": "1"})
    for name in ("HOME", "PYTHONPATH", "TZ", "LC_ALL"):
        assert not template.stands_for({**os.environ, name: "/elsewhere"}), name
    (place.folder / "sitecustomize.py").write_text("import sys; sys.stderr.write('anew')", "utf-8")
    assert place.run("status").err == ""
    assert place.run("status", PYTHONPATH=str(place.folder)).err == "anew"


@forks
def test_the_template_leaves_out_what_a_process_reads_for_itself() -> None:
    """Prefect keeps the settings of its import, and our tables the width of a terminal."""
    found = program.template().imported

    assert {"flows.pipeline", "review.contact_sheet", "cost_tracking.schema"} <= found
    assert not found & {*program_template.NOT_AHEAD, "flows.campaign", "flows.show_review"}
