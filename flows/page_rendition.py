"""All that a person needs to decide about one rendition, put together for the review page."""

from collections.abc import Iterable
from dataclasses import dataclass

import creative.copy_deck
from cost_tracking.assets import Asset
from cost_tracking.runs import Run
from creative.back_translation import BackTranslation
from creative.copy_deck import CopyDeck, Origin, Slot
from creative.manifest import Manifest
from creative.placement import placement_table
from creative.rendition import Rendition
from flows.desk import Desk
from flows.materials import Materials
from flows.ordering import Ordering, Shown
from flows.page_layout import Layouts, area
from flows.run_options import RunOptions
from localization.saying import message
from review.light_table import Item
from review.page.house import Area, Campaign, Line, Picture, Version, Whole


@dataclass(frozen=True)
class About:
    """What a rendition is made from, as far as it is known now."""

    run: Run
    materials: Materials
    made: Manifest
    deck: CopyDeck | None
    """The words on it; None where they are not kept here."""
    said_back: tuple[BackTranslation, ...]
    """What the words of its run say in the language of the brief."""


def about(desk: Desk, run: Run, materials: Materials, made: Manifest, item: Item) -> About:
    """Return what one rendition of a run is made from."""
    deck = desk.decks(run.id).get(item.asset.rendition.deck)
    return About(run, materials, made, deck, desk.back_translations(run.id))


def whole(desk: Desk, layouts: Layouts, campaign: Campaign, item: Item, known: About) -> Whole:
    """Return one rendition with its words, its layout, its versions and its decisions."""
    rendition = item.asset.rendition
    out = RunOptions.model_validate(known.run.options).out.rstrip("/")
    path = item.asset.delivered
    place = placement_table().placements.get(rendition.name.placement)
    return Whole(
        campaign=campaign,
        item=item,
        lines=tuple(_lines(known)),
        source_locale=known.materials.loaded.brief.messaging.source_locale,
        safe=area("safe zone", place.safe_box) if place else None,
        areas=_areas(desk, layouts, rendition, known),
        decisions=desk.decisions.of(str(rendition.name)),
        earlier=_earlier(desk, rendition),
        delivered=f"{out}/{campaign.name}/{path}" if path else "",
        most_bytes=place.max_bytes if place else 0,
    )


def _areas(desk: Desk, layouts: Layouts, rendition: Rendition, known: About) -> tuple[Area, ...]:
    loaded, name = known.materials.loaded, rendition.name
    pictures = (*known.made.concepts, *known.made.redrawn)
    concept = next((one for one in pictures if one.sha256 == rendition.key_visual), None)
    locale = next((one for one in loaded.locales if one.tag == name.locale), None)
    placed = any(one.id == name.placement for one in loaded.placements)
    if not (known.deck and concept and locale and placed):
        return ()
    ordering = Ordering(known.materials, desk.blobs.path, ())
    order = ordering.order(name, locale, Shown(concept, known.deck, rendition.layout))
    return layouts.areas(order, known.materials.look, rendition.recipe)


def _lines(known: About) -> Iterable[Line]:
    if known.deck is None:
        return
    source = message(known.materials.loaded.brief)
    for slot in Slot:
        line = known.deck.lines.get(slot)
        if line and line.text:
            yield Line(
                slot=slot.value,
                text=line.text,
                source=source.text(slot),
                whence=_whence(line),
                editable=slot in source.lines,
                **_back(known, slot, line.text),
            )


def _back(known: About, slot: Slot, text: str) -> dict[str, str]:
    """Return what a line says in the language of the brief, or said before it was changed."""
    tag = known.deck.locale if known.deck else ""
    mine = [one for one in known.said_back if one.locale == tag and slot in one.words]
    of_it = [one for one in mine if one.words[slot] == text]
    for one in (*of_it, *mine):
        if slot in one.says:
            was = one.words[slot]
            old = {} if was == text else {"back_of": was}
            return {"back": one.says[slot], "back_by": one.by[slot], **old}
    return {"unsaid": of_it[0].failed} if of_it else {}


def _whence(line: creative.copy_deck.Line) -> str:
    reviewed = "" if line.reviewed else ", reviewed by nobody"
    match line.origin:
        case Origin.SOURCE:
            return "as the brief has it"
        case Origin.NOTICE:
            return f"word for word, {line.reference}"
        case Origin.PERSON:
            return f"written by {line.reference.split('/')[1]}"
        case Origin.MEMORY:
            return f"from the memory{reviewed}"
        case Origin.PROVIDER:
            return f"translated by a machine{reviewed}"


def _earlier(desk: Desk, rendition: Rendition) -> tuple[Version, ...]:
    """Return the versions before this one whose files are still here, the newest first."""
    name = rendition.name
    made = desk.assets.versions(name.campaign, name.slot)
    before = [one for one in made if one.version < name.version and _kept(desk, one)]
    return tuple(_version(one) for one in reversed(before))


def _kept(desk: Desk, one: Asset) -> bool:
    return desk.rendered_file(one.sha256, one.format).is_file()


def _version(one: Asset) -> Version:
    picture = Picture(
        sha256=one.sha256,
        width=one.width or 1,
        height=one.height or 1,
        alt=f"version {one.version}",
    )
    return Version(version=one.version, picture=picture, made_at=one.made_at)
