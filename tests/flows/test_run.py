"""One brief all the way, through the real command line, with the embedded studio."""

import csv
import json
from decimal import Decimal

import pytest
from PIL import Image
from places import Place

from composition import provenance
from creative.asset_name import AssetName
from creative.concept import SourceType
from creative.manifest import Manifest


def test_a_brief_becomes_files_that_meet_their_placements(place: Place) -> None:
    """It is what the program is for."""
    made = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json")

    assert made.code == 0, made.err
    assert made.json["files"] == made.json["delivered"] == len(place.files()) == 4
    sizes = {
        AssetName.parse(path.rpartition("/")[2]).placement: Image.open(place.delivered / path).size
        for path in place.files()
    }
    assert sizes == {"iab_medium_rectangle": (300, 250), "iab_smartphone_banner": (320, 50)}
    caps = {"iab_medium_rectangle": 150_000, "iab_smartphone_banner": 50_000}
    for path, content in place.files().items():
        assert len(content) <= caps[AssetName.parse(path.rpartition("/")[2]).placement]
        assert provenance.read(content).source_type is SourceType.DIGITAL_CREATION


def test_the_run_does_what_the_quote_said(place: Place) -> None:
    """Nobody signs a quote that means something else."""
    quoted = place.run("plan", "brief.yaml", "--json").json
    made = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json").json

    told = ("files", "attempts", "money")
    assert [quoted[name] for name in told] == [made[name] for name in told]
    assert quoted["attempts"] == 4  # two pictures, and one text for each of two languages


def test_a_quote_writes_nothing(place: Place) -> None:
    """CI quotes strangers' pull requests."""
    before = sorted(place.folder.rglob("*"))

    assert place.run("plan", "brief.yaml").code == 0
    assert sorted(place.folder.rglob("*")) == before


def test_a_second_run_buys_and_draws_nothing(place: Place) -> None:
    """People run things twice."""
    first = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json").json
    files = place.files()

    second = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json").json

    assert (first["attempts"], first["composed"], first["written"]) == (4, 4, 4)
    assert (second["attempts"], second["composed"], second["written"]) == (0, 0, 0)
    assert second["reused"] == second["delivered"] == 4
    assert second["non_working"] == first["non_working"]
    assert place.files() == files


def test_a_changed_word_draws_only_what_shows_it(finished: Place) -> None:
    """A correction in Swedish must not reopen the Arabic files."""
    path = finished.folder / "memory" / "sv.yaml"
    path.write_text(path.read_text("utf-8").replace("lugnare", "stillsam"), encoding="utf-8")

    made = finished.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json").json

    assert (made["composed"], made["reused"], made["images_bought"]) == (2, 2, 2)
    names = [AssetName.parse(one.rpartition("/")[2]) for one in finished.files()]
    assert sorted((one.locale, one.version) for one in names if one.version > 1) == [
        ("sv-SE", 2),
        ("sv-SE", 2),
    ]


def test_the_same_inputs_give_the_same_bytes(finished: Place) -> None:
    """Otherwise no approval would outlive a second machine."""
    first = finished.files()

    # A new interpreter: another seed of hashes, and pictures that are drawn and not remembered.
    finished.run(
        "run",
        "brief.yaml",
        "--approve=auto",
        "--direct",
        "--out=again",
        anew=True,
        KAMPANJ_HOME="elsewhere",
        KAMPANJ_WORKERS="2",
    )

    again = finished.folder / "again" / "spring-tea"
    assert {path: (again / path).read_bytes() for path in first} == first


def test_the_manifest_names_every_file_with_its_hash_and_cost(finished: Place) -> None:
    """Auditors start there."""
    manifest = Manifest.model_validate_json((finished.delivered / "manifest.json").read_bytes())

    assert {asset.delivered for asset in manifest.assets} == set(finished.files())
    shares = [
        Decimal(asset.cost.direct) + Decimal(asset.cost.allocated) for asset in manifest.assets
    ]
    assert sum(shares) == 72
    with (finished.delivered / "manifest.csv").open(encoding="utf-8") as sheet:
        assert len(list(csv.DictReader(sheet))) == 4


