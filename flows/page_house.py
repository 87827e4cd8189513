"""Keeps the campaigns for the review page: each call reads or writes the state once, whole."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from composition.errors import CompositionError
from cost_tracking.reports.figures import number
from cost_tracking.runs import Run, RunState, UnknownRun
from creative.asset_name import AssetName
from creative.brief_file import LoadedBrief, load_brief
from creative.choice import stands
from creative.concept import Concept
from creative.manifest import Manifest
from creative.patience import Lapse
from creative.problem import InvalidInput
from flows import delivered_pages, reviewing, waking
from flows.desk import Desk
from flows.editing import edit
from flows.exits import WrongInput
from flows.materials import Materials, gather
from flows.page_layout import Layouts
from flows.page_porter import DeskPorter
from flows.page_rendition import about, whole
from flows.run_options import RunOptions
from providers.errors import NotStored, ProviderError
from review.access.roles import Action
from review.acts import Request, Ruling, Seen
from review.light_table import Item, State
from review.page.house import (
    Campaign,
    Card,
    Choosing,
    Declined,
    Done,
    Edited,
    Kept,
    Missing,
    Picture,
    PictureFormat,
    Sketched,
    Standing,
    Whole,
)
from review.waits import Waiting

_STANDINGS: Mapping[RunState, Standing] = {
    # Nobody holds it any more.
    RunState.RUNNING: "stopped",
    RunState.WAITING: "waiting",
    RunState.DONE: "done",
    RunState.FAILED: "failed",
}
_LAPSES: Mapping[Lapse, str] = {
    "auto": "after that the first concepts are taken, unseen",
    "stop": "after that the run stops, and somebody has to have it go on",
}
COVERS = 4
"""How many pictures show what a campaign looks like."""
_KINDS: Mapping[bytes, PictureFormat] = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"RIFF": "webp",
}
"""How the files begin that a concept's picture may be."""


