"""What comes back by a form of Prefect's decides only what a person may, on what it showed.

Here the answers are handed over as the flow would; that Prefect carries them is shown, with a
server of its own, in ``test_served.py``.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from places import make_place
from sqlalchemy import select

from cost_tracking import tables
from cost_tracking.database import reading
from creative.concept import Concept
from creative.patience import Wait as Patient
from flows import gates, people_edit, pipeline
from flows.desk import Desk, open_desk
from flows.exits import Waiting, WrongInput
from flows.materials import gather
from flows.run_options import RunOptions
from flows.settings import read_settings
from review.access import codes
from review.access.people import Entry, alone
from review.waits import Form
from review.waits import Waiting as Wait

TEA = "spring-tea"


@dataclass(frozen=True)
class Gate:
    """A run that waits for a choice, and the form that Prefect shows for it."""

    desk: Desk
    waiting: Wait
    form: Form

    def take(self, **typed: object) -> str:
        """Answer, and return why that decided nothing."""
        return gates.take(self.desk, self.form, self.waiting, typed)

    @property
    def acts(self) -> list[dict[str, Any]]:
        """Return what was written down of people's acts."""
        with reading(self.desk.engine) as connection:
            rows = connection.execute(select(tables.act.c.statement).order_by(tables.act.c.seq))
            return [json.loads(one) for (one,) in rows]

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the choice that stands."""
        choice = self.desk.choices.newest(TEA)
        return choice.concepts if choice else ()

    def code(self, person: str, campaign: str = TEA, late: timedelta = timedelta(0)) -> str:
        """Return a code that somebody was given."""
        return codes.issue(self.desk.keys, person, campaign, self.desk.now() - late)


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    """Patch for the whole module."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, patched: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Return one gate for all of these, at which nobody has decided."""
    place = make_place(tmp_path_factory.mktemp("gate"))
    patched.chdir(place.folder)
    patched.setenv("KAMPANJ_ACTOR", "ada")
    with open_desk(read_settings()) as desk:
        options = RunOptions(brief=str(place.brief), out=str(place.folder / "out"), choose="wait")
        run = pipeline.start(desk, gather(place.brief), options)
        with pytest.raises(Waiting):
            pipeline.carry_out(desk, run)
        [waiting] = desk.waits.standing(run)
        yield Gate(desk, waiting, desk.waits.show_form(waiting, "f1"))


@pytest.fixture
def known(gate: Gate) -> Gate:
    """Return the gate where a file says who may do what."""
    people = gate.desk.home / "people.yaml"
    if not people.is_file():
        for name, roles in (("cy", ("choose",)), ("bo", ("approve", "brief")), ("di", ("choose",))):
            people_edit.put(gate.desk, alone("ada"), people, Entry(id=name, name=name, roles=roles))
        people_edit.deactivate(gate.desk, alone("ada"), people, "di")
    settings = gate.desk.settings.model_copy(update={"people": people})
    return Gate(Desk(settings, gate.desk.engine, "test"), gate.waiting, gate.form)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"chosen": ["c1", "c2"]}, "asks for 1 concepts, and 2 were picked"),
        ({"chosen": []}, "0 were picked"),
        ({}, "0 were picked"),
        ({"chosen": ["c1", "c1"]}, "2 were picked"),
        ({"chosen": ["c7"]}, "there is no concept c7"),
        ({"chosen": "c1"}, "no answer of this form"),
        ({"chosen": ["c1"], "verdict": "accepted"}, "no answer of this form"),
        ({"chosen": ["c1"], "note": "x" * 2001}, "no answer of this form"),
        ({"chosen": ["c1"], "note": {"__prefect_kind": "jinja"}}, "no answer of this form"),
    ],
)
def test_an_answer_that_is_none_decides_nothing_and_is_written_down(
    gate: Gate, typed: dict[str, object], said: str
) -> None:
    """Who reaches Prefect's interface can send anything, past the form and its checks."""
    before = len(gate.acts)

    assert said in gate.take(**typed)

    assert gate.chosen == ()
    [told] = gate.acts[before:]
    assert (told["act"], told["via"], told["campaign"]) == ("refused", "prefect", TEA)
    assert said in told["why"]


