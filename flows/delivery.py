"""Hands over what was accepted, with the manifest, the contact sheet and the report."""

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.page import report_page
from creative.amendment import Amendment, edits
from creative.choice import Choice
from creative.concept import Concept
from creative.decision import Decision, Verdict
from creative.finding import blocks
from creative.manifest import Cost, Manifest, ManifestAsset
from creative.market import market_table
from creative.placement import placement_table
from creative.rendition import Rendition
from flows import accounts, delivered_pages, minutes
from flows.lineage import Lineage, replaced
from flows.ordering import Ordered
from flows.progress import tell
from flows.rework import Redone
from flows.steps import Composing
from flows.summary import Summary
from flows.version import made_by
from flows.work import Work
from localization.adapt import Decks
from providers.errors import NotStored
from providers.storage.whole import write_whole
from review.contact_sheet import contact_sheet, overview_assets, overview_png
from review.decisions import stands
from review.manifest_csv import as_csv

HANDS = 8
"""Files on their way at once; storage far away answers slowly, and not one by one."""


@dataclass(frozen=True)
class Finished:
    """Everything that a run has made, before it is handed over."""

    concepts: tuple[Concept, ...]
    choice: Choice
    decks: Decks
    ordered: Ordered
    composing: Composing
    decisions: Mapping[str, Decision]
    redone: Redone
    accepted_before: Mapping[str, tuple[str, str]]
    """Name and sha256 of what stood accepted when the run began, by the slot."""

    @property
    def reopened(self) -> int:
        """Count the approvals that are void, since their bytes were replaced."""
        now = {one.name.slot: (str(one.name), one.sha256) for one in self.renditions}
        before = self.accepted_before
        return sum(now[slot] != seen for slot, seen in before.items() if slot in now)

    @property
    def renditions(self) -> tuple[Rendition, ...]:
        """Return every rendition, whatever was decided about it."""
        return self.composing.renditions


class Handed(NamedTuple):
    """What was done at the place of delivery."""

    names: frozenset[str]
    """Of the files that lie there now by right."""
    written: int
    """How many of them were put there just now."""
    taken_out: int
    """How many were removed because they are not accepted, or not any more."""


def deliver(
    work: Work, renditions: Sequence[Rendition], decisions: Mapping[str, Decision]
) -> Handed:
    """Put every accepted file where the run delivers to, and take out what is not accepted.

    Raises:
        Conflict: A file of that name with other bytes lies there, which is not ours to replace.
        NotStored: A composed file was lost or changed since it was checked.

    """
    work.storage.tidy(work.campaign)
    ready = [one for one in renditions if may_be_delivered(one, decisions.get(str(one.name)))]
    written = 0
    tell("delivery", 0, len(ready))
    with ThreadPoolExecutor(HANDS) as hands:
        for done, new in enumerate(hands.map(lambda one: _put(work, one), ready), start=1):
            written += new
            tell("delivery", done, len(ready))
    names = frozenset(str(one.name) for one in ready)
    return Handed(names, written, _take_out(work, renditions, names))


def _take_out(work: Work, renditions: Sequence[Rendition], ready: frozenset[str]) -> int:
    """Remove the files of what may not lie there (any more), and return how many there were.

    That is what nobody has accepted, and what a person has said no to, earlier versions too.
    A file of such a name with other bytes is not ours, and stays.
    """
    out = {(str(one.name), one.sha256) for one in renditions if str(one.name) not in ready}
    newest = work.desk.decisions.newest(work.campaign)
    out |= {known for known, one in newest.items() if one.verdict is not Verdict.ACCEPTED}
    if not out:
        return 0
    names = {name for name, _ in out}
    removed = 0
    for key in work.storage.list(f"{work.campaign}/assets/"):
        name = key.rpartition("/")[2].rpartition(".")[0]
        kept = work.storage.head(key) if name in names else None
        if kept and (name, kept.sha256) in out:
            work.storage.remove(key)
            removed += 1
            work.reached("withdrawn")
    return removed


def may_be_delivered(rendition: Rendition, decision: Decision | None) -> bool:
    """Say whether a rendition was accepted on exactly these bytes, and no check blocks it."""
    accepted = stands(decision, rendition.name, rendition.sha256)
    return accepted and not blocks(rendition.findings)


def _put(work: Work, rendition: Rendition) -> bool:
    key = f"{work.campaign}/{rendition.name.path(rendition.format)}"
    kept = work.storage.head(key)
    if kept and kept.sha256 == rendition.sha256:
        return False
    path = work.desk.rendered_file(rendition.sha256, rendition.format)
    content = path.read_bytes()
    if sha256(content).hexdigest() != rendition.sha256:
        raise NotStored("renditions", f"{rendition.name} was changed on disk just now; run again")
    work.storage.put(key, content, rendition.sha256)
    work.reached("delivered")
    return True


def report(work: Work, made: Finished, handed: Handed, log: Sequence[Amendment]) -> Summary | None:
    """Write the manifest, the contact sheet and the report beside the files, and sum up.

    Args:
        work: The run.
        made: All of it.
        handed: What was delivered.
        log: What has come upon the campaign, and is in what was made.

    Returns:
        None where somebody has edited a line meanwhile, and what was made is not all there is.

    """
    desk, brief = work.desk, work.materials.loaded.brief
    minutes.post(desk, work.campaign)
    versions = desk.made_from(made.renditions)
    standing = accounts.standing(made.renditions, made.decisions, versions)
    # The report prints the head that the manifest carries.
    desk.seal()
    told = accounts.of_campaign(desk, brief, work.run, made.concepts, standing)
    manifest = _manifest(work, made, handed.names, told, versions, log)
    with desk.holding(work.run):
        if edits(desk.acts.amendments(work.campaign)) != edits(log):
            return None
        names = {str(one.rendition.name): one.replaces for one in manifest.assets}
        desk.reworks.replaced(work.campaign, replaced(names))
        desk.keep_copy(work.run, made.ordered.decks)
        written = desk.keep_manifest(manifest)
        write_whole(desk.delivered_path(work.run), written)
    digests: dict[str, str] = {}
    for name, content in _pages(work, made, manifest, written, told):
        digests[name] = sha256(content).hexdigest()
        work.storage.put(f"{work.campaign}/{name}", content, digests[name], replace=True)
    delivered_pages.keep(desk, work.run, digests)
    work.reached("reported")
    return _summary(work, made, told, handed)


