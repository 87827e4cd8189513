"""What Prefect's pages show of a run, read as a browser does: nobody else's words run in it."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from places import make_place
from visits import at, settings

from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report, Row
from creative.finding import Finding, Severity
from creative.manifest import Manifest, ManifestAsset
from creative.market import market_table
from creative.problem import Problem
from flows import accounts, artifact_text, pipeline
from flows.artifact_text import BYTES, PICTURES, ROWS, Links
from flows.desk import open_desk
from flows.materials import gather
from flows.run_options import RunOptions
from review.approval import Approval

PAGE = "https://review.example.com"
LINKS = Links(PAGE, "spring-tea")
NOBODY = Links("", "spring-tea")
NOTHING = Money.zero("EUR")
EVIL = "<img src=x onerror=alert(1)> ![x](http://e.example) [y](http://e.example) | `a` <b>\n# h"
READ = MarkdownIt("commonmark", {"html": True}).enable("table")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Report, Mapping[str, Path]]:
    """Make a small campaign, and return what it made, what that cost, and where it lies."""
    place = make_place(tmp_path_factory.mktemp("artifacts"))
    with at(place), open_desk(settings(place)) as desk:
        out = str(place.folder / "out")
        options = RunOptions(brief=str(place.brief), out=out, approve=Approval.AUTO, by="ada")
        run = pipeline.start(desk, gather(place.brief), options)
        pipeline.carry_out(desk, run)
        manifest = desk.manifest(run)
        renditions = [one.rendition for one in manifest.assets]
        files = {one.sha256: desk.rendered_file(one.sha256, one.format) for one in renditions}
        return manifest, accounts.of_name(desk, run), files


def tokens(text: str) -> Iterator[Token]:
    """Yield every part of a Markdown text, as Prefect's pages read it."""
    for token in READ.parse(text):
        yield token
        yield from token.children or ()


def is_ours(text: str) -> None:
    """Make sure that nothing in a text is markup but our own."""
    for token in tokens(text):
        if token.type in {"html_inline", "html_block"}:
            assert token.content == "<br>", token.content
        if token.type == "image":
            assert str(token.attrs["src"]).startswith("data:image/jpeg;base64,")
        if token.type == "link_open":
            assert str(token.attrs["href"]).startswith(f"{PAGE}/campaigns/spring-tea")
    # Pages make links of bare addresses as well.
    assert "://" not in text.replace(PAGE, ""), text[:300]


def with_words(manifest: Manifest, words: str) -> Manifest:
    """Return a manifest in which every word of others is this one."""
    finding = Finding(check=words, severity=Severity.WARN, where=words, message=words, mend=words)
    changed = [
        one.model_copy(
            update={"rendition": one.rendition.model_copy(update={"findings": (finding,)})}
        )
        for one in manifest.assets
    ]
    return manifest.model_copy(update={"assets": tuple(changed), "failed_locales": {words: words}})


def many(manifest: Manifest, markets: int, files: int) -> Manifest:
    """Return a manifest of so many markets with so many files each, with the same pictures."""
    codes = list(market_table().markets)[:markets]
    every: list[ManifestAsset] = []
    for code in codes:
        for number in range(files):
            one = manifest.assets[number % len(manifest.assets)]
            name = one.rendition.name.model_copy(update={"market": code, "version": number + 1})
            rendition = one.rendition.model_copy(update={"name": name})
            every.append(one.model_copy(update={"rendition": rendition}))
    return manifest.model_copy(update={"assets": tuple(every)})


def test_every_market_has_a_preview_with_pictures_and_a_way_to_the_rest(
    made: tuple[Manifest, Report, Mapping[str, Path]],
) -> None:
    """Whoever watches a run sees what it makes, and gets to where it is decided in one step."""
    manifest, _, files = made

    sheets = {
        one.key: one for one in artifact_text.contact_sheet(manifest, files, market_table(), LINKS)
    }

    assert list(sheets) == ["contact-sheet", "preview-se", "preview-sa"]
    assert sheets["preview-se"].about == "Sweden \\(SE\\): 2 files, 2 accepted"
    for sheet in sheets.values():
        assert re.fullmatch(r"[a-z0-9-]+", sheet.key)
        is_ours(sheet.text)
    pictures = [one for one in tokens(sheets["contact-sheet"].text) if one.type == "image"]
    assert len(pictures) == 4
    assert "[the light table](https://review.example.com/campaigns/spring-tea?market=SE)" in (
        sheets["preview-se"].text
    )


