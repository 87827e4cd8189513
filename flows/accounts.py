"""A campaign's report, from the ledger and from what was made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from cost_tracking.books.point import AsOf, as_of
from cost_tracking.reports import facts
from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.campaign_report import report as work_out
from cost_tracking.spending import Spending
from creative.brief import Brief
from creative.concept import Concept
from creative.decision import Decision, Verdict
from creative.market import market_table
from creative.placement import placement_table
from creative.rendition import Rendition
from creative.yaml_file import fit, read_document
from flows import minutes
from flows.desk import Desk
from flows.inputs import inputs_of


def point(desk: Desk, written: str) -> AsOf | None:
    """Return a point in the history of the books, or None for an empty text, which is now.

    Raises:
        ValueError: There was no such point.

    """
    if not written:
        return None
    return as_of(desk.engine, written, desk.now())


def of_point(desk: Desk, name: str, written: str) -> Report:
    """Return the report of a run or campaign as of a day or entry; an empty text is now.

    Raises:
        KeyError: There is no such run or campaign.
        ValueError: It has made nothing yet, or there was no such point.

    """
    return of_name(desk, name, point(desk, written))


def of_name(desk: Desk, name: str, then: AsOf | None = None) -> Report:
    """Return the report of a run, or of the newest run of a campaign.

    Args:
        desk: Where the ledger is.
        name: A run's id or a campaign's name.
        then: As it was known then; None for now.

    Raises:
        KeyError: There is neither.
        ValueError: The run has made nothing yet.

    """
    run = desk.run_named(name)
    document = read_document(desk.blobs.path(run.brief_sha256))
    brief, problems = fit(document, Brief)
    if brief is None:
        raise ValueError("; ".join(map(str, problems)))
    manifest = desk.manifest(run.id)
    renditions = tuple(asset.rendition for asset in manifest.assets)
    if then is None:
        decisions = desk.decided(renditions)
    else:
        renditions = _made_then(desk, brief.name, renditions, then)
        decisions = desk.decided(renditions, until=then.at)
    made = standing(renditions, decisions, desk.made_from(renditions))
    return of_campaign(desk, brief, run.id, manifest.concepts, made, then)


def _made_then(
    desk: Desk, campaign: str, renditions: tuple[Rendition, ...], then: AsOf
) -> tuple[Rendition, ...]:
    """Return the renditions of a run with the versions that they had then."""
    versions = {one.slot: one for one in desk.assets.history(campaign) if one.made_at <= then.at}
    return tuple(
        one.model_copy(
            update={
                "name": one.name.model_copy(update={"version": its.version}),
                "sha256": its.sha256,
            }
        )
        for one in renditions
        if (its := versions.get(one.name.slot))
    )


class Standing(NamedTuple):
    """One rendition, and how it stands."""

    rendition: Rendition
    decision: Decision | None
    """What stands on exactly these bytes."""
    made_from: str
    """The sha256 of the list of files that it was made from; empty where that was not kept."""


def standing(
    renditions: Iterable[Rendition], decisions: Mapping[str, Decision], versions: Mapping[str, str]
) -> tuple[Standing, ...]:
    """Return renditions with what others know of them by their names."""
    names = ((str(one.name), one) for one in renditions)
    return tuple(Standing(one, decisions.get(name), versions.get(name, "")) for name, one in names)


def of_campaign(
    desk: Desk,
    brief: Brief,
    run: str,
    concepts: tuple[Concept, ...],
    renditions: Sequence[Standing],
    then: AsOf | None = None,
) -> Report:
    """Return the report of a campaign.

    Args:
        desk: Where the ledger is.
        brief: As the run had it.
        run: The run's id.
        concepts: All that were drawn.
        renditions: What is made now.
        then: As it was known then; None for now.

    """
    spending = spending_of(desk, brief, then)
    made = tuple(map(_made, renditions))
    decided = (one.decision for one in renditions if one.decision)
    accepted = [one.at for one in decided if one.verdict is Verdict.ACCEPTED]
    window = timedelta(days=brief.acceptance.window_days)
    campaign = facts.Campaign(
        name=brief.name,
        title=brief.title,
        run=run,
        as_of=then.at if then else desk.now(),
        up_to=spending.up_to,
        sealed=desk.sealed(spending.up_to),
        budget=brief.budget,
        baseline=brief.baseline,
        attempts=spending.by_state,
        images_bought=spending.images_bought,
        policy=desk.policy.id,
        contested=desk.policy.contested,
        readings=spending.readings(),
        policies={"acceptance": f"stayed accepted for {brief.acceptance.window_days} days"},
        unpriced_minutes=minutes.without_rate(desk, brief.name),
        placeholder=any(concept.placeholder for concept in concepts),
        first_use=min((one.reserved_at.date() for one in spending.attempts), default=None),
        window_closes=(max(accepted) + window).date() if accepted else None,
        names=_names(),
        versions=_versions(desk, made),
    )
    return work_out(campaign, spending.spent(), made, spending.excluded())


def spending_of(desk: Desk, brief: Brief, then: AsOf | None = None) -> Spending:
    """Return what a campaign has spent so far, or had spent then."""
    rates = {currency: one.rate for currency, one in brief.budget.rates.items()}
    dated = desk.rates_then(then)
    own = brief.budget.currency
    return Spending(desk.engine, brief.name, own, rates, desk.policy, then, dated)


def _made(one: Standing) -> facts.Made:
    name, decision = one.rendition.name, one.decision
    accepted = None if decision is None else decision.verdict is Verdict.ACCEPTED
    return facts.Made(
        slot=name.slot,
        market=name.market,
        locale=name.locale,
        placement=name.placement,
        channel=placement_table().placements[name.placement].channel,
        concept=name.concept,
        accepted=accepted,
        delivered=accepted is True,
        made_from=one.made_from,
    )


def _versions(desk: Desk, made: tuple[facts.Made, ...]) -> tuple[facts.Versions, ...]:
    """Return the files that renditions were made from, those of most renditions first."""
    counts = Counter(one.made_from for one in made if one.made_from)
    return tuple(
        facts.Versions(sha256=digest, renditions=count, files=kept.files if kept else ())
        for digest, count in counts.most_common()
        for kept in (inputs_of(desk, digest),)
    )


def _names() -> dict[str, str]:
    markets = {market.code: market.name for market in market_table().markets.values()}
    placements = {one.id: one.name for one in placement_table().placements.values()}
    return {**markets, **placements, "social": "Social", "display": "Display", "dooh": "DOOH"}
