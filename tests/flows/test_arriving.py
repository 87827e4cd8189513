"""Briefs that come by the form or from a bucket, and the files that they become."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from places import BRAND, BRIEF, WORDS, memory

from cost_tracking.runs import RunState
from creative.problem import InvalidInput
from creative.yaml_file import MAX_BYTES
from flows import arriving
from flows.brief_form import BriefForm
from flows.desk import Desk, open_desk
from flows.exits import WrongInput
from flows.form_choices import of_project
from flows.form_example import example
from flows.run_options import RunOptions
from flows.settings import Settings
from review.access import codes
from review.access.people import PeopleFile, sign_people
from review.acts import NotAllowed, Replayed
from review.signing import Keys


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with a brand, its words, and no brief."""
    briefs = tmp_path / "briefs"
    (briefs / "memory").mkdir(parents=True)
    (tmp_path / "kampanj.toml").touch()
    (briefs / "brand.yaml").write_text(BRAND, "utf-8")
    for tag, words in WORDS.items():
        (briefs / "memory" / f"{tag}.yaml").write_text(memory(tag, words), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder for all tests, each of which has a campaign of its own name."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def settings(project: Path, home: Path) -> Settings:
    """Return the settings of the project, which nothing in the environment has set."""
    return Settings(home=home, briefs=project / "briefs", actor="ada")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """Open the state of the project."""
    with open_desk(settings) as desk:
        yield desk


@pytest.fixture
def form(project: Path, settings: Settings) -> BriefForm:
    """Return the project's form."""
    return BriefForm(of_project(project, settings))


@pytest.fixture
def typed(form: BriefForm) -> dict[str, Any]:
    """Return the form as it is filled in, but for the name."""
    filled = form.filled(example(form.choices, date(2026, 11, 21)))
    filled["campaign"]["name"] = f"c-{uuid4().hex[:8]}"
    return filled


def sent(
    desk: Desk, form: BriefForm, typed: dict[str, Any], *, by: str = "", code: str = ""
) -> str:
    """Send the form, and return the run."""
    arrived = arriving.from_form(form, typed, desk.settings.briefs)
    return arriving.start(desk, arrived, RunOptions(brief="", choose="wait", by=by), code=code)


def file_of(typed: dict[str, Any]) -> Path:
    """Return where what was typed is kept."""
    return Path.cwd() / "briefs" / f"{typed['campaign']['name']}.yaml"


def files(project: Path) -> set[str]:
    """Return every file of the project but the state."""
    every = (path.relative_to(project) for path in project.rglob("*") if path.is_file())
    return {path.as_posix() for path in every}


def test_what_is_typed_becomes_a_file_of_the_project(
    project: Path, desk: Desk, form: BriefForm, typed: dict[str, Any]
) -> None:
    """Engineers commit it, and it is the same brief from then on."""
    before = files(project)

    run = desk.runs.get(sent(desk, form, typed))

    written = file_of(typed)
    assert files(project) - before == {f"briefs/{written.name}"}
    assert arriving.from_place(f"briefs/{written.name}", desk.settings).content is None
    assert (run.brief_path, run.state) == (str(written), RunState.RUNNING)
    assert desk.blobs.get(run.brief_sha256) == written.read_bytes()
    assert run.options["by"] == "ada"


def test_the_same_form_again_is_the_same_brief_even_if_somebody_has_tidied_it(
    desk: Desk, form: BriefForm, typed: dict[str, Any]
) -> None:
    """A run that is taken up from the top sends it again, and comments are no other content."""
    sent(desk, form, typed)
    path = file_of(typed)
    tidied = f"# Agreed on Monday.\n{path.read_text('utf-8')}"
    path.write_text(tidied, "utf-8")

    again = sent(desk, form, typed)

    assert path.read_text("utf-8") == tidied
    assert desk.blobs.get(desk.runs.get(again).brief_sha256).decode() == tidied


def test_a_form_never_takes_the_place_of_another_brief(
    desk: Desk, form: BriefForm, typed: dict[str, Any]
) -> None:
    """A committed brief is somebody's decision, and its name is in the ledger."""
    path = file_of(typed)
    path.write_text(f"schema: 1\nname: {path.stem}\n", "utf-8")
    kept = path.read_bytes()

    with pytest.raises(InvalidInput) as refused:
        sent(desk, form, typed)

    assert path.read_bytes() == kept
    assert str(refused.value) == (
        f"the form: name: briefs/{path.name} is another brief of this name. Give this campaign a "
        "name of its own, or change that file and start it as it is"
    )
    assert not desk.runs.list(path.stem)


def test_a_brief_of_this_name_that_ran_from_elsewhere_stops_it_before_anything_is_written(
    project: Path, desk: Desk, form: BriefForm, typed: dict[str, Any]
) -> None:
    """Two briefs of one name would share one ledger and one folder."""
    sent(desk, form, typed)
    file_of(typed).rename(project / "briefs" / "moved.yaml")
    moved = arriving.from_place("briefs/moved.yaml", desk.settings)
    arriving.start(desk, moved, RunOptions(brief=""))
    before = files(project)

    with pytest.raises(WrongInput, match=r"moved\.yaml is the brief of campaign"):
        sent(desk, form, typed)

    assert files(project) == before


def test_all_that_is_wrong_with_a_form_is_said_at_once_and_nothing_is_written(
    project: Path, settings: Settings, form: BriefForm, typed: dict[str, Any]
) -> None:
    """Whoever is told one fault at a time gives up at the third."""
    before = files(project)
    typed["campaign"]["brand"] = "brands/nobody.yaml"
    typed["places"]["markets"] = ["UK"]
    typed["places"]["locales"] = [{"market": "SE", "locales": ["sv-SE"]}] * 2
    typed["money"]["schedule"]["end"] = "2026-01-01"
    typed["money"]["budget"]["non_working"] = "a lot"
    del typed["message"]["messaging"]["headline"]

    with pytest.raises(InvalidInput) as refused:
        arriving.from_form(form, typed, settings.briefs)

    said = {one.path: str(one) for one in refused.value.problems}
    assert set(said) == {
        *("brand", "budget.non_working", "locales.SE", "markets[0]", "messaging.headline"),
        "schedule",
    }
    assert said["markets[0]"] == "the form: markets[0]: there is no market 'UK'. Write GB"
    assert files(project) == before


def test_a_name_that_is_a_path_is_never_one(
    project: Path, settings: Settings, form: BriefForm, typed: dict[str, Any]
) -> None:
    """The name becomes a file's, and the server can be told to check no form."""
    for name in ("../../evil", "/etc/evil", "a/b", "", None, ["x"]):
        typed["campaign"]["name"] = name
        with pytest.raises(InvalidInput) as refused:
            arriving.from_form(form, typed, settings.briefs)
        assert [one.path for one in refused.value.problems][:1] in (["name"], ["name[0]"])
    assert not list(project.parent.glob("evil*"))


@pytest.mark.parametrize(
    "place", ["../brief.yaml", "/etc/passwd", "a/../../b", "c:evil", ".git/config", "a/.kampanj/b"]
)
def test_a_path_leads_nowhere_out_of_the_project(settings: Settings, place: str) -> None:
    """Whoever reaches the form must not reach the machine."""
    with pytest.raises(WrongInput, match=r"leaves the project|is not for campaigns"):
        arriving.from_place(place, settings)
    with pytest.raises(WrongInput, match=r"leaves the project|is not for campaigns"):
        arriving.inside(place)


@pytest.fixture
def peopled(project: Path, settings: Settings) -> Iterator[Desk]:
    """Open the state of a project whose people show who they are."""
    people = project / "people.yaml"
    file = PeopleFile.model_validate(
        {
            "schema": 1,
            "people": [
                {"id": "ada", "name": "Ada Lovelace", "roles": ["brief"]},
                {"id": "bo", "name": "Bo", "roles": ["approve:SE"]},
            ],
        }
    )
    people.write_text(file.model_dump_json(by_alias=True), "utf-8")
    sign_people(people, Keys(settings.home / "keys"))
    with open_desk(settings.model_copy(update={"people": people})) as desk:
        yield desk


def code_of(desk: Desk, who: str, campaign: str) -> str:
    """Return somebody's code to start a campaign with."""
    return codes.issue(desk.keys, who, campaign, desk.now(), codes.TO_START)


def test_who_asks_for_it_is_somebody_who_may(
    peopled: Desk, form: BriefForm, typed: dict[str, Any]
) -> None:
    """They do not approve it, so the name is not anybody's to make up."""
    name = typed["campaign"]["name"]
    for who, wrong, said in (
        ("ada", "", "no code of ours"),
        ("ada (Ada Lovelace)", "made.up.code", "no code of ours"),
        ("ada", codes.issue(peopled.keys, "ada", name, peopled.now()), "not given out here"),
        ("ada", code_of(peopled, "ada", "tea"), "for campaign tea"),
        ("bo", code_of(peopled, "ada", name), "the code is ada's, and the form names 'bo'"),
    ):
        with pytest.raises(WrongInput, match=said):
            sent(peopled, form, typed, by=who, code=wrong)
    for who in ("bo", "eve"):
        with pytest.raises(NotAllowed, match=f"{who} may start no campaign"):
            sent(peopled, form, typed, code=code_of(peopled, who, name))
    assert not file_of(typed).exists()

    code = code_of(peopled, "ada", name)
    run = sent(peopled, form, typed, by="ada (Ada Lovelace)", code=code)

    assert peopled.runs.get(run).options["by"] == "ada"
    with pytest.raises(Replayed):
        sent(peopled, form, typed, code=code)
    again = sent(peopled, form, typed, code=code_of(peopled, "ada", name))
    assert peopled.runs.get(again).options["by"] == "ada"


def test_who_is_known_by_their_groups_alone_asks_by_their_code(
    settings: Settings, form: BriefForm, typed: dict[str, Any]
) -> None:
    """Their organization lets them, so the page gave them one; no file has them."""
    vouched = settings.model_copy(update={"oidc_issuer": "https://id.example"})
    with open_desk(vouched) as desk:
        run = sent(desk, form, typed, code=code_of(desk, "u-17", typed["campaign"]["name"]))
        assert desk.runs.get(run).options["by"] == "u-17"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Return the address of a server that speaks S3."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def bucket(server: str, settings: Settings) -> tuple[Any, Settings]:
    """Return a bucket, and settings that reach it."""
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    resource = boto3.resource("s3", endpoint_url=server, region_name="eu-north-1", **keys)
    made = resource.Bucket(f"briefs-{settings.briefs.parent.name.replace('_', '-')}"[:60].lower())
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    told = settings.model_dump() | {
        "s3_endpoint_url": server,
        "s3_region": "eu-north-1",
        "s3_access_key_id": "test",
        "s3_secret_access_key": "test",
    }
    return made, Settings(**told)


def test_a_brief_from_a_bucket_is_kept_in_the_project_and_follows_its_source(
    project: Path, bucket: tuple[Any, Settings]
) -> None:
    """What it names lies in the project, and who resumes it may not reach the bucket."""
    made, settings = bucket
    place = f"s3://{made.name}/in/tea.yaml"
    path = project / "briefs" / "spring-tea.yaml"

    def arrive(text: str) -> str:
        made.put_object(Key="in/tea.yaml", Body=text.encode())
        arrived = arriving.from_place(place, settings)
        with open_desk(settings) as desk:
            return arriving.start(desk, arrived, RunOptions(brief=""))

    first, again = arrive(BRIEF), arrive(BRIEF)
    newer = BRIEF.replace("A slower morning", "A slow morning")
    second = arrive(newer)

    assert path.read_text("utf-8") == newer
    with open_desk(settings) as desk:
        runs = [desk.runs.get(one) for one in (first, again, second)]
        assert {one.brief_path for one in runs} == {str(path)}
        kept = [desk.blobs.get(one.brief_sha256).decode() for one in runs]
        assert kept == [BRIEF, BRIEF, newer]
    path.write_text(f"{newer}# ours\n".replace("Steep", "Wait"), "utf-8")
    with pytest.raises(InvalidInput, match=rf"{place}:2: name: briefs/spring-tea.yaml is another"):
        arrive(BRIEF)
    assert "# ours" in path.read_text("utf-8")


def test_what_is_wrong_with_a_bucket_or_in_it_is_said_with_its_address(
    project: Path, bucket: tuple[Any, Settings]
) -> None:
    """The line of a fault is that of the object, and a huge one is not even read."""
    made, settings = bucket
    made.put_object(Key="huge.yaml", Body=b"x" * (MAX_BYTES + 1))
    made.put_object(Key="wrong.yaml", Body=BRIEF.replace("[SE, SA]", "[SE, UK]").encode())
    made.put_object(Key="lost.yaml", Body=BRIEF.replace("brand.yaml", "b.yaml").encode())
    before = files(project)

    def said(key: str) -> str:
        with pytest.raises(InvalidInput) as refused:
            arriving.from_place(f"s3://{made.name}/{key}", settings)
        return str(refused.value)

    at = f"s3://{made.name}"
    assert said("none.yaml") == f"{at}/none.yaml: nothing is kept there. Check the address"
    assert said("huge.yaml").startswith(f"{at}/huge.yaml: it is larger than 256,000 bytes")
    assert said("wrong.yaml").startswith(f"{at}/wrong.yaml:12: markets[1]: there is no market 'UK'")
    lost = f"{at}/lost.yaml:4: brand: there is no file 'b.yaml'. Add it to briefs/"
    assert said("lost.yaml") == lost
    for address in ("s3://", f"{at}/", "https://example.com/x", "s3://UPPER/x", f"{at}/a b"):
        with pytest.raises(WrongInput, match="is no address"):
            arriving.from_place(address, settings)
    with pytest.raises(InvalidInput, match="nothing is kept there"):
        arriving.from_place("s3://nobody-here/x.yaml", settings)
    assert files(project) == before
