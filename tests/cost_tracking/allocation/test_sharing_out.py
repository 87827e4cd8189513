"""What several campaigns share becomes the cost of each, and what nobody used stays visible."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Table, Text, func, insert, select, text

from cost_tracking import ledger
from cost_tracking.allocation import faults
from cost_tracking.allocation.documents import document
from cost_tracking.allocation.entering import Clerk, enter
from cost_tracking.allocation.sharing_out import Share, share_out
from cost_tracking.attempts import Attempts
from cost_tracking.budgets import Budgets
from cost_tracking.database import reading, writing
from cost_tracking.exchange.based import Books
from cost_tracking.exchange.published import published
from cost_tracking.exchange.rates import Rates
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.proof import check
from cost_tracking.tables import asset, decision, posting
from cost_tracking.usage import Usage
from creative.decision import Decision

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
RATES = Rates(published)
CLERK = Clerk(default_policy(), "ada", NOW, Books("EUR", RATES))
SEAT = {
    "kind": "subscription",
    "payee": "openai",
    "number": "ENT-1",
    "on": "2026-10-01",
    "currency": "USD",
    "cost_type": "ai.subscription",
    "amount": "100.00",
    "starts": "2026-10-01",
    "ends": "2026-12-31",
}


def put(engine: Engine, corrects: str = "", **said: Any) -> None:
    """Enter a document."""
    usual = {"payee": "acme", "number": "R-1", "on": "2026-10-20", "currency": "EUR"}
    with writing(engine) as connection:
        enter(connection, document({**usual, **said}), CLERK, corrects=corrects)


def share(engine: Engine, through: str = "2026-10") -> dict[str, Share]:
    """Share out, and return each pool."""
    with writing(engine) as connection:
        return {one.pool: one for one in share_out(connection, through, CLERK, RATES)}


def cost(engine: Engine) -> dict[str, int]:
    """Return the cost of each campaign in micros; of none under the empty name."""
    query = select(posting.c.campaign, func.sum(posting.c.amount_micros))
    by = query.where(posting.c.account == "cost").group_by(posting.c.campaign)
    with reading(engine) as connection:
        return {campaign or "": int(much) for campaign, much in connection.execute(by) if much}


def left(engine: Engine, accounts: str) -> int:
    """Return what stands on accounts of a kind, each for itself, as one number."""
    query = select(func.sum(posting.c.amount_micros)).group_by(posting.c.account)
    with reading(engine) as connection:
        found = connection.execute(query.where(posting.c.account.startswith(accounts))).scalars()
        return sum(abs(int(one)) for one in found)


def accepted(engine: Engine, campaign: str, *markets: str, verdict: str = "accepted") -> None:
    """Let somebody decide on a rendition in each market."""
    with writing(engine) as connection:
        for number, market in enumerate(markets):
            name = f"{campaign}_{market}_en-GB_meta_feed_1x1_c{number + 1}_v1.png"
            one = Decision.model_validate(
                {
                    "asset": name,
                    "sha256": "0" * 64,
                    "verdict": verdict,
                    "by": "mia",
                    "role": "market",
                    "reason": "fine",
                    "at": datetime(2026, 10, 10, number, tzinfo=UTC),
                }
            )
            digest = f"{campaign}{market}{number}{verdict}"
            row = {"prev_sha256": digest, "sha256": f"{digest}!"}
            row["statement"] = one.model_dump_json()
            connection.execute(insert(decision).values(blank(decision) | row))


def blank(table: Table) -> dict[str, object]:
    """Return a row that says nothing."""
    there = (one for one in table.columns if not one.nullable and one.name != "seq")
    return {one.name: "" if isinstance(one.type, Text) else 1 for one in there}


@pytest.fixture
def used(engine: Engine, order: Callable[..., Any]) -> Callable[..., None]:
    """Return what lets a campaign ask a provider, on a day of October."""
    count = iter(range(1000))

    def use(campaign: str, times: int, images: int = 1, day: int = 5) -> None:
        when = datetime(2026, 10, day, 9, tzinfo=UTC)
        ten = Money.of("10", "EUR")
        Budgets(engine, lambda: when).set_limit(campaign, SpendClass.NON_WORKING, ten)
        attempts = Attempts(engine, lambda: when, "test")
        for _ in range(times):
            asked = order(f"{next(count):064d}", campaign=campaign)
            sent = attempts.sent(attempts.claim(asked))
            usage = Usage(model="m", quantities={"image": Decimal(images)}, receipt=f"r{sent.id}")
            attempts.settle(sent, usage, Money.zero("EUR"), "computed", "e" * 64)

    return use


def test_an_enterprise_account_is_shared_by_who_used_it_month_by_month(
    engine: Engine, used: Callable[..., None]
) -> None:
    """The CMO's rule: the cost to the enterprise account, and the API call on top."""
    put(engine, **SEAT)
    used("spring-tea", 2)
    used("winter-tea", 1)

    shares = share(engine, "2026-11")

    october = shares["pool:openai/ENT-1/2026-10"]
    assert october.amount == Money.of("33.333334", "USD")
    assert october.campaigns == {
        "spring-tea": Money.of("22.222223", "USD"),
        "winter-tea": Money.of("11.111111", "USD"),
    }
    november = shares["pool:openai/ENT-1/2026-11"]
    assert (november.idle, november.campaigns) == (Money.of("33.333333", "USD"), {})
    assert cost(engine) == {"spring-tea": 22_222_223, "winter-tea": 11_111_111, "": 33_333_333}
    assert left(engine, "pool:") == 0
    assert left(engine, "prepaid:") == 33_333_333
    assert check(engine) == []


