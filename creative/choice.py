"""A named person's pick of concepts."""

from pydantic import AwareDatetime

from creative.concept import Concept
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


def stands(choice: Choice | None, concepts: tuple[Concept, ...], wanted: int) -> bool:
    """Say whether a choice is of as many as are wanted, on exactly the bytes that were seen."""
    if choice is None or len(choice.concepts) != wanted:
        return False
    drawn = {concept.id: concept.seen for concept in concepts}
    return all(
        drawn.get(one) == seen for one, seen in zip(choice.concepts, choice.seen, strict=True)
    )
