"""An exact amount of one currency, and how a whole is divided without losing a part of it."""

import re
from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from typing import Self

from pydantic import Field

from creative.value import Value

MICRO = Decimal("0.000001")
_EXACT = Context(prec=80)
_WRITTEN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_INT64 = 2**63 - 1


class Money(Value):
    """An amount in whole micros (a millionth of the major unit) of one currency.

    Micros as int64 hold 9.2 trillion of a currency, which is enough for a media budget in rupiah;
    nanos would not be. Unit prices go far below a micro and are therefore no ``Money``: they stay
    exact decimals until a line is priced.

    >>> Money.of("2.50", "EUR") + Money.of("0.0000015", "EUR")
    Money(micros=2500002, currency='EUR')
    """

    micros: int = Field(strict=True, ge=-_INT64, le=_INT64)
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    """ISO 4217."""

    @classmethod
    def of(cls, amount: Decimal | str, currency: str, *, up: bool = False) -> Self:
        """Return an amount given in major units, rounded half-even to a micro.

        Args:
            amount: A decimal, or plain ASCII digits with at most one point: no exponent, no
                thousands separator, no float.
            currency: ISO 4217.
            up: Round towards plus infinity instead, for the most that something may cost.

        Raises:
            ValueError: It is not such a number, is not finite, or does not fit into int64 micros.

        """
        if isinstance(amount, str):
            if not _WRITTEN.fullmatch(amount):
                raise ValueError(f"{amount!r} is not an amount; write it as 1234.56")
            amount = Decimal(amount)
        if not isinstance(amount, Decimal) or not amount.is_finite():
            raise ValueError(f"{amount!r} is not an exact, finite amount")
        rounding = ROUND_CEILING if up else ROUND_HALF_EVEN
        micros = _EXACT.multiply(amount, Decimal(1_000_000)).to_integral_value(rounding, _EXACT)
        return cls(micros=int(micros), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return nothing, in this currency."""
        return cls(micros=0, currency=currency)

    @property
    def amount(self) -> Decimal:
        """Return it in major units, exactly."""
        return Decimal(self.micros).scaleb(-6, _EXACT)

    def at(self, rate: Decimal, currency: str) -> "Money":
        """Return it in another currency, rounded half-even to a micro.

        Args:
            rate: What one unit of this currency is worth in the other; above 0. The caller knows
                its date and source.
            currency: The other currency.

        Raises:
            ValueError: The rate is not above 0, or is not 1 between the same currency.

        """
        if not rate.is_finite() or rate <= 0:
            raise ValueError(f"{rate} is not a rate from {self.currency} to {currency}")
        if currency == self.currency and rate != 1:
            raise ValueError(f"the rate from {currency} to itself is 1, not {rate}")
        return Money.of(_EXACT.multiply(self.amount, rate), currency)

    def _same(self, other: "Money", verb: str) -> int:
        if other.currency != self.currency:
            raise ValueError(
                f"cannot {verb} {self} and {other}; convert one of them first, at a dated rate"
            )
        return other.micros

    def __add__(self, other: "Money") -> "Money":
        micros = self._same(other, "add")
        return Money(micros=self.micros + micros, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        micros = self._same(other, "subtract")
        return Money(micros=self.micros - micros, currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(micros=-self.micros, currency=self.currency)

    def __bool__(self) -> bool:
        return self.micros != 0

    def __lt__(self, other: "Money") -> bool:
        return self.micros < self._same(other, "compare")

    def __le__(self, other: "Money") -> bool:
        return self.micros <= self._same(other, "compare")

    def __gt__(self, other: "Money") -> bool:
        return self.micros > self._same(other, "compare")

    def __ge__(self, other: "Money") -> bool:
        return self.micros >= self._same(other, "compare")

    def __str__(self) -> str:
        whole, part = divmod(abs(self.micros), 1_000_000)
        cents = f"{part:06d}".rstrip("0").ljust(2, "0")
        return f"{'-' if self.micros < 0 else ''}{whole}.{cents} {self.currency}"


def allocate(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Divide a whole by weights, so that the parts sum exactly to it (largest remainder).

    The result does not depend on the order of the weights: what is left over goes to the largest
    remainders, and among equals to the key that sorts first. A negative whole is divided as its
    mirror image, so that a reversal takes back exactly what was shared.

    Args:
        total: Micros; may be negative.
        weights: For each recipient a whole number from 0; at least one above 0.

    Raises:
        ValueError: A weight is negative, or all are 0.

    >>> allocate(100, {"a": 1, "b": 1, "c": 1})
    {'a': 34, 'b': 33, 'c': 33}
    """
    whole = sum(weights.values())
    if whole <= 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError(f"cannot share {total} micros by the weights {dict(weights)}")
    sign = -1 if total < 0 else 1
    parts = {key: divmod(abs(total) * weight, whole) for key, weight in weights.items()}
    left = abs(total) - sum(quotient for quotient, _ in parts.values())
    favoured = set(sorted(parts, key=lambda key: (-parts[key][1], key))[:left])
    return {key: sign * (parts[key][0] + (key in favoured)) for key in weights}
