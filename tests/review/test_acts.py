"""What people may do to a campaign, and what is refused: forged, replayed, stale, not theirs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from cost_tracking import tables
from cost_tracking.database import reading
from creative.concept import Concept, SourceType
from creative.decision import Verdict
from review.access.people import Person, alone
from review.access.roles import Grant
from review.acts import (
    Acts,
    Blocked,
    NotAllowed,
    Replayed,
    Request,
    Ruling,
    Seen,
    Stale,
    Subject,
    Unreasoned,
    Via,
    reason_codes,
)
from review.choices import Choices, WrongPick
from review.decisions import Decisions
from review.signing import Keys

TEA = Subject(campaign="tea", requester="bo")
SWEDISH, NORWEGIAN = (f"tea_{place}_iab_leaderboard_c1_v1" for place in ("SE_sv-SE", "NO_nb-NO"))
CURRENT = {SWEDISH: "a" * 64, NORWEGIAN: "b" * 64}
YES = Ruling(verdict=Verdict.ACCEPTED)
NO = Ruling(verdict=Verdict.REJECTED, code="wrong_price", note="It costs 12 now")


def person(name: str, *roles: str) -> Person:
    """Return somebody who signed in with these roles."""
    grants = tuple(map(Grant.parse, roles))
    return Person(id=name, name=name.title(), grants=grants, proof="users-file")


ADA = person("ada", "approve:SE", "choose")
CY = person("cy", "approve")
BO = person("bo", "approve", "choose", "brief")


def asks(who: Person, nonce: str = "n1", via: Via = "page") -> Request:
    """Return somebody's request."""
    return Request(person=who, via=via, nonce=nonce)


