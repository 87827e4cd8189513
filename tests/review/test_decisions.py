"""The log of decisions: what it binds, and how tampering shows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from creative.asset_name import AssetName
from creative.decision import Decision, Verdict
from review.chain import START
from review.decisions import Decisions, stands
from review.signing import Keys

NAME = AssetName.parse("tea_SE_sv-SE_iab_leaderboard_c1_v1")


def decision(version: int = 1, sha256: str = "a", verdict: str = "accepted") -> Decision:
    """Return a decision on one version of one asset."""
    return Decision(
        asset=str(NAME.model_copy(update={"version": version})),
        sha256=sha256 * 64,
        verdict=Verdict(verdict),
        by="ada",
        role="market",
        reason="",
        at=datetime(2026, 11, 21, 9, tzinfo=UTC),
    )


@pytest.fixture
def decisions(engine: Engine, tmp_path: Path) -> Decisions:
    """Return an empty log."""
    return Decisions(engine, Keys(tmp_path / "keys"))


def tamper(engine: Engine, statement: str) -> None:
    """Do what a person with the database's password can do: go around the triggers."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE decision DISABLE TRIGGER USER"))
        else:
            names = "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='decision'"
            for (name,) in connection.execute(text(names)).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text(statement))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE decision ENABLE TRIGGER USER"))


def test_the_newest_decision_on_these_bytes_counts(decisions: Decisions) -> None:
    """A withdrawal after an acceptance has to hold."""
    decisions.append([decision(), decision(version=2, sha256="b")])
    decisions.append([decision(verdict="withdrawn")])

    newest = decisions.newest("tea")

    assert newest[str(NAME), "a" * 64].verdict is Verdict.WITHDRAWN
    assert len(newest) == 2
    assert not decisions.newest("te")


def test_a_decision_does_not_stand_for_other_bytes(decisions: Decisions) -> None:
    """What was approved is what was seen, not what has come in its place."""
    decisions.append([decision()])
    found = decisions.newest("tea").get((str(NAME), "a" * 64))

    assert stands(found, NAME, "a" * 64)
    assert not stands(found, NAME, "b" * 64)
    assert not stands(found, NAME.model_copy(update={"version": 2}), "a" * 64)
    assert not stands(decision(verdict="rejected"), NAME, "a" * 64)
    assert not stands(None, NAME, "a" * 64)


def test_an_untouched_log_has_no_faults(decisions: Decisions) -> None:
    """An alarm that always rings is switched off."""
    assert decisions.head == START
    decisions.append([decision(), decision(version=2)])
    decisions.append([decision(version=3)])

    assert not decisions.faults()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE decision SET statement = replace(statement, 'rejected', 'accepted')",
            "was changed",
        ),
        (
            "DELETE FROM decision WHERE seq = (SELECT min(seq) + 1 FROM decision)",
            "does not follow",
        ),
    ],
)
def test_a_changed_or_deleted_decision_is_found(
    engine: Engine, decisions: Decisions, statement: str, said: str
) -> None:
    """Whoever can write to the database could otherwise approve anything."""
    decisions.append([decision(), decision(version=2, verdict="rejected"), decision(version=3)])

    tamper(engine, statement)

    assert any(said in fault for fault in decisions.faults())


def test_a_log_that_was_cut_is_found_by_a_head_that_was_published(
    engine: Engine, decisions: Decisions
) -> None:
    """The chain alone cannot know what came after its last row."""
    decisions.append([decision(), decision(version=2)])
    published = decisions.head

    tamper(engine, "DELETE FROM decision WHERE seq = (SELECT max(seq) FROM decision)")

    assert not decisions.faults()
    assert not decisions.holds(published)


@pytest.mark.parametrize("statement", ["UPDATE decision SET sha256 = 'x'", "DELETE FROM decision"])
def test_the_database_itself_refuses_a_change(
    engine: Engine, decisions: Decisions, statement: str
) -> None:
    """A mistake in our own code must not be able to."""
    decisions.append([decision()])

    with pytest.raises(DatabaseError), engine.begin() as connection:
        connection.execute(text(statement))
