"""The order of the steps. Who carries them out, Prefect or nobody, changes nothing in it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from cost_tracking.runs import RunState
from flows import delivery, rework, saying_back, steps
from flows.desk import Desk
from flows.exits import Waiting, WrongInput
from flows.hindrances import Hindered
from flows.materials import Materials, check_rates
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


def start(
    desk: Desk, materials: Materials, options: RunOptions, *, run_id: str | None = None
) -> str:
    """Keep the bytes of a brief that was checked, write a run of it down, and return its id.

    Args:
        desk: Where the state is.
        materials: The brief.
        options: How it was asked for.
        run_id: Fixed by a caller who may come twice; without it every call starts a run.

    Raises:
        InvalidInput: A cost that the brief declares cannot be told in the budget's currency.
        WrongInput: Another brief goes by this name; they would share one ledger and one folder.

    """
    check(desk, materials)
    loaded = materials.loaded
    desk.blobs.put(loaded.path.read_bytes())
    asked = options.model_dump(mode="json")
    begun = desk.runs.start(
        materials.campaign, str(loaded.path), loaded.sha256, asked, run_id=run_id
    )
    return begun.id


def check(desk: Desk, materials: Materials) -> None:
    """Make sure that a run of a brief can be started here; nothing is written.

    Raises:
        InvalidInput: A cost that the brief declares cannot be told in the budget's currency.
        WrongInput: Another brief goes by this name; they would share one ledger and one folder.

    """
    check_rates(materials, desk.rates)
    loaded = materials.loaded
    before = desk.runs.latest(materials.campaign)
    if before and before.brief_path != str(loaded.path) and Path(before.brief_path).is_file():
        raise WrongInput(
            f"{loaded.path}: {before.brief_path} is the brief of campaign {materials.campaign}; "
            "give this one a name of its own"
        )


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
        Held: Another process is carrying it out.
        Waiting: A person has to choose concepts first.
        InvalidInput: The brief is wrong.
        OverBudget: The budget does not hold what has to be bought.
        OSError: Where the logs' ends are published cannot be written to.
        ProviderError: A provider did not do what was asked.

    """
    options = RunOptions.model_validate(desk.runs.get(run).options)
    with desk.claims.holding(f"run/{run}"):
        return _to_its_end(desk, run, options.but(choose=choose, approve=approve), do, listener)


def _to_its_end(
    desk: Desk, run: str, options: RunOptions, do: Carrier, listener: Listener
) -> Summary:
    try:
        with listening(listener):
            made = _march(desk, run, options, do)
    except WrongInput:
        # What was answered is refused, and the run stands where it stood.
        raise
    except BaseException as error:
        waits = isinstance(error, Waiting)
        desk.runs.update(run, RunState.WAITING if waits else RunState.FAILED)
        raise
    whole = not (made.failed_locales or made.blocked)
    ended = RunState.WAITING if made.waiting else RunState.DONE
    desk.runs.update(run, ended if whole else RunState.FAILED)
    desk.publish()
    return made


def _march(desk: Desk, run: str, options: RunOptions, do: Carrier) -> Summary:
    work = do("lint", lambda: take_up(desk, run, options))
    desk.runs.update(run, RunState.RUNNING)
    before = steps.accepted(work)
    # Whoever translates for nothing is asked first: pictures that nobody has words for would be
    # paid for in vain.
    early = do("copy", lambda: steps.write_copy(work)) if work.words_are_free else None
    concepts = do("concepts", lambda: steps.draw_concepts(work))
    choice = do("choice", lambda: steps.choose(work, concepts))
    if steps.to_produce(work, concepts):
        sketches = concepts
        concepts = do("key visuals", lambda: steps.produce(work, sketches, choice))
    decks = early or do("copy", lambda: steps.write_copy(work))
    composing, redone = None, rework.Redone()
    while True:
        # Who edits a line while this goes on finds it in the pictures all the same.
        log = desk.acts.amendments(work.campaign)
        ordered = steps.order_renditions(work, concepts, choice, decks, log)
        drawn = do("renditions", partial(steps.compose, work, ordered.orders))
        composing = drawn.after(composing)
        made = composing.renditions
        redone = do("rework", partial(rework.redo, work, ordered, made, redone))
        if redone.anew:
            # It is ordered and drawn as well, before anything is decided or delivered.
            continue
        said_back = Hindered()
        if work.materials.loaded.brief.providers.back_translation:
            say_back = partial(saying_back.say_back, work, ordered.decks)
            said_back = do("back-translation", say_back)
        decisions = do("decisions", partial(steps.decide, work, made, ordered.by_hand))
        handed = do("delivery", partial(delivery.deliver, work, made, decisions))
        finished = delivery.Finished(
            concepts, choice, decks, ordered, composing, decisions, redone, before
        )
        told = do("report", partial(delivery.report, work, finished, handed, log))
        if told is not None:
            steps.await_review(work, made, decisions)
            redone.check()
            said_back.check()
            return told
