"""Reads from the database what became of the renditions of a campaign, and what they cost."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from cost_tracking import tables
from cost_tracking.acceptance.events import Recorded, recorded
from cost_tracking.acceptance.kinds import EventKind
from cost_tracking.acceptance.outcome import Cost, Outcome, Part, Try
from cost_tracking.acceptance.rules import AcceptancePolicy
from cost_tracking.books.point import AsOf
from cost_tracking.cost_types import cost_types
from cost_tracking.database import reading
from cost_tracking.moments import moment, stamp
from cost_tracking.orders import Attempt, State
from cost_tracking.reports.facts import Spent
from cost_tracking.spending import Spending
from creative.choice import Choice
from creative.decision import Decision, Verdict
from creative.placement import placement_table
from creative.value import Value

DIMENSIONS = (
    "campaign",
    "market",
    "locale",
    "placement",
    "channel",
    "concept",
    "provider",
    "model",
    "prompt",
    "reviewer",
)
"""What the cost of an accepted asset can be cut by. ``provider`` and ``model`` drew its picture,
``prompt`` names the words they were asked with (of an old attempt, the request), and ``reviewer``
is who first accepted it, or refused it last."""
_CONCEPT = re.compile(r"c[1-9][0-9]*", re.ASCII)
_VERSION = re.compile(r"_v[1-9][0-9]*(\.[a-z0-9]+)?$", re.ASCII)
_TAKE_DOWN = frozenset(
    {
        EventKind.PULLED,
        EventKind.PLATFORM_REJECTED,
        EventKind.SUPERSEDED,
        EventKind.ENDED,
        EventKind.EXPIRED,
    }
)
"""After these an asset is no longer shown."""
_OVERHEAD = frozenset({"agency", "labour", "platform", "strategy"})
"""Groups of cost types that are for the whole, unless an entry names the asset it is for."""


class Window(Value):
    """How long the assets of a campaign must stay accepted."""

    days: int
    channels: Mapping[str, int] = {}
    """In days, for channels where it is another."""

    def of(self, channel: str) -> timedelta:
        """Return the window of a channel."""
        return timedelta(days=self.channels.get(channel, self.days))


class Fate(NamedTuple):
    """An event that disqualified a version, and since when its fault existed."""

    slot: str
    version: int
    since: datetime
    """When the fault came into being: with the acceptance of the file, or with the event."""
    seen: datetime
    ended: datetime | None
    """When the asset was taken down; None while it is not."""
    reason: str
    evidence: tuple[str, ...]


class History(NamedTuple):
    """What became of one campaign, up to a watermark."""

    outcomes: tuple[Outcome, ...]
    costs: tuple[Cost, ...]
    media: tuple[Spent, ...]
    """Working money."""
    fates: tuple[Fate, ...]
    """What was disqualified, and when."""


class _Version(NamedTuple):
    slot: str
    version: int
    sha256: str
    made_at: datetime
    dims: Mapping[str, str]


class _Happened(NamedTuple):
    """Something that was heard of a version, as the rules see it."""

    at: datetime
    disqualifies: bool
    reason: str
    made: bool
    """Whether the fault was in the file from the start."""
    takes_down: bool
    evidence: str


def history(
    engine: Engine,
    campaign: str,
    window: Window,
    spending: Spending,
    rules: AcceptancePolicy,
    as_of: AsOf,
) -> History:
    """Return what became of a campaign's renditions, and all that was spent for them.

    Args:
        engine: Of ``open_database``.
        campaign: Its name.
        window: Of its brief.
        spending: The campaign's, as of the same point.
        rules: Which events disqualify.
        as_of: What is recorded later does not count.

    """
    with reading(engine) as connection:
        versions = _versions(connection, campaign, as_of.at)
        known = _known(connection, campaign, as_of.at)
    drawn = _drawn(spending.attempts)
    outcomes: list[Outcome] = []
    fates: list[Fate] = []
    for slot, made in versions.items():
        told = list(_tries(made, known, rules))
        dims = made[-1].dims
        outcomes.append(
            Outcome(
                id=slot,
                campaign=campaign,
                tries=tuple(one for one, _ in told),
                window=window.of(dims["channel"]),
                dims={**dims, "campaign": campaign, **_maker(made, known, drawn)},
            )
        )
        fates += [fate for _, fate in told if fate]
    spent = spending.spent()
    shown = frozenset(made[-1].dims["concept"] for made in versions.values())
    costs = _Costs(campaign, frozenset(versions), shown, as_of.at)
    return History(
        outcomes=tuple(outcomes),
        costs=tuple(costs.of(one) for one in spent if one.spend == "non_working"),
        media=tuple(one for one in spent if one.spend == "working"),
        fates=tuple(fates),
    )


class _Known(NamedTuple):
    """What was known of a campaign at the watermark, by what it was known of."""

    decisions: Mapping[tuple[str, int, str], Sequence[tuple[int, Decision]]]
    """By slot, version and bytes: a decision on other bytes is void."""
    events: Mapping[str, Sequence[Recorded]]
    choices: Sequence[tuple[int, Choice]]


def _known(connection: Connection, campaign: str, at: datetime) -> _Known:
    events = [one for one in recorded(connection, [campaign]) if one.recorded_at <= at]
    taken_back = {one.retracts for one in events}
    by_slot: dict[str, list[Recorded]] = {}
    for one in events:
        stands = one.kind is not EventKind.RETRACTED and one.key not in taken_back
        if stands and one.at <= at:
            by_slot.setdefault(one.slot, []).append(one)
    return _Known(_decisions(connection, campaign, at), by_slot, _choices(connection, campaign, at))


def _decisions(
    connection: Connection, campaign: str, at: datetime
) -> Mapping[tuple[str, int, str], Sequence[tuple[int, Decision]]]:
    column = tables.decision.c
    query = (
        select(column.seq, column.statement)
        .where(column.statement.startswith(f'{{"asset":"{campaign}_', autoescape=True))
        .order_by(column.seq)
    )
    found: dict[tuple[str, int, str], list[tuple[int, Decision]]] = {}
    for seq, statement in connection.execute(query):
        one = Decision.model_validate_json(statement)
        slot, _, version = one.asset.rpartition("_v")
        if one.at <= at and version.isdecimal():
            found.setdefault((slot, int(version), one.sha256), []).append((seq, one))
    return found


def _choices(connection: Connection, campaign: str, at: datetime) -> Sequence[tuple[int, Choice]]:
    column = tables.choice.c
    query = select(column.seq, column.statement).where(column.campaign == campaign)
    rows = connection.execute(query.order_by(column.seq))
    made = ((seq, Choice.model_validate_json(statement)) for seq, statement in rows)
    return [(seq, one) for seq, one in made if one.at <= at]


def _versions(
    connection: Connection, campaign: str, at: datetime
) -> Mapping[str, Sequence[_Version]]:
    column = tables.asset.c
    query = (
        select(
            column.slot, column.version, column.sha256, column.made_at, column.market,
            column.locale, column.placement, column.concept,
        )
        .where(column.campaign == campaign, column.kind == "rendition")
        .where(column.made_at <= stamp(at))
        .order_by(column.version)
    )  # fmt: skip
    channels = {one.id: one.channel for one in placement_table().placements.values()}
    found: dict[str, list[_Version]] = {}
    for slot, version, sha256, made_at, market, locale, placement, concept in connection.execute(
        query
    ):
        dims = {
            "market": market or "",
            "locale": locale or "",
            "placement": placement or "",
            "channel": channels.get(placement, ""),
            "concept": concept or "",
        }
        found.setdefault(slot, []).append(_Version(slot, version, sha256, moment(made_at), dims))
    # Sorted here: databases do not agree on the order of text.
    return dict(sorted(found.items()))


def _tries(
    made: Sequence[_Version], known: _Known, rules: AcceptancePolicy
) -> Iterator[tuple[Try, Fate | None]]:
    """Yield each version of a slot, with what disqualified it."""
    accepted = [_accepted_at(one, known) for one in made]
    for place, one in enumerate(made):
        decisions = known.decisions.get((one.slot, one.version, one.sha256), ())
        at = accepted[place]
        if at is None:
            yield _undecided(one, decisions), None
            continue
        later = [moment for moment in accepted[place + 1 :] if moment is not None]
        heard = _heard(one, at, min(later, default=None), known)
        replaced = made[place + 1].made_at if place + 1 < len(made) else None
        happened = sorted(_happened(one, at, heard, replaced, known, rules))
        yes = tuple(_decision(seq) for seq, said in decisions if said.at == at)
        fault = next((it for it in happened if it.disqualifies), None)
        if fault is None:
            yield Try(one.made_at, at, evidence=yes), None
            continue
        down = (it.at for it in happened if it.takes_down and it.at >= fault.at)
        fate = Fate(
            slot=one.slot,
            version=one.version,
            since=at if fault.made else fault.at,
            seen=fault.at,
            ended=next(down, None),
            reason=fault.reason,
            evidence=(fault.evidence,),
        )
        evidence = (*yes, fault.evidence)
        yield Try(one.made_at, at, None, fault.at, fault.reason, evidence), fate


def _accepted_at(one: _Version, known: _Known) -> datetime | None:
    decisions = known.decisions.get((one.slot, one.version, one.sha256), ())
    return next((said.at for _, said in decisions if said.verdict is Verdict.ACCEPTED), None)


def _undecided(one: _Version, decisions: Sequence[tuple[int, Decision]]) -> Try:
    if not decisions:
        return Try(one.made_at)
    seq, said = decisions[0]
    return Try(one.made_at, None, said.at, None, said.code or said.reason, (_decision(seq),))


def _decision(seq: int) -> str:
    return f"decision/{seq}"


def _heard(
    one: _Version, at: datetime, next_at: datetime | None, known: _Known
) -> Iterator[Recorded]:
    """Yield the events of a version. One that names none is of the version that was out."""
    for event in known.events.get(one.slot, ()):
        was_out = event.at > at and (next_at is None or event.at <= next_at)
        if event.version == one.version or (event.version is None and was_out):
            yield event


def _happened(
    one: _Version,
    at: datetime,
    heard: Iterable[Recorded],
    replaced: datetime | None,
    known: _Known,
    rules: AcceptancePolicy,
) -> Iterator[_Happened]:
    """Yield what happened to a version after its acceptance at this moment."""

    def judged(kind: EventKind, reason: str, when: datetime, evidence: str) -> _Happened:
        rule = rules.judge(kind, reason)
        return _Happened(
            at=when,
            disqualifies=rule.effect == "disqualifies",
            reason=reason or kind.value,
            made=rule.defect == "made",
            takes_down=kind in _TAKE_DOWN,
            evidence=evidence,
        )

    explained = False
    for event in heard:
        if event.at > at:
            yield judged(event.kind, event.reason, event.at, f"event/{event.key}")
            explained |= event.kind in {EventKind.SUPERSEDED, EventKind.ENDED}
    for seq, said in known.decisions.get((one.slot, one.version, one.sha256), ()):
        if said.verdict is not Verdict.ACCEPTED and said.at > at:
            yield judged(EventKind.PULLED, said.code or said.reason, said.at, _decision(seq))
    if explained:
        return
    # Nobody said why, and yet other bytes took its place: with its bytes its approval is void.
    if replaced is not None and replaced > at:
        name = f"asset/{one.slot}_v{one.version + 1}"
        yield judged(EventKind.SUPERSEDED, "new_version", replaced, name)
    for seq, choice in known.choices:
        if choice.at > at and one.dims["concept"] not in choice.concepts:
            name = f"choice/{choice.campaign}/{seq}"
            yield judged(EventKind.SUPERSEDED, "other_concept", choice.at, name)


def _maker(
    made: Sequence[_Version], known: _Known, drawn: Mapping[str, Attempt]
) -> Mapping[str, str]:
    """Return who drew the picture of a slot, and who decided on it."""
    said = [
        one
        for version in made
        for _, one in known.decisions.get((version.slot, version.version, version.sha256), ())
    ]
    yes = next((one for one in said if one.verdict is Verdict.ACCEPTED), None)
    by = yes or (said[-1] if said else None)
    picture = drawn.get(made[-1].dims["concept"])
    maker = {"reviewer": by.by if by else ""}
    picture = drawn.get(made[-1].slot, picture)
    if picture:
        maker |= {
            "provider": picture.provider,
            "model": picture.model,
            "prompt": picture.prompt or picture.request_sha256[:12],
        }
    return maker


def _drawn(attempts: Iterable[Attempt]) -> Mapping[str, Attempt]:
    """Return the request that drew each concept, or again for a slot; of several, the newest."""
    images = [
        one
        for one in attempts
        if one.operation == "image" and one.state is State.SETTLED and not one.waste
    ]
    found: dict[str, Attempt] = {}
    for one in sorted(images, key=attrgetter("reserved_at")):
        found |= dict.fromkeys(one.again or (one.asset,), one)
    return found


class _Costs:
    """Tells what each amount of a campaign was for.

    Args:
        campaign: Its name.
        slots: Every rendition that was made.
        shown: The concepts that any of them shows.
        at: The watermark; what has no moment of its own counts as known then.

    """

    def __init__(
        self, campaign: str, slots: frozenset[str], shown: frozenset[str], at: datetime
    ) -> None:
        self._campaign = campaign
        self._slots = slots
        self._shown = shown
        self._at = at
        self._groups = {one.id: one.group for one in cost_types().values()}

    def of(self, one: Spent) -> Cost:
        """Return an amount as the metric takes it."""
        again = tuple(slot for slot in one.again if slot in self._slots)
        slot = again[0] if len(again) == 1 else _VERSION.sub("", one.asset or "")
        own = slot if slot in self._slots else None
        concept = one.concept or (
            one.asset if one.asset and _CONCEPT.fullmatch(one.asset) else None
        )
        where = {
            name: value
            for name in ("market", "locale", "placement", "channel")
            if own is None and (value := getattr(one, name))
        }
        scrapped = concept is not None and bool(self._slots) and concept not in self._shown
        if concept and own is None and not scrapped:
            where["concept"] = concept
        posted, asked = one.posted, one.asked
        at = (posted.recorded_at if posted else asked and asked.sent_at) or self._at
        return Cost(
            id=one.id,
            micros=one.amount.micros,
            campaign=self._campaign,
            on=posted.effective_on if posted else at.date(),
            at=at,
            outcome=own,
            where=where,
            part=self._part(one, own, scrapped=scrapped),
            among=again if own is None else (),
            period=(posted and posted.period) or "",
        )

    def _part(self, one: Spent, own: str | None, *, scrapped: bool) -> Part:
        if one.rework:
            return "rework"
        if one.waste or scrapped:
            return "waste"
        whole = own is None and self._groups.get(one.cost_type) in _OVERHEAD
        return "overhead" if one.attribution == "allocated" or whole else "made"