def test_a_locale_without_words_fails_loudly_and_alone(place: Place) -> None:
    """It must never be filled with English."""
    (place.folder / "memory" / "ar.yaml").unlink()

    quoted = place.run("plan", "brief.yaml", "--json").json
    made = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json")

    assert made.code == 1
    assert set(made.json["failed_locales"]) == set(quoted["failed_locales"]) == {"ar-SA"}
    assert made.json["files"] == quoted["files"] == 2
    assert {AssetName.parse(one.rpartition("/")[2]).locale for one in place.files()} == {"sv-SE"}


def test_a_campaign_without_a_word_anywhere_buys_no_picture(place: Place) -> None:
    """It could be for nobody."""
    for path in (place.folder / "memory").iterdir():
        path.unlink()

    quoted = place.run("plan", "brief.yaml", "--json").json
    made = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json")

    assert (quoted["files"], made.code) == (0, 1)
    assert "ar-SA" in made.json["error"]["message"]
    assert "sv-SE" in made.json["error"]["message"]
    assert "attempts settled" not in place.run("status", "spring-tea", "--json").json[0]


def test_what_a_check_objects_to_waits_for_a_person(place: Place) -> None:
    """Placeholder art is the case in point: nobody may ship it by mistake."""
    made = place.run("run", "brief.yaml", "--direct", "--json")

    assert made.code == 4
    assert (made.json["waiting"], made.json["delivered"]) == (4, 0)
    assert not place.files()


def test_a_person_chooses_among_the_concepts_and_the_run_goes_on(place: Place) -> None:
    """Scrapping early is where most is gained."""
    waits = place.run("run", "brief.yaml", "--choose", "wait", "--direct", "--json")
    assert waits.code == 4
    run = waits.json["error"]["message"].split()[1]

    wrong = place.run("resume", run, "--choose", "c7", "--direct")
    made = place.run("resume", run, "--choose", "c2", "--approve", "auto", "--direct", "--json")

    assert (wrong.code, made.code) == (2, 0)
    assert "c7" in wrong.err
    assert made.json["images_bought"] == 2
    assert {AssetName.parse(one.rpartition("/")[2]).concept for one in place.files()} == {"c2"}
    manifest = json.loads((place.delivered / "manifest.json").read_text("utf-8"))
    assert (manifest["choice"]["by"], manifest["choice"]["concepts"]) == ("ada", ["c2"])


def test_another_number_of_concepts_is_another_choice(finished: Place) -> None:
    """One standing pick does not make two files of each."""
    finished.rewrite("choose: 1", "choose: 2")

    quoted = finished.run("plan", "brief.yaml", "--json").json
    twice = finished.run("run", "brief.yaml", "--choose", "c1,c1", "--direct")
    made = finished.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json").json

    assert twice.code == 2
    assert quoted["files"] == made["files"] == 8


def test_a_stricter_run_does_not_lean_on_a_laxer_one(finished: Place) -> None:
    """A draft that accepted everything must not deliver for the run that asks people."""
    asks = finished.run("run", "brief.yaml", "--choose", "wait", "--direct")
    waits = finished.run("run", "brief.yaml", "--approve", "wait", "--out=h2", "--direct", "--json")

    assert (asks.code, waits.code) == (4, 4)
    assert waits.json["delivered"] == 0


def test_two_briefs_cannot_share_a_name(finished: Place) -> None:
    """They would share one budget, one ledger and one folder."""
    (finished.folder / "other.yaml").write_bytes(finished.brief.read_bytes())

    ended = finished.run("run", "other.yaml", "--approve", "auto", "--direct")

    assert ended.code == 2
    assert "a name of its own" in ended.err


def test_what_no_one_may_see_ends_as_a_failure(place: Place) -> None:
    """CI would report a campaign of nothing as done."""
    place.rewrite("headline: A slower morning", f"headline: {'Slower mornings ' * 7}")
    place.rewrite("[SE, SA]", "[GB]")
    place.rewrite("    market: SE\n", "")

    made = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json")

    assert made.code == 1
    assert made.json["blocked"] > 0
    assert made.json["delivered"] + made.json["blocked"] == made.json["files"]


def test_a_damaged_rendition_is_drawn_again(finished: Place) -> None:
    """It can be, so nobody has to be asked."""
    files = finished.files()
    for path in (finished.folder / ".kampanj" / "renditions").iterdir():
        path.write_bytes(path.read_bytes()[:100])
    for path in files:
        (finished.delivered / path).unlink()

    made = finished.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json")

    assert (made.code, made.json["composed"]) == (0, 4)
    assert finished.files() == files


