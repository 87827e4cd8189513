"""The order of the steps. Who carries them out, Prefect or nobody, changes nothing in it."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from cost_tracking.runs import RunState
from flows import delivery, steps
from flows.desk import Desk
from flows.exits import Waiting
from flows.materials import Materials
from flows.progress import Listener, listening, silent
from flows.run_options import RunOptions
from flows.summary import Summary
from flows.work import take_up
from review.approval import Approval

T = TypeVar("T")


class Carrier(Protocol):
    """Carries one step out, and may tell somebody about it."""

    def __call__(self, name: str, step: Callable[[], T]) -> T:
        """Do a step and return what it gave."""


def directly(name: str, step: Callable[[], T]) -> T:  # noqa: ARG001 - who does it asks its name
    """Do a step and tell nobody."""
    return step()


def start(desk: Desk, materials: Materials, options: RunOptions) -> str:
    """Keep the bytes of a brief that was checked, write a run of it down, and return its id."""
    loaded = materials.loaded
    desk.blobs.put(loaded.path.read_bytes())
    asked = options.model_dump(mode="json")
    return desk.runs.start(materials.campaign, str(loaded.path), loaded.sha256, asked).id


def carry_out(
    desk: Desk,
    run: str,
    *,
    choose: str | None = None,
    approve: Approval | None = None,
    do: Carrier = directly,
    listener: Listener = silent,
) -> Summary:
    """Carry a run out from wherever it stands, and say what was done.

    It may be called again after any crash: what was paid for, chosen, drawn and accepted is
    taken up where it lies.

    Args:
        desk: Where the state is.
        run: The run's id.
        choose: A pick of concepts, instead of what the run was started with.
        approve: A rule of acceptance, likewise.
        do: Who carries each step out.
        listener: Who is told how far it is.

    Raises:
        Waiting: A person has to choose concepts first.
        InvalidInput: The brief is wrong.
        OverBudget: The budget does not hold what has to be bought.
        ProviderError: A provider did not do what was asked.

    """
    options = RunOptions.model_validate(desk.runs.get(run).options)
    try:
        with listening(listener):
            made = _march(desk, run, options.but(choose=choose, approve=approve), do)
    except Exception as error:
        waits = isinstance(error, Waiting)
        desk.runs.update(run, RunState.WAITING if waits else RunState.FAILED)
        raise
    desk.runs.update(run, RunState.WAITING if made.waiting else RunState.DONE)
    return made


def _march(desk: Desk, run: str, options: RunOptions, do: Carrier) -> Summary:
    desk.runs.update(run, RunState.RUNNING)
    work = do("lint", lambda: take_up(desk, run, options))
    concepts = do("concepts", lambda: steps.draw_concepts(work))
    choice = do("choice", lambda: steps.choose(work, concepts))
    decks = do("copy", lambda: steps.write_copy(work))
    orders = steps.order_renditions(work, concepts, choice, decks)
    composing = do("renditions", lambda: steps.compose(work, orders))
    decisions = do("decisions", lambda: steps.decide(work, composing.renditions))
    handed = do("delivery", lambda: delivery.deliver(work, composing.renditions, decisions))
    finished = delivery.Finished(concepts, choice, decks, composing, decisions)
    return do("report", lambda: delivery.report(work, finished, *handed))
