"""All that a person needs to decide about one rendition, put together for the review page."""

from collections.abc import Iterable

from cost_tracking.assets import Asset
from cost_tracking.runs import Run
from creative.brief_file import LoadedBrief
from creative.copy_deck import Slot
from creative.placement import Box, placement_table
from creative.rendition import Rendition
from flows.desk import Desk
from flows.run_options import RunOptions
from review.light_table import Item
from review.page.house import Area, Line, Picture, Version, Whole


def whole(desk: Desk, run: Run, loaded: LoadedBrief, item: Item) -> Whole:
    """Return one rendition with its words, its layout, its versions and its decisions."""
    rendition = item.asset.rendition
    out = RunOptions.model_validate(run.options).out.rstrip("/")
    place = item.asset.delivered
    return Whole(
        item=item,
        lines=tuple(_lines(desk, run, loaded, rendition)),
        source_locale=loaded.brief.messaging.source_locale,
        safe=_safe(rendition),
        areas=(),
        decisions=desk.decisions.of(str(rendition.name)),
        earlier=_earlier(desk, rendition),
        delivered=f"{out}/{run.campaign}/{place}" if place else "",
    )


def _lines(desk: Desk, run: Run, loaded: LoadedBrief, rendition: Rendition) -> Iterable[Line]:
    said = loaded.brief.messaging
    source = {Slot.HEADLINE: said.headline, Slot.BODY: said.body, Slot.CTA: said.cta}
    words = desk.copy(run.id, rendition.name.locale, rendition.deck)
    for slot in Slot:
        if text := words.get(slot.value):
            yield Line(
                slot=slot.value,
                text=text,
                source=source.get(slot, ""),
                origin="",
                reviewed=False,
            )


def _safe(rendition: Rendition) -> Area | None:
    known = placement_table().placements.get(rendition.name.placement)
    return _area("safe zone", known.safe_box) if known else None


def _area(name: str, box: Box) -> Area:
    return Area(name=name, left=box.left, top=box.top, right=box.right, bottom=box.bottom)


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
