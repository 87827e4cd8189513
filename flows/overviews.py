"""The report over all campaigns, from the ledger, the budgets and the briefs."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from cost_tracking.books.as_of import watermark
from cost_tracking.books.point import AsOf
from cost_tracking.budgets import Budget, NoBudget
from cost_tracking.database import reading
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass
from cost_tracking.reports.cohorts import Kept
from cost_tracking.reports.cost_lines import Convert, CostLine, cost_lines, days_of
from cost_tracking.reports.documents.overview import overview_document
from cost_tracking.reports.focus import as_focus
from cost_tracking.reports.forms.document import Document
from cost_tracking.reports.kept_assets import kept_assets
from cost_tracking.reports.overview import overview
from cost_tracking.reports.overview_figures import Overview, Plan, Scope
from cost_tracking.reports.overview_page import overview_pages
from creative.brief import Brief
from creative.market import market_table
from creative.placement import placement_table
from creative.value import Value
from creative.yaml_file import fit, read_document
from flows.accounts import point
from flows.desk import Desk
from flows.fates import fates

_CHANNELS = {
    "crm": "E-mail and messages",
    "digital_video": "Digital video",
    "display": "Display",
    "dooh": "Digital out of home",
    "offline": "Offline",
    "social": "Social",
}
_MOST_CAMPAIGNS = 100_000


class Asked(Value):
    """What the report is asked to cover."""

    start: date | None = None
    """The first day; None begins with the first that money was spent for."""
    end: date | None = None
    """The last day; None ends with the last."""
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    """None takes the one that most budgets are kept in."""
    known: str = ""
    """As it was known then: an entry's number or a day; empty for now."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"--to {self.end} is before --from {self.start}; swap them")
        return self


class Told(NamedTuple):
    """The figures of the page."""

    over: Overview
    kept: Kept | None
    """None where no asset of ours was made."""


def of_all(desk: Desk, asked: Asked) -> Told:
    """Return the figures of all campaigns.

    Raises:
        ValueError: Nothing was ever spent, or there is no such point in the ledger's history.
        Unconverted: A rate is missing; every one is named with the command that adds it.

    """
    now = desk.now()
    then = point(desk, asked.known) or AsOf(seq=watermark(desk.engine), at=now)
    with reading(desk.engine) as connection:
        days = days_of(connection)
    if days is None:
        raise ValueError("nothing is in the ledger yet; run a brief, or import what was spent")
    start, end = asked.start or days[0], asked.end or days[1]
    if end < start:
        raise ValueError(f"the ledger holds nothing from {start} on; its last day is {days[1]}")
    briefs = _briefs(desk)
    budgets = _budgets(desk, briefs)
    currency = asked.currency or _usual(budgets)
    convert = _convert(desk.rates, briefs, currency)
    with reading(desk.engine) as connection:
        lines = cost_lines(connection, start, end, convert, then.seq)
    scope = Scope(
        title="All campaigns",
        start=start,
        end=end,
        as_of=then.at,
        head=then.seq,
        sealed=desk.sealed(then.seq),
        currency=currency,
        names=_names(briefs),
        notes=_notes(lines, asked.known),
    )
    # A budget is worth what its money is worth on the last day that is told.
    plans = _plans(lines, briefs, budgets, desk.rates, (currency, min(end, now.date())))
    befell = fates(desk, briefs, currency, then)
    ended = {one.slot: one.ended.date() for one in befell.fates if one.ended}
    over = overview(scope, lines, plans, desk.policy, ended)
    return Told(over, kept_assets(over, befell) if befell.outcomes else None)


def tables(told: Told, only: str = "") -> Document:
    """Return the figures as tables, or one of these tables.

    Raises:
        ValueError: There is no table of this name.

    """
    document = overview_document(told.over, told.kept)
    return document.only(only) if only else document


def charges(desk: Desk, known: str = "") -> str:
    """Return every charge of the ledger as FOCUS 1.2, of all campaigns and of none.

    Raises:
        ValueError: There is no such point in the ledger's history.

    """
    then = point(desk, known)
    with reading(desk.engine) as connection:
        return as_focus(connection, desk.policy, None, then.seq if then else None)


