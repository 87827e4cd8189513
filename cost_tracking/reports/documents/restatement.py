"""What changed between two points, as tables: the figures, and the amounts that moved them."""

from cost_tracking.reports.documents import posted
from cost_tracking.reports.facts import Campaign
from cost_tracking.reports.figures import number
from cost_tracking.reports.forms.document import Column, Document, Mark, Table
from cost_tracking.reports.restatement import Restatement

SCHEMA = "kampanj.report.diff/1"


def restatement_document(told: Restatement, campaign: Campaign) -> Document:
    """Return what changed.

    Args:
        told: The change of each figure.
        campaign: Of the later report.

    """
    news = [one for one in told.changes if one.moved]
    # The figures of the campaign first: those of its renditions are many.
    news.sort(key=lambda one: one.figure.startswith("asset:"))
    entries = {cause.spent.id for one in news for cause in one.causes}
    return Document(
        schema=SCHEMA,
        title=f"{campaign.title}: what changed",
        lead=f"From entry {number(told.before)} to entry {number(told.after)},"
        f" {number(len(news))} figures changed, because of {number(len(entries))} lines.",
        as_of=campaign.as_of,
        mark=Mark(told.after, campaign.sealed),
        facts=(("Campaign", told.campaign), ("Policy", campaign.policy)),
        tables=(
            Table(
                "changes",
                "Figures that changed",
                (
                    Column("figure", "Figure"),
                    Column("name", "Name"),
                    Column("before", "Before", "figure"),
                    Column("after", "After", "figure"),
                    Column("by", "By", "figure"),
                    Column("more", "More", "count"),
                    Column("fewer", "Fewer", "count"),
                    Column("because_of", "As these changed"),
                ),
                [
                    (
                        one.figure,
                        one.name,
                        one.before,
                        one.after,
                        one.by,
                        len(one.more) or None,
                        len(one.fewer) or None,
                        " and ".join(one.terms),
                    )
                    for one in news
                ],
            ),
            Table(
                "causes",
                "What moved them",
                (
                    Column("figure", "Figure"),
                    Column("what", "What"),
                    Column("amount", "By", "exact"),
                    *posted.COLUMNS,
                ),
                [
                    (one.figure, cause.what, cause.by, *posted.cells(cause.spent))
                    for one in news
                    for cause in one.causes
                ],
                "new: it was not told before; gone: it no longer is; share: the figure bears"
                " another part of it. The causes of an amount sum to its change.",
            ),
        ),
    )
