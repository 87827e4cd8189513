"""The campaign as Prefect flows: the same steps as without it, seen in Prefect's pages.

Prefect executes and shows. What was paid for, chosen and approved stands in our own database, so
its retries and its caching are off: a step that is done again finds everything where it left it.
"""

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, TypeVar

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import Field

from cost_tracking.reports.files import as_markdown
from flows import accounts, gates, pipeline, summary
from flows.desk import Desk, open_desk
from flows.exits import Waiting, WrongInput
from flows.materials import gather
from flows.progress import Listener, silent
from flows.run_options import RunOptions
from flows.settings import project, read_settings
from review.approval import Approval

T = TypeVar("T")
Pick = Annotated[str, Field(pattern=r"^(auto|wait|c[1-9][0-9]?(,c[1-9][0-9]?)*)$")]
Rule = Literal["auto", "checks", "wait"]

_LISTENERS: dict[str, Listener] = {}


def in_prefect(name: str, step: Callable[[], T]) -> T:
    """Carry a step out as a task of this name; one that waits for a person has not failed."""

    def waiting() -> T | Waiting:
        try:
            return step()
        except Waiting as waits:
            return waits

    carried = task(name=name, retries=0, cache_policy=NO_CACHE, persist_result=False)(waiting)
    result = carried()
    if isinstance(result, Waiting):
        raise result
    return result


@flow(name="campaign", retries=0, persist_result=False)
def campaign(
    brief: str = "briefs/spring-checkout.yaml",
    out: str = "out",
    choose: Pick = "wait",
    approve: Rule = "checks",
) -> dict[str, object]:
    """Make every asset of one brief, check it, deliver what was accepted, and say what it cost.

    Args:
        brief: The path of a brief in the project.
        out: Where files are delivered: a folder in the project, or s3://bucket/prefix.
        choose: Who picks the concepts. `auto` takes the first ones, `wait` suspends this run until
            somebody picks, and `c1,c3` is a pick.
        approve: What is accepted without a person: `auto` all that no check blocks, `checks` all
            that no check objects to, `wait` nothing.
    """
    with open_desk(read_settings()) as desk:
        run = gates.begun(desk)
        if run is None:
            materials = gather(_inside(brief))
            place = out if out.startswith("s3://") else str(_inside(out))
            path = str(materials.loaded.path)
            options = RunOptions(brief=path, out=place, choose=choose, approve=Approval(approve))
            run = pipeline.start(desk, materials, options, run_id=gates.run_id())
        return _carried(desk, run, None, None)


@flow(name="resume", retries=0, persist_result=False)
def resume(
    run: str,
    choose: Annotated[str, Field(pattern=r"^(|wait|auto|c[1-9][0-9]?(,c[1-9][0-9]?)*)$")] = "",
    approve: Literal["", "auto", "checks", "wait"] = "",
) -> dict[str, object]:
    """Go on with a run that waits or was cut off. Nothing is bought twice.

    Args:
        run: The run, as `campaign` named it.
        choose: A pick of concepts such as `c2`; empty as the run was started.
        approve: What is accepted without a person; empty as the run was started.
    """
    with open_desk(read_settings()) as desk:
        return _carried(desk, run, choose or None, Approval(approve) if approve else None)


def _carried(
    desk: Desk, run: str, choose: str | None, approve: Approval | None
) -> dict[str, object]:
    gates.enter(desk, run)
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
        gates.wait(desk, run)
        # Nothing failed: a person is to decide, and no process waits for it.
        create_markdown_artifact(f"**{waiting}**", key="waiting", description=f"Run {run}")
        return {"waits_for": str(waiting)}
    report = as_markdown(accounts.of_name(desk, run))
    create_markdown_artifact(report, key="spend-report", description=made.title)
    if made.waiting:
        gates.wait(desk, run)
    return made.model_dump(mode="json")


def _inside(path: str) -> Path:
    """Return a path of the project: whoever reaches the form must not reach the machine."""
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or ":" in path:
        raise WrongInput(f"{path!r} leaves the project; name a place in it")
    return project() / path


def carry_out(
    run: str, *, choose: str, approve: Approval, listener: Listener = silent
) -> summary.Summary:
    """Carry a run out as a flow, in this process, against the configured or a passing server.

    Raises:
        Waiting: A person has to choose first.

    """
    _LISTENERS[run] = listener
    try:
        made = resume(run, choose, approve.value)
    finally:
        del _LISTENERS[run]
    if "waits_for" in made:
        raise Waiting(str(made["waits_for"]))
    return summary.Summary.model_validate(made)