@pytest.mark.parametrize("typed", [None, [], ["c1"], "c1", 7])
def test_what_is_no_form_at_all_decides_nothing(gate: Gate, typed: object) -> None:
    """Prefect keeps any JSON under the name of an answer."""
    assert "no answer" in gates.take(gate.desk, gate.form, gate.waiting, typed)
    assert gate.chosen == ()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", "no code of ours"),
        ("cy", "no code of ours"),
        ("a.b.c", "no code of ours"),
        ("late", "has run out"),
        ("other", "for campaign winter-tea"),
        ("forged", "was not given out here"),
        ("role", "bo may not choose"),
        ("gone", "no people file names di"),
        ("nobody", "no people file names ed"),
    ],
)
def test_a_code_that_proves_nobody_who_may_choose_decides_nothing(
    known: Gate, tmp_path: Path, code: str, said: str
) -> None:
    """Prefect's own sign-in is one password for all, so it is no proof of a person."""
    forger = codes.Keys(tmp_path / "keys")
    made = {
        "late": lambda: known.code("cy", late=timedelta(minutes=16)),
        "other": lambda: known.code("cy", "winter-tea"),
        "forged": lambda: codes.issue(forger, "cy", TEA, known.desk.now()),
        "role": lambda: known.code("bo"),
        "gone": lambda: known.code("di"),
        "nobody": lambda: known.code("ed"),
    }
    before = len(known.acts)

    assert said in known.take(chosen=["c1"], code=made[code]() if code in made else code)

    assert known.chosen == ()
    assert [one["act"] for one in known.acts[before:]] == ["refused"]


@pytest.mark.parametrize("changed", [("c1", ""), ("auto", ""), ("", "auto"), ("", "checks")])
def test_nobody_decides_by_how_they_resume_a_run(known: Gate, changed: tuple[str, str]) -> None:
    """Whoever has Prefect's password could have a rule accept what people are to look at."""
    with pytest.raises(WrongInput, match="would decide for people who show who they are"):
        gates.check_changes(known.desk, *changed)
    gates.check_changes(known.desk, "wait", "wait")


def test_a_choice_is_of_the_pictures_that_the_form_showed(known: Gate) -> None:
    """While it hung in Prefect for a week, somebody had the concept drawn anew."""
    drawn = known.desk.concepts(known.waiting.run)
    other: list[Concept] = [
        one.model_copy(update={"sha256": "0" * 64}) if one.id == "c1" else one for one in drawn
    ]
    known.desk.keep_concepts(known.waiting.run, other)
    try:
        said = known.take(chosen=["c1"], code=known.code("cy"))
    finally:
        known.desk.keep_concepts(known.waiting.run, drawn)

    assert said == "c1 is not what you looked at any more; look again"
    assert known.chosen == ()


def test_the_form_says_why_the_last_answer_was_not_taken_and_shows_what_was_drawn(
    known: Gate,
) -> None:
    """Whoever is refused without a word types the same again."""
    known.desk.waits.read_form(known.form, "there is no *concept* c7")
    run = known.desk.runs.get(known.waiting.run)
    shown = gates.choice_form(known.desk, known.waiting, known.desk.waits.refusal(known.waiting))

    schema, asked = shown.model_json_schema(), str(shown._description)
    assert set(schema["required"]) == {"chosen", "code"}
    chosen = schema["properties"]["chosen"]
    assert (chosen["items"]["enum"], chosen["minItems"], chosen["maxItems"]) == (["c1", "c2"], 1, 1)
    assert asked.startswith(r"**Not taken:** there is no \*concept\* c7")
    assert "(data:image/jpeg;base64,/9j/" in asked
    assert "**c1** A cup by a window" in asked
    assert f"kampanj review choose {run.campaign} c1" in asked
    assert len(asked) < 150_000


def test_who_may_choose_does_so_once_and_prefect_is_ignored_after_that(known: Gate) -> None:
    """The act is the one of the page: the same row, the same chain, whichever door."""
    code = known.code("cy")
    assert known.take(chosen=["c2"], note="Warmer", code=code) == ""
    told = known.acts[-1]
    assert (told["act"], told["by"], told["via"], told["reason"]) == (
        *("chose", "cy", "prefect"),
        "Warmer",
    )
    assert told["seen"] == [known.waiting.subject["c2"]]

    # The process was killed before the form was noted as read, and reads it again.
    assert known.take(chosen=["c2"], note="Warmer", code=code) == ""
    assert known.take(chosen=["c1"], code=known.code("cy")) == ""
    assert known.chosen == ("c2",)

    drawn = known.desk.concepts(known.waiting.run)
    again = [one.model_copy(update={"sha256": f"{one.id[1]}" * 64}) for one in drawn]
    known.desk.keep_concepts(known.waiting.run, again)
    anew = known.desk.waits.open(
        known.waiting.run, "choice", {one.id: one.seen for one in again}, Patient()
    )
    form = known.desk.waits.show_form(anew, "f1")
    typed = {"chosen": ["c1"], "code": code}
    said = gates.take(known.desk, form, anew, typed)
    assert said == "this was sent before; nothing was done a second time"
    assert known.chosen == ("c2",)
    assert known.acts[-1]["act"] == "refused"
