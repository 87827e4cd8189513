"""The time that people spend on review, as money: each act's minutes once, shared by its assets."""

from decimal import Decimal

from cost_tracking.hours import hourly_rate
from cost_tracking.labour import Reviewed, post_review, posted
from creative.amendment import Rework
from creative.asset_name import AssetName
from creative.looked import Looked
from flows.desk import Desk


def post(desk: Desk, campaign: str) -> int:
    """Enter the minutes of a campaign's acts that are not entered yet, and say of how many acts.

    Where no rate is set nothing is entered, and the minutes stay on record: whoever sets one has
    them entered by the next decision or run.
    """
    told = desk.settings.labour_rate
    left = unposted(desk, campaign) if told else ()
    if not left:
        return 0
    again = {
        slot
        for one in desk.acts.amendments(campaign)
        if isinstance(one, Rework)
        for slot in one.slots
    }
    for one in left:
        names = [AssetName.parse(asset) for asset in one.assets]
        its = tuple(
            Reviewed(
                slot=name.slot,
                market=name.market,
                locale=name.locale,
                placement=name.placement,
                concept=name.concept,
                # Whoever looks at what was made again does so because it was rejected.
                rework=name.version > 1 and name.slot in again,
            )
            for name in names
        )
        post_review(desk.engine, one, its, hourly_rate(told), desk.policy, desk.now, desk.books)
    return len(left)


def unposted(desk: Desk, campaign: str) -> tuple[Looked, ...]:
    """Return the acts whose minutes are in no entry."""
    looked = desk.acts.looked(campaign)
    done = posted(desk.engine, campaign) if looked else frozenset()
    return tuple(one for one in looked if one.nonce not in done)


def without_rate(desk: Desk, campaign: str) -> Decimal:
    """Return the minutes that are on record and cost nothing, because no rate is set."""
    left = () if desk.settings.labour_rate else unposted(desk, campaign)
    return sum((one.minutes for one in left), Decimal(0))
