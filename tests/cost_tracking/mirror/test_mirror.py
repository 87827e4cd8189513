"""The copy says what the ledger says, to the micro, and only reads what is new."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cost_tracking import ledger
from cost_tracking.database import reading, writing
from cost_tracking.entries import Posting, Transaction
from cost_tracking.mirror import agreement, copy
from cost_tracking.mirror.copy import BusyMirror, sync
from cost_tracking.mirror.pivot import Accepted, Asked, Part, Sums, accepted, pivot
from cost_tracking.mirror.sum_files import write_sums
from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass, UnknownCostType, default_policy
from cost_tracking.tables import txn
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


def added_up(
    entries: list[Transaction], by: tuple[Part, ...]
) -> dict[tuple[tuple[str, ...], str], tuple[int, int, int, int]]:
    """Add entries up in Python: working, non-working, excluded and lines of each group."""
    sums: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for one in entries:
        line = one.postings[0]
        fields = {**line.model_dump(), "month": f"{one.effective_on:%Y-%m}"}
        group = tuple(fields[name] or "" for name in by), line.amount.currency
        sums.setdefault(group, [0, 0, 0, 0])[3] += 1
        for side, part in default_policy().parts(line.cost_type or "", line.amount).items():
            sums[group][list(SpendClass).index(side)] += part.micros
    return {group: (one[0], one[1], one[2], one[3]) for group, one in sums.items()}


def by_market(sums: Sums) -> dict[tuple[str, str], Counter[str]]:
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
        for one in sums.rows
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
    assert {one.parts for one in providers.rows} == {('a "quoted",\r\nname',)}


@pytest.mark.parametrize("by", [(), ("market",), ("campaign", "cost_type"), ("asset", "month")])
def test_each_point_of_the_past_sums_to_its_entries(
    engine: Engine, clock: Any, tmp_path: Path, by: tuple[Part, ...]
) -> None:
    """Sums of months, less what came later, are the lines added up one by one, at every entry."""
    entries = post(engine, clock, range(40))
    sync(engine, tmp_path / "m")
    with reading(engine) as connection:
        seqs = connection.execute(select(txn.c.seq).order_by(txn.c.seq)).scalars().all()
    for known in (1, 7, 19, 20, 21, 39, 40):
        for campaign in (None, "tea"):
            asked = Asked(by=by, until=seqs[known - 1], campaign=campaign)

            found = pivot(tmp_path / "m", default_policy(), asked).rows

            told = [one for one in entries[:known] if campaign in {None, one.postings[0].campaign}]
            assert {(one.parts, one.currency): one[2:] for one in found} == added_up(told, by)


def test_sums_of_months_that_were_put_together_are_the_same(
    engine: Engine, clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look at the ledger adds rows of its own; now and then one row is made of them."""
    import duckdb

    path = tmp_path / "m"
    monkeypatch.setattr(copy, "BATCH", 50)
    entries = []
    for start in range(0, 240, 60):
        entries += post(engine, clock, range(start, start + 60))
        sync(engine, path)

    found = pivot(path, default_policy(), Asked(by=("market", "cost_type")))

    with duckdb.connect(str(path), read_only=True) as held:
        ((rows, merged),) = held.execute(
            "SELECT (SELECT count(*) FROM monthly), merged FROM mark"
        ).fetchall()
    assert 0 < merged <= rows < len(entries)
    told = {(one.parts, one.currency): one[2:] for one in found.rows}
    assert told == added_up(entries, ("market", "cost_type"))


def test_what_is_not_told_is_told_as_one(engine: Engine, clock: Any, tmp_path: Path) -> None:
    """The dearest come first, and nothing is lost from the sum of all."""
    entries = post(engine, clock, range(100))
    sync(engine, tmp_path / "m")
    whole = pivot(tmp_path / "m", default_policy(), Asked(by=("market", "month")))

    found = pivot(tmp_path / "m", default_policy(), Asked(by=("market", "month"), top=3))

    assert found.rows == whole.rows[:3]
    assert found.groups == len(whole.rows) - 3
    parts: Counter[tuple[str, int]] = Counter()
    for one in (*found.rows, *found.rest):
        parts.update({(one.currency, place): one[place] for place in range(2, 6)})
    for (_, currency), sums in added_up(entries, ()).items():
        assert tuple(parts[currency, place] for place in range(2, 6)) == sums


def test_a_file_of_sums_is_exact_and_runs_nothing(
    engine: Engine, clock: Any, tmp_path: Path
) -> None:
    """A sheet shows names as text; Parquet holds them as they are, money as decimals."""
    import duckdb

    evil = "=HYPERLINK(1)"
    money = Money(micros=9_007_199_254_740_993, currency="EUR")
    line = Posting(
        account=ledger.COST,
        amount=money,
        cost_type="agency.creative",
        spend_class=SpendClass.NON_WORKING,
        provider=evil,
        stage='a "b",\r\nc',
    )
    owed = Posting(account="payable:x", amount=-money)
    said = Transaction(
        key="k",
        kind="invoice",
        effective_on=date(2026, 1, 1),
        postings=(line, owed),
        source="test",
    )
    with writing(engine) as connection:
        ledger.post(connection, said, clock())
    sync(engine, tmp_path / "m")
    asked = Asked(by=("provider", "stage", "rework"))

    for form in ("csv", "parquet"):
        path = tmp_path / f"sums.{form}"
        assert write_sums(tmp_path / "m", default_policy(), asked, path, form) == 1

    with (tmp_path / "sums.csv").open(encoding="utf-8", newline="") as file:
        head, row = csv.reader(file)
    assert dict(zip(head, row, strict=True)) == {
        "provider": f"'{evil}",
        "stage": 'a "b",\r\nc',
        "rework": "0",
        "currency": "EUR",
        "working": "0.000000",
        "non_working": "9007199254.740993",
        "excluded": "0.000000",
        "lines": "1",
    }
    (held,) = duckdb.connect().read_parquet(str(tmp_path / "sums.parquet")).fetchall()
    assert (held[0], held[5]) == (evil, Decimal("9007199254.740993"))


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


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE line SET micros = micros + 1",
        "DELETE FROM line",
        "UPDATE monthly SET micros = micros - 1",
        "DELETE FROM monthly",
    ],
)
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
