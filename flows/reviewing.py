"""What there is to review at the command line, and what is decided about it there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from creative.asset_name import SLUG, AssetName
from creative.back_translation import said_of
from creative.brief_file import load_brief
from creative.choice import Choice
from creative.decision import Decision, Verdict
from creative.manifest import ManifestAsset
from creative.problem import InvalidInput
from creative.value import Value
from flows import deciding, minutes
from flows.desk import Desk
from flows.exits import WrongInput
from flows.run_options import RunOptions
from flows.steps import POLICY
from review.access import codes
from review.access.people import Person
from review.access.roles import Action, Role, may
from review.acts import NotAllowed, Request, Ruling, Seen
from review.decisions import seconded
from review.light_table import Filter, Item, State, laid, left_in

NAME = re.compile(SLUG, re.ASCII)
"""Of a campaign."""


class Outcome(Value):
    """What was decided."""

    run: str
    """The one that delivers it."""
    verdict: Verdict
    decided: tuple[str, ...]
    endorsed: tuple[str, ...]
    """Those that a second person must accept as well."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values, with what to do next."""
        return {**self.model_dump(mode="json"), "next": self.next}

    @property
    def next(self) -> str:
        """Say what to do now."""
        if self.endorsed and not self.decided:
            return "a second person must accept them; until then they wait"
        does = {
            Verdict.ACCEPTED: "delivers them",
            Verdict.REJECTED: "makes them again, as far as that follows from the reason",
            Verdict.WITHDRAWN: "takes out what lies there of them",
        }
        return f"`kampanj resume {self.run}` {does[self.verdict]}"


def items(desk: Desk, name: str) -> tuple[Item, ...]:
    """Return the renditions of a campaign, or of a run, in the manifest's order.

    Raises:
        UnknownRun: There is neither.
        WrongInput: The run has made nothing yet.

    """
    run = desk.run_named(name)
    try:
        made = desk.manifest(run.id).assets
    except ValueError as error:
        raise WrongInput(str(error)) from error
    return lay_out(desk, run.campaign, made, two=deciding.subject(desk, name).two_people)


def lay_out(
    desk: Desk, campaign: str, made: Sequence[ManifestAsset], *, two: bool
) -> tuple[Item, ...]:
    """Return renditions with how far each is.

    Args:
        desk: Where people's decisions are.
        campaign: Theirs.
        made: As its newest run left them.
        two: Whether two people must accept.

    """
    found = desk.decided(one.rendition for one in made)
    endorsed = desk.acts.endorsed(campaign)
    return tuple(laid(one, _standing(one, found, two=two), endorsed) for one in made)


def overview(desk: Desk) -> list[dict[str, Any]]:
    """Return each campaign with its newest run, and how many renditions are how far."""
    newest = {run.campaign: run for run in reversed(desk.runs.list())}
    rows: list[dict[str, Any]] = []
    for campaign, run in newest.items():
        standing = run.state.value
        states: list[State] = []
        if desk.manifest_path(run.id).is_file():
            try:
                states = [one.state for one in items(desk, campaign)]
            except InvalidInput:
                standing = "its brief cannot be read"
        counts = {state.value: states.count(state) for state in State}
        rows.append({"campaign": campaign, "run": run.id, "run is": standing, **counts})
    return rows


def _standing(asset: ManifestAsset, found: Mapping[str, Decision], *, two: bool) -> Decision | None:
    """Return the newest decision on a rendition, if it counts now."""
    said = found.get(str(asset.rendition.name))
    if said and said.by.startswith(POLICY):
        # What a laxer rule accepted once is still in the log; the newest run has weighed it.
        return None if two else asset.decision
    return said if said and seconded(said, two=two) else None


def meant(
    desk: Desk, campaign: str, names: Sequence[str], chosen: Filter, verdict: Verdict
) -> tuple[Item, ...]:
    """Return the renditions that are to be decided about.

    Args:
        desk: Where they are.
        campaign: Or one of its runs.
        names: Of single assets, with or without their ending; or none, for all that the filter
            leaves in.
        chosen: The filter; without a state, it is that which the verdict is meant for.
        verdict: What is to be decided.

    Raises:
        UnknownRun: There is no such campaign.
        WrongInput: A name is none of its renditions, or nothing is left to decide.

    """
    known = items(desk, campaign)
    if names:
        return _named(known, names, chosen, verdict)
    left = left_in(known, chosen, verdict)
    if not left:
        about = f" ({chosen.words})" if chosen.words else ""
        raise WrongInput(
            f"no rendition of {campaign} that can be {verdict.value} is left{about}; "
            f"`kampanj review list {campaign}` shows them all"
        )
    _can_be_withdrawn(left, verdict)
    return left


def _named(
    known: Iterable[Item], names: Sequence[str], chosen: Filter, verdict: Verdict
) -> tuple[Item, ...]:
    if chosen.words:
        raise WrongInput("name assets, or say which by --market and the like; not both")
    by_name = {one.name: one for one in known}
    asked = [one.rpartition(".")[0] if one.endswith((".jpg", ".png")) else one for one in names]
    faults = [f"{one} is none of the newest renditions" for one in asked if one not in by_name]
    faults += [f"{one} is named twice" for one in dict.fromkeys(asked) if asked.count(one) > 1]
    if faults:
        raise WrongInput("\n".join(faults))
    found = tuple(by_name[one] for one in asked)
    _can_be_withdrawn(found, verdict)
    return found


