"""The files that a campaign rests on, as they were when something was made from them."""

from enum import StrEnum
from hashlib import sha256

from creative.value import Value, canonical


class InputKind(StrEnum):
    """What a file says."""

    BRIEF = "brief"
    BRAND = "brand"
    LOGO = "logo"
    FONT = "font"
    TERMBASE = "termbase"
    MEMORY = "memory"
    NOTICE = "notice"
    PRODUCT = "product"
    PRICES = "prices"
    POLICY = "policy"


class InputFile(Value):
    """A file by what it says, where it lay, and the bytes that it had."""

    kind: InputKind
    name: str
    """Its path in the project, with forward slashes; of what ships with us, its name alone."""
    sha256: str
    """Of its bytes, which the blob store keeps by this name."""


class Inputs(Value):
    """All of them together: the versions that something was made from."""

    files: tuple[InputFile, ...]

    @property
    def content(self) -> bytes:
        """Return them as they are kept."""
        return canonical(self.model_dump(mode="json"))

    @property
    def sha256(self) -> str:
        """Return what they go by: another version of any file makes it another one."""
        return sha256(self.content).hexdigest()
