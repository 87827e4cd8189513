"""Budget that was moved between the two sides of the working line, as it was journalled."""

from typing import Self

from pydantic import AwareDatetime, model_validator
from sqlalchemy import Connection, select

from cost_tracking.budgeting.tables import budget_transfer
from cost_tracking.moments import moment
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from creative.value import Value

_COLUMNS = (
    "seq", "campaign", "from_class", "to_class", "amount_micros", "currency", "reason",
    "approved_by", "at",
)  # fmt: skip


class Transfer(Value):
    """One movement of budget. Only a transfer frees money; a saving alone does not."""

    seq: int
    campaign: str
    from_class: SpendClass
    to_class: SpendClass
    amount: Money
    """Above 0; a transfer back is one the other way."""
    reason: str
    approved_by: str
    at: AwareDatetime

    @model_validator(mode="after")
    def _moves(self) -> Self:
        if self.amount.micros <= 0:
            raise ValueError(
                f"transfer {self.seq} moves {self.amount}; give what is moved, above 0"
            )
        return self

    @property
    def id(self) -> str:
        """Return the id under which it is evidence."""
        return f"transfer/{self.seq}"

    @property
    def freed(self) -> Money:
        """Return what it took from making and gave to media; negative when the other way."""
        sides = (self.from_class, self.to_class)
        if sides == (SpendClass.NON_WORKING, SpendClass.WORKING):
            return self.amount
        if sides == (SpendClass.WORKING, SpendClass.NON_WORKING):
            return -self.amount
        return Money.zero(self.amount.currency)


def transfers(connection: Connection, campaign: str, until: AwareDatetime) -> tuple[Transfer, ...]:
    """Return the transfers of a campaign's budgets up to a moment, in the order of the journal.

    What was moved between limits beside the budgets is none: it sets no money free.
    """
    own = budget_transfer.c
    mine = (own.campaign == campaign, own.kind == "budget")
    query = select(*(own[name] for name in _COLUMNS)).where(*mine).order_by(own.seq)
    rows = connection.execute(query).mappings()
    told = (
        Transfer.model_validate(
            {
                **{
                    name: value
                    for name, value in row.items()
                    if name not in {"amount_micros", "currency", "at"}
                },
                "amount": {"micros": row["amount_micros"], "currency": row["currency"]},
                "at": moment(row["at"]),
            }
        )
        for row in rows
    )
    return tuple(one for one in told if one.at <= until)
