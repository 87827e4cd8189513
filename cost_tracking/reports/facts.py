"""What a spend report is made from: what was spent, what was made, and what was promised."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, Field

from cost_tracking.books.head import Head
from cost_tracking.money import Money
from cost_tracking.readings import Reading
from creative.brief import Baseline, Budget
from creative.input_file import InputFile
from creative.value import Value


class Asked(Value):
    """The request to a provider that an amount was charged for."""

    id: str
    provider: str
    model: str
    operation: str
    state: str
    price: str = ""
    """The entry of the price book that it was estimated by."""
    receipt: str = ""
    """The provider's own name for its answer."""
    usage: Mapping[str, Decimal] = {}
    """What the answer consumed, by unit."""
    sent_at: AwareDatetime | None = None
    closed_by: str = ""
    """Who closed it, when its outcome was lost."""
    close_reason: str = ""
    replaces: str = ""
    """The attempt at a provider before it in the route, where one was asked."""
    passed_over: tuple[str, ...] = ()
    """Why those before it in the route did not do it."""

    @property
    def bought_image(self) -> bool:
        """Say whether a picture was drawn for it."""
        return self.operation == "image" and self.state == "settled"


class Posted(Value):
    """Where an amount stands in the ledger, and who put it there."""

    seq: int
    """The order in which the ledger learned of it."""
    line: int
    key: str
    kind: str
    status: str = "actual"
    """``estimate`` until the true amount is known."""
    effective_on: date
    """The day it belongs to."""
    recorded_at: AwareDatetime
    period: str | None = None
    """The month it is told in, as ``2027-03``."""
    source: str
    """What posted it: ``attempt``, ``brief``, ``import`` …"""
    document: str = ""
    """The receipt, invoice or file that proves it; of a reversal, the reason."""
    actor: str = ""
    run: str | None = None
    reverses: str | None = None
    """The key of the entry that it takes back."""
    reversed_by: str | None = None
    """The key of the entry that takes it back."""
    supersedes: str | None = None
    """The key of the estimate that it replaces."""
    superseded_by: str | None = None


class Spent(Value):
    """One amount of the ledger, with all it names. What it does not name, it is shared by."""

    amount: Money
    """In the report's currency."""
    original: Money
    """As it was billed."""
    cost_type: str
    """Of the policy: ``ai.api_call``, ``media.inventory`` …"""
    spend: Literal["working", "non_working", "excluded"]
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
    rework: bool = False
    """Whether it was paid to do an asset again."""
    again: tuple[str, ...] = ()
    """The slots for which that was, where it was for these alone: nobody else shares it."""
    attribution: str = "direct"
    """``allocated`` when it is a share of something larger, ``unmatched`` when nobody could say
    what it was for."""
    concept: str | None = None
    fx_rate: str = ""
    """The ids of the published rates that it was converted by; empty where the budget's own was
    taken, or none was needed."""
    reference: str
    """The proof: a receipt, an invoice, an attempt."""
    posted: Posted | None = None
    """Its line in the ledger. None of a request that cost nothing, or whose outcome is unknown."""
    asked: Asked | None = None
    """The request that it paid for, if it paid for one."""

    @property
    def id(self) -> str:
        """Return the name of its line, such as ``12.1``.

        Where the policy divides a line between working and non-working money, each side is an
        amount of its own and both carry the name.
        """
        if self.posted:
            return f"{self.posted.seq}.{self.posted.line}"
        return f"attempt/{self.asked.id}" if self.asked else self.reference


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
    made_from: str = ""
    """The sha256 of the list of files that it was made from; empty where that was not kept."""


class Versions(Value):
    """The versions of files that some renditions were made from."""

    sha256: str
    """Of the list of them."""
    renditions: int
    files: tuple[InputFile, ...]
    """Empty where the list is not kept here."""


class Campaign(Value):
    """What the figures are held against, and what they rest on."""

    name: str
    title: str
    run: str
    as_of: AwareDatetime
    """When the ledger was read, or the moment as of which it is told."""
    up_to: int = Field(default=0, ge=0)
    """The newest entry of the ledger that is told; with it, the report can be made again."""
    sealed: Head | None = None
    """The newest published head of the books that reaches no further; None before the first."""
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
    unpriced_minutes: Decimal = Decimal(0)
    """Of review, on record and in no figure, because nobody has set what an hour costs."""
    placeholder: bool
    """Whether any picture is the embedded studio's, which nobody should ship."""
    first_use: date | None = None
    """The day on which its first asset was asked for. A baseline has to be older."""
    window_closes: date | None = None
    """The day on which the last accepted asset has stayed accepted for long enough."""
    names: Mapping[str, str] = {}
    """What people call a market, a placement or a channel, by its code."""
    versions: tuple[Versions, ...] = ()
    """The files that what was made rests on, those of most renditions first."""
