"""What is published of the books: the newest entry that is sealed, and the hash of all up to it."""

from typing import Self

from pydantic import Field

from creative.value import Value

START = "0" * 64
"""What the first entry has for a predecessor."""
SHORT = 12
"""How many letters of a hash are enough to compare two printed pages by eye."""


class Head(Value):
    """What is published of the books, so that their end cannot be cut off unseen.

    >>> str(Head.read("12:" + "ab" * 32))[:9]
    '12:ababab'
    """

    seq: int = Field(ge=0)
    """The newest entry that is sealed."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the head that is written as ``SEQ:SHA256``.

        Raises:
            ValueError: It is not written so.

        """
        seq, _, digest = text.strip().partition(":")
        if not (seq.isascii() and seq.isdigit() and len(digest) == len(START)):
            raise ValueError(f"{text!r} is no head of a ledger; write it as NUMBER:SHA256")
        return cls(seq=int(seq), sha256=digest)

    @property
    def short(self) -> str:
        """Return as much of the hash as a person compares by eye."""
        return self.sha256[:SHORT]

    def __str__(self) -> str:
        return f"{self.seq}:{self.sha256}"
