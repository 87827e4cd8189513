"""The steps of a campaign, an arrow of the data flow each; each may be done again after a crash."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from composition.engine import Engine
from composition.ingredients import Ingredients, written
from composition.order import Composed, Order
from composition.recipe import Recipes
from cost_tracking.assets import Asset, Made
from cost_tracking.labour import post_labour
from creative.amendment import Amendment
from creative.choice import Choice, stands
from creative.concept import Concept
from creative.copy_deck import Line, Origin, Slot
from creative.decision import Decision, Verdict
from creative.finding import Finding, Severity, blocks
from creative.market import Locale
from creative.rendition import Rendition
from flows import asking, deciding, line_by_line, pictures, sketches
from flows.exits import NoWords, Waiting
from flows.ordering import Ordered, Ordering, seen_with
from flows.progress import tell
from flows.run_options import WAIT
from flows.work import Work
from localization.adapt import Decks, copy_decks
from localization.limits import over_limits
from localization.saying import Untranslatable
from providers.buying import Bought
from providers.deals import Hop
from providers.errors import BadOutput, Truncated, Unsupported
from providers.images.base import ImageAnswer, Reference
from providers.writing.directions import directions_in
from review import approval, choices
from review.approval import Approval
from review.contact_sheet import concept_sheet_jpeg
from review.decisions import seconded

CHUNK = 50
POLICY = "policy:"
"""Begins the name of a rule of ours where a person's would stand."""
LAPSED = f"{POLICY}deadline"
"""Chose because nobody had, by the time that the brief gives."""


@dataclass(frozen=True)
class Composing:
    """What was composed."""

    renditions: tuple[Rendition, ...]
    """In the order in which they were asked for."""
    drawn: int
    """How many pictures had to be drawn."""
    seconds: float
    fresh: frozenset[str] = frozenset()
    """The slots that they are of; the others are what they were."""

    def after(self, earlier: "Composing | None") -> "Composing":
        """Return this with what was drawn before it in the same run."""
        if earlier is None:
            return self
        return replace(
            self,
            drawn=earlier.drawn + self.drawn,
            seconds=earlier.seconds + self.seconds,
            fresh=earlier.fresh | self.fresh,
        )


def accepted(work: Work) -> Mapping[str, tuple[str, str]]:
    """Return name and sha256 of each newest rendition that stands accepted, by its slot."""
    desk = work.desk
    newest = desk.decisions.newest(work.campaign)
    named = (
        (one.slot, (f"{one.slot}_v{one.version}", one.sha256))
        for one in desk.assets.current(work.campaign)
    )
    return {
        slot: seen
        for slot, seen in named
        if (said := newest.get(seen)) and said.verdict is Verdict.ACCEPTED
    }


def draw_concepts(work: Work) -> tuple[Concept, ...]:
    """Buy a picture for each concept; what was bought before is taken from the store.

    Where the brief's sketches were bought by an earlier run, they are returned and none is bought:
    ``produce`` buys those that are chosen.
    """
    directions = _directions(work)
    tell("concepts", 0, len(directions))
    first_looks = _sketches(work, directions)
    if first_looks:
        tell("concepts", len(directions), len(directions))
        return first_looks
    sketching = work.materials.loaded.brief.providers.tier == "sketch"
    concepts: list[Concept] = []
    for index, direction in enumerate(directions):
        route = pictures.picture(work.materials, work.suppliers, index, direction)
        bought = work.runner.buy(route, work.errand(f"c{index + 1}"))
        concepts.append(_drawn(work, route, index, direction, bought, sketching=sketching))
        tell("concepts", index + 1, len(directions))
    return tuple(concepts)


def _drawn(
    work: Work,
    route: tuple[Hop[ImageAnswer], ...],
    index: int,
    direction: str,
    bought: Bought[ImageAnswer],
    *,
    sketch: Reference | None = None,
    sketching: bool = False,
) -> Concept:
    work.desk.blobs.put(bought.answer.content)
    attempt = bought.attempt
    deal = pictures.asked_of(route, attempt.provider, attempt.model)
    if deal.labour:
        post_labour(work.desk.engine, attempt, deal.labour, work.desk.policy, work.desk.now)
    return pictures.concept(
        deal, attempt.id, index, direction, bought.answer, sketch=sketch, sketching=sketching
    )


def _sketches(work: Work, directions: Sequence[str]) -> tuple[Concept, ...]:
    """Return the sketches that this run goes on from, or none."""
    brief = work.materials.loaded.brief
    if brief.providers.tier == "sketch" or brief.providers.sketch is None:
        return ()
    found: list[Concept | None] = []
    for index, direction in enumerate(directions):
        route = pictures.sketch(work.materials, work.suppliers, index, direction)
        bought = work.runner.recall(route, work.errand(f"c{index + 1}"))
        found.append(
            _drawn(work, route, index, direction, bought, sketching=True) if bought else None
        )
    standing = work.desk.choices.newest(work.campaign)
    return sketches.to_go_on_from(found, standing, brief.concepts.choose)


