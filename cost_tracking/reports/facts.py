"""What a spend report is made from: what was spent, what was made, and what was promised."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import AwareDatetime, Field

from cost_tracking.money import Money
from cost_tracking.readings import Reading
from creative.brief import Baseline, Budget
from creative.value import Value


class Spent(Value):
    """One amount of the ledger, with all it names. What it does not name, it is shared by."""

    amount: Money
    """In the report's currency."""
    original: Money
    """As it was billed."""
    cost_type: str
    """Of the policy: ``ai.api_call``, ``media.inventory`` …"""
    spend: Literal["working", "non_working"]
    """The side of the line on which the report's policy puts that cost type."""
    stage: str
    """What was being done: ``concepts``, ``copy``, ``media`` …"""
    provider: str
    """Who was paid."""
    market: str | None = None
    locale: str | None = None
    placement: str | None = None
    channel: str | None = None
    asset: str | None = None
    """A concept's id, or a rendition's slot."""
    basis: str
    """How the amount is known: the payee reported it, a price list, an invoice, an estimate."""
    waste: bool = False
    """Whether it bought nothing that can be used: refused, failed or lost."""
    reference: str
    """The proof: a receipt, an invoice, an attempt."""


class Made(Value):
    """One rendition that was made, and what became of it."""

    slot: str
    """The name that it keeps when it is redone."""
    market: str
    locale: str
    placement: str
    channel: str
    concept: str
    accepted: bool | None
    """False when it was rejected or withdrawn; None while it waits."""
    delivered: bool


class Campaign(Value):
    """What the figures are held against, and what they rest on."""

    name: str
    title: str
    run: str
    as_of: AwareDatetime
    """When the ledger was read."""
    budget: Budget
    """Its currency is the report's."""
    baseline: Baseline | None
    attempts: Mapping[str, int]
    """How many requests to providers stand in each state."""
    images_bought: int = Field(ge=0)
    policy: str
    """The id and version of the policy that tells working from non-working."""
    contested: tuple[str, ...] = ()
    """The policy's cost types on which the trade disagrees."""
    readings: tuple[Reading, ...] = ()
    """The same money under the strict, the default and the broad policy."""
    policies: Mapping[str, str] = {}
    """Other rules in force, by what they rule: ``acceptance``, ``rejection reasons`` …"""
    placeholder: bool
    """Whether any picture is the embedded studio's, which nobody should ship."""
    window_closes: date | None = None
    """The day on which the last accepted asset has stayed accepted for long enough."""
    names: Mapping[str, str] = {}
    """What people call a market, a placement or a channel, by its code."""
