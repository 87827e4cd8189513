"""Bytes that are named by their sha256, in a folder of ours: nothing in it can be overwritten."""

import hashlib
import re
from pathlib import Path

from providers.errors import BadKey, NotStored
from providers.storage.whole import told, write_whole

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
NAME = "blobs"


class Blobs:
    """A content-addressed store.

    Args:
        root: Its folder, made when the first bytes come.
        sync: Whether ``put`` waits until the disk has them. What was paid for should be.

    """

    def __init__(self, root: Path, *, sync: bool = True) -> None:
        self._root = root
        self._sync = sync

    def put(self, content: bytes) -> str:
        """Keep bytes and return their sha256, as 64 hex digits.

        Raises:
            StorageFull: There is no room; nothing half written stays.
            StorageError: It could not be written.

        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        with told(NAME, sha256):
            # Bytes that were damaged since are written anew; equal ones are not written twice.
            if not (path.is_file() and path.read_bytes() == content):
                write_whole(path, content, sync=self._sync)
        return sha256

    def path(self, sha256: str) -> Path:
        """Return where bytes are, or would be.

        Raises:
            BadKey: It is not 64 hex digits.

        """
        if not _SHA256.fullmatch(sha256):
            raise BadKey(NAME, f"{sha256[:80]!r} is not the sha256 of anything")
        return self._root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Say whether bytes are kept, without reading them."""
        return self.path(sha256).is_file()

    def get(self, sha256: str) -> bytes:
        """Return bytes, after hashing them again.

        Raises:
            NotStored: They are not there, or are no longer what was put there.

        """
        path = self.path(sha256)
        if not path.is_file():
            raise NotStored(NAME, f"{sha256} is not in {self._root}; restore it from a backup")
        with told(NAME, sha256):
            content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NotStored(NAME, f"{path} was changed or damaged; restore it from a backup")
        return content
