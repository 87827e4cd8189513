"""What is ordered of composition: what the brief asks for, with what came upon it since."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from composition.ingredients import shown
from composition.order import Order
from creative.amendment import Amendment, Edit, Rework, Reworked
from creative.asset_name import AssetName
from creative.brief_file import Target
from creative.choice import Choice
from creative.concept import Concept
from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.decision import Redo
from creative.market import Locale
from creative.placement import Placement
from flows.materials import Materials
from localization.copy_text import one_space
from localization.saying import message

PROVISIONAL = 1
"""The version in a name until the bytes are known, and with them whether they are new."""


@dataclass(frozen=True)
class Shown:
    """What one rendition shows."""

    concept: Concept
    deck: CopyDeck
    layout: int = 0

    def of(self, redo: Redo) -> str:
        """Return what stands for one part of it: what a rework takes the place of."""
        if redo is Redo.COPY:
            return self.deck.sha256
        return self.concept.sha256 if redo is Redo.PICTURE else str(self.layout)

    def differs(self, other: "Shown", seen: Collection[Slot]) -> bool:
        """Say whether people who see these words of it see anything else than in another one."""
        return (self.concept.sha256, self.layout) != (other.concept.sha256, other.layout) or any(
            self.deck.text(slot) != other.deck.text(slot) for slot in seen
        )


@dataclass(frozen=True)
class Ordered:
    """Everything that is ordered for one run."""

    orders: tuple[Order, ...]
    shown: Mapping[str, Shown]
    """What each rendition shows, by its slot."""
    by_hand: frozenset[str]
    """The slots that show what a person wrote or had made again: no rule accepts them."""

    @property
    def decks(self) -> tuple[CopyDeck, ...]:
        """Return the words on them, each deck once."""
        return tuple({one.deck.sha256: one.deck for one in self.orders}.values())

    @property
    def pictures(self) -> tuple[Concept, ...]:
        """Return the pictures in them, each once."""
        return tuple({one.concept.sha256: one.concept for one in self.shown.values()}.values())


class Ordering:
    """Orders the renditions of one campaign.

    Args:
        materials: What it is made from.
        picture: Where a picture lies, by its sha256.
        log: What came upon it, in the order it was said.

    """

    def __init__(
        self, materials: Materials, picture: Callable[[str], Path], log: Iterable[Amendment]
    ) -> None:
        self._materials = materials
        self._picture = picture
        self._placements = {one.id: one for one in materials.loaded.placements}
        self._sources = {
            slot: one_space(line.text)
            for slot, line in message(materials.loaded.brief).lines.items()
        }
        self._of_locale: dict[str, list[tuple[int, Edit]]] = {}
        self._of_slot: dict[str, list[tuple[int, tuple[Rework, Reworked]]]] = {}
        self._judged: dict[tuple[str, tuple[tuple[Slot, Line], ...]], CopyDeck] = {}
        asked: dict[str, Rework] = {}
        for at, one in enumerate(log):
            if isinstance(one, Edit):
                self._of_locale.setdefault(one.locale, []).append((at, one))
            elif isinstance(one, Rework):
                asked[one.id] = one
            elif one.id in asked and not one.failed:
                for slot in asked[one.id].slots:
                    self._of_slot.setdefault(slot, []).append((at, (asked[one.id], one)))

    def ordered(
        self, concepts: Sequence[Concept], choice: Choice, decks: Iterable[CopyDeck]
    ) -> Ordered:
        """Order each chosen concept for each placement and locale that has words."""
        chosen = [concept for concept in concepts if concept.id in choice.concepts]
        words = {deck.locale: deck for deck in decks}
        orders: list[Order] = []
        found: dict[str, Shown] = {}
        by_hand: set[str] = set()
        for concept in chosen:
            for target in self._materials.loaded.targets:
                if target.locale.tag not in words:
                    continue
                name = self._name(target, concept.id)
                base = Shown(concept, words[target.locale.tag])
                amended = self.amended(name.slot, target.locale, base)
                orders.append(self.order(name, target.locale, amended))
                found[name.slot] = amended
                seen = seen_with(self._placements[name.placement], target.locale)
                if amended.differs(base, seen):
                    by_hand.add(name.slot)
        return Ordered(tuple(orders), found, frozenset(by_hand))

    def amended(self, slot: str, locale: Locale, base: Shown) -> Shown:
        """Return what a rendition shows after all that came upon it.

        A line stands for as long as the message says what it said when the line was written, and
        what was made again for as long as what it took the place of would be shown otherwise.
        """
        log: list[tuple[int, Edit | tuple[Rework, Reworked]]] = [
            *self._of_locale.get(locale.tag, ()),
            *self._of_slot.get(slot, ()),
        ]
        shown, lines = base, dict(base.deck.lines)
        for _, one in sorted(log, key=lambda entry: entry[0]):
            if isinstance(one, Edit):
                if one.slot in lines and self._says(one.slot, one.source):
                    lines[one.slot] = written(one)
                continue
            asked, done = one
            if asked.redo is Redo.COPY:
                lines |= self._said_again(asked, done, lines)
            elif shown.of(asked.redo) != asked.was:
                continue
            elif asked.redo is Redo.PICTURE and done.concept:
                shown = replace(shown, concept=done.concept)
            elif asked.redo is Redo.LAYOUT:
                shown = replace(shown, layout=done.layout)
        return replace(shown, deck=self._deck(base.deck, lines, locale))

    def order(self, name: AssetName, locale: Locale, shown: Shown) -> Order:
        """Return one order."""
        concept = shown.concept
        return Order(
            name=name,
            placement=self._placements[name.placement],
            locale=locale,
            deck=shown.deck,
            key_visual=self._picture(concept.sha256),
            key_visual_sha256=concept.sha256,
            focus=concept.focus,
            source_type=concept.source_type,
            placeholder=concept.placeholder,
            title=self._materials.loaded.brief.title,
            layout=shown.layout,
        )

    def _says(self, slot: Slot, source: str) -> bool:
        """Say whether the message says there what it said when something was made of it."""
        return self._sources.get(slot) == one_space(source)

    def _said_again(
        self, asked: Rework, done: Reworked, lines: Mapping[Slot, Line]
    ) -> dict[Slot, Line]:
        """Return the lines that take the place of those that were turned down."""
        return {
            slot: Line(text=text, origin=Origin.PROVIDER, reviewed=False, reference=done.attempt)
            for slot, text in done.words.items()
            if slot in lines
            and lines[slot].text == asked.words.get(slot)
            and self._says(slot, asked.sources.get(slot, ""))
        }

    def _deck(self, deck: CopyDeck, lines: Mapping[Slot, Line], locale: Locale) -> CopyDeck:
        if dict(deck.lines) == lines:
            return deck
        key = (locale.tag, tuple(lines.items()))
        if key not in self._judged:
            # A quote orders nothing, and reads here what would be; it checks no words for that.
            from localization.adapt import judged

            loaded, terms = self._materials.loaded, self._materials.terms
            self._judged[key] = judged(loaded.brief, locale, lines, terms)
        return self._judged[key]

    def _name(self, target: Target, concept: str) -> AssetName:
        return AssetName(
            campaign=self._materials.campaign,
            market=target.locale.market,
            locale=target.locale.tag,
            placement=target.placement.id,
            concept=concept,
            version=PROVISIONAL,
        )


def seen_with(placement: Placement, locale: Locale) -> frozenset[Slot]:
    """Return the words that people see at a placement: on the picture, or set beside it."""
    return shown(placement, locale.direction) | frozenset(map(Slot, placement.limits))


def written(edit: Edit) -> Line:
    """Return a line as a person wrote it; they answer for it by their name."""
    reference = f"edit/{edit.by}/{edit.at:%Y-%m-%d}"
    return Line(text=edit.text, origin=Origin.PERSON, reviewed=True, reference=reference)
