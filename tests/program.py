"""The program, started as often as a test likes, without importing it anew each time.

    ended = program.run(["plan", "brief.yaml"], folder, environment)
    with program.start(["serve"], folder, environment) as server:
        server.stdout.readline()
        server.send_signal(signal.SIGINT)

Python and all that a command needs take up to two seconds of a processor to start, and the suite
starts hundreds of commands. So each worker of pytest has one process that has imported everything,
``program_template``, which forks for each command. What it forks is a process like any other, with
its own number, folder, environment, streams and exit code, which SIGKILL ends; it runs ``flows`` as
``python -m`` does and leaves as every process does. It shares what was imported, so a command gets
a new interpreter instead

- where a variable that the template read while it imported, or that Python and its libraries read
  at their start, is another one;
- where a test says ``anew``: one that looks at the start itself, or that needs another seed of
  ``hash()``;
- on every system but Linux.
"""

import array
import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import program_template

SECONDS = 240.0
"""How long a command may take."""
CAN_FORK = hasattr(os, "pidfd_open")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    """Its exit code; of one that a signal ended, the signal's number below zero."""
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what it printed as JSON."""
        return json.loads(self.out)


def run(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], *, anew: bool = False
) -> Ended:
    """Run a command to its end.

    Args:
        words: What follows the program's name.
        folder: Where it is given.
        environment: All of it.
        anew: In a new interpreter.

    Raises:
        TimeoutExpired: It took longer than ``SECONDS``, and was killed.

    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = _begun(words, folder, environment, (out.fileno(), err.fileno()), anew=anew)
        try:
            code = process.wait(SECONDS)
        finally:
            process.kill()
        return Ended(code, *(_text(file) for file in (out, err)))


class Started:
    """A command under way, whose output is read while it runs. It is killed where ``with`` ends."""

    def __init__(self, process: "subprocess.Popen[bytes] | Forked", streams: Sequence[int]) -> None:
        self._process = process
        self.stdout, self.stderr = (open(one, encoding="utf-8") for one in streams)  # noqa: PTH123, SIM115 - descriptors, closed below

    @property
    def pid(self) -> int:
        """Return its number."""
        return self._process.pid

    def wait(self, seconds: float = SECONDS) -> int:
        """Wait for its end, and return its exit code."""
        return self._process.wait(seconds)

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        self._process.send_signal(number)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait(SECONDS)
        self.stdout.close()
        self.stderr.close()


def start(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], *, anew: bool = False
) -> Started:
    """Start a command that goes on, such as a server; the arguments are those of ``run``."""
    out, err = os.pipe(), os.pipe()
    process = _begun(words, folder, environment, (out[1], err[1]), anew=anew)
    for _, written in (out, err):
        os.close(written)
    return Started(process, (out[0], err[0]))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _begun(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    streams: tuple[int, int],
    *,
    anew: bool,
) -> "subprocess.Popen[bytes] | Forked":
    if CAN_FORK and not anew:
        forks = template()
        if forks.stands_for(environment):
            return forks.fork(words, folder, environment, streams)
    out, err = streams
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "flows", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
    )


class Forked:
    """A process that the template forked, and waits for in our place.

    Args:
        told: The end of a pipe where the template writes its number, and at its end its exit code.

    """

    def __init__(self, told: int) -> None:
        self._told = open(told, encoding="ascii")  # noqa: SIM115 - a descriptor, closed at its end
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def wait(self, seconds: float) -> int:
        """Wait for its end, and return its exit code.

        Raises:
            TimeoutExpired: It goes on.

        """
        if self.returncode is None:
            if not select.select([self._told], [], [], seconds)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), seconds)
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        if self.returncode is None:
            # It may have ended in this moment; its number is not given again so soon.
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it, if it still runs."""
        self.send_signal(signal.SIGKILL)


class Template:
    """The process that has imported everything. It ends when this process closes its socket."""

    def __init__(self) -> None:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
                [sys.executable, program_template.__file__, str(its.fileno()), str(pictures())],
                stdin=subprocess.DEVNULL,
                # What it says itself is a fault, and goes where ours goes.
                stdout=2,
                pass_fds=(its.fileno(),),
            )
        self._asks = ours
        said = ours.recv(program_template.LONGEST)
        if not said:
            raise RuntimeError(f"{program_template.__file__} cannot start; see what it said")
        self._environment = dict(os.environ)
        told: dict[str, list[str]] = json.loads(said)
        self._read = told["read"]
        self.imported = frozenset(told["imported"])

    def stands_for(self, environment: Mapping[str, str]) -> bool:
        """Say whether a new interpreter in this environment would import the same."""
        return not self.unlike(environment)

    def unlike(self, environment: Mapping[str, str]) -> list[str]:
        """Return the variables by which it might import something else."""
        names = {*self._environment, *environment}
        heeded = {one for one in names if one.startswith(program_template.AT_START)}
        return sorted(
            one
            for one in {*heeded, *self._read}
            if self._environment.get(one) != environment.get(one)
        )

    def put_back(self) -> list[str]:
        """Set the variables of this process that are unlike, and return which those were."""
        left = self.unlike(os.environ)
        for name in left:
            os.environ.pop(name, None)
            if name in self._environment:
                os.environ[name] = self._environment[name]
        return left

    def fork(
        self,
        words: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        streams: tuple[int, int],
    ) -> Forked:
        """Start a command in a process of its own."""
        told, tells = os.pipe()
        asked = program_template.Asked(list(words), str(folder.absolute()), dict(environment))
        given = array.array("i", (*streams, tells))
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, given)]
        self._asks.sendmsg([asked.as_bytes()], rights)
        os.close(tells)
        return Forked(told)

    def close(self) -> None:
        """End it."""
        self._asks.close()
        self._process.wait(SECONDS)


_LOCK = threading.Lock()
_TEMPLATES: list[Template] = []


def put_back() -> list[str]:
    """Return what somebody left in the environment that no command could be forked in; undo it."""
    return _TEMPLATES[0].put_back() if _TEMPLATES else []


@cache
def pictures() -> Path:
    """Return where the studio's pictures are kept, for this process and those that it starts."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def template() -> Template:
    """Return the process that stands for the program here; it is started once."""
    with _LOCK:
        if not _TEMPLATES:
            _TEMPLATES.append(Template())
            atexit.register(_TEMPLATES[0].close)
        return _TEMPLATES[0]
