"""What is asked: one message, its audience, markets, placements, money and approvers.

Field names follow AdCP's open ``creative-brief`` schema where it has one.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from creative.asset_name import SLUG
from creative.value import Value


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


Amount = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, max_digits=18, decimal_places=6)]
"""An exact amount of money in major units, from 0."""
Share = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, le=1, decimal_places=6)]
"""A part of a whole, from 0 to 1."""
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""ISO 4217."""
Words = Annotated[str, AfterValidator(_text)]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
MarketCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


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
    renditions: RenditionApprovers = RenditionApprovers()


class Right(Value):
    """The licence of one input asset."""

    asset: str = Field(min_length=1, max_length=200)
    licence: str = Field(min_length=1, max_length=200)
    territories: tuple[MarketCode, ...] = ()
    channels: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    proof: str = ""


class Acceptance(Value):
    """How long an accepted asset must stay accepted to count."""

    window_days: int = Field(default=14, ge=1, le=365)


class Routes(Value):
    """The providers of this campaign, by name."""

    image: str = "studio"
    writing: str = "studio"
    translation: str = "studio"
    image_model: str | None = None
    """None takes the provider's default."""
    text_model: str | None = None
    quality: Literal["low", "medium", "high"] = "medium"


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
    compliance: Compliance = Compliance()
    products: tuple[Product, ...] = ()
    avoid: tuple[Words, ...] = ()
    concepts: Concepts = Concepts()
    markets: tuple[str, ...] = Field(min_length=1)
    locales: Mapping[MarketCode, tuple[Locale, ...]] = {}
    placements: tuple[str, ...] = Field(min_length=1)
    schedule: Schedule
    budget: Budget
    baseline: Baseline | None = None
    costs: tuple[DeclaredCost, ...] = ()
    kpi: Kpi | None = None
    approvers: Approvers = Approvers()
    rights: tuple[Right, ...] = ()
    acceptance: Acceptance = Acceptance()
    providers: Routes = Routes()
