"""A restatement is known by the fingerprint that every earlier import kept."""

from datetime import date

import pytest

from cost_tracking.money import Money
from cost_tracking.spend_import.changes import Payloads
from cost_tracking.spend_import.matching import Known, Match
from cost_tracking.spend_import.spend_row import SpendRow
from creative.value import fingerprint


def known(slot: str) -> Known:
    """Return an asset of this name."""
    return Known("tea", slot, "SE", "sv-SE", "meta_feed_1x1", "c1")


@pytest.mark.parametrize(
    "match",
    [
        Match(campaign=None, assets=()),
        Match(campaign='"tea"', assets=()),
        Match(campaign="tea", assets=(known("tea_ä\u2028"), known("b"))),
    ],
)
def test_a_row_keeps_the_fingerprint_of_earlier_imports(match: Match) -> None:
    """Another would take back and post anew all that was ever imported."""
    payloads = Payloads()
    for micros in (0, 1, 123_456_789):
        row = SpendRow(
            line=2,
            key=("42", "2027-03-01", "1", ""),
            account="42",
            day=date(2027, 3, 1),
            time_zone="UTC",
            ad_id="1",
            breakdown="",
            level="ad",
            of_campaign="",
            label="",
            money=Money(micros=micros, currency="EUR"),
            names=(),
            campaign_names=(),
        )

        assert payloads.of(row, match) == fingerprint(
            {
                "amount": micros,
                "currency": "EUR",
                "campaign": match.campaign,
                "assets": [one.slot for one in match.assets],
            }
        )
