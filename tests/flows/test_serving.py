"""What ``kampanj serve`` makes sure of before and after; all of it together: ``test_served.py``."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows import serving
from flows.children import Children
from flows.exits import WrongInput
from flows.settings import Settings

URL = "http://127.0.0.1:4200"
SLEEPS = [sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"]


def test_every_port_that_is_taken_is_named_before_anything_starts() -> None:
    """Whoever listens on one would be sent the password that opens the other."""
    with socket.socket() as one, socket.socket() as other:
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
        ports = {"--port": one.getsockname()[1], "--page-port": other.getsockname()[1]}

        with pytest.raises(WrongInput) as refused:
            serving.check_ports(ports)

    lines = str(refused.value).splitlines()
    assert [line.partition(" is taken; ")[2] for line in lines] == [
        "give another with --port",
        "give another with --page-port",
    ]
    with pytest.raises(WrongInput, match="are the same port; give two"):
        serving.check_ports({"--port": 1, "--page-port": 1})


@pytest.mark.parametrize("auth", ["kampanj", ":", "kampanj:", ":secret"])
def test_a_password_that_is_none_is_refused(tmp_path: Path, auth: str) -> None:
    """Prefect would take it, and let everybody in who leaves the other half out."""
    settings = Settings(home=tmp_path, prefect_auth=SecretStr(auth))
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        ports = one.getsockname()[1], other.getsockname()[1]

    with pytest.raises(WrongInput, match="KAMPANJ_PREFECT_AUTH is no user:password"):
        serving.serve(settings, *ports)


def test_what_waits_in_prefect_waits_with_our_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user's or another machine's home of Prefect must not hide it."""
    monkeypatch.setenv("PREFECT_HOME", "/somewhere/else")
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE", "7")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = Settings(home=tmp_path)

    known = serving.environment(settings, URL, "a:b")

    database = f"sqlite+aiosqlite:///{tmp_path / 'prefect' / 'prefect.db'}"
    assert known["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == database
    assert known["PREFECT_HOME"] == "/somewhere/else"
    assert known["PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE"] == "7"
    assert known["PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE"] == "100"
    assert known["OPENAI_API_KEY"] == "sk-test"
    assert (tmp_path / "prefect").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("PREFECT_API_DATABASE_CONNECTION_URL", "postgresql+asyncpg://a/b")
    known = serving.environment(settings, URL, "a:b")
    assert "PREFECT_SERVER_DATABASE_CONNECTION_URL" not in known


def test_children_end_with_whoever_started_them(tmp_path: Path) -> None:
    """A server that is left behind keeps the port, and nobody sees that it lives."""
    said = tmp_path / "said"
    code = f"""
import os, sys, time
from flows.children import Children
children = Children()
children.start("one", {SLEEPS!r}, os.environ)
time.sleep(60)
"""
    with said.open("wb") as output:
        starter = subprocess.Popen([sys.executable, "-c", code], stdout=output)  # noqa: S603
    for _ in range(600):
        if said.read_bytes():
            break
        time.sleep(0.05)
    children = Path(f"/proc/{starter.pid}/task/{starter.pid}/children").read_text().split()
    assert len(children) == 1

    starter.kill()
    starter.wait()

    for _ in range(600):
        if not Path(f"/proc/{children[0]}").exists():
            return
        time.sleep(0.05)
    pytest.fail("the child lives on")


def test_one_that_does_not_end_when_asked_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends the command, whatever a process of it is busy with."""
    monkeypatch.setattr("flows.children.GRACE", 0.2)
    deaf = tmp_path / "deaf"
    ignores = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(deaf)!r}).touch(); time.sleep(60)"
    )
    children = Children()
    children.start("the deaf one", [sys.executable, "-c", ignores], os.environ)
    children.start("the other", SLEEPS, os.environ, quiet=True)
    for _ in range(600):
        if deaf.exists():
            break
        time.sleep(0.05)
    assert children.dead() is None
    [deaf_one, other] = children._processes.values()

    other.send_signal(signal.SIGKILL)
    other.wait()
    assert children.dead() == "the other was ended by signal 9"
    children.end()

    assert deaf_one.returncode == -signal.SIGKILL
