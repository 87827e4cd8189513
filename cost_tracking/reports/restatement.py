"""What changed between two points: which figures, by how much, and because of which entries."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.facts import Spent
from cost_tracking.reports.trail import Figure, Trail
from cost_tracking.reports.trails import Trails
from creative.value import Value


class Cause(Value):
    """One amount of the ledger that moved a figure."""

    what: Literal["new", "gone", "share"]
    """``new``: it was not told before. ``gone``: it no longer is, as a request whose outcome was
    unknown and now is an entry. ``share``: as before, and the figure bears another part of it."""
    by: Money
    """How much it moved the figure."""
    spent: Spent


class Change(Value):
    """One figure that is not what it was. The causes sum exactly to an amount's change."""

    figure: str
    name: str
    before: Figure
    """None of a figure that there was not yet."""
    after: Figure
    """None of a figure that there is no more."""
    causes: tuple[Cause, ...] = ()
    more: tuple[str, ...] = ()
    """What a number counts now, and did not."""
    fewer: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    """The figures that it is worked out from, as far as they changed."""

    @property
    def moved(self) -> bool:
        """Say whether it was or is something: a new market's 0 where nothing was is no news."""
        return any(
            value not in (None, 0) and not (isinstance(value, Money) and not value.micros)
            for value in (self.before, self.after)
        )

    @property
    def by(self) -> Money | Decimal | int | None:
        """Return how much it changed, where it was and is a figure of one kind."""
        if isinstance(self.after, Money) or isinstance(self.before, Money):
            after, before = (
                one.micros if isinstance(one, Money) else 0 for one in (self.after, self.before)
            )
            [told, *_] = (one for one in (self.after, self.before) if isinstance(one, Money))
            return Money(micros=after - before, currency=told.currency)
        if isinstance(self.after, int | Decimal) and isinstance(self.before, int | Decimal):
            return self.after - self.before
        return None


class Restatement(Value):
    """All that changed in a campaign's report between two points of the ledger."""

    campaign: str
    before: int
    """The newest entry that the first report told."""
    after: int
    changes: tuple[Change, ...]


def restatement(before: Trails, after: Trails) -> Restatement:
    """Return what changed from one report of a campaign to another.

    Args:
        before: Of the report as it was.
        after: Of the report as it is.

    """
    pairs = (
        (_trail(before, name), _trail(after, name))
        for name in dict.fromkeys((*after.figures, *before.figures))
    )
    changed = [(was, now) for was, now in pairs if _value(was) != _value(now)]
    names = {told.figure for pair in changed for told in pair if told}
    lines = _by_line(before.report), _by_line(after.report)
    return Restatement(
        campaign=after.report.campaign.name,
        before=before.report.campaign.up_to,
        after=after.report.campaign.up_to,
        changes=tuple(_change(was, now, lines, names) for was, now in changed),
    )


_Key = tuple[str, str]
"""A line of the ledger, and the side of the line that an amount of it falls on."""


class _Lines(NamedTuple):
    keys: tuple[_Key, ...]
    """In the order of the report, as parts name them."""
    spent: Mapping[_Key, Spent]


def _by_line(report: Report) -> _Lines:
    keys = tuple((one.id, one.spend) for one in report.lines)
    return _Lines(keys, dict(zip(keys, report.lines, strict=True)))


def _trail(trails: Trails, figure: str) -> Trail | None:
    return trails.of(figure) if figure in trails.figures else None


def _value(trail: Trail | None) -> Figure:
    return trail.value if trail else None


def _change(
    was: Trail | None, now: Trail | None, lines: tuple[_Lines, _Lines], changed: Collection[str]
) -> Change:
    before, after = set(was.counted if was else ()), set(now.counted if now else ())
    [told, *_] = filter(None, (now, was))
    return Change(
        figure=told.figure,
        name=told.name,
        before=_value(was),
        after=_value(now),
        causes=tuple(_causes(was, now, lines)),
        more=tuple(sorted(after - before)),
        fewer=tuple(sorted(before - after)),
        terms=tuple(one.figure for one in told.terms if one.figure in changed),
    )


def _causes(was: Trail | None, now: Trail | None, lines: tuple[_Lines, _Lines]) -> Iterator[Cause]:
    before, after = _micros(was, lines[0]), _micros(now, lines[1])
    for key in {**before, **after}:
        by = after.get(key, 0) - before.get(key, 0)
        if not by:
            continue
        then, since = lines[0].spent, lines[1].spent
        spent = since.get(key) or then[key]
        yield Cause(
            what="new" if key not in then else "gone" if key not in since else "share",
            by=Money(micros=by, currency=spent.amount.currency),
            spent=spent,
        )


def _micros(trail: Trail | None, lines: _Lines) -> dict[_Key, int]:
    sums: dict[_Key, int] = {}
    for part in trail.parts if trail else ():
        sums[lines.keys[part.entry]] = sums.get(lines.keys[part.entry], 0) + part.amount.micros
    return sums