def test_what_is_prepaid_becomes_a_cost_at_the_rate_of_the_day_it_was_paid(
    engine: Engine, used: Callable[..., None]
) -> None:
    """Its months sum, in the books too, to what it was when it was paid."""
    put(engine, **SEAT)
    used("spring-tea", 3)
    share(engine, "2026-12")

    query = select(func.sum(posting.c.base_micros), func.count(posting.c.fx_rate.distinct()))
    with reading(engine) as connection:
        paid = ledger.read(connection, "document/openai/ENT-1/1").postings[0]
        costs = connection.execute(query.where(posting.c.account == "cost")).one()
    assert paid.base is not None
    assert tuple(costs) == (paid.base.micros, 1)
    assert left(engine, "prepaid:") == 0


def test_a_subscription_may_be_shared_by_its_meter(
    engine: Engine, used: Callable[..., None]
) -> None:
    """Two requests for one picture are not as much as one for six."""
    put(engine, **SEAT, meter="image")
    used("spring-tea", 2, images=1)
    used("winter-tea", 1, images=6)

    campaigns = share(engine)["pool:openai/ENT-1/2026-10"].campaigns

    assert campaigns["winter-tea"] == Money.of("25.00", "USD")


def test_a_retainer_is_borne_by_what_was_accepted_and_by_market_within(engine: Engine) -> None:
    """What was scrapped is borne by what was kept."""
    accepted(engine, "spring-tea", "SE", "SE", "NO")
    accepted(engine, "winter-tea", "SE")
    accepted(engine, "autumn-tea", "SE", verdict="rejected")
    term = {"starts": "2026-10-01", "ends": "2026-10-31"}
    put(engine, kind="retainer", cost_type="agency.retainer", amount="100", **term)

    share(engine)

    query = select(posting.c.campaign, posting.c.market, posting.c.amount_micros)
    rows = query.where(posting.c.account == "cost", posting.c.attribution == "allocated")
    with reading(engine) as connection:
        found = {(one[0], one[1]): one[2] for one in connection.execute(rows)}
    assert found == {
        ("spring-tea", "NO"): 25_000_000,
        ("spring-tea", "SE"): 50_000_000,
        ("winter-tea", "SE"): 25_000_000,
    }


def test_a_late_asset_takes_the_old_share_back_and_posts_a_new_one(engine: Engine) -> None:
    """The tenth rendition comes after the month was shared: reversal and new share, no delta."""
    accepted(engine, "spring-tea", "SE")
    put(engine, kind="invoice", cost_type="translation.copy", amount="90")
    first = share(engine)["pool:acme/R-1"]
    same = share(engine)["pool:acme/R-1"]
    accepted(engine, "winter-tea", "SE", "NO")

    late = share(engine)["pool:acme/R-1"]

    assert (first.changed, same.changed) == (True, False)
    assert (late.changed, late.replaced) == (True, True)
    assert cost(engine) == {"spring-tea": 30_000_000, "winter-tea": 60_000_000}
    assert left(engine, "pool:") == 0
    kept = text("SELECT weights, replaces IS NULL FROM allocation ORDER BY seq")
    with reading(engine) as connection:
        rows = [(one[0], bool(one[1])) for one in connection.execute(kept)]
        ledger.read(connection, "reversal/allocation/acme/R-1/1")
    assert rows == [
        ('{"spring-tea":{"SE":"1"}}', True),
        ('{"spring-tea":{"SE":"1"},"winter-tea":{"NO":"1","SE":"1"}}', False),
    ]
    assert check(engine) == []


