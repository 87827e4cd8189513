"""The media of a made-up year, as the platforms' own exports tell it."""

import csv
import hashlib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

HEADINGS = {
    "meta": (
        "date_start", "account_id", "account_currency", "campaign_name", "ad_id", "ad_name",
        "spend",
    ),
    "google": (
        "Day", "Customer ID", "Currency code", "Campaign", "Ad ID", "Image ad name", "Cost",
    ),
    "tiktok": (
        "stat_time_day", "advertiser_id", "currency", "campaign_name", "ad_id", "ad_name",
        "spend",
    ),
}  # fmt: skip
"""The columns of each platform's export, all in one order of ours."""


class MediaRow(NamedTuple):
    """What one ad cost on one day, as a platform tells it."""

    platform: str
    day: date
    ad: str
    """The ad's name: the file's name of ours, or what somebody typed."""
    ad_id: str
    slot: str
    campaign: str
    cost: Decimal
    currency: str


def ad_number(slot: str) -> str:
    """Return an ad's id, as platforms give them."""
    return f"2385{int(hashlib.sha256(slot.encode()).hexdigest()[:12], 16):015d}"


def write_export(path: Path, platform: str, rows: Iterable[MediaRow]) -> None:
    """Write a platform's export, as its page of reports gives it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADINGS[platform])
        table.writerows(_exported(row) for row in rows)


def _exported(row: MediaRow) -> tuple[str, ...]:
    cost, account = f"{row.cost:.2f}", {"meta": "act_77", "google": "123-456-7890"}
    day = f"{row.day} 00:00:00" if row.platform == "tiktok" else str(row.day)
    return (
        day, account.get(row.platform, "7000000000000000001"), row.currency, row.campaign,
        row.ad_id, row.ad, cost,
    )  # fmt: skip