def to_produce(work: Work, concepts: Sequence[Concept]) -> bool:
    """Say whether these are sketches, and this run buys key visuals."""
    tier = work.materials.loaded.brief.providers.tier
    return tier == "produce" and any(one.stage == "sketch" for one in concepts)


def produce(work: Work, concepts: Sequence[Concept], choice: Choice) -> tuple[Concept, ...]:
    """Buy the key visual of each sketch that was chosen, after the sketch where the model can.

    Returns:
        All concepts; the chosen ones with their key visuals, which say whose sketch they follow.

    """
    tell("key visuals", 0, len(choice.concepts))
    made: dict[str, Concept] = {}
    for one in concepts:
        if one.id not in choice.concepts:
            continue
        index = int(one.id.removeprefix("c")) - 1
        after = pictures.reference(one, work.desk.blobs.get(one.sha256))
        route = pictures.key_visual(work.materials, work.suppliers, index, one.direction, after)
        bought = work.runner.buy(route, work.errand(one.id))
        made[one.id] = _drawn(work, route, index, one.direction, bought, sketch=after)
        tell("key visuals", len(made), len(choice.concepts))
    return tuple(made.get(one.id, one) for one in concepts)


def _directions(work: Work) -> tuple[str, ...]:
    given = work.materials.loaded.brief.concepts.directions
    route = asking.directions(work.materials, work.suppliers)
    if not route:
        return given
    missing = work.materials.loaded.brief.concepts.count - len(given)
    errand = work.errand(asking.DIRECTIONS)
    bought = (
        work.runner.recall(route, errand)
        # The message may be worded otherwise since: the ideas stay, and with them the pictures.
        or work.runner.in_part(route, errand).get(asking.DIRECTIONS)
        or work.runner.buy(route, errand)
    )
    return (*given, *directions_in(bought.answer, missing))


def choose(work: Work, concepts: tuple[Concept, ...]) -> Choice:
    """Return the choice that stands on these pictures, or make the one that the run was told.

    Raises:
        Waiting: A person has to choose, and has not.
        WrongPick: The pick is not of this campaign's concepts, or not of as many as are wanted.
        WrongInput: People must show who they are, and the pick came without it.

    """
    desk, brief = work.desk, work.materials.loaded.brief
    desk.keep_concepts(work.run, concepts)
    standing = desk.choices.newest(work.campaign)
    picked = work.options.picked
    wanted = brief.concepts.choose
    if standing and stands(standing, concepts, wanted):
        asked = work.options.choose == WAIT and not _answers(work, standing)
        if picked == standing.concepts or not (picked or asked):
            desk.waits.over(work.run, "decided", "choice")
            return standing
    drawn = {concept.id: concept for concept in concepts}
    if not picked:
        if work.options.choose == WAIT:
            subject = {concept.id: concept.seen for concept in concepts}
            desk.waits.open(work.run, "choice", subject, brief.waits.choice)
            raise Waiting(_ask(work, concepts))
        picked = tuple(drawn)[:wanted]
    strange = [one for one in picked if one not in drawn]
    if strange or len(picked) != wanted:
        raise choices.WrongPick(
            f"campaign {work.campaign} chooses {wanted} of {', '.join(drawn)}, "
            f"not {', '.join(picked)}"
        )
    if work.options.picked:
        choice = deciding.picked(desk, work.run, concepts, picked, wanted)
    else:
        choice = Choice(
            campaign=work.campaign,
            concepts=picked,
            seen=tuple(drawn[one].seen for one in picked),
            by=f"{POLICY}auto",
            at=desk.now(),
            reason="the first concepts, unseen",
        )
        desk.choices.record(choice)
    desk.waits.over(work.run, "decided", "choice")
    work.reached("chosen")
    return choice


def _answers(work: Work, standing: Choice) -> bool:
    """Say whether a choice answers a run that leaves it to a person.

    A rule's does if it was made because nobody answered this run by its deadline.
    """
    asked = work.desk.runs.get(work.run).started_at
    return not standing.by.startswith(POLICY) or (standing.by == LAPSED and standing.at >= asked)