def test_what_is_kept_in_prefect_s_database_is_bounded(
    made: tuple[Manifest, Report, Mapping[str, Path]],
) -> None:
    """A campaign of every market has thousands of files, and Prefect keeps each run's artifacts."""
    manifest, _, files = made
    huge = many(manifest, 45, 30)

    sheets = list(artifact_text.contact_sheet(huge, files, market_table(), LINKS))

    shown = sum(one.text.count("![") for one in sheets[1:])
    assert len(sheets) == 46
    assert 45 <= shown <= PICTURES
    assert all(len(one.text) < BYTES + 20_000 for one in sheets)
    assert "30 files: 30 accepted. 27 more are on" in sheets[1].text
    rows = artifact_text.delivered_table(huge)
    assert len(rows) == ROWS + 1
    assert rows[-1]["file"] == f"and {45 * 30 - ROWS} more"


def test_words_of_others_are_words_and_nothing_else(
    made: tuple[Manifest, Report, Mapping[str, Path]],
) -> None:
    """Copy, findings and providers' errors come from people and machines whom nobody checked."""
    manifest, report, files = made
    evil = with_words(manifest, EVIL)

    for sheet in artifact_text.contact_sheet(evil, files, market_table(), LINKS):
        is_ours(sheet.text)
        is_ours(sheet.about)
    is_ours(artifact_text.findings_summary(evil, LINKS))
    is_ours(artifact_text.delivery(evil, EVIL, LINKS))
    is_ours(artifact_text.faults([Problem(Path(EVIL), 3, EVIL, EVIL, EVIL)]))
    named = report.campaign.model_copy(update={"title": EVIL})
    rows = [
        *artifact_text.findings_table(evil),
        *artifact_text.spend_table(report.model_copy(update={"campaign": named})),
    ]
    cells = [cell for row in rows for cell in row.values()]
    assert any("onerror" in cell for cell in cells)
    for cell in cells:
        is_ours(cell)
        assert not [one for one in tokens(cell) if one.type in {"link_open", "image"}], cell


def test_a_picture_that_is_gone_is_said_to_be(
    made: tuple[Manifest, Report, Mapping[str, Path]], tmp_path: Path
) -> None:
    """The rest of a contact sheet is still worth a look."""
    manifest, _, files = made
    first, *others = files
    lost = {first: tmp_path / "gone.jpg", **{one: files[one] for one in others}}

    sheet = next(artifact_text.contact_sheet(manifest, lost, market_table(), NOBODY))

    assert "*the file is missing*" in sheet.text
    assert sheet.text.count("![") == 3
    assert "](http" not in sheet.text


def test_money_and_files_are_told_to_the_last_digit(
    made: tuple[Manifest, Report, Mapping[str, Path]],
) -> None:
    """Finance adds a table up and gets what the report says."""
    manifest, report, _ = made

    spent = artifact_text.spend_table(report)
    delivered = artifact_text.delivered_table(manifest)

    assert spent[0] == {
        "by": "whole",
        "name": "Spring tea",
        "working": "400.000000",
        "non-working": "72.000000",
        "currency": "EUR",
        "made": "4",
        "accepted": "4",
        "for each accepted": "18.000000",
    }
    assert {one["by"] for one in spent} == {
        *("whole", "market", "placement", "provider", "type of cost"),
    }
    # What costs nothing is a figure; a cost for each of none is not.
    free = Row(key="", name="x", working=NOTHING, non_working=NOTHING, produced=1, accepted=1)
    none = free.model_copy(update={"accepted": 0})
    rows = artifact_text.spend_table(report.model_copy(update={"markets": (free, none)}))
    each = [one["for each accepted"] for one in rows if one["by"] == "market"]
    assert each == ["0.000000", ""]
    assert len(delivered) == 4
    assert sum(float(one["cost"]) for one in delivered) == 72
    assert {one["sha256"] for one in delivered} == {one.rendition.sha256 for one in manifest.assets}
    told = artifact_text.delivery(manifest, "out/spring-tea", LINKS)
    assert "## 4 files delivered" in told
    assert "[Spend report](https://review.example.com/campaigns/spring-tea/report.html)" in told
    assert "kampanj review serve" in artifact_text.delivery(manifest, "out/spring-tea", NOBODY)
    assert json.dumps([spent, delivered])
