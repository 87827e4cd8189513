"""What became of a campaign's renditions, read from both databases."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.acceptance.cohort import Cohorts
from cost_tracking.acceptance.cohorts import cohorts
from cost_tracking.acceptance.events import AssetEvent, record
from cost_tracking.acceptance.history import History, Window, history
from cost_tracking.acceptance.rules import default_rules
from cost_tracking.acceptance.wasted import wasted
from cost_tracking.assets import Assets, Made
from cost_tracking.attempts import Attempts, Order
from cost_tracking.books.point import AsOf
from cost_tracking.budgets import Budgets
from cost_tracking.database import writing
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.spending import Spending
from cost_tracking.usage import Usage
from creative.choice import Choice
from creative.decision import Decision, Verdict
from review.choices import Choices
from review.decisions import Decisions
from review.signing import Keys

SLOTS = tuple(
    f"tea_{market}_{locale}_{placement}_c1"
    for market, locale in (("SE", "sv-SE"), ("CH", "de-CH"))
    for placement in ("meta_feed_1x1", "iab_leaderboard")
)
KEPT, PULLED, REFUSED, REDONE = SLOTS


class Books:
    """A campaign's database, and short ways to write in it."""

    def __init__(self, engine: Engine, clock: Any, keys: Keys) -> None:
        self.engine = engine
        self.keys = keys
        self.clock = clock
        self.assets = Assets(engine, clock)

    def make(self, slot: str, sha256: str = "1") -> None:
        """Record a version of a rendition."""
        _, market, locale, rest = slot.split("_", 3)
        placement, _, concept = rest.rpartition("_")
        made = Made(
            kind="rendition", slot=slot, sha256=sha256 * 64, recipe=f"{slot}{sha256}",
            market=market, locale=locale, placement=placement, concept=concept, findings=(),
        )  # fmt: skip
        self.assets.record("tea", made)

    def decide(
        self, slot: str, verdict: str, reason: str = "", *, version: int = 1, sha256: str = "1"
    ) -> None:
        """Write a decision down, now."""
        decision = Decision(
            asset=f"{slot}_v{version}", sha256=sha256 * 64, verdict=Verdict(verdict), by="ann",
            role="brand", reason=reason, at=self.clock(),
        )  # fmt: skip
        Decisions(self.engine, self.keys).append([decision])

    def hear(self, key: str, slot: str, kind: str, reason: str = "", **facts: object) -> None:
        """Record an event that happens now."""
        event = AssetEvent.model_validate(
            {"key": key, "campaign": "tea", "slot": slot, "kind": kind, "reason": reason}
            | {"at": self.clock(), "source": "import"}
            | facts
        )
        with writing(self.engine) as connection:
            record(connection, [event], self.clock())

    def pay(self, key: str, amount: str, cost_type: str = "ai.api_call", **facts: object) -> int:
        """Post what was spent today."""
        money = Money.of(amount, "EUR")
        named = {"campaign": "tea", "provider": "openai"} | facts
        cost = {
            "account": "cost", "amount": money, "cost_type": cost_type, "policy": "wc-default@1",
            "spend_class": default_policy().spend_class(cost_type),
        }  # fmt: skip
        entry = ledger.Transaction.model_validate(
            {
                "key": key, "kind": "usage", "effective_on": self.clock().date(), "source": "test",
                "postings": (named | cost, named | {"account": "payable:x", "amount": -money}),
            }
        )  # fmt: skip
        with writing(self.engine) as connection:
            return ledger.post(connection, entry, self.clock())

    def told(self, as_of: AsOf | None = None) -> History:
        """Read it all back."""
        spending = Spending(self.engine, "tea", "EUR", {}, default_policy(), as_of)
        then = as_of or AsOf(seq=spending.up_to, at=self.clock())
        window = Window(days=14, channels={"display": 7})
        return history(self.engine, "tea", window, spending, default_rules(), then)

    def states(self) -> dict[str, str]:
        """Return how each rendition stands now."""
        return {one.id: one.standing(self.clock()).strict.value for one in self.told().outcomes}

    def cost(self, as_of: AsOf | None = None, by: str = "") -> Cohorts:
        """Return the figures."""
        found = self.told(as_of)
        at = as_of.at if as_of else self.clock()
        return cohorts(found.outcomes, found.costs, at, "EUR", by=by)