def test_the_state_is_one_wherever_in_the_project_a_command_is_given(finished: Place) -> None:
    """A second ledger in a subfolder would buy everything again."""
    (finished.folder / "deep" / "er").mkdir(parents=True)

    quoted = Place(finished.folder / "deep" / "er").run("plan", "../../brief.yaml", "--json").json

    assert quoted["attempts"] == 0


def test_a_run_goes_on_only_with_the_brief_it_was_started_with(place: Place) -> None:
    """Who answered a question about one brief has not answered it for another."""
    waits = place.run("run", "brief.yaml", "--choose", "wait", "--direct", "--json")
    run = waits.json["error"]["message"].split()[1]
    place.rewrite("Taste it", "Buy it")

    ended = place.run("resume", run, "--choose", "c1", "--approve", "auto", "--direct")

    assert ended.code == 2
    assert "has changed since" in ended.err


def test_a_budget_keeps_its_currency(finished: Place) -> None:
    """What was spent in euros cannot be held against a limit in kronor."""
    finished.rewrite("currency: EUR, non_working", "currency: SEK, non_working")
    finished.rewrite("USD: {rate", "EUR: {rate")
    finished.rewrite("baseline: {currency: EUR", "baseline: {currency: SEK")

    ended = finished.run("run", "brief.yaml", "--approve", "auto", "--direct")

    assert ended.code == 2
    assert "kept in EUR" in ended.err


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_bad_brief_ends_with_2_and_leaves_nothing_behind(place: Place, command: str) -> None:
    """Half a campaign is worse than none."""
    place.rewrite("[SE, SA]", "[SE, UK]")
    place.rewrite("iab_smartphone_banner", "iab_smartfone_banner")
    place.rewrite("image: studio", "image: stduio")
    before = sorted(path for path in place.folder.rglob("*") if path.is_file())

    ended = place.run(command, "brief.yaml", "--json")

    assert ended.code == 2
    said = [one["path"] for one in ended.json["error"]["problems"]]
    assert said[:2] == ["markets[1]", "placements[1]"]
    assert sorted(path for path in place.folder.rglob("*") if path.is_file()) == before


def test_an_unknown_cost_type_or_provider_is_told_with_the_nearest(place: Place) -> None:
    """They are known only above the brief's own room."""
    place.rewrite("image: studio", "image: stduio")
    place.rewrite("labour.internal", "labor.internal")

    said = place.run("plan", "brief.yaml").err

    assert "Did you mean studio?" in said
    assert "Did you mean labour.internal?" in said


def test_verify_finds_a_file_that_is_not_what_was_approved(finished: Place) -> None:
    """The last person to touch a file is rarely the one who approved it."""
    assert finished.run("verify", "out/spring-tea").code == 0
    paths = sorted(finished.files())
    (finished.delivered / paths[0]).write_bytes((finished.delivered / paths[1]).read_bytes())
    (finished.delivered / paths[2]).unlink()

    audited = finished.run("verify", "out/spring-tea", "--json")

    assert audited.code == 1
    found = sorted(fault.split(":")[0] for fault in audited.json["faults"])
    assert found == [paths[0], paths[2]]


def test_verify_finds_a_manifest_that_was_cut_and_a_file_that_is_not_ours(finished: Place) -> None:
    """Whoever hides a file hides its line too."""
    path = finished.delivered / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**manifest, "assets": manifest["assets"][:1]}), encoding="utf-8")
    (finished.delivered / "assets" / "SE" / "sv-SE" / "offer.jpg").write_bytes(b"?")

    audited = finished.run("verify", "out/spring-tea", "--json")

    assert audited.code == 1
    said = " ".join(audited.json["faults"])
    assert "not what the run wrote" in said
    assert "offer.jpg" in said


@pytest.mark.parametrize(
    "words",
    [("markets",), ("placements",), ("providers",), ("prices",), ("doctor",)],
)
def test_every_listing_speaks_json_and_to_people(place: Place, words: tuple[str, ...]) -> None:
    """A script parses one and a person reads the other."""
    assert place.run(*words, "--json").json
    assert place.run(*words).code == 0