class DeskHouse(DeskPorter):
    """A house over a desk, with its porter; for several threads at once."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._layouts = Layouts()

    @property
    def thumbnails(self) -> Path:
        """Return the folder that keeps small pictures."""
        return self._desk.home / "thumbnails"

    # What there is to see.

    def campaigns(self) -> Sequence[Card]:
        """Return every campaign, the one that moved last first."""
        newest: dict[str, Run] = {}
        for run in self._desk.runs.list(limit=1000):
            newest.setdefault(run.campaign, run)
        cards = [self._card(run) for run in newest.values()]
        return sorted(cards, key=lambda one: one.changed_at, reverse=True)

    def campaign(self, name: str) -> Campaign:
        """Return one campaign with its renditions."""
        run = self._run(name)
        return self._campaign(run, self._loaded(run))

    def rendition(self, asset: str) -> Whole:
        """Return one of its campaign's newest renditions."""
        try:
            name = AssetName.parse(asset)
        except ValueError as error:
            raise Missing(f"{asset[:80]!r} is not the name of a rendition") from error
        run = self._run(name.campaign)
        made = self._manifest(run)
        campaign = self._campaign(run, self._loaded(run))
        item = next((one for one in campaign.items if one.name == str(name)), None)
        if item is None or made is None:
            raise Missing(f"{name} is none of the newest renditions of {name.campaign}")
        known = about(self._desk, run, self._materials(run), made, item)
        return whole(self._desk, self._layouts, campaign, item, known)

    def concepts(self, campaign: str) -> Choosing:
        """Return what there is to choose from."""
        run = self._run(campaign)
        loaded, drawn = self._loaded(run), self._drawn(run)
        if not drawn:
            raise Declined(f"nothing is drawn for {run.campaign} yet; its concepts come first")
        wanted = loaded.brief.concepts.choose
        choice = self._desk.choices.newest(run.campaign)
        return Choosing(
            campaign=run.campaign,
            title=loaded.brief.title,
            run=run.id,
            standing=self._standing(run),
            wanted=wanted,
            sketched=tuple(Sketched(concept=one, cost=self._cost(one)) for one in drawn),
            choice=choice,
            stands=stands(choice, drawn, wanted),
        )

    def picture(self, sha256: str) -> Kept | None:
        """Return the file of a rendition of any campaign and version, or None."""
        # Nothing but renditions lies in this folder, each by its sha256.
        kinds: tuple[PictureFormat, ...] = ("jpg", "png")
        for kind in kinds:
            path = self._desk.rendered_file(sha256, kind)
            if path.is_file():
                return Kept(path, kind)
        return None

    def sketch(self, campaign: str, sha256: str) -> Kept | None:
        """Return the file of a concept's picture, or None."""
        drawn = self._drawn(self._run(campaign))
        if sha256 not in {digest for one in drawn for digest in (one.sha256, one.sketch)}:
            return None
        path = self._desk.blobs.path(sha256)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            start = file.read(12)
        kind = next((kind for sign, kind in _KINDS.items() if start.startswith(sign)), None)
        return Kept(path, kind) if kind else None

    def document(self, campaign: str, name: str) -> bytes:
        """Return a page as it was delivered beside the campaign's files, and no other bytes."""
        try:
            return delivered_pages.read(self._desk, self._run(campaign), name)
        except NotStored as error:
            raise Missing(str(error)) from error
        except ProviderError as error:
            raise Declined(str(error)) from error

    # What people do.

    def decide(
        self,
        asks: Request,
        campaign: str,
        seen: Sequence[Seen],
        ruling: Ruling,
        minutes: Decimal | None = None,
    ) -> Done:
        """Decide about renditions, all or none."""
        named = self._run(campaign).campaign
        if minutes:
            ruling = ruling.model_copy(update={"minutes": minutes, "how": "measured"})
        try:
            done = reviewing.decide(self._desk, asks, named, seen, ruling)
        except (WrongInput, ValueError) as error:
            raise Declined(str(error)) from error
        told = []
        if done.decided:
            told.append(f"{number(len(done.decided))} {done.verdict}")
        if done.endorsed:
            first = "accepted by you as the first of two; somebody else must, too"
            told.append(f"{number(len(done.endorsed))} {first}")
        said = ", ".join(told) or "Nothing was left to decide"
        return Done(told=f"{said}.", decided=done.decided, endorsed=done.endorsed)

    def choose(self, asks: Request, campaign: str, seen: Sequence[Seen], reason: str) -> Done:
        """Choose concepts, on the pictures that were looked at."""
        named = self._run(campaign).campaign
        try:
            choice, run = reviewing.choose(self._desk, asks, named, seen, reason)
        except WrongInput as error:
            raise Declined(str(error)) from error
        chosen = ", ".join(choice.concepts)
        return Done(told=f"{chosen} chosen. Run {run} goes on with it when somebody says so.")

    def edit_copy(
        self, asks: Request, campaign: str, locale: str, slot: str, text: str, was: str
    ) -> Edited:
        """Put a person's line in the place of what a locale says, and draw it at once."""
        named = self._run(campaign).campaign
        try:
            done = edit(
                self._desk,
                asks.person,
                named,
                locale,
                slot,
                text,
                via=asks.via,
                nonce=asks.nonce,
                was=was,
            )
        except (WrongInput, CompositionError) as error:
            raise Declined(str(error)) from error
        return Edited(told=f"{done.told[:1].upper()}{done.told[1:]}.", instead=done.renditions)

    def code(self, asks: Request, campaign: str) -> str:
        """Return a personal code, for one act at a form that knows nobody."""
        return reviewing.code(self._desk, asks.person, self._run(campaign).campaign, asks.nonce)

    def start_code(self, asks: Request, campaign: str) -> str:
        """Return a personal code, to start a campaign at a form that knows nobody."""
        try:
            return reviewing.start_code(self._desk, asks.person, campaign, asks.nonce)
        except WrongInput as error:
            raise Declined(str(error)) from error

    def go_on(self, asks: Request, campaign: str) -> Done:
        """Have the campaign's newest run go on."""
        run = self._run(campaign)
        told = {"campaign": run.campaign, "run": run.id, "went": "on", "via": asks.via}
        self._desk.acts.note(asks.person, Action.START, told, asks.nonce)
        return Done(told=waking.go_on(self._desk, run.id))

    # The parts.

    def _run(self, name: str) -> Run:
        try:
            return self._desk.run_named(name)
        except UnknownRun as error:
            raise Missing(f"there is no campaign {name[:80]!r}") from error

    def _loaded(self, run: Run) -> LoadedBrief:
        path = Path(run.brief_path)
        known = self._files.get("brief", path, (), lambda: load_brief(path))
        # The brand may change under it, and with it who must accept.
        return self._files.get("brand", path, [known.brand_path], lambda: load_brief(path))

    def _materials(self, run: Run) -> Materials:
        path, brand = Path(run.brief_path), self._loaded(run).brand_path
        return self._files.get("materials", path, [brand], lambda: gather(path))

    def _manifest(self, run: Run) -> Manifest | None:
        path = self._desk.manifest_path(run.id)
        if not path.is_file():
            return None
        return self._files.get("manifest", path, (), lambda: self._desk.manifest(run.id))

    def _drawn(self, run: Run) -> tuple[Concept, ...]:
        try:
            return self._desk.concepts(run.id)
        except ValueError:
            return ()

    def _two(self, loaded: LoadedBrief) -> bool:
        return loaded.brand.wants_two(loaded.brief.budget)

    def _campaign(self, run: Run, loaded: LoadedBrief) -> Campaign:
        made, waits = self._manifest(run), self._waits(run)
        return Campaign(
            name=run.campaign,
            title=loaded.brief.title,
            run=run.id,
            standing=self._standing(run),
            requester=RunOptions.model_validate(run.options).by,
            two_people=self._two(loaded),
            items=self._items(run, loaded, made),
            failed_locales=made.failed_locales if made else {},
            to_choose=self._to_choose(run, loaded, made),
            until=waits.deadline if waits else None,
            lapse=_LAPSES[waits.lapse] if waits else "",
        )

    def _standing(self, run: Run) -> Standing:
        if self._desk.claims.holder(f"run/{run.id}"):
            return "running"
        return _STANDINGS[run.state]

    def _waits(self, run: Run) -> Waiting | None:
        return next(iter(self._desk.waits.standing(run.id)), None)

    def _items(self, run: Run, loaded: LoadedBrief, made: Manifest | None) -> tuple[Item, ...]:
        if made is None:
            return ()
        return reviewing.lay_out(self._desk, run.campaign, made.assets, two=self._two(loaded))

    def _to_choose(self, run: Run, loaded: LoadedBrief, made: Manifest | None) -> int:
        """Return how many concepts somebody has to choose before the run can go on."""
        if made is not None or run.state is not RunState.WAITING:
            return 0
        wanted = loaded.brief.concepts.choose
        newest = self._desk.choices.newest(run.campaign)
        return 0 if stands(newest, self._drawn(run), wanted) else wanted

    def _cost(self, concept: Concept) -> str:
        try:
            paid = self._desk.recovery.get(concept.attempt).amount
        except KeyError:
            return ""
        return number(paid) if paid else ""

    def _card(self, run: Run) -> Card:
        card = Card(
            campaign=run.campaign,
            title=run.campaign,
            standing=self._standing(run),
            changed_at=run.updated_at,
        )
        try:
            loaded, made = self._loaded(run), self._manifest(run)
            items = self._items(run, loaded, made)
            to_choose = self._to_choose(run, loaded, made)
        except InvalidInput as error:
            return card.model_copy(update={"fault": "; ".join(map(str, error.problems))})
        states = [one.state for one in items]
        told = {
            "title": loaded.brief.title,
            "states": {one: states.count(one) for one in State if one in states},
            "markets": len({one.asset.rendition.name.market for one in items}),
            "covers": _covers(items),
            "sketches": () if items else tuple(map(_sketched, self._drawn(run))),
            "to_choose": to_choose,
            "until": waits.deadline if (waits := self._waits(run)) else None,
        }
        return card.model_copy(update=told)


def _sketched(one: Concept) -> Picture:
    return Picture(sha256=one.seen, width=one.width, height=one.height, alt=f"Concept {one.id}")


def _covers(items: Sequence[Item]) -> tuple[Picture, ...]:
    """Return a few renditions that look unlike each other: other shapes, other markets."""
    shapes: dict[float, Item] = {}
    markets: set[str] = set()
    for one in items:
        rendition = one.asset.rendition
        ratio = round(rendition.width / rendition.height, 1)
        fits = one.state is not State.BLOCKED and 0.4 < ratio < 2.1
        if fits and ratio not in shapes and rendition.name.market not in markets:
            shapes[ratio] = one
            markets.add(rendition.name.market)
    return tuple(_picture(one) for one in list(shapes.values())[:COVERS])


def _picture(item: Item) -> Picture:
    rendition = item.asset.rendition
    name: AssetName = rendition.name
    return Picture(
        sha256=rendition.sha256,
        width=rendition.width,
        height=rendition.height,
        alt=f"{name.placement}, {name.locale}",
    )
