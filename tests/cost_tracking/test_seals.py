"""What was sealed cannot be changed, taken out, put in or cut off without being found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from bookkeeping import NOW, entry, post, tamper
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from cost_tracking.books import seals
from cost_tracking.books.head import Head
from cost_tracking.database import reading, writing
from cost_tracking.money import Money


def faults(engine: Engine) -> list[str]:
    """Return what is wrong with the chain."""
    with reading(engine) as connection:
        return list(seals.faults(connection))


def holds(engine: Engine, head: Head) -> bool:
    """Say whether a published head is still there."""
    with reading(engine) as connection:
        return seals.holds(connection, head)


def test_sealing_covers_all_that_is_there_and_only_once(engine: Engine) -> None:
    """A head that is published says how many entries there were, and of how much."""
    assert seals.seal(engine, NOW) is None
    seqs = post(engine, *(entry(f"k{number}", micros=10) for number in range(3)))

    first = seals.seal(engine, NOW)

    assert first is not None
    assert (first.head.seq, first.entries) == (seqs[-1], 3)
    assert first.cost == (Money(micros=30, currency="EUR"),)
    assert seals.seal(engine, NOW + timedelta(days=1)) == first
    post(engine, entry("late", micros=5))
    with reading(engine) as connection:
        assert seals.unsealed(connection) == 1
    second = seals.seal(engine, NOW)
    assert second is not None
    assert (second.entries, second.cost) == (4, (Money(micros=35, currency="EUR"),))
    assert faults(engine) == []
    assert holds(engine, first.head)
    assert Head.read(f" {second.head}\n") == second.head


def test_a_report_of_an_earlier_point_carries_the_head_of_then(engine: Engine) -> None:
    """A head that covers later entries would prove a report that did not know them."""
    (first,) = post(engine, entry("k1"))
    sealed = seals.seal(engine, NOW)
    (second,) = post(engine, entry("k2"))
    last = seals.seal(engine, NOW)

    with reading(engine) as connection:
        assert seals.newest(connection, first - 1) is None
        assert seals.newest(connection, second - 1) == sealed
        assert seals.newest(connection, second) == seals.newest(connection) == last
    assert last is not None
    assert (len(last.head.short), str(last.head)[-64:]) == (12, last.head.sha256)
    assert last.head.sha256.startswith(last.head.short)


FALSIFIED = {
    "edited": "UPDATE txn SET source_doc = 'INV-8' WHERE idem_key = 'k3'",
    "another day": "UPDATE txn SET recorded_at = '2026-01-01' WHERE idem_key = 'k3'",
    "an amount on both lines": "UPDATE posting SET amount_micros = amount_micros * 2",
    "taken out of the middle": "DELETE FROM txn WHERE idem_key = 'k3'",
    "lines taken out": "DELETE FROM posting WHERE txn_seq = (SELECT min(txn_seq) FROM posting)",
    "put in": (
        "INSERT INTO txn (seq, idem_key, payload_sha256, kind, effective_on, recorded_at, source, "
        "source_doc, actor) SELECT min(seq) - 1, 'x', '', 'usage', '2026-11-01', '', '', '', '' "
        "FROM txn"
    ),
    "a seal rewritten": "UPDATE seal SET sums = '{}'",
    "a seal taken out": "DELETE FROM seal WHERE seq_to = (SELECT min(seq_to) FROM seal)",
}


@pytest.mark.parametrize("how", FALSIFIED)
def test_what_was_sealed_and_then_falsified_is_found(engine: Engine, how: str) -> None:
    """Whoever owns the database can drop a trigger; the chain still tells on them."""
    for start in (0, 3):
        post(engine, *(entry(f"k{start + number}", micros=10) for number in range(3)))
        seals.seal(engine, NOW)
    assert faults(engine) == []

    tamper(engine, FALSIFIED[how])

    assert faults(engine)


def test_what_was_cut_off_at_the_end_is_found_by_a_published_head(engine: Engine) -> None:
    """The chain that is left is whole; only who kept its head can know."""
    seqs = post(engine, *(entry(f"k{number}") for number in range(3)))
    seals.seal(engine, NOW)
    post(engine, entry("k3"), entry("k4"))
    last = seals.seal(engine, NOW)
    assert last is not None

    tamper(engine, f"DELETE FROM seal WHERE seq_to > {seqs[-1]}")  # noqa: S608 - our own number
    tamper_again(engine, f"DELETE FROM posting WHERE txn_seq > {seqs[-1]}")  # noqa: S608 - as above
    tamper_again(engine, f"DELETE FROM txn WHERE seq > {seqs[-1]}")  # noqa: S608 - as above

    assert faults(engine) == []
    assert not holds(engine, last.head)
    # Also when others are put in their place, under the same numbers.
    post(engine, entry("k3"), entry("other"))
    seals.seal(engine, NOW)
    assert faults(engine) == []
    assert not holds(engine, last.head)


def tamper_again(engine: Engine, statement: str) -> None:
    """Do more of it, once the triggers are gone."""
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


@pytest.mark.parametrize("table", ["posting", "usage"])
def test_a_sealed_entry_takes_no_more_lines(engine: Engine, table: str) -> None:
    """Two more lines that balance would pass for part of the invoice."""
    post(engine, entry())
    seals.seal(engine, NOW)
    more = {
        "posting": "INSERT INTO posting (txn_seq, line_no, account, amount_micros, currency, waste)"
        " SELECT seq, 3, 'payable:x', 1, 'EUR', 0 FROM txn",
        "usage": "INSERT INTO usage (txn_seq, line_no, meter, quantity, unit, exact_amount, "
        "currency) SELECT seq, 1, 'minutes', '6', 'minute', '0.3', 'EUR' FROM txn",
    }

    refused = pytest.raises(DBAPIError, match="what is sealed takes no more rows")
    with refused, writing(engine) as connection:
        connection.execute(text(more[table]))


def test_those_who_seal_at_once_make_one_chain(engine: Engine) -> None:
    """Every run seals at its end, and two runs end together."""
    post(engine, *(entry(f"k{number}") for number in range(50)))

    with ThreadPoolExecutor(4) as pool:
        heads = set(pool.map(lambda _: seals.seal(engine, NOW), range(8)))

    assert len(heads) == 1
    assert faults(engine) == []


def test_sealing_misses_none_that_is_still_being_posted(engine: Engine) -> None:
    """On Postgres entry 11 may be seen while 10 is on its way; sealed so, 10 would look put in."""

    def both(number: int) -> None:
        post(engine, entry(f"k{number}"))
        seals.seal(engine, NOW)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(both, range(40)))

    assert faults(engine) == []
    last = seals.seal(engine, NOW)
    assert last is not None
    assert last.entries == 40


@pytest.mark.parametrize("written", ["", "12", "x:" + "a" * 64, "1:short", "-1:" + "a" * 64])
def test_what_is_no_head_is_refused(written: str) -> None:
    """A head that was copied badly must not pass for one that is gone."""
    with pytest.raises(ValueError, match="NUMBER:SHA256"):
        Head.read(written)


def test_many_entries_are_sealed_in_batches(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broken seal says which thousand entries to look at."""
    monkeypatch.setattr(seals, "BATCH", 4)
    seqs = post(engine, *(entry(f"k{number}") for number in range(10)))
    seals.seal(engine, NOW)
    assert faults(engine) == []

    tamper(engine, "UPDATE txn SET actor = 'eve' WHERE idem_key = 'k5'")

    [fault] = faults(engine)
    assert fault.startswith(f"entries {seqs[4]} to {seqs[7]}: one of them is not what was sealed")
