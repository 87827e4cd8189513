"""What a person's act needs to know of a campaign, whichever door they come through."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from creative.brief_file import load_brief
from creative.choice import Choice
from creative.concept import Concept
from creative.finding import Severity
from creative.rendition import Rendition
from flows.desk import Desk
from flows.exits import WrongInput
from flows.run_options import RunOptions
from review.access import codes
from review.access.people import Person, alone
from review.access.roles import Action, Role, may
from review.acts import NotAllowed, Request, Seen, Subject, Via


def subject(desk: Desk, name: str) -> Subject:
    """Return a campaign, or that of a run, as it is decided about.

    Raises:
        UnknownRun: There is neither.
        InvalidInput: Its brief or its brand is wrong by now.

    """
    run = desk.run_named(name)
    options = RunOptions.model_validate(run.options)
    loaded = load_brief(Path(run.brief_path))
    made = desk.manifest(run.id).assets if desk.manifest_path(run.id).is_file() else ()
    return Subject(
        campaign=run.campaign,
        requester=options.by,
        two_people=loaded.brand.wants_two(loaded.brief.budget),
        blocked={str(one.rendition.name): why for one in made if (why := _blocked(one.rendition))},
    )


def _blocked(rendition: Rendition) -> str:
    """Say what checks hold against a rendition, or return an empty string."""
    stops = (one for one in rendition.findings if one.severity is Severity.BLOCK)
    return "; ".join(f"{one.check} in {one.where}: {one.message}. {one.mend}" for one in stops)


def current(desk: Desk, name: str) -> Mapping[str, str]:
    """Return the sha256 of each rendition as the newest run left it, by the asset's name.

    Raises:
        ValueError: The run has made nothing yet.

    """
    manifest = desk.manifest(desk.run_named(name).id)
    return {str(one.rendition.name): one.rendition.sha256 for one in manifest.assets}


def at_the_terminal(desk: Desk, password: str) -> Person:
    """Return who sits at the command line.

    Where nobody has said who may do what, it is whoever uses the machine, with every role.

    Args:
        desk: With the people file.
        password: Of the actor, where there is such a file.

    Raises:
        NotAllowed: There is such a file, and the actor is not in it or has another password; or
            people only show who they are to an identity provider.

    """
    people = desk.people
    if people is None:
        if desk.settings.asks_who:
            raise NotAllowed(
                "people show who they are to KAMPANJ_OIDC_ISSUER: decide on the review page, or "
                "name a people file with passwords in KAMPANJ_PEOPLE"
            )
        return alone(desk.who)
    person = people.with_password(desk.who, password)
    if person is None:
        desk.acts.refuse(desk.who, {"action": "sign in", "via": "command line"}, "wrong password")
        raise NotAllowed(f"{desk.who} is not known by this password; see KAMPANJ_ACTOR")
    return person


def picked(
    desk: Desk, run: str, concepts: Sequence[Concept], names: Sequence[str], wanted: int
) -> Choice:
    """Write down the pick that a run was told, of whoever uses the machine.

    Raises:
        WrongInput: Somebody has said who may choose, and a run's options prove nobody.
        WrongPick: They are not concepts of this campaign, or not as many as it wants.

    """
    asked = desk.runs.get(run)
    if desk.settings.asks_who:
        raise WrongInput(
            f"{desk.settings.people or 'KAMPANJ_OIDC_ISSUER'} says who may choose; choose by "
            f"`kampanj review choose {asked.campaign} {','.join(names)}`, then "
            f"`kampanj resume {run} --choose wait`"
        )
    told = RunOptions.model_validate(asked.options)
    about = Subject(campaign=asked.campaign, requester=told.by)
    drawn = {one.id: one for one in concepts}
    seen = [Seen(asset=one, sha256=drawn[one].seen) for one in names if one in drawn]
    asks = request(alone(desk.who), "command line")
    return desk.acts.choose(asks, about, concepts, seen, wanted, "picked on the command line")


def request(person: Person, via: Via, nonce: str = "") -> Request:
    """Return a person's request; one that has no form of its own gets a nonce of its own."""
    return Request(person=person, via=via, nonce=nonce or secrets.token_urlsafe(12))


class Requester(NamedTuple):
    """Who asks for a campaign."""

    person: Person
    nonce: str
    """Of the code that shows it, to be used up; empty where nobody shows who they are."""


def requester(desk: Desk, campaign: str, name: str, code: str) -> Requester:
    """Return who asks for a campaign in a form that knows nobody. They do not approve it.

    Args:
        desk: Where the people are.
        campaign: Its name.
        name: Of the person, as the form has it. Empty is whoever's code it is, or, where people do
            not show who they are, whoever this process acts for.
        code: Their personal code, to start this campaign.

    Raises:
        WrongInput: People show who they are here, and the code shows nobody, or somebody else.
        NotAllowed: They may start no campaign any more.

    """
    if not desk.settings.asks_who:
        return Requester(alone(name.strip() or desk.who), "")
    try:
        claim = codes.read(desk.keys, code, campaign, desk.now(), codes.TO_START)
    except codes.BadCode as error:
        tried = {"campaign": campaign, "action": Action.START.value, "via": "prefect"}
        desk.acts.refuse("unknown", tried, str(error))
        raise WrongInput(f"Personal code: {error}") from error
    # A form shows the name behind the id.
    named = name.partition(" (")[0].strip()
    if named and named != claim.person:
        raise WrongInput(
            f"Requested by: the code is {claim.person}'s, and the form names {named!r:.80}; leave "
            "the name out, or let them start it with a code of theirs"
        )
    return Requester(_as_now(desk, claim.person), claim.nonce)


def _as_now(desk: Desk, who: str) -> Person:
    """Return somebody who was given a code to start a campaign, if they still may."""
    known = desk.people.find(who, "code") if desk.people else None
    if known is None and desk.settings.oidc_issuer:
        # Their organization's groups let them when the code was given out, minutes ago.
        return Person(id=who, name=who, grants=(), proof="code")
    if known is None or may(known.grants, Action.START) is None:
        raise NotAllowed(f"{who} may start no campaign; that takes the role {Role.BRIEF}")
    return known
