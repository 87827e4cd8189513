"""Small pictures for the review page, each made once and kept by the sha256 of the large one."""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from typing import Literal

from providers.storage.whole import write_whole
from review.contact_pictures import thumbnail

Size = Literal["cell", "half"]
BOXES: Mapping[Size, tuple[int, int]] = {"cell": (440, 440), "half": (1100, 1100)}
"""The largest width and height in pixels: twice those that the page gives them, since most screens
have two pixels to one of CSS. A banner may be twice as wide."""
SHARP = 80
"""The quality of a JPEG that is looked at, and not only found by."""


class Spoiled(Exception):
    """The large picture is not the one that it is called by, or none; the message says which."""


class Thumbnails:
    """Small pictures in a folder that may be emptied at any time.

    Args:
        folder: Made if need be.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Decoding is what takes long: more at a time would only make each of them later.
        self._hands = BoundedSemaphore(os.cpu_count() or 1)

    def get(self, digest: str, path: Path, size: Size) -> Path:
        """Return the file of a small JPEG, made now if it is not there.

        Args:
            digest: The sha256 that the large picture must have.
            path: The large picture.
            size: Which box it fits in.

        Raises:
            Spoiled: The large picture is another one by now, or cannot be read.

        """
        kept = self._folder / digest[:2] / f"{digest}-{size}.jpg"
        if kept.is_file():
            return kept
        with self._hands:
            try:
                content = path.read_bytes()
            except OSError as error:
                raise Spoiled("the file is missing") from error
            if sha256(content).hexdigest() != digest:
                raise Spoiled("the file was changed since it was made")
            small = thumbnail(content, BOXES[size], SHARP)
            if isinstance(small, str):
                raise Spoiled(small)
            write_whole(kept, small.jpeg, sync=False)
        return kept
