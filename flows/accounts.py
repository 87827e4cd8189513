"""A campaign's report, from the ledger and from what was made."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from cost_tracking.reports import facts, files
from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.campaign_report import report as work_out
from cost_tracking.reports.page import report_page
from cost_tracking.spending import Spending
from creative.brief import Brief
from creative.concept import Concept
from creative.decision import Decision, Verdict
from creative.market import market_table
from creative.placement import placement_table
from creative.rendition import Rendition
from creative.yaml_file import fit, read_document
from flows.desk import Desk

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "html": report_page,
    "json": files.as_json,
    "csv": files.as_csv,
    "markdown": files.as_markdown,
}


def written(report: Report, kind: str) -> str:
    """Return a report in one of ``FORMATS``.

    Raises:
        ValueError: There is no such format.

    """
    if kind not in FORMATS:
        raise ValueError(f"there is no format {kind!r}; use one of: {', '.join(FORMATS)}")
    return FORMATS[kind](report)


def of_name(desk: Desk, name: str) -> Report:
    """Return the report of a run, or of the newest run of a campaign, as the ledger stands now.

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
    decisions = desk.decided(renditions)
    return of_campaign(desk, brief, run.id, manifest.concepts, renditions, decisions)


def of_campaign(
    desk: Desk,
    brief: Brief,
    run: str,
    concepts: tuple[Concept, ...],
    renditions: tuple[Rendition, ...],
    decisions: Mapping[str, Decision],
) -> Report:
    """Return the report of a campaign.

    Args:
        desk: Where the ledger is.
        brief: As the run had it.
        run: The run's id.
        concepts: All that were drawn.
        renditions: What is made now.
        decisions: What stands on exactly those bytes, by rendition.

    """
    spending = spending_of(desk, brief)
    made = tuple(_made(one, decisions.get(str(one.name))) for one in renditions)
    accepted = [one.at for one in decisions.values() if one.verdict is Verdict.ACCEPTED]
    window = timedelta(days=brief.acceptance.window_days)
    campaign = facts.Campaign(
        name=brief.name,
        title=brief.title,
        run=run,
        as_of=desk.now(),
        up_to=spending.up_to,
        budget=brief.budget,
        baseline=brief.baseline,
        attempts=spending.by_state,
        images_bought=spending.images_bought,
        policy=desk.policy.id,
        contested=desk.policy.contested,
        readings=spending.readings(),
        policies={"acceptance": f"stayed accepted for {brief.acceptance.window_days} days"},
        placeholder=any(concept.placeholder for concept in concepts),
        window_closes=(max(accepted) + window).date() if accepted else None,
        names=_names(),
    )
    return work_out(campaign, spending.spent(), made, spending.excluded())


def spending_of(desk: Desk, brief: Brief) -> Spending:
    """Return what a campaign has spent so far."""
    rates = {currency: one.rate for currency, one in brief.budget.rates.items()}
    return Spending(desk.engine, brief.name, brief.budget.currency, rates, desk.policy)


def _made(rendition: Rendition, decision: Decision | None) -> facts.Made:
    name = rendition.name
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
    )


def _names() -> dict[str, str]:
    markets = {market.code: market.name for market in market_table().markets.values()}
    placements = {one.id: one.name for one in placement_table().placements.values()}
    return {**markets, **placements, "social": "Social", "display": "Display", "dooh": "DOOH"}
