"""A folder on this machine as a place that keeps files."""

import hashlib
from pathlib import Path

from providers.errors import BadKey, Conflict, InvalidRequest, NotStored
from providers.storage.base import Stored, checked_key
from providers.storage.whole import sweep, told, write_once, write_whole

NAME = "folder"


class Folder:
    """Keeps files below one folder, and never leaves it.

    Args:
        root: The folder, made when the first file comes.
        sync: Whether ``put`` waits until the disk has the bytes.

    """

    name = NAME

    def __init__(self, root: Path, *, sync: bool = False) -> None:
        self._root = root
        self._sync = sync

    def put(self, key: str, content: bytes, sha256: str, *, replace: bool = False) -> None:
        """Keep bytes under a key. The same bytes again are a success."""
        path = self._path(key)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InvalidRequest(NAME, f"{key}: the bytes are not those of {sha256[:12]}…")
        with told(NAME, key):
            if replace:
                write_whole(path, content, sync=self._sync)
                return
            if path.exists() or not write_once(path, content, sync=self._sync):
                kept = path.read_bytes() if path.is_file() else b""
                if kept != content:
                    raise Conflict(
                        NAME, f"{path} holds other bytes; choose another folder or a new version"
                    )

    def get(self, key: str) -> bytes:
        """Return the bytes."""
        path = self._path(key)
        if not path.is_file():
            raise NotStored(NAME, f"nothing is kept as {path}")
        with told(NAME, key):
            return path.read_bytes()

    def head(self, key: str) -> Stored | None:
        """Return the hash and the size of what is kept, or None."""
        path = self._path(key)
        if not path.is_file():
            return None
        with told(NAME, key), path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return Stored(sha256=sha256, size=file.tell())

    def remove(self, key: str) -> None:
        """Keep nothing under a key any more. Where nothing is kept, that is a success."""
        path = self._path(key)
        with told(NAME, key):
            path.unlink(missing_ok=True)

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the keys that start with a prefix, sorted."""
        with told(NAME, prefix):
            keys = (
                path.relative_to(self._root).as_posix()
                for path in self._root.rglob("*")
                # What starts with a dot is half written.
                if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
            )
            return tuple(sorted(key for key in keys if key.startswith(prefix)))

    def tidy(self, prefix: str) -> int:
        """Remove what killed processes left half written."""
        with told(NAME, prefix):
            return sweep(self._path(prefix))

    def _path(self, key: str) -> Path:
        """Return the file of a key.

        Raises:
            BadKey: It is not one, or a link on the way could lead out of the folder.

        """
        path = self._root
        for part in checked_key(NAME, key).split("/"):
            path /= part
            if path.is_symlink():
                raise BadKey(NAME, f"{path} is a link; remove it, or choose another folder")
        return path
