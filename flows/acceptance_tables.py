"""What accepted assets cost and what was saved, as tables for every form of a report."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cost_tracking.acceptance.cohort import Cohorts
from cost_tracking.acceptance.cohort import Row as Cohort
from cost_tracking.money import Money
from cost_tracking.reports.forms.document import Bars, Column, Document, Mark, Row, Table
from flows.acceptance_report import Acceptance
from flows.acceptance_words import notes, saving_rows
from flows.desk import Desk

_EACH = (
    Column("name", "Of"),
    Column("by", "Cut by"),
    Column("per_accepted", "Strict", "money"),
    Column("least", "Least", "money"),
    Column("evenly", "Evenly", "money"),
    Column("eventual", "Eventual", "money"),
    Column("per_generated", "Generated", "money"),
    Column("drift", "Drift", "factor"),
    Column("stayed", "Stayed", "count"),
    Column("failed", "Failed", "count"),
    Column("maturing", "Maturing", "count"),
    Column("rejected", "Rejected", "count"),
    Column("generated", "Made", "count"),
    Column("cost", "Cost", "money"),
    Column("scrap", "Scrap", "money"),
    Column("rework", "Rework", "money"),
    Column("few", "Few"),
)


def acceptance_document(desk: Desk, told: Sequence[Acceptance]) -> Document:
    """Return what accepted assets cost, of each currency for itself."""
    return Document(
        schema="kampanj.report.acceptance/1",
        title="What an accepted asset costs",
        lead=" ".join(str(one.sentence) for one in told),
        as_of=told[0].as_of.at,
        mark=_mark(desk, told),
        facts=_facts(told),
        notes=tuple(dict.fromkeys(note for one in told for note in notes(one.cohorts))),
        tables=(
            _each([one.cohorts for one in told]),
            _parts([one.cohorts for one in told]),
            Table(
                "months_of_the_books",
                "By the month of the books",
                (
                    Column("month", "Month"),
                    Column("cost", "Posted", "money"),
                    Column("stayed", "Windows closed well", "count"),
                    Column("per_accepted", "For each", "money"),
                ),
                [
                    (it.month, it.posted, it.stayed, _money(it.per_accepted, it.posted.currency))
                    for one in told
                    for it in one.periods
                ],
                "It differs from the months above by timing alone.",
            ),
            Table(
                "media_behind_a_fault",
                "Media behind a fault",
                (
                    Column("asset", "Asset"),
                    Column("reason", "Reason"),
                    Column("since", "Since", "date"),
                    Column("until", "Until", "date"),
                    Column("running", "Still running"),
                    Column("amount", "Working", "money"),
                ),
                [
                    (
                        f"{it.slot}_v{it.version}",
                        it.reason,
                        it.since,
                        it.until,
                        "yes" if it.still_running else "",
                        it.amount,
                    )
                    for one in told
                    for it in one.wasted
                ],
            ),
        ),
    )


def saving_document(desk: Desk, told: Sequence[Acceptance]) -> Document:
    """Return the three numbers of each campaign, which have no sum."""
    return Document(
        schema="kampanj.report.saving/1",
        title="What was saved, in three numbers that nobody may add",
        lead=" ".join(str(one.sentence) for one in told),
        as_of=told[0].as_of.at,
        mark=_mark(desk, told),
        facts=_facts(told),
        notes=tuple(dict.fromkeys(note for one in told for note in one.sentence.caveats)),
        tables=(
            Table(
                "savings",
                "Savings",
                (
                    Column("campaign", "Campaign"),
                    Column("amount", "Amount", "money"),
                    Column("saving", "Saving"),
                    Column("how", "How it was worked out"),
                ),
                list(_savings(told)),
                "Each answers another question, and much of the money is the same in all three.",
            ),
            Table(
                "transfers",
                "Transfers of budget behind what was moved",
                (
                    Column("campaign", "Campaign"),
                    Column("amount", "Amount", "money"),
                    Column("from", "From"),
                    Column("to", "To"),
                    Column("on", "On", "date"),
                    Column("approved_by", "Approved by"),
                    Column("reason", "Reason"),
                ),
                [
                    (
                        saved.campaign,
                        it.amount,
                        it.from_class.replace("_", "-"),
                        it.to_class.replace("_", "-"),
                        it.at.date(),
                        it.approved_by,
                        it.reason,
                    )
                    for one in told
                    for saved in one.savings
                    for it in saved.moved.transfers
                ],
            ),
        ),
    )


def outcomes_document(told: Cohorts, name: str) -> Document:
    """Return what the outcomes of a file cost.

    Args:
        told: Their figures.
        name: The file's.

    """
    return Document(
        schema="kampanj.report.outcomes/1",
        title="What an accepted outcome costs",
        lead="",
        as_of=told.at,
        mark=None,
        facts=(("File", name),),
        notes=tuple(notes(told)),
        tables=(_each([told]), _parts([told])),
    )


def _mark(desk: Desk, told: Sequence[Acceptance]) -> Mark:
    seq = told[0].as_of.seq
    return Mark(seq, desk.sealed(seq))


def _facts(told: Sequence[Acceptance]) -> tuple[tuple[str, str], ...]:
    return (
        ("Campaigns", ", ".join(name for one in told for name in one.campaigns)),
        ("Working or not", f"policy {told[0].policy}"),
        ("Accepted or not", f"policy {told[0].rules}"),
    )


def _each(told: Sequence[Cohorts]) -> Table:
    rows: list[Row] = []
    for one in told:
        rows.append(_cohort("all", "", one.total, one.currency))
        rows += [_cohort(it.key or "not named", one.by, it, one.currency) for it in one.rows]
        rows += [_cohort(it.month or "none yet", "month", it, one.currency) for it in one.months]
    return Table(
        "accepted",
        "Cost for each",
        _EACH,
        rows,
        "Every cut tells the same money; scrap and rework are in it.",
        tuple(
            Bars(
                f"Strict, by {by}, in {one.currency}",
                [
                    (getattr(it, part) or "not named", _money(it.per_accepted, one.currency))
                    for it in cut
                ],
            )
            for one in told
            for by, part, cut in (
                (one.by, "key", sorted(one.rows, key=lambda it: -(it.per_accepted or 0))),
                ("month", "month", one.months),
            )
            if by
        ),
    )


def _cohort(name: str, by: str, row: Cohort, currency: str) -> Row:
    counts = row.counts
    return (
        name,
        by,
        *(
            _money(value, currency)
            for value in (
                row.per_accepted,
                row.lower_bound,
                row.evenly_priced,
                row.per_eventual,
                row.per_generated,
            )
        ),
        row.drift,
        counts.stayed,
        counts.failed,
        counts.maturing,
        counts.rejected,
        counts.generated,
        row.cost,
        row.parts.scrap,
        row.parts.rework,
        "few" if row.few else "",
    )


def _parts(told: Sequence[Cohorts]) -> Table:
    named = (
        ("first pass, kept", "first_pass_kept"),
        ("scrap: failed", "failed"),
        ("scrap: refused", "rejected"),
        ("scrap: undecided", "waiting"),
        ("scrap: unusable", "waste"),
        ("rework", "rework"),
        ("overhead allocated", "overhead_allocated"),
        ("unallocated", "unallocated"),
    )
    return Table(
        "parts",
        "Where the money went",
        (Column("name", "Part"), Column("cost", "Cost", "money")),
        [(name, getattr(one.total.parts, part)) for one in told for name, part in named],
        "The parts sum to the cost.",
        tuple(
            Bars(
                f"Where the money went, in {one.currency}",
                [(name, getattr(one.total.parts, part)) for name, part in named],
            )
            for one in told
        ),
    )


def _savings(told: Sequence[Acceptance]) -> Iterator[Row]:
    for one in told:
        for saved in one.savings:
            amounts = (saved.avoided.avoided, saved.unspent.saved, saved.moved.amount)
            for words, amount in zip(saving_rows(saved), amounts, strict=True):
                yield saved.campaign, amount, words["saving"], words["how"]


def _money(value: Decimal | None, currency: str) -> Money | None:
    return None if value is None else Money.of(value, currency)
