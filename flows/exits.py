"""How a command ends: the exit codes, and the words that go with each."""

from enum import IntEnum

from cost_tracking.estimates import UnknownPrice
from cost_tracking.orders import Claimed, Suspect
from cost_tracking.policy import UnknownCostType
from creative.problem import InvalidInput
from creative.value import Value
from providers.errors import ProviderError
from providers.terms import NoRate


class Exit(IntEnum):
    """What the shell is told."""

    DONE = 0
    FAILED = 1
    WRONG_INPUT = 2
    OVER_BUDGET = 3
    WAITING = 4
    PROVIDER = 5


class Waiting(Exception):
    """Nothing is wrong: a person must decide before this can go on."""


class Ending(Value):
    """The last word of a command that did not do what it was asked."""

    code: Exit
    kind: str
    message: str
    problems: tuple[dict[str, object], ...] = ()


def ending(error: Exception) -> Ending | None:
    """Return how to end after an error that a person can act on, or None for a bug of ours."""
    # The database's layer takes half a second to import, which a quote does without.
    from cost_tracking.budgets import NoBudget, OverBudget
    from review.choices import WrongPick

    match error:
        case InvalidInput():
            problems = tuple(
                {
                    "file": str(one.file),
                    "line": one.line,
                    "path": one.path,
                    "message": one.message,
                    "mend": one.mend,
                }
                for one in error.problems
            )
            return Ending(
                code=Exit.WRONG_INPUT, kind="input", message=str(error), problems=problems
            )
        case UnknownCostType() | UnknownPrice() | NoRate() | WrongPick():
            return Ending(code=Exit.WRONG_INPUT, kind="input", message=str(error))
        case OverBudget() | NoBudget():
            return Ending(code=Exit.OVER_BUDGET, kind="budget", message=str(error))
        case Waiting() | Claimed() | Suspect():
            return Ending(code=Exit.WAITING, kind="waiting", message=str(error))
        case ProviderError():
            return Ending(code=Exit.PROVIDER, kind=error.kind, message=str(error))
    return None
