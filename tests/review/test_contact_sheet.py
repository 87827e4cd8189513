"""The contact sheet: every rendition on one page, and nothing in it that runs but our own."""

import base64
import hashlib
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from creative.asset_name import AssetName
from creative.choice import Choice
from creative.concept import Concept, SourceType
from creative.decision import Decision, Verdict
from creative.finding import Finding, Severity
from creative.manifest import Cost, Manifest, ManifestAsset
from creative.market import market_table
from creative.placement import placement_table
from creative.rendition import Rendition
from review.contact_pictures import thumbnails
from review.contact_sheet import (
    concept_sheet_jpeg,
    contact_sheet,
    overview_assets,
    overview_png,
)

AT = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PLACEMENTS = (
    "meta_feed_1x1",
    "meta_feed_4x5",
    "meta_stories_9x16",
    "meta_reels_9x16",
    "linkedin_landscape",
    "pinterest_2x3",
    "iab_medium_rectangle",
    "iab_leaderboard",
    "iab_skyscraper",
    "iab_billboard",
    "gdn_half_page",
    "dooh_landscape",
)
PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</style></script><script>alert(1)</script>",
    "javascript:alert(1)",
    "//evil.example/x",
    "<!--",
    "{{ 7*7 }}",
)
Text = Callable[[str], str]


def calm(where: str) -> str:
    """Return a text without harm."""
    return f"calm {where}"


def concept(number: int, sha256: str, text: Text = calm) -> Concept:
    """Return a concept whose picture has this sha256."""
    return Concept(
        id=f"c{number}",
        direction=text("direction"),
        prompt=text("prompt"),
        sha256=sha256,
        width=64,
        height=64,
        focus=(0.5, 0.5),
        provider=text("provider"),
        model=text("model"),
        attempt="a1",
        source_type=SourceType.TRAINED,
        placeholder=False,
    )


def asset(market: str, locale: str, placement: str, **facts: object) -> ManifestAsset:
    """Return a rendition that waits, and weighs less than it may."""
    place = placement_table().placements.get(placement)
    name = AssetName(
        campaign="tea", market=market, locale=locale, placement=placement, concept="c1", version=1
    )
    rendition = {
        "name": name,
        "sha256": f"file of {placement}",
        "bytes": 40_000,
        "width": place.width if place else 10,
        "height": place.height if place else 10,
        "format": "jpg",
        "key_visual": "k",
        "deck": "d",
        "recipe": "r",
        "source_type": SourceType.COMPOSITE,
        "findings": (),
    }
    about = {key: facts.pop(key) for key in tuple(facts) if key in rendition}
    return ManifestAsset.model_validate(
        {
            "rendition": Rendition.model_validate(rendition | about),
            "decision": None,
            "delivered": None,
            "cost": Cost(currency="EUR", direct="0", allocated="0.0074"),
            **facts,
        }
    )


def decision(of: str, verdict: Verdict = Verdict.ACCEPTED, text: Text = calm) -> Decision:
    """Return somebody's decision on these bytes."""
    return Decision(
        asset="x",
        sha256=of,
        verdict=verdict,
        by=text("by"),
        role=text("role"),
        reason=text("reason"),
        at=AT,
    )


