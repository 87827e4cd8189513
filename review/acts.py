"""What people do, done in one place, whichever door they came through.

The review page, the command line and Prefect's form all call this. Each act is checked and written
down in one transaction with its place in a signed chain; each refusal is written down as well.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Literal

from pydantic import Field, JsonValue
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects import postgresql, sqlite

from cost_tracking import tables
from cost_tracking.acceptance.rules import default_rules
from cost_tracking.database import reading, writing
from cost_tracking.moments import stamp
from creative.amendment import Amendment, Edit, amendments, prefixes
from creative.asset_name import AssetName
from creative.choice import Choice
from creative.concept import Concept
from creative.decision import Decision, Redo, Verdict
from creative.looked import How, Looked, Minutes, prefix
from creative.value import Value, canonical
from review.access.people import Person
from review.access.roles import Action, may
from review.chain import Chain
from review.choices import Choices, WrongPick
from review.decisions import Decisions
from review.signing import Keys

Via = Literal["page", "command line", "prefect"]
MOST = 20_000
"""How many assets one act may decide on."""


class Refused(Exception):
    """The act was not done; that it was tried is written down."""

    kind = "refused"


class NotAllowed(Refused):
    """The person has no role for it, or may not be the one who does it."""

    kind = "not-allowed"


class Stale(Refused):
    """What was seen is not what is there now. Nothing was decided."""

    kind = "stale"


class Replayed(Refused):
    """The form was sent before."""

    kind = "replayed"


class Unreasoned(Refused):
    """A rejection or a withdrawal says why, by a code that the reports know."""

    kind = "unreasoned"


class Blocked(Refused):
    """A check stands against it, and no person can accept over that."""

    kind = "blocked"


class Subject(Value):
    """The campaign that is decided about, as its brief and its brand have it."""

    campaign: str
    requester: str
    """Who started it; they do not approve it."""
    two_people: bool = False
    """Whether its budget is above the brand's limit, so that two must accept."""
    blocked: Mapping[str, str] = {}
    """What a check has against its renditions, by asset: such a one cannot be accepted."""


class Request(Value):
    """Who asks for an act, through which door."""

    person: Person
    via: Via
    nonce: str
    """Of the form, or new where there is none; it decides once."""


class Ruling(Value):
    """What is to be decided, and why."""

    verdict: Verdict
    code: str = ""
    """Of the acceptance policy; for a rejection or a withdrawal, and only there."""
    note: str = Field(default="", max_length=2000)
    redo: Redo | None = None
    """What is to be made again; None leaves it to the code."""
    minutes: Minutes | None = None
    """How long the person looked at all of them together; None where nobody knows."""
    how: How = "declared"
    """Whether they said so, or the page measured it."""


class Seen(Value):
    """One asset, and the bytes that the person looked at."""

    asset: str
    sha256: str


