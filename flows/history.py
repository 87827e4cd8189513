"""The whole life of one asset: what it was made from, who did what to it, and what it cost."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import AwareDatetime

from cost_tracking.acceptance.events import recorded
from cost_tracking.assets import Asset
from cost_tracking.database import reading
from cost_tracking.money import Money
from cost_tracking.orders import Attempt
from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.trails import Trails
from creative.amendment import Amendment, Rework, Reworked, edits
from creative.asset_name import AssetName
from creative.choice import Choice
from creative.concept import Concept
from creative.input_file import InputFile
from creative.manifest import Manifest, ManifestAsset
from creative.value import Value
from flows import accounts
from flows.desk import Desk
from flows.exits import WrongInput
from flows.inputs import inputs_of
from flows.run_options import RunOptions

What = Literal[
    "asked",
    "request",
    "concept",
    "choice",
    "edit",
    "rework",
    "made",
    "finding",
    "decision",
    "delivery",
    "heard",
]


class Event(Value):
    """One thing that befell an asset."""

    at: AwareDatetime
    what: What
    said: str
    """In a sentence."""
    by: str = ""
    """A person, a provider or a rule."""
    version: int | None = None
    """Of the asset, where it is of one."""
    reference: str = ""
    """What proves it: a run, an attempt, a sha256."""


class Cost(Value):
    """One amount that is in the asset's cost, whole or in part."""

    amount: Money
    of: Money
    """All of the amount, of which this is the asset's share."""
    cost_type: str
    provider: str
    rework: bool
    reference: str
    entry: str
    """Its line in the ledger, such as ``12.1``."""


class Version(Value):
    """One version, and the files that it was made from."""

    version: int
    sha256: str
    made_at: AwareDatetime
    made_from: str
    files: tuple[InputFile, ...]
    """Empty where they were not kept."""


class History(Value):
    """What is known of one asset, the oldest first."""

    asset: str
    """Its name without a version."""
    campaign: str
    prompt: str
    """What its picture was asked for with; empty where that is not known."""
    versions: tuple[Version, ...]
    events: tuple[Event, ...]
    costs: tuple[Cost, ...]
    total: Money | None
    """Of its newest version; None while no run has reported it."""


def history(desk: Desk, asset: str) -> History:
    """Return the whole life of a rendition.

    Args:
        desk: Where the state is.
        asset: Its name, with a version and an ending or without.

    Raises:
        UnknownRun: Its campaign is not known.
        WrongInput: It is no name of a rendition, or none was ever made by it.

    """
    name = _named(asset)
    desk.run_named(name.campaign)
    versions = desk.assets.versions(name.campaign, name.slot)
    if not versions:
        raise WrongInput(
            f"{name.slot} was never made; `kampanj review list {name.campaign}` has the names"
        )
    life = _Life(desk, name, versions)
    report = _report(desk, name.campaign)
    return History(
        asset=name.slot,
        campaign=name.campaign,
        prompt=life.concept.prompt if life.concept else "",
        versions=tuple(life.told()),
        events=tuple(sorted(life.events(), key=lambda one: one.at)),
        costs=tuple(_costs(report, name.slot)) if report else (),
        total=_total(report, name.slot) if report else None,
    )


def _named(asset: str) -> AssetName:
    for text in (asset, f"{asset}_v1"):
        try:
            return AssetName.parse(text)
        except ValueError:
            continue
    raise WrongInput(
        f"{asset!r:.200} is not the name of a rendition; `kampanj review list` has their names"
    )


