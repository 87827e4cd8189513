"""A person writes a line of copy over what stands there, and sees it in the pictures at once."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from composition.order import Order
from cost_tracking.runs import Run, RunState
from creative.amendment import Edit, edits
from creative.copy_deck import CopyDeck, Slot
from creative.finding import blocks
from creative.manifest import Manifest, ManifestAsset, Replaced, Why
from creative.market import Locale
from creative.rendition import Rendition
from creative.value import Value
from flows import deciding, reviewing, steps
from flows.desk import Desk
from flows.exits import WrongInput
from flows.inputs import keep_inputs
from flows.materials import Materials, gather
from flows.ordering import Ordering, Shown
from flows.run_options import RunOptions
from flows.work import Work
from localization.copy_text import one_space, tidy
from localization.saying import message
from review.access.people import Person
from review.acts import Stale, Via
from review.light_table import State


class Edited(Value):
    """What an edit came to."""

    run: str
    """The one whose renditions show it now, and that delivers them once they are accepted."""
    locale: str
    slot: Slot
    was: str
    text: str
    by: str
    renditions: Mapping[str, str]
    """The new version of each rendition that it changed, by the one that it takes the place of."""
    blocked: tuple[str, ...]
    """Those of the new ones that a check keeps from delivery."""
    seconds: float
    """From the call to the new pictures."""

    @property
    def told(self) -> str:
        """Say what was done, and what is next."""
        count = len(self.renditions)
        many = f"{count:,} rendition{'' if count == 1 else 's'}"
        return (
            f"{self.slot} of {self.locale}: {many} made anew in {self.seconds:.1f} s; they wait "
            "for review, and what was accepted of them before no longer counts"
        )


def edit(  # noqa: PLR0913 - who, where, what, and how they came
    desk: Desk,
    person: Person,
    campaign: str,
    locale: str,
    slot: str,
    text: str,
    *,
    via: Via,
    nonce: str = "",
    was: str | None = None,
) -> Edited:
    """Put a person's line in the place of what a locale says, in its newest pictures and for good.

    The line is written down before anything is drawn, so that a crash loses it nowhere: the next
    run shows it. It stands for as long as the message says what it says now.

    Args:
        desk: Where the state is.
        person: Who writes; they must hold a role in the locale's market.
        campaign: Its name.
        locale: A tag, such as ``sv-SE``.
        slot: ``headline``, ``body`` or ``cta``.
        text: What it shall say.
        via: The door that they came through.
        nonce: Of the form, or empty where there is none.
        was: What the person saw there, if that is known.

    Raises:
        UnknownRun: There is no such campaign.
        WrongInput: The run has made nothing yet, or the line cannot be edited, and why.
        InvalidInput: The brief is wrong by now.
        Refused: They may not, the form was sent before, or the line is not what they saw.
        CompositionError: The line cannot be drawn. It stands all the same, until it is edited.

    """
    began = time.monotonic()
    run = desk.run_named(campaign)
    materials = _materials(run)
    target, place, said = _locale(materials, locale), _place(materials, slot), _line(text)
    with desk.holding(run.id):
        manifest, decks = _manifest(desk, run), desk.decks(run.id)
        before = _before(manifest, decks, target, place)
        if was is not None and one_space(was) != one_space(before[0]):
            raise Stale(f"the {slot} of {locale} is not what you saw any more; look again")
        if set(before) == {said}:
            raise WrongInput(f"the {slot} of {locale} says that already")
        one = Edit(
            campaign=run.campaign,
            market=target.market,
            locale=target.tag,
            slot=place,
            source=message(materials.loaded.brief).text(place),
            was=before[0],
            text=said,
            by=person.id,
            at=desk.now(),
        )
        desk.acts.edit(deciding.request(person, via, nonce), one)
        # An edit whose process died before its pictures were written down is made up for here.
        standing = edits(desk.acts.amendments(run.campaign))
        missed = [line for line in standing if line.at > manifest.at]
        work = _work(desk, run, materials)
        changed = _made_anew(work, manifest, decks, missed)
        kept = {one.sha256: one for one in changed.decks}
        desk.keep_copy(run.id, {**decks, **kept}.values())
        desk.keep_manifest(_with(manifest, changed.pairs, missed, work.inputs.sha256))
    desk.publish()
    _wait(desk, run, materials)
    return Edited(
        run=run.id,
        locale=target.tag,
        slot=place,
        was=before[0],
        text=said,
        by=person.id,
        renditions={str(old.name): str(new.name) for old, new in changed.new},
        blocked=tuple(str(new.name) for _, new in changed.new if blocks(new.findings)),
        seconds=time.monotonic() - began,
    )


class _Changed(NamedTuple):
    """What was made anew."""

    pairs: tuple[tuple[Rendition, Rendition], ...]
    """Each rendition before and after; the same version where none of the words can be seen."""

    @property
    def new(self) -> tuple[tuple[Rendition, Rendition], ...]:
        """Return those of which a new version was made."""
        return tuple((old, new) for old, new in self.pairs if old.sha256 != new.sha256)

    decks: tuple[CopyDeck, ...]


def _materials(run: Run) -> Materials:
    materials = gather(Path(run.brief_path))
    if materials.loaded.sha256 != run.brief_sha256:
        raise WrongInput(
            f"{run.brief_path} has changed since run {run.id} was started; start a run of it as "
            "it is now, and edit what that makes"
        )
    return materials


def _manifest(desk: Desk, run: Run) -> Manifest:
    try:
        return desk.manifest(run.id)
    except ValueError as error:
        raise WrongInput(str(error)) from error


def _locale(materials: Materials, tag: str) -> Locale:
    known = {one.tag: one for one in materials.loaded.locales}
    if tag not in known:
        raise WrongInput(f"{materials.campaign} has no locale {tag!r}; it has {', '.join(known)}")
    return known[tag]


def _place(materials: Materials, slot: str) -> Slot:
    if slot == Slot.NOTICE:
        raise WrongInput(
            "a notice is shown as its owner wrote it, and is not edited; have its file changed"
        )
    known = [one.value for one in message(materials.loaded.brief).lines]
    if slot not in known:
        raise WrongInput(f"the message has no {slot!r}; it has {', '.join(known)}")
    return Slot(slot)


def _line(text: str) -> str:
    try:
        return tidy(text)
    except ValueError as error:
        raise WrongInput(f"this cannot be a line of copy: {error}") from error


def _before(
    manifest: Manifest, decks: Mapping[str, CopyDeck], locale: Locale, slot: Slot
) -> list[str]:
    """Return what a line says now in each rendition of a locale: it may differ from one to one."""
    shown = [one.rendition for one in manifest.assets if one.rendition.name.locale == locale.tag]
    if not shown:
        why = manifest.failed_locales.get(locale.tag, "it has no renditions")
        raise WrongInput(f"there is no line of {locale.tag} to edit: {why}")
    if any(one.deck not in decks for one in shown):
        raise WrongInput(
            f"the words of run {manifest.run} are not kept here; go on with "
            f"`kampanj resume {manifest.run}`, and edit then"
        )
    return [decks[one.deck].text(slot) for one in shown]


def _work(desk: Desk, run: Run, materials: Materials) -> Work:
    options = RunOptions.model_validate(run.options)
    # Nobody is asked and nothing is bought, so neither budget nor drill comes into it.
    inputs = keep_inputs(desk, materials)
    return Work(desk, run.id, options, materials, inputs, lambda _: None, time.monotonic())


def _wait(desk: Desk, run: Run, materials: Materials) -> None:
    """Note that what is new waits for review from now on, for as long as the brief lets it."""
    left = (one for one in reviewing.items(desk, run.id) if one.state is State.WAITING)
    waiting = {one.name: one.asset.rendition.sha256 for one in left}
    desk.waits.open(run.id, "review", waiting, materials.loaded.brief.waits.review)
    if run.state is RunState.DONE:
        desk.runs.update(run.id, RunState.WAITING)


def _made_anew(
    work: Work, manifest: Manifest, decks: Mapping[str, CopyDeck], lines: Sequence[Edit]
) -> _Changed:
    """Compose the renditions whose words the edits change."""
    ordering = Ordering(work.materials, work.desk.blobs.path, lines)
    pictures = {one.sha256: one for one in (*manifest.concepts, *manifest.redrawn)}
    locales = {one.tag: one for one in work.materials.loaded.locales}
    orders: list[Order] = []
    olds: list[Rendition] = []
    for asset in manifest.assets:
        old = asset.rendition
        if old.name.locale not in locales or old.deck not in decks:
            continue
        locale = locales[old.name.locale]
        before = Shown(pictures[old.key_visual], decks[old.deck], old.layout)
        shown = ordering.amended(old.name.slot, locale, before)
        if shown.deck.sha256 != old.deck:
            orders.append(ordering.order(old.name, locale, shown))
            olds.append(old)
    made = steps.compose(work, orders, workers=1).renditions
    return _Changed(tuple(zip(olds, made, strict=True)), tuple(order.deck for order in orders))


def _with(
    manifest: Manifest,
    pairs: Iterable[tuple[Rendition, Rendition]],
    lines: Sequence[Edit],
    made_from: str,
) -> Manifest:
    """Return a manifest with renditions in the place of others.

    Nobody has decided about a new version. What has the bytes that it had keeps its decision.
    """
    new = {old.name: made for old, made in pairs}
    assets = tuple(
        _renewed(one, new[one.rendition.name], lines, made_from)
        if one.rendition.name in new
        else one
        for one in manifest.assets
    )
    return manifest.model_copy(update={"assets": assets, "at": lines[-1].at})


def _renewed(
    asset: ManifestAsset, made: Rendition, lines: Sequence[Edit], made_from: str
) -> ManifestAsset:
    old = asset.rendition
    if old.sha256 == made.sha256:
        return asset.model_copy(update={"rendition": made})
    theirs = [one for one in lines if one.locale == old.name.locale]
    before = Replaced(
        asset=str(old.name),
        sha256=old.sha256,
        how="edit",
        because=tuple(Why(by=one.by, note=one.text) for one in theirs),
    )
    told = {"rendition": made, "decision": None, "delivered": None, "replaces": before}
    return asset.model_copy(update={**told, "made_from": made_from})
