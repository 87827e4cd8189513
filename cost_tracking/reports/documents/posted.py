"""The columns that say where an amount stands in the ledger, and what proves it."""

from cost_tracking.reports.facts import Spent
from cost_tracking.reports.forms.document import Column, Row

COLUMNS = (
    Column("line", "Line"),
    Column("document", "Document"),
    Column("proof", "Proof"),
    Column("effective_on", "Belongs to", "date"),
    Column("provider", "Paid to"),
    Column("cost_type", "Cost type"),
    Column("side", "Side"),
    Column("stage", "Stage"),
    Column("market", "Market"),
    Column("asset", "Asset"),
    Column("entry", "Entry"),
    Column("recorded_at", "Recorded"),
    Column("actor", "Posted by"),
    Column("corrects", "Corrects"),
)
"""What ``cells`` fills."""


def cells(one: Spent) -> Row:
    """Return where an amount stands; a request that is no entry yet has no place in the ledger."""
    posted = one.posted
    corrects = [posted.reverses, posted.supersedes] if posted else []
    return (
        one.id,
        posted.document if posted else "",
        # Of an invoice the two are one, and would fill a page twice.
        one.reference if not posted or one.reference != posted.document else "",
        posted.effective_on if posted else None,
        one.provider,
        one.cost_type,
        one.spend.replace("_", "-"),
        one.stage,
        one.market,
        one.asset,
        posted.key if posted else "",
        f"{posted.recorded_at:%Y-%m-%d %H:%M:%S}" if posted else "",
        (posted.actor or posted.source) if posted else "",
        ", ".join(filter(None, corrects)),
    )
