"""What is asked of a provider that bills, what became of it, and why it may not be asked again."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import AwareDatetime, Field, JsonValue

from cost_tracking.money import Money
from creative.value import Value


class State(StrEnum):
    """``reserved → sent → settled | released | suspect``, and from suspect to settled or released.

    ``reserved``: the money is set aside, nothing has left. ``sent``: the request may have left.
    ``settled``: what it cost is known, and in the ledger. ``released``: it cost nothing.
    ``suspect``: nobody knows whether it was charged; its money counts until somebody closes it.
    """

    RESERVED = "reserved"
    SENT = "sent"
    SETTLED = "settled"
    RELEASED = "released"
    SUSPECT = "suspect"


OPEN = (State.RESERVED, State.SENT)
"""The states of an attempt that somebody is at, or has died at."""
UNFINISHED = frozenset({"lost", "interrupted", "unfinished"})
"""The kinds of error that say nothing of the job itself: it may be done by now."""


class Order(Value):
    """One request that is about to be paid for."""

    campaign: str
    run: str
    asset: str
    """The slot or the concept that it is for."""
    stage: str
    """``concepts`` or ``copy``."""
    provider: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    model: str
    operation: str
    request_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of all that decides the answer. The same request is bought once."""
    estimate: Money
    """The most that it may cost, in the provider's currency."""
    budget_amount: Money
    """The same in the budget's currency, at the brief's budget rate; this much is reserved."""
    repeatable: bool = False
    """Free and local: a lost one is done again without asking."""
    price: str = ""
    """The id of the entry of the price book that it was estimated by."""
    market: str | None = None
    locale: str | None = None
    concept: str | None = None
    prompt: str | None = None
    """Names the words that it asks with, so that what came of them can be told apart."""
    rework: bool = False
    """Whether it makes again what was made and rejected."""
    replaces: str | None = None
    """The id of the last attempt at a provider before this one in the route, or of rework, of the
    one that brought what was rejected; None where there was none."""
    redoes: tuple[str, ...] = ()
    """Of rework, the rejected renditions that it is for, by their names with the version."""
    passed_over: tuple[str, ...] = ()
    """Why the providers before this one in the route did not do it, asked or not."""

    @property
    def again(self) -> tuple[str, ...]:
        """Return the slots that it makes again: the rejected renditions without their versions."""
        return tuple(one.rpartition("_v")[0] for one in self.redoes)


class Attempt(Order):
    """One try of an order, as the database has it."""

    id: str
    """Made of the request and the round, so that it is known before the first try."""
    round: int
    """Counted from 1; a new one begins after a release, or after a failure that was charged."""
    state: State
    owner: str
    token: str
    """Fences our writes: who no longer holds it writes nothing."""
    lease_until: AwareDatetime
    reserved_at: AwareDatetime
    sent_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    amount: Money | None
    """What it cost, in the provider's currency; None while that is not settled."""
    budget_spent: Money | None
    """The same in the budget's currency."""
    waste: bool
    """Charged, and nothing usable came of it."""
    basis: str | None
    """Where the amount is from: ``reported``, ``declared``, ``computed``, ``contract``,
    ``estimated`` or ``free``."""
    receipt: str | None
    usage: dict[str, Decimal] | None
    """What the answer consumed, by unit."""
    answer_sha256: str | None
    job: dict[str, JsonValue] | None
    """What a slow provider gave us to ask for its answer, so that any process can."""
    error_kind: str | None
    error: str | None
    closed_by: str | None
    close_reason: str | None

    @property
    def counts(self) -> Money:
        """Return what it counts for in the provider's currency, whatever its state."""
        if self.state is State.RELEASED:
            return Money.zero(self.estimate.currency)
        return self.estimate if self.amount is None else self.amount

    @property
    def collectable(self) -> bool:
        """Say whether its answer may still be asked for, which is free, instead of bought again."""
        waits = self.state is State.SENT or (
            self.state is State.SUSPECT and self.error_kind in UNFINISHED
        )
        return waits and self.job is not None


class Claimed(Exception):
    """Somebody is at this request right now. Wait until the lease ends, and ask again."""

    def __init__(self, attempt: Attempt) -> None:
        self.by: str = attempt.owner
        self.until: datetime = attempt.lease_until
        super().__init__(
            f"{attempt.asset}: {attempt.owner} is asking {attempt.provider} for it until "
            f"{attempt.lease_until:%H:%M:%S} UTC; wait, or end that process and run again"
        )


class AlreadyBought(Exception):
    """Somebody bought it between the look and the claim. Use what was bought."""

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        super().__init__(f"{attempt.asset}: attempt {attempt.id} has bought it already")


class Suspect(Exception):
    """An earlier attempt was lost and may have been charged. Nothing is bought until it is closed.

    Whoever has stored its answer takes it over with ``Attempts.adopt`` and settles it.
    """

    def __init__(self, attempt: Attempt) -> None:
        self.attempt = attempt
        super().__init__(
            f"{attempt.asset}: attempt {attempt.id} was sent to {attempt.provider} and its answer "
            f"was lost; look on the provider's bill for it, then close it as charged or not "
            f"charged ({attempt.estimate} at most)"
        )


class LeaseLost(Exception):
    """The attempt is no longer ours: its lease ended and it was taken back. Nothing was written."""

    def __init__(self, attempt: Attempt, doing: str) -> None:
        self.attempt = attempt
        super().__init__(
            f"{attempt.asset}: cannot {doing} attempt {attempt.id}, which {attempt.owner} no "
            "longer holds; give a lease that outlasts the provider's deadline"
        )


class AlreadyClosed(Exception):
    """The attempt was closed another way, or is not one that can be closed."""