class Acts:
    """What people do in one database.

    Args:
        engine: With its tables upgraded.
        keys: Who signs the logs.
        now: The clock.

    """

    def __init__(self, engine: Engine, keys: Keys, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._decisions = Decisions(engine, keys)
        self._choices = Choices(engine)
        self.chain = Chain(tables.act, keys)

    def choose(
        self,
        request: Request,
        subject: Subject,
        drawn: Sequence[Concept],
        seen: Sequence[Seen],
        wanted: int,
        reason: str,
    ) -> Choice:
        """Pick concepts, bound to the pictures that were looked at.

        Args:
            request: Who picks.
            subject: The campaign.
            drawn: Its concepts as they are now.
            seen: The picked ones, with the sha256 of each picture that was looked at.
            wanted: How many the brief asks for.
            reason: Why, in the person's words.

        Raises:
            NotAllowed: They may not choose.
            Stale: A picture is no longer the one that was seen.
            Replayed: The form was sent before.
            WrongPick: They are not concepts of this campaign, or not as many as it wants.

        """
        now = {one.id: one.seen for one in drawn}
        picked = tuple(one.asset for one in seen)
        if unknown := [one for one in picked if one not in now]:
            known = ", ".join(now)
            raise WrongPick(f"there is no concept {unknown[0]}; the campaign has {known}")
        if len(set(picked)) != wanted or len(picked) != wanted:
            raise WrongPick(f"the brief asks for {wanted} concepts, and {len(picked)} were picked")
        with self._doing(request, subject, Action.CHOOSE, picked) as connection:
            _allowed(request.person, Action.CHOOSE, [None])
            _unchanged(now, seen)
            self._use(connection, request.nonce)
            choice = Choice(
                campaign=subject.campaign,
                concepts=picked,
                seen=tuple(one.sha256 for one in seen),
                by=request.person.id,
                at=self._now(),
                reason=reason,
            )
            self._choices.write(connection, choice)
            told = {"act": "chose", "via": request.via, "nonce": request.nonce}
            self._tell(connection, {**told, **choice.model_dump(mode="json")})
        return choice

    def decide(
        self,
        request: Request,
        subject: Subject,
        current: Mapping[str, str],
        seen: Sequence[Seen],
        ruling: Ruling,
    ) -> tuple[Decision, ...]:
        """Accept, reject or withdraw assets, all or none, on the bytes that were looked at.

        Where two people must accept, the first acceptance of an asset is an endorsement, and no
        decision is returned for it.

        Args:
            request: Who decides.
            subject: The campaign.
            current: The sha256 of each of its renditions as the newest run left it, by asset.
            seen: The assets with the sha256 of each file that was looked at.
            ruling: The same for all of them.

        Returns:
            The decisions that were made, in the order given.

        Raises:
            NotAllowed: They have no role in one of the markets, or asked for the campaign.
            Stale: An asset is not there any more, or its file is another.
            Replayed: The form was sent before.
            Unreasoned: There is no code, or one that the reports do not know.
            Blocked: A check stands against what is to be accepted.
            ValueError: Something is not the name of an asset.

        """
        names = {one.asset: AssetName.parse(one.asset) for one in seen}
        with self._doing(request, subject, Action.APPROVE, names) as connection:
            person = request.person
            roles = _allowed(person, Action.APPROVE, [one.market for one in names.values()])
            _fit(subject, names, ruling)
            if person.id == subject.requester and person.proof != "local":
                raise NotAllowed("who asked for a campaign does not approve it; ask somebody else")
            _unchanged(current, seen)
            self._use(connection, request.nonce)
            accepts = ruling.verdict is Verdict.ACCEPTED
            two = accepts and subject.two_people
            firsts = self._endorsements(connection, subject.campaign) if two else {}
            made: list[Decision] = []
            for one in seen:
                market = names[one.asset].market
                decision = Decision(
                    asset=one.asset,
                    sha256=one.sha256,
                    verdict=ruling.verdict,
                    by=person.id,
                    role=f"{roles[market]}:{market}",
                    reason=ruling.note,
                    at=self._now(),
                    code=ruling.code,
                    seconded=firsts.get((one.asset, one.sha256), ""),
                    redo=ruling.redo,
                    via=request.via,
                    nonce=request.nonce,
                )
                if two and decision.seconded in ("", person.id):
                    if not decision.seconded:
                        self._tell(connection, _endorsement(decision))
                    continue
                made.append(decision)
            self._decisions.write(connection, made)
            if ruling.minutes:
                looked = Looked(
                    campaign=subject.campaign,
                    nonce=request.nonce,
                    by=person.id,
                    minutes=ruling.minutes,
                    how=ruling.how,
                    assets=tuple(names),
                    at=self._now(),
                )
                self._tell(connection, looked.said())
        return tuple(made)

    def looked(self, campaign: str) -> tuple[Looked, ...]:
        """Return how long people looked, act by act, in their order."""
        with reading(self._engine) as connection:
            return tuple(map(Looked.read, self.chain.starting(connection, prefix(campaign))))

    def edit(self, request: Request, edit: Edit) -> None:
        """Write down a line of copy that a person wrote over what stood there.

        Args:
            request: Who writes.
            edit: The line, with what it said before.

        Raises:
            NotAllowed: They have no role in its market.
            Replayed: The form was sent before.

        """
        about = Subject(campaign=edit.campaign, requester="")
        what = [f"{edit.locale} {edit.slot}"]
        with self._doing(request, about, Action.EDIT, what) as connection:
            role = _allowed(request.person, Action.EDIT, [edit.market])[edit.market]
            self._use(connection, request.nonce)
            door = {"role": f"{role}:{edit.market}", "via": request.via, "nonce": request.nonce}
            self._tell(connection, {**edit.said(), **door})

    def amendments(self, campaign: str) -> tuple[Amendment, ...]:
        """Return what came upon a campaign after it was made, in the order it was said."""
        with reading(self._engine) as connection:
            return amendments(self.chain.starting(connection, *prefixes(campaign)))

    def endorsed(self, campaign: str) -> Mapping[tuple[str, str], str]:
        """Return who has accepted what as the first of two, by asset and sha256."""
        with reading(self._engine) as connection:
            return self._endorsements(connection, campaign)

    def note(
        self, person: Person, action: Action, facts: Mapping[str, JsonValue], nonce: str = ""
    ) -> None:
        """Write down an act that is done elsewhere: an edit, a sign-in, a change of people.

        Args:
            person: Who does it.
            action: What, by the table of roles.
            facts: What else is to be known of it.
            nonce: Of the form, if it came by one.

        Raises:
            Replayed: The form was sent before.

        """
        said = {"act": action.value, "by": person.id, "at": stamp(self._now()), **facts}
        with writing(self._engine) as connection:
            if nonce:
                self._use(connection, nonce)
            self._tell(connection, said)

    def by_rule(
        self, rule: str, did: Mapping[str, JsonValue], doing: Callable[[Connection], bool]
    ) -> bool:
        """Do what a rule of ours does where no person did, and write it down, or neither.

        Args:
            rule: Its name, which stands where a person's would.
            did: What is written down, with its ``act``.
            doing: Does it in the transaction that it is given; false if it was not to be done.

        """
        with writing(self._engine) as connection:
            done = doing(connection)
            if done:
                self._tell(connection, {"by": rule, "at": stamp(self._now()), **did})
        return done

    def refuse(self, who: str, what: Mapping[str, JsonValue], why: str) -> None:
        """Write down that something was tried and refused."""
        said = {"act": "refused", "by": who, "at": stamp(self._now()), "why": why, **what}
        with writing(self._engine) as connection:
            self._tell(connection, said)

    def _doing(
        self, request: Request, subject: Subject, action: Action, what: Iterable[str]
    ) -> "_Doing":
        tried: dict[str, JsonValue] = {
            "campaign": subject.campaign,
            "action": action.value,
            "via": request.via,
            "what": [*list(what)[:50]],
        }
        return _Doing(self, self._engine, request.person.id, tried)

    def _use(self, connection: Connection, nonce: str) -> None:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        row = {"nonce": nonce, "used_at": stamp(self._now())}
        used = dialect.insert(tables.nonce).values(row).on_conflict_do_nothing()
        if not nonce or connection.execute(used.returning(tables.nonce.c.nonce)).first() is None:
            raise Replayed("this was sent before; nothing was done a second time")

    def _endorsements(self, connection: Connection, campaign: str) -> Mapping[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        begin = f'{{"act":"endorsed","asset":"{campaign}_'
        for statement in self.chain.starting(connection, begin):
            one = json.loads(statement)
            found.setdefault((one["asset"], one["sha256"]), one["by"])
        return found

    def _tell(self, connection: Connection, said: Mapping[str, JsonValue]) -> None:
        self.chain.append(connection, [canonical(said).decode()])


class _Doing:
    """One act in one transaction; a refusal rolls it back, and is written down in another."""

    def __init__(
        self, acts: Acts, engine: Engine, who: str, tried: Mapping[str, JsonValue]
    ) -> None:
        self._acts = acts
        self._writing = writing(engine)
        self._who = who
        self._tried = tried

    def __enter__(self) -> Connection:
        return self._writing.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writing.__exit__(kind, error, trace)
        if isinstance(error, Refused):
            self._acts.refuse(self._who, self._tried, str(error))


def _allowed(
    person: Person, action: Action, markets: Iterable[str | None]
) -> dict[str | None, str]:
    """Return the role by which a person may do it in each market."""
    roles: dict[str | None, str] = {}
    for market in dict.fromkeys(markets):
        role = may(person.grants, action, market)
        if role is None:
            where = f" in {market}" if market else ""
            raise NotAllowed(f"{person.name} may not {action.value}{where}")
        roles[market] = "local" if person.proof == "local" else role.value
    return roles


def _unchanged(current: Mapping[str, str], seen: Iterable[Seen]) -> None:
    changed = [one.asset for one in seen if current.get(one.asset) != one.sha256]
    if changed:
        raise Stale(f"{changed[0]} is not what you looked at any more; look again")


def _fit(subject: Subject, names: Mapping[str, AssetName], ruling: Ruling) -> None:
    if not names or len(names) > MOST:
        raise Unreasoned(f"decide on 1 to {MOST:,} assets at a time, not on {len(names):,}")
    strange = [asset for asset, name in names.items() if name.campaign != subject.campaign]
    if strange:
        raise NotAllowed(f"{strange[0]} is not of campaign {subject.campaign}")
    known = reason_codes()
    if ruling.verdict is Verdict.ACCEPTED:
        if ruling.code or ruling.redo:
            raise Unreasoned("an acceptance has no reason code, and has nothing made again")
        for asset in names:
            if why := subject.blocked.get(asset):
                raise Blocked(f"{asset} cannot be accepted: {why}")
    elif ruling.code not in known:
        raise Unreasoned(f"say why by one of these codes: {', '.join(known)}")


def _endorsement(decision: Decision) -> Mapping[str, JsonValue]:
    facts = ("asset", "sha256", "by", "role", "at", "via", "nonce")
    told: dict[str, JsonValue] = decision.model_dump(mode="json", include=set(facts))
    return {"act": "endorsed", **told}


def reason_codes() -> tuple[str, ...]:
    """Return the codes by which a rejection or a withdrawal says why."""
    rules = default_rules().rules
    return tuple(dict.fromkeys(one.reason for one in rules if one.reason not in ("", "*")))
