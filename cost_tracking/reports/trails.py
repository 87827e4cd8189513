"""The trail of every figure of a report, by the names under which they are asked for.

``non_working``, ``working``, ``total``, ``waste``, ``rework``, ``unallocated``
    sums of all lines of that kind
``produced``, ``accepted``, ``rejected``, ``waiting``, ``delivered``
    numbers of renditions
``per_accepted``, ``per_produced``, ``working_share``
    quotients
``budget:working``, ``budget:working:left`` and the same of ``non_working``
    what the brief grants, and what is left of it
``market:SE``, ``market:SE:working``, ``market:SE:produced`` …
    the rows of a breakdown: also ``placement``, ``provider``, ``stage`` and ``cost_type``; what
    names none is ``market:-``
``channel:social``
    working money by channel
``asset:<slot>``, ``asset:<slot>:direct``, ``asset:<slot>:allocated``
    what one rendition cost
``reading:wc-strict@1:working``, also ``non_working``, ``excluded`` and ``contested``
    the same money under each reading of what is working
``saving:baseline``, ``saving:avoided``
    the saving, where one is claimed
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property, partial
from typing import Literal

from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass, shipped
from cost_tracking.readings import Reading
from cost_tracking.reports.asset_costs import AssetCost, Share, shares
from cost_tracking.reports.campaign_report import BudgetLine, Channel, Report, Row
from cost_tracking.reports.facts import Made, Spent
from cost_tracking.reports.trail import Figure, Part, Trail

NOBODY = "-"
"""In a figure's name, what names no market, placement or channel."""


class UnknownFigure(KeyError):
    """The report has no figure of this name."""

    def __str__(self) -> str:
        return str(self.args[0])


