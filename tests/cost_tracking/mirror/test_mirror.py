"""The copy says what the ledger says, to the micro, and only reads what is new."""

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking import ledger
from cost_tracking.database import reading, writing
from cost_tracking.entries import Posting, Transaction
from cost_tracking.mirror import agreement
from cost_tracking.mirror.copy import BusyMirror, sync
from cost_tracking.mirror.pivot import Accepted, Asked, Sum, accepted, pivot
from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass, UnknownCostType, default_policy
from creative.decision import Decision, Verdict

TYPES = ("ai.api_call", "media.inventory", "influencer.fee", "tax.recoverable", "agency.creative")


def entry(number: int, chance: Random) -> Transaction:
    """Return an entry of some campaign, market, day and cost type; some are negative."""
    micros = chance.choice([1, 3, 9_999, 12_345_678_901]) * chance.choice([1, 1, 1, -1])
    amount = Money(micros=micros, currency=chance.choice(["EUR", "EUR", "JPY"]))
    cost_type = TYPES[number % len(TYPES)]
    return Transaction(
        key=f"k{number}",
        kind="invoice",
        effective_on=date(2026, 1 + number % 12, 1),
        postings=(
            Posting(
                account=ledger.COST,
                amount=amount,
                cost_type=cost_type,
                spend_class=default_policy().spend_class(cost_type),
                campaign=chance.choice(["tea", "coffee"]),
                market=chance.choice(["SE", "NO", None]),
                provider='a "quoted",\r\nname',
            ),
            Posting(account="payable:x", amount=-amount),
        ),
        source="test",
    )


def post(engine: Engine, clock: Any, numbers: range) -> list[Transaction]:
    """Post some entries."""
    chance = Random(numbers.start)  # noqa: S311 - it hides nothing
    entries = [entry(number, chance) for number in numbers]
    with writing(engine) as connection:
        ledger.post_all(connection, entries, clock())
    return entries


def summed(entries: list[Transaction], policy: Policy) -> dict[tuple[str, str], Counter[str]]:
    """Add the same entries up in Python, by market and currency."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for one in entries:
        line = one.postings[0]
        group = sums.setdefault((line.market or "", line.amount.currency), Counter())
        for side, part in policy.parts(line.cost_type or "", line.amount).items():
            group[side] += part.micros
        group["lines"] += 1
    return sums


def by_market(sums: tuple[Sum, ...]) -> dict[tuple[str, str], Counter[str]]:
    """Return sums of the copy in the same form."""
    return {
        (one.parts[0], one.currency): Counter(
            {
                SpendClass.WORKING: one.working,
                SpendClass.NON_WORKING: one.non_working,
                SpendClass.EXCLUDED: one.excluded,
                "lines": one.lines,
            }
        )
        for one in sums
    }


def test_the_copy_sums_to_the_ledger_also_as_it_was_known(
    engine: Engine, clock: Any, tmp_path: Path
) -> None:
    """Divided costs, negative ones, several currencies, names with quotes and newlines."""
    path, policy = tmp_path / "mirror.duckdb", default_policy()
    first = post(engine, clock, range(200))
    then = sync(engine, path)
    second = post(engine, clock, range(200, 300))

    now = sync(engine, path)

    assert (then.lines, now.lines) == (200, 100)
    for until, entries in ((then.seq, first), (now.seq, first + second), (None, first + second)):
        found = by_market(pivot(path, policy, Asked(by=("market",), until=until)))
        expected = summed(entries, policy)
        assert {key: +value for key, value in found.items()} == {
            key: +value for key, value in expected.items()
        }
    providers = pivot(path, policy, Asked(by=("provider",)))
    assert {one.parts for one in providers} == {('a "quoted",\r\nname',)}


def test_a_second_look_copies_nothing(engine: Engine, clock: Any, tmp_path: Path) -> None:
    """Only what is new is read."""
    post(engine, clock, range(10))
    sync(engine, tmp_path / "m")

    assert sync(engine, tmp_path / "m").lines == 0


def test_a_damaged_or_old_copy_is_made_anew(engine: Engine, clock: Any, tmp_path: Path) -> None:
    """It holds nothing that the ledger does not."""
    import duckdb

    post(engine, clock, range(10))
    sync(engine, tmp_path / "m")
    with duckdb.connect(str(tmp_path / "m")) as copy:
        copy.execute("UPDATE mark SET version = 0")

    assert sync(engine, tmp_path / "m").lines == 10


@pytest.mark.parametrize("change", ["UPDATE line SET micros = micros + 1", "DELETE FROM line"])
def test_a_copy_that_was_changed_is_told_by_verify(
    engine: Engine, clock: Any, tmp_path: Path, change: str
) -> None:
    """Its sums would be believed."""
    import duckdb

    path = tmp_path / "m"
    post(engine, clock, range(10))
    sync(engine, path)
    post(engine, clock, range(10, 15))
    with reading(engine) as connection:
        assert not list(agreement.faults(connection, path))
        with duckdb.connect(str(path)) as copy:
            copy.execute(change)
        assert any("otherwise than the ledger" in one for one in agreement.faults(connection, path))
        path.write_bytes(b"no copy at all")
        assert any("cannot be read" in one for one in agreement.faults(connection, path))


def test_who_comes_second_is_told_that_somebody_writes(engine: Engine, tmp_path: Path) -> None:
    """A copy has one writer, and the message says so instead of a lock's address."""
    import subprocess
    import sys

    sync(engine, tmp_path / "m")
    held = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", held, str(tmp_path / "m")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout
        other.stdout.readline()
        with pytest.raises(BusyMirror, match="try again"):
            sync(engine, tmp_path / "m")
        other.communicate(b"\n")


def test_a_cost_type_that_no_rule_knows_is_not_guessed(
    engine: Engine, clock: Any, tmp_path: Path
) -> None:
    """It would vanish from both sides of the line."""
    post(engine, clock, range(10))
    sync(engine, tmp_path / "m")
    policy = default_policy()
    rules = {name: rule for name, rule in policy.rules.items() if name != TYPES[0]}

    with pytest.raises(UnknownCostType, match=TYPES[0]):
        pivot(tmp_path / "m", policy.model_copy(update={"rules": rules}), Asked())


def test_an_asset_counts_when_its_newest_decision_accepts_it(
    engine: Engine, clock: Any, tmp_path: Path
) -> None:
    """What was withdrawn is out of the denominator and stays in the numerator."""
    from review.decisions import Decisions
    from review.signing import Keys

    post(engine, clock, range(100))
    log = Decisions(engine, Keys(tmp_path / "keys"))
    for asset, verdict in (("a", "accepted"), ("b", "accepted"), ("b", "withdrawn")):
        said = Decision(
            asset=f"tea_{asset}",
            sha256="a" * 64,
            verdict=Verdict(verdict),
            by="ada",
            role="",
            reason="",
            at=clock(),
        )
        log.append([said])
    sync(engine, tmp_path / "m")

    found = {
        (one.campaign, one.non_working.currency): one
        for one in accepted(tmp_path / "m", default_policy(), Asked())
    }

    tea, coffee = found["tea", "EUR"], found["coffee", "EUR"]
    assert (tea.accepted, tea.per_accepted) == (1, tea.non_working)
    assert (coffee.accepted, coffee.per_accepted) == (0, None)
    assert isinstance(tea, Accepted)
