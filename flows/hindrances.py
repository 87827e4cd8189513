"""What keeps something from being bought: for good, or until time, money or a person mends it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cost_tracking.attempts import Claimed, Suspect
from cost_tracking.budgets import OverBudget
from cost_tracking.estimates import UnknownPrice
from cost_tracking.exchange.rates import NoRate
from providers.errors import (
    BadOutput,
    ProviderError,
    RefusedInput,
    RefusedOutput,
    Truncated,
    Unsupported,
)
from providers.terms import TooDear

IN_VAIN = (Unsupported, BadOutput, Truncated, RefusedInput, RefusedOutput)
"""What would be answered again to the same request: then nothing comes of it."""
LATER = (ProviderError, OverBudget, TooDear, UnknownPrice, NoRate, Suspect, Claimed)
"""What time, money or a person mends: it is asked again by the next run."""


@dataclass(frozen=True)
class Hindered:
    """What one run could not have now, while all else was made."""

    failed: Mapping[str, Exception] = field(default_factory=dict)
    """Why, by what it was wanted for."""

    def check(self) -> None:
        """Raise what came in between, once all else is done.

        Raises:
            ProviderError: A provider did not do what was asked.
            OverBudget: The budget does not hold it.
            Suspect: An earlier request for it was lost, and may have been charged.

        """
        for error in self.failed.values():
            raise error
