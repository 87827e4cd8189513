"""Where a flow run stops for people: suspended in Prefect, with a form, and no process that waits.

Prefect carries the form to people and back, and is believed nothing: what comes back goes through
the same act as on the page and at the command line, bound to the pictures that the form showed.
"""

import base64
from pathlib import Path
from typing import Any, Literal

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput, keyset_from_base_key, read_flow_run_input
from pydantic import Field, ValidationError, create_model

from creative.brief_file import load_brief
from creative.choice import stands
from creative.concept import Concept
from creative.value import Value
from flows import deciding, reviewing
from flows.desk import Desk
from flows.exits import WrongInput
from flows.flow_runs import tag
from flows.prose import escaped
from flows.steps import POLICY
from review.access import codes
from review.access.people import Person, alone
from review.access.roles import Action
from review.acts import Refused, Seen
from review.choices import WrongPick
from review.contact_pictures import concept_sheet_jpeg
from review.light_table import State
from review.waits import Form, Waiting

ACROSS, CELL = 2, 280
"""Of the contact sheet in a form, which Prefect shows 370 pixels wide."""


class Answer(Value):
    """What was typed into a form; forged or not, it is only words until it was checked."""

    chosen: tuple[str, ...] = Field(default=(), max_length=12)
    note: str = Field(default="", max_length=2000)
    code: str = Field(default="", max_length=1000)


def this_flow_run() -> FlowRun | None:
    """Return the flow run that this process carries out for a deployment; None for all others.

    Only such a one can be suspended: without a deployment nobody could start it again.
    """
    context = FlowRunContext.get()
    found = context.flow_run if context else None
    return found if found and found.deployment_id else None


def run_id() -> str | None:
    """Return the id of the run that this flow run carries out, today and when it is woken.

    None where each call is a run of its own.
    """
    flow_run = this_flow_run()
    if flow_run is None or flow_run.created is None:
        return None
    return f"{flow_run.created:%Y%m%dT%H%M%S}-{flow_run.id.hex[:12]}"


def begun(desk: Desk) -> str | None:
    """Return the run that this flow run started before it was suspended or cut off, or None."""
    known = run_id()
    return known if known and desk.runs.find(known) else None


def check_changes(desk: Desk, choose: str, approve: str) -> None:
    """Make sure that nobody decides by what they ask a run to be resumed with.

    Raises:
        WrongInput: People show who they are here, and Prefect's sign-in shows nobody.

    """
    laxer = [one for one in (choose, approve) if one not in ("", "wait")]
    if laxer and desk.settings.asks_who:
        raise WrongInput(
            f"{laxer[0]} would decide for people who show who they are here; leave it out, and "
            "decide on the review page or by `kampanj review`"
        )


def enter(desk: Desk, run: str) -> None:
    """Let a run be found in Prefect by its id, and take the answer that somebody typed meanwhile.

    Raises:
        InvalidInput: The brief is wrong by now; nothing was read.

    """
    flow_run = this_flow_run()
    if flow_run is None:
        return
    if tag(run) not in flow_run.tags:
        with get_client(sync_client=True) as client:
            client.update_flow_run(flow_run.id, tags=[*flow_run.tags, tag(run)])
    shown = desk.waits.form(str(flow_run.id))
    if shown is None:
        return
    form, waiting = shown
    typed: Any = read_flow_run_input(_keys(form)["response"], flow_run_id=flow_run.id)
    # Woken from elsewhere, or by a bare call of Prefect's interface: nobody has answered.
    if typed is not None:
        desk.waits.read_form(form, take(desk, form, waiting, typed))


def take(desk: Desk, form: Form, waiting: Waiting, typed: Any) -> str:
    """Do what was typed into a form, if the person may, and return why it was not done.

    Returns:
        Empty where it was done, or where people have answered elsewhere in the meantime.

    """
    if waiting.kind != "choice" or _is_chosen(desk, waiting):
        return ""
    about = deciding.subject(desk, waiting.run)
    tried = {"campaign": about.campaign, "action": Action.CHOOSE.value, "via": "prefect"}
    try:
        answer = Answer.model_validate(typed)
        person, nonce = _person(desk, form, about.campaign, answer.code)
    except (ValidationError, codes.BadCode) as error:
        why = str(error) if isinstance(error, codes.BadCode) else "it is no answer of this form"
        desk.acts.refuse("unknown", tried, why)
        return why
    seen = [Seen(asset=one, sha256=waiting.subject.get(one, "")) for one in answer.chosen]
    asks = deciding.request(person, "prefect", nonce)
    drawn, wanted = desk.concepts(waiting.run), _wanted(desk, waiting.run)
    try:
        desk.acts.choose(asks, about, drawn, seen, wanted, answer.note)
    except WrongPick as error:
        desk.acts.refuse(person.id, {**tried, "what": list(answer.chosen)}, str(error))
        return str(error)
    except Refused as error:
        return str(error)
    desk.publish()
    return ""


