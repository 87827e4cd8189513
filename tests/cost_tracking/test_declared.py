"""The ledger says what the brief declares, and what it used to."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cost_tracking import ledger
from cost_tracking.books.as_of import watermark
from cost_tracking.database import reading
from cost_tracking.declared import post_declared
from cost_tracking.exchange.based import Books
from cost_tracking.exchange.published import published
from cost_tracking.exchange.quotations import Quotation
from cost_tracking.exchange.rates import Rates
from cost_tracking.policy import SpendClass, UnknownCostType, default_policy
from cost_tracking.reports.open_items import open_items
from cost_tracking.spending import Spending
from creative.brief import DeclaredCost


def cost(name: str = "agency", amount: str = "1200.00", **different: object) -> DeclaredCost:
    """Return a cost as a brief declares it."""
    usual: dict[str, object] = {
        "id": name,
        "type": "agency.creative",
        "amount": amount,
        "currency": "EUR",
        "source": "INV-1",
        "on": date(2026, 11, 3),
    }
    return DeclaredCost.model_validate({**usual, **different})


@pytest.fixture
def declare(engine: Engine, clock: Any) -> Callable[..., tuple[str, ...]]:
    """Return what a run does with a brief's costs."""

    def declare(*costs: DeclaredCost, campaign: str = "tea", run: str = "r1") -> tuple[str, ...]:
        return post_declared(engine, campaign, costs, default_policy(), clock, run)

    return declare


def standing(engine: Engine) -> dict[str, int]:
    """Return what each cost type sums to."""
    query = "SELECT cost_type, sum(amount_micros) FROM posting WHERE account = 'cost' GROUP BY 1"
    with reading(engine) as connection:
        return {one: int(much) for one, much in connection.execute(text(query)) if much}


def test_a_declared_cost_is_posted_once_whatever_the_number_of_runs(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """An agency's invoice is paid once, though the brief is run ten times."""
    assert declare(cost(), run="r1") == ("declared/tea/agency/1",)
    assert declare(cost(), run="r2") == ()

    assert standing(engine) == {"agency.creative": 1_200_000_000}
    assert ledger.check(engine) == []


def test_media_is_posted_as_working_money_of_its_market_and_channel(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """The CMO's ratio counts it on the right side."""
    declare(cost("media", "90000", type="media.inventory", market="SE", channel="social"))

    with reading(engine) as connection:
        entry = ledger.read(connection, "declared/tea/media/1")
    spent = entry.postings[0]
    assert spent.spend_class is SpendClass.WORKING
    assert (spent.market, spent.channel, spent.policy) == ("SE", "social", "wc-default@2")
    assert (entry.effective_on, entry.source_doc) == (date(2026, 11, 3), "INV-1")


def test_a_changed_cost_is_reversed_and_posted_anew(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """The final invoice differs from the quote, and both stay to be seen."""
    declare(cost())
    changed = declare(cost(amount="1100.00"), cost("music", "50", type="licence.music"))

    assert changed == ("declared/tea/agency/1", "declared/tea/agency/2", "declared/tea/music/1")
    assert standing(engine) == {"agency.creative": 1_100_000_000, "licence.music": 50_000_000}
    assert ledger.check(engine) == []


def test_a_cost_that_is_gone_is_reversed_and_may_come_back(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """A line that was deleted by mistake is put back without a trick."""
    declare(cost())
    assert declare() == ("declared/tea/agency/1",)
    assert standing(engine) == {}
    assert declare() == ()

    assert declare(cost()) == ("declared/tea/agency/2",)
    assert standing(engine) == {"agency.creative": 1_200_000_000}
    assert ledger.check(engine) == []


def test_a_cost_of_nothing_is_no_cost(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """A placeholder in a brief makes no entry, and setting one to 0 takes its entry back."""
    assert declare(cost(amount="0")) == ()
    declare(cost())
    declare(cost(amount="0"))

    assert standing(engine) == {}


def test_campaigns_do_not_touch_each_other_s_costs(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """A campaign whose name begins like another's keeps its invoices."""
    declare(cost(), campaign="tea")
    declare(cost(), campaign="tea-two")
    declare(campaign="tea")

    assert standing(engine) == {"agency.creative": 1_200_000_000}


def test_an_unknown_cost_type_posts_nothing_at_all(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """Half of a brief's costs in the books would be worse than none."""
    with pytest.raises(UnknownCostType):
        declare(cost(), cost("odd", type="agency.wizardry"))
    with pytest.raises(ValueError, match="two declared costs have one id"):
        declare(cost(), cost(amount="3"))

    assert standing(engine) == {}


def test_campaigns_of_one_report_look_up_each_rate_once(
    engine: Engine, declare: Callable[..., tuple[str, ...]]
) -> None:
    """Twelve campaigns of a year would otherwise each ask for the rates of 365 days."""
    looks: list[date] = []

    def source(first: date, last: date) -> Iterator[Quotation]:
        looks.append(last)
        return published(first, last)

    for campaign in ("tea", "coffee"):
        declare(*(cost(f"n{n}", "10", currency="SEK") for n in range(5)), campaign=campaign)
    dated = Rates(source)
    told = [
        Spending(engine, campaign, "EUR", {}, default_policy(), dated=dated).spent()
        for campaign in ("tea", "coffee")
    ]

    assert [len(one) for one in told] == [5, 5]
    assert looks == [date(2026, 11, 3)]


def test_a_declared_cost_is_told_in_the_books_currency_too(engine: Engine, clock: Any) -> None:
    """A rate that is imported later must not make the same invoice look like another one."""

    def declare(rates: Rates, *costs: DeclaredCost) -> tuple[str, ...]:
        books = Books("EUR", rates)
        return post_declared(engine, "tea", costs, default_policy(), clock, "r1", books)

    costs = (cost(currency="SEK"), cost("dear", currency="QAR"))
    assert len(declare(Rates(published), *costs)) == 2
    assert declare(Rates(lambda _first, _last: ()), *costs) == ()

    with reading(engine) as connection:
        told = ledger.read(connection, "declared/tea/agency/1").postings
        unknown = ledger.read(connection, "declared/tea/dear/1").postings
        found = open_items(connection, watermark(engine), date(2026, 11, 4), books="EUR")
    day = Rates(published).convert(told[0].amount, "EUR", date(2026, 11, 3))
    assert [one.base for one in told] == [day.amount, -day.amount]
    assert told[0].fx_rate == "ecb/2026-10-30/EUR-SEK"
    # Nobody quotes it: the fact stands all the same, and is counted.
    assert [one.base for one in unknown] == [None, None]
    [gap] = found.unconverted
    assert (gap.lines, str(gap.amount)) == (1, "1200.00 QAR")
    assert ledger.check(engine) == []
