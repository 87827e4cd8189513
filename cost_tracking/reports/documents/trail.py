"""The audit trail as tables: the figure with its terms, and every amount and thing behind them."""

from collections.abc import Iterator

from cost_tracking.money import Money
from cost_tracking.reports.documents import posted
from cost_tracking.reports.facts import Campaign
from cost_tracking.reports.figures import exact, number
from cost_tracking.reports.forms.document import Column, Document, Mark, Row, Table
from cost_tracking.reports.trail import Trail
from cost_tracking.reports.trails import Trails

SCHEMA = "kampanj.report.trail/1"


def trail_document(trails: Trails, figure: str = "") -> Document:
    """Return a figure with all that makes it, or without a figure the list of them.

    Raises:
        UnknownFigure: The report has none of this name.

    """
    told = trails.report.campaign
    if not figure:
        rows = [(one, *_value(trails.of(one))) for one in trails.figures]
        return _document(
            told,
            f"Figures of {told.title}",
            f"{number(len(rows))} figures; each can be followed by its name.",
            (
                Table(
                    "figures",
                    "Figures",
                    (
                        Column("figure", "Figure"),
                        Column("name", "Name"),
                        Column("value", "Value", "figure"),
                    ),
                    rows,
                ),
            ),
        )
    trail = trails.of(figure)
    whole = list(_steps(trail))
    return _document(
        told,
        f"{trail.name}: what makes it",
        f"{_said(trail)}. {'It is' if trail.made == trail.value else 'It is NOT'} exactly what"
        " makes it.",
        (_tree(whole), _parts(whole, trails), _counted(whole)),
    )


def _document(told: Campaign, title: str, lead: str, tables: tuple[Table, ...]) -> Document:
    return Document(
        schema=SCHEMA,
        title=title,
        lead=lead,
        as_of=told.as_of,
        mark=Mark(told.up_to, told.sealed),
        tables=tables,
        facts=(("Campaign", told.name), ("Run", told.run), ("Policy", told.policy)),
    )


def _said(trail: Trail) -> str:
    if isinstance(trail.value, Money):
        return exact(trail.value.micros, trail.value.currency)
    return number(trail.value)


def _value(trail: Trail) -> Row:
    return trail.name, trail.value


def _steps(trail: Trail, level: int = 0) -> Iterator[tuple[int, Trail]]:
    yield level, trail
    for term in trail.terms:
        yield from _steps(term, level + 1)


def _tree(whole: list[tuple[int, Trail]]) -> Table:
    return Table(
        "steps",
        "How it is worked out",
        (
            Column("figure", "Figure"),
            Column("name", "Name"),
            Column("value", "Value", "figure"),
            Column("how", "How"),
            Column("of", "Of"),
            Column("level", "Level", "count"),
        ),
        [
            (
                one.figure,
                *_value(one),
                one.how,
                one.source or " and ".join(term.figure for term in one.terms),
                level,
            )
            for level, one in whole
        ],
        "Level 0 is the figure, and what is under it are its terms.",
    )


def _parts(whole: list[tuple[int, Trail]], trails: Trails) -> Table:
    lines = trails.report.lines
    columns = (
        Column("figure", "Figure"),
        Column("amount", "Counts here", "exact"),
        Column("whole", "All of it", "exact"),
        *posted.COLUMNS,
    )
    return Table(
        "amounts",
        "Amounts of the ledger",
        columns,
        [
            (one.figure, part.amount, lines[part.entry].amount, *posted.cells(lines[part.entry]))
            for _, one in whole
            for part in one.parts
        ],
        "What counts here sums to the figure, to the micro.",
    )


def _counted(whole: list[tuple[int, Trail]]) -> Table:
    return Table(
        "counted",
        "What is counted",
        (Column("figure", "Figure"), Column("asset", "Counted")),
        [(one.figure, name) for _, one in whole for name in one.counted],
    )
