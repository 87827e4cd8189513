"""The forms in which a report is written down."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from cost_tracking.books.point import AsOf
from cost_tracking.database import reading
from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.files import SUMMARY, as_csv, as_json, as_markdown
from flows import accounts
from flows.desk import Desk
from flows.exits import WrongInput

Make = Callable[[Desk, str, AsOf | None], str | bytes]


class Format(NamedTuple):
    """One form; ``make`` takes the desk, a run or campaign, and the point in its history."""

    make: Make
    binary: bool = False


def format_named(kind: str, *, machine: bool = False) -> Format:
    """Return a form by its name.

    Args:
        kind: One of ``FORMATS``.
        machine: For a program, which must not find apostrophes in a CSV.

    Raises:
        WrongInput: There is none of this name, or it has no other form for a program.

    """
    if kind not in FORMATS:
        raise WrongInput(f"there is no format {kind!r}; use one of: {', '.join(FORMATS)}")
    if machine and kind != "csv":
        raise WrongInput(f"--machine is for --format csv; {kind} is the same for everyone")
    return _of_report(partial(as_csv, machine=True)) if machine else FORMATS[kind]


def written(desk: Desk, name: str, asked: Format, as_of: str = "") -> bytes:
    """Return the report of a run or campaign in a form.

    Args:
        desk: Where the ledger is.
        name: A run's id or a campaign's name.
        asked: The form.
        as_of: A day or an entry; empty for now.

    Raises:
        UnknownRun: There is no such run or campaign.
        ValueError: It has made nothing yet, or there was no such point.

    """
    content = asked.make(desk, name, accounts.point(desk, as_of))
    return content if isinstance(content, bytes) else content.encode()


def _of_report(make: Callable[[Report], str | bytes], *, binary: bool = False) -> Format:
    return Format(lambda desk, name, then: make(accounts.of_name(desk, name, then)), binary)


def _page(report: Report) -> str:
    from cost_tracking.reports.page import report_page

    return report_page(report)


def _workbook(report: Report) -> bytes:
    from cost_tracking.reports.workbook import as_workbook

    return as_workbook(report)


def _parquet(report: Report) -> bytes:
    from cost_tracking.reports.parquet import as_parquet

    return as_parquet(report)


def _focus(desk: Desk, name: str, then: AsOf | None) -> str:
    from cost_tracking.reports.focus import as_focus

    campaign = desk.run_named(name).campaign
    with reading(desk.engine) as connection:
        return as_focus(connection, desk.policy, campaign, then.seq if then else None)


FORMATS: Mapping[str, Format] = {
    "html": _of_report(_page),
    "json": _of_report(as_json),
    "csv": _of_report(as_csv),
    "xlsx": _of_report(_workbook, binary=True),
    "parquet": _of_report(_parquet, binary=True),
    "focus": Format(_focus),
    "markdown": _of_report(as_markdown),
    "summary": _of_report(partial(as_markdown, most=SUMMARY)),
}
