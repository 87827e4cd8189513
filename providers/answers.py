"""What providers answered, kept where a crash does not lose it, before it is called settled.

The bytes are a blob, named by their hash. Beside it lies ``<attempt>.json``, which says what
attempt they answer and what that consumed; whoever finds it after a crash can settle the attempt
without buying anything again.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import JsonValue, ValidationError

from cost_tracking.usage import Usage
from creative.value import Value, canonical, fingerprint
from providers.errors import NotStored
from providers.storage.blobs import Blobs
from providers.storage.whole import told, write_whole

NAME = "answers"


class Kept(Value):
    """One answer: what it is, what it consumed, and where its bytes are."""

    attempt: str
    request_sha256: str
    content: str
    """The sha256 of its bytes: a picture, or canonical JSON."""
    usage: Usage
    facts: Mapping[str, JsonValue]
    """What is known of it beside its bytes, such as a picture's focus."""

    @property
    def seal(self) -> str:
        """Return the hash of all of it."""
        return fingerprint(self.model_dump(mode="json"))


class Answers:
    """The answers of one installation.

    Args:
        folder: Where the records lie, made when the first one comes.
        blobs: Where their bytes lie.

    """

    def __init__(self, folder: Path, blobs: Blobs) -> None:
        self._folder = folder
        self._blobs = blobs

    def keep(
        self,
        attempt: str,
        request_sha256: str,
        content: bytes,
        usage: Usage,
        facts: Mapping[str, JsonValue],
    ) -> Kept:
        """Store an answer for good: the bytes first, the record last, both on the disk.

        Raises:
            StorageFull: There is no room; nothing half written stays.
            StorageError: It could not be written.

        """
        kept = Kept(
            attempt=attempt,
            request_sha256=request_sha256,
            content=self._blobs.put(content),
            usage=usage,
            facts=facts,
        )
        record = {**kept.model_dump(mode="json"), "seal": kept.seal}
        with told(NAME, attempt):
            write_whole(self._path(attempt), canonical(record))
        return kept

    def find(self, attempt: str) -> Kept | None:
        """Return the answer of an attempt, or None when none was stored.

        Raises:
            NotStored: The record was changed or damaged.

        """
        path = self._path(attempt)
        if not path.is_file():
            return None
        with told(NAME, attempt):
            text = path.read_bytes()
        try:
            record: dict[str, Any] = json.loads(text)
            seal = record.pop("seal", "")
            kept = Kept(**record)
        except (ValueError, TypeError, AttributeError, ValidationError) as error:
            raise self._damaged(path) from error
        if kept.seal != seal or kept.attempt != attempt:
            raise self._damaged(path)
        return kept

    def content(self, kept: Kept) -> bytes:
        """Return an answer's bytes, after hashing them again.

        Raises:
            NotStored: They are not there, or were changed.

        """
        return self._blobs.get(kept.content)

    def _path(self, attempt: str) -> Path:
        # Ids are hex digits that we made; anything else must not become a path.
        if not (attempt.isascii() and attempt.isalnum()):
            raise NotStored(NAME, f"{attempt[:80]!r} is not the id of an attempt")
        return self._folder / f"{attempt}.json"

    @staticmethod
    def _damaged(path: Path) -> NotStored:
        return NotStored(NAME, f"{path} was changed or damaged; restore it from a backup")
