"""What is ordered of composition: what the brief asks for, with what came upon it since."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from composition.order import Order
from creative.amendment import Edit
from creative.asset_name import AssetName
from creative.brief_file import Target
from creative.choice import Choice
from creative.concept import Concept
from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.market import Locale
from flows.materials import Materials
from localization.adapt import judged
from localization.copy_text import one_space
from localization.saying import message

PROVISIONAL = 1
"""The version in a name until the bytes are known, and with them whether they are new."""


@dataclass(frozen=True)
class Shown:
    """What one rendition shows."""

    concept: Concept
    deck: CopyDeck


@dataclass(frozen=True)
class Ordered:
    """Everything that is ordered for one run."""

    orders: tuple[Order, ...]
    by_hand: frozenset[str]
    """The slots that show what a person wrote or had done again: no rule accepts them."""

    @property
    def decks(self) -> tuple[CopyDeck, ...]:
        """Return the words on them, each deck once."""
        return tuple({one.deck.sha256: one.deck for one in self.orders}.values())


class Ordering:
    """Orders the renditions of one campaign.

    Args:
        materials: What it is made from.
        picture: Where a picture lies, by its sha256.
        said: What came upon it, in the order it was said.

    """

    def __init__(
        self, materials: Materials, picture: Callable[[str], Path], said: Iterable[Edit]
    ) -> None:
        self._materials = materials
        self._picture = picture
        self._placements = {one.id: one for one in materials.loaded.placements}
        self._sources = {
            slot: one_space(line.text)
            for slot, line in message(materials.loaded.brief).lines.items()
        }
        self._edits: dict[str, list[Edit]] = {}
        for one in said:
            self._edits.setdefault(one.locale, []).append(one)
        self._judged: dict[tuple[str, tuple[tuple[Slot, Line], ...]], CopyDeck] = {}

    def ordered(
        self, concepts: Sequence[Concept], choice: Choice, decks: Iterable[CopyDeck]
    ) -> Ordered:
        """Order each chosen concept for each placement and locale that has words."""
        chosen = [concept for concept in concepts if concept.id in choice.concepts]
        words = {deck.locale: deck for deck in decks}
        orders: list[Order] = []
        by_hand: set[str] = set()
        for concept in chosen:
            for target in self._materials.loaded.targets:
                if target.locale.tag not in words:
                    continue
                name = self._name(target, concept.id)
                base = Shown(concept, words[target.locale.tag])
                shown = Shown(concept, self.edited(base.deck, target.locale))
                orders.append(self.order(name, target.locale, shown))
                if shown.deck.sha256 != base.deck.sha256:
                    by_hand.add(name.slot)
        return Ordered(tuple(orders), frozenset(by_hand))

    def edited(self, deck: CopyDeck, locale: Locale) -> CopyDeck:
        """Return a deck with what people wrote over its lines.

        A line stands for as long as the message says what it said when it was written.
        """
        lines = dict(deck.lines)
        for edit in self._edits.get(locale.tag, ()):
            if edit.slot in lines and self._sources.get(edit.slot) == one_space(edit.source):
                lines[edit.slot] = written(edit)
        return self._deck(deck, lines, locale)

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
        )

    def _deck(self, deck: CopyDeck, lines: Mapping[Slot, Line], locale: Locale) -> CopyDeck:
        if dict(deck.lines) == lines:
            return deck
        key = (locale.tag, tuple(lines.items()))
        if key not in self._judged:
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


def written(edit: Edit) -> Line:
    """Return a line as a person wrote it; they answer for it by their name."""
    reference = f"edit/{edit.by}/{edit.at:%Y-%m-%d}"
    return Line(text=edit.text, origin=Origin.PERSON, reviewed=True, reference=reference)
