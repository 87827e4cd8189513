"""Which of the kinds of picture that vendors take a file is, by its first bytes alone."""

from collections.abc import Mapping
from typing import Literal

MediaType = Literal["image/png", "image/jpeg", "image/webp"]
ENDINGS: Mapping[MediaType, str] = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
"""The ending of a file's name."""


def media_type(content: bytes) -> MediaType | None:
    """Return a picture's media type, or None for anything else; nothing is decoded.

    >>> media_type(b"RIFF0000WEBPVP8 ")
    'image/webp'
    """
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None
