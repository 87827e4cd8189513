"""How long the words may be that a placement shows beside the picture."""

from collections.abc import Iterator

from creative.copy_deck import CopyDeck, Slot
from creative.finding import Finding, Severity
from creative.placement import Placement
from localization.copy_text import display_width


def over_limits(deck: CopyDeck, placement: Placement) -> Iterator[Finding]:
    """Yield a finding for each slot that the platform would cut off or refuse.

    The limits are in display width, as the platforms count: an East Asian wide letter is 2.
    """
    for name, limit in placement.limits.items():
        width = display_width(deck.text(Slot(name)))
        if width > limit:
            yield Finding(
                check="text-limit",
                severity=Severity.BLOCK,
                where=name,
                message=f"{placement.name} shows {limit} of its {width} columns beside the picture",
                mend=f"Shorten the {name} for {deck.locale} by {width - limit}",
            )
