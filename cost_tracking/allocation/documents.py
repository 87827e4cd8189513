"""What people enter: invoices, retainers, subscriptions, licences, hours, media and credits.

Each is typed and checked before anything is posted. What names a campaign is a cost of it. What
names none is paid for several, stands in a pool, and is shared out by a basis. What covers a term
is prepaid, and becomes a cost month by month.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Context, Decimal
from functools import cache
from importlib.resources import files
from tomllib import loads
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from cost_tracking.cost_types import cost_types
from cost_tracking.money import Money
from cost_tracking.usage import exact
from creative.asset_name import SLUG
from creative.market import market_table
from creative.value import Value

Basis = Literal["usage", "accepted", "renditions", "spend", "equal", "given"]
_EXACT = Context(prec=60)
_PAYEE = r"^[a-z0-9][a-z0-9_.-]{0,60}$"
_NUMBER = r"^[A-Za-z0-9][A-Za-z0-9_.:/-]{0,100}$"
Amount = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, max_digits=18, decimal_places=6)]
Quantity = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, max_digits=24, decimal_places=9)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Document(Value):
    """What every document says."""

    payee: str = Field(pattern=_PAYEE)
    """Who is owed: a short name in small letters."""
    number: str = Field(pattern=_NUMBER)
    """The payee's own number of it; entered twice, it is posted once."""
    on: date
    """The day that it belongs to."""
    currency: Currency
    campaign: str | None = Field(default=None, pattern=rf"^{SLUG}$")
    """None for what several campaigns share."""
    market: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    channel: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,40}$")
    asset: str | None = Field(default=None, max_length=200)
    """The slot of a rendition, or the id of a concept."""
    provider: str | None = Field(default=None, pattern=_PAYEE)
    """Whose use it is shared by; the payee, if it is not said."""
    basis: Basis | None = None
    """How it is shared; None takes what is usual for its kind."""
    weights: Mapping[str, Quantity] = {}
    """For the basis ``given``: a weight for each campaign."""
    note: str = Field(default="", max_length=300)

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if self.market and self.market not in market_table().markets:
            raise ValueError(f"market: {self.market} is no market; `kampanj markets` lists them")
        named = [one for one in ("market", "channel", "asset") if getattr(self, one)]
        if named and not self.campaign:
            raise ValueError(f"campaign: {named[0]} is of a campaign; name it too")
        if self.campaign and (self.basis or self.weights):
            raise ValueError("basis: what one campaign bears alone is not shared; leave it out")
        if (self.basis == "given") != bool(self.weights):
            raise ValueError("weights: the basis given, and only it, takes a weight for each")
        return self

    @property
    def key(self) -> str:
        """Return what it is known by."""
        return f"{self.payee}/{self.number}"

    @property
    def shared_by(self) -> Basis:
        """Return how it is shared where it names no campaign."""
        return self.basis or "accepted"


class _Costed(_Document):
    """A document that says what kind of cost it is."""

    cost_type: str
    amount: Amount

    @model_validator(mode="after")
    def _typed(self) -> Self:
        if self.cost_type not in cost_types():
            raise ValueError(
                f"type: there is no cost type {self.cost_type!r}; `kampanj policy show` lists them"
            )
        return self

    @property
    def money(self) -> Money:
        """Return what is owed, without recoverable tax."""
        return Money.of(self.amount, self.currency)


class Invoice(_Costed):
    """What an agency, a translator or a studio asks for a piece of work."""

    kind: Literal["invoice"] = "invoice"
    tax: Annotated[Decimal, BeforeValidator(exact), Field(ge=0, decimal_places=6)] = Decimal(0)
    """Recoverable tax on top; irrecoverable tax is a part of the amount."""


