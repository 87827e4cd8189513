"""Compares what a run would make with what an earlier run made: by digests, and nothing is drawn.

What goes into each rendition is worked out as ``steps.compose`` does, and held against what the
manifest and the ledger know of the renditions that are there.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from composition.ingredients import DRAWN_WITH, Kitchen, picture, written
from cost_tracking.past import MadeBefore, Past
from creative.amendment import Amendment, Rework, amendments, undone
from creative.asset_name import AssetName
from creative.brief_file import Target
from creative.choice import Choice, stands
from creative.concept import Concept
from creative.copy_deck import CopyDeck, Line, Slot
from creative.decision import Decision, Verdict
from creative.finding import Finding, Severity
from creative.input_file import InputKind
from creative.market import Locale
from creative.rendition import Rendition
from flows.damage import damaged_manifest
from flows.delta import LOST, NEW, UNKNOWN, Change, Held, Touched
from flows.materials import Materials
from flows.ordering import PROVISIONAL, Ordering, Shown, seen_with

_OF_THE_PROGRAM = frozenset({"program", DRAWN_WITH, LOST})
"""Reasons to draw a rendition that leave its bytes as they are, as a rule."""

_COMPARED = frozenset({"run", "brief_sha256", "inputs", "concepts", "choice", "assets"})
"""What is read of a manifest."""


@dataclass(frozen=True)
class Fate:
    """What becomes of one rendition."""

    target: Target
    concept: str
    name: str
    """Its newest version; empty where there is none."""
    drawn: bool
    because: tuple[str, ...]
    """Why it is made anew, by the names of ingredients; empty where it is not."""
    accepted: Decision | None
    """The acceptance that is void then."""
    blocked: str = ""
    """What a check of its words blocks it for, where none did before."""


@dataclass(frozen=True)
class Compared:
    """What was found."""

    run: str
    fates: tuple[Fate, ...]
    choice_open: bool
    left_out: int
    """How many renditions that were made are not among them."""
    reworks: tuple[tuple[Rework, Shown], ...]
    """What is to be made again, each with what its renditions show."""
    decks: tuple[CopyDeck, ...]
    """The words that they show, with all that people wrote over them; each once."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return how far each change reaches, the farthest first."""
        drawn = Counter(why for one in self.fates for why in one.because)
        reopened = Counter(why for one in self.fates if one.accepted for why in one.because)
        return tuple(
            Change(what=what, renditions=count, reopened=reopened[what])
            for what, count in drawn.most_common()
        )

    @property
    def held(self) -> tuple[Held, ...]:
        """Return the renditions that a check of their words blocks from now on."""
        return tuple(Held(name=one.name, why=one.blocked) for one in self.fates if one.blocked)

    @property
    def reopened(self) -> tuple[Touched, ...]:
        """Return the renditions whose approval is void."""
        return tuple(
            Touched(
                name=one.name,
                market=one.target.market.code,
                locale=one.target.locale.tag,
                placement=one.target.placement.id,
                by=one.accepted.by,
                because=one.because,
            )
            for one in self.fates
            if one.accepted
        )