def _pages(
    work: Work, made: Finished, manifest: Manifest, written: bytes, told: Report
) -> Iterator[tuple[str, bytes]]:
    """Yield the files that lie beside the assets, each as it is made."""
    desk = work.desk
    pictures = {one.sha256: desk.rendered_file(one.sha256, one.format) for one in made.renditions}
    shown = (*manifest.concepts, *manifest.redrawn)
    pictures |= {one.sha256: desk.blobs.path(one.sha256) for one in shown}
    markets, placements = market_table(), placement_table()
    sound = (one for one in manifest.assets if not blocks(one.rendition.findings))
    best = overview_assets(sound, markets)
    pages: dict[str, Callable[[], bytes]] = {
        "manifest.json": lambda: written,
        "manifest.csv": lambda: as_csv(manifest).encode(),
        "report.html": lambda: report_page(told).encode(),
        "contact-sheet.html": lambda: contact_sheet(
            manifest, pictures, markets, placements
        ).encode(),
    }
    if best:
        pages["overview.png"] = lambda: overview_png(best, pictures)
    for done, (name, make) in enumerate(pages.items()):
        tell("pages", done, len(pages))
        yield name, make()
    tell("pages", len(pages), len(pages))


def _manifest(
    work: Work,
    made: Finished,
    delivered: frozenset[str],
    told: Report,
    versions: Mapping[str, str],
    log: Sequence[Amendment],
) -> Manifest:
    loaded = work.materials.loaded
    later = any(one.name.version > 1 for one in made.renditions)
    lineage = Lineage(work.desk.assets.history(work.campaign) if later else (), log)
    drawn = {one.sha256 for one in made.concepts}
    costs = {cost.made.slot: cost for cost in told.assets}
    currency = loaded.brief.budget.currency
    assets = tuple(
        ManifestAsset(
            rendition=one,
            decision=made.decisions.get(str(one.name)),
            delivered=one.name.path(one.format) if str(one.name) in delivered else None,
            cost=Cost(
                currency=currency,
                direct=str(costs[one.name.slot].direct.amount),
                allocated=str(costs[one.name.slot].allocated.amount),
            ),
            made_from=versions.get(str(one.name), ""),
            replaces=lineage.of(one),
        )
        for one in made.renditions
    )
    return Manifest(
        campaign=work.campaign,
        run=work.run,
        brief_sha256=loaded.sha256,
        brand_sha256=loaded.brand_sha256,
        made_by=made_by(),
        decisions_head=work.desk.decisions.head,
        decisions_key=work.desk.keys.key_id,
        ledger_head=str(work.desk.seal() or ""),
        at=work.desk.now(),
        concepts=made.concepts,
        redrawn=tuple(one for one in made.ordered.pictures if one.sha256 not in drawn),
        choice=made.choice,
        assets=assets,
        inputs=work.inputs.files,
        failed_locales=dict(made.decks.failures),
    )


def _summary(work: Work, made: Finished, told: Report, handed: Handed) -> Summary:
    desk, brief = work.desk, work.materials.loaded.brief
    spending = accounts.spending_of(desk, brief)
    blocked = sum(blocks(one.findings) for one in made.renditions)
    undecided = sum(
        str(one.name) not in made.decisions and not blocks(one.findings) for one in made.renditions
    )
    place = f"{work.options.out.rstrip('/')}/{work.campaign}"
    drawn = made.composing.drawn / made.composing.seconds if made.composing.drawn else None
    return Summary(
        run=work.run,
        campaign=work.campaign,
        title=brief.title,
        files=len(made.renditions),
        attempts=spending.sent_by(work.run),
        money=spending.spent_by(work.run),
        suspect=spending.suspect,
        passed_over=spending.passed_over_by(work.run),
        images_bought=spending.images_bought,
        composed=made.composing.drawn,
        reused=len(made.renditions) - len(made.composing.fresh),
        reopened=made.reopened,
        redone=len(made.redone.slots),
        stay_rejected=made.redone.left,
        accepted=told.accepted,
        blocked=blocked,
        waiting=undecided,
        delivered=len(handed.names),
        written=handed.written,
        taken_out=handed.taken_out,
        findings=_counted(made.renditions),
        failed_locales=made.decks.failures,
        working=told.working,
        non_working=told.non_working,
        per_accepted=told.per_accepted,
        out=place,
        contact_sheet=f"{place}/contact-sheet.html",
        report=f"{place}/report.html",
        seconds=time.monotonic() - work.began,
        compose_seconds=made.composing.seconds,
        files_per_second=drawn,
        peak_memory_mb=_peak_memory_mb(),
    )


def _counted(renditions: Sequence[Rendition]) -> dict[str, int]:
    counts = Counter(
        f"{finding.severity.value} {finding.check}"
        for one in renditions
        for finding in one.findings
    )
    return dict(counts.most_common())


def _peak_memory_mb() -> int:
    # Linux counts in KiB. The children's figure is the largest of them, not their sum.
    mine = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (mine + worker) // 1024
