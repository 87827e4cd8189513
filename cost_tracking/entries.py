"""An entry of the ledger: postings that sum to nothing in each currency."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from sqlalchemy import RowMapping

from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.usage import UsageLine
from creative.value import Value, fingerprint

COST = "cost"
"""The account on which spent money stands, positive."""


class IdempotencyConflict(Exception):
    """The key stands for another entry. Nothing was posted."""


class UnknownEntry(KeyError):
    """No entry has this key."""

    def __str__(self) -> str:
        return str(self.args[0])


Kind = Literal[
    "usage",
    "invoice",
    "media",
    "labour",
    "allocation",
    "amortisation",
    "reversal",
    "true_up",
    "fx",
]


class Posting(Value):
    """One line of an entry: an amount on an account, and what it was for."""

    account: str = Field(
        pattern=r"^(cost|fx|rounding|(payable|accrual|prepaid|pool):[a-z0-9][A-Za-z0-9_.:/-]*)$"
    )
    """``cost``; ``payable:<name>`` for whom it is owed to; ``accrual:<name>`` for what is owed and
    not yet billed; ``prepaid:<name>`` for what is paid and not yet used; ``pool:<name>`` for what
    is still to be shared; ``fx`` and ``rounding`` for what exchange and rounding leave over."""
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
    concept: str | None = None
    model: str | None = None
    """The provider's model."""
    prompt: str | None = None
    """The version or fingerprint of what the model was asked."""
    reviewer: str | None = None
    """Whose time it is."""
    rework: bool = False
    """Paid to make again what was made before."""
    attribution: Literal["direct", "allocated", "unmatched"] | None = None
    """Whether it was known to be for this asset, shared out to it, or matched to none."""
    base: Money | None = None
    """The amount in the currency that the books are kept in."""
    fx_rate: str | None = None
    """The id of the dated rate between the two."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.amount:
            raise ValueError(f"a line of nothing on {self.account}; leave it out")
        if (self.account == COST) != (self.cost_type is not None and self.spend_class is not None):
            raise ValueError(f"{self.account}: lines on {COST}, and only they, have a cost type")
        if self.base is not None and self.base.micros * self.amount.micros < 0:
            raise ValueError(
                f"{self.account}: {self.amount} and its base {self.base} differ in sign"
            )
        return self


class Transaction(Value):
    """One entry: postings that sum to 0 in each currency."""

    key: str = Field(min_length=1)
    """Fixed before the first try, so that a second one posts nothing."""
    kind: Kind
    effective_on: date
    """The day it belongs to; when it was recorded is another matter."""
    postings: tuple[Posting, ...]
    """At least two; none only where the usage is worth less than half a micro."""
    source: str
    """What posted it: ``attempt``, ``brief``, ``import`` …"""
    source_doc: str = ""
    """The document or receipt that proves it."""
    actor: str = ""
    run: str | None = None
    reverses: str | None = None
    """The key of the entry that it takes back."""
    status: Literal["actual", "estimate"] = "actual"
    """An estimate is trued up when what it was really charged is known."""
    supersedes: str | None = None
    """The key of the estimate that it takes the place of."""
    usage: tuple[UsageLine, ...] = ()

    @field_validator("usage")
    @classmethod
    def _in_order(cls, usage: tuple[UsageLine, ...]) -> tuple[UsageLine, ...]:
        # However they were given, and however a database sorts them, they are the same entry.
        return tuple(sorted(usage, key=lambda one: (one.line, one.meter)))

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        if len(self.postings) < 2 and (self.postings or not self.usage):
            raise ValueError(f"{self.key} has {len(self.postings)} lines; give it at least 2")
        sums: Counter[str] = Counter()
        bases: Counter[str] = Counter()
        for posting in self.postings:
            sums[posting.amount.currency] += posting.amount.micros
            if posting.base:
                bases[posting.base.currency] += posting.base.micros
        for what, found in (("", sums), (" in its base currency", bases)):
            crooked = [f"{Money(micros=found[one], currency=one)}" for one in found if found[one]]
            if crooked:
                raise ValueError(
                    f"{self.key} does not balance{what}: {', '.join(crooked)} too much"
                )
        return self

    @model_validator(mode="after")
    def _explained(self) -> Self:
        seen: set[tuple[int, str]] = set()
        for one in self.usage:
            if (one.line, one.meter) in seen:
                raise ValueError(f"{self.key} counts {one.meter} twice in line {one.line}")
            if self.postings and one.line > len(self.postings):
                raise ValueError(f"{self.key} has no line {one.line} for its {one.meter}")
            seen.add((one.line, one.meter))
        return self

    @property
    def sha256(self) -> str:
        """Return the fingerprint of all that it says."""
        return fingerprint(self.said())

    def said(self) -> dict[str, object]:
        """Return all that it says, as JSON types.

        What entries could not yet say when the first ones were posted is left out where it is not
        said, so that those keep their fingerprints.
        """
        # Of the fields: by way of a dump of the model it takes a third longer (45 against 33 µs).
        said = dict(self.__dict__)
        for name, unsaid in _LATER.items():
            if said[name] == unsaid:
                del said[name]
        said["effective_on"] = self.effective_on.isoformat()
        said["postings"] = [_said(one) for one in self.postings]
        if self.usage:
            said["usage"] = [one.model_dump(mode="json") for one in self.usage]
        return said


# What could not yet be said when the first entries were posted, and how it looks unsaid. Nothing
# else is like that: what could always be said is part of the fingerprint also where it is None.
_LATER: Mapping[str, object] = {"status": "actual", "supersedes": None, "usage": ()}
_LATER_IN_LINE = (
    "concept",
    "model",
    "prompt",
    "reviewer",
    "rework",
    "attribution",
    "base",
    "fx_rate",
)
"""Each unsaid where it is None or False."""


def _said(posting: Posting) -> dict[str, object]:
    said = dict(posting.__dict__)
    for name in _LATER_IN_LINE:
        if said[name] is None or said[name] is False:
            del said[name]
    for name in ("amount", "base"):
        if name in said:
            said[name] = said[name].__dict__
    return said


def entry_of(
    head: RowMapping,
    lines: Sequence[RowMapping],
    usage: Sequence[RowMapping] = (),
    *,
    reverses: str | None,
    supersedes: str | None = None,
) -> Transaction:
    """Return the entry that these rows hold.

    Args:
        head: A row of ``txn``.
        lines: Its rows of ``posting``, by number.
        usage: Its rows of ``usage``, by line and meter.
        reverses: The key of the entry that it takes back.
        supersedes: The key of the estimate that it takes the place of.

    Raises:
        ValueError: They hold none: they do not balance, or break another rule.

    """
    same = ("kind", "source", "source_doc", "actor", "run", "status", "effective_on")
    return Transaction.model_validate(
        {
            **{name: head[name] for name in same},
            "key": head["idem_key"],
            "postings": tuple(map(_posting_of, lines)),
            "reverses": reverses,
            "supersedes": supersedes,
            "usage": tuple(map(_usage_of, usage)),
        }
    )


_NOT_AS_THEY_ARE = frozenset(
    {"txn_seq", "line_no", "amount_micros", "currency", "base_micros", "base_currency"}
)


def _posting_of(line: RowMapping) -> Posting:
    base = line["base_micros"]
    return Posting.model_validate(
        {
            **{name: value for name, value in line.items() if name not in _NOT_AS_THEY_ARE},
            "amount": Money(micros=line["amount_micros"], currency=line["currency"]),
            "waste": bool(line["waste"]),
            "rework": bool(line["rework"]),
            "base": None if base is None else Money(micros=base, currency=line["base_currency"]),
        }
    )


def _usage_of(row: RowMapping) -> UsageLine:
    return UsageLine.model_validate(
        {
            "line": row["line_no"],
            "price": row["price_id"],
            "exact": row["exact_amount"],
            "request": row["request_id"],
            "billed": row["billed_amount"],
            **{name: row[name] for name in ("meter", "quantity", "unit", "unit_price", "currency")},
        }
    )


def mirror(entry: Transaction) -> dict[str, object]:
    """Return the lines that take an entry back: each amount and quantity with the other sign."""
    lines = (
        one.model_copy(update={"amount": -one.amount, "base": one.base and -one.base})
        for one in entry.postings
    )
    usage = (
        one.model_copy(
            update={
                "quantity": _negated(one.quantity),
                "exact": _negated(one.exact),
                "billed": None if one.billed is None else _negated(one.billed),
            }
        )
        for one in entry.usage
    )
    return {"postings": tuple(lines), "usage": tuple(usage)}


def _negated(number: Decimal) -> Decimal:
    # A minus sign before a Decimal rounds it to 28 digits, and makes -0 of nothing.
    return number.copy_negate() if number else number