@dataclass(frozen=True)
class _Life:
    """What every part of the state knows of one asset."""

    desk: Desk
    name: AssetName
    versions: Sequence[Asset]

    @cached_property
    def manifests(self) -> tuple[tuple[Manifest, ManifestAsset], ...]:
        """Return every run that has left it as something, the oldest first."""
        found: list[tuple[Manifest, ManifestAsset]] = []
        for run in reversed(self.desk.runs.list(self.name.campaign)):
            if not self.desk.manifest_path(run.id).is_file():
                continue
            manifest = self.desk.manifest(run.id)
            its = (one for one in manifest.assets if one.rendition.name.slot == self.name.slot)
            found += [(manifest, one) for one in its]
        return tuple(found)

    @cached_property
    def concept(self) -> Concept | None:
        """Return its concept as the newest run has it."""
        if not self.manifests:
            return None
        manifest, asset = self.manifests[-1]
        shown = asset.rendition.key_visual
        known = (*manifest.concepts, *manifest.redrawn)
        return next((one for one in known if one.sha256 == shown), None)

    def told(self) -> Iterator[Version]:
        """Yield its versions, each with the files that it was made from."""
        for one in self.versions:
            kept = inputs_of(self.desk, one.made_from or "")
            yield Version(
                version=one.version,
                sha256=one.sha256,
                made_at=one.made_at,
                made_from=one.made_from or "",
                files=kept.files if kept else (),
            )

    def events(self) -> Iterator[Event]:
        """Yield all that befell it, in no order."""
        for source in (
            self._asked,
            self._requests,
            self._choices,
            self._edits,
            self._reworks,
            self._made,
            self._findings,
            self._decisions,
            self._deliveries,
            self._heard,
        ):
            yield from source()

    def _asked(self) -> Iterator[Event]:
        for manifest, _ in self.manifests:
            run = self.desk.runs.get(manifest.run)
            by = RunOptions.model_validate(run.options).by
            said = f"a run of brief {run.brief_sha256[:12]} was started"
            yield Event(at=run.started_at, what="asked", said=said, by=by, reference=run.id)

    def _requests(self) -> Iterator[Event]:
        for one in self.desk.attempts.list(self.name.campaign):
            if self._is_for(one):
                again = ", again" if one.rework else ""
                ended = f"{one.state}{', in vain' if one.waste else ''}"
                why = f": {one.error}" if one.error else ""
                yield Event(
                    at=one.sent_at or one.reserved_at,
                    what="request",
                    said=f"{one.asset}{again} of {one.model}, {one.counts}, {ended}{why}",
                    by=one.provider,
                    reference=one.id,
                )

    @cached_property
    def _log(self) -> Sequence[Amendment]:
        return self.desk.acts.amendments(self.name.campaign)

    def _is_for(self, attempt: Attempt) -> bool:
        """Say whether a request was for its picture, its words, or for it alone."""
        if attempt.redoes:
            return self.name.slot in {AssetName.parse(one).slot for one in attempt.redoes}
        its = (self.name.concept, f"copy/{self.name.locale}", self.name.slot)
        return any(attempt.asset == one or attempt.asset.startswith(f"{one}/") for one in its)

    def _choices(self) -> Iterator[Event]:
        choices: dict[str, Choice] = {}
        for manifest, _ in self.manifests:
            choices[manifest.choice.at.isoformat()] = manifest.choice
        for one in choices.values():
            if self.name.concept in one.concepts:
                chosen = f"{', '.join(one.concepts)} chosen"
                said = f"{chosen}: {one.reason}" if one.reason else chosen
                yield Event(at=one.at, what="choice", said=said, by=one.by)

    def _edits(self) -> Iterator[Event]:
        for one in edits(self._log):
            if one.locale == self.name.locale:
                said = f"{one.slot} from {one.was!r} to {one.text!r}"
                yield Event(at=one.at, what="edit", said=said, by=one.by)

    def _reworks(self) -> Iterator[Event]:
        """Yield what was made again for it because somebody had rejected it, and what came."""
        asked = {
            one.id: one
            for one in self._log
            if isinstance(one, Rework) and self.name.slot in one.slots
        }
        for one in asked.values():
            why = "; ".join(filter(None, (f"{it.code} {it.note}".strip() for it in one.reasons)))
            said = f"its {one.redo} is made again, round {one.round}: {why}"
            yield Event(at=one.at, what="rework", said=said, by=one.run, reference=one.id)
        for came in self._log:
            if isinstance(came, Reworked) and came.id in asked:
                said = f"nothing came of it: {came.failed}" if came.failed else "it was made again"
                reference = came.attempt or came.id
                yield Event(at=came.at, what="rework", said=said, by=came.run, reference=reference)

    def _made(self) -> Iterator[Event]:
        for one in self.versions:
            yield Event(
                at=one.made_at,
                what="made",
                said=f"{one.width}x{one.height}, {one.bytes:,} bytes",
                version=one.version,
                reference=one.sha256,
            )

    def _findings(self) -> Iterator[Event]:
        """Yield what checks say of it now; what they said of older versions went with them."""
        for manifest, one in self.manifests[-1:]:
            for found in one.rendition.findings:
                said = f"{found.severity.value} {found.check} in {found.where}: {found.message}"
                version = one.rendition.name.version
                yield Event(at=manifest.at, what="finding", said=said, version=version)

    def _decisions(self) -> Iterator[Event]:
        for version in self.versions:
            name = f"{self.name.slot}_v{version.version}"
            for one in self.desk.decisions.of(name):
                code = f", {one.code}" if one.code else ""
                why = f": {one.reason}" if one.reason else ""
                second = f", after {one.seconded}" if one.seconded else ""
                yield Event(
                    at=one.at,
                    what="decision",
                    said=f"{one.verdict.value}{code}{why} ({one.role}{second})",
                    by=one.by,
                    version=version.version,
                    reference=one.sha256,
                )

    def _deliveries(self) -> Iterator[Event]:
        before: str | None = None
        for manifest, one in self.manifests:
            if one.delivered == before:
                continue
            version = one.rendition.name.version
            out = RunOptions.model_validate(self.desk.runs.get(manifest.run).options).out
            place = f"{out.rstrip('/')}/{self.name.campaign}"
            said = f"to {place}/{one.delivered}" if one.delivered else f"taken out: {before}"
            yield Event(
                at=manifest.at,
                what="delivery",
                said=said,
                version=version,
                reference=manifest.run,
            )
            before = one.delivered

    def _heard(self) -> Iterator[Event]:
        with reading(self.desk.engine) as connection:
            found = recorded(connection, [self.name.campaign])
        for one in found:
            if one.slot == self.name.slot:
                parts = (one.kind.value, one.reason, one.note)
                yield Event(
                    at=one.at,
                    what="heard",
                    said=": ".join(filter(None, parts)),
                    by=one.actor or one.source,
                    version=one.version,
                    reference=one.key,
                )


def _report(desk: Desk, campaign: str) -> Report | None:
    run = desk.run_named(campaign)
    made = desk.manifest_path(run.id).is_file()
    return accounts.of_name(desk, campaign) if made else None


def _costs(report: Report, slot: str) -> Iterable[Cost]:
    figure = f"asset:{slot}"
    trails = Trails(report)
    if figure not in trails.figures:
        return
    for part in trails.of(figure).parts:
        line = report.lines[part.entry]
        yield Cost(
            amount=part.amount,
            of=line.amount,
            cost_type=line.cost_type,
            provider=line.provider,
            rework=line.rework,
            reference=line.reference,
            entry=line.id,
        )


def _total(report: Report, slot: str) -> Money | None:
    return next((one.total for one in report.assets if one.made.slot == slot), None)
