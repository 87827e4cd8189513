"""Who may do what, and how they show who they are."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import Engine

from creative.problem import InvalidInput
from review.access import codes, csrf
from review.access.people import People, Person, alone, hashed, load_people, sign_people
from review.access.roles import EVERYWHERE, OF_A_MARKET, Action, Grant, Role, may
from review.access.sessions import LIFETIME, Session, Sessions
from review.signing import Keys

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
EXPECTED: dict[Role, set[Action]] = {
    Role.BRIEF: {Action.LOOK, Action.START},
    Role.CHOOSE: {Action.LOOK, Action.CHOOSE},
    Role.APPROVE: {Action.LOOK, Action.APPROVE, Action.EDIT},
    Role.SPEND: {Action.LOOK, Action.ENTER},
    Role.FINANCE: {Action.LOOK, Action.ENTER, Action.CLOSE},
    Role.ADMIN: {Action.LOOK, Action.PEOPLE},
}
"""Written out by hand, so that a slip in the table shows."""


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("held", [EVERYWHERE, "SE"])
@pytest.mark.parametrize("market", ["SE", "NO", None])
def test_the_whole_matrix_of_roles(
    role: Role, action: Action, held: str, market: str | None
) -> None:
    """Each cell of role x action x market; what is not allowed is forbidden."""
    own_market = action not in OF_A_MARKET or held == EVERYWHERE or market == "SE"
    expected = role if action in EXPECTED[role] and own_market else None

    assert may([Grant(role=role, markets=(held,))], action, market) is expected


@pytest.mark.parametrize("text", ["aprove", "approve:se", "approve:", "finance:SE", "approve:SWE"])
def test_a_grant_that_is_none_is_refused(text: str) -> None:
    """A typing error must not become a wider role."""
    if text == "approve:":
        assert Grant.parse(text).markets == (EVERYWHERE,)
        return
    with pytest.raises(ValueError, match=r"role|market"):
        Grant.parse(text)


def people_file(folder: Path, keys: Keys, **ada: Any) -> Path:
    """Write and sign a file with one person in it."""
    path = folder / "people.yaml"
    extra = "".join(f", {name}: {value}" for name, value in ada.items())
    path.write_text(
        f"schema: 1\npeople:\n  - {{id: ada, name: Ada, roles: ['approve:SE', choose], "
        f"password: '{hashed(PASSWORD)}', oidc: sub-7{extra}}}\n"
    )
    sign_people(path, keys)
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Return the keys of a new installation."""
    return Keys(tmp_path / "keys")


@pytest.fixture
def people(tmp_path: Path, keys: Keys) -> People:
    """Return a team of one."""
    return load_people(people_file(tmp_path, keys), keys)


def test_a_password_is_slow_to_guess(slow_hashes: PasswordHasher) -> None:
    """Whoever steals the file tries a thousand million words; RFC 9106 says what stops them."""
    kept = extract_parameters(slow_hashes.hash(PASSWORD))

    assert (kept.type, kept.memory_cost, kept.time_cost, kept.parallelism) == (Type.ID, 65536, 3, 4)


def test_a_person_is_known_by_password_and_by_subject(people: People) -> None:
    """And holds the roles of the file, whatever an identity provider says."""
    found = people.with_password("ada", PASSWORD)

    assert found is not None
    assert [str(one) for one in found.grants] == ["approve:SE", "choose"]
    assert people.with_password("ada", "wrong horse battery") is None
    assert people.with_password("eve", PASSWORD) is None
    known = people.of_subject("sub-7")
    assert known is not None
    assert known.id == "ada"
    assert people.of_subject("sub-8") is None


def test_no_password_is_hashed_before_one_is_checked() -> None:
    """Every process that opens a desk imports this; a hash is a fifth of a second of its start."""
    code = "import argon2; del argon2.PasswordHasher.hash; import review.access.people"

    ended = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own code

    assert ended.returncode == 0


def test_who_has_left_may_do_nothing(tmp_path: Path, keys: Keys) -> None:
    """Neither by password, nor by a session that is still open."""
    left = load_people(people_file(tmp_path, keys, active="false"), keys)

    assert left.with_password("ada", PASSWORD) is None
    assert left.find("ada", "users-file") is None
    assert left.of_subject("sub-7") is None


