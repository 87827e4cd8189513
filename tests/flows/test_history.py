"""Versions that are kept, and the whole life of an asset."""

import json

import pytest
from places import Place, make_place, memory
from typer.testing import CliRunner
from visits import at, settings

from creative.asset_name import AssetName
from creative.decision import Verdict
from flows import editing, pipeline, reviewing
from flows.__main__ import app
from flows.deciding import request
from flows.desk import Desk, open_desk
from flows.exits import WrongInput
from flows.history import history
from flows.materials import gather
from flows.run_options import RunOptions
from review.access.people import alone
from review.acts import Ruling
from review.approval import Approval

SE = "spring-tea_SE_sv-SE_iab_medium_rectangle_c1"


def run(desk: Desk, place: Place) -> str:
    """Run the campaign, of which nobody accepts anything by rule."""
    options = RunOptions(
        brief=str(place.brief), out=str(place.folder / "out"), approve=Approval.WAIT, by="ada"
    )
    started = pipeline.start(desk, gather(place.brief), options)
    pipeline.carry_out(desk, started)
    return started


def decide(desk: Desk, verdict: Verdict, code: str = "", note: str = "") -> None:
    """Have somebody decide about the Swedish rectangle."""
    seen = [one.seen for one in reviewing.items(desk, "spring-tea") if one.name.startswith(SE)]
    ruling = Ruling(verdict=verdict, code=code, note=note)
    reviewing.decide(desk, request(alone("cy"), "command line"), "spring-tea", seen, ruling)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Make a campaign, accept a rendition, change the words and a line of it, and withdraw it."""
    place = make_place(tmp_path_factory.mktemp("history"))
    with at(place), open_desk(settings(place)) as desk:
        first = run(desk, place)
        decide(desk, Verdict.ACCEPTED)
        pipeline.carry_out(desk, first)
        words = ("En långsammare morgon", "Låt dra i tre minuter.", "Smaka")
        (place.folder / "memory" / "sv.yaml").write_text(memory("sv", words), encoding="utf-8")
        second = run(desk, place)
        editing.edit(desk, alone("cy"), "spring-tea", "sv-SE", "cta", "Prova", via="command line")
        decide(desk, Verdict.REJECTED, "brand", "Too dark <b>")
        pipeline.carry_out(desk, second)
    return place


def test_only_what_was_made_anew_is_of_the_new_versions(lived: Place) -> None:
    """An auditor asks which words a file was made from, and reads those, not today's."""
    with at(lived), open_desk(settings(lived)) as desk:
        manifest = desk.manifest(desk.run_named("spring-tea").id)
        swedish = {one.made_from for one in manifest.assets if one.rendition.name.market == "SE"}
        arab = {one.made_from for one in manifest.assets if one.rendition.name.market == "SA"}
        told = history(desk, SE)
        files = [{one.name: one.sha256 for one in version.files} for version in told.versions]

        assert len(swedish) == len(arab) == 1
        assert swedish != arab
        assert [one.version for one in told.versions] == [1, 2, 3, 4]
        assert files[0].keys() == files[1].keys() == files[2].keys()
        assert told.versions[1].made_from == told.versions[2].made_from
        changed = {name for name in files[0] if files[0][name] != files[1][name]}
        assert changed == {"memory/sv.yaml"}
        old, new = (desk.blobs.get(one["memory/sv.yaml"]).decode() for one in files[:2])
    assert "En lugnare morgon" in old
    assert "En långsammare morgon" in new
    assert {"brief.yaml", "brand.yaml", "memory/ar.yaml", "prices.toml"} <= files[0].keys()


