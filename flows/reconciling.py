"""Lays a provider's bill beside our attempts, and closes in a person's name what it decides."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import field_validator, model_validator

from cost_tracking.bill import Bill
from cost_tracking.money import Money
from cost_tracking.orders import AlreadyClosed, Attempt, State
from cost_tracking.reconcile import Decided, Reconciliation, Row, reconcile
from cost_tracking.usage import Usage
from creative.value import Value
from flows.desk import Desk
from providers import registry
from providers.billing.invoice_csv import FIELDS, invoice


class Asked(Value):
    """Which bill to read."""

    source: Literal["openai", "deepl", "csv"]
    file: Path | None = None
    start: date | None = None
    end: date | None = None
    provider: str = ""
    columns: Mapping[str, str] = {}
    """The heading of each field of an invoice, as ``field=Heading,field=Heading``."""
    currency: str = ""

    @field_validator("columns", mode="before")
    @classmethod
    def _headings(cls, written: object) -> object:
        if not isinstance(written, str):
            return written
        pairs = [one.partition("=") for one in written.split(",") if one.strip()]
        wrong = [name for name, equals, heading in pairs if not equals or name not in FIELDS]
        if wrong:
            raise ValueError(f"--columns: {wrong[0]!r}; write field=Heading of {', '.join(FIELDS)}")
        return {name.strip(): heading.strip() for name, _, heading in pairs}

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"--to {self.end} is before --from {self.start}")
        if self.source == "openai" and not (self.start and self.end):
            raise ValueError("--source openai needs --from and --to")
        if self.source == "deepl" and self.end:
            raise ValueError("DeepL tells its present period up to now; leave --to out")
        if self.source == "csv" and not (self.file and self.provider):
            raise ValueError("--source csv needs the invoice's FILE and --provider")
        if self.source != "csv" and (self.file or self.provider or self.columns or self.currency):
            raise ValueError("FILE, --provider, --columns and --currency are for --source csv")
        return self


class Closed(Value):
    """An attempt that was to be closed, and how that went."""

    attempt: str
    state: str
    error: str
    """What people are told: that it is closed, or why not."""
    done: bool


class Outcome(Value):
    """What was found, and what was done about it."""

    found: Reconciliation
    closed: tuple[Closed, ...]

    @property
    def explained(self) -> bool:
        """Say whether nothing is left to look into."""
        return self.found.explained and all(one.done for one in self.closed)

    @staticmethod
    def line(row: Row) -> dict[str, str]:
        """Return a comparison as people read it."""
        return {
            "on": row.on,
            "model": row.model,
            "billed": str(row.billed),
            "known": str(row.known),
            "difference": str(row.difference),
            "receipt": row.receipt,
            "attempts": " ".join(row.attempts),
        }

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, amounts as decimal text."""
        found = self.found
        return {
            "provider": found.provider,
            "source": found.source,
            "from": str(found.start),
            "to": str(found.end),
            "billed": [str(one) for one in found.billed],
            "explained": self.explained,
            "matched": [self.line(row) for row in found.matched],
            "billed_unknown": [self.line(row) for row in found.unknown],
            "known_unbilled": [self.line(row) for row in found.unbilled],
            "decided": [
                {
                    "attempt": one.attempt,
                    "charged": one.amount is not None,
                    "amount": str(one.amount or ""),
                    "reason": one.reason,
                }
                for one in found.decided
            ],
            "undecided": [one.model_dump() for one in found.undecided],
            "closed": [one.model_dump() for one in self.closed],
        }


def reconciled(desk: Desk, asked: Asked) -> Reconciliation:
    """Read a bill and compare it with every attempt of its provider.

    Raises:
        ProviderError: The provider did not tell its bill.
        InvalidInput: The invoice cannot be read; each line that cannot is named.
        ValueError: The bill is of days for which there can be none yet.
        UnknownPrice: A bill in units has no price.

    """
    # Who died at an attempt holds it no longer; only then can a bill speak about it.
    desk.take_back()
    desk.recovery.reap()
    bill = _bill(desk, asked)
    return reconcile(bill, desk.recovery.list())


def settle(desk: Desk, found: Reconciliation) -> tuple[Closed, ...]:
    """Close, in the name of who acts, each lost attempt that a bill decides."""
    return tuple(_closed(desk, one) for one in found.decided)


def _closed(desk: Desk, one: Decided) -> Closed:
    amount = one.amount
    held = desk.attempts.get(one.attempt)
    in_budget = _in_budget(held, amount) if amount else None
    if held.state is State.SETTLED and held.basis == "estimated":
        charged = amount or Money.zero(held.estimate.currency)
        nothing = None if amount else Money.zero(held.budget_amount.currency)
        attempt = desk.attempts.true_up(
            one.attempt,
            charged,
            by=desk.who,
            document=one.reason,
            budget_amount=in_budget or nothing,
        )
        said = f"trued up at {charged}"
        return Closed(attempt=one.attempt, state=attempt.state.value, error=said, done=True)
    try:
        attempt = desk.attempts.close(
            one.attempt,
            charged=amount is not None,
            by=desk.who,
            reason=one.reason,
            amount=amount,
            budget_amount=in_budget,
        )
    except (AlreadyClosed, ValueError) as error:
        # Somebody was as quick as we and said otherwise, or there is no rate for the currency.
        return Closed(attempt=one.attempt, state="", error=str(error), done=False)
    state = attempt.state.value
    return Closed(attempt=one.attempt, state=state, error=f"closed as {state}", done=True)


def _in_budget(attempt: Attempt, amount: Money) -> Money | None:
    """Return an amount in the budget's currency, at the rate that the attempt was reserved at."""
    most, reserved = attempt.estimate, attempt.budget_amount
    if amount.currency == reserved.currency or not most:
        return None
    rate = Decimal(reserved.micros) / Decimal(most.micros)
    return amount.at(rate, reserved.currency)


def _bill(desk: Desk, asked: Asked) -> Bill:
    today = desk.now().date()
    told = desk.settings.providers
    if asked.source == "openai" and asked.start and asked.end:
        from providers.billing.openai_costs import openai_costs

        if asked.end >= today:
            raise ValueError(f"--to {asked.end}: a day is billed when it has ended, in UTC")
        return openai_costs(told, asked.start, asked.end, today)
    if asked.source == "deepl":
        from providers.billing.deepl_usage import NAME, deepl_usage

        model = registry.models(told).default(NAME, "translation")

        def price(characters: Decimal, on: date) -> Money:
            entry = desk.prices.entry(NAME, model, "translation", on)
            usage = Usage(model=model, quantities={"character": characters}, receipt="")
            return desk.prices.cost(entry, usage, "EUR")

        return deepl_usage(told, price, asked.start, today)
    bill = invoice(asked.file or Path(), asked.provider, asked.columns, asked.currency)
    start, end = asked.start or bill.start, asked.end or bill.end
    if bill.start < start or bill.end > end:
        raise ValueError(
            f"the invoice is of {bill.start} to {bill.end}, and more than --from and --to ask for"
        )
    return bill.model_copy(update={"start": start, "end": end, "whole_until": end})