class Trails:
    """The trails of every figure of a report, each worked out when it is asked for.

    Args:
        report: As ``campaign_report.report`` made it.
        policy: The installation's own, where it is none of those that ship with us.

    """

    def __init__(self, report: Report, policy: Policy | None = None) -> None:
        self._report = report
        self._own = policy
        self._currency = report.campaign.budget.currency
        self._makers: dict[str, Callable[[], Trail]] = dict(self._catalogue())

    @property
    def report(self) -> Report:
        """Return the report that they are of."""
        return self._report

    @property
    def figures(self) -> tuple[str, ...]:
        """Return the name of every figure, in the order of the report."""
        return tuple(self._makers)

    def of(self, figure: str) -> Trail:
        """Return what a figure is made of.

        Raises:
            UnknownFigure: The report has none of this name.

        """
        if figure not in self._makers:
            near = get_close_matches(figure, self._makers, n=3, cutoff=0.4) or self.figures[:3]
            raise UnknownFigure(
                f"the report of {self._report.campaign.name} has no figure {figure!r}; it has"
                f" {', '.join(near)} and {len(self._makers) - len(near)} others"
            )
        return self._makers[figure]()

    def _catalogue(self) -> Iterator[tuple[str, Callable[[], Trail]]]:
        told = self._report
        sums: tuple[tuple[str, str, Money, Callable[[Spent], bool]], ...] = (
            ("working", "Working money", told.working, _working),
            ("non_working", "Non-working money", told.non_working, _making),
            ("total", "All money", told.working + told.non_working, lambda _: True),
            (
                "waste",
                "Spent in vain",
                told.waste,
                lambda one: one.waste and one.spend == "non_working",
            ),
            (
                "rework",
                "Rework",
                told.rework,
                lambda one: one.rework and one.spend == "non_working",
            ),
        )
        for figure, name, value, holds in sums:
            yield figure, partial(self._whole, figure, name, value, holds)
        yield "unallocated", partial(self._unallocated, "unallocated")
        counts: tuple[tuple[str, int, Callable[[Made], bool]], ...] = (
            ("produced", told.produced, lambda _: True),
            ("accepted", told.accepted, lambda one: one.accepted is True),
            ("rejected", told.rejected, lambda one: one.accepted is False),
            ("waiting", told.waiting, lambda one: one.accepted is None),
            ("delivered", told.delivered, lambda one: one.delivered),
        )
        for figure, count, holds_made in counts:
            yield figure, partial(self._count, figure, f"Renditions {figure}", count, holds_made)
        yield from self._quotients()
        yield from self._budgets()
        yield from self._breakdowns()
        for channel in told.channels:
            yield f"channel:{channel.key or NOBODY}", partial(self._channel, channel)
        for asset in told.assets:
            slot = asset.made.slot
            yield f"asset:{slot}", partial(self._asset, asset, "", asset.total)
            yield f"asset:{slot}:direct", partial(self._asset, asset, "direct", asset.direct)
            yield (
                f"asset:{slot}:allocated",
                partial(self._asset, asset, "allocated", asset.allocated),
            )
        for reading in told.campaign.readings:
            for side in (*SpendClass, "contested"):
                figure = f"reading:{reading.policy}:{side}"
                yield figure, partial(self._reading, figure, reading, str(side))
        if told.saving.baseline is not None:
            yield "saving:baseline", self._baseline
            yield (
                "saving:avoided",
                partial(
                    self._of_terms,
                    "saving:avoided",
                    "Cost avoided",
                    told.saving.avoided,
                    "difference",
                    ("saving:baseline", "non_working"),
                ),
            )

    def _quotients(self) -> Iterator[tuple[str, Callable[[], Trail]]]:
        told = self._report
        quotients: tuple[tuple[str, str, Figure, tuple[str, str]], ...] = (
            (
                "per_accepted",
                "For each accepted rendition",
                told.per_accepted,
                ("non_working", "accepted"),
            ),
            (
                "per_produced",
                "For each rendition made",
                told.per_produced,
                ("non_working", "produced"),
            ),
            ("working_share", "Working share", told.working_share, ("working", "total")),
            (
                "images_per_rendition",
                "Images bought for each rendition",
                told.images_per_rendition,
                ("images_bought", "produced"),
            ),
        )
        yield "images_bought", self._images
        for figure, name, value, terms in quotients:
            yield figure, partial(self._of_terms, figure, name, value, "quotient", terms)

    def _budgets(self) -> Iterator[tuple[str, Callable[[], Trail]]]:
        for side, line in zip(("working", "non_working"), self._report.budgets, strict=True):
            figure = f"budget:{side}"
            yield figure, partial(self._budget, figure, line)
            left = f"{figure}:left"
            yield (
                left,
                partial(
                    self._of_terms,
                    left,
                    f"{line.name} budget, left",
                    line.left,
                    "difference",
                    (figure, side),
                ),
            )

    def _breakdowns(self) -> Iterator[tuple[str, Callable[[], Trail]]]:
        told = self._report
        for cut, rows in (("market", told.markets), ("placement", told.placements)):
            for row in rows:
                figure = f"{cut}:{row.key or NOBODY}"
                yield figure, partial(self._shared, figure, cut, row)
                yield f"{figure}:working", partial(self._cut, f"{figure}:working", cut, row)
                for count in ("produced", "accepted"):
                    yield f"{figure}:{count}", partial(self._counted, figure, cut, row, count)
                yield (
                    f"{figure}:per_accepted",
                    partial(
                        self._of_terms,
                        f"{figure}:per_accepted",
                        f"{row.name}: for each accepted rendition",
                        row.per_accepted,
                        "quotient",
                        (figure, f"{figure}:accepted"),
                    ),
                )
        for cut, rows in (
            ("provider", told.providers),
            ("stage", told.stages),
            ("cost_type", told.cost_types),
        ):
            for row in rows:
                figure = f"{cut}:{row.key or NOBODY}"
                yield figure, partial(self._cut, figure, cut, row)
                yield f"{figure}:working", partial(self._cut, f"{figure}:working", cut, row)

    @cached_property
    def _shares(self) -> tuple[Share, ...]:
        return tuple(shares(self._report.entries, [one.made for one in self._report.assets]))

    @cached_property
    def _by_slot(self) -> Mapping[str, tuple[Share, ...]]:
        return _grouped(self._shares, lambda one: one.slot or "")

    @cached_property
    def _by_place(self) -> Mapping[str, Mapping[str, tuple[Share, ...]]]:
        return {
            "market": _grouped(self._shares, lambda one: one.market or ""),
            "placement": _grouped(self._shares, lambda one: one.placement or ""),
        }

    def _parts(self, found: Iterable[Share]) -> tuple[Part, ...]:
        micros: dict[int, int] = {}
        for one in found:
            micros[one.entry] = micros.get(one.entry, 0) + one.micros
        return tuple(
            Part(entry=entry, amount=Money(micros=much, currency=self._currency))
            for entry, much in sorted(micros.items())
            if much
        )

    def _lines(self, holds: Callable[[Spent], bool]) -> tuple[Part, ...]:
        return tuple(
            Part(entry=entry, amount=one.amount)
            for entry, one in enumerate(self._report.entries)
            if one.amount and holds(one)
        )

    def _whole(self, figure: str, name: str, value: Money, holds: Callable[[Spent], bool]) -> Trail:
        return Trail(figure=figure, name=name, value=value, how="sum", parts=self._lines(holds))

    def _unallocated(self, figure: str) -> Trail:
        return Trail(
            figure=figure,
            name="Borne by no rendition",
            value=self._report.unallocated,
            how="sum",
            parts=self._parts(self._by_slot.get("", ())),
        )

    def _count(self, figure: str, name: str, value: int, holds: Callable[[Made], bool]) -> Trail:
        slots = tuple(one.made.slot for one in self._report.assets if holds(one.made))
        return Trail(figure=figure, name=name, value=value, how="count", counted=slots)

    def _images(self) -> Trail:
        bought = {
            one.asked.id: None
            for one in self._report.entries
            if one.asked and not one.waste and one.asked.bought_image
        }
        return Trail(
            figure="images_bought",
            name="Images bought",
            value=self._report.campaign.images_bought,
            how="count",
            counted=tuple(bought),
        )

    def _of_terms(
        self,
        figure: str,
        name: str,
        value: Figure,
        how: Literal["quotient", "difference"],
        terms: tuple[str, str],
    ) -> Trail:
        of = tuple(self.of(one) for one in terms)
        return Trail(figure=figure, name=name, value=value, how=how, terms=of)

    def _budget(self, figure: str, line: BudgetLine) -> Trail:
        run = self._report.campaign.run
        source = f"the brief of run {run}"
        return Trail(
            figure=figure, name=f"{line.name} budget", value=line.budget, how="given", source=source
        )

    def _shared(self, figure: str, cut: str, row: Row) -> Trail:
        return Trail(
            figure=figure,
            name=f"{row.name}: non-working money",
            value=row.non_working,
            how="sum",
            parts=self._parts(self._by_place[cut].get(row.key, ())),
        )

    def _cut(self, figure: str, cut: str, row: Row) -> Trail:
        working = figure.endswith(":working")
        side = "working" if working else "non_working"
        return Trail(
            figure=figure,
            name=f"{row.name}: {'working' if working else 'non-working'} money",
            value=row.working if working else row.non_working,
            how="sum",
            parts=self._lines(
                lambda one: one.spend == side and (getattr(one, cut) or "") == row.key
            ),
        )

    def _counted(self, figure: str, cut: str, row: Row, count: str) -> Trail:
        value = (row.produced if count == "produced" else row.accepted) or 0
        return self._count(
            f"{figure}:{count}",
            f"{row.name}: renditions {count}",
            value,
            lambda one: (
                getattr(one, cut) == row.key and (count == "produced" or one.accepted is True)
            ),
        )

    def _channel(self, channel: Channel) -> Trail:
        return self._whole(
            f"channel:{channel.key or NOBODY}",
            f"{channel.name}: working money",
            channel.spent,
            lambda one: _working(one) and (one.channel or "") == channel.key,
        )

    def _asset(self, asset: AssetCost, which: str, value: Money) -> Trail:
        slot = asset.made.slot
        its = self._by_slot.get(slot, ())
        return Trail(
            figure=f"asset:{slot}" + (f":{which}" if which else ""),
            name=f"{slot}{f', {which}' if which else ''}",
            value=value,
            how="sum",
            parts=self._parts(one for one in its if not which or one.direct == (which == "direct")),
        )

    def _reading(self, figure: str, reading: Reading, side: str) -> Trail:
        micros: dict[int, int] = {}
        for entry, cost_type, amount in self._unread:
            if side == "contested":
                rule = self._policy(reading.policy).rule(cost_type)
                micros[entry] = amount.micros if rule.contested else 0
            else:
                parts = self._policy(reading.policy).parts(cost_type, amount)
                micros[entry] = parts.get(SpendClass(side), Money.zero(self._currency)).micros
        return Trail(
            figure=figure,
            name=f"{side.replace('_', '-').capitalize()} money as {reading.policy} reads it",
            value=getattr(reading, side),
            how="sum",
            parts=tuple(
                Part(entry=entry, amount=Money(micros=much, currency=self._currency))
                for entry, much in micros.items()
                if much
            ),
        )

    @cached_property
    def _unread(self) -> tuple[tuple[int, str, Money], ...]:
        """Return the lines whole, as they were before the report's policy divided them."""
        whole: dict[str, tuple[int, str, Money]] = {}
        for entry, one in enumerate(self._report.lines):
            name = one.id if one.posted else f"entry {entry}"
            first, _, before = whole.get(name, (entry, "", Money.zero(self._currency)))
            whole[name] = first, one.cost_type, before + one.amount
        return tuple(whole.values())

    def _policy(self, name: str) -> Policy:
        own = self._own
        return own if own and own.id == name else shipped(name)

    def _baseline(self) -> Trail:
        saving = self._report.saving
        return Trail(
            figure="saving:baseline",
            name="What the accepted renditions would have cost",
            value=saving.baseline,
            how="given",
            source=f"{saving.scope}; {saving.source}",
        )


def _working(one: Spent) -> bool:
    return one.spend == "working"


def _making(one: Spent) -> bool:
    return one.spend == "non_working"


def _grouped(
    found: Iterable[Share], key: Callable[[Share], str]
) -> Mapping[str, tuple[Share, ...]]:
    groups: dict[str, list[Share]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return {name: tuple(members) for name, members in groups.items()}
