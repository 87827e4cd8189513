"""The same money by the month it is posted in, which is how the general ledger has it.

It differs from the view by cohort by timing alone: what is made in March and stays accepted in
April is a cost of March here and a success of April.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from cost_tracking.acceptance.cohort import each
from cost_tracking.acceptance.outcome import Cost, Outcome, State
from cost_tracking.money import Money
from creative.value import Value


class Period(Value):
    """One month of the books."""

    month: str
    """As ``2027-03``."""
    posted: Money
    """All non-working money that is posted in it."""
    stayed: int
    """Outcomes whose window closed in it, and which stayed."""

    @property
    def per_accepted(self) -> Decimal | None:
        """Return one by the other; None where no window closed."""
        return each(self.posted, self.stayed)


def periods(
    outcomes: Iterable[Outcome], costs: Iterable[Cost], at: datetime, currency: str
) -> tuple[Period, ...]:
    """Return the months in which money was posted or a window closed, the oldest first.

    The posted money of all months is the cost of all cohorts, to the micro.
    """
    money: dict[str, int] = {}
    stayed: dict[str, int] = {}
    for cost in costs:
        month = cost.period or f"{cost.on:%Y-%m}"
        money[month] = money.get(month, 0) + cost.micros
    for one in outcomes:
        its = one.standing(at)
        if its.strict is State.STAYED and its.accepted_at is not None:
            month = f"{its.accepted_at + one.window:%Y-%m}"
            stayed[month] = stayed.get(month, 0) + one.weight
    months: Sequence[str] = sorted({*money, *stayed})
    return tuple(
        Period(
            month=month,
            posted=Money(micros=money.get(month, 0), currency=currency),
            stayed=stayed.get(month, 0),
        )
        for month in months
    )