def _ask(work: Work, concepts: tuple[Concept, ...]) -> str:
    blobs = work.desk.blobs
    sheet = concept_sheet_jpeg(concepts, {one.sha256: blobs.path(one.sha256) for one in concepts})
    path = work.desk.home / "sheets" / f"{work.campaign}-concepts.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sheet)
    wanted = ",".join(one.id for one in concepts[: work.materials.loaded.brief.concepts.choose])
    return (
        f"run {work.run} waits for a choice of concepts; look at {path} and go on with "
        f"`kampanj resume {work.run} --choose {wanted}`"
    )


def write_copy(work: Work) -> Decks:
    """Return a copy deck for each locale that can be spoken to, and why the others have none.

    Raises:
        NoWords: No locale has one.

    """
    materials = work.materials
    locales = materials.loaded.locales
    decks = copy_decks(
        materials.loaded.brief,
        _counted(locales),
        materials.memory,
        materials.notices,
        lambda locale, texts: _translated(work, locale, texts),
        materials.terms,
    )
    tell("copy", len(locales), len(locales))
    if not decks.decks:
        why = "; ".join(f"{tag}: {reason}" for tag, reason in decks.failures.items())
        raise NoWords(f"no locale of {work.campaign} has copy, so nothing is made. {why}")
    work.reached("copy")
    return decks


def _counted(locales: Sequence[Locale]) -> Iterable[Locale]:
    for done, locale in enumerate(locales):
        tell("copy", done, len(locales))
        yield locale


def _translated(work: Work, locale: Locale, texts: Mapping[Slot, str]) -> Mapping[Slot, Line]:
    errand = work.errand(f"copy/{locale.tag}", locale.market)
    route_of = partial(asking.translation, work.materials, work.suppliers, locale)
    try:
        said = line_by_line.bought(work.runner, errand, texts, route_of)
    except (Unsupported, BadOutput, Truncated) as error:
        raise Untranslatable(str(error)) from error
    return {
        slot: Line(
            text=one.answer.segments[slot],
            origin=Origin.PROVIDER,
            reviewed=False,
            reference=one.attempt.id,
        )
        for slot, one in said.items()
    }


def order_renditions(
    work: Work,
    concepts: tuple[Concept, ...],
    choice: Choice,
    decks: Decks,
    log: Sequence[Amendment] = (),
) -> Ordered:
    """Return one order for each chosen concept, placement and locale that has words."""
    ordering = Ordering(work.materials, work.desk.blobs.path, log)
    return ordering.ordered(concepts, choice, decks.decks)


def compose(work: Work, orders: Sequence[Order], *, workers: int | None = None) -> Composing:
    """Draw what is not drawn yet, and write down which version of its slot each file is.

    What is drawn is written down every ``CHUNK`` files, so that a crash repeats no more.

    Args:
        work: The run.
        orders: What is wanted.
        workers: How many processes draw; as the settings say if None. 1 draws in this one, which
            is quicker than to start others for a few.

    """
    began = time.monotonic()
    desk, look = work.desk, work.materials.look
    desk.rendered.mkdir(parents=True, exist_ok=True)
    cook = Recipes(look)
    made_of = {order.name.slot: cook.ingredients(order) for order in orders}
    recipes = {slot: written(ingredients) for slot, ingredients in made_of.items()}
    known = desk.assets.by_recipes(recipes.values())
    made: dict[str, Rendition] = {}
    for order in orders:
        asset = known.get(recipes[order.name.slot])
        if asset and desk.holds_rendered(asset.sha256, asset.format):
            made[order.name.slot] = _again(order, asset, made_of[order.name.slot])
    rest = [order for order in orders if order.name.slot not in made]
    tell("renditions", len(made), len(orders))
    ordered = {order.name.slot: order for order in rest}
    unwritten: list[Rendition] = []
    with Engine(look, workers=workers or desk.settings.processes) as engine:
        for composed in engine.compose(rest, desk.rendered):
            slot = composed.name.slot
            rendition = _rendition(ordered[slot], composed, made_of[slot])
            made[slot] = rendition
            unwritten.append(rendition)
            tell("renditions", len(made), len(orders))
            if len(unwritten) == CHUNK:
                desk.assets.record_all(work.campaign, _kept(work, unwritten))
                unwritten = []
                work.reached("composed")
    renditions = _versioned(work, orders, [made[order.name.slot] for order in orders])
    seconds = time.monotonic() - began
    return Composing(renditions, len(rest), seconds, frozenset(ordered))


def _again(order: Order, asset: Asset, made_of: Ingredients) -> Rendition:
    """Return what an earlier run drew by the same recipe."""
    return Rendition(
        name=order.name,
        sha256=asset.sha256,
        bytes=asset.bytes,
        width=asset.width or 0,
        height=asset.height or 0,
        format="png" if asset.format == "png" else "jpg",
        key_visual=order.key_visual_sha256,
        deck=order.deck.sha256,
        recipe=asset.recipe,
        ingredients=dict(made_of),
        source_type=asset.source_type or order.source_type,
        findings=asset.findings,
        layout=order.layout,
    )