@pytest.fixture
def books(engine: Engine, clock: Any, tmp_path: Path) -> Books:
    """Return the books of a campaign of four renditions, all made and paid for on one day.

    One stays, one is pulled for its price, one is refused, and one is refused and done again.
    """
    books = Books(engine, clock, Keys(tmp_path / "keys"))
    books.pay("picture", "8", asset="c1", stage="concepts")
    books.pay("scrapped", "4", asset="c2", stage="concepts")
    books.pay("hours", "40", "labour.internal", stage="review")
    for slot in SLOTS:
        books.make(slot)
        books.pay(f"words/{slot}", "1", asset=f"{slot}_v1")
    clock.forward(hours=1)
    for slot in (KEPT, PULLED):
        books.decide(slot, "accepted")
    for slot in (REFUSED, REDONE):
        books.decide(slot, "rejected", "the translation is wrong")
    clock.forward(hours=1)
    books.make(REDONE, "2")
    books.pay("again", "3", asset=REDONE)
    books.decide(REDONE, "accepted", version=2, sha256="2")
    clock.forward(days=3)
    books.pay("media", "70", "media.inventory", asset=f"{PULLED}_v1", channel="display")
    clock.forward(days=1)
    books.hear("meta/1", PULLED, "pulled", "wrong_price")
    clock.forward(days=1)
    books.pay("late", "9", "media.inventory", asset=f"{PULLED}_v1", channel="display")
    return books


def test_a_campaign_is_told_as_it_went(books: Books, clock: Any) -> None:
    """C = kept + scrap + rework + overhead, from decisions, events and postings."""
    assert books.states() == {
        KEPT: "maturing",
        PULLED: "failed",
        REFUSED: "rejected",
        REDONE: "maturing",
    }
    clock.forward(days=10)
    told = books.cost(by="market")

    assert (told.total.counts.stayed, told.total.counts.eventually_stayed) == (2, 2)
    parts = {name: value["micros"] for name, value in told.total.parts.model_dump().items()}
    assert parts == {
        # A quarter of the picture each, and the words; those of the refused version are scrap.
        "stayed": 2_000_000 * 2 + 1_000_000,
        "maturing": 0,
        "failed": 3_000_000,
        "rejected": 3_000_000 + 1_000_000,
        "waiting": 0,
        "waste": 4_000_000,
        "rework": 3_000_000,
        "overhead_allocated": 40_000_000,
        "unallocated": 0,
    }
    assert told.total.per_accepted == Decimal("29.5")
    assert told.total.per_generated == Decimal(4)
    assert told.total.drift == Decimal("7.375")
    assert told.total.few
    assert {row.key: row.counts.stayed for row in told.rows} == {"SE": 1, "CH": 1}
    assert sum(row.cost.micros for row in told.rows) == told.total.cost.micros
    assert {one.dims["reviewer"] for one in books.told().outcomes} == {"ann"}


def test_a_channel_may_have_a_window_of_its_own(books: Books, clock: Any) -> None:
    """A banner is judged within a week; a poster hangs for a month before anybody complains."""
    books.make("tea_NO_nb-NO_iab_leaderboard_c1")
    books.decide("tea_NO_nb-NO_iab_leaderboard_c1", "accepted")
    clock.forward(days=7)

    states = books.states()

    assert states["tea_NO_nb-NO_iab_leaderboard_c1"] == "stayed"
    assert states[KEPT] == "maturing"


