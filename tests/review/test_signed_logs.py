"""Who can write to the database can neither forge a decision nor make one vanish unseen."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cost_tracking import tables
from cost_tracking.database import reading, writing
from review.chain import Chain
from review.checkpoints import Checkpoints
from review.signing import PRIVATE, BadKey, Keys, Signature

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Return the keys of a new installation."""
    return Keys(tmp_path / "keys")


@pytest.fixture
def chain(keys: Keys) -> Chain:
    """Return the log of acts."""
    return Chain(tables.act, keys)


@pytest.fixture
def checkpoints(tmp_path: Path, keys: Keys, chain: Chain) -> Checkpoints:
    """Return a folder for checkpoints."""
    return Checkpoints(tmp_path / "elsewhere", keys, [chain])


def say(engine: Engine, chain: Chain, *statements: str) -> None:
    """Write statements down."""
    with writing(engine) as connection:
        chain.append(connection, statements)


def around(engine: Engine, *statements: str) -> None:
    """Do what whoever owns the database can do: go around the triggers."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE act DISABLE TRIGGER USER"))
        else:
            for verb in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER act_no_{verb}"))
        for statement in statements:
            connection.execute(text(statement))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE act ENABLE TRIGGER USER"))


def rewrite_from_here(engine: Engine, chain: Chain) -> None:
    """Write the newest row anew with a key of one's own, hashes and all."""
    with reading(engine) as connection:
        last = connection.execute(text("SELECT * FROM act ORDER BY seq DESC LIMIT 1")).one()
    around(engine, "DELETE FROM act WHERE statement = 'no'")
    forger = Keys(Path(chain._keys._folder).with_name("forger"))
    say(engine, Chain(tables.act, forger), last.statement.replace("no", "yes"))


TAMPERING: dict[str, tuple[Callable[[Engine, Chain], None], str]] = {
    "edited": (
        lambda engine, _: around(engine, "UPDATE act SET statement = 'yes' WHERE statement = 'no'"),
        "was changed",
    ),
    "deleted": (
        lambda engine, _: around(engine, "DELETE FROM act WHERE statement = 'b'"),
        "does not follow",
    ),
    "cut off": (
        lambda engine, _: around(engine, "DELETE FROM act WHERE statement = 'no'"),
        "the last of them is gone",
    ),
    "recomputed": (rewrite_from_here, "not signed by a key that is trusted"),
}


@pytest.mark.parametrize("kind", TAMPERING)
def test_each_kind_of_tampering_is_found(
    engine: Engine, chain: Chain, checkpoints: Checkpoints, kind: str
) -> None:
    """Four of four: edit, delete, cut the tail, and write the tail anew with right hashes."""
    tamper, said = TAMPERING[kind]
    say(engine, chain, "a", "b", "no")
    checkpoints.publish(engine, NOW)

    tamper(engine, chain)

    with reading(engine) as connection:
        faults = [*chain.faults(connection), *checkpoints.faults(engine)]
    assert any(said in fault for fault in faults), faults


def test_an_untouched_log_has_no_faults(
    engine: Engine, chain: Chain, checkpoints: Checkpoints
) -> None:
    """Also with several checkpoints, of which an unneeded one is not made."""
    first = checkpoints.publish(engine, NOW)
    say(engine, chain, "a", "b")
    second = checkpoints.publish(engine, NOW)
    say(engine, chain, "c")

    assert (first.number, second.number) == (1, 2)
    assert checkpoints.publish(engine, NOW).number == 3
    assert checkpoints.publish(engine, NOW).number == 3
    with reading(engine) as connection:
        assert not chain.faults(connection)
    assert not checkpoints.faults(engine)


def test_a_checkpoint_that_was_changed_is_found(
    engine: Engine, chain: Chain, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    """It would otherwise vouch for a log that was cut."""
    say(engine, chain, "a")
    checkpoints.publish(engine, NOW)
    (path,) = (tmp_path / "elsewhere").iterdir()
    path.write_text(path.read_text("utf-8").replace('"rows": 1', '"rows": 2'), "utf-8")

    assert any("was not signed" in fault for fault in checkpoints.faults(engine))


def test_rows_from_before_there_were_keys_stand_and_later_ones_must_be_signed(
    engine: Engine, chain: Chain
) -> None:
    """An upgrade keeps the old log; a signature cannot simply be left out after it."""
    say(engine, chain, "old", "new")
    around(engine, "UPDATE act SET signature = NULL, key_id = NULL WHERE statement = 'old'")
    with reading(engine) as connection:
        assert not chain.faults(connection)

    say(engine, chain, "forged")
    with writing(engine) as connection:
        for verb in ("update", "delete"):
            if engine.dialect.name == "sqlite":
                connection.execute(text(f"DROP TRIGGER IF EXISTS act_no_{verb}"))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE act DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE act SET signature = NULL WHERE statement = 'forged'"))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE act ENABLE TRIGGER USER"))
    with reading(engine) as connection:
        assert any("is not signed" in fault for fault in chain.faults(connection))


def test_a_signature_is_for_one_purpose_and_one_message(keys: Keys, tmp_path: Path) -> None:
    """A signed act must not pass for a signed decision."""
    signed = keys.sign("act", "a" * 64)

    assert keys.holds("act", "a" * 64, signed)
    assert Keys(tmp_path / "keys").holds("act", "a" * 64, signed)
    assert not keys.holds("decision", "a" * 64, signed)
    assert not keys.holds("act", "b" * 64, signed)
    assert not keys.holds("act", "a" * 64, Signature("0" * 16, signed.value))
    assert not keys.holds("act", "a" * 64, Signature(signed.key_id, "no hex"))


def test_a_key_that_others_can_read_signs_nothing(keys: Keys, tmp_path: Path) -> None:
    """What anybody could have signed proves nothing."""
    keys.sign("act", "a")
    path = tmp_path / "keys" / PRIVATE
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)

    with pytest.raises(BadKey, match="chmod 600"):
        Keys(tmp_path / "keys").sign("act", "a")


@pytest.mark.parametrize("content", ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_broken_key_is_named_with_its_mend(tmp_path: Path, content: str) -> None:
    """It is never silently replaced: the log would be signed by a stranger from then on."""
    folder = tmp_path / "keys"
    folder.mkdir()
    path = folder / PRIVATE
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(BadKey, match="restore it"):
        Keys(folder).sign("act", "a")