def test_the_other_bases_share_by_what_they_say(engine: Engine) -> None:
    """By renditions made, by what was spent in whatever currency, by heads, by hand."""
    with writing(engine) as connection:
        for campaign, slot in (("spring-tea", "a"), ("spring-tea", "b"), ("winter-tea", "a")):
            for version in (1, 2):
                given = {"campaign": campaign, "slot": slot, "kind": "rendition"}
                when = {"made_at": "2026-10-05T00:00:00.000000Z", "version": version}
                connection.execute(insert(asset).values(blank(asset) | given | when))
    own = {"kind": "invoice", "cost_type": "agency.creative", "on": "2026-10-30"}
    put(engine, **own, number="A", amount="100", campaign="spring-tea")
    put(engine, **own, number="B", amount="111.72", campaign="winter-tea", currency="USD")
    weights = {"spring-tea": "1", "autumn-tea": "2"}
    for basis in ("renditions", "spend", "equal", "given"):
        more = {"weights": weights} if basis == "given" else {}
        put(engine, **own, number=f"S-{basis}", amount="30", basis=basis, **more)

    shares = share(engine)

    told = {
        basis: {name: one.micros for name, one in shares[f"pool:acme/S-{basis}"].campaigns.items()}
        for basis in ("renditions", "spend", "equal", "given")
    }
    assert told == {
        "renditions": {"spring-tea": 20_000_000, "winter-tea": 10_000_000},
        "spend": {"spring-tea": 15_000_000, "winter-tea": 15_000_000},
        "equal": {"spring-tea": 15_000_000, "winter-tea": 15_000_000},
        "given": {"autumn-tea": 20_000_000, "spring-tea": 10_000_000},
    }


def test_rights_of_one_campaign_are_spread_over_their_term_and_not_shared(engine: Engine) -> None:
    """A picture that may run for a year is not all a cost of October."""
    term = {"starts": "2026-10-01", "ends": "2027-09-30", "campaign": "spring-tea"}
    put(engine, kind="licence", cost_type="licence.stock", amount="1200", **term)

    assert share(engine, "2026-12") == {}

    assert cost(engine) == {"spring-tea": 300_000_000}
    assert left(engine, "prepaid:") == 900_000_000


def test_a_correction_takes_its_months_and_shares_back_too(
    engine: Engine, used: Callable[..., None]
) -> None:
    """A contract was entered with the wrong amount, and two months are shared already."""
    used("spring-tea", 1)
    put(engine, **SEAT)
    share(engine, "2026-11")

    put(engine, **{**SEAT, "amount": "60"}, corrects="the contract says 60")

    assert cost(engine) == {}
    assert left(engine, "pool:") == 0
    share(engine, "2026-11")
    assert cost(engine) == {"spring-tea": 20_000_000, "": 20_000_000}
    assert left(engine, "prepaid:") == 20_000_000
    assert check(engine) == []


def test_a_share_that_its_weights_do_not_explain_is_found(engine: Engine) -> None:
    """Somebody with the database open favours a campaign."""
    accepted(engine, "spring-tea", "SE")
    put(engine, kind="invoice", cost_type="translation.copy", amount="90")
    share(engine)
    with reading(engine) as connection:
        assert list(faults.faults(connection)) == []
        key = "allocation/acme/R-1/1"
        stands = ledger.read(connection, key)
    other = tuple(
        one.model_copy(update={"campaign": "winter-tea"}) if one.account == "cost" else one
        for one in stands.postings
    )
    forged = stands.model_copy(update={"key": "allocation/acme/R-1/2", "postings": other})

    with writing(engine) as connection:
        ledger.reverse(connection, key, NOW, actor="eve", reason="x")
        seq = ledger.post(connection, forged, NOW)
        row = text(
            "INSERT INTO allocation (txn_seq, pool, month, basis, method, weights, total_micros, "
            "currency) SELECT :seq, pool, month, basis, method, weights, total_micros, currency "
            "FROM allocation"
        )
        connection.execute(row, {"seq": seq})

    assert any("does not share its pool by the weights" in one for one in check(engine))


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 10**9),
            st.dictionaries(st.sampled_from(["ab", "cd", "ef"]), st.integers(1, 99), min_size=1),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_entered_and_shared_the_books_hold(
    engine: Engine, drawn: list[tuple[int, dict[str, int]]]
) -> None:
    """Every pool is empty, and the costs are what was paid, to the micro."""
    before = sum(cost(engine).values())
    for micros, weights in drawn:
        with reading(engine) as connection:
            number = connection.execute(text("SELECT count(*) FROM spend_document")).scalar_one()
        given_weights = {name: str(one) for name, one in weights.items()}
        amount = str(Money(micros=micros, currency="EUR").amount)
        said = {"kind": "invoice", "cost_type": "agency.media", "amount": amount}
        put(engine, **said, number=f"N-{number}", basis="given", weights=given_weights)

    share(engine)

    assert sum(cost(engine).values()) - before == sum(micros for micros, _ in drawn)
    assert left(engine, "pool:") == 0
    assert check(engine) == []
