"""The commands of the README are run, in a folder with nothing but the example briefs."""

import re
import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from places import Place
from typer.testing import CliRunner

from cost_tracking.policy import read_policy
from creative.brief_file import load_brief
from flows import listings, show
from flows.__main__ import app
from flows.exits import Waiting
from flows.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(page: str) -> list[list[str]]:
    """Return the commands that a page shows, in its order."""
    return [
        shlex.split(line)
        for fence in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        for line in fence.splitlines()
        if line.startswith("kampanj ")
    ]


COMMANDS = commands(README)
REPORTS = commands((ROOT / "docs" / "reports.md").read_text(encoding="utf-8"))


def test_the_commands_of_the_readme_and_of_reports_work_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are the first thing that a stranger types; the second run buys nothing and says so."""
    shutil.copytree(ROOT / "briefs", tmp_path / "briefs")
    (tmp_path / "kampanj.toml").touch()
    place = Place(tmp_path)

    assert len(COMMANDS) > 5
    said = []
    for command in COMMANDS:
        # The program as it is installed: nothing of the tests stands between it and a stranger.
        ended = place.run(*command[1:], anew=True)
        assert ended.code == 0, f"{command}: {ended.err}"
        said += [ended.out] * (command[1] == "run")
    assert "nothing was bought" not in said[0]
    assert "nothing was bought" in said[1]
    assert "0 drawn" in said[1]
    monkeypatch.chdir(tmp_path)
    assert len(REPORTS) > 5
    for command in REPORTS:
        told = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        assert told.exit_code == 0, f"{command}: {told.output}"


def test_the_page_on_money_shows_commands_that_work_and_figures_that_are_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever closes a month types along with it."""
    page = (ROOT / "docs" / "money.md").read_text(encoding="utf-8")
    monkeypatch.setenv("KAMPANJ_HOME", str(tmp_path))
    monkeypatch.setattr(show.OUT, "width", 200)
    monkeypatch.chdir(ROOT)

    said = ""
    for command in commands(page):
        ended = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        assert ended.exit_code == 0, f"{command}: {ended.output}"
        said += ended.output

    for figure in (
        "10.0557 USD",
        "1000.00 USD",
        "nobody: idle",
        "spring-tea 600.00 EUR",
        "9500.00 EUR",
    ):
        assert figure in said, figure
    [policy] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert read_policy(policy).in_force().rule("influencer.fee").working_bp == 3000


def test_the_page_on_changes_shows_what_a_changed_notice_comes_to(tmp_path: Path) -> None:
    """Whoever reads it decides by such figures whether to merge."""
    page = (ROOT / "docs" / "changing-a-brief.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "briefs", tmp_path / "briefs")
    (tmp_path / "kampanj.toml").touch()
    place = Place(tmp_path)
    [fence] = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    run, change, plan = map(shlex.split, fence.splitlines())

    assert place.run(*run[1:]).code == 0
    _, old, new, _ = change[2].split("/")
    notice = tmp_path / change[3]
    text = notice.read_text(encoding="utf-8")
    assert old.replace("\\", "") in text
    notice.write_text(text.replace(old.replace("\\", ""), new), encoding="utf-8")
    said = place.run(*plan[1:]).out

    shown = [line for line in page.splitlines() if " renditions are drawn, " in line]
    assert shown[0].partition(": ")[2] in said
    assert "the notice: 6 changed, 6 reopened" in said


def test_the_page_on_the_ledger_shows_commands_and_a_query_that_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An auditor has the page in one hand and the database in the other."""
    page = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    monkeypatch.setenv("KAMPANJ_HOME", str(tmp_path))
    monkeypatch.setattr(show.OUT, "width", 200)
    monkeypatch.chdir(ROOT)

    said = ""
    for command in commands(page):
        ended = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        assert ended.exit_code == 0, f"{command}: {ended.output}"
        said += ended.output

    for words in ("2026-10 is closed", "closed", "1200.00 EUR", "80.00 EUR", "REVOKE ALL ON"):
        assert words in said, words
    [query] = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    with closing(sqlite3.connect(next(tmp_path.glob("*.db")))) as books:
        rows = books.execute(query).fetchall()
    assert [row[6] for row in rows] == [1_200_000_000, 80_000_000]


def test_the_page_on_prefect_shows_commands_that_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is typed there is the same act as what is clicked in Prefect, and is tried out first."""
    shutil.copytree(ROOT / "briefs", tmp_path / "briefs")
    (tmp_path / "kampanj.toml").touch()
    monkeypatch.setattr(show.OUT, "width", 200)
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "prefect.md").read_text(encoding="utf-8")

    said = ""
    for command in commands(page):
        try:
            ended = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        except Waiting as waits:
            assert "wait" in command
            said += str(waits)
            continue
        assert ended.exit_code == 0, f"{command}: {ended.output}"
        said += ended.output

    for words in (
        "waits for a choice of concepts",
        "for a choice since",
        "chose c1",
        "15 delivered",
    ):
        assert words in said, words
    [brief] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    path = tmp_path / "briefs" / "nordic-flash.yaml"
    path.write_text(path.read_text("utf-8") + brief, "utf-8")
    assert load_brief(path).brief.waits.choice.then == "auto"