def manifest(assets: tuple[ManifestAsset, ...], text: Text = calm, **facts: object) -> Manifest:
    """Return a campaign of two concepts, the first of which was chosen."""
    concepts = (concept(1, "sketch 1", text), concept(2, "sketch 2", text))
    choice = Choice(
        campaign="tea",
        concepts=("c1",),
        seen=("sketch 1",),
        by=text("chooser"),
        at=AT,
        reason=text("why"),
    )
    defaults = {
        "campaign": text("campaign"),
        "run": text("run"),
        "brief_sha256": text("brief"),
        "brand_sha256": "b",
        "made_by": text("program"),
        "decisions_head": "",
        "at": AT,
        "concepts": concepts,
        "choice": choice,
        "assets": assets,
        "failed_locales": {},
    }
    return Manifest.model_validate(defaults | facts)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Draw one file for each placement, as busy as an ad, and two sketches."""
    folder = tmp_path_factory.mktemp("files")
    drawn = {}
    for place in (placement_table().placements[one] for one in PLACEMENTS):
        noise = Image.effect_noise((place.width // 8, place.height // 8), 60)
        ground = Image.linear_gradient("L").resize((place.width, place.height))
        picture = Image.merge("RGB", (ground, noise.resize(ground.size), ground))
        drawn[f"file of {place.id}"] = folder / f"{place.id}.jpg"
        picture.save(folder / f"{place.id}.jpg", quality=80)
    for number, colour in ((1, "teal"), (2, "coral")):
        drawn[f"sketch {number}"] = folder / f"sketch{number}.png"
        Image.new("RGBA", (300, 200), colour).save(folder / f"sketch{number}.png")
    return drawn


def page_of(told: Manifest, files: dict[str, Path]) -> str:
    """Return the contact sheet with the tables that we ship."""
    return contact_sheet(told, files, market_table(), placement_table())


def world() -> tuple[ManifestAsset, ...]:
    """Return 12 placements in each of our 56 locales."""
    return tuple(
        asset(market.code, locale.tag, placement)
        for market in market_table().markets.values()
        for locale in market.locales
        for placement in PLACEMENTS
    )


@pytest.fixture(scope="module")
def world_page(files: dict[str, Path]) -> str:
    """Return the sheet of all 672, which takes a second to make."""
    return page_of(manifest(world()), files)


class Shape(HTMLParser):
    """Notes every element, everything it could load or run, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.targets: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.targets += [value or "" for name, value in attrs if name in {"src", "href", "action"}]


def test_all_672_renditions_are_on_a_page_that_a_mail_carries(world_page: str) -> None:
    """A sheet that leaves some out, or takes a minute to load, is not looked at."""
    page = world_page

    assert page.count('<li class="cell') == 672
    assert page.count('src="data:image/jpeg;base64,') == 672 + 2
    assert len(page) < 12_000_000
    assert "672 renditions for 45 markets" in page
    assert '<bdi lang="ar-SA" dir="rtl">' in page


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_others_becomes_part_of_the_page(payload: str, files: dict[str, Path]) -> None:
    """A translation or a rejection's reason must not run in the reviewer's browser."""

    def of(text: Text) -> Manifest:
        finding = Finding(
            check=text("check"),
            severity=Severity.WARN,
            where=text("where"),
            message=text("message"),
            mend=text("mend"),
        )
        one = asset(
            text("market"),
            text("locale"),
            text("placement"),
            findings=(finding,),
            decision=decision("other", Verdict.REJECTED, text),
            delivered=text("path"),
        )
        return manifest((one,), text, failed_locales={text("tag"): text("failure")})

    hostile = Shape(page_of(of(lambda _where: payload), files))
    harmless = Shape(page_of(of(lambda _where: "calm"), files))

    assert hostile.elements == harmless.elements
    assert all(re.match(r"data:image/jpeg;base64,|\./[^/:]", one) for one in hostile.targets)


def test_the_page_allows_itself_its_own_script_and_style_alone(files: dict[str, Path]) -> None:
    """The hashes are the promise; one letter beside them and the filter is dead."""
    page = page_of(manifest(world()[:1]), files)

    for kind in ("style", "script"):
        [part] = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in page
    assert "default-src 'none'; img-src data:;" in page
    assert " style=" not in page
    assert not re.search(r"https?://", page)


def test_failed_locales_are_told_at_the_top(files: dict[str, Path]) -> None:
    """A locale that is missing is not missed in a grid of hundreds."""
    page = page_of(manifest(world()[:1], failed_locales={"et-EE": "no approved notice"}), files)

    assert page.index("No assets for 1 locale") < page.index("Concepts")
    assert "<b>et-EE</b> no approved notice" in page


