"""``kampanj spend reconcile`` from the shell: a bill comes in, and lost attempts are closed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from loopback import Loopback, Told
from places import Place
from pydantic import ValidationError

from cost_tracking.attempts import Attempts, Order
from cost_tracking.budgets import Budgets
from cost_tracking.database import open_database, upgrade
from cost_tracking.money import Money
from cost_tracking.orders import Attempt, State
from cost_tracking.policy import SpendClass
from cost_tracking.proof import check
from cost_tracking.recovery import Recovery
from cost_tracking.usage import Usage
from flows.reconciling import Asked

TODAY = datetime.now(UTC).date()
DAY = TODAY - timedelta(days=10)
PERIOD = ("--from", str(DAY), "--to", str(DAY))


def usd(amount: str) -> Money:
    """Return dollars."""
    return Money.of(amount, "USD")


def remember(place: Place, *, days_ago: int = 10, settled: str = "0.053") -> str:
    """Buy one picture and lose another, some days ago, and return the lost one's id."""
    (place.folder / ".kampanj").mkdir()
    engine = open_database(address(place))
    upgrade(engine)
    noon = datetime.combine(TODAY - timedelta(days=days_ago), time(12), UTC)
    Budgets(engine, lambda: noon).set_limit(
        "spring-tea", SpendClass.NON_WORKING, Money.of("1", "EUR")
    )
    attempts = Attempts(engine, lambda: noon, "elsewhere:1:1")
    made = [attempts.sent(attempts.claim(order(place))) for place in ("c1", "c2")]
    usage = Usage(model="gpt-image-2", quantities={}, receipt="req_1")
    spent = Money.of("0.0477", "EUR")
    attempts.settle(made[0], usage, usd(settled), "computed", "a" * 64, budget_amount=spent)
    attempts.suspect(made[1], "outcome_unknown", "no answer came")
    engine.dispose()
    return made[1].id


def address(place: Place) -> str:
    """Return the database of a place."""
    return f"sqlite:///{place.folder}/.kampanj/kampanj.db"


def order(asset: str) -> Order:
    """Return the order of a picture."""
    return Order(
        campaign="spring-tea",
        run="r1",
        asset=asset,
        stage="concepts",
        provider="openai",
        model="gpt-image-2",
        operation="image",
        request_sha256=asset[1] * 64,
        estimate=usd("0.06"),
        budget_amount=Money.of("0.054", "EUR"),
    )


def attempt(place: Place, name: str) -> Attempt:
    """Return an attempt as the database has it, whose books must be sound."""
    engine = open_database(address(place))
    assert not check(engine)
    found = Recovery(engine, lambda: datetime.now(UTC), "test").get(name)
    engine.dispose()
    return found


def costs(*amounts: float, day: date = DAY) -> Callable[[Any], Told]:
    """Answer every question with these costs of one day."""
    start = int(datetime.combine(day, time(), UTC).timestamp())
    results = [
        {"amount": {"value": value, "currency": "usd"}, "line_item": "gpt-image-2, image output"}
        for value in amounts
    ]
    body = {"data": [{"start_time": start, "results": results}], "has_more": False}
    return lambda _asked: Told(200, {**body, "next_page": None})


def reconcile(place: Place, server: Loopback, *words: str) -> Any:
    """Run it over OpenAI on loopback."""
    return place.run(
        *("spend", "reconcile", "--source", "openai", "--json", *words),
        OPENAI_ADMIN_KEY="admin",
        KAMPANJ_OPENAI_BASE_URL=f"{server.url}/v1",
    )


def test_a_lost_attempt_is_settled_at_what_the_bill_says(place: Place) -> None:
    """The reservation was a guess; the bill is a fact, and somebody's name stands behind it."""
    lost = remember(place)
    with Loopback(costs(0.05, 0.055)) as server:
        looked = reconcile(place, server, *PERIOD)
        assert attempt(place, lost).state is State.SUSPECT
        ended = reconcile(place, server, *PERIOD, "--settle")
        again = reconcile(place, server, *PERIOD, "--settle")

    assert (looked.code, ended.code, again.code) == (0, 0, 0), ended.err
    assert looked.json["decided"] == ended.json["decided"]
    closed = attempt(place, lost)
    assert (closed.state, closed.waste, str(closed.amount)) == (State.SETTLED, True, "0.052 USD")
    assert str(closed.budget_spent) == "0.0468 EUR"
    assert closed.closed_by == "ada"
    assert "OpenAI's organization costs" in str(closed.close_reason)
    assert (again.json["decided"], again.json["explained"]) == ([], True)


