"""What is asked: one message, its audience, markets, placements, money and approvers.

Field names follow AdCP's open ``creative-brief`` schema where it has one.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeGuard

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from creative.asset_name import SLUG
from creative.patience import Patience
from creative.value import Value

_STOP = re.compile(r"[a-z0-9][a-z0-9_.-]{0,60}(@[a-z0-9][a-z0-9-]{0,30})?(/[^\s/]\S{0,120})?")
_REGION = re.compile(r"^([a-z0-9_.-]+)@[a-z0-9-]+")


def _money(text: object) -> object:
    # A float has already lost what was written, and YAML reads 2500.10 as one.
    if isinstance(text, float):
        # pydantic turns a ValueError into a finding of the brief; a TypeError would escape it.
        message = 'put the amount in quotes, such as "2500.00", so that it stays exact'
        raise ValueError(message)  # noqa: TRY004
    return text


def _text(text: str) -> str:
    if any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in text.replace("\n", "")):
        raise ValueError("control characters are not text")
    return text


def _route(names: object) -> object:
    """Read a route, which is written as one name or as a list of them."""
    route = (names,) if isinstance(names, str) else tuple(names) if _is_list(names) else ()
    wrong = [name for name in route if not isinstance(name, str) or not _STOP.fullmatch(name)]
    if not route or wrong:
        shown = f"{wrong[0]!r:.60} is no provider" if wrong else "it names no provider"
        raise ValueError(f"{shown}; write openai, openai/gpt-image-2, or a list of such names")
    # In another region it is the same account and the same request, which is bought once.
    asked = [_REGION.sub(r"\1", str(name)) for name in route]
    twice = [name for name in asked if asked.count(name) > 1]
    if twice:
        raise ValueError(f"{twice[0]} is named twice; keep one of the two")
    return route


def _is_list(names: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(names, list | tuple)


Amount = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, max_digits=18, decimal_places=6)]
"""An exact amount of money in major units, from 0."""
Share = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, le=1, decimal_places=6)]
"""A part of a whole, from 0 to 1."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""
Words = Annotated[str, AfterValidator(_text)]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
MarketCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Quality = Literal["low", "medium", "high"]
Route = Annotated[tuple[str, ...], BeforeValidator(_route)]
"""Providers in the order in which they are asked, each ``name`` or ``name/model``; ``name@region``
asks where the installation says that this region is."""


class Audience(Value):
    """Whom the message is for, and what is known about them."""

    who: Words = Field(min_length=1, max_length=300)
    insight: Words = Field(default="", max_length=500)


class Messaging(Value):
    """The one message, in the language it was written in."""

    headline: Words = Field(min_length=1, max_length=120)
    body: Words = Field(default="", max_length=400)
    cta: Words = Field(min_length=1, max_length=40)
    source_locale: Locale = "en-GB"


class Claim(Value):
    """A statement that somebody must be able to prove."""

    id: str = Field(pattern=rf"^{SLUG}$")
    text: Words = Field(min_length=1, max_length=300)
    evidence: str = Field(min_length=1, max_length=200)
    markets: tuple[MarketCode, ...] = ()
    expires: date | None = None


class Compliance(Value):
    """What may not be said, and which notices must be shown."""

    prohibited_claims: tuple[Words, ...] = ()
    required_disclosures: tuple[str, ...] = ()
    """Ids of notices in the brand's folder; each must hold an approved text for every locale."""


class Product(Value):
    """Something that the picture may show."""

    id: str = Field(pattern=rf"^{SLUG}$")
    name: Words = Field(min_length=1, max_length=80)
    image: str | None = None


class Concepts(Value):
    """How many ideas to draw, and how many of them go on."""

    count: int = Field(default=4, ge=1, le=12)
    choose: int = Field(default=1, ge=1, le=12)
    directions: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.choose > self.count:
            raise ValueError(f"choose is {self.choose}, but only {self.count} are drawn")
        if len(self.directions) > self.count:
            raise ValueError(f"{len(self.directions)} directions for {self.count} concepts")
        return self


class Schedule(Value):
    """The first and the last day in media."""

    start: date
    end: date

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"it ends on {self.end}, before it starts on {self.start}")
        return self


class BudgetRate(Value):
    """The rate a treasury set for this budget: one unit of the foreign currency in ours."""

    rate: Annotated[Decimal, BeforeValidator(_money), Field(gt=0)]
    on: date
    source: str = Field(min_length=1, max_length=200)