class Term(_Costed):
    """What is paid ahead for a term: a retainer, a subscription, a licence."""

    kind: Literal["retainer", "subscription", "licence"]
    starts: date
    ends: date
    """The last day."""
    meter: str | None = None
    """The unit of use that a subscription is shared by; requests, if it is not said."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.ends < self.starts:
            raise ValueError(f"to: it ends on {self.ends}, before it starts on {self.starts}")
        if (self.ends - self.starts).days > 3660:
            raise ValueError("to: it covers more than ten years; check the dates")
        if self.kind == "licence" and not self.cost_type.startswith("licence."):
            raise ValueError(f"type: {self.cost_type} is no licence; use one such as licence.stock")
        return self

    @property
    def shared_by(self) -> Basis:
        """Return how a month of it is shared: a subscription by use."""
        return self.basis or ("usage" if self.kind == "subscription" else "accepted")


class Labour(_Document):
    """Hours of our own people: timed, or counted by steps at a usual time."""

    kind: Literal["labour"] = "labour"
    cost_type: Literal["labour.internal", "labour.review", "labour.overhead"] = "labour.internal"
    minutes: Quantity | None = None
    """None takes the usual minutes of ``step``, ``count`` times, and is an estimate."""
    rate: Amount
    """What an hour costs."""
    step: str | None = None
    count: int = Field(default=1, ge=1, le=1_000_000)
    person: str | None = Field(default=None, max_length=100)

    @model_validator(mode="after")
    def _timed(self) -> Self:
        if self.minutes is None and self.step is None:
            raise ValueError("minutes: give the minutes, or a step for its usual ones")
        if self.step is not None and self.step not in usual_minutes():
            known = ", ".join(usual_minutes())
            raise ValueError(f"step: there is no step {self.step!r}; use one of: {known}")
        return self

    @property
    def is_estimate(self) -> bool:
        """Say whether nobody timed it."""
        return self.minutes is None

    @property
    def worked(self) -> Decimal:
        """Return the minutes."""
        return self.minutes or usual_minutes()[self.step or ""] * self.count

    @property
    def exact(self) -> Decimal:
        """Return what they cost, before it was rounded."""
        return _EXACT.divide(_EXACT.multiply(self.worked, self.rate), Decimal(60))

    @property
    def money(self) -> Money:
        """Return what they cost."""
        return Money.of(self.exact, self.currency)


class Media(_Costed):
    """Time and space, by a media owner's own invoice where no export is imported."""

    kind: Literal["media"] = "media"

    @model_validator(mode="after")
    def _bought(self) -> Self:
        if self.cost_type.partition(".")[0] not in ("media", "retail_media", "crm", "influencer"):
            raise ValueError(f"type: {self.cost_type} is no media; enter it as an invoice")
        if not self.campaign or not self.channel:
            raise ValueError("channel: media is of a campaign and a channel; name both")
        return self


class Credits(_Costed):
    """Credits or tokens that are bought ahead; a purchase costs nothing until they are used.

    As FOCUS 1.2 tells virtual currency: the purchase is billed and its effective cost is 0, the use
    is billed 0 and has the effective cost.
    """

    kind: Literal["credits"] = "credits"
    cost_type: Literal["ai.credits"] = "ai.credits"
    quantity: Quantity
    unit: str = Field(default="credit", pattern=r"^[a-z][a-z_ -]{0,40}$")
    ends: date | None = None
    """The last day on which they can be used; what is left then is idle."""


class CreditsUsed(_Document):
    """Credits of one purchase that were used up."""

    kind: Literal["credits_used"] = "credits_used"
    lot: str = Field(pattern=_NUMBER)
    """The number of the purchase that they are of, by the same payee."""
    quantity: Quantity


Document = Invoice | Term | Labour | Media | Credits | CreditsUsed
_ANY: TypeAdapter[Document] = TypeAdapter(Annotated[Document, Field(discriminator="kind")])
KINDS = (
    "invoice",
    "retainer",
    "subscription",
    "licence",
    "labour",
    "media",
    "credits",
    "credits_used",
)


def document(told: Mapping[str, Any]) -> Document:
    """Return what was entered, checked.

    Raises:
        ValueError: Something of it is wrong; the message names every field with its fault.

    """
    try:
        return _ANY.validate_python(told)
    except ValidationError as error:
        said = [_said(one) for one in error.errors()]
        raise ValueError("; ".join(dict.fromkeys(said))) from None


def _said(fault: Any) -> str:
    # The first place is the kind, which the union was told apart by.
    place = ".".join(map(str, fault["loc"][1:]))
    if fault["type"] == "union_tag_invalid":
        return f"there is no kind {fault['ctx']['tag']!r}; use one of: {', '.join(KINDS)}"
    said = {"missing": "it is missing", "extra_forbidden": "it does not belong here"}
    message = said.get(fault["type"], str(fault["msg"]).removeprefix("Value error, "))
    return f"{place}: {message}" if place else message


@cache
def usual_minutes() -> Mapping[str, Decimal]:
    """Return the minutes that a step usually takes one person, by the step.

    They are our own assumption and no measurement; every entry by them is an estimate.
    """
    text = (files("cost_tracking") / "data" / "labour.toml").read_text("utf-8")
    return {name: Decimal(much) for name, much in loads(text)["minutes"].items()}
