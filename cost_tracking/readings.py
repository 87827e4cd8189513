"""One spending read under several policies, side by side: a ratio without them is half a fact."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass, three_readings
from creative.value import Value


class Reading(Value):
    """What a spending comes to under one policy. The three classes sum to all of it."""

    policy: str
    working: Money
    non_working: Money
    excluded: Money
    contested: Money
    """How much of all of it is of types on which the trade disagrees."""

    @property
    def working_share(self) -> Decimal | None:
        """Return working money in percent of working and non-working, or None where both are 0."""
        whole = self.working.micros + self.non_working.micros
        return Decimal(self.working.micros) * 100 / whole if whole else None


def readings(
    spent: Iterable[tuple[str, Money]], currency: str, policy: Policy | None = None
) -> tuple[Reading, ...]:
    """Read a spending strictly, as usual and broadly, and under the installation's own policy.

    Args:
        spent: Cost types with amounts in one currency; all of them, the excluded ones too.
        currency: Of the amounts.
        policy: The one in force, which comes first where it is none of the three.

    Returns:
        Strict, default, broad, in this order; before them the policy in force if it is another.

    Raises:
        UnknownCostType: A policy says nothing of a type.
        ValueError: An amount is of another currency.

    """
    amounts: dict[str, list[int]] = {}
    for cost_type, amount in spent:
        amounts.setdefault(cost_type, []).append((Money.zero(currency) + amount).micros)
    three = three_readings()
    own = () if policy is None or policy.id in {one.id for one in three} else (policy,)
    return tuple(_read(amounts, currency, one) for one in (*own, *three))


def _read(amounts: Mapping[str, list[int]], currency: str, policy: Policy) -> Reading:
    sums: Counter[SpendClass] = Counter()
    argued = 0
    for cost_type, each in amounts.items():
        rule = policy.rule(cost_type)
        argued += sum(each) if rule.contested else 0
        # What is divided is divided line by line, as the report does, or a micro would differ.
        for micros in each if rule.working_bp is not None else [sum(each)]:
            parts = policy.parts(cost_type, Money(micros=micros, currency=currency))
            for side, part in parts.items():
                sums[side] += part.micros
    return Reading(
        policy=policy.id,
        working=Money(micros=sums[SpendClass.WORKING], currency=currency),
        non_working=Money(micros=sums[SpendClass.NON_WORKING], currency=currency),
        excluded=Money(micros=sums[SpendClass.EXCLUDED], currency=currency),
        contested=Money(micros=argued, currency=currency),
    )


def table(told: Sequence[Reading]) -> list[dict[str, str]]:
    """Return readings as rows of exact decimal text, for a page, a file or a terminal."""
    return [
        {
            "policy": one.policy,
            "working": str(one.working.amount),
            "non_working": str(one.non_working.amount),
            "excluded": str(one.excluded.amount),
            "contested": str(one.contested.amount),
            "currency": one.working.currency,
            "working_percent": ""
            if one.working_share is None
            else str(one.working_share.quantize(Decimal("0.01"))),
        }
        for one in told
    ]
