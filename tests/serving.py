"""``kampanj serve`` as a process of its own: Prefect's server, a worker and the review page."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from places import Place

AUTH = "kampanj:a password of nobody's"
READY = "The worker is ready"


@dataclass
class Served:
    """One installation, and the command that serves it."""

    place: Place
    port: int
    page_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """Return the address of Prefect's pages."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Return the address of Prefect's interface."""
        return f"{self.origin}/api"

    @property
    def page(self) -> str:
        """Return the address of the review page."""
        return f"http://127.0.0.1:{self.page_port}"

    @property
    def log(self) -> str:
        """Return what it wrote so far."""
        path = self.place.folder / "serve.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def start(self, prefect_home: str, **environment: str) -> None:
        """Serve, with a home of Prefect's own as another machine or user has it."""
        own = {"PREFECT_HOME": str(self.place.folder / prefect_home), **environment}
        before = self.log.count("Review page: ")
        command = [sys.executable, "-m", "flows", "serve"]
        ports = ["--port", str(self.port), "--page-port", str(self.page_port)]
        with (self.place.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [*command, *ports],
                env={**os.environ, **own},
                stdout=log,
                stderr=log,
            )
        for _ in range(1200):
            if self.log.count(READY) > before:
                return
            assert self.process.poll() is None, self.log
            time.sleep(0.2)
        pytest.fail(self.log)

    @property
    def children(self) -> list[int]:
        """Return its own processes: the server, the worker and the page, in this order."""
        assert self.process is not None
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """Kill everything with SIGKILL, as when the machine loses its power."""
        if self.process is None or self.process.poll() is not None:
            return
        groups = self.children
        self.process.kill()
        for one in groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def given(served: Served, more: Mapping[str, str]) -> Iterator[None]:
    """Stand in the installation's folder, with its settings in the environment."""
    told = {
        "KAMPANJ_ACTOR": "ada",
        "KAMPANJ_WORKERS": "1",
        "KAMPANJ_PREFECT_AUTH": AUTH,
        "PREFECT_API_URL": served.url,
        "PREFECT_API_AUTH_STRING": AUTH,
        # Nobody reads a run's log there; the command writes it down, too.
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        **more,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(served.place.folder)
        for name, value in told.items():
            patch.setenv(name, value)
        yield


def free_ports() -> list[int]:
    """Return two ports that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return [one.getsockname()[1], other.getsockname()[1]]