def test_a_picture_that_cannot_be_shown_says_why(files: dict[str, Path], tmp_path: Path) -> None:
    """One broken file must neither stop the page nor hide behind an empty mat."""
    (tmp_path / "broken.jpg").write_bytes(b"GIF89a but not really")
    told = manifest(
        (
            asset("SE", "sv-SE", "meta_feed_1x1", sha256="gone"),
            asset("SE", "sv-SE", "meta_reels_9x16", sha256="lost"),
            asset("SE", "sv-SE", "iab_leaderboard", sha256="broken"),
        )
    )

    known = {"lost": tmp_path / "nowhere.jpg", "broken": tmp_path / "broken.jpg"}
    page = page_of(told, {**files, **known})

    assert "can be shown: <b>3</b>" in page
    assert page.count('<span class="lost">the file is missing</span>') == 2
    assert page.count('<span class="lost">the file cannot be read: ') == 1


def test_a_decision_on_other_bytes_is_void(files: dict[str, Path]) -> None:
    """An approval that survives a changed file is how the wrong ad runs."""
    sha256 = "file of meta_feed_1x1"
    told = manifest(
        (
            asset("SE", "sv-SE", "meta_feed_1x1", decision=decision(sha256)),
            asset("NO", "nb-NO", "meta_feed_1x1", decision=decision("other")),
            asset("DK", "da-DK", "meta_feed_1x1", decision=decision(sha256, Verdict.WITHDRAWN)),
            asset("FI", "fi-FI", "meta_feed_1x1"),
        )
    )

    page = page_of(told, files)

    assert re.findall(r'data-state="(\w+)"', page) == ["accepted", "void", "withdrawn", "waiting"]
    assert "The file has changed since, so this no longer holds." in page


def test_a_blocking_finding_stands_open_with_its_mend(files: dict[str, Path]) -> None:
    """A fault is told to be mended, not to be counted."""
    note = Finding(check="source", severity=Severity.NOTE, where="body", message="n", mend="m")
    fault = Finding(
        check="contrast",
        severity=Severity.BLOCK,
        where="headline",
        message="It reaches 2.9.",
        mend="Darken the ground.",
    )
    accepted = decision("file of meta_feed_1x1")

    page = page_of(
        manifest(
            (asset("SE", "sv-SE", "meta_feed_1x1", findings=(note, fault), decision=accepted),)
        ),
        files,
    )

    assert 'data-severity="block" data-state="blocked"' in page
    assert "<details open>" in page
    assert page.index("It reaches 2.9.") < page.index("note: source")
    assert "Darken the ground." in page
    assert '<span class="grave">1 blocking</span>, 1 more' in page


def test_weight_is_told_against_the_cap(files: dict[str, Path]) -> None:
    """A platform refuses the upload by a kilobyte, on the last day."""
    light = asset("SE", "sv-SE", "iab_leaderboard", bytes=149_000)
    heavy = asset("NO", "nb-NO", "iab_leaderboard", bytes=151_000)

    page = page_of(manifest((light, heavy)), files).replace("\N{NO-BREAK SPACE}", " ")

    assert "<p>149 KB of 150 KB</p>" in page
    assert '<p class="over">151 KB of 150 KB</p>' in page


def test_only_what_is_delivered_is_linked_and_by_relative_path(files: dict[str, Path]) -> None:
    """The folder is mailed, moved and uploaded; its links go along."""
    told = manifest(
        (
            asset("SE", "sv-SE", "meta_feed_1x1", delivered="assets/SE/sv-SE/tea 1.jpg"),
            asset("NO", "nb-NO", "meta_feed_1x1"),
        )
    )

    page = page_of(told, files)

    assert re.findall(r'href="([^"]+)"', page) == ["./assets/SE/sv-SE/tea%201.jpg"]


