"""``kampanj review``: a person decides at the command line, and the next run does as they said."""

import json
from pathlib import Path
from typing import Any

import pytest
from places import Place
from typer.testing import CliRunner

from creative.decision import Verdict
from creative.finding import Finding, Severity
from flows import deciding, pipeline, show
from flows.__main__ import app
from flows.desk import Desk, open_desk
from flows.exits import Waiting, WrongInput
from flows.materials import gather
from flows.reviewing import items, meant
from flows.run_options import RunOptions
from flows.settings import read_settings
from review.access import codes
from review.access.people import Entry, hashed
from review.acts import Blocked, NotAllowed, Ruling, Stale
from review.approval import Approval
from review.light_table import Filter

BANNER = "spring-tea_SE_sv-SE_iab_smartphone_banner_c1_v1"
TEA = "spring-tea"
PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
LIMIT = "approval: {two_people_above: 100.00, currency: EUR}\n".replace("100.00", '"100.00"')


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return the folder of a brief, in which this process stands."""
    return standing_in(place, monkeypatch)


@pytest.fixture
def made_there(waiting: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a folder in which this process stands, and a campaign waits for people."""
    return standing_in(waiting, monkeypatch)


def standing_in(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Stand in a folder, as ada."""
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    monkeypatch.setattr(show.OUT, "width", 200)
    return place


def told(*words: str) -> Any:
    """Return what a command printed as JSON."""
    ended = CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False)
    return json.loads(ended.stdout)


def states(desk: Desk) -> dict[str, str]:
    """Return how far each rendition is."""
    return {one.name: one.state.value for one in items(desk, TEA)}


def test_a_person_accepts_by_filter_and_takes_back_what_was_delivered(here: Place) -> None:
    """The whole journey, as it is typed; what is withdrawn does not stay with the client."""
    waits = here.run("run", "brief.yaml", "--direct", "--approve", "wait")
    assert waits.code == 4, waits.err
    assert "kampanj review list spring-tea" in waits.out
    assert len(told("review", "list", TEA, "--state", "waiting")) == 4
    nobody = here.run("review", "accept", TEA, "--market", "SE")
    assert (nobody.code, "2 renditions (market SE)" in nobody.err) == (2, True)
    accepted = here.run("review", "accept", TEA, "--market", "SE", "--yes", "--json").json
    run = accepted["run"]
    assert accepted["next"] == f"`kampanj resume {run}` delivers them"
    assert here.run("resume", run, "--direct").code == 4
    assert {Path(one).stem for one in here.files()} == set(accepted["decided"])

    unreasoned = here.run("review", "withdraw", TEA, BANNER)
    assert (unreasoned.code, "say why by one of these codes" in unreasoned.err) == (3, True)
    assert not unreasoned.out
    withdrawn = here.run("review", "withdraw", TEA, BANNER, "--reason", "legal", "--note", "Late")
    assert "takes out" in withdrawn.out
    resumed = here.run("resume", run, "--direct")

    assert "1 taken out of the delivered files" in resumed.out
    assert [name for name in here.files() if BANNER in name] == []
    assert len(here.files()) == 1
    manifest = json.loads((here.delivered / "manifest.json").read_text("utf-8"))
    said = {one["decision"]["verdict"] for one in manifest["assets"] if one["decision"]}
    assert said == {"accepted", "withdrawn"}
    assert manifest["decisions_key"]
    assert not told("verify", str(here.delivered))["faults"]
    shown = told("review", "show", BANNER)
    assert (shown["state"], shown["code"], shown["delivered"]) == ("withdrawn", "legal", "")
    assert [one["verdict"] for one in shown["decisions"]] == ["accepted", "withdrawn"]
    assert shown["copy"]["headline"] == "En lugnare morgon"
    assert Path(shown["file"]).is_file()


def test_no_rule_overrides_a_person(made_there: Place) -> None:
    """Whoever rejected a picture must not find it delivered by `--approve auto`."""
    with open_desk(read_settings()) as desk:
        run = desk.run_named(TEA).id
        told("review", "reject", TEA, BANNER, "--reason", "brand")
        pipeline.carry_out(desk, run, approve=Approval.AUTO)

        assert states(desk)[BANNER] == "rejected"
        assert list(states(desk).values()).count("accepted") == 3
    assert len(made_there.files()) == 3
    assert not [name for name in made_there.files() if BANNER in name]


def test_where_two_people_must_accept_no_rule_accepts(
    finished: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does what a rule or one person accepted before the brand asked for two."""
    here = standing_in(finished, monkeypatch)
    brand = here.folder / "brand.yaml"
    text = brand.read_text("utf-8")
    with open_desk(read_settings()) as desk:
        run = desk.run_named(TEA).id
        told("review", "withdraw", TEA, BANNER, "--reason", "brand")
        told("review", "accept", TEA, BANNER)
        assert set(states(desk).values()) == {"accepted"}
        brand.write_text(text + LIMIT, "utf-8")
        assert set(states(desk).values()) == {"waiting"}

        summary = pipeline.carry_out(desk, run, approve=Approval.AUTO)

        assert (summary.waiting, summary.delivered, summary.taken_out) == (4, 0, 4)
        assert not here.files()
        first = told("review", "accept", TEA, "--market", "SE", "--yes")
        assert (first["decided"], len(first["endorsed"])) == ([], 2)
        assert "second person" in first["next"]
        (row,) = (one for one in told("review", "list", TEA) if one["asset"] == BANNER)
        assert (row["state"], row["endorsed"]) == ("waiting", "ada")
        desk_of_bo = Desk(desk.settings.model_copy(update={"actor": "bo"}), desk.engine, "bo")
        (bo,) = [deciding.at_the_terminal(desk_of_bo, "")]
        found = meant(desk, TEA, [BANNER], Filter(), Verdict.ACCEPTED)
        asks = deciding.request(bo, "command line")
        about, now = deciding.subject(desk, TEA), deciding.current(desk, TEA)
        seen = [one.seen for one in found]
        desk.acts.decide(asks, about, now, seen, Ruling(verdict=Verdict.ACCEPTED))
        assert pipeline.carry_out(desk, run, approve=Approval.AUTO).delivered == 1


@pytest.mark.usefixtures("made_there")
def test_what_a_check_blocks_nobody_accepts() -> None:
    """The finding is named; by filter such a rendition is not meant at all."""
    with open_desk(read_settings()) as desk:
        run = desk.run_named(TEA).id
        manifest = desk.manifest(run)
        stop = Finding(
            check="contrast", severity=Severity.BLOCK, where="cta", message="Too faint", mend="-"
        )
        path = desk.manifest_path(run)
        first = manifest.assets[0]
        worse = first.rendition.model_copy(update={"findings": (stop,)})
        assets = (first.model_copy(update={"rendition": worse}), *manifest.assets[1:])
        changed = manifest.model_copy(update={"assets": assets})
        path.write_text(changed.model_dump_json(), "utf-8")

        assert len(meant(desk, TEA, [], Filter(), Verdict.ACCEPTED)) == 3
        with pytest.raises(Blocked, match="cannot be accepted: contrast in cta: Too faint"):
            told("review", "accept", TEA, str(worse.name))
        told("review", "reject", TEA, str(worse.name), "--reason", "brand")
        assert states(desk)[str(worse.name)] == "rejected"


@pytest.mark.usefixtures("made_there")
def test_a_decision_is_of_the_bytes_that_were_seen() -> None:
    """A script that looked at one file must not accept another one of the same name."""
    with open_desk(read_settings()) as desk:
        with pytest.raises(Stale):
            told("review", "accept", TEA, BANNER, "--sha256", "a" * 64)
        row = next(one for one in told("review", "list", TEA) if one["asset"] == BANNER)
        told("review", "accept", TEA, BANNER, "--sha256", row["sha256"])

        assert states(desk)[BANNER] == "accepted"
        assert desk.checkpoints.faults(desk.engine) == []
        assert [one.name for one in (desk.home / "checkpoints").iterdir()]


WRONG: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing fits": (("accept", TEA, "--market", "NO", "--yes"), r"is left \(market NO\)"),
    "no rendition": (("accept", TEA, "spring-tea_x"), "is none of the newest renditions"),
    "twice": (("accept", TEA, BANNER, BANNER), "is named twice"),
    "both": (("accept", TEA, BANNER, "--market", "SE"), "not both"),
    "not accepted": (("withdraw", TEA, BANNER, "--reason", "legal"), "waiting, not accepted"),
    "hash of many": (("accept", TEA, "--sha256", "a", "--yes"), "name that one"),
    "no state": (("list", TEA, "--state", "pending"), "--state: "),
    "no name": (("show", "banner.jpg"), "is not the name of a rendition"),
    "filter of all": (("list", "--market", "SE"), "name the campaign"),
    "long note": (("accept", TEA, BANNER, "--note", "x" * 3000), "--note, --redo, --minutes: "),
}


