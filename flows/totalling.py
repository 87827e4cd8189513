"""Sums of the whole ledger, from its copy in columns, as the command line shows them."""

from typing import TypedDict

from cost_tracking.mirror import pivot
from cost_tracking.mirror.copy import sync
from flows.accounts import point
from flows.desk import Desk


class Totals(TypedDict):
    """What was summed, and up to where."""

    policy: str
    until: int
    rows: list[dict[str, str]]


def totals(desk: Desk, by: str, campaign: str, as_of: str, *, accepted: bool) -> Totals:
    """Bring the copy up to date, and sum it.

    Args:
        desk: Where the ledger is.
        by: Parts with commas between them, of ``pivot.PARTS``.
        campaign: Only this one; all if empty.
        as_of: An entry's number or a day; as it is now if empty.
        accepted: Whether to tell what each accepted asset cost instead.

    Raises:
        ValueError: There is no such part, or no such point.
        BusyMirror: Another process brings the copy up to date.

    """
    known = sync(desk.engine, desk.mirror).seq
    then = point(desk, as_of)
    until = min(then.seq, known) if then else known
    parts = tuple(part.strip() for part in by.split(",") if part.strip())
    asked = pivot.Asked.model_validate(
        {"by": parts, "until": until, "at": then and then.at, "campaign": campaign or None}
    )
    found = _accepted(desk, asked) if accepted else _sums(desk, asked)
    return Totals(policy=desk.policy.id, until=until, rows=found)


def _sums(desk: Desk, asked: pivot.Asked) -> list[dict[str, str]]:
    return [
        {
            **{name: str(part) for name, part in zip(asked.by, one.parts, strict=True)},
            "working": str(one.money(one.working)),
            "non_working": str(one.money(one.non_working)),
            "excluded": str(one.money(one.excluded)),
            "lines": str(one.lines),
        }
        for one in pivot.pivot(desk.mirror, desk.policy, asked)
    ]


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