def test_a_concept_that_changed_after_the_choice_is_marked(files: dict[str, Path]) -> None:
    """What was chosen is a picture, not a name."""
    told = manifest(world()[:1])
    changed = told.choice.model_copy(update={"seen": ("another picture",)})

    assert "its picture has changed since" not in page_of(told, files)
    assert "its picture has changed since" in page_of(
        told.model_copy(update={"choice": changed}), files
    )
    assert "c1 chosen by calm chooser on 1 March 2027: calm why" in page_of(told, files)


def test_nothing_made_is_still_a_page(files: dict[str, Path]) -> None:
    """When every locale fails, the page that says so must not fail too."""
    assert "0 renditions for 0 markets" in page_of(manifest(()), files)


def test_the_filter_works_from_a_file_without_a_server(
    world_page: str, tmp_path: Path, page: Page
) -> None:
    """Reviewers open the page from a share; a policy that blocks its script leaves them 672."""
    sheet = tmp_path / "contact-sheet.html"
    sheet.write_text(world_page, encoding="utf-8")
    shown = ".cell:not([hidden])"
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(sheet.as_uri() + "#script=Arab")

    assert page.locator(shown).count() == 24
    page.get_by_label("Placement").select_option("iab_leaderboard")
    assert page.locator(shown).count() == 2
    assert page.locator("#shown").inner_text() == "2 of 672"
    assert page.url.endswith("#placement=iab_leaderboard&script=Arab")
    page.get_by_role("button", name="Clear").click()
    page.wait_for_function("document.getElementById('shown').textContent === '672 of 672'")
    assert not complaints


def test_a_thumbnail_keeps_its_aspect(files: dict[str, Path]) -> None:
    """A squeezed ad is judged for a fault that it does not have."""
    small = thumbnails(files)

    for place in (placement_table().placements[one] for one in PLACEMENTS):
        made = small[f"file of {place.id}"]
        assert not isinstance(made, str)
        size = Image.open(io.BytesIO(made.jpeg)).size
        assert size == (made.width, made.height)
        assert made.width == pytest.approx(made.height * place.width / place.height, abs=8)


def test_concepts_fit_one_small_picture(files: dict[str, Path]) -> None:
    """It is sent along where a choice is asked for, also when one of them is lost."""
    concepts = [concept(1, "sketch 1"), concept(2, "sketch 2"), concept(3, "gone")]

    picture = Image.open(io.BytesIO(concept_sheet_jpeg(concepts, files)))

    assert (picture.format, picture.size) == ("JPEG", (1120, 420))


def test_the_overview_shows_every_script_and_shape() -> None:
    """Twelve squares in Swedish would say nothing of the rest."""
    scripts = {one.tag: one.script for m in market_table().markets.values() for one in m.locales}

    picked = overview_assets(world(), market_table())

    assert len(picked) == len({str(one.rendition.name) for one in picked}) == 40
    assert {scripts[one.rendition.name.locale] for one in picked} == set(scripts.values())
    shapes = {(one.rendition.width, one.rendition.height) for one in world()}
    assert {(one.rendition.width, one.rendition.height) for one in picked} == shapes


def test_the_rows_of_the_overview_are_all_full(files: dict[str, Path]) -> None:
    """A ragged last row looks like a picture is missing."""
    picked = overview_assets(world(), market_table())

    poster = Image.open(io.BytesIO(overview_png(picked, files, width=800, row_height=115)))

    assert poster.size[0] == 800
    edge = poster.convert("L").crop((785, 0, 788, poster.size[1])).resize((1, poster.size[1]))
    white = [row for row in range(poster.size[1]) if edge.getpixel((0, row)) == 255]
    assert len(white) < poster.size[1] / 4


def test_an_overview_of_nothing_says_so() -> None:
    """An empty picture in a README would go unnoticed."""
    with pytest.raises(ValueError, match="none of the renditions' files can be read"):
        overview_png(world()[:2], {})