def write(told: Told, path: Path) -> list[Path]:
    """Write the page, and the pages of its proofs into a folder beside it when there are many.

    Returns:
        What was written, the page first.

    """
    pages = overview_pages(told.over, told.kept, f"{path.stem}-entries")
    written = [path]
    path.write_text(pages.page, encoding="utf-8")
    for name, text in pages.beside.items():
        beside = path.parent / name
        beside.parent.mkdir(exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        written.append(beside)
    return written


def _briefs(desk: Desk) -> dict[str, Brief]:
    """Return the brief of each campaign's newest run; one that is gone or too old is left out."""
    newest = {run.campaign: run for run in reversed(desk.runs.list(limit=_MOST_CAMPAIGNS))}
    found: dict[str, Brief] = {}
    for campaign, run in newest.items():
        path = desk.blobs.path(run.brief_sha256)
        if path.is_file():
            brief, _ = fit(read_document(path), Brief)
            if brief:
                found[campaign] = brief
    return found


def _budgets(
    desk: Desk, briefs: Mapping[str, Brief]
) -> dict[str, tuple[Budget | None, Budget | None]]:
    """Return what each campaign may spend, non-working and working."""
    return {
        campaign: (
            _budget(desk, campaign, SpendClass.NON_WORKING),
            _budget(desk, campaign, SpendClass.WORKING),
        )
        for campaign in briefs
    }


def _budget(desk: Desk, campaign: str, side: SpendClass) -> Budget | None:
    try:
        return desk.budgets.of(campaign, side)
    except NoBudget:
        return None


def _usual(budgets: Mapping[str, tuple[Budget | None, Budget | None]]) -> str:
    kept = Counter(one.limit.currency for both in budgets.values() for one in both if one)
    return kept.most_common(1)[0][0] if kept else "EUR"


def _convert(rates: Rates, briefs: Mapping[str, Brief], currency: str) -> Convert:
    """Return how an amount is converted: at its brief's rate if it has one, else that of its day.

    A brief's own rate is what its budget and its own report are told in.
    """
    own = {
        (campaign, billed): terms.rate
        for campaign, brief in briefs.items()
        if brief.budget.currency == currency
        for billed, terms in brief.budget.rates.items()
    }

    def convert(money: Money, on: date, campaign: str, posted: Money | None) -> tuple[int, str]:
        if money.currency == currency:
            return money.micros, ""
        rate = own.get((campaign, money.currency))
        if rate is not None:
            return money.at(rate, currency).micros, f"{rate} of the brief"
        if posted is not None and posted.currency == currency:
            # The parts of a document sum to what the whole was converted to.
            return posted.micros, "as it was posted"
        told = rates.convert(money, currency, on)
        return told.amount.micros, told.rate_id

    return convert


def _plans(
    lines: tuple[CostLine, ...],
    briefs: Mapping[str, Brief],
    budgets: Mapping[str, tuple[Budget | None, Budget | None]],
    rates: Rates,
    into: tuple[str, date],
) -> list[Plan]:
    spent_on = {one.campaign for one in lines}
    plans = []
    for campaign, brief in briefs.items():
        if campaign not in spent_on:
            continue
        making, working = budgets[campaign]
        planned = Money.of(brief.budget.working, brief.budget.currency)
        plans.append(
            Plan(
                campaign=campaign,
                title=brief.title,
                non_working=_told(making.limit if making else None, rates, into),
                working=_told(working.limit if working else planned or None, rates, into),
                committed=_told(making.reserved if making else None, rates, into),
                channels=brief.budget.channels,
            )
        )
    return sorted(plans, key=lambda one: one.title)


def _told(money: Money | None, rates: Rates, into: tuple[str, date]) -> Money | None:
    return rates.convert(money, *into).amount if money is not None else None


def _names(briefs: Mapping[str, Brief]) -> dict[str, str]:
    markets = {one.code: one.name for one in market_table().markets.values()}
    placements = {one.id: one.name for one in placement_table().placements.values()}
    titles = {campaign: brief.title for campaign, brief in briefs.items()}
    return {**markets, **placements, **_CHANNELS, **titles}


def _notes(lines: tuple[CostLine, ...], known: str) -> tuple[str, ...]:
    notes = []
    if known:
        notes.append(f"As it was known at {known}; what was recorded later is not in it.")
    if not any(one.cost_type.startswith("labour") for one in lines):
        notes.append("No hours are entered, so people's time is not in these figures.")
    working = [one for one in lines if one.kind == "media"]
    lost = sum(one.micros for one in working if not one.asset)
    everything = sum(one.micros for one in working)
    if everything and Decimal(lost) / everything > Decimal("0.2"):
        notes.append("More than a fifth of the media money names no asset of ours.")
    return tuple(notes)