def wait(desk: Desk, run: str) -> None:
    """Suspend this flow run until somebody answers, if it waits and can be suspended.

    It does not come back then: Prefect starts the flow anew when it is woken.
    """
    flow_run = this_flow_run()
    waiting = next(iter(desk.waits.standing(run)), None)
    if flow_run is None or waiting is None:
        return
    refusal = desk.waits.refusal(waiting)
    form = desk.waits.show_form(waiting, str(flow_run.id))
    shown = (
        choice_form(desk, waiting, refusal)
        if waiting.kind == "choice"
        else _review_form(desk, waiting)
    )
    suspend_flow_run(wait_for_input=shown, key=form.id)


def _person(desk: Desk, form: Form, campaign: str, code: str) -> tuple[Person, str]:
    """Return who typed, and what makes their answer count once.

    Raises:
        BadCode: People show who they are here, and the code proves nobody of the people file.

    """
    if not desk.settings.asks_who:
        return alone(desk.who), form.id
    claim = codes.read(desk.keys, code, campaign, desk.now())
    people = desk.people
    person = people.find(claim.person, "code") if people else None
    if person is None:
        # A code says who somebody is, and not what groups their organization has them in.
        raise codes.BadCode(
            f"no people file names {claim.person}, or not any more; choose on the review page"
        )
    return person, claim.nonce


def _is_chosen(desk: Desk, waiting: Waiting) -> bool:
    """Say whether a person's choice stands on the concepts as they are now."""
    choice = desk.choices.newest(desk.runs.get(waiting.run).campaign)
    if choice is None or choice.by.startswith(POLICY):
        return False
    return stands(choice, desk.concepts(waiting.run), _wanted(desk, waiting.run))


def _wanted(desk: Desk, run: str) -> int:
    return load_brief(Path(desk.runs.get(run).brief_path)).brief.concepts.choose


def choice_form(desk: Desk, waiting: Waiting, refusal: str) -> type[RunInput]:
    """Return the form by which people choose concepts in Prefect.

    Args:
        desk: Where the run is.
        waiting: What is to be chosen from.
        refusal: Why the last answer was not taken; empty for none.

    """
    run = desk.runs.get(waiting.run)
    concepts = desk.concepts(run.id)
    wanted = _wanted(desk, run.id)
    ids = tuple(one.id for one in concepts)
    counted = "one concept" if wanted == 1 else f"{wanted} concepts"
    fields: dict[str, Any] = {
        # Required, so that a bare Resume is refused.
        "chosen": (
            list[Literal[ids]],  # type: ignore[valid-type]
            Field(
                title="Concepts",
                description=f"Choose {counted}.",
                min_length=wanted,
                max_length=wanted,
            ),
        ),
        "note": (str, Field(default="", title="Why", max_length=2000)),
    }
    if desk.settings.asks_who:
        said = "From the review page, or by kampanj review code; it works once, for 15 minutes."
        fields["code"] = (
            str,
            Field(title="Personal code", description=said, min_length=1, max_length=1000),
        )
    form = create_model("Choice", __base__=RunInput, **fields)
    return form.with_initial_data(description=_asked(desk, run.campaign, concepts, refusal))


def _asked(desk: Desk, campaign: str, concepts: tuple[Concept, ...], refusal: str) -> str:
    """Return what stands above the fields, as Markdown: every stranger's word in it is escaped."""
    paths = {one.sha256: desk.blobs.path(one.sha256) for one in concepts}
    sheet = base64.b64encode(concept_sheet_jpeg(concepts, paths, across=ACROSS, cell=CELL))
    rows = "\n".join(f"- **{one.id}** {_unlinked(one.direction)}" for one in concepts)
    lines = (
        f"**Not taken:** {escaped(refusal)}" if refusal else "",
        f"![The concepts](data:image/jpeg;base64,{sheet.decode()})",
        rows,
        _page(
            desk,
            f"/campaigns/{campaign}/concepts",
            f"kampanj review choose {campaign} {concepts[0].id}",
        ),
    )
    return "\n\n".join(line for line in lines if line)


def _review_form(desk: Desk, waiting: Waiting) -> type[RunInput]:
    run = desk.runs.get(waiting.run)
    found = reviewing.items(desk, run.id)
    left = sum(one.state is State.WAITING for one in found)
    said = (
        f"**{left:,} of {len(found):,} renditions wait for a decision.** They are decided about on "
        "the review page or by `kampanj review`, not here. Going on delivers what is accepted by "
        "then; what is not waits on."
    )
    # There is nothing to type: its Resume is all that there is to say.
    form = create_model("GoOn", __base__=RunInput)
    where = _page(desk, f"/campaigns/{run.campaign}", f"kampanj review list {run.campaign}")
    return form.with_initial_data(description=f"{said}\n\n{where}")


def _page(desk: Desk, path: str, command: str) -> str:
    url = desk.settings.page_url.rstrip("/")
    page = f"[Open the review page]({url}{path}), or use" if url else "At the command line:"
    return f"{page} `{command}`"


def _unlinked(text: str) -> str:
    """Escape words that a writer made up, and keep addresses in them from becoming links."""
    return escaped(text).replace("://", ":\N{ZERO WIDTH SPACE}//")


def _keys(form: Form) -> dict[str, str]:
    """Return under which names Prefect keeps a form and what was typed into it."""
    return {str(key): name for key, name in keyset_from_base_key(f"suspended-{form.id}").items()}
