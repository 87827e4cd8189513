"""What a run was told to do, beside its brief; kept with the run, so that it can be resumed."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator

from creative.value import Value
from review.approval import Approval

AUTO, WAIT = "auto", "wait"
_PICK = re.compile(r"auto|wait|c[1-9][0-9]?(,c[1-9][0-9]?)*", re.ASCII)


def _pick(text: str) -> str:
    picks = text.split(",")
    if len(set(picks)) < len(picks):
        raise ValueError(f"{text!r} picks one concept twice; name each once")
    if not _PICK.fullmatch(text):
        raise ValueError(f"{text!r} picks nothing; write auto, wait, or concepts such as c1,c3")
    return text


class RunOptions(Value):
    """The options of one run."""

    brief: str
    """The path of the brief."""
    out: str = "out"
    """A folder, or ``s3://bucket/prefix``."""
    choose: Annotated[str, AfterValidator(_pick)] = AUTO
    """``auto`` takes the first concepts, ``wait`` leaves it to a person, ``c1,c3`` is a pick."""
    approve: Approval = Approval.CHECKS
    by: str = ""
    """Who asked for it: they do not approve it. Empty in runs from before this was kept."""

    @property
    def picked(self) -> tuple[str, ...]:
        """Return the concepts that a person picked, or nothing."""
        return () if self.choose in (AUTO, WAIT) else tuple(self.choose.split(","))

    def but(self, *, choose: str | None = None, approve: Approval | None = None) -> Self:
        """Return these options with other answers to the two questions."""
        changed = {"choose": choose or self.choose, "approve": approve or self.approve}
        return type(self)(**{**dict(self), **changed})
