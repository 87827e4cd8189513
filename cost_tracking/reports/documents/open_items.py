"""What the books wait for as tables, with the charges that break a rule."""

from collections.abc import Sequence

from pydantic import AwareDatetime

from cost_tracking.reports.figures import number
from cost_tracking.reports.forms.document import Column, Document, Mark, Table
from cost_tracking.reports.odd_charges import OddCharge
from cost_tracking.reports.open_items import OpenItems

SCHEMA = "kampanj.report.open/1"


def open_document(
    told: OpenItems, odd: Sequence[OddCharge], mark: Mark, as_of: AwareDatetime
) -> Document:
    """Return what all books wait for.

    Args:
        told: It.
        odd: The charges that break a rule.
        mark: Where the ledger ends.
        as_of: The moment as of which it is told.

    """
    still = [one for one in told.estimates if one.actual is None]
    lead = (
        f"{number(len(still))} estimates wait for their actual, of which"
        f" {number(len(told.stale))} for more than {number(told.stale_after)} days;"
        f" {number(len(odd))} charges break a rule."
    )
    return Document(
        schema=SCHEMA,
        title="What the books wait for",
        lead=lead,
        as_of=as_of,
        mark=mark,
        facts=(("Books kept in", told.books or "no one currency"),),
        tables=(_estimates(told), _balances(told), _unconverted(told), _odd(odd)),
    )


def _estimates(told: OpenItems) -> Table:
    return Table(
        "estimates",
        "Estimates",
        (
            Column("entry", "Entry"),
            Column("campaign", "Campaign"),
            Column("effective_on", "Belongs to", "date"),
            Column("age", "Days ago", "count"),
            Column("estimated", "Estimated", "exact"),
            Column("actual", "Actual", "exact"),
            Column("off", "Off by", "exact"),
            Column("actual_entry", "Actual entry"),
            Column("state", "State"),
        ),
        [
            (
                one.key,
                ", ".join(one.campaigns),
                one.effective_on,
                one.age,
                one.estimated,
                one.actual,
                one.off,
                one.actual_key,
                "old" if one.stale else "waits" if one.actual is None else "came out",
            )
            for one in told.estimates
        ],
        "Those without an actual first, the oldest of them first.",
    )


def _balances(told: OpenItems) -> Table:
    sides = (
        ("owed, and no bill has come", told.unbilled),
        ("charged, by payee", told.owed),
        ("paid and not used, or not shared out", told.advances),
        ("left by exchange and rounding", told.exchange),
    )
    return Table(
        "balances",
        "Accounts that are open",
        (
            Column("account", "Account"),
            Column("what", "What"),
            Column("amount", "Amount", "exact"),
            Column("since", "Since", "date"),
        ),
        [(one.account, what, one.amount, one.since) for what, found in sides for one in found],
        "Below 0 is owed; above 0 is paid and not used.",
    )


def _unconverted(told: OpenItems) -> Table:
    return Table(
        "unconverted",
        "Costs that say nothing in the currency of the books",
        (
            Column("amount", "Amount", "exact"),
            Column("lines", "Lines", "count"),
            Column("first", "First day", "date"),
            Column("last", "Last day", "date"),
        ),
        [(one.amount, one.lines, one.first, one.last) for one in told.unconverted],
    )


def _odd(odd: Sequence[OddCharge]) -> Table:
    return Table(
        "odd",
        "Charges that break a rule",
        (
            Column("rule", "Rule"),
            Column("said", "What"),
            Column("amount", "Amount", "exact"),
            Column("evidence", "Entries and requests"),
        ),
        [
            (one.rule.replace("_", " "), one.said, one.amount, ", ".join(one.evidence))
            for one in odd
        ],
    )
