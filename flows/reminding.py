"""Reminds people of what waits for them, and does what the brief says when nobody answers.

It is called again and again: by the worker of `kampanj serve`, or by cron with `kampanj review
remind`. Several may run at once; each thing is done once.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import JsonValue
from sqlalchemy import Connection

from cost_tracking.runs import Run, RunState
from cost_tracking.waiting.claims import Held
from creative.brief_file import load_brief
from creative.choice import Choice, stands
from creative.problem import InvalidInput
from creative.value import Value
from flows import reviewing, waking
from flows.desk import Desk
from flows.steps import LAPSED, POLICY
from flows.webhook import Undelivered, post
from review.choices import Choices
from review.light_table import State
from review.waits import Waiting

RULE = f"{POLICY}waits"
"""Who reminds and stops, in the log of acts."""
MOST_TRIES = 3
"""How often a reminder is sent off that does not arrive."""


What = Literal["reminded", "not delivered", "chose", "stopped", "went on", "overtaken", "not done"]


class Told(Value):
    """One thing that was done about one waiting, in words for the log."""

    run: str
    campaign: str
    what: What
    said: str


@dataclass(frozen=True)
class Reach:
    """How people and runs are reached; a test puts its own in place."""

    post: Callable[[Mapping[str, JsonValue]], None] | None
    """Takes a reminder to where people read it; None where there is no such place."""
    wake: Callable[[Desk, str], str]
    """Has a run go on, and says who carries it out."""
    give_up: Callable[[Desk, str, str], None]
    """Ends whatever still waits for a run elsewhere, for a reason."""


def reach(desk: Desk) -> Reach:
    """Return how this installation reaches people and runs."""
    webhook, proxy = desk.settings.reminder_webhook, desk.settings.proxy
    through = proxy.get_secret_value() if proxy else None

    def send(body: Mapping[str, JsonValue]) -> None:
        if webhook:
            post(webhook.get_secret_value(), body, through)

    return Reach(post=send if webhook else None, wake=waking.go_on, give_up=waking.give_up)


def enforce(desk: Desk, reach: Reach) -> tuple[Told, ...]:
    """Remind of what has waited long enough, and end what has waited too long.

    Args:
        desk: Where the state is; its clock tells how late it is.
        reach: How people and runs are reached.

    Returns:
        What was done, in the order of how long it had waited.

    """
    done: list[Told] = []
    for waiting in desk.waits.standing():
        run = desk.runs.get(waiting.run)
        # Somebody is at it: whatever it waits for is being answered.
        with suppress(Held), desk.claims.holding(f"run/{run.id}"):
            try:
                told = _see_to(desk, run, waiting, reach)
            except (InvalidInput, ValueError, OSError) as error:
                # A brief or a file that cannot be read keeps no other campaign from its turn.
                told = _told(run, "not done", str(error))
            done += [told] if told else []
    if done:
        desk.publish()
    for one in done:
        if one.what in ("chose", "went on"):
            reach.wake(desk, one.run)
    return tuple(done)


def _see_to(desk: Desk, run: Run, waiting: Waiting, reach: Reach) -> Told | None:
    newest = desk.runs.latest(run.campaign)
    if newest and newest.id != run.id:
        desk.waits.over(run.id, "overtaken")
        return _told(run, "overtaken", f"run {newest.id} of the same campaign took its place")
    now = desk.now()
    if waiting.deadline and waiting.deadline <= now:
        return _lapsed(desk, run, waiting, reach)
    due = waiting.remind_at and waiting.remind_at <= now
    if due and waiting.reminded_at is None and waiting.tries < MOST_TRIES:
        return _reminded(desk, run, waiting, reach)
    return None


def _reminded(desk: Desk, run: Run, waiting: Waiting, reach: Reach) -> Told | None:
    said = _reminder(desk, run, waiting)
    did: dict[str, JsonValue] = {**_facts(run, waiting), "act": "reminded"}
    if not desk.acts.by_rule(RULE, did, lambda at: desk.waits.claim_reminder(at, waiting)):
        return None
    if reach.post is None:
        return _told(run, "reminded", said)
    try:
        reach.post({**_facts(run, waiting), "text": said})
    except Undelivered as error:
        desk.waits.not_reminded(waiting)
        failed: dict[str, JsonValue] = {**_facts(run, waiting), "act": "reminder lost"}
        desk.acts.by_rule(RULE, {**failed, "why": str(error)}, lambda _: True)
        return _told(run, "not delivered", f"{error}: {said}")
    return _told(run, "reminded", said)


def _lapsed(desk: Desk, run: Run, waiting: Waiting, reach: Reach) -> Told | None:
    if is_answered(desk, run, waiting):
        # They decided, and nobody said that it is to go on.
        desk.waits.over(run.id, "decided", waiting.kind)
        return _told(run, "went on", "everything is decided, and its deadline has come")
    if waiting.kind == "choice" and waiting.lapse == "auto":
        return _chosen(desk, run, waiting)
    reason = (
        f"nobody {_ASKED[waiting.kind]} until {_minute(waiting.deadline)}; "
        f"`kampanj resume {run.id}` waits anew"
    )

    def stop(connection: Connection) -> bool:
        if not desk.waits.end(connection, waiting, "stop"):
            return False
        desk.runs.write(connection, run.id, RunState.FAILED)
        return True

    did: dict[str, JsonValue] = {**_facts(run, waiting), "act": "stopped", "why": reason}
    if not desk.acts.by_rule(LAPSED, did, stop):
        return None
    reach.give_up(desk, run.id, reason)
    return _told(run, "stopped", reason)


def _chosen(desk: Desk, run: Run, waiting: Waiting) -> Told | None:
    concepts = desk.concepts(run.id)
    wanted = load_brief(Path(run.brief_path)).brief.concepts.choose
    choice = Choice(
        campaign=run.campaign,
        concepts=tuple(one.id for one in concepts[:wanted]),
        seen=tuple(one.seen for one in concepts[:wanted]),
        by=LAPSED,
        at=desk.now(),
        reason=f"nobody chose until {_minute(waiting.deadline)}, so the first ones go on, unseen",
    )

    def choose(connection: Connection) -> bool:
        newest = Choices.newest_of(connection, run.campaign, keep=True)
        person = newest and not newest.by.startswith(POLICY)
        if person and stands(newest, concepts, wanted):
            return False
        if not desk.waits.end(connection, waiting, "auto"):
            return False
        Choices.write(connection, choice)
        return True

    did: dict[str, JsonValue] = {**choice.model_dump(mode="json"), "act": "chose", "via": "rule"}
    if not desk.acts.by_rule(LAPSED, did, choose):
        return None
    return _told(run, "chose", f"{', '.join(choice.concepts)}: {choice.reason}")


def is_answered(desk: Desk, run: Run, waiting: Waiting) -> bool:
    """Say whether people have decided all that a run waits for, though it has not gone on yet."""
    if waiting.kind == "review":
        return not _left(desk, run, waiting)
    choice = desk.choices.newest(run.campaign)
    wanted = load_brief(Path(run.brief_path)).brief.concepts.choose
    person = choice and not choice.by.startswith(POLICY)
    return bool(person) and stands(choice, desk.concepts(run.id), wanted)


def _left(desk: Desk, run: Run, waiting: Waiting) -> int:
    """Return how many of the renditions that a run waits for nobody has decided about."""
    try:
        found = reviewing.items(desk, run.id)
    except InvalidInput:
        # Its brief cannot be read by now; what waited still does.
        return len(waiting.subject)
    return sum(one.state is State.WAITING for one in found)


_ASKED = {"choice": "chose", "review": "decided about every rendition"}


def _reminder(desk: Desk, run: Run, waiting: Waiting) -> str:
    since = f"since {_minute(waiting.opened_at)}"
    until = f", until {_minute(waiting.deadline)}" if waiting.deadline else ""
    if is_answered(desk, run, waiting):
        what = "is decided, and waits for somebody to say that it goes on"
    elif waiting.kind == "choice":
        what = "waits for a choice of concepts"
    else:
        what = f"waits for decisions about {_left(desk, run, waiting):,} renditions"
    url = desk.settings.page_url.rstrip("/")
    place = "/concepts" if waiting.kind == "choice" else ""
    where = f"{url}/campaigns/{run.campaign}{place}" if url else f"kampanj status {run.id}"
    return f"{run.campaign} {what} {since}{until}: {where}"


def _facts(run: Run, waiting: Waiting) -> dict[str, JsonValue]:
    return {
        "campaign": run.campaign,
        "run": run.id,
        "waiting": waiting.id,
        "kind": waiting.kind,
        "since": waiting.opened_at.isoformat(),
        "deadline": waiting.deadline.isoformat() if waiting.deadline else None,
        "then": waiting.lapse,
    }


def _told(run: Run, what: What, said: str) -> Told:
    return Told(run=run.id, campaign=run.campaign, what=what, said=said)


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
