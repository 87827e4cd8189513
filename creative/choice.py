"""A named person's pick of concepts."""

from pydantic import AwareDatetime

from creative.value import Value


class Choice(Value):
    """Which concepts go on, bound to the exact bytes that were seen."""

    campaign: str
    concepts: tuple[str, ...]
    seen: tuple[str, ...]
    """The sha256 of each chosen concept's picture, in the same order."""
    by: str
    """Who chose; ``policy:auto`` when the run was told to take the first ones."""
    at: AwareDatetime
    reason: str
