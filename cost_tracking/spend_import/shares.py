"""Divides what an ad cost among its assets, and counts it against their campaigns' budgets."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection

from cost_tracking import budgets
from cost_tracking.money import Money, allocate
from cost_tracking.policy import SpendClass
from cost_tracking.spend_import.matching import Known, Match
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
            spent: Money | None = Money(micros=micros, currency=row.money.currency)
            if currency != row.money.currency and spent:
                spent = self._exchanged(spent, currency, row.day, campaign)
            if spent is None:
                self.uncounted[campaign].add(f"{row.money.currency} to {currency}")
                continue
            counted[campaign] = [spent.micros, currency]
            self.facts[campaign, currency] += spent.micros
        return counted

    def _exchanged(self, spent: Money, to: str, on: date, campaign: str) -> Money | None:
        return self._convert(spent, to, on, campaign) if self._convert else None


def shares(money: Money, match: Match) -> Iterable[tuple[Known, Money]]:
    """Divide an ad's cost among its assets, equally and without a rest."""
    if len(match.assets) < 2:
        yield from ((one, money) for one in match.assets)
        return
    parts = allocate(money.micros, {one.slot: 1 for one in match.assets})
    for one in match.assets:
        yield one, Money(micros=parts[one.slot], currency=money.currency)


def by_campaign(row: SpendRow, match: Match) -> dict[str, int]:
    """Return micros by campaign of ours; under an empty name where there is none."""
    if match.campaign or not match.assets:
        return {match.campaign or "": row.money.micros}
    found: Counter[str] = Counter()
    for asset, amount in shares(row.money, match):
        found[asset.campaign] += amount.micros
    return dict(found)
