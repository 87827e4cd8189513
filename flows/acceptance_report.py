"""What accepted assets cost over many campaigns, and what was saved, from the desk's books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from cost_tracking import tables
from cost_tracking.acceptance.cohort import Cohorts
from cost_tracking.acceptance.cohorts import cohorts
from cost_tracking.acceptance.history import DIMENSIONS, History, Window, history
from cost_tracking.acceptance.outcome_file import Asked, OutcomeFile, read_outcomes
from cost_tracking.acceptance.period import Period, periods
from cost_tracking.acceptance.rules import default_rules
from cost_tracking.acceptance.savings import Savings, Terms, savings
from cost_tracking.acceptance.sentence import Sentence, sentence
from cost_tracking.acceptance.transfers import transfers
from cost_tracking.acceptance.wasted import Wasted, wasted
from cost_tracking.books.as_of import watermark
from cost_tracking.books.point import AsOf
from cost_tracking.database import reading
from cost_tracking.money import Money
from cost_tracking.spending import Spending
from creative.brief import Brief
from creative.yaml_file import fit, read_document
from flows.accounts import point
from flows.desk import Desk

_MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class Acceptance:
    """The figures of some campaigns whose budgets are in one currency."""

    campaigns: tuple[str, ...]
    as_of: AsOf
    policy: str
    rules: str
    cohorts: Cohorts
    periods: tuple[Period, ...]
    savings: tuple[Savings, ...]
    sentence: Sentence
    wasted: tuple[Wasted, ...]


@dataclass(frozen=True)
class Told:
    """One campaign, as the books have it."""

    brief: Brief
    placeholder: bool
    history: History


def told(
    desk: Desk, names: Sequence[str] = (), *, then: str = "", by: str = ""
) -> tuple[Acceptance, ...]:
    """Return what accepted assets cost, once for each currency; amounts are never mixed.

    Args:
        desk: Where the books are.
        names: Campaigns; none for all that were ever run.
        then: A day or a sequence number, as which it is told; empty for now.
        by: One of ``DIMENSIONS``; empty for none.

    Raises:
        KeyError: A campaign was never run.
        ValueError: ``then`` or ``by`` is not one, or a campaign's brief cannot be read.

    """
    if by and by not in DIMENSIONS:
        raise ValueError(f"cannot cut by {by!r}; use one of: {', '.join(DIMENSIONS)}")
    at = _point(desk, then)
    read = [of_campaign(desk, name, at) for name in names or _campaigns(desk)]
    currencies = sorted({one.brief.budget.currency for one in read})
    return tuple(
        _acceptance(desk, [one for one in read if one.brief.budget.currency == currency], at, by)
        for currency in currencies
    )


def of_file(
    path: Path, *, currency: str, window: int | None, unit_size: int | None, until: date
) -> OutcomeFile:
    """Return the outcomes of a file, as of a day.

    Raises:
        ValueError: It is too long, not UTF-8, or not a file of outcomes.
        OSError: It cannot be read.

    """
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{path} is longer than {_MOST_BYTES // 1_000_000} MB; divide it")
    rules = default_rules()
    asked = Asked(
        currency=currency,
        window_days=window or rules.window_days,
        unit_size=unit_size,
        until=until,
    )
    return read_outcomes(path.read_text("utf-8-sig"), asked, rules)


def of_outcomes(
    read: OutcomeFile, *, currency: str, until: date, by: str, clean_up: Money | None
) -> Cohorts:
    """Return the figures of a file's outcomes at the end of a day.

    Raises:
        ValueError: The file has no column to cut by.

    """
    if by and by not in read.dimensions:
        known = ", ".join(read.dimensions) or "it has none of its own"
        raise ValueError(f"the file has no column {by!r} to cut by; its own are: {known}")
    end = datetime(until.year, until.month, until.day, tzinfo=UTC) + timedelta(days=1)
    at = end - timedelta(microseconds=1)
    return cohorts(read.outcomes, read.costs, at, currency, by=by, clean_up=clean_up)


def _campaigns(desk: Desk) -> list[str]:
    with reading(desk.engine) as connection:
        column = tables.run.c.campaign
        return sorted(connection.execute(select(column).distinct()).scalars())


def _point(desk: Desk, then: str) -> AsOf:
    return point(desk, then) or AsOf(seq=watermark(desk.engine), at=desk.now())


def of_campaign(desk: Desk, name: str, point: AsOf, currency: str = "") -> Told:
    """Return what became of one campaign's assets.

    Args:
        desk: Where the books are.
        name: The campaign's.
        point: As which it is told.
        currency: Of the amounts; the budget's when empty.

    Raises:
        KeyError: The campaign was never run.
        ValueError: Its brief cannot be read.

    """
    run = desk.run_named(name)
    brief, problems = fit(read_document(desk.blobs.path(run.brief_sha256)), Brief)
    if brief is None:
        raise ValueError(f"{name}: {'; '.join(map(str, problems))}")
    into = currency or brief.budget.currency
    # What a brief says of rates, it says of its budget's currency.
    rates = {
        billed: one.rate
        for billed, one in brief.budget.rates.items()
        if into == brief.budget.currency
    }
    dated = desk.rates_then(point)
    spending = Spending(desk.engine, brief.name, into, rates, desk.policy, point, dated)
    window = Window(days=brief.acceptance.window_days, channels=brief.acceptance.channels)
    found = history(desk.engine, brief.name, window, spending, default_rules(), point)
    made = desk.manifest_path(run.id).is_file()
    concepts = desk.manifest(run.id).concepts if made else ()
    return Told(brief, any(concept.placeholder for concept in concepts), found)


def _acceptance(desk: Desk, read: Sequence[Told], point: AsOf, by: str) -> Acceptance:
    currency = read[0].brief.budget.currency
    outcomes = [one for each in read for one in each.history.outcomes]
    costs = [one for each in read for one in each.history.costs]
    whole = cohorts(outcomes, costs, point.at, currency, by=by)
    saved = tuple(savings_of(desk, one, point) for one in read)
    media = [one for each in read for one in each.history.media]
    fates = [one for each in read for one in each.history.fates]
    return Acceptance(
        campaigns=tuple(one.brief.name for one in read),
        as_of=point,
        policy=desk.policy.id,
        rules=default_rules().id,
        cohorts=whole,
        periods=periods(outcomes, costs, point.at, currency),
        savings=saved,
        sentence=sentence(whole, saved),
        wasted=wasted(fates, media, point.at, currency),
    )


def savings_of(desk: Desk, one: Told, point: AsOf) -> Savings:
    """Return the three numbers of one campaign, which must be told in its budget's currency."""
    brief, found = one.brief, one.history
    line = brief.baseline
    rate = brief.budget.rates.get(line.currency) if line else None
    same = line is not None and line.currency == brief.budget.currency
    terms = Terms.model_validate(
        {
            "campaign": brief.name,
            "currency": brief.budget.currency,
            "non_working": brief.budget.non_working,
            "ends": brief.schedule.end,
            "baseline": line,
            "rate": 1 if same else rate.rate if rate else None,
            "placeholder": one.placeholder,
        }
    )
    whole = cohorts(found.outcomes, found.costs, point.at, brief.budget.currency)
    with reading(desk.engine) as connection:
        journal = transfers(connection, brief.name, point.at)
    return savings(terms, found.outcomes, whole.total, whole.costs(), journal, point.at)