def test_an_event_counts_by_its_reason_and_version(books: Books, clock: Any) -> None:
    """A planned end is no failure; a rejection of another version is not of this one."""
    heard: dict[str, tuple[str, str, int | None, str]] = {
        "FI": ("expired", "planned", None, "stayed"),
        "NO": ("ended", "", None, "stayed"),
        "DK": ("review", "negative", None, "stayed"),
        "PL": ("complaint", "", None, "failed"),
        "DE": ("platform_rejected", "", 1, "failed"),
        "FR": ("platform_rejected", "", 2, "stayed"),
        "GB": ("redo_requested", "", None, "failed"),
        # Taken back on appeal.
        "IT": ("platform_rejected", "", None, "stayed"),
        # By a person's decision, for a reason that is planned, and for one that nobody knows.
        "ES": ("withdrawn", "campaign ended", None, "stayed"),
        "PT": ("withdrawn", "why", None, "failed"),
        # Its bytes are others by now, which nobody has seen.
        "NL": ("", "", None, "failed"),
        # It was told twice, and the first time is what counts.
        "BE": ("accepted", "", None, "stayed"),
    }
    slots = {market: f"tea_{market}_xx_meta_feed_1x1_c1" for market in heard}
    for slot in slots.values():
        books.make(slot)
        books.decide(slot, "accepted")
    clock.forward(hours=1)
    for market, (kind, reason, version, _) in heard.items():
        if kind in set(Verdict):
            books.decide(slots[market], kind, reason)
        elif kind:
            books.hear(market, slots[market], kind, reason, version=version)
    books.hear("appeal", slots["IT"], "retracted", retracts="IT")
    books.make(slots["NL"], "3")
    clock.forward(days=20)

    states = books.states()

    assert {market: states[slot] for market, slot in slots.items()} == {
        market: state for market, (*_, state) in heard.items()
    }


def test_another_choice_takes_the_first_ones_out(books: Books, clock: Any) -> None:
    """The assets of a concept that was replaced are not shown, and did not stay."""
    choice = Choice(
        campaign="tea", concepts=("c2",), seen=("2" * 64,), by="ann", at=clock(), reason=""
    )
    Choices(books.engine).record(choice)
    clock.forward(days=20)

    assert books.states()[KEPT] == "failed"


def test_a_report_as_of_then_comes_out_as_it_was(books: Books, clock: Any) -> None:
    """Last month's figure is asked for by auditors, whatever has happened since."""
    clock.forward(days=20)
    before = books.told()
    then = AsOf(seq=Spending(books.engine, "tea", "EUR", {}, default_policy()).up_to, at=clock())
    clock.forward(hours=1)
    # All of it is dated back, and recorded later.
    books.hear("late", KEPT, "complaint", at=clock() - timedelta(days=20))
    books.pay("later", "500", asset=KEPT)
    books.make(KEPT, "9")
    books.decide(REDONE, "withdrawn", version=2, sha256="2")

    after = books.told(then)

    assert (after.outcomes, after.costs) == (before.outcomes, before.costs)
    assert books.states()[KEPT] == "failed"


def test_media_behind_a_fault_is_wasted(books: Books) -> None:
    """The wrong price was in the file from the start; what ran after the pull is another's day."""
    found = books.told()

    (one,) = wasted(found.fates, found.media, books.clock(), "EUR")

    assert (one.slot, one.reason, one.still_running) == (PULLED, "wrong_price", False)
    assert one.amount == Money.of("70", "EUR")
    assert one.evidence == ("event/meta/1",)


def test_who_drew_the_picture_is_told(
    engine: Engine, clock: Any, tmp_path: Path, attempts: Attempts, order: Callable[..., Order]
) -> None:
    """Whether the dearer model is cheaper for each accepted asset is the question."""
    Budgets(engine, clock).set_limit("tea", SpendClass.NON_WORKING, Money.of("1", "EUR"))
    sent = attempts.sent(attempts.claim(order()))
    usage = Usage.model_validate({"model": "gpt-image-2", "quantities": {}, "receipt": "r"})
    attempts.settle(sent, usage, Money.of("0.20", "EUR"), "reported", "b" * 64)
    books = Books(engine, clock, Keys(tmp_path / "keys"))
    books.make(KEPT)

    (one,) = books.told().outcomes

    assert (one.dims["provider"], one.dims["model"]) == ("openai", "gpt-image-2")
    assert one.dims["prompt"] == "a" * 12
