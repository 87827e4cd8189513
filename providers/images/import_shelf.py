"""Where pictures lie that people bring, with their sheet: a folder, or a prefix in a bucket."""

from pathlib import Path
from typing import Protocol

from creative.problem import Address
from providers.errors import BadKey


class Unfit(ValueError):
    """A picture cannot be taken; the message says why, and ``mend`` what to do."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.mend = mend


class Shelf(Protocol):
    """Where pictures lie. Nothing is ever written there."""

    @property
    def near(self) -> bool:
        """Say whether its pictures can be read in no time, and so all of them at once."""

    def address(self, name: str) -> Path | Address:
        """Return where a file is, for messages; an empty name is the shelf itself."""

    def holds(self, name: str) -> bool:
        """Say whether a file is there."""

    def check(self, name: str, most: int) -> None:
        """Make sure that a picture can be taken, without reading it.

        Raises:
            Unfit: It is not there, lies elsewhere, is no file, or has more bytes.

        """

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            OSError: A folder does not give them.
            ProviderError: A bucket does not give them.

        """


class Bucket(Protocol):
    """What is asked of a bucket."""

    def size(self, key: str) -> int | None:
        """Return how many bytes are kept under a key, or None."""

    def get(self, key: str) -> bytes:
        """Return the bytes."""


class FolderShelf:
    """A folder on this machine."""

    near = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def address(self, name: str) -> Path:
        """Return where a file is."""
        return self._folder / name

    def holds(self, name: str) -> bool:
        """Say whether a file is there."""
        return (self._folder / name).is_file()

    def check(self, name: str, most: int) -> None:
        """Make sure that a picture can be taken."""
        try:
            path = (self._folder / name).resolve(strict=True)
            if not path.is_relative_to(self._folder.resolve()):
                raise Unfit("it leads out of the folder", "Put a copy into it")
            if not path.is_file():
                raise Unfit("it is not a file", "Name the picture itself")
            if path.stat().st_size > most:
                raise Unfit(f"it is larger than {most:,} bytes", "Export it smaller")
        except (OSError, RuntimeError):
            raise _absent(name) from None

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return (self._folder / name).resolve(strict=True).read_bytes()


class BucketShelf:
    """A prefix in a bucket.

    Args:
        place: Its address, such as ``s3://bucket/prefix``.
        bucket: The same, opened.

    """

    near = False

    def __init__(self, place: str, bucket: Bucket) -> None:
        self._place = place.rstrip("/")
        self._bucket = bucket

    def address(self, name: str) -> Address:
        """Return where a file is."""
        return Address(f"{self._place}/{name}")

    def holds(self, name: str) -> bool:
        """Say whether a file is there."""
        return self._bucket.size(name) is not None

    def check(self, name: str, most: int) -> None:
        """Make sure that a picture can be taken."""
        try:
            size = self._bucket.size(name)
        except BadKey:
            mend = "Rename it to letters, digits, '.', '_' and '-'"
            raise Unfit(f"{name!r:.80} is no name that a bucket is asked for", mend) from None
        if size is None:
            raise _absent(name)
        if size > most:
            raise Unfit(f"it is larger than {most:,} bytes", "Export it smaller")

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        return self._bucket.get(name)


def _absent(name: str) -> Unfit:
    return Unfit(f"{name!r:.80} cannot be read", "Put the picture there, or correct its name")
