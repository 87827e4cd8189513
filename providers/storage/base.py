"""Whoever keeps files: named by keys, written once, read back as the same bytes."""

import re
from dataclasses import dataclass
from typing import Protocol

from providers.errors import BadKey

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}", re.ASCII)
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.ASCII)


@dataclass(frozen=True)
class Stored:
    """What is kept under a key."""

    sha256: str
    """64 hex digits."""
    size: int
    """In bytes."""


class Storage(Protocol):
    """A place that keeps files."""

    @property
    def name(self) -> str:
        """Return what people call it: ``folder``, ``s3``."""

    def put(self, key: str, content: bytes, sha256: str, *, replace: bool = False) -> None:
        """Keep bytes under a key. The same bytes again are a success.

        Raises:
            Conflict: Other bytes are kept there, and ``replace`` is not set.
            BadKey: The key is not one that every store accepts, or leaves the root.
            StorageError: It could not be kept; nothing half written stays.

        """

    def get(self, key: str) -> bytes:
        """Return the bytes.

        Raises:
            NotStored: There are none.

        """

    def head(self, key: str) -> Stored | None:
        """Return the hash and the size of what is kept, or None."""

    def remove(self, key: str) -> None:
        """Keep nothing under a key any more. Where nothing is kept, that is a success.

        Raises:
            BadKey: The key is not one that every store accepts, or leaves the root.
            StorageError: It is still there.

        """

    def tidy(self, prefix: str) -> int:
        """Remove what killed processes left half written below a key, and return how much.

        Raises:
            BadKey: The key is not one that every store accepts.

        """

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the keys that start with a prefix, sorted."""


def checked_key(store: str, key: str) -> str:
    """Return a key that is safe in a folder, on S3 and on Windows.

    Raises:
        BadKey: A part is ``..``, empty, starts with a dot, ends with one, or holds anything but
            ASCII letters, digits, ``.``, ``_`` and ``-``; or the whole is longer than 1,000.

    >>> checked_key("folder", "spring/assets/SE/sv-SE/a_1x1_v1.jpg")
    'spring/assets/SE/sv-SE/a_1x1_v1.jpg'
    """
    parts = key.split("/")
    good = all(
        _PART.fullmatch(part) and not part.endswith(".") and not _DEVICES.fullmatch(part)
        for part in parts
    )
    if not good or len(key) > 1000:
        raise BadKey(
            store,
            f"{key[:80]!r} cannot name a file; use parts of letters, digits, '.', '_' and '-', "
            "with '/' between them",
        )
    return key
