"""What an auditor asks of a report: what makes a figure, and what changed it."""

from collections.abc import Sequence
from typing import Any

from pydantic import AwareDatetime

from cost_tracking.books.as_of import watermark
from cost_tracking.books.head import Head
from cost_tracking.database import reading
from cost_tracking.reports.documents import open_items as open_tables
from cost_tracking.reports.documents import restatement as change_tables
from cost_tracking.reports.documents import trail as trail_tables
from cost_tracking.reports.facts import Campaign, Spent
from cost_tracking.reports.files import plain
from cost_tracking.reports.forms.document import Document, Mark
from cost_tracking.reports.odd_charges import OddCharge, odd_charges
from cost_tracking.reports.open_items import OpenItems, open_items
from cost_tracking.reports.restatement import Restatement, restatement
from cost_tracking.reports.trail import Trail
from cost_tracking.reports.trails import Trails
from creative.value import Value
from flows import accounts
from flows.desk import Desk


def trail(desk: Desk, name: str, figure: str, as_of: str) -> dict[str, Any]:
    """Return a figure with all that makes it, or without a figure the list of them.

    Raises:
        UnknownFigure: The report has none of this name.
        UnknownRun: There is no such run or campaign.
        ValueError: It has made nothing yet, or there was no such point.

    """
    trails = _trails(desk, name, as_of)
    told = trails.report.campaign
    head: dict[str, Any] = {
        "campaign": told.name,
        "run": told.run,
        "up_to": told.up_to,
        "sealed": plain(told.sealed),
    }
    if not figure:
        values = {one: plain(trails.of(one).value) for one in trails.figures}
        return {**head, "figures": values}
    return {**head, **_told(trails.of(figure), trails.report.lines)}


def trail_document(desk: Desk, name: str, figure: str, as_of: str) -> Document:
    """Return what ``trail`` tells as tables; it raises the same."""
    return trail_tables.trail_document(_trails(desk, name, as_of), figure)


class Restated(Value):
    """What changed, and the later of the two reports that were compared."""

    change: Restatement
    campaign: Campaign


def restated(desk: Desk, name: str, start: str, end: str) -> Restated:
    """Return what changed in a report between two points; an empty end is now.

    Raises:
        UnknownRun: There is no such run or campaign.
        ValueError: It has made nothing yet, there was no such point, or they are the wrong way
            round.

    """
    before, after = _trails(desk, name, start), _trails(desk, name, end)
    if before.report.campaign.up_to > after.report.campaign.up_to:
        raise ValueError(f"--to {end} comes before --from {start}; turn them round")
    return Restated(change=restatement(before, after), campaign=after.report.campaign)


def _trails(desk: Desk, name: str, as_of: str) -> Trails:
    return Trails(accounts.of_point(desk, name, as_of), desk.policy)


def _told(told: Trail, lines: Sequence[Spent]) -> dict[str, Any]:
    return {
        "figure": told.figure,
        "name": told.name,
        "value": plain(told.value),
        "how": told.how,
        "source": told.source,
        "counted": list(told.counted),
        "parts": [
            {
                "amount": plain(part.amount),
                "id": lines[part.entry].id,
                "spent": plain(lines[part.entry]),
            }
            for part in told.parts
        ],
        "terms": [_told(one, lines) for one in told.terms],
        "exact": told.made == told.value,
    }


def restated_document(told: Restated) -> Document:
    """Return a restatement as tables."""
    return change_tables.restatement_document(told.change, told.campaign)


def restated_as_json(told: Restated) -> object:
    """Return a restatement as JSON, with how much each figure changed."""
    return {
        **plain(told.change),
        "sealed": plain(told.campaign.sealed),
        "changes": [{**plain(one), "by": plain(one.by)} for one in told.change.changes],
    }


class Waiting(Value):
    """What the books wait for, and the charges that break a rule."""

    open: OpenItems
    odd: tuple[OddCharge, ...]
    sealed: Head | None
    """The newest head that reaches no further than what is told."""
    as_of: AwareDatetime


def waiting(desk: Desk, as_of: str, stale_after: int) -> Waiting:
    """Return what all books wait for, and what in them cannot be right.

    Raises:
        ValueError: There was no such point.

    """
    then = accounts.point(desk, as_of)
    up_to, day = (then.seq, then.at) if then else (watermark(desk.engine), desk.now())
    with reading(desk.engine) as connection:
        return Waiting(
            open=open_items(
                connection, up_to, day.date(), stale_after, desk.settings.books_currency or ""
            ),
            odd=odd_charges(connection, up_to),
            sealed=desk.sealed(up_to),
            as_of=day,
        )


def waiting_document(told: Waiting) -> Document:
    """Return it as tables."""
    mark = Mark(told.open.up_to, told.sealed)
    return open_tables.open_document(told.open, told.odd, mark, told.as_of)


def waiting_as_json(told: Waiting) -> object:
    """Return it as JSON, with by how much each estimate was off."""
    found = plain(told)
    found["open"]["estimates"] = [
        {**plain(one), "off": plain(one.off)} for one in told.open.estimates
    ]
    return found