def _can_be_withdrawn(found: Iterable[Item], verdict: Verdict) -> None:
    if verdict is not Verdict.WITHDRAWN:
        return
    faults = [
        f"{one.name} is {one.state.value}, not accepted; reject it instead"
        for one in found
        if one.state is not State.ACCEPTED
    ]
    if faults:
        raise WrongInput("\n".join(faults))


def decide(
    desk: Desk, asks: Request, campaign: str, seen: Sequence[Seen], ruling: Ruling
) -> Outcome:
    """Decide about renditions, all or none, and publish where the logs end.

    Raises:
        Refused: The person may not, a file is another by now, or a check stands against it.
        WrongInput: What is to be withdrawn was not accepted.

    """
    if ruling.verdict is Verdict.WITHDRAWN:
        names = {one.asset for one in seen}
        _can_be_withdrawn(
            [one for one in items(desk, campaign) if one.name in names], ruling.verdict
        )
    about, current = deciding.subject(desk, campaign), deciding.current(desk, campaign)
    made = desk.acts.decide(asks, about, current, seen, ruling)
    desk.publish()
    if ruling.minutes:
        minutes.post(desk, campaign)
    decided = tuple(one.asset for one in made)
    rest = tuple(one.asset for one in seen if one.asset not in set(decided))
    return Outcome(
        run=desk.run_named(campaign).id, verdict=ruling.verdict, decided=decided, endorsed=rest
    )


def choose(
    desk: Desk, asks: Request, campaign: str, seen: Sequence[Seen], reason: str
) -> tuple[Choice, str]:
    """Pick concepts of a campaign's newest run, and return the choice with the run's id.

    Args:
        desk: Where they are.
        asks: Who picks, through which door.
        campaign: Or one of its runs.
        seen: The picked ones; an empty sha256 stands for the picture as it is now.
        reason: Why, in the person's words.

    Raises:
        UnknownRun: There is no such campaign.
        WrongInput: The run has drawn nothing yet.
        WrongPick: They are not its concepts, or not as many as the brief asks for.
        Refused: The person may not choose, or a picture is another by now.

    """
    run = desk.run_named(campaign)
    try:
        drawn = desk.concepts(run.id)
    except ValueError as error:
        raise WrongInput(str(error)) from error
    looks = {one.id: one.seen for one in drawn}
    seen = [
        one if one.sha256 else Seen(asset=one.asset, sha256=looks.get(one.asset, ""))
        for one in seen
    ]
    about = deciding.subject(desk, campaign)
    brief = load_brief(Path(run.brief_path)).brief
    choice = desk.acts.choose(asks, about, drawn, seen, brief.concepts.choose, reason)
    desk.publish()
    return choice, run.id


def code(desk: Desk, person: Person, campaign: str, nonce: str = "") -> str:
    """Return a personal code, for one act on a campaign at a form that knows nobody.

    Raises:
        UnknownRun: There is no such campaign.

    """
    named = desk.run_named(campaign).campaign
    desk.acts.note(person, Action.CHOOSE, {"campaign": named, "gave": "a personal code"}, nonce)
    return codes.issue(desk.keys, person.id, named, desk.now())


def start_code(desk: Desk, person: Person, campaign: str, nonce: str = "") -> str:
    """Return a personal code, to start a campaign at a form that knows nobody.

    Args:
        desk: Where the keys are.
        person: Whose it is.
        campaign: What the campaign will be called; there need be none yet.
        nonce: Of the form that asked for it, if one did.

    Raises:
        WrongInput: No campaign can be called so.
        NotAllowed: They may start none.
        Replayed: The form was sent before.

    """
    if not NAME.fullmatch(campaign):
        raise WrongInput(
            f"{campaign[:80]!r} is no name of a campaign; type it as the form has it, such as "
            "spring-checkout"
        )
    if may(person.grants, Action.START) is None:
        raise NotAllowed(f"{person.name} may start no campaign; that takes the role {Role.BRIEF}")
    told = {"campaign": campaign, "gave": "a personal code to start it"}
    desk.acts.note(person, Action.START, told, nonce)
    return codes.issue(desk.keys, person.id, campaign, desk.now(), codes.TO_START)


def told(desk: Desk, asset: str) -> dict[str, Any]:
    """Return all that a person needs to decide about one rendition.

    Raises:
        WrongInput: It is none of its campaign's newest renditions.
        UnknownRun: Its campaign is not known.

    """
    try:
        name = AssetName.parse(asset)
    except ValueError as error:
        raise WrongInput(f"{error}; `kampanj review list` has their names") from error
    run = desk.run_named(name.campaign)
    item = next((one for one in items(desk, name.campaign) if one.name == str(name)), None)
    if item is None:
        raise WrongInput(f"{name} is none of the newest renditions of {name.campaign}")
    rendition, cost = item.asset.rendition, item.asset.cost
    out = RunOptions.model_validate(run.options).out.rstrip("/")
    place = item.asset.delivered
    words = desk.copy(run.id, name.locale, rendition.deck)
    return {
        **item.row,
        "run": run.id,
        "bytes": rendition.bytes,
        "pixels": f"{rendition.width}x{rendition.height}",
        "file": str(desk.rendered_file(rendition.sha256, rendition.format)),
        "delivered": f"{out}/{name.campaign}/{place}" if place else "",
        "cost": f"{cost.direct} + {cost.allocated} {cost.currency}",
        "copy": words,
        "back_translation": said_of(desk.back_translations(run.id), name.locale, words),
        "checks": [one.model_dump(mode="json") for one in rendition.findings],
        "decisions": [one.model_dump(mode="json") for one in desk.decisions.of(str(name))],
    }