class Budget(Value):
    """What the campaign may cost, and how its media is to be split."""

    currency: Currency
    non_working: Amount
    """The most that making it may cost. A reservation over it is refused."""
    working: Amount = Decimal(0)
    """What is planned for media."""
    channels: Mapping[str, Share] = {}
    """The plan's share of each channel; they sum to 1."""
    rates: Mapping[Currency, BudgetRate] = {}
    """What one unit of a currency that we are billed in is worth in the budget's own."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        total = sum(self.channels.values(), Decimal(0))
        if self.channels and total != 1:
            raise ValueError(f"the channels' shares sum to {total}, not to 1")
        return self


class Baseline(Value):
    """What the same work cost before, against which a saving is told."""

    currency: Currency
    per_concept: Amount
    per_rendition: Amount
    source: str = Field(min_length=1, max_length=200)
    approved_by: str = Field(default="", max_length=200)
    """Who in finance agreed to it. Without a name and a day no saving is claimed."""
    approved_on: date | None = None
    """Not after the first asset was made: a price that is fixed afterwards proves nothing."""
    volume: int | None = Field(default=None, ge=1)
    """How many renditions would have been bought at it; more of them save nothing."""

    @model_validator(mode="after")
    def _approved(self) -> Self:
        if bool(self.approved_by) != (self.approved_on is not None):
            raise ValueError("give both approved_by and approved_on, or neither")
        return self


class DeclaredCost(Value):
    """Money that is spent outside of the pipeline: an invoice, a licence, hours, media."""

    id: str = Field(pattern=rf"^{SLUG}$")
    type: str = Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")
    """A cost type of the policy, such as ``media.inventory`` or ``labour.internal``."""
    amount: Amount
    currency: Currency
    source: str = Field(min_length=1, max_length=200)
    """The document that proves it: an invoice number, a timesheet."""
    on: date
    """The day it belongs to."""
    market: MarketCode | None = None
    channel: str | None = None


class Kpi(Value):
    """What the campaign is measured by."""

    metric: str = Field(pattern=r"^[a-z][a-z_]{1,60}$")
    target: Annotated[Decimal, BeforeValidator(_money)]


class RenditionApprovers(Value):
    """The roles that accept renditions, by market."""

    default: tuple[str, ...] = ("market",)
    markets: Mapping[MarketCode, tuple[str, ...]] = {}


class Approvers(Value):
    """Which roles decide."""

    concepts: tuple[str, ...] = ("brand",)
    renditions: RenditionApprovers = RenditionApprovers.model_construct()


class Right(Value):
    """The licence of one input asset."""

    asset: str = Field(min_length=1, max_length=200)
    licence: str = Field(min_length=1, max_length=200)
    territories: tuple[MarketCode, ...] = ()
    channels: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    proof: str = ""


class Rework(Value):
    """What is done about a rendition that somebody has rejected."""

    rounds: int = Field(default=2, ge=0, le=10)
    """How often one rendition is made again, at most; after that it stays rejected. 0 makes none
    again."""


class Acceptance(Value):
    """How long an accepted asset must stay accepted to count."""

    window_days: int = Field(default=14, ge=1, le=365)
    channels: Mapping[str, Annotated[int, Field(ge=1, le=365)]] = {}
    """Days for a channel where it is another number, such as ``dooh``."""


class Sketch(Value):
    """What is bought for a first look: quick, small and cheap."""

    image: Route
    quality: Quality = "low"
    edge: int = Field(default=1024, ge=256, le=4096)
    """Pixels of each edge of a picture; the final ones are larger."""


class MarketRoutes(Value):
    """What one market has done by somebody else. Pictures are drawn once, for all markets."""

    translation: Route


class Routes(Value):
    """The providers of this campaign. Of several names the first that will is asked."""

    image: Route = ("studio",)
    writing: Route = ("studio",)
    translation: Route = ("studio",)
    markets: Mapping[MarketCode, MarketRoutes] = {}
    """By market, in place of ``translation``."""
    back_translation: Route | None = None
    """Who says the words of each locale again in the language of the brief, for whoever reviews
    them and cannot read them; nobody where it is left out."""
    image_model: str | None = None
    """Of the one provider in ``image``; None takes its default. In a list, write it behind the
    name: ``openai/gpt-image-2``."""
    text_model: str | None = None
    """Likewise of the one provider in ``writing`` and in ``translation``."""
    quality: Quality = "medium"
    tier: Literal["sketch", "produce"] = "produce"
    """Which pictures this run buys. After sketches, produce buys the key visuals of those that were
    chosen, drawn after them where the model can; without sketches, one of every concept."""
    sketch: Sketch | None = None
    max_price: Amount | None = None
    """The most that one request may cost, in the budget's currency; who may cost more is passed
    over."""
    failover_refusals: bool = False
    """Whether what one provider refused is taken to the next one. Some contracts forbid it."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.tier == "sketch" and self.sketch is None:
            raise ValueError("tier is sketch, but sketch does not say who draws it")
        for field, model, routes in (
            ("image_model", self.image_model, (self.image,)),
            ("text_model", self.text_model, (self.writing, self.translation)),
        ):
            if model and any(len(route) > 1 or "/" in route[0] for route in routes):
                raise ValueError(
                    f"{field} is for one provider; write {self.image[0].partition('/')[0]}/{model} "
                    "in the list instead"
                )
        return self

    @property
    def pictures(self) -> Route:
        """Return who draws in the tier of this run."""
        return self.sketch.image if self.sketch and self.tier == "sketch" else self.image

    def translators(self, market: str) -> Route:
        """Return who translates for a market."""
        chosen = self.markets.get(market)
        return chosen.translation if chosen else self.translation


class Brief(Value):
    """One campaign, as it was asked for."""

    schema_: Literal[1] = Field(alias="schema")
    name: str = Field(pattern=rf"^{SLUG}$")
    title: Words = Field(min_length=1, max_length=120)
    brand: str
    objective: Literal["awareness", "consideration", "conversion", "retention", "engagement"]
    audience: Audience
    messaging: Messaging
    claims: tuple[Claim, ...] = ()
    compliance: Compliance = Compliance.model_construct()
    products: tuple[Product, ...] = ()
    avoid: tuple[Words, ...] = ()
    concepts: Concepts = Concepts.model_construct()
    markets: tuple[str, ...] = Field(min_length=1)
    locales: Mapping[MarketCode, tuple[Locale, ...]] = {}
    placements: tuple[str, ...] = Field(min_length=1)
    schedule: Schedule
    budget: Budget
    baseline: Baseline | None = None
    costs: tuple[DeclaredCost, ...] = ()
    kpi: Kpi | None = None
    approvers: Approvers = Approvers.model_construct()
    waits: Patience = Patience.model_construct()
    rights: tuple[Right, ...] = ()
    acceptance: Acceptance = Acceptance.model_construct()
    rework: Rework = Rework.model_construct()
    providers: Routes = Routes.model_construct()