def looked_at(*names: str) -> list[Seen]:
    """Return assets with the bytes that they have now."""
    return [Seen(asset=name, sha256=CURRENT[name]) for name in names]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Return the keys of a new installation."""
    return Keys(tmp_path / "keys")


@pytest.fixture
def acts(engine: Engine, keys: Keys, clock: Any) -> Acts:
    """Return what people can do."""
    return Acts(engine, keys, clock)


def told(engine: Engine) -> list[dict[str, Any]]:
    """Return the log of acts."""
    with reading(engine) as connection:
        rows = connection.execute(select(tables.act.c.statement).order_by(tables.act.c.seq))
        return [json.loads(one) for (one,) in rows]


def test_an_approver_accepts_in_their_market(acts: Acts, engine: Engine, keys: Keys) -> None:
    """The decision says who, by which role, on which bytes, where, and is signed."""
    (made,) = acts.decide(asks(ADA), TEA, CURRENT, looked_at(SWEDISH), YES)

    assert (made.by, made.role, made.sha256, made.via) == ("ada", "approve:SE", "a" * 64, "page")
    log = Decisions(engine, keys)
    assert log.newest("tea")[SWEDISH, "a" * 64] == made
    assert not log.faults()


def test_a_rejection_says_why_by_a_code_that_the_reports_know(acts: Acts) -> None:
    """What the report of rework groups by must not be free text."""
    (made,) = acts.decide(asks(CY), TEA, CURRENT, looked_at(NORWEGIAN), NO)

    assert (made.verdict, made.code, made.reason) == ("rejected", "wrong_price", "It costs 12 now")


REFUSED: dict[str, tuple[type[Exception], Callable[[Acts], object]]] = {
    "of another market": (
        NotAllowed,
        lambda acts: acts.decide(asks(ADA), TEA, CURRENT, looked_at(NORWEGIAN), YES),
    ),
    "one of them of another market": (
        NotAllowed,
        lambda acts: acts.decide(asks(ADA), TEA, CURRENT, looked_at(SWEDISH, NORWEGIAN), YES),
    ),
    "without any role": (
        NotAllowed,
        lambda acts: acts.decide(asks(person("eve")), TEA, CURRENT, looked_at(SWEDISH), YES),
    ),
    "by an admin": (
        NotAllowed,
        lambda acts: acts.decide(
            asks(person("eve", "admin", "finance", "brief")), TEA, CURRENT, looked_at(SWEDISH), YES
        ),
    ),
    "by who asked for it": (
        NotAllowed,
        lambda acts: acts.decide(asks(BO), TEA, CURRENT, looked_at(SWEDISH), YES),
    ),
    "on other bytes": (
        Stale,
        lambda acts: acts.decide(
            asks(ADA), TEA, CURRENT, [Seen(asset=SWEDISH, sha256="c" * 64)], YES
        ),
    ),
    "on what is not there": (
        Stale,
        lambda acts: acts.decide(asks(ADA), TEA, {}, looked_at(SWEDISH), YES),
    ),
    "of another campaign": (
        NotAllowed,
        lambda acts: acts.decide(
            asks(ADA),
            Subject(campaign="coffee", requester="bo"),
            CURRENT,
            looked_at(SWEDISH),
            YES,
        ),
    ),
    "without a reason": (
        Unreasoned,
        lambda acts: acts.decide(
            asks(ADA), TEA, CURRENT, looked_at(SWEDISH), Ruling(verdict=Verdict.REJECTED)
        ),
    ),
    "over a check": (
        Blocked,
        lambda acts: acts.decide(
            asks(ADA),
            TEA.model_copy(update={"blocked": {SWEDISH: "contrast in cta"}}),
            CURRENT,
            looked_at(SWEDISH),
            YES,
        ),
    ),
    "without a nonce": (
        Replayed,
        lambda acts: acts.decide(asks(ADA, ""), TEA, CURRENT, looked_at(SWEDISH), YES),
    ),
    "of nothing": (Unreasoned, lambda acts: acts.decide(asks(ADA), TEA, CURRENT, [], YES)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_may_not_be_decided_is_refused_and_written_down(
    acts: Acts, engine: Engine, keys: Keys, case: str
) -> None:
    """No decision comes of it, and the log says that it was tried."""
    error, attempt = REFUSED[case]

    with pytest.raises(error):
        attempt(acts)

    log = Decisions(engine, keys)
    assert not log.newest("tea")
    assert not log.newest("coffee")
    (refusal,) = told(engine)
    assert (refusal["act"], refusal["action"]) == ("refused", "approve")
    with reading(engine) as connection:
        assert not connection.execute(select(tables.nonce)).all()
        assert not acts.chain.faults(connection)


def test_a_form_decides_once(acts: Acts) -> None:
    """Sent again, by the browser or by whoever overheard it, it changes nothing."""
    acts.decide(asks(ADA), TEA, CURRENT, looked_at(SWEDISH), YES)

    with pytest.raises(Replayed):
        acts.decide(asks(ADA), TEA, CURRENT, looked_at(SWEDISH), NO)
    acts.decide(asks(ADA, "n2"), TEA, CURRENT, looked_at(SWEDISH), NO)


def test_above_the_brands_limit_two_people_must_accept(acts: Acts, engine: Engine) -> None:
    """The same person twice is one person; a rejection needs only one."""
    dear = TEA.model_copy(update={"two_people": True})

    assert not acts.decide(asks(ADA, "1"), dear, CURRENT, looked_at(SWEDISH), YES)
    assert not acts.decide(asks(ADA, "2"), dear, CURRENT, looked_at(SWEDISH), YES)
    assert acts.endorsed("tea") == {(SWEDISH, "a" * 64): "ada"}
    (made,) = acts.decide(asks(CY, "3"), dear, CURRENT, looked_at(SWEDISH), YES)
    assert (made.by, made.seconded) == ("cy", "ada")
    assert [one["act"] for one in told(engine)] == ["endorsed"]
    assert acts.decide(asks(CY, "4"), dear, CURRENT, looked_at(NORWEGIAN), NO)


def test_other_bytes_need_both_people_anew(acts: Acts) -> None:
    """What the first one saw is not what the second one sees."""
    dear = TEA.model_copy(update={"two_people": True})
    acts.decide(asks(ADA, "1"), dear, CURRENT, looked_at(SWEDISH), YES)
    redone = {**CURRENT, SWEDISH: "d" * 64}

    made = acts.decide(asks(CY, "2"), dear, redone, [Seen(asset=SWEDISH, sha256="d" * 64)], YES)

    assert not made


def test_one_person_alone_may_approve_what_they_asked_for(acts: Acts) -> None:
    """There is nobody else, and the decision says so by its role."""
    me = alone("bo")

    (made,) = acts.decide(asks(me), TEA, CURRENT, looked_at(SWEDISH), YES)

    assert made.role == "local:SE"


def concept(number: int) -> Concept:
    """Return a concept that was drawn."""
    return Concept(
        id=f"c{number}",
        direction="A cup",
        sha256=str(number) * 64,
        width=1920,
        height=1920,
        focus=(0.5, 0.5),
        attempt="a1",
        source_type=SourceType.ALGORITHMIC,
        placeholder=True,
        provider="studio",
        model="studio-1",
        prompt="A cup",
    )


DRAWN = (concept(1), concept(2))


def test_a_choice_is_bound_to_the_pictures_that_were_seen(acts: Acts, engine: Engine) -> None:
    """It is the newest choice at once, and stands in the signed log."""
    pick = [Seen(asset="c2", sha256="2" * 64)]

    made = acts.choose(asks(ADA), TEA, DRAWN, pick, 1, "Warmer")

    assert Choices(engine).newest("tea") == made
    assert told(engine)[0]["concepts"] == ["c2"]
    with pytest.raises(Replayed):
        acts.choose(asks(ADA), TEA, DRAWN, pick, 1, "Again")


@pytest.mark.parametrize(
    ("who", "pick", "error"),
    [
        (CY, [Seen(asset="c2", sha256="2" * 64)], NotAllowed),
        (ADA, [Seen(asset="c2", sha256="1" * 64)], Stale),
        (ADA, [Seen(asset="c9", sha256="2" * 64)], WrongPick),
        (ADA, [Seen(asset=f"c{one}", sha256=str(one) * 64) for one in (1, 2)], WrongPick),
        (ADA, [], WrongPick),
    ],
)
def test_a_choice_that_may_not_be_made_changes_nothing(
    acts: Acts, engine: Engine, who: Person, pick: list[Seen], error: type[Exception]
) -> None:
    """Neither the campaign's choice nor the nonce."""
    with pytest.raises(error):
        acts.choose(asks(who), TEA, DRAWN, pick, 1, "")

    assert Choices(engine).newest("tea") is None


def test_the_codes_are_those_of_the_acceptance_policy() -> None:
    """So that every withdrawal means something to the cost of an accepted asset."""
    assert {"brand", "legal", "wrong_price", "translation", "ab_loser"} <= set(reason_codes())
