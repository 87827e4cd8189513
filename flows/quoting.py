"""Works a quote out: the very requests that the run will make, counted and priced, and not sent."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cost_tracking.estimates import UnknownPrice
from cost_tracking.exchange.rates import NoRate
from cost_tracking.money import Money
from cost_tracking.prices import PriceBook
from creative.back_translation import foreign
from creative.choice import stands
from creative.concept import Concept
from creative.copy_deck import CopyDeck, Line, Origin, Slot
from creative.decision import Redo
from creative.market import Locale
from flows import asking, pictures, sketches
from flows.delta import NAMED, UNKNOWN, Delta, Pending
from flows.earlier import Earlier
from flows.materials import Materials, budget_terms, check_rates, gather, route_terms
from flows.price_file import priced
from flows.quote import Purchase, Quote
from flows.settings import Settings
from flows.suppliers import PaperSuppliers
from localization.saying import Sayings, Untranslatable, sayings
from providers.deals import Deal, Hop
from providers.errors import NotConfigured, ProviderError, Unsupported
from providers.images.base import ImageAnswer
from providers.images.jobs import Pending as Handed
from providers.quoting import Quoted, quoted
from providers.storage.blobs import Blobs
from providers.terms import BudgetTerms, TooDear
from providers.translation.base import TranslateAnswer
from providers.writing.base import TextAnswer
from providers.writing.directions import directions_in

if TYPE_CHECKING:
    from flows.comparing import Compared

A = TypeVar("A")
GROWTH = Decimal("1.5")
"""How long a line becomes when it is said in another language, at most as a rule: short ones grow
the most. By it are words priced that are to be said back and are not written yet."""
OPEN_DIRECTION = "A direction that is still to be written"
ASKED = "quote"
"""What a line comes from that somebody who is free and local has just said."""
REWORK = "rework"
"""The stage of what is bought because people turned down what was there."""


def quote(settings: Settings, brief: Path, now: datetime) -> Quote:
    """Return what a brief will make and cost. It sends, spends and writes nothing.

    Raises:
        InvalidInput: The brief is wrong; every fault is in it.
        UnknownPrice: Something would be bought that the price book does not know.
        NoRate: Something is billed in a currency that there is no rate for.
        Unsupported: A model cannot do what would be asked of it.
        TooDear: Everybody may cost more for one request than the brief allows.

    """
    materials = gather(brief)
    past = Earlier(settings, materials.campaign)
    check_rates(materials, past.rates)
    return _Quoting(settings, materials, past, priced(settings), now).quote()


@dataclass
class _Quoting:
    settings: Settings
    materials: Materials
    past: Earlier
    prices: PriceBook
    now: datetime
    asked: dict[tuple[str, str, str, str, str], list[Quoted | None]] = field(default_factory=dict)
    """What each request costs, by its kind; None where it was bought before."""
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, str | None] = field(default_factory=dict)
    """The attempt that bought each concept's picture; None where it is still to be bought."""
    sketched: tuple[str, ...] = ()
    """The concepts whose sketches were chosen, and whose key visuals are bought."""

    def quote(self) -> Quote:
        loaded = self.materials.loaded
        brief = loaded.brief
        currency = brief.budget.currency
        self._images()
        said = sayings(
            brief,
            loaded.locales,
            self.materials.memory,
            self.materials.notices,
            self._translated,
        )
        compared = self._compared(said)
        fresh = (CopyDeck(locale=tag, lines=lines) for tag, lines in said.lines.items())
        self._said_back(compared.decks if compared else fresh)
        asked_again = self._again(compared) if compared else 0
        self.notes += self._unsaid()
        files = len(said.lines) * len(loaded.placements) * brief.concepts.choose
        purchases = tuple(self._purchases(currency))
        limit = Money.of(brief.budget.non_working, currency)
        self.notes += self._deciders()
        waits = (
            brief.waits.choice.told("the choice of concepts"),
            brief.waits.review.told("a rendition"),
        )
        self.notes += filter(None, waits)
        images = sum(one.count for one in purchases if one.operation == "image")
        return Quote(
            campaign=brief.name,
            title=brief.title,
            brief=str(loaded.path.relative_to(loaded.root)),
            on=self.now.date(),
            markets=len(loaded.markets),
            locales=len(loaded.locales),
            placements=len(loaded.placements),
            concepts=brief.concepts.count,
            chosen=brief.concepts.choose,
            files=files,
            failed_locales=dict(said.failures),
            attempts=sum(one.count for one in purchases),
            purchases=purchases,
            money=_sum((one.expected for one in purchases), currency),
            most=_sum((one.most for one in purchases), currency),
            budget=limit,
            left=self.past.left(limit),
            planned_working=Money.of(brief.budget.working, currency),
            images_per_file=f"{Decimal(images) / files:.4f}" if files else "-",
            notes=tuple(self.notes),
            delta=_delta(compared, purchases, asked_again, currency) if compared else None,
        )

    def _deciders(self) -> Iterable[str]:
        """Yield who accepts what is made, as it is."""
        loaded = self.materials.loaded
        if "approvers" in loaded.brief.model_fields_set:
            may = "the people file says who may" if self.settings.people else "whoever is here may"
            yield (
                f"--approve says what is accepted without a person; of the rest, {may} accept, "
                "and the brief's approvers name who is meant to"
            )
        if loaded.brand.wants_two(loaded.brief.budget):
            yield "two people must accept each rendition, by the brand's limit, and no rule does"

    def _compared(self, said: Sayings) -> "Compared | None":
        """Return what of an earlier run stays, and what is made anew; None before there was one."""
        if not self.past.known.runs:
            return None
        # Only beside a campaign that was run: a first quote has nothing to compare.
        from flows.comparing import Comparing

        return Comparing(
            self.materials,
            self.settings.home,
            self.past.known,
            said.lines,
            self.pictures,
            self.sketched,
            self.now,
        ).compared()

    def _again(self, compared: "Compared") -> int:
        """Price what people turned down and nothing was made for; return how many it is for."""
        slots: set[str] = set()
        locales = {one.tag: one for one in self.materials.loaded.locales}
        for rework, shown in compared.reworks:
            try:
                if rework.redo is Redo.COPY:
                    locale = locales[rework.of]
                    words = asking.again(self.materials, self._suppliers, locale, rework)
                    self._ask(words, f"copy/{locale.tag}", REWORK)
                elif rework.redo is Redo.PICTURE:
                    content = Blobs(self.settings.home / "blobs").get(shown.concept.sha256)
                    drawn = pictures.again(
                        self.materials, self._suppliers, shown.concept, content, rework
                    )
                    self._ask(drawn, shown.concept.id, REWORK)
            except (ProviderError, TooDear) as error:
                self.notes.append(f"rework of {rework.redo.value} {rework.of}: {error}")
            else:
                slots |= rework.slots
        return len(slots)

    @cached_property
    def _budget(self) -> BudgetTerms:
        return budget_terms(self.materials, self.past.rates)

    @cached_property
    def _suppliers(self) -> PaperSuppliers:
        return PaperSuppliers(self.settings.providers)

    def _images(self) -> None:
        brief, routes = self.materials.loaded.brief, self.materials.loaded.brief.providers
        chosen = (routes.translators(one.code) for one in self.materials.loaded.markets)
        stops = chain(routes.pictures, routes.writing, *chosen, routes.back_translation or ())
        for name in dict.fromkeys(stop.partition("/")[0] for stop in stops):
            if lacking := self._suppliers.lacking(name):
                self.notes.append(f"{name}: {lacking}")
        given = list(brief.concepts.directions)
        wanted = asking.directions(self.materials, self._suppliers)
        if wanted:
            missing = brief.concepts.count - len(given)
            written = self._written(wanted)
            given += directions_in(written, missing) if written else [OPEN_DIRECTION] * missing
        sketched = self._sketches(given)
        if not sketched:
            for index, direction in enumerate(given):
                route = pictures.picture(self.materials, self._suppliers, index, direction)
                self._picture(route, f"c{index + 1}")
        for one in sketched:
            self._key_visual(one)
        self.sketched = tuple(one.id for one in sketched)

    def _picture(self, route: Sequence[Hop[ImageAnswer]], concept: str) -> None:
        self.pictures[concept] = self.past.attempt(self._ask(route, concept), concept)

    def _written(self, route: Sequence[Hop[TextAnswer]]) -> TextAnswer | None:
        """Return the directions that an earlier run had written, or price them."""
        known = self._parts(route, asking.DIRECTIONS).get(asking.DIRECTIONS)
        if known is None:
            return self.past.answer(self._ask(route, asking.DIRECTIONS), asking.DIRECTIONS)
        deal, _, answer = known
        self._count(deal, None)
        self.notes.append(
            "the directions were written for other words of the message and stay, and with them "
            "their pictures; to have others, give them in concepts.directions"
        )
        return answer

    def _parts(self, route: Sequence[Hop[A]], asset: str) -> dict[str, tuple[Deal[A], str, A]]:
        """Return what of a request was answered for another one; nothing where it was made."""
        built = (_built(hop) for hop in route)
        deals = [one for one in built if not isinstance(one, ProviderError)]
        if any(self.past.bought(one, asset) for one in deals):
            return {}
        return self.past.parts(deals, asset)

    def _sketches(self, directions: Sequence[str]) -> tuple[Concept, ...]:
        """Return the chosen ones of the sketches that the run will go on from, or none."""
        brief = self.materials.loaded.brief
        if brief.providers.tier == "sketch" or brief.providers.sketch is None:
            return ()
        found = [self._sketch(*one) for one in enumerate(directions)]
        whole = sketches.to_go_on_from(found, self.past.choice, brief.concepts.choose)
        if not whole:
            missing = [f"c{number}" for number, one in enumerate(found, start=1) if one is None]
            self.notes.append(
                f"{', '.join(missing)}: not sketched as the brief now stands, so every concept is "
                "bought in full; run tier sketch first to choose before that"
            )
            return ()
        for one in whole:
            index = int(one.id.removeprefix("c")) - 1
            route = pictures.sketch(self.materials, self._suppliers, index, one.direction)
            self._picture(route, one.id)
        choice = self.past.choice
        if choice and stands(choice, whole, brief.concepts.choose):
            return tuple(one for one in whole if one.id in choice.concepts)
        self.notes.append("no sketch is chosen yet; the first ones are quoted")
        return whole[: brief.concepts.choose]

    def _sketch(self, index: int, direction: str) -> Concept | None:
        route = pictures.sketch(self.materials, self._suppliers, index, direction)
        asset = f"c{index + 1}"
        for hop in route:
            with suppress(NotConfigured, Unsupported):
                deal = hop.deal()
                attempt, answer = self.past.attempt(deal, asset), self.past.answer(deal, asset)
                if attempt and answer:
                    return pictures.concept(deal, attempt, index, direction, answer, sketching=True)
        return None

    def _key_visual(self, sketch: Concept) -> None:
        content = Blobs(self.settings.home / "blobs").get(sketch.sha256)
        route = pictures.key_visual(
            self.materials,
            self._suppliers,
            int(sketch.id.removeprefix("c")) - 1,
            sketch.direction,
            pictures.reference(sketch, content),
        )
        self._picture(route, sketch.id)

    def _translated(self, locale: Locale, texts: Mapping[Slot, str]) -> Mapping[Slot, Line]:
        asset = f"copy/{locale.tag}"
        route_of = partial(asking.translation, self.materials, self._suppliers, locale)
        lines, rest = self._line_by_line(asset, texts, route_of)
        if not rest:
            return lines
        return lines | self._answered(self._ask(route_of(rest), asset), asset, rest)

    def _line_by_line(
        self,
        asset: str,
        texts: Mapping[Slot, str],
        route_of: Callable[[Mapping[Slot, str]], Sequence[Hop[TranslateAnswer]]],
    ) -> tuple[dict[Slot, Line], dict[Slot, str]]:
        """Return the lines that were said for another request, and the texts that are left.

        It is what ``line_by_line.bought`` finds.
        """
        known = self._parts(route_of(texts), asset)
        lines = {
            Slot(slot): _said(answer.segments[slot], attempt)
            for slot, (_, attempt, answer) in known.items()
        }
        rest = {slot: text for slot, text in texts.items() if slot not in lines}
        if not rest:
            for deal in {attempt: deal for deal, attempt, _ in known.values()}.values():
                self._count(deal, None)
        return lines, rest

    def _answered(
        self, deal: Deal[TranslateAnswer], asset: str, texts: Mapping[Slot, str]
    ) -> dict[Slot, Line]:
        """Return what was answered, or would be; the source where nobody can know that yet."""
        attempt, answer = self.past.attempt(deal, asset), self.past.answer(deal, asset)
        if attempt and answer:
            return {Slot(slot): _said(text, attempt) for slot, text in answer.segments.items()}
        # Who is free and local is asked for real, so that the quote knows which locales fail.
        if deal.repeatable:
            try:
                now = deal.ask()
            except ProviderError as error:
                raise Untranslatable(str(error)) from error
            if not isinstance(now, Handed):
                return {Slot(slot): _said(text, ASKED) for slot, text in now.segments.items()}
        return {slot: _said(text, UNKNOWN) for slot, text in texts.items()}

    def _said_back(self, decks: Iterable[CopyDeck]) -> None:
        """Price what the words on the renditions are said back for, as far as they are known."""
        locales = {one.tag: one for one in self.materials.loaded.locales}
        unwritten = set()
        for deck in decks:
            locale, texts = locales[deck.locale], foreign(deck)
            if not (texts and asking.asks_back(self.materials, locale)):
                continue
            if new := [slot for slot in texts if deck.lines[slot].reference == UNKNOWN]:
                unwritten.add(locale.tag)
                texts |= {slot: _stand_in(texts[slot], locale) for slot in new}
            asset = asking.back_asset(locale)
            route_of = partial(asking.back, self.materials, self._suppliers, locale)
            _, rest = self._line_by_line(asset, texts, route_of)
            if rest:
                self._ask(route_of(rest), asset)
        if unwritten:
            self.notes.append(
                f"back-translation: the words of {len(unwritten)} locales are not written yet, and "
                f"each is priced as {GROWTH} times as long as the brief's own"
            )

    def _ask(self, route: Sequence[Hop[A]], asset: str, stage: str = "") -> Deal[A]:
        """Price what the run would ask first, and note what it may come to instead.

        Args:
            route: Who may be asked.
            asset: For what.
            stage: Another one than the deal's own.

        """
        usable: list[tuple[Deal[A], Quoted]] = []
        failed: list[Exception] = []
        # Who lacks a key is passed over by the run; it is priced where nobody else is named.
        built = [(hop, _built(hop)) for hop in route]
        for hop, made in sorted(built, key=lambda one: bool(self._lacking(one[0]))):
            try:
                deal = _checked(made)
                figures = quoted(deal, self.prices, self._budget, self.now.date())
                route_terms(self.materials).check(deal.provider, deal.model, figures.most)
            except (ProviderError, TooDear, UnknownPrice, NoRate) as error:
                if isinstance(error, UnknownPrice | NoRate) and not usable:
                    raise
                failed.append(error)
            else:
                if not usable or not self._lacking(hop):
                    usable.append((deal, figures))
        if not usable:
            raise failed[0]
        self._note(usable, failed)
        bought = [one for one in usable if self.past.bought(one[0], asset)]
        deal, figures = (bought or usable)[0]
        self._count(deal, None if bought else figures, stage)
        self.notes += [note for note in deal.notes if note not in self.notes]
        if deal.labour:
            money = self._budget.convert(deal.labour.money, self.now.date())
            self.notes.append(
                f"{asset}: {deal.labour.hours} hours of people's work, {money}, are entered as "
                "labour beside what is bought"
            )
        return deal

    def _count(self, deal: Deal[Any], figures: Quoted | None, stage: str = "") -> None:
        key = (stage or deal.stage, deal.provider, deal.model, deal.operation, deal.pixels)
        self.asked.setdefault(key, []).append(figures)

    def _lacking(self, hop: Hop[A]) -> str:
        return self._suppliers.lacks.get(hop.provider, "")

    def _unsaid(self) -> list[str]:
        """Return what those lack who were found lacking only when they were built."""
        said = {note.partition(":")[0].partition("@")[0] for note in self.notes}
        return [note for name, note in self._suppliers.lacks.items() if name not in said]

    def _note(self, usable: list[tuple[Deal[A], Quoted]], failed: list[Exception]) -> None:
        (first, figures), *others = usable
        notes = [f"passed over: {error}" for error in failed]
        if others:
            other, dearest = max(others, key=lambda one: one[1].most)
            notes.append(
                f"{first.operation}: where {first.provider} will not, {other.provider} may be "
                f"asked, at most {dearest.most} a request instead of {figures.most}"
            )
        self.notes += [note for note in notes if note not in self.notes]

    def _purchases(self, currency: str) -> list[Purchase]:
        return [
            Purchase(
                stage=stage,
                provider=provider,
                model=model,
                operation=operation,
                pixels=pixels,
                count=sum(one is not None for one in asked),
                bought=sum(one is None for one in asked),
                expected=_sum((one.expected for one in asked if one), currency),
                most=_sum((one.most for one in asked if one), currency),
            )
            for (stage, provider, model, operation, pixels), asked in self.asked.items()
        ]


