"""Divides what an ad cost among its assets, and counts it against their campaigns' budgets."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Connection

from cost_tracking import budgets
from cost_tracking.money import Money, allocate
from cost_tracking.policy import SpendClass
from cost_tracking.spend_import.matching import Match
from cost_tracking.spend_import.spend_row import SpendRow

Converter = Callable[[Money, str, date, str], Money | None]
"""Returns an amount in another currency on a day for a campaign, or None where there is no rate."""


class Counted:
    """Counts media against the working budgets of campaigns."""

    def __init__(self, connection: Connection, convert: Converter | None) -> None:
        self.facts: Counter[tuple[str, str]] = Counter()
        self.uncounted: dict[str, set[str]] = defaultdict(set)
        self._convert = convert
        self._currencies = budgets.currencies(connection, SpendClass.WORKING)

    def count(self, row: SpendRow, match: Match) -> dict[str, list[Any]]:
        """Return what of a row was counted: for each campaign micros and a currency."""
        counted: dict[str, list[Any]] = {}
        for campaign, micros in by_campaign(row, match).items():
            currency = self._currencies.get(campaign)
            if not campaign or currency is None or not micros:
                continue
            spent = self._in(currency, micros, row, campaign)
            if spent is None:
                self.uncounted[campaign].add(f"{row.money.currency} to {currency}")
                continue
            counted[campaign] = [spent, currency]
            self.facts[campaign, currency] += spent
        return counted

    def _in(self, to: str, micros: int, row: SpendRow, campaign: str) -> int | None:
        if to == row.money.currency:
            return micros
        if self._convert is None:
            return None
        money = Money(micros=micros, currency=row.money.currency)
        spent = self._convert(money, to, row.day, campaign)
        return None if spent is None else spent.micros


def divided(micros: int, match: Match) -> tuple[int, ...]:
    """Divide an ad's cost among its assets, in their order, equally and without a rest.

    Returns:
        The whole where it is of one asset, or of none.

    """
    if len(match.assets) < 2:
        return (micros,)
    parts = allocate(micros, {one.slot: 1 for one in match.assets})
    return tuple(parts[one.slot] for one in match.assets)


def by_campaign(row: SpendRow, match: Match) -> dict[str, int]:
    """Return micros by campaign of ours; under an empty name where there is none."""
    if match.campaign or not match.assets:
        return {match.campaign or "": row.money.micros}
    found: Counter[str] = Counter()
    for asset, micros in zip(match.assets, divided(row.money.micros, match), strict=True):
        found[asset.campaign] += micros
    return dict(found)
