"""From sketches to key visuals: what was chosen is what is bought in full."""

from collections.abc import Sequence

from creative.choice import Choice, stands
from creative.concept import Concept


def to_go_on_from(
    sketches: Sequence[Concept | None], choice: Choice | None, wanted: int
) -> tuple[Concept, ...]:
    """Return the sketches that a run goes on from, or none where all is to be drawn in full.

    Args:
        sketches: What was bought earlier of each concept, exactly as the brief now asks for it.
        choice: The newest one of the campaign.
        wanted: How many concepts are chosen.

    Returns:
        All that there are, where none is missing or a choice stands on some of them.

    """
    found = tuple(one for one in sketches if one is not None)
    if len(found) == len(sketches) or stands(choice, found, wanted):
        return found
    return ()
