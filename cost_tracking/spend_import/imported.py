"""What an import did, as it is told to people and machines."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from cost_tracking.money import Money
from creative.value import Value

LISTED = 50
"""How many rows of a list are told; the rest is counted."""


class Share(Value):
    """An amount under a name."""

    name: str
    money: Money
    campaign: str = ""


class Missing(Value):
    """A row that was imported before, and that a newer file of its days no longer tells."""

    account: str
    day: date
    ad_id: str
    breakdown: str
    label: str
    money: Money


class Imported(Value):
    """What one file held, and what it changed."""

    file: str
    sha256: str
    file_seq: int | None
    """The number of the import; None for a dry run."""
    platform: str
    accounts: tuple[str, ...]
    first_day: date
    last_day: date
    time_zones: tuple[str, ...]
    """The zones that the days are of; ``account`` where nobody said which that is."""
    rows: int
    new: int
    restated: int
    unchanged: int
    free: int
    """Rows of no cost: kept, and posted nowhere."""
    reversed: int
    change: tuple[Money, ...]
    """By how much the ledger's media changed, in each currency."""
    spent: tuple[Share, ...]
    """The whole file by ``direct``, ``allocated`` and ``unmatched``, in each currency."""
    campaigns: tuple[Share, ...]
    """The whole file by campaign; an empty name is of none."""
    unmatched: tuple[Share, ...]
    """What was matched to no asset, by ad, the dearest first. It is posted, and stays in sight."""
    missing: tuple[Missing, ...]
    uncounted: Mapping[str, tuple[str, ...]]
    """Campaigns whose working budget could not count all of it, with the rates that lack."""
    totals_checked: int
    skipped: int
    window: bool
    dry_run: bool

    @property
    def changed(self) -> int:
        """Return how many rows changed the ledger, or would."""
        return self.new + self.restated + self.reversed

    def matched(self) -> dict[str, Decimal | None]:
        """Return the share of spend that is known to be of an asset, by currency.

        From 0 to 100 with one decimal, rounded down, so that 100 means all of it; None where
        nothing was spent.
        """
        total: dict[str, int] = {}
        known: dict[str, int] = {}
        for share in self.spent:
            currency = share.money.currency
            total[currency] = total.get(currency, 0) + share.money.micros
            if share.name != "unmatched":
                known[currency] = known.get(currency, 0) + share.money.micros
        return {
            currency: (Decimal(known.get(currency, 0)) * 100 / whole).quantize(
                Decimal("0.1"), ROUND_DOWN
            )
            if whole
            else None
            for currency, whole in sorted(total.items())
        }

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, amounts as decimal text, long lists cut and counted."""
        plain = self.model_dump(
            mode="json", exclude={"change", "spent", "campaigns", "unmatched", "missing"}
        )
        return {
            **plain,
            "changed": self.changed,
            "change": [str(one) for one in self.change],
            "spent": [{"attribution": one.name, "amount": str(one.money)} for one in self.spent],
            "matched_percent": {
                currency: None if share is None else str(share)
                for currency, share in self.matched().items()
            },
            "campaigns": [
                {"campaign": one.name or None, "amount": str(one.money)} for one in self.campaigns
            ],
            "unmatched_ads": len(self.unmatched),
            "unmatched": [
                {"ad": one.name, "campaign": one.campaign or None, "amount": str(one.money)}
                for one in self.unmatched[:LISTED]
            ],
            "missing_rows": len(self.missing),
            "missing": [
                {
                    **one.model_dump(mode="json", exclude={"money"}),
                    "amount": str(one.money),
                }
                for one in self.missing[:LISTED]
            ],
        }