@pytest.mark.usefixtures("made_there")
def test_what_is_typed_wrongly_is_named() -> None:
    """And nothing is decided."""
    with open_desk(read_settings()) as desk:
        for words, said in WRONG.values():
            with pytest.raises(WrongInput, match=said):
                told("review", *words)

        assert set(states(desk).values()) == {"waiting"}


@pytest.mark.usefixtures("here")
def test_a_choice_at_the_command_line_is_the_runs_choice() -> None:
    """The run that waited goes on with it, and asks nothing."""
    asked = RunOptions(
        brief=str(Path("brief.yaml").absolute()), out="out", choose="wait", approve=Approval.WAIT
    )
    with open_desk(read_settings()) as desk:
        started = pipeline.start(desk, gather(Path("brief.yaml")), asked)
        with pytest.raises(Waiting):
            pipeline.carry_out(desk, started)
    (row,) = told("review", "list")
    assert row["run is"] == "waiting"

    choice = told("review", "choose", TEA, "c2", "--note", "Warmer")

    with open_desk(read_settings()) as desk:
        assert pipeline.carry_out(desk, choice["run"]).waiting == 4
        assert all("_c2_" in one for one in states(desk))
        assert len(told("review", "code", TEA)["code"].split(".")) == 3
        start = told("review", "code", "autumn-tea", "--start")["code"]
        claim = codes.read(desk.keys, start, "autumn-tea", desk.now(), codes.TO_START)
        assert claim.person == desk.who


