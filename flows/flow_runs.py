"""The Prefect flow runs that carry out a run of ours: told to go on, never asked what was done."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import httpx
from prefect import settings
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed, Failed, Scheduled
from prefect.utilities.urls import url_for

RESUME = "resume/resume"
"""The deployment that goes on with a run."""
STARTING = timedelta(minutes=3)
"""How long a process may take from when Prefect starts it until it claims its run."""
AT_WORK = frozenset({StateType.PENDING, StateType.RUNNING, StateType.CANCELLING})


class Woken(NamedTuple):
    """What became of an attempt to have Prefect go on."""

    by_prefect: bool
    said: str


def tag(run: str) -> str:
    """Return the tag of the flow runs that carry out a run."""
    return f"run:{run}"


def wake(run: str, now: datetime, moved: datetime) -> Woken:
    """Have Prefect go on with a run that nobody holds: wake what is suspended, or start anew.

    Args:
        run: Its id.
        now: The present moment.
        moved: When the run last moved. A flow run that was started before that has claimed it,
            and since nobody holds it, its process is gone.

    """
    if not settings.PREFECT_API_URL.value():
        return Woken(by_prefect=False, said="Prefect has no server.")
    try:
        with get_client(sync_client=True) as client:
            if error := client.api_healthcheck():
                said = f"Prefect's server does not answer ({type(error).__name__})."
                return Woken(by_prefect=False, said=said)
            return _wake(client, run, now, moved)
    except httpx.HTTPError as error:
        # A status of the server's, such as 401 for a wrong password; its text may hold an address.
        return Woken(by_prefect=False, said=f"Prefect's server refuses ({type(error).__name__}).")


def _wake(client: SyncPrefectClient, run: str, now: datetime, moved: datetime) -> Woken:
    found = of_run(client, run)
    for one in found:
        if is_started(one, now, moved):
            return Woken(by_prefect=True, said=f"Prefect is at it: {address(one.id)}")
    suspended = [one for one in found if _type(one) is StateType.PAUSED]
    for one in found:
        if _type(one) in AT_WORK:
            # Nobody holds the run, so whoever did was killed, and nobody told Prefect.
            said = "the process that carried it out is gone"
            client.set_flow_run_state(one.id, Crashed(message=said), force=True)
    for one in suspended[1:]:
        said = "another flow run goes on with it"
        client.set_flow_run_state(one.id, Cancelled(message=said), force=True)
    if suspended:
        resuming: State[Any] = Scheduled(name="Resuming")
        woken = client.set_flow_run_state(suspended[0].id, resuming)
        # One that was given a time limit, and is past it, cannot be woken.
        if woken.status is SetStateStatus.ACCEPT:
            said = f"Prefect goes on with it: {address(suspended[0].id)}"
            return Woken(by_prefect=True, said=said)
    try:
        deployment = client.read_deployment_by_name(RESUME)
    except ObjectNotFound:
        return Woken(by_prefect=False, said=f"Prefect's server has no deployment {RESUME}.")
    started = client.create_flow_run_from_deployment(
        deployment.id,
        parameters={"run": run},
        tags=[tag(run)],
        # Who asks twice, at the same time or because no answer came, is given one run.
        idempotency_key=f"{run}/{len(found)}",
    )
    return Woken(by_prefect=True, said=f"Prefect goes on with it: {address(started.id)}")


def give_up(run: str, reason: str) -> None:
    """End what Prefect holds suspended of a run, as failed for a reason.

    A server that is away keeps it: whoever resumes it there finds that the run is stopped.
    """
    if not settings.PREFECT_API_URL.value():
        return
    with suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        for one in of_run(client, run):
            if _type(one) is StateType.PAUSED:
                client.set_flow_run_state(one.id, Failed(message=reason), force=True)


def address(flow_run: UUID) -> str:
    """Return where people see a flow run."""
    return url_for("flow-run", obj_id=flow_run) or str(flow_run)


def of_run(client: SyncPrefectClient, run: str) -> Sequence[FlowRun]:
    """Return the flow runs of a run, the newest first."""
    tagged = FlowRunFilter(tags=FlowRunFilterTags(all_=[tag(run)]))
    newest = FlowRunSort.EXPECTED_START_TIME_DESC
    return client.read_flow_runs(flow_run_filter=tagged, sort=newest, limit=200)


def is_started(one: FlowRun, now: datetime, moved: datetime) -> bool:
    """Say whether a process is on its way to the run, or will be as soon as there is a worker."""
    state = one.state
    if state is None:
        return False
    if state.type is StateType.SCHEDULED:
        due = state.state_details.scheduled_time
        return due is None or due <= now + STARTING
    since = state.timestamp.astimezone(UTC)
    return state.type in AT_WORK and moved < since and now - since < STARTING


def _type(one: FlowRun) -> StateType | None:
    return one.state.type if one.state else None
