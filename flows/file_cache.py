"""What was read from files, kept for as long as they are what they were."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 200
"""How much is kept."""


class FileCache:
    """Reads each file once, until it changes; for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_path: dict[tuple[str, Path], tuple[object, Any]] = {}

    def get(self, kind: str, path: Path, beside: Sequence[Path], read: Callable[[], T]) -> T:
        """Return what a file holds, read anew if it or one beside it has changed.

        Args:
            kind: What is made of it.
            path: The file.
            beside: Others that it depends on.
            read: Reads it; what it raises is raised, and not kept.

        """
        # Looked at before it is read: what is written meanwhile is read again next time.
        state = tuple(_state(one) for one in (path, *beside))
        known = self._by_path.get((kind, path))
        if known is None or known[0] != state:
            known = (state, read())
            with self._lock:
                if len(self._by_path) >= MOST:
                    self._by_path.clear()
                self._by_path[kind, path] = known
        found: T = known[1]
        return found


def _state(path: Path) -> object:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns
