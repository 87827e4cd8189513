"""What an auditor asks of a report: what makes a figure, and what changed it."""

from collections.abc import Sequence
from typing import Any

from cost_tracking.books.as_of import watermark
from cost_tracking.database import reading
from cost_tracking.reports.facts import Spent
from cost_tracking.reports.files import plain
from cost_tracking.reports.odd_charges import OddCharge, odd_charges
from cost_tracking.reports.open_items import OpenItems, open_items
from cost_tracking.reports.restatement import Restatement, restatement
from cost_tracking.reports.trail import Trail, Trails
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
    head: dict[str, Any] = {"campaign": told.name, "run": told.run, "up_to": told.up_to}
    if not figure:
        values = {one: plain(trails.of(one).value) for one in trails.figures}
        return {**head, "figures": values}
    return {**head, **_told(trails.of(figure), trails.report.lines)}


def restated(desk: Desk, name: str, start: str, end: str) -> Restatement:
    """Return what changed in a report between two points; an empty end is now.

    Raises:
        UnknownRun: There is no such run or campaign.
        ValueError: It has made nothing yet, there was no such point, or they are the wrong way
            round.

    """
    before, after = _trails(desk, name, start), _trails(desk, name, end)
    if before.report.campaign.up_to > after.report.campaign.up_to:
        raise ValueError(f"--to {end} comes before --from {start}; turn them round")
    return restatement(before, after)


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


def restated_as_json(told: Restatement) -> object:
    """Return a restatement as JSON, with how much each figure changed."""
    return {
        **plain(told),
        "changes": [{**plain(one), "by": plain(one.by)} for one in told.changes],
    }


class Waiting(Value):
    """What the books wait for, and the charges that break a rule."""

    open: OpenItems
    odd: tuple[OddCharge, ...]


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
        )


def waiting_as_json(told: Waiting) -> object:
    """Return it as JSON, with by how much each estimate was off."""
    found = plain(told)
    found["open"]["estimates"] = [
        {**plain(one), "off": plain(one.off)} for one in told.open.estimates
    ]
    return found
