"""How a command ends: the exit codes, and the words that go with each."""

from dataclasses import asdict
from enum import IntEnum

from cost_tracking.estimates import UnknownPrice
from cost_tracking.orders import Claimed, Suspect
from cost_tracking.policy import UnknownCostType
from creative.problem import InvalidInput, Problem
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


class WrongInput(Exception):
    """What was typed or set cannot be worked with; the message names it and the mend."""


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
    from sqlalchemy.exc import OperationalError

    from composition.errors import CompositionError
    from cost_tracking.budgets import NoBudget, OverBudget
    from cost_tracking.database import UnknownDatabase
    from cost_tracking.runs import UnknownRun
    from review.choices import WrongPick

    code, kind, message = Exit.FAILED, "", str(error)
    problems: tuple[dict[str, object], ...] = ()
    match error:
        case InvalidInput():
            code, kind = Exit.WRONG_INPUT, "input"
            problems = tuple(_plain(one) for one in error.problems)
        case WrongInput() | UnknownRun() | UnknownCostType() | UnknownPrice() | NoRate():
            code, kind = Exit.WRONG_INPUT, "input"
        case WrongPick() | UnknownDatabase():
            code, kind = Exit.WRONG_INPUT, "input"
        case OverBudget() | NoBudget():
            code, kind = Exit.OVER_BUDGET, "budget"
        case Waiting() | Claimed() | Suspect():
            code, kind = Exit.WAITING, "waiting"
        case ProviderError():
            code, kind = Exit.PROVIDER, error.kind
        case CompositionError():
            kind = "composition"
        case OperationalError():
            # The driver's own words; SQLAlchemy's would repeat the statement and its values.
            kind, message = "database", f"the database: {' '.join(str(error.orig).split())}"
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            kind = "system"
            message = f"{place}{error.strerror or error}; what was paid for is kept, run again"
        case _:
            return None
    return Ending(code=code, kind=kind, message=message, problems=problems)


def _plain(problem: Problem) -> dict[str, object]:
    return {**asdict(problem), "file": str(problem.file)}