def test_the_page_on_review_shows_commands_that_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reviews for the first time types along with it; only what waits ends otherwise."""
    shutil.copytree(ROOT / "briefs", tmp_path / "briefs")
    (tmp_path / "kampanj.toml").touch()
    monkeypatch.setattr(show.OUT, "width", 200)
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")

    said = ""
    # What was rejected waits anew after the first time that the run goes on.
    codes = {"run": [4], "resume": [4, 0]}
    for command in commands(page):
        ended = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        code = codes[command[1]].pop(0) if command[1] in codes else 0
        assert ended.exit_code == code, f"{command}: {ended.output}"
        said += ended.output

    for words in ("15 waiting", "11 accepted", "14 delivered", "1 taken out of the delivered"):
        assert words in said, words


def test_the_page_on_rework_shows_commands_that_make_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it promises of a no is seen in what the commands say."""
    shutil.copytree(ROOT / "briefs", tmp_path / "briefs")
    (tmp_path / "kampanj.toml").touch()
    monkeypatch.setattr(show.OUT, "width", 200)
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "rework.md").read_text(encoding="utf-8")

    said = ""
    for command in commands(page):
        ended = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        waits = 4 if command[1] in ("run", "resume") else 0
        assert ended.exit_code == waits, f"{command}: {ended.output}"
        said += ended.output

    for words in (
        "3 made again after a rejection",
        "meta_feed_1x1_c1_v2",
        "3 renditions made anew",
    ):
        assert words in said, words
    assert "Ha koll på saldot" in (tmp_path / "briefs/brands/memory/sv-SE.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "docs/flow.md",
        "docs/ledger.md",
        "docs/media-spend.md",
        "docs/money.md",
        "docs/prefect.md",
        "docs/reports.md",
        "docs/review.md",
        "docs/review-page.md",
        "docs/rework.md",
        "docs/starting-campaigns.md",
    ],
)
def test_every_path_that_a_page_names_exists(page: str) -> None:
    """A folder that has moved takes its readers along."""
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [one for one in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in one]
    paths = re.findall(r"`((?:\w+/)+[\w.]+\.(?:py|toml|md|yaml))`", text)

    near = (ROOT / page).parent
    assert not [one for one in links if not (near / one).exists()]
    assert not [one for one in paths if not (ROOT / one).exists()]


@pytest.mark.parametrize("word", ["demo", "test", "check", "bench", "serve"])
def test_the_makefile_has_every_target_that_is_promised(word: str) -> None:
    """``make demo`` and ``make test`` are all that a stranger should need."""
    assert re.search(rf"^{word}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_page_on_providers_says_what_the_table_of_models_says(tmp_path: Path) -> None:
    """Whoever chooses a model reads the page, and the refusal comes from the table."""
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| ") and "/" in line[:30]]
    rows = listings.models(Settings(home=tmp_path))

    assert lines == [
        f"| {one['model']} | {one['products']} | {one['sketch']} | {one['about pictures']} |"
        for one in rows
    ]
    for command in commands(page):
        ended = CliRunner().invoke(app, command[1:], catch_exceptions=False)
        # A doctor may find something on any machine.
        assert ended.exit_code == 0 or command[1] == "doctor", ended.output
