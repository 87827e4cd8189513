"""The campaign as Prefect flows: the same steps as without it, seen in Prefect's pages.

Prefect executes and shows. What was paid for, chosen and approved stands in our own database, so
its retries and its caching are off: a step that is done again finds everything where it left it.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar, cast

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from pydantic import Field, WithJsonSchema

from flows import arriving, artifacts, form_choices, gates, pipeline, summary
from flows.brief_form import BriefForm
from flows.desk import Desk, open_desk
from flows.exits import Waiting
from flows.progress import Listener, silent
from flows.run_options import RunOptions
from flows.settings import project, read_settings
from review.approval import Approval

T = TypeVar("T")
Told = dict[str, object]


def _titled(title: str) -> Any:
    # Prefect names a field by its parameter; what stands here comes after that.
    return Field(json_schema_extra={"title": title})


SETTINGS = read_settings()
FORM = BriefForm(form_choices.of_project(project(), SETTINGS))
PEOPLE = list(form_choices.requesters(SETTINGS).values())
Brief = Annotated[dict[str, Any], WithJsonSchema(FORM.schema), _titled("Brief")]
Place = Annotated[
    str, Field(min_length=1, max_length=1100), _titled("Brief, by its path or address")
]
Out = Annotated[str, Field(min_length=1, max_length=1100), _titled("Deliver to")]
Pick = Annotated[Literal["wait", "auto"], _titled("Choice of concepts")]
Rule = Annotated[Literal["auto", "checks", "wait"], _titled("Acceptance of files")]
By = Annotated[
    str,
    WithJsonSchema({"type": "string", **({"enum": PEOPLE} if PEOPLE else {"maxLength": 120})}),
    _titled("Requested by"),
]
Code = Annotated[str, Field(max_length=1000), _titled("Personal code")]

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


def _named() -> str:
    """Return what a run is called in the pages."""
    return arriving.called(flow_run.parameters.get("brief"))


@flow(name="campaign", flow_run_name=_named, retries=0, persist_result=False)
def campaign(
    brief: Brief,
    out: Out = "out",
    choose: Pick = "wait",
    approve: Rule = "checks",
    requested_by: By = "",
    code: Code = "",
) -> Told | artifacts.State:
    """Make every asset of one brief, check it, deliver what was accepted, and say what it cost.

    What is typed becomes a file in the project's folder of briefs, named by the campaign.

    Args:
        brief: What is asked for. It is filled in with a small campaign that buys nothing.
        out: A folder of the project, or s3://bucket/prefix.
        choose: "wait" suspends the run until somebody picks, "auto" takes the first ideas, unseen.
        approve: "checks" accepts what no check objects to, "auto" what no check blocks, "wait"
            leaves every file to a person.
        requested_by: Who asks for it; they do not approve it. Empty for whose code it is; with no
            code, for whoever runs this server.
        code: Shows who asks, where people show who they are: from the review page, or by
            `kampanj review code NAME --start`. It works once, for 15 minutes.
    """
    how = RunOptions(brief="", out=out, choose=choose, approve=Approval(approve), by=requested_by)
    return _made(how, code, lambda desk: arriving.from_form(FORM, brief, desk.settings.briefs))


@flow(name="campaign-from-file", flow_run_name=_named, retries=0, persist_result=False)
def campaign_from_file(
    brief: Place = "briefs/spring-checkout.yaml",
    out: Out = "out",
    choose: Pick = "wait",
    approve: Rule = "checks",
    requested_by: By = "",
    code: Code = "",
) -> Told | artifacts.State:
    """Make every asset of a brief that is a file, in the project or in a bucket.

    What a brief from a bucket names, its brand above all, is looked for in the project, as if it
    lay in the project's folder of briefs, where a copy of it is kept.

    Args:
        brief: A path in the project, such as briefs/spring-checkout.yaml, or s3://bucket/key.
        out: A folder of the project, or s3://bucket/prefix.
        choose: "wait" suspends the run until somebody picks, "auto" takes the first ideas, unseen.
        approve: "checks" accepts what no check objects to, "auto" what no check blocks, "wait"
            leaves every file to a person.
        requested_by: Who asks for it; they do not approve it. Empty for whose code it is; with no
            code, for whoever runs this server.
        code: Shows who asks, where people show who they are: from the review page, or by
            `kampanj review code NAME --start`. It works once, for 15 minutes.
    """
    how = RunOptions(brief="", out=out, choose=choose, approve=Approval(approve), by=requested_by)
    return _made(how, code, lambda desk: arriving.from_place(brief, desk.settings))


@flow(name="resume", retries=0, persist_result=False)
def resume(
    run: str,
    choose: Annotated[str, Field(pattern=r"^(|wait|auto|c[1-9][0-9]?(,c[1-9][0-9]?)*)$")] = "",
    approve: Literal["", "auto", "checks", "wait"] = "",
) -> Told | artifacts.State:
    """Go on with a run that waits or was cut off. Nothing is bought twice.

    Args:
        run: The run, as `campaign` named it.
        choose: A pick of concepts such as `c2`; empty as the run was started.
        approve: What is accepted without a person; empty as the run was started.
    """

    def go_on() -> Told:
        with open_desk(read_settings()) as desk:
            if gates.this_flow_run():
                gates.check_changes(desk, choose, approve)
            return _carried(desk, run, choose or None, Approval(approve) if approve else None)

    return artifacts.or_refused(go_on)


def _made(
    how: RunOptions, code: str, arrive: Callable[[Desk], arriving.Arrived]
) -> Told | artifacts.State:
    """Carry out the run of this flow run: the one that it began, or one of a brief that arrives."""

    def make() -> Told:
        with open_desk(read_settings()) as desk:
            run = gates.begun(desk)
            if run is None:
                run = arriving.start(desk, arrive(desk), how, code=code, run_id=gates.run_id())
            return _carried(desk, run, None, None)

    return artifacts.or_refused(make)


def _carried(desk: Desk, run: str, choose: str | None, approve: Approval | None) -> Told:
    gates.enter(desk, run)
    progress = artifacts.Progress(_LISTENERS.get(run, silent))
    try:
        made = pipeline.carry_out(
            desk, run, choose=choose, approve=approve, do=in_prefect, listener=progress
        )
    except Waiting as waiting:
        gates.wait(desk, run)
        # Nothing failed: a person is to decide, and no process waits for it.
        create_markdown_artifact(f"**{waiting}**", key="waiting", description=f"Run {run}")
        return {"waits_for": str(waiting)}
    progress.end()
    artifacts.show_run(desk, run)
    if made.waiting:
        gates.wait(desk, run)
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
        # Called without a deployment, a flow raises what it would else tell its pages.
        made = cast("Told", resume(run, choose, approve.value))
    finally:
        del _LISTENERS[run]
    if "waits_for" in made:
        raise Waiting(str(made["waits_for"]))
    return summary.Summary.model_validate(made)
