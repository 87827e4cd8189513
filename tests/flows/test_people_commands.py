"""``kampanj people``: who may do what is written, signed and noted, or not changed at all."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from cost_tracking import tables
from cost_tracking.database import reading
from creative.problem import InvalidInput
from flows.__main__ import app
from flows.desk import open_desk
from flows.exits import WrongInput
from flows.settings import read_settings
from review.access.people import People
from review.acts import NotAllowed

PASSWORD = "correct horse battery"  # noqa: S105 - of nobody


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the people file of an installation where ada is about to make it."""
    path = tmp_path / "people.yaml"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kampanj.toml").touch()
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setenv("KAMPANJ_PEOPLE", str(path))
    monkeypatch.setenv("KAMPANJ_PASSWORD", PASSWORD)
    monkeypatch.setenv("KAMPANJ_NEW_PASSWORD", PASSWORD)
    return path


def people(*words: str) -> str:
    """Give a command, and return what it printed."""
    return CliRunner().invoke(app, ["people", *words], catch_exceptions=False).output


def acts() -> list[dict[str, Any]]:
    """Return the log of acts."""
    with open_desk(read_settings()) as desk, reading(desk.engine) as connection:
        assert not desk.acts.chain.faults(connection)
        rows = connection.execute(select(tables.act.c.statement).order_by(tables.act.c.seq))
        return [json.loads(one) for (one,) in rows]


def known() -> People:
    """Return those who may do something."""
    with open_desk(read_settings()) as desk:
        found = desk.people
    assert found is not None
    return found


def test_an_admin_adds_people_and_lets_them_go(file: Path) -> None:
    """Each change is signed at once, and stands in the log with who made it."""
    people("add", "ada", "--name", "Ada", "--role", "admin", "--role", "brief")
    file.write_text(f"# Of the Nordic team\n{file.read_text('utf-8')}", "utf-8")
    people("sign")
    people("add", "cy", "--name", "Cy", "--role", "approve:SE,NO", "--role", "choose")
    people("add", "bo", "--name", "Bo", "--role", "finance", "--oidc", "sub-7")
    people("add", "bo", "--name", "Bo", "--role", "spend", "--oidc", "sub-7", "--replace")
    people("deactivate", "cy")

    assert "# Of the Nordic team" in file.read_text("utf-8")
    assert PASSWORD not in file.read_text("utf-8")
    ada = known().with_password("ada", PASSWORD)
    assert ada is not None
    assert known().with_password("cy", PASSWORD) is None
    bo = known().of_subject("sub-7")
    assert bo is not None
    assert [str(one) for one in bo.grants] == ["spend"]
    did = [(one["did"], one.get("who"), one["by"]) for one in acts()]
    assert did == [
        ("added", "ada", "ada"),
        ("signed", None, "ada"),
        ("added", "cy", "ada"),
        ("added", "bo", "ada"),
        ("added", "bo", "ada"),
        ("deactivated", "cy", "ada"),
    ]
    listed = json.loads(people("list", "--json"))
    assert (listed["signed"], [one["active"] for one in listed["people"]]) == (
        True,
        ["yes", "no", "yes"],
    )


def test_who_is_no_admin_changes_nobody(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or an approver would give themselves the next market."""
    people("add", "ada", "--name", "Ada", "--role", "admin")
    people("add", "cy", "--name", "Cy", "--role", "approve:SE")
    before = file.read_bytes()
    monkeypatch.setenv("KAMPANJ_ACTOR", "cy")

    with pytest.raises(NotAllowed, match="Cy is no admin; ask ada"):
        people("add", "cy", "--name", "Cy", "--role", "approve", "--replace")
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setenv("KAMPANJ_PASSWORD", "wrong horse battery")
    with pytest.raises(NotAllowed):
        people("deactivate", "cy")

    assert file.read_bytes() == before
    assert [one["act"] for one in acts()][-2:] == ["refused", "refused"]


WRONG = (
    (("add", "cy", "--name", "Cy", "--role", "boss"), "'boss' is no role"),
    (("add", "Cy!", "--name", "Cy", "--role", "spend"), "pattern"),
    (("add", "ada", "--name", "Ada", "--role", "spend"), "add --replace"),
    (("add", "cy", "--name", "Cy", "--role", "spend", "--replace"), "leave --replace out"),
    (("deactivate", "cy"), "cy is not in"),
    (("deactivate", "ada"), "the last admin"),
    (("add", "cy", "--name", "Cy", "--role", "spend", "--file", "o.yaml"), "12 characters"),
)


def test_a_change_that_cannot_be_made_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the file is as it was."""
    people("add", "ada", "--name", "Ada", "--role", "admin")
    before = file.read_bytes()
    monkeypatch.setenv("KAMPANJ_NEW_PASSWORD", "short")

    for words, said in WRONG:
        with pytest.raises(WrongInput, match=said):
            people(*words)

    assert file.read_bytes() == before
    assert not Path("o.yaml").exists()


def test_an_edit_by_hand_counts_when_it_is_signed(file: Path) -> None:
    """Until then nobody may do anything, an admin neither."""
    people("add", "ada", "--name", "Ada", "--role", "admin")
    file.write_text(file.read_text("utf-8").replace("- admin", "- admin\n  - approve"), "utf-8")

    assert "not signed as it stands" in people("list")
    with pytest.raises(InvalidInput, match="kampanj people sign"):
        people("add", "cy", "--name", "Cy", "--role", "spend")
    people("sign")
    assert known().find("ada", "users-file") is not None


def test_nobody_is_asked_for_a_file_that_is_not_named(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mend is named."""
    monkeypatch.delenv("KAMPANJ_PEOPLE")

    with pytest.raises(WrongInput, match="set KAMPANJ_PEOPLE"):
        people("list")
    assert f"set KAMPANJ_PEOPLE={file}" in people(
        "add", "ada", "--name", "Ada", "--role", "admin", "--file", str(file)
    )
