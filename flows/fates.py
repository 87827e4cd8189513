"""What became of the assets of all campaigns, from the decisions, the events and the ledger."""

from collections import Counter
from collections.abc import Iterable

from cost_tracking.acceptance.events import recorded
from cost_tracking.acceptance.rules import AcceptancePolicy, default_rules
from cost_tracking.acceptance.wasted import wasted
from cost_tracking.books.point import AsOf
from cost_tracking.database import reading
from cost_tracking.reports.kept_assets import Told
from flows.acceptance_report import of_campaign, savings_of
from flows.desk import Desk


def fates(desk: Desk, campaigns: Iterable[str], currency: str, then: AsOf) -> Told:
    """Return what became of the assets of campaigns.

    Args:
        desk: Where the ledger is.
        campaigns: Their names; each was run.
        currency: The report's. A campaign whose budget is kept in another claims no saving.
        then: What is recorded later does not count.

    """
    rules = default_rules()
    read = [of_campaign(desk, name, then, currency) for name in sorted(campaigns)]
    made = [one for one in read if one.history.outcomes]
    return Told(
        outcomes=[one for its in made for one in its.history.outcomes],
        costs=[one for its in made for one in its.history.costs],
        fates=[one for its in made for one in its.history.fates],
        wasted=[
            one
            for its in made
            for one in wasted(its.history.fates, its.history.media, then.at, currency)
        ],
        savings=[
            savings_of(desk, one, then) for one in made if one.brief.budget.currency == currency
        ],
        benign=_benign(desk, rules, then),
        rules=rules,
        at=then.at,
    )


def _benign(desk: Desk, rules: AcceptancePolicy, then: AsOf) -> Counter[tuple[str, str]]:
    with reading(desk.engine) as connection:
        events = [one for one in recorded(connection) if one.recorded_at <= then.at]
    return Counter(
        (one.kind.value, one.reason)
        for one in events
        if rules.judge(one.kind, one.reason).effect == "benign"
    )
