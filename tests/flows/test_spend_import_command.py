"""``kampanj spend import | feedback | names`` from the shell."""

import shlex
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from places import Place
from typer.testing import CliRunner

from cost_tracking.assets import Assets, Made
from cost_tracking.database import open_database
from creative.asset_code import asset_code
from flows.__main__ import app

ROOT = Path(__file__).parents[2]
FEED = "spring-checkout_SE_sv-SE_meta_feed_1x1_c1"
REELS = "spring-checkout_SE_sv-SE_meta_reels_9x16_c1"


@pytest.fixture
def place(tmp_path: Path, migrated: Callable[[Path], Path]) -> Place:
    """Return a folder whose database holds two renditions of the demo."""
    shutil.copytree(ROOT / "docs" / "exports", tmp_path / "exports")
    (tmp_path / ".kampanj").mkdir()
    engine = open_database(f"sqlite:///{migrated(tmp_path / '.kampanj' / 'kampanj.db')}")
    made = [
        Made(kind="rendition", slot=slot, sha256="0" * 64, recipe=slot, market="SE")
        for slot in (FEED, REELS)
    ]
    Assets(engine, lambda: datetime(2026, 11, 1, tzinfo=UTC)).record_all("spring-checkout", made)
    engine.dispose()
    return Place(tmp_path)


def test_an_export_is_imported_and_told(place: Place) -> None:
    """People read what was matched, and machines how much."""
    file = ("spend", "import", "exports/meta-spring-checkout.csv", "--source", "meta")

    looked = place.run(*file, "--dry-run")
    done = place.run(*file, "--timezone", "Europe/Stockholm", "--json")
    again = place.run(*file)

    assert looked.code == done.code == again.code == 0, looked.err + done.err + again.err
    assert "12 would change" in looked.out
    assert (done.json["new"], done.json["time_zones"]) == (12, ["Europe/Stockholm"])
    assert done.json["matched_percent"] == {"EUR": "69.3"}
    assert done.json["change"] == ["815.79 EUR"]
    assert "0 changed: 0 new, 0 restated" in again.out
    assert "matched 69.3 % of working spend" in again.out
    assert "Best of last year" in again.out


def test_the_commands_of_the_page_work(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are what a media buyer types first."""
    page = (ROOT / "docs" / "media-spend.md").read_text("utf-8")
    lines = [one for one in page.splitlines() if one.startswith("kampanj spend ")]
    monkeypatch.setenv("KAMPANJ_HOME", str(place.folder / ".kampanj"))
    monkeypatch.chdir(ROOT)

    assert len(lines) == 3
    for line in lines:
        # The rows of feedback are of more assets than the two that are there.
        more = ["--skip-unmatched"] if "feedback" in line else []
        ended = CliRunner().invoke(app, [*shlex.split(line)[1:], *more], catch_exceptions=False)
        assert ended.exit_code == 0, ended.output


def test_a_wrong_export_ends_with_2_and_each_fault(place: Place) -> None:
    """CI shows the lines, and nothing was opened or posted."""
    bad = place.folder / "bad.csv"
    bad.write_text("Day,Ad ID,Amount spent (EUR)\n2026-11-17,1,NaN\n2026-02-30,2,1\n")

    told = place.run("spend", "import", "bad.csv", "--source", "meta", "--account", "7")
    as_json = place.run(
        "spend", "import", "bad.csv", "--source", "meta", "--account", "7", "--json"
    )
    unknown = place.run("spend", "import", "bad.csv", "--source", "mata")

    assert (told.code, as_json.code, unknown.code) == (2, 2, 2)
    assert "bad.csv:2: Amount spent (EUR): 'NaN': it is not a number." in told.err
    assert "bad.csv:3: Day: '2026-02-30': the calendar has no such day." in told.err
    assert [one["line"] for one in as_json.json["error"]["problems"]] == [2, 3]
    assert "Did you mean meta?" in unknown.err


def test_names_and_feedback(place: Place) -> None:
    """What to write into ads, and what comes back."""
    named = place.run("spend", "names", "spring-checkout", "--json")
    heard = place.run(
        "spend", "feedback", "exports/feedback.csv", "--source", "zendesk", "--skip-unmatched"
    )
    wrong = place.run("spend", "feedback", "exports/feedback.csv", "--json")

    assert named.json[0] == {
        "asset": FEED,
        "code": asset_code(FEED),
        "utm_content": FEED.lower(),
    }
    assert heard.code == 0, heard.err
    assert "2 of them new" in heard.out
    assert "spring-checkout_DE_de-DE_meta_feed_4x5_c1_v1" in heard.out
    assert wrong.code == 2
    assert [one["line"] for one in wrong.json["error"]["problems"]] == [2]
