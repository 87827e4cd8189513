"""The process that has imported the program, and forks for each command; see ``program``.

It reads one message for each command from a socket, with the two streams of the command and a pipe
for its fate, and ends with the socket. It has one thread, or a fork could not be trusted.
"""

import gc
import hashlib
import importlib
import json
import os
import pickle
import pkgutil
import runpy
import selectors
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from providers.images.base import ImageAnswer, ImageRequest

OURS = ("creative", "cost_tracking", "providers", "composition", "localization", "review", "flows")
AHEAD = (
    "alembic.command",
    "alembic.config",
    "boto3",
    "justmytype_intl_cjk",
    "justmytype_intl_rtl",
    "justmytype_intl_sea",
    "justmytype_intl_south_asia",
    "justmytype_western_core",
    "migrations",
    "openai",
    "psycopg",
    "rich.live",
    "rich.progress",
    "rich.table",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
)
"""What modules of ours import inside of a function."""
NOT_AHEAD = ("prefect", "pytest", "flows.show")
"""What each command imports itself, and so does every module that needs it: Prefect starts threads
and reads its settings, and our tables measure the terminal."""
AT_START = ("PYTHON", "LC_", "LANG", "LD_", "TZ", "SSL_", "OPENSSL_")
"""How the names begin of what Python and its libraries in C read at their start, unseen by us."""
LONGEST = 200_000
"""Bytes of a message."""


@dataclass(frozen=True)
class Asked:
    """A command to start."""

    words: list[str]
    folder: str
    environment: dict[str, str]

    def as_bytes(self) -> bytes:
        """Return it as a message."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, message: bytes) -> Self:
        """Read a message."""
        return cls(**json.loads(message))


@contextmanager
def noting(names: set[str]) -> Iterator[None]:
    """Note which variables of the environment are read."""
    whole = type(os.environ)
    read = whole.__getitem__

    def noted(self: "os._Environ[str]", name: str) -> str:
        names.add(name)
        return read(self, name)

    whole.__getitem__ = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        whole.__getitem__ = read  # type: ignore[method-assign]


def import_ahead() -> list[str]:
    """Import what commands import, and return which variables were read meanwhile."""
    read: set[str] = set()
    # None in the place of a module makes its import fail, and with it who needs it at once.
    sys.modules |= dict.fromkeys(NOT_AHEAD)  # type: ignore[arg-type]
    with noting(read):
        for name in (*AHEAD, *_ours()):
            # What cannot be imported yet is left to the command that needs it, which says why.
            with suppress(ImportError):
                importlib.import_module(name)
    for name in NOT_AHEAD:
        del sys.modules[name]
    return sorted(read)


def compile_ahead() -> None:
    """Compile the templates of what each campaign leaves, which takes longer than to fill them."""
    from cost_tracking.reports import page_frame
    from review import contact_sheet

    for pages in (page_frame.templates(), contact_sheet.templates()):
        for name in pages.list_templates():
            pages.get_template(name)


def wait_for_no_disk() -> None:
    """Take what is written as written as soon as the system has it.

    Whoever is killed loses nothing of that, synced or not; only a power cut does, and no test makes
    one. A sync takes milliseconds, and a small campaign does hundreds.
    """
    from cost_tracking import database

    os.fsync = lambda _file: None
    database.SYNCHRONOUS = "OFF"


def draw_once(folder: Path) -> None:
    """Let the studio draw each picture once for all commands.

    It is the vendor of most tests, and gives the same bytes for the same request in every process,
    as ``test_studio_images`` holds it to; to draw them takes half of a small campaign's time.

    Args:
        folder: Where they are kept.

    """
    from creative.value import canonical
    from providers.images.studio import StudioImages

    draw = StudioImages.draw

    def drawn(studio: StudioImages, request: "ImageRequest") -> "ImageAnswer":
        path = folder / hashlib.sha256(canonical(request.facts())).hexdigest()
        if path.exists():
            known: ImageAnswer = pickle.loads(path.read_bytes())  # noqa: S301 - we wrote it
            return known
        answer = draw(studio, request)
        part = path.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(answer))
        part.replace(path)
        return answer

    StudioImages.draw = drawn  # type: ignore[method-assign]


def _ours() -> Iterator[str]:
    for package in OURS:
        paths = importlib.import_module(package).__path__
        yield package
        for found in pkgutil.walk_packages(paths, f"{package}.", onerror=_said):
            # It is run, as the main module, and not imported.
            if not found.name.endswith(".__main__"):
                yield found.name


def _imported() -> list[str]:
    """Return which modules of ours, and of what is not to be there, are imported."""
    heads = {*OURS, *NOT_AHEAD}
    return sorted(one for one in sys.modules if one.partition(".")[0] in heads)


def _said(package: str) -> None:
    """Leave out a package that needs what is not imported ahead; who imports it says more."""


def serve(asks: socket.socket) -> Asked | None:
    """Fork for each message, and tell each fate.

    Returns:
        In the forked process the command, and None in this one when the socket is closed.

    """
    selector = selectors.DefaultSelector()
    selector.register(asks, selectors.EVENT_READ)
    fates: dict[int, tuple[int, int]] = {}
    while True:
        for key, _ in selector.select():
            if key.fileobj is not asks:
                child, fate = fates.pop(key.fd)
                selector.unregister(key.fd)
                os.close(key.fd)
                _, status = os.waitpid(child, 0)
                _tell(fate, os.waitstatus_to_exitcode(status))
                os.close(fate)
                continue
            message, given, _, _ = socket.recv_fds(asks, LONGEST, 3)
            if not message:
                return None
            out, err, fate = given
            child = os.fork()
            if not child:
                selector.close()
                asks.close()
                for pidfd, (_, another) in fates.items():
                    os.close(pidfd)
                    os.close(another)
                os.close(fate)
                os.dup2(out, 1)
                os.dup2(err, 2)
                os.close(out)
                os.close(err)
                return Asked.read(message)
            os.close(out)
            os.close(err)
            _tell(fate, child)
            pidfd = os.pidfd_open(child)
            fates[pidfd] = (child, fate)
            selector.register(pidfd, selectors.EVENT_READ)


def _tell(fate: int, number: int) -> None:
    try:
        os.write(fate, f"{number}\n".encode("ascii"))
    except BrokenPipeError:
        # Who asked has gone; there is nobody left to tell.
        return


def become(asked: Asked) -> None:
    """Be the program, from here to the end of this process."""
    os.chdir(asked.folder)
    os.environ.clear()
    os.environ.update(asked.environment)
    sys.path[0] = asked.folder
    sys.argv[1:] = asked.words
    runpy.run_module("flows", run_name="__main__", alter_sys=True)


def main() -> None:
    """Import, say so, and serve."""
    # The folder of this file holds tests, which no command should find.
    sys.path[0] = str(Path(__file__).parents[1])
    asks = socket.socket(fileno=int(sys.argv[1]))
    read = import_ahead()
    compile_ahead()
    wait_for_no_disk()
    draw_once(Path(sys.argv[2]))
    threads = threading.active_count()
    if threads > 1:
        raise RuntimeError(f"{threads} threads were started while modules were imported")
    # What is imported stays where it is: a fork that looked through it, or took it down at its end,
    # would copy most of it first.
    gc.collect()
    gc.freeze()
    asks.send(json.dumps({"read": read, "imported": _imported()}).encode())
    asked = serve(asks)
    if asked:
        become(asked)


if __name__ == "__main__":
    main()
