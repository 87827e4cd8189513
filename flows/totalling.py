"""Sums of the whole ledger, from its copy in columns, as the command line shows them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

from cost_tracking.mirror import pivot
from cost_tracking.mirror.copy import sync
from cost_tracking.mirror.sum_files import Form, write_sums
from cost_tracking.reports.figures import number
from cost_tracking.reports.forms.document import Bars, Cell, Column, Document, Mark, Table
from flows.accounts import point
from flows.desk import Desk

FORMS: Mapping[str, Form] = {"csv": "csv", "parquet": "parquet"}


class Totals(TypedDict):
    """What was summed, and up to where."""

    policy: str
    until: int
    sealed: str | None
    """The newest head that reaches no further, as ``kampanj verify --head`` takes it."""
    rows: list[dict[str, str]]
    """The dearest first."""
    groups_not_shown: int
    rest: list[dict[str, str]]
    """What those groups sum to, by currency."""


def totals(
    desk: Desk, by: str, campaign: str, as_of: str, *, accepted: bool, top: int | None = None
) -> Totals:
    """Bring the copy up to date, and sum it.

    Args:
        desk: Where the ledger is.
        by: Parts with commas between them, of ``pivot.PARTS``.
        campaign: Only this one; all if empty.
        as_of: An entry's number or a day; as it is now if empty.
        accepted: Whether to tell what each accepted asset cost instead.
        top: How many groups are told; None tells all.

    Raises:
        ValueError: There is no such part, or no such point.
        BusyMirror: Another process brings the copy up to date.

    """
    asked = _asked(desk, by, campaign, as_of, top)
    until = asked.until or 0
    head = desk.sealed(until)
    sealed = str(head) if head else None
    if accepted:
        return Totals(
            policy=desk.policy.id,
            until=until,
            sealed=sealed,
            rows=_accepted(desk, asked),
            groups_not_shown=0,
            rest=[],
        )
    found = pivot.pivot(desk.mirror, desk.policy, asked)
    return Totals(
        policy=desk.policy.id,
        until=until,
        sealed=sealed,
        rows=[_told(one, asked.by) for one in found.rows],
        groups_not_shown=found.groups,
        rest=[_told(one, ()) for one in found.rest],
    )


def totals_file(
    desk: Desk, by: str, campaign: str, as_of: str, form: str, top: int | None = None
) -> bytes:
    """Bring the copy up to date, and return its sums as a file; as ``totals`` otherwise.

    Args:
        desk: Where the ledger is.
        by: As of ``totals``.
        campaign: As of ``totals``.
        as_of: As of ``totals``.
        form: ``csv`` or ``parquet``.
        top: As of ``totals``.

    Raises:
        ValueError: There is no such form, part or point.
        BusyMirror: Another process brings the copy up to date.

    """
    if form not in FORMS:
        raise ValueError(f"there is no format {form!r} of sums; use one of: {', '.join(FORMS)}")
    asked = _asked(desk, by, campaign, as_of, top)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"sums.{form}"
        write_sums(desk.mirror, desk.policy, asked, path, FORMS[form])
        return path.read_bytes()


def totals_document(
    desk: Desk, by: str, campaign: str, as_of: str, top: int | None = None
) -> Document:
    """Bring the copy up to date, and return its sums as tables; as ``totals`` otherwise.

    Raises:
        ValueError: There is no such part, or no such point.
        BusyMirror: Another process brings the copy up to date.

    """
    asked = _asked(desk, by, campaign, as_of, top)
    until = asked.until or 0
    found = pivot.pivot(desk.mirror, desk.policy, asked)
    sides = (
        Column("working", "Working", "money"),
        Column("non_working", "Non-working", "money"),
        Column("excluded", "Neither", "money"),
        Column("lines", "Lines", "count"),
    )
    parts = tuple(Column(name, name.replace("_", " ").capitalize()) for name in asked.by)
    tables = [
        Table(
            "totals",
            f"By {', '.join(asked.by)}".replace("_", " ") if asked.by else "All",
            (*parts, *sides),
            [(*map(str, one.parts), *_amounts(one)) for one in found.rows],
            drawn=tuple(
                Bars(
                    title,
                    [
                        (", ".join(map(str, one.parts)), one.money(amount(one)))
                        for one in found.rows
                    ],
                    working,
                )
                for title, amount, working in _CHARTS
                if parts
            ),
        )
    ]
    if found.rest:
        title = f"{number(found.groups)} more, in all"
        tables.append(Table("rest", title, sides, [_amounts(one) for one in found.rest]))
    return Document(
        schema="kampanj.report.totals/1",
        title=f"Totals of {campaign or 'all campaigns'}",
        lead="",
        as_of=asked.at or desk.now(),
        mark=Mark(until, desk.sealed(until)),
        tables=tuple(tables),
        facts=(("Policy", desk.policy.id),),
    )


_CHARTS: tuple[tuple[str, Callable[[pivot.Sum], int], bool], ...] = (
    ("Non-working money", lambda one: one.non_working, False),
    ("Working money", lambda one: one.working, True),
)


def _amounts(one: pivot.Sum) -> tuple[Cell, ...]:
    sides = (one.working, one.non_working, one.excluded)
    return (*map(one.money, sides), one.lines)


def _asked(desk: Desk, by: str, campaign: str, as_of: str, top: int | None) -> pivot.Asked:
    known = sync(desk.engine, desk.mirror).seq
    then = point(desk, as_of)
    return pivot.Asked.model_validate(
        {
            "by": tuple(part.strip() for part in by.split(",") if part.strip()),
            "until": min(then.seq, known) if then else known,
            "at": then and then.at,
            "campaign": campaign or None,
            "top": top,
        }
    )


def _told(one: pivot.Sum, by: tuple[pivot.Part, ...]) -> dict[str, str]:
    return {
        **{name: str(part) for name, part in zip(by, one.parts, strict=True)},
        "working": str(one.money(one.working)),
        "non_working": str(one.money(one.non_working)),
        "excluded": str(one.money(one.excluded)),
        "lines": str(one.lines),
    }


def _accepted(desk: Desk, asked: pivot.Asked) -> list[dict[str, str]]:
    return [
        {
            "campaign": one.campaign,
            "non_working": str(one.non_working),
            "accepted": str(one.accepted),
            "per_accepted": str(one.per_accepted) if one.per_accepted else "",
        }
        for one in pivot.accepted(desk.mirror, desk.policy, asked)
    ]
