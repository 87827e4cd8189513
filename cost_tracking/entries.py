"""An entry of the ledger: postings that sum to nothing in each currency."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import RowMapping

from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from creative.value import Value, fingerprint

COST = "cost"
"""The account on which spent money stands, positive."""


class IdempotencyConflict(Exception):
    """The key stands for another entry. Nothing was posted."""


class UnknownEntry(KeyError):
    """No entry has this key."""

    def __str__(self) -> str:
        return str(self.args[0])


class Posting(Value):
    """One line of an entry: an amount on an account, and what it was for."""

    account: str = Field(pattern=r"^(cost|payable:[a-z0-9][a-z0-9_.-]*)$")
    """``cost``, or ``payable:<name>`` for whom it is owed to."""
    amount: Money
    cost_type: str | None = None
    """A cost type of the policy; every line on ``cost`` has one, and no other line."""
    spend_class: SpendClass | None = None
    """What ``policy`` made of the cost type when it was posted."""
    policy: str | None = None
    campaign: str | None = None
    asset: str | None = None
    market: str | None = None
    locale: str | None = None
    placement: str | None = None
    channel: str | None = None
    provider: str | None = None
    stage: str | None = None
    waste: bool = False
    """Paid, and nothing usable came of it: a refused, failed or lost call."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.amount:
            raise ValueError(f"a line of nothing on {self.account}; leave it out")
        if (self.account == COST) != (self.cost_type is not None and self.spend_class is not None):
            raise ValueError(f"{self.account}: lines on {COST}, and only they, have a cost type")
        return self


class Transaction(Value):
    """One entry: postings that sum to 0 in each currency."""

    key: str = Field(min_length=1)
    """Fixed before the first try, so that a second one posts nothing."""
    kind: Literal["usage", "invoice", "media", "labour", "allocation", "reversal"]
    effective_on: date
    """The day it belongs to; when it was recorded is another matter."""
    postings: tuple[Posting, ...] = Field(min_length=2)
    source: str
    """What posted it: ``attempt``, ``brief``, ``import`` …"""
    source_doc: str = ""
    """The document or receipt that proves it."""
    actor: str = ""
    run: str | None = None
    reverses: str | None = None
    """The key of the entry that it takes back."""

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        sums: Counter[str] = Counter()
        for posting in self.postings:
            sums[posting.amount.currency] += posting.amount.micros
        crooked = [f"{Money(micros=sums[one], currency=one)}" for one in sums if sums[one]]
        if crooked:
            raise ValueError(f"{self.key} does not balance: {', '.join(crooked)} too much")
        return self

    @property
    def sha256(self) -> str:
        """Return the fingerprint of all that it says."""
        return fingerprint(self.model_dump(mode="json"))


def entry_of(head: RowMapping, lines: Sequence[RowMapping], reverses: str | None) -> Transaction:
    """Return the entry that these rows hold.

    Raises:
        ValueError: They hold none: they do not balance, or break another rule.

    """
    left_out = {"txn_seq", "line_no", "amount_micros", "currency", "waste"}
    postings = tuple(
        Posting.model_validate(
            {
                **{name: value for name, value in line.items() if name not in left_out},
                "amount": {"micros": line["amount_micros"], "currency": line["currency"]},
                "waste": bool(line["waste"]),
            }
        )
        for line in lines
    )
    same = {name: head[name] for name in ("kind", "source", "source_doc", "actor", "run")}
    return Transaction.model_validate(
        {
            **same,
            "key": head["idem_key"],
            "effective_on": head["effective_on"],
            "postings": postings,
            "reverses": reverses,
        }
    )
