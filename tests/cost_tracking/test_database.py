"""The tables exist as declared, and the database refuses what would falsify the books."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import BigInteger, Engine, Float, Integer, Numeric, Text, inspect, select, text
from sqlalchemy.exc import DBAPIError

from cost_tracking.database import (
    UnknownDatabase,
    downgrade,
    lock,
    open_database,
    reading,
    sqlite_wal_warning,
    upgrade,
    writing,
)
from cost_tracking.schema import APPEND_ONLY, METADATA

ROWS = {
    "txn": "INSERT INTO txn (idem_key, payload_sha256, kind, effective_on, recorded_at, source, "
    "source_doc, actor) VALUES ('k', 'x', 'usage', '2026-11-21', '', '', '', '')",
    "posting": "INSERT INTO posting (txn_seq, line_no, account, amount_micros, currency, waste) "
    "SELECT seq, 1, 'payable:x', 1, 'EUR', 0 FROM txn",
    "usage": "INSERT INTO usage (txn_seq, line_no, meter, quantity, unit, exact_amount, currency) "
    "SELECT seq, 1, 'minutes', '6', 'minute', '0.3', 'EUR' FROM txn",
    "budget_change": "INSERT INTO budget_change (campaign, spend_class, currency, after_micros, "
    "by, at) VALUES ('tea', 'non_working', 'EUR', 1, '', '')",
    "choice": "INSERT INTO choice (campaign, seq, statement) VALUES ('tea', 1, '{}')",
    "seal": "INSERT INTO seal (seq_to, prev_sha256, sha256, entries, sums, sealed_at) "
    "VALUES (1, 'a', 'b', 1, '{}', '')",
    "period": "INSERT INTO period (id, closed_at, closed_by, seq_to, head_sha256, entries, sums) "
    "VALUES ('2026-10', '', '', 1, '', 0, '{}')",
    "decision": "INSERT INTO decision (prev_sha256, sha256, statement) VALUES ('', 'a', '{}')",
    "act": "INSERT INTO act (prev_sha256, sha256, statement) VALUES ('', 'a', '{}')",
    "asset_event": "INSERT INTO asset_event (idem_key, campaign, slot, kind, reason, at, "
    "recorded_at, actor, source, note) VALUES ('e', 'tea', 's', 'pulled', '', '', '', '', '', '')",
    "spend_file": "INSERT INTO spend_file (sha256, name, platform, rows, changed, imported_at, "
    "imported_by) VALUES ('', '', '', 0, 0, '', '')",
    "import_row": "INSERT INTO import_row (platform, account, day, "
    "ad_id, breakdown, revision, payload_sha256, gone, level, of_campaign, label, time_zone, "
    "amount_micros, currency, attribution, counted, file_seq, line) SELECT '', '', '', '', '', 1, "
    "'', 0, '', '', '', '', 0, 'EUR', 'direct', '', seq, 0 FROM spend_file",
    "fx_rate": "INSERT INTO fx_rate (base, quote, rate, rate_date, source, revision, recorded_at, "
    "document_sha256) VALUES ('EUR', 'USD', '1.1', '2026-11-20', 'bank', 1, '', '')",
    "spend_document": "INSERT INTO spend_document (payee, number, revision, kind, statement, "
    "txn_seq, recorded_at) SELECT 'a', 'b', 1, '', '{}', seq, '' FROM txn",
    "allocation": "INSERT INTO allocation (txn_seq, pool, month, basis, method, weights, "
    "total_micros, currency) SELECT seq, '', '', '', '', '{}', 1, 'EUR' FROM txn",
    "budget_limit_change": "INSERT INTO budget_limit_change (limit_id, after_micros, by, at) "
    "SELECT id, 1, '', '' FROM budget_limit",
    "budget_hold": "INSERT INTO budget_hold (limit_id, attempt, micros) "
    "SELECT budget_limit.id, attempt.id, 1 FROM budget_limit, attempt",
    "budget_count": "INSERT INTO budget_count (limit_id, txn_seq, line_no, micros) "
    "SELECT id, seq, 1, 1 FROM budget_limit, txn",
    "budget_transfer": "INSERT INTO budget_transfer (idem_key, kind, from_scope, to_scope, "
    "campaign, from_class, to_class, amount_micros, currency, reason, approved_by, by, at) "
    "VALUES ('t', 'budget', 'a', 'b', 'tea', 'non_working', 'working', 1, 'EUR', '', '', '', '')",
    "budget_forecast": "INSERT INTO budget_forecast (campaign, spend_class, channel, provider, "
    "month, amount_micros, currency, note, by, at) "
    "VALUES ('*', '*', '*', '*', '2026-12', 1, 'EUR', '', '', '')",
}
_LIMIT = (
    "INSERT INTO budget_limit (campaign, spend_class, channel, period, provider, currency, "
    "limit_micros, reserved_micros, spent_micros, updated_at) "
    "VALUES ('*', '*', '*', '*', '*', 'EUR', 1, 0, 0, '')"
)
_ATTEMPT = (
    "INSERT INTO attempt (id, campaign, run, asset, stage, provider, model, operation, price, "
    "request_sha256, round, state, repeatable, estimate_micros, currency, budget_micros, "
    "budget_currency, owner, token, lease_until, reserved_at, waste) VALUES ('a', 'tea', '', '', "
    "'', '', '', '', '', '', 1, 'sent', 0, 1, 'EUR', 1, 'EUR', '', '', '', '', 0)"
)
BEFORE = {
    "import_row": (ROWS["spend_file"],),
    "budget_limit_change": (_LIMIT,),
    "budget_hold": (_LIMIT, _ATTEMPT),
    "budget_count": (_LIMIT,),
}
"""What a row refers to."""


def test_no_column_can_hold_a_float() -> None:
    """A Numeric column on SQLite gave back another number than was put in, without a warning."""
    kinds = [column.type for table in METADATA.tables.values() for column in table.columns]

    assert not any(isinstance(kind, Float | Numeric) for kind in kinds)
    assert all(isinstance(kind, Text | BigInteger | Integer) for kind in kinds)
    assert all(one.dialect_options["sqlite"]["strict"] for one in METADATA.tables.values())


def test_the_migrations_make_what_the_code_declares(engine: Engine) -> None:
    """A column that only the code knows fails on the first real database."""
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_migrating_twice_and_down_and_up_again_works(empty_url: str) -> None:
    """Every start of the program migrates; a rollback must find its way back."""
    engine = open_database(empty_url)
    for _ in range(2):
        upgrade(engine)
        upgrade(engine)
        assert set(METADATA.tables) < set(inspect(engine).get_table_names())
        downgrade(engine, "base")
        assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_entries_of_an_older_ledger_stay_as_they_are(empty_url: str) -> None:
    """Who upgrades has months of entries, and none of them may turn into another one."""
    engine = open_database(empty_url)
    upgrade(engine, "0003")
    with writing(engine) as connection:
        connection.execute(text(ROWS["txn"]))
        connection.execute(text(ROWS["posting"]))
    for _ in range(2):
        upgrade(engine)
        with reading(engine) as connection:
            head = connection.execute(select(METADATA.tables["txn"])).mappings().one()
            line = connection.execute(select(METADATA.tables["posting"])).mappings().one()
        assert (head["status"], head["posting_period"], head["supersedes"]) == (
            "actual",
            "2026-11",
            None,
        )
        assert (line["rework"], line["base_micros"]) == (0, None)
        with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
            connection.execute(text("UPDATE txn SET posting_period = '2026-12'"))
        downgrade(engine, "0003")
        with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
            connection.execute(text("UPDATE txn SET kind = 'media'"))
    engine.dispose()


def test_several_processes_may_migrate_at_once(empty_url: str) -> None:
    """Three workers start together on an empty database."""
    engines = [open_database(empty_url) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upgrade, engines))

    assert set(METADATA.tables) < set(inspect(engines[0]).get_table_names())
    for engine in engines:
        engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str) -> None:
    """A half-made schema would neither run nor migrate."""
    engine = open_database(empty_url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE posting (x INTEGER)"))

    with pytest.raises(DBAPIError):
        upgrade(engine)

    assert inspect(engine).get_table_names() == ["posting"]
    engine.dispose()


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_books_refuse_to_be_changed(engine: Engine, table: str, statement: str) -> None:
    """An entry that could be edited would prove nothing."""
    with writing(engine) as connection:
        connection.execute(text(ROWS["txn"]))
        for statement_before in BEFORE.get(table, ()):
            connection.execute(text(statement_before))
        if table != "txn":
            connection.execute(text(ROWS[table]))
    column = list(METADATA.tables[table].columns)[-1].name

    with (
        pytest.raises(DBAPIError, match=f"{table} is append-only"),
        writing(engine) as connection,
    ):
        connection.execute(text(statement.format(table, column, column)))

    with reading(engine) as connection:
        rows = connection.execute(select(METADATA.tables[table])).all()
    assert len(rows) == 1


def test_the_books_refuse_to_be_replaced_or_emptied(engine: Engine) -> None:
    """INSERT OR REPLACE goes around a delete trigger, unless triggers are recursive."""
    with writing(engine) as connection:
        connection.execute(text(ROWS["txn"]))
    around = (
        "TRUNCATE txn CASCADE"
        if engine.dialect.name == "postgresql"
        else ROWS["txn"].replace("INSERT", "INSERT OR REPLACE")
    )

    with pytest.raises(DBAPIError, match="append-only"), writing(engine) as connection:
        connection.execute(text(around))


def test_text_in_a_column_of_numbers_is_refused(engine: Engine) -> None:
    """SQLite would keep it, and every sum over it would silently become a float."""
    with writing(engine) as connection:
        connection.execute(text(ROWS["txn"]))

    with pytest.raises(DBAPIError), writing(engine) as connection:
        connection.execute(text(ROWS["posting"].replace("1, 'EUR'", "'much', 'EUR'")))


def test_a_line_without_its_entry_is_refused(engine: Engine) -> None:
    """SQLite checks no foreign key unless it is told to."""
    with writing(engine) as connection:
        connection.execute(text(ROWS["txn"]))

    with pytest.raises(DBAPIError), writing(engine) as connection:
        connection.execute(text(ROWS["posting"].replace("SELECT seq", "SELECT seq + 7")))


def test_the_chain_of_decisions_cannot_fork(engine: Engine) -> None:
    """Two heads would let somebody show the one that suits."""
    with writing(engine) as connection:
        connection.execute(text(ROWS["decision"]))

    with pytest.raises(DBAPIError), writing(engine) as connection:
        connection.execute(text(ROWS["decision"].replace("'a'", "'b'")))


def test_a_reader_keeps_no_writer_waiting(engine: Engine) -> None:
    """The review page stays open for hours while campaigns are paid for."""
    with reading(engine) as reader:
        reader.execute(text("SELECT count(*) FROM txn")).scalar_one()
        with writing(engine) as writer:
            writer.execute(text(ROWS["txn"]))
        # And what it reads next is of the same moment.
        assert reader.execute(text("SELECT count(*) FROM txn")).scalar_one() == 0


@pytest.mark.usefixtures("on_disk")
def test_sqlite_is_opened_so_that_a_commit_is_on_disk(tmp_path: Path) -> None:
    """What was paid may not be forgotten when the power fails."""
    engine = open_database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'ledger.db'}")
    with reading(engine) as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        ]

    assert pragmas == ["wal", 2, 1, 1]
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["mysql://root:secret@host/x", "nonsense", "sqlite://", "sqlite:///:memory:"]
)
def test_an_unknown_database_is_refused_without_repeating_its_password(url: str) -> None:
    """A message ends in a log that everybody reads."""
    with pytest.raises(UnknownDatabase) as caught:
        open_database(url)

    assert "secret" not in str(caught.value)
    assert "sqlite:///" in str(caught.value)


def test_an_old_sqlite_is_named() -> None:
    """Doctor tells a team to use Postgres before it loses a ledger."""
    assert "3.40.1" in (sqlite_wal_warning((3, 40, 1)) or "")
    assert sqlite_wal_warning((3, 51, 3)) is None


def test_a_named_lock_is_taken_in_the_transaction(engine: Engine) -> None:
    """Whoever extends the chain of decisions reads its head under this lock."""
    with writing(engine) as connection:
        lock(connection, "decision")
        lock(connection, "decision")
