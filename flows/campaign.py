"""The campaign as a Prefect flow: the same steps as without it, seen in Prefect's pages.

Prefect executes and shows. What was paid for, chosen and approved stands in our own database, so
its retries and its caching are off: a step that is done again finds everything where it left it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows import accounts, pipeline, summary
from flows.desk import open_desk
from flows.exits import Waiting
from flows.materials import gather
from flows.progress import Listener, silent
from flows.run_options import RunOptions
from flows.settings import Settings
from review.approval import Approval

T = TypeVar("T")

_LISTENERS: dict[str, Listener] = {}


def in_prefect(name: str, step: Callable[[], T]) -> T:
    """Carry a step out as a task of this name."""
    carried = task(name=name, retries=0, cache_policy=NO_CACHE, persist_result=False)(step)
    return carried()


@flow(name="campaign", retries=0, persist_result=False, validate_parameters=True)
def campaign(
    brief: str = "briefs/spring-checkout.yaml",
    out: str = "out",
    choose: str = "wait",
    approve: Approval = Approval.CHECKS,
    run: str = "",
) -> dict[str, object]:
    """Make every asset of one brief, check it, deliver what was accepted, and say what it cost.

    Args:
        brief: The path of a brief, below the folder in which the worker runs.
        out: Where files are delivered: a folder, or s3://bucket/prefix.
        choose: Who picks the concepts. `auto` takes the first ones, `wait` ends this run until
            somebody picks, and `c1,c3` is a pick.
        approve: What is accepted without a person: `auto` all that no check blocks, `checks` all
            that no check objects to, `wait` nothing.
        run: A run to go on with; empty starts a new one.
    """
    materials = None if run else gather(Path(brief))
    with open_desk(Settings()) as desk:
        if materials:
            path = str(materials.loaded.path)
            options = RunOptions(brief=path, out=out, choose=choose, approve=approve)
            run = pipeline.start(desk, materials, options)
        try:
            made = pipeline.carry_out(
                desk,
                run,
                choose=choose,
                approve=approve,
                do=in_prefect,
                listener=_LISTENERS.get(run, silent),
            )
        except Waiting as waiting:
            # Nothing failed: a person is to decide, and no process waits for it.
            return {"waits_for": str(waiting)}
        report = accounts.written(accounts.of_name(desk, run), "markdown")
    create_markdown_artifact(report, key="spend-report", description=made.title)
    return made.model_dump(mode="json")


def carry_out(
    run: str, *, choose: str, approve: Approval, listener: Listener = silent
) -> summary.Summary:
    """Carry a run out as a flow, in this process, against the configured or a passing server.

    Raises:
        Waiting: A person has to choose first.

    """
    _LISTENERS[run] = listener
    try:
        made = campaign(choose=choose, approve=approve, run=run)
    finally:
        del _LISTENERS[run]
    if "waits_for" in made:
        raise Waiting(str(made["waits_for"]))
    return summary.Summary.model_validate(made)