def test_the_report_says_from_which_versions_each_asset_was_made(lived: Place) -> None:
    """Finance reads it, and has no state folder."""
    page = (lived.delivered / "report.html").read_text(encoding="utf-8")
    with at(lived), open_desk(settings(lived)) as desk:
        manifest = desk.manifest(desk.run_named("spring-tea").id)
    for one in manifest.assets:
        short = one.made_from[:12]
        assert f'<td><a href="#from-{short}"><code>{short}</code></a></td>' in page
        assert f'<details id="from-{short}">' in page
    assert "memory/sv.yaml" in page
    sheet = (lived.delivered / "manifest.csv").read_text(encoding="utf-8")
    assert manifest.assets[0].made_from in sheet


def test_the_whole_life_of_an_asset_is_told_in_its_order(lived: Place) -> None:
    """Whoever asks why a file went out, and why it came back, asks once."""
    with at(lived), open_desk(settings(lived)) as desk:
        told = history(desk, f"{SE}_v1.jpg")
        by_hand = [(one.what, one.version, one.by) for one in told.events]
        requests = [one.said for one in told.events if one.what == "request"]
    assert told.events == tuple(sorted(told.events, key=lambda one: one.at))
    kinds = [what for what, _, _ in by_hand if what not in ("request", "finding")]
    assert kinds == [
        "asked", "choice", "made", "decision", "delivery",
        "asked", "made", "edit", "made", "decision", "rework", "rework", "made", "delivery",
    ]  # fmt: skip
    assert ("decision", 1, "cy") in by_hand
    assert ("decision", 3, "cy") in by_hand
    rejected = next(one for one in told.events if "rejected" in one.said)
    assert rejected.said == "rejected, brand: Too dark <b> (local:SE)"
    reworks = [one.said for one in told.events if one.what == "rework"]
    assert reworks[0] == "its picture is made again, round 1: brand Too dark <b>"
    assert sum("c1, again of studio-1" in one for one in requests) == 1
    assert "'Smaka' to 'Prova'" in next(one.said for one in told.events if one.what == "edit")
    delivered = [one.said for one in told.events if one.what == "delivery"]
    assert delivered[0].endswith(f"{AssetName.parse(f'{SE}_v1').path('jpg')}")
    assert delivered[1].startswith("taken out: ")
    assert {one.split()[0].rstrip(",") for one in requests} == {"copy/sv-SE", "c1"}
    assert told.prompt


def test_what_an_asset_cost_is_the_sum_of_its_lines(lived: Place) -> None:
    """The figure of the report, down to each line of the ledger."""
    with at(lived), open_desk(settings(lived)) as desk:
        told = history(desk, SE)
    assert told.total is not None
    assert sum(one.amount.micros for one in told.costs) == told.total.micros
    hours = next(one for one in told.costs if one.cost_type == "labour.internal")
    assert (str(hours.of), hours.reference) == ("72.00 EUR", "Timesheet 7")
    assert hours.amount.micros == 18_000_000


@pytest.mark.parametrize(
    ("asset", "why"),
    [
        ("poster", "is not the name of a rendition"),
        ("spring-tea_SE_sv-SE_meta_feed_1x1_c1", "was never made"),
    ],
)
def test_a_name_that_is_none_is_refused(lived: Place, asset: str, why: str) -> None:
    """With the command that has the names."""
    with (
        at(lived),
        open_desk(settings(lived)) as desk,
        pytest.raises(WrongInput, match=f"{why}.*kampanj review list"),
    ):
        history(desk, asset)


def test_the_command_tells_it_to_people_and_to_programs(
    lived: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hostile words are shown as they are, and nothing is cut off."""
    monkeypatch.setenv("KAMPANJ_HOME", str(lived.folder / ".kampanj"))
    monkeypatch.chdir(lived.folder)
    shown, plain = (
        CliRunner().invoke(app, ["history", SE, *more], catch_exceptions=False)
        for more in ([], ["--json"])
    )

    assert (shown.exit_code, plain.exit_code) == (0, 0), shown.output + plain.output
    assert "cy           rejected, brand: Too dark <b> (local:SE)\n" in shown.output
    assert "memory/sv.yaml" in shown.output
    assert json.loads(plain.output)["asset"] == SE