def _stand_in(text: str, locale: Locale) -> str:
    """Return a text as long as one in another language may be, in letters of as many bytes."""
    letter = "x" if locale.script == "Latn" else "ก"
    return letter * int(len(text) * GROWTH)


def _said(text: str, reference: str) -> Line:
    return Line(text=text, origin=Origin.PROVIDER, reviewed=False, reference=reference)


def _built(hop: Hop[A]) -> Deal[A] | ProviderError:
    try:
        return hop.deal()
    except ProviderError as error:
        return error


def _checked(made: Deal[A] | ProviderError) -> Deal[A]:
    """Return a deal that its provider can keep.

    Raises:
        ProviderError: It cannot, or could not be built.

    """
    if isinstance(made, ProviderError):
        raise made
    made.check()
    return made


def _delta(
    compared: "Compared", purchases: Sequence[Purchase], asked_again: int, currency: str
) -> Delta:
    """Return what is made anew, with the requests that it takes."""
    asked = [one for one in purchases if one.stage != REWORK]
    again = [one for one in purchases if one.stage == REWORK]
    reopened = compared.reopened
    drawn = sum(one.drawn for one in compared.fates)
    restored = sum(bool(one.because) and not one.drawn for one in compared.fates)
    return Delta(
        run=compared.run,
        drawn=drawn,
        restored=restored,
        kept=len(compared.fates) - drawn - restored - asked_again,
        left_out=compared.left_out,
        reopened=len(reopened),
        changes=compared.changes,
        touched=reopened[:NAMED],
        blocked=len(compared.held),
        held=compared.held[:NAMED],
        images=sum(one.count for one in asked if one.operation == "image"),
        copy_requests=sum(one.count for one in asked if one.stage == "copy"),
        choice_open=compared.choice_open,
        rework=Pending(
            requests=sum(one.count for one in again),
            renditions=asked_again,
            money=_sum((one.expected for one in again), currency),
            most=_sum((one.most for one in again), currency),
        ),
    )


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))
