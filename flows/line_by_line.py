"""Buys the lines of one locale: each once, whatever became of the others since."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from creative.copy_deck import Slot
from providers.buying import Bought, Errand
from providers.deals import Hop
from providers.runner import Runner
from providers.translation.base import TranslateAnswer

RouteOf: TypeAlias = Callable[[Mapping[Slot, str]], Sequence[Hop[TranslateAnswer]]]
"""Who may say these texts otherwise."""


def bought(
    runner: Runner, errand: Errand, texts: Mapping[Slot, str], route_of: RouteOf
) -> dict[Slot, Bought[TranslateAnswer]]:
    """Return who said each line; only those that nobody has said yet are asked for.

    Raises:
        ProviderError: Nobody would; and what else ``Runner.buy`` raises.

    """
    route = route_of(texts)
    whole = runner.recall(route, errand)
    # A line that says what it said is not asked for again because another one does not.
    known = {} if whole else runner.in_part(route, errand)
    found = {Slot(slot): one for slot, one in known.items()}
    rest = {slot: text for slot, text in texts.items() if slot not in found}
    if not whole and rest:
        whole = runner.buy(route_of(rest), errand)
    if whole:
        found |= {Slot(slot): whole for slot in whole.answer.segments}
    return found
