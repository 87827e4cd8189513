"""All that a campaign is made from, read and checked before anything is spent or written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from composition.errors import CompositionError
from composition.order import Look
from composition.sound_png import is_sound
from composition.typefaces import SHIPPED, family_key
from cost_tracking.cost_types import cost_types
from cost_tracking.exchange.rates import NoRate, Rates
from cost_tracking.money import Money
from creative.brief import Route
from creative.brief_file import LoadedBrief, load_brief
from creative.market import market_table
from creative.problem import Address, InvalidInput, Problem
from creative.yaml_file import Document, nearest
from flows.product_shots import ProductShot, read_shots
from localization.memory import Memory
from localization.notices import Notices
from localization.termbase import Termbase
from providers import registry
from providers.terms import BudgetTerms, RouteTerms

T = TypeVar("T")


@dataclass(frozen=True)
class Materials:
    """A brief with its brand's words and looks."""

    loaded: LoadedBrief
    memory: Memory
    notices: Notices
    terms: Termbase
    look: Look
    shots: tuple[ProductShot, ...] = ()
    """The pictures of the brief's products."""

    @property
    def campaign(self) -> str:
        """Return the campaign's name."""
        return self.loaded.brief.name


def gather(path: Path, content: bytes | None = None, at: Address | None = None) -> Materials:
    """Read a brief and everything it rests on.

    Args:
        path: Of the brief.
        content: Its bytes, where they do not lie there yet; None reads them there.
        at: Where those came from, for whoever reads of a fault.

    Raises:
        InvalidInput: Anything of it is wrong; every fault is in it.

    """
    loaded = load_brief(path, content, at)
    problems: list[Problem] = []
    brand = loaded.brand
    memory = _read(problems, loaded.beside_brand(brand.memory), Memory.load, Memory({}))
    notices = _read(problems, loaded.beside_brand(brand.notices), Notices.load, Notices({}))
    terms = _read(problems, loaded.beside_brand(brand.termbase), Termbase.load, Termbase())
    problems += _unknown(loaded)
    look = _look(loaded)
    problems += _unfit(loaded, look)
    shots, unread = read_shots(loaded)
    problems += unread
    if problems:
        raise InvalidInput(problems)
    return Materials(loaded, memory, notices, terms.keeping(brand.display_name), look, shots)


def budget_terms(materials: Materials, rates: Rates) -> BudgetTerms:
    """Return the budget's currency and its own rates, with the published ones for all others."""
    budget = materials.loaded.brief.budget

    def dated(money: Money, currency: str, on: date) -> Money:
        return rates.convert(money, currency, on).amount

    own = {currency: one.rate for currency, one in budget.rates.items()}
    return BudgetTerms(currency=budget.currency, rates=own, dated=dated)


def check_rates(materials: Materials, rates: Rates) -> None:
    """Make sure that what the brief declares can be told in the budget's currency.

    Raises:
        InvalidInput: There is no rate for a cost, neither in the brief nor of its day.

    """
    loaded = materials.loaded
    budget = loaded.brief.budget
    problems = []
    for index, cost in enumerate(loaded.brief.costs):
        if cost.currency in (budget.currency, *budget.rates):
            continue
        try:
            rates.rate(cost.currency, budget.currency, cost.on)
        except NoRate as error:
            mend = f"Give budget.rates.{cost.currency}, or the amount in {budget.currency}"
            place = ("costs", index, "currency")
            problems.append(loaded.document.problem(place, str(error), mend))
    if problems:
        raise InvalidInput(problems)


def route_terms(materials: Materials) -> RouteTerms:
    """Return what the brief allows when a provider will not."""
    routes, currency = materials.loaded.brief.providers, materials.loaded.brief.budget.currency
    cap = None if routes.max_price is None else Money.of(routes.max_price, currency)
    return RouteTerms(max_price=cap, refusals=routes.failover_refusals)


def _read(problems: list[Problem], path: Path | None, read: Callable[[Path], T], without: T) -> T:
    if path is None:
        return without
    try:
        return read(path)
    except InvalidInput as error:
        problems += error.problems
        return without


def _unknown(loaded: LoadedBrief) -> Iterable[Problem]:
    """Yield what the brief names and only the rooms above it know: cost types and providers."""
    document = loaded.document
    for index, cost in enumerate(loaded.brief.costs):
        if cost.type not in cost_types():
            mend = nearest(cost.type, tuple(cost_types()))
            yield document.problem(
                ("costs", index, "type"), f"there is no cost type {cost.type!r}", mend
            )
    routes = loaded.brief.providers
    yield from _route(document, "image", routes.image, "image")
    yield from _route(document, "writing", routes.writing, "writing")
    yield from _route(document, "translation", routes.translation, "translation")
    if routes.back_translation:
        yield from _route(document, "translation", routes.back_translation, "back_translation")
    if routes.sketch:
        yield from _route(document, "image", routes.sketch.image, "sketch", "image")
    markets = tuple(one.code for one in loaded.markets)
    for market, chosen in routes.markets.items():
        at = ("markets", market)
        yield from _route(document, "translation", chosen.translation, *at, "translation")
        if market not in markets:
            message = f"{market} is not among the brief's markets"
            yield document.problem(("providers", *at), message, nearest(market, markets))


def _route(document: Document, kind: registry.Kind, route: Route, *place: str) -> Iterable[Problem]:
    for index, stop in enumerate(route):
        name = stop.partition("/")[0].partition("@")[0]
        if not registry.knows(kind, name):
            known = registry.names(kind)
            at: tuple[str | int, ...] = ("providers", *place, index)
            message = f"there is no {kind} provider {name!r}"
            yield document.problem(at if len(route) > 1 else at[:-1], message, nearest(name, known))


def _unfit(loaded: LoadedBrief, look: Look) -> Iterable[Problem]:
    """Yield what of the brand cannot be drawn with: found now, and not after the pictures."""
    document = loaded.brand_document
    if look.logo is not None and not is_sound(look.logo):
        from composition.picture import open_logo

        try:
            open_logo(look.logo)
        except CompositionError as error:
            yield document.problem(("logo", "image"), str(error), "Save it as a PNG")
    for field, role_name in (("heading", "HEADLINE"), ("body", "BODY")):
        family = getattr(loaded.brand.fonts, field)
        if family not in look.font_files and family_key(family) in SHIPPED:
            continue
        from composition.fonts import Fonts, Role

        locale, role = market_table().locale("en-GB"), Role[role_name]
        try:
            fonts = Fonts(family, family, look.font_files)
            fonts.chain(locale, role).first.covers("a")
        except CompositionError as error:
            mend = "Name a family that is shipped, or a font file beside the brand"
            yield document.problem(("fonts", field), str(error), mend)


def _look(loaded: LoadedBrief) -> Look:
    brand = loaded.brand
    families = {brand.fonts.heading, brand.fonts.body}
    files = {one: loaded.beside_brand(one) for one in families if "." in one or "/" in one}
    logo = loaded.beside_brand(brand.logo.image) if brand.logo else None
    space, width = (brand.logo.clear_space, brand.logo.min_width) if brand.logo else (0.25, 48)
    return Look(
        colours=brand.colours,
        heading_family=brand.fonts.heading,
        body_family=brand.fonts.body,
        brand_name=brand.display_name,
        logo=logo.read_bytes() if logo else None,
        logo_clear_space=space,
        logo_min_width=width,
        font_files={name: path for name, path in files.items() if path},
    )