def test_where_people_are_known_they_show_who_they_are(
    made_there: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By password, with the roles of the file, and not by an option of a run."""
    from flows import people_edit
    from review.access.people import alone

    people = made_there.folder / "people.yaml"
    with open_desk(read_settings()) as desk:
        run = desk.run_named(TEA).id
        for name, roles in (("cy", ("approve:SE",)), ("ada", ("brief", "approve"))):
            entry = Entry(id=name, name=name, roles=roles, password=hashed(PASSWORD))
            people_edit.put(desk, alone("ada"), people, entry)
        monkeypatch.setenv("KAMPANJ_PEOPLE", str(people))
        with pytest.raises(WrongInput, match="set KAMPANJ_PASSWORD"):
            told("review", "accept", TEA, BANNER)
        monkeypatch.setenv("KAMPANJ_PASSWORD", PASSWORD)
        with pytest.raises(NotAllowed, match="does not approve it"):
            told("review", "accept", TEA, BANNER)
        monkeypatch.setenv("KAMPANJ_ACTOR", "cy")
        with pytest.raises(NotAllowed, match="in SA"):
            told("review", "accept", TEA, "--yes")
        with pytest.raises(NotAllowed):
            told("review", "choose", TEA, "c2")
        assert told("review", "accept", TEA, "--market", "SE", "--yes")["decided"]
        monkeypatch.setenv("KAMPANJ_PASSWORD", "wrong horse battery")
        with pytest.raises(NotAllowed, match="cy is not known by this password"):
            told("review", "accept", TEA, "--yes")
    with open_desk(read_settings()) as desk, pytest.raises(WrongInput, match="review choose"):
        pipeline.carry_out(desk, run, choose="c2")