def test_a_lost_attempt_that_was_not_billed_is_released(place: Place) -> None:
    """Its money was set aside for a request that never arrived."""
    lost = remember(place)
    with Loopback(costs(0.053)) as server:
        assert reconcile(place, server, *PERIOD, "--settle").code == 0

    assert attempt(place, lost).state is State.RELEASED


def test_what_nobody_can_explain_ends_with_1(place: Place) -> None:
    """CI runs it each morning."""
    lost = remember(place)
    with Loopback(costs(5.0)) as server:
        ended = reconcile(place, server, *PERIOD, "--settle")
        told = place.run(
            *("spend", "reconcile", "--source", "openai", *PERIOD),
            OPENAI_ADMIN_KEY="admin",
            KAMPANJ_OPENAI_BASE_URL=f"{server.url}/v1",
        )

    assert (ended.code, told.code) == (1, 1)
    assert ended.json["billed_unknown"][0]["difference"] == "4.947 USD"
    assert "4.947 USD" in told.out
    assert attempt(place, lost).state is State.SUSPECT


def test_yesterday_is_too_early_to_call_anything_free(place: Place) -> None:
    """Costs come with a delay, and a released attempt that is billed later is a hidden charge."""
    lost = remember(place, days_ago=1)
    yesterday = TODAY - timedelta(days=1)
    with Loopback(costs(0.053, day=yesterday)) as server:
        ended = reconcile(
            place, server, "--from", str(yesterday), "--to", str(yesterday), "--settle"
        )

    assert ended.code == 1
    assert "ask again later" in ended.json["undecided"][0]["why"]
    assert attempt(place, lost).state is State.SUSPECT


def test_an_invoice_of_paper_decides_too(place: Place) -> None:
    """Most vendors have nothing else."""
    lost = remember(place)
    (place.folder / "invoice.csv").write_text(
        f"Day,Cost,ID\n{DAY},0.053,req_1\n{DAY},0.050,{lost}\n", encoding="utf-8"
    )

    ended = place.run(
        *("spend", "reconcile", "invoice.csv", "--source", "csv", "--provider", "openai"),
        *("--columns", "date=Day,amount=Cost,receipt=ID", "--currency", "USD"),
        *("--settle", "--json"),
    )

    assert ended.code == 0, ended.err
    assert str(attempt(place, lost).amount) == "0.05 USD"


def test_a_question_that_makes_no_sense_ends_with_2(place: Place) -> None:
    """Nothing is asked of anybody, and nothing is closed."""
    today = place.run(
        *("spend", "reconcile", "--source", "openai", "--from", str(TODAY), "--to", str(TODAY))
    )
    missing = place.run("spend", "reconcile", "no.csv", "--source", "csv", "--provider", "bfl")

    assert (today.code, missing.code) == (2, 2)
    assert "when it has ended" in today.err.replace("\n", " ")
    assert "no.csv: it cannot be read" in missing.err


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"source": "aws"}, "openai"),
        ({"source": "openai"}, "needs --from and --to"),
        ({"source": "openai", "start": "then", "end": DAY}, "date"),
        ({"source": "openai", "start": TODAY, "end": DAY}, "is before"),
        ({"source": "openai", "start": DAY, "end": DAY, "provider": "bfl"}, "for --source csv"),
        ({"source": "deepl", "end": DAY}, "leave --to out"),
        ({"source": "csv", "file": "x.csv"}, "--provider"),
        ({"source": "csv", "file": "x", "provider": "x", "columns": "price=P"}, "field=Heading"),
    ],
)
def test_a_bill_is_asked_for_whole_and_alone(told: dict[str, Any], words: str) -> None:
    """An option that is passed over in silence is one that somebody relied on."""
    with pytest.raises(ValidationError, match=words):
        Asked.model_validate(told)
