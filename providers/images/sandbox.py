"""Looks at a stranger's picture in another process, so that no picture can take this one down.

A decoder is a hundred thousand lines of C that read what a vendor sent: in 2026 alone Pillow mended
heap overflows in three of them. So they run where there are no keys to read, where memory and time
end early, and where a crash costs a process that is started again. That process is kept: it takes
about a tenth of a second to start, and nothing worth measuring to ask. It is replaced after some
hundred pictures, so that whatever one of them left in it, a leak or worse, does not stay.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any, cast

from providers.images.decoder import LENGTH
from providers.images.picture import MAX_PIXELS, NotAPicture, Picture

SECONDS = 10
"""Of a processor, for one picture; the largest that we take needs about two."""
WALL = 120.0
"""Seconds on the wall, where the processor is busy with others or the system knows no limit."""
MEMORY = 1_500_000_000
"""Bytes of address space; the largest picture that we take needs about half."""
LONGEST = 2000
"""Bytes of an answer."""
PICTURES = 200
"""How many one process looks at; to start the next one costs half a millisecond for each."""
TRIES = 2
"""How often a picture is looked at whose decoder died: once may be the machine's fault."""
_CHILD = """\
import json, sys
seconds, memory, sys.path[:] = json.loads(sys.argv[1])
from providers.images.decoder import main
main(seconds, memory)
"""


class Sandbox:
    """A process that looks at pictures, one at a time, and is started again when it dies.

    Args:
        seconds: Of a processor that it has for one picture.
        memory: Bytes of its address space.
        wall: Seconds that we wait for it.
        pictures: How many it looks at before another process takes its place.

    """

    def __init__(
        self,
        seconds: int = SECONDS,
        memory: int = MEMORY,
        wall: float = WALL,
        pictures: int = PICTURES,
    ) -> None:
        self._told = json.dumps([seconds, memory, sys.path])
        self._wall = wall
        self._pictures = pictures
        self._seen = 0
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    @property
    def pid(self) -> int | None:
        """Return the number of its process, or None while there is none."""
        return self._child.pid if self._child else None

    def look_at(self, content: bytes) -> Picture:
        """Read a picture whole and say what it is.

        Raises:
            NotAPicture: It is none of our formats, moves, is cut off, or is more than a decoder
                may take of time and memory.

        """
        with self._lock:
            for _ in range(TRIES):
                said = self._asked(content)
                if said is not None:
                    return _picture(said)
        raise NotAPicture("its decoder crashed")

    def close(self) -> None:
        """End its process."""
        with self._lock:
            self._end()

    def _asked(self, content: bytes) -> bytes | None:
        """Return its answer, or None where it died of something else than a limit.

        Raises:
            NotAPicture: It took too long.

        """
        child = self._started()
        asked, told = child.stdin, child.stdout
        if asked is None or told is None:
            raise RuntimeError("the decoder has no pipes")
        late = threading.Event()

        def cut() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(self._wall, cut)
        timer.daemon = True
        timer.start()
        try:
            asked.write(LENGTH.pack(len(content)))
            asked.write(content)
            asked.flush()
            said = told.readline(LONGEST)
        except OSError:
            said = b""
        finally:
            timer.cancel()
        if said.endswith(b"\n"):
            self._seen += 1
            return said
        ended = self._end()
        if late.is_set() or ended == -getattr(signal, "SIGXCPU", 0):
            raise NotAPicture("it takes too long to decode")
        return None

    def _started(self) -> subprocess.Popen[bytes]:
        child = self._child
        # After a fork the process is our parent's, and so is its next answer.
        ours = child is not None and self._owner == os.getpid() and child.poll() is None
        if child is not None and ours and self._seen < self._pictures:
            return child
        self._end()
        # Nothing of a stranger's is in the command, and nothing of ours is in its environment.
        self._child = subprocess.Popen(  # noqa: S603 - the interpreter that we are
            [sys.executable, "-I", "-S", "-c", _CHILD, self._told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        self._owner, self._seen = os.getpid(), 0
        return self._child

    def _end(self) -> int | None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return None
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                # What it was still to be told has nobody left to be told to.
                try:
                    pipe.close()
                except OSError:
                    continue
        return child.wait()


def _picture(said: bytes) -> Picture:
    """Return what the other process found; even that is not believed beyond reason."""
    try:
        found: dict[str, Any] = json.loads(said)
        if "not" in found:
            raise NotAPicture(str(found["not"])[:200])
        width, height, kind = int(found["width"]), int(found["height"]), found["format"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, NotAPicture):
            raise
        raise NotAPicture("its decoder answered with something else") from error
    if not 0 < width * height <= MAX_PIXELS or kind not in {"png", "jpeg", "webp"}:
        raise NotAPicture("its decoder answered with something else")
    return Picture(width, height, cast("Any", kind))


_OURS = Sandbox()


@atexit.register
def close() -> None:
    """End the process that is kept; the next picture starts it again."""
    _OURS.close()


def look_at(content: bytes) -> Picture:
    """Read a picture whole in the process that this one keeps for it, and say what it is.

    Raises:
        NotAPicture: It is none of our formats, moves, is cut off, or is more than a decoder may
            take of time and memory.

    """
    return _OURS.look_at(content)