@pytest.mark.parametrize("how", ["edited", "unsigned", "signed by another"])
def test_a_people_file_that_is_not_signed_gives_nobody_a_role(
    tmp_path: Path, keys: Keys, how: str
) -> None:
    """Whoever can write one file must not be able to make themselves an approver."""
    path = people_file(tmp_path, keys)
    if how == "edited":
        path.write_text(path.read_text().replace("approve:SE", "approve:NO"))
    elif how == "unsigned":
        path.with_name("people.yaml.sig").unlink()
    else:
        sign_people(path, Keys(tmp_path / "others"))

    with pytest.raises(InvalidInput, match="not signed"):
        load_people(path, keys)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{id: ada, name: Ada, roles: [boss]}", "no role"),
        ("{id: ada, name: Ada, password: secret-secret}", "no argon2id hash"),
        ("{id: Ada Lovelace, name: Ada}", "match"),
        ("{id: ada, name: Ada}\n  - {id: ada, name: Eve}", "two people"),
    ],
)
def test_a_people_file_that_does_not_fit_is_not_signed(
    tmp_path: Path, keys: Keys, line: str, said: str
) -> None:
    """Every fault comes with its line."""
    path = tmp_path / "people.yaml"
    path.write_text(f"schema: 1\npeople:\n  - {line}\n")

    with pytest.raises(InvalidInput, match=said):
        sign_people(path, keys)
    assert not path.with_name("people.yaml.sig").exists()


def test_a_short_password_is_refused() -> None:
    """There is no default one either: an entry without a hash signs nobody in."""
    with pytest.raises(ValueError, match="12"):
        hashed("short")


def test_a_session_ends_when_it_is_ended_and_when_its_day_is_over(
    engine: Engine, clock: Any
) -> None:
    """The database has only the hash of the token."""
    sessions = Sessions(engine, clock)
    ada, vouched = (
        Person(id="ada", name="Ada", grants=(), proof=one) for one in ("users-file", "oidc")
    )
    token, other = sessions.begin(ada), sessions.begin(vouched)
    found = sessions.find(token)
    assert found is not None
    assert (found.person, found.proof) == ("ada", "users-file")
    assert sessions.find(token[:-1]) is None

    sessions.end(token)
    assert sessions.find(token) is None
    assert sessions.find(other) is not None
    sessions.end_all("ada")
    assert sessions.find(other) is None
    late = sessions.begin(vouched)
    clock.forward(seconds=int(LIFETIME.total_seconds()))
    assert sessions.find(late) is None


OURS = "http://127.0.0.1:4300"


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"origin": OURS, "sec-fetch-site": "same-origin"}, False),
        ({"origin": OURS}, False),
        ({"origin": "https://evil.example", "sec-fetch-site": "cross-site"}, True),
        ({"origin": "null"}, True),
        ({}, True),
        ({"origin": "http://127.0.0.1:4200", "sec-fetch-site": "same-site"}, True),
        ({"origin": OURS, "sec-fetch-site": "cross-site"}, True),
    ],
)
def test_a_request_of_another_site_is_told(headers: dict[str, str], *, refused: bool) -> None:
    """A web page anywhere can send a form to loopback."""
    assert bool(csrf.cross_site(headers, OURS)) is refused


def test_a_form_of_another_session_is_told() -> None:
    """Its token is known to nobody but the page that was sent to this browser."""
    session = Session(person="ada", proof="oidc", csrf="a" * 64)

    given = csrf.sealed(session, "n1")

    assert not csrf.forged(session, "n1", given)
    assert csrf.forged(session, "n2", given)
    assert csrf.forged(session.model_copy(update={"csrf": "b" * 64}), "n1", given)
    assert csrf.forged(session, "", csrf.sealed(session, ""))
    assert csrf.forged(session, "n1", "")
    assert session.csrf not in given


def test_a_code_is_for_one_person_one_campaign_and_a_quarter_of_an_hour(
    keys: Keys, tmp_path: Path
) -> None:
    """Prefect's form knows nobody, so what is typed there has to say who typed it."""
    code = codes.issue(keys, "ada", "tea", NOW)

    assert codes.read(keys, f" {code}\n", "tea", NOW + codes.LIFETIME).person == "ada"
    for wrong, campaign, at, said in (
        (code, "coffee", NOW, "for campaign tea"),
        (code, "tea", NOW + codes.LIFETIME + timedelta(seconds=1), "has run out"),
        (codes.issue(Keys(tmp_path / "eve"), "ada", "tea", NOW), "tea", NOW, "not given out here"),
        (codes.issue(keys, "ada", "tea", NOW, codes.TO_START), "tea", NOW, "not given out here"),
        ("", "tea", NOW, "no code of ours"),
        ("a.b.c", "tea", NOW, "no code of ours"),
        ("=" * 5000, "tea", NOW, "no code of ours"),
        (code.replace(code[5], "x" if code[5] != "x" else "y", 1), "tea", NOW, "code"),
    ):
        with pytest.raises(codes.BadCode, match=said):
            codes.read(keys, wrong, campaign, at)
    with pytest.raises(codes.BadCode, match=r"as a code to start; .* code tea --start`"):
        codes.read(keys, code, "tea", NOW, codes.TO_START)


def test_one_person_alone_holds_every_role() -> None:
    """On a machine where nobody has said who may do what."""
    person = alone("ada")

    assert all(may(person.grants, action, "SE") for action in Action)
    assert person.proof == "local"