def _rendition(order: Order, composed: Composed, made_of: Ingredients) -> Rendition:
    return Rendition(
        name=order.name,
        sha256=composed.sha256,
        bytes=composed.bytes,
        width=composed.width,
        height=composed.height,
        format=composed.format,
        key_visual=order.key_visual_sha256,
        deck=order.deck.sha256,
        recipe=composed.recipe,
        ingredients=dict(made_of),
        source_type=composed.source_type,
        findings=composed.findings,
        layout=order.layout,
    )


def _kept(work: Work, renditions: Iterable[Rendition]) -> list[Made]:
    """Return renditions as they are written down, with the files that they were made from."""
    return [Made.rendition(one, work.inputs.sha256) for one in renditions]


def _versioned(
    work: Work, orders: Sequence[Order], renditions: Sequence[Rendition]
) -> tuple[Rendition, ...]:
    assets = work.desk.assets.record_all(work.campaign, _kept(work, renditions))
    notices = work.materials.notices
    adjacent = notices.adjacent(work.materials.loaded.brief.compliance.required_disclosures)
    return tuple(
        rendition.model_copy(
            update={
                "name": rendition.name.model_copy(update={"version": asset.version}),
                # What is said of the words is not kept with the picture: an approval in the
                # memory changes it, and not a pixel.
                "findings": (
                    *_judged(rendition.findings, adjacent=adjacent),
                    *over_limits(order.deck, order.placement),
                    *_of_its_words(order),
                ),
            }
        )
        for order, rendition, asset in zip(orders, renditions, assets, strict=True)
    )


def _of_its_words(order: Order) -> Iterable[Finding]:
    """Yield what is said of a deck, as far as people see it there: on the picture or beside it."""
    seen = seen_with(order.placement, order.locale)
    unseen = {slot.value for slot in Slot if slot not in seen}
    return (one for one in order.deck.findings if one.where not in unseen)


def _judged(findings: tuple[Finding, ...], *, adjacent: bool) -> Iterable[Finding]:
    """Yield findings; a notice that was left out blocks where it must stand on the picture."""
    for finding in findings:
        if adjacent and finding.check == "notice-one-click":
            yield finding.model_copy(update={"severity": Severity.BLOCK})
        else:
            yield finding


def decide(
    work: Work, renditions: Sequence[Rendition], by_hand: Collection[str] = ()
) -> Mapping[str, Decision]:
    """Return what stands on exactly these bytes, after the run's own rule has decided its part.

    Args:
        work: The run.
        renditions: What was made.
        by_hand: The slots that show what a person wrote or had done again. What a person asked
            for, a person looks at: the rule has no say.

    """
    desk, loaded = work.desk, work.materials.loaded
    two = loaded.brand.wants_two(loaded.brief.budget)
    # A rule is nobody: where two people must accept, it cannot stand for one of them.
    rule = Approval.WAIT if two else work.options.approve
    found = desk.decided(renditions)
    standing = {
        str(one.name): decision
        for one in renditions
        if (decision := found.get(str(one.name))) and _binds(decision, one, rule, two=two)
    }
    new = [
        Decision(
            asset=str(rendition.name),
            sha256=rendition.sha256,
            verdict=verdict,
            by=f"{POLICY}{rule.value}",
            role="policy",
            reason="no check objects",
            at=desk.now(),
        )
        for rendition in renditions
        if str(rendition.name) not in standing
        and rendition.name.slot not in by_hand
        and (verdict := approval.verdict(rule, rendition)) is not None
    ]
    desk.decisions.append(new)
    work.reached("decided")
    return standing | {decision.asset: decision for decision in new}


def await_review(
    work: Work, renditions: Sequence[Rendition], decisions: Mapping[str, Decision]
) -> None:
    """Note since when the renditions that nobody has decided about wait, or that none does."""
    waiting = {
        str(one.name): one.sha256
        for one in renditions
        if str(one.name) not in decisions and not blocks(one.findings)
    }
    if waiting:
        work.desk.waits.open(work.run, "review", waiting, work.materials.loaded.brief.waits.review)
    else:
        work.desk.waits.over(work.run, "decided")


def _binds(decision: Decision, rendition: Rendition, rule: Approval, *, two: bool) -> bool:
    """Say whether a decision that was made before counts in this run.

    What a laxer rule once accepted, for a draft, does not bind a stricter one now.
    """
    if decision.by.startswith(POLICY):
        return approval.verdict(rule, rendition) == decision.verdict
    return seconded(decision, two=two)