class Comparing:
    """Compares one campaign as its brief is now with what was made of it.

    Args:
        materials: What it is made from.
        home: The state folder.
        past: What the ledger knows of it.
        lines: The words of each locale that has any. One whose reference is ``UNKNOWN`` is still to
            be bought.
        pictures: The attempt that bought each concept's picture, by the concept; None where it is
            still to be bought.
        sketched: The concepts whose sketches were chosen; empty where the pictures themselves are.
        now: When it is asked.

    """

    def __init__(
        self,
        materials: Materials,
        home: Path,
        past: Past,
        lines: Mapping[str, Mapping[Slot, Line]],
        pictures: Mapping[str, str | None],
        sketched: Collection[str],
        now: datetime,
    ) -> None:
        self._materials = materials
        self._home = home
        self._past = past
        self._lines = lines
        self._pictures = pictures
        self._sketched = sketched
        self._now = now
        self._kitchen = Kitchen(materials.look)
        self._newest: dict[str, MadeBefore] = {one.slot: one for one in past.made}
        self._words: dict[int, tuple[CopyDeck, Mapping[Slot, str], frozenset[str]]] = {}
        self._judged: dict[tuple[str, tuple[str, ...]], tuple[Finding, ...]] = {}
        self._by_recipe: dict[str, MadeBefore] = {one.recipe: one for one in past.made}

    def compared(self) -> Compared | None:
        """Return what becomes of every rendition; None where no run has made any.

        Raises:
            InvalidInput: The manifest was changed or damaged.

        """
        if self._manifest is None:
            return None
        chosen, choice_open = self._chosen()
        fates: list[Fate] = []
        standing: dict[str, Shown] = {}
        decks: dict[str, CopyDeck] = {}
        for concept in chosen:
            for target in self._materials.loaded.targets:
                if target.locale.tag in self._lines:
                    slot = self._slot(target, concept.id)
                    shown = self._shown(slot, target, concept)
                    decks[shown.deck.sha256] = shown.deck
                    fate = self._fate(slot, target, shown)
                    fates.append(replace(fate, blocked=self._blocked(slot, target, shown)))
                    if not fate.because:
                        standing[slot] = shown
        reworks = tuple(self._reworks(standing))
        made = {self._slot(one.target, one.concept) for one in fates}
        gone = len(self._assets.keys() - made)
        told = (choice_open, gone, reworks, tuple(decks.values()))
        return Compared(self._manifest["run"], tuple(fates), *told)

    @cached_property
    def _manifest(self) -> dict[str, Any] | None:
        # Read as it is: to validate every asset would take longer than all the rest. Pydantic's
        # own reader takes half as long as Python's.
        for run in self._past.runs:
            path = self._home / "manifests" / f"{run}.json"
            if path.is_file():
                return _whole(path)
        return None

    @cached_property
    def _assets(self) -> dict[str, dict[str, Any]]:
        """Return each rendition as the manifest has it, by its slot."""
        parts = ("campaign", "market", "locale", "placement", "concept")
        known = (one["rendition"] for one in (self._manifest or {"assets": ()})["assets"])
        return {"_".join(one["name"][part] for part in parts): one for one in known}

    @cached_property
    def _before(self) -> dict[str, dict[str, str]]:
        """Return what each rendition was made of, by its slot."""
        return {slot: one.get("ingredients", {}) for slot, one in self._assets.items()}

    @cached_property
    def _drawn_with(self) -> dict[tuple[str, ...], str]:
        """Return what drew, by the locale, the fonts and the program that it follows from."""
        known = (one for one in self._before.values() if DRAWN_WITH in one)
        return {_drawers(one): one[DRAWN_WITH] for one in known}

    @cached_property
    def _decks(self) -> dict[str, CopyDeck]:
        return {tag: CopyDeck(locale=tag, lines=one) for tag, one in self._lines.items()}

    @cached_property
    def _log(self) -> tuple[Amendment, ...]:
        return amendments(self._past.acts)

    @cached_property
    def _ordering(self) -> Ordering:
        return Ordering(self._materials, Path, self._log)

    @cached_property
    def _decided(self) -> dict[tuple[str, str], Decision]:
        found: dict[tuple[str, str], str] = {}
        for statement in self._past.decisions:
            told = json.loads(statement)
            found[told["asset"], told["sha256"]] = statement
        return {key: Decision.model_validate_json(one) for key, one in found.items()}

    @cached_property
    def _files(self) -> frozenset[str]:
        folder = self._home / "renditions"
        return frozenset(one.name for one in folder.iterdir()) if folder.is_dir() else frozenset()

    def _chosen(self) -> tuple[tuple[Concept, ...], bool]:
        """Return the concepts that are composed, and whether people have to choose them anew."""
        manifest = self._manifest or {}
        made = {one["id"]: Concept.model_validate(one) for one in manifest["concepts"]}
        any_of = next(iter(made.values()))
        concepts = tuple(
            made[one]
            if one in made and attempt == made[one].attempt
            else any_of.model_copy(update={"id": one, "sha256": UNKNOWN, "sketch": ""})
            for one, attempt in self._pictures.items()
        )
        wanted = self._materials.loaded.brief.concepts.choose
        said = self._past.choice or json.dumps(manifest["choice"])
        choice = Choice.model_validate_json(said)
        # A sketch stays chosen when its key visual is not bought yet.
        picked = self._sketched or (
            choice.concepts if stands(choice, concepts, wanted) else tuple(self._pictures)[:wanted]
        )
        return (
            tuple(one for one in concepts if one.id in picked),
            not (self._sketched or stands(choice, concepts, wanted)),
        )

    def _slot(self, target: Target, concept: str) -> str:
        locale = target.locale
        parts = (self._materials.campaign, locale.market, locale.tag, target.placement.id, concept)
        return "_".join(parts)

    def _shown(self, slot: str, target: Target, concept: Concept) -> Shown:
        base = Shown(concept, self._decks[target.locale.tag])
        return self._ordering.amended(slot, target.locale, base) if self._log else base

    def _fate(self, slot: str, target: Target, shown: Shown) -> Fate:
        texts, unknown = self._said(shown.deck)
        made_of = self._kitchen.ingredients(
            target.placement,
            target.locale,
            texts,
            picture=_picture(shown.concept),
            title=self._materials.loaded.brief.title,
            layout=shown.layout,
        )
        made_of |= dict.fromkeys(unknown & made_of.keys(), UNKNOWN)
        drawers = self._drawn_with.get(_drawers(made_of))
        recipe = ""
        if drawers and UNKNOWN not in made_of.values():
            made_of[DRAWN_WITH] = drawers
            # Nearly all are as they were, and their recipes need not be written out again.
            as_it_was = made_of == self._before.get(slot)
            recipe = self._assets[slot]["recipe"] if as_it_was else written(made_of)
        known, newest = self._by_recipe.get(recipe), self._newest.get(slot)
        there = known is not None and f"{known.sha256}.{known.format}" in self._files
        if newest is None:
            return Fate(target, shown.concept.id, "", not there, (NEW,), None)
        name = f"{slot}_v{newest.version}"
        same = known is not None and known.sha256 == newest.sha256
        if same and there:
            return Fate(target, shown.concept.id, name, drawn=False, because=(), accepted=None)
        because = self._because(slot, made_of) if not same else (LOST,)
        decision = self._decided.get((name, newest.sha256))
        accepted = decision if decision and decision.verdict is Verdict.ACCEPTED else None
        if _OF_THE_PROGRAM.issuperset(because):
            accepted = None
        return Fate(target, shown.concept.id, name, not there, because, accepted)

    def _said(self, deck: CopyDeck) -> tuple[Mapping[Slot, str], frozenset[str]]:
        """Return the words of a deck, and which of them are still to be bought."""
        # By the deck itself, which most renditions of a locale share: to compare two takes longer.
        if id(deck) not in self._words:
            texts = {slot: line.text for slot, line in deck.lines.items()}
            lines = deck.lines.items()
            unknown = frozenset(slot.value for slot, one in lines if one.reference == UNKNOWN)
            self._words[id(deck)] = deck, texts, unknown
        return self._words[id(deck)][1:]

    def _blocked(self, slot: str, target: Target, shown: Shown) -> str:
        """Say what a check of its words blocks a rendition for, where none blocked it before."""
        before = self._assets.get(slot)
        if before is None or not self._judged_otherwise:
            return ""
        if any(one["severity"] == Severity.BLOCK for one in before["findings"]):
            return ""
        seen = seen_with(target.placement, target.locale)
        unseen = {one.value for one in Slot if one not in seen}
        blocking = self._blocking(target.locale, shown.deck.lines)
        return next((one.message for one in blocking if one.where not in unseen), "")

    def _blocking(self, locale: Locale, lines: Mapping[Slot, Line]) -> tuple[Finding, ...]:
        key = (locale.tag, tuple(line.text for line in lines.values()))
        if key not in self._judged:
            from localization.adapt import judged

            said = {slot: one for slot, one in lines.items() if one.reference != UNKNOWN}
            brief, terms = self._materials.loaded.brief, self._materials.terms
            found = judged(brief, locale, said, terms).findings
            self._judged[key] = tuple(one for one in found if one.severity is Severity.BLOCK)
        return self._judged[key]

    @cached_property
    def _judged_otherwise(self) -> bool:
        """Say whether the brief or the termbase is another one than that of the manifest."""
        manifest, loaded = self._manifest or {}, self._materials.loaded
        path = loaded.beside_brand(loaded.brand.termbase)
        terms = [sha256(path.read_bytes()).hexdigest()] if path else []
        known = [one["sha256"] for one in manifest["inputs"] if one["kind"] == InputKind.TERMBASE]
        return (manifest["brief_sha256"], known) != (loaded.sha256, terms)

    def _because(self, slot: str, made_of: Mapping[str, str]) -> tuple[str, ...]:
        before = self._before.get(slot)
        if not before:
            return ("program",)
        names = dict.fromkeys((*made_of, *before))
        changed = tuple(one for one in names if made_of.get(one) != before.get(one))
        seen = tuple(one for one in changed if one != DRAWN_WITH)
        return seen or changed or ("program",)

    def _reworks(self, standing: Mapping[str, Shown]) -> Iterator[tuple[Rework, Shown]]:
        """Yield what is made again for those that stay as they are and were turned down."""
        turned = [
            self._rendition(slot)
            for slot in standing
            if (no := self._decision(slot)) and no.verdict is not Verdict.ACCEPTED
        ]
        if not turned:
            return
        # Both are imported where there is something for them: each takes as long as the comparing.
        from flows.rejections import Redoing, turned_down, wanted

        decided = {str(one.name): self._decided[str(one.name), one.sha256] for one in turned}
        noes = turned_down(turned, standing, decided)
        redoing = Redoing(self._materials.loaded.brief, self._log, "", self._now)
        todo = (*undone(self._log), *redoing.told(noes).reworks)
        yield from wanted(todo, noes)

    def _decision(self, slot: str) -> Decision | None:
        newest = self._newest[slot]
        return self._decided.get((f"{slot}_v{newest.version}", newest.sha256))

    def _rendition(self, slot: str) -> Rendition:
        newest = self._newest[slot]
        name = AssetName.parse(f"{slot}_v{newest.version or PROVISIONAL}")
        return Rendition.model_construct(
            name=name, sha256=newest.sha256, width=newest.width, height=newest.height
        )


def _whole(path: Path) -> dict[str, Any]:
    try:
        found = from_json(path.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, dict) or not found.keys() >= _COMPARED:
        raise damaged_manifest(path)
    return found


def _picture(concept: Concept) -> str:
    if concept.sha256 == UNKNOWN:
        return UNKNOWN
    return picture(
        concept.sha256,
        concept.focus,
        concept.source_type.value,
        placeholder=concept.placeholder,
    )


def _drawers(made_of: Mapping[str, str]) -> tuple[str, ...]:
    return made_of["locale"], made_of["fonts"], made_of["program"]
