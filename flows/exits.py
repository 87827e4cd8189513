"""How a command ends: the exit codes, and the words that go with each."""

from dataclasses import asdict
from enum import IntEnum
from typing import NamedTuple

from creative.problem import InvalidInput, Problem


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


class NoWords(Exception):
    """The message can be said in no locale, so nothing was bought."""


class Waiting(Exception):
    """Nothing is wrong: a person must decide before this can go on."""


class Ended(Exception):
    """A process that we started, and cannot do without, is gone."""


class Ending(NamedTuple):
    """The last word of a command that did not do what it was asked."""

    code: Exit
    kind: str
    message: str
    problems: tuple[dict[str, object], ...] = ()


def ending(error: Exception) -> Ending | None:
    """Return how to end after an error that a person can act on, or None for a bug of ours."""
    for kinds, code, kind in _kinds():
        if isinstance(error, kinds):
            problems = error.problems if isinstance(error, InvalidInput) else ()
            return Ending(
                code=code,
                kind=kind or str(getattr(error, "kind", "provider")),
                message=_said(error),
                problems=tuple(_plain(one) for one in problems),
            )
    return None


def _kinds() -> tuple[tuple[tuple[type[Exception], ...], Exit, str], ...]:
    """Return what each error means to the shell, the first that fits first."""
    # Imported only where there is an error: each command would start later by a third for it.
    from sqlalchemy.exc import OperationalError

    from composition.errors import CompositionError
    from cost_tracking.budgets import NoBudget, OverBudget
    from cost_tracking.database import UnknownDatabase
    from cost_tracking.estimates import UnknownPrice
    from cost_tracking.exchange.rates import NoRate
    from cost_tracking.mirror.copy import BusyMirror
    from cost_tracking.orders import AlreadyClosed, Claimed, Suspect
    from cost_tracking.past import UnreadableLedger
    from cost_tracking.policy import UnknownCostType
    from cost_tracking.reports.trails import UnknownFigure
    from cost_tracking.runs import UnknownRun
    from cost_tracking.waiting.claims import Held
    from flows.settings import BadSettings
    from providers.errors import ProviderError
    from providers.terms import TooDear
    from review.acts import Refused
    from review.choices import WrongPick
    from review.signing import BadKey

    unknown = (UnknownRun, UnknownCostType, UnknownPrice, UnknownDatabase, BadSettings)
    return (
        ((InvalidInput, WrongInput, WrongPick, *unknown), Exit.WRONG_INPUT, "input"),
        ((NoRate, AlreadyClosed, UnknownFigure), Exit.WRONG_INPUT, "input"),
        ((OverBudget, NoBudget, TooDear), Exit.OVER_BUDGET, "budget"),
        # Not allowed, stale, sent twice: policy stands against it, and not its form.
        ((Refused,), Exit.OVER_BUDGET, ""),
        ((BadKey,), Exit.FAILED, "keys"),
        ((Waiting,), Exit.WAITING, "waiting"),
        # Neither is a pause of ours, and CI must not take it for one.
        ((Claimed,), Exit.PROVIDER, "claimed"),
        ((Held,), Exit.FAILED, "held"),
        ((Suspect,), Exit.PROVIDER, "suspect"),
        ((ProviderError,), Exit.PROVIDER, ""),
        ((NoWords,), Exit.FAILED, "copy"),
        ((CompositionError,), Exit.FAILED, "composition"),
        ((OperationalError, UnreadableLedger, BusyMirror), Exit.FAILED, "database"),
        ((Ended,), Exit.FAILED, "ended"),
        ((OSError,), Exit.FAILED, "system"),
    )


def _said(error: Exception) -> str:
    # The driver's own words; SQLAlchemy's would repeat the statement and its values.
    of_driver = getattr(error, "orig", None)
    if of_driver is not None:
        return f"the database: {' '.join(str(of_driver).split())}"
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}; what was paid for is kept, run again"
    return str(error)


def _plain(problem: Problem) -> dict[str, object]:
    return {**asdict(problem), "file": str(problem.file)}
