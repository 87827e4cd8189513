"""Prefect's own pages in a browser, as creative operations use them: asked for, refused, made.

One server with its worker for the whole module, by ``kampanj serve``. The browser reaches nothing
but this machine.
"""

import datetime as dt
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from places import Place
from playwright.sync_api import Page, expect
from prefect_pages import Asking, pictured, signed_in
from serving import Served, free_ports, given

ROOT = Path(__file__).parents[2]
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(scope="module")
def bucket() -> Iterator[tuple[str, Any]]:
    """Return the address of a server that speaks S3, and a bucket of briefs on it."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    address = f"http://{host}:{port}"
    resource = boto3.resource("s3", endpoint_url=address, region_name="eu-north-1", **KEYS)
    made = resource.Bucket("briefs")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    yield address, made
    moto.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, bucket: tuple[str, Any]) -> Iterator[Served]:
    """Serve the example briefs of this repository."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(ROOT / "briefs", folder / "briefs")
    (folder / "kampanj.toml").touch()
    s3 = {
        "KAMPANJ_S3_ENDPOINT_URL": bucket[0],
        "KAMPANJ_S3_REGION": "eu-north-1",
        "KAMPANJ_S3_ACCESS_KEY_ID": "test",
        "KAMPANJ_S3_SECRET_ACCESS_KEY": "test",
    }
    there = Served(Place(folder), *free_ports())
    with given(there, s3):
        there.start("prefect-home")
        try:
            yield there
        finally:
            there.kill()


@pytest.fixture(scope="module")
def page(served: Served) -> Iterator[Page]:
    """Open a browser, and sign in to Prefect's pages."""
    with signed_in(served) as page:
        yield page


def test_a_campaign_is_asked_for_in_the_form_and_made(page: Page, served: Served) -> None:
    """It is how creative operations start, and nobody tells them of files."""
    form = Asking(page, served, "campaign")
    expect(page.get_by_label("Name", exact=True)).to_have_value("my-first-campaign")
    for title in ("1. Campaign", "4. Markets and placements", "7. Providers", "Requested by"):
        expect(page.get_by_text(title).first).to_be_attached()
    pictured(page, "form")

    # What the form can see is refused there, and there is no run.
    form.fill("To make it", "a lot")
    form.submit()
    page.get_by_text("does not match").first.wait_for()
    assert form.runs == []
    form.fill("To make it", "500.00")
    form.fill("Name", "form-tea")
    form.fill("Title", "Form & <b>tea</b>")
    form.leave_out("Markets", "nordics (SE, NO, DK, FI)")
    form.choose("Markets", "swed", "SE Sweden")
    form.choose("Markets", "japan", "JP Japan")
    form.choose("Choice of concepts", "auto", "auto")
    form.choose("Acceptance of files", "auto", "auto")
    run = form.ended(form.sent(), "Completed")

    assert run["name"] == "form-tea"
    brief = (served.place.folder / "briefs" / "form-tea.yaml").read_text("utf-8")
    assert "markets: [SE, JP]" in brief
    assert "title: Form & <b>tea</b>" in brief
    files = list((served.place.folder / "out" / "form-tea" / "assets").rglob("*.jpg"))
    assert len(files) == 6

    found = form.artifacts(run["id"])
    assert {
        *("progress", "progress-renditions", "contact-sheet", "preview-se", "preview-jp"),
        *("findings", "findings-summary", "spend", "spend-report", "delivery", "delivered-files"),
    } <= set(found)
    assert found["progress"]["data"] == 100
    form.look_at(found["contact-sheet"])
    pictures = page.locator("article img, main img").filter(visible=True)
    pictures.first.wait_for()
    shown = pictures.evaluate_all("all => all.filter(one => one.naturalWidth > 100).length")
    assert shown == 6
    pictured(page, "artifacts")
    form.look_at(found["delivery"])
    report = page.get_by_role("link", name="Spend report")
    expect(report).to_have_attribute("href", f"{served.page}/campaigns/form-tea/report.html")
    form.look_at(found["spend"])
    expect(page.get_by_role("cell", name="Form & <b>tea</b>")).to_be_visible()
    pictured(page, "spend")


def test_what_only_the_whole_brief_shows_is_told_by_the_run_all_at_once(
    page: Page, served: Served
) -> None:
    """Whoever reads it mends it in one go; nothing was bought, and nothing written."""
    form = Asking(page, served, "campaign")
    form.fill("Name", "form-wrong")
    form.day("Last day", dt.date(2026, 1, 5))
    form.choose("Markets", "swed", "SE Sweden")

    run = form.ended(form.sent(), "Failed")

    first, second = run["state"]["message"].splitlines()
    assert first == "the form: markets[1]: SE is named twice. Keep one of the two"
    assert second.startswith("the form: schedule: it ends on 2026-01-05, before it starts on 20")
    assert not (served.place.folder / "briefs" / "form-wrong.yaml").exists()
    form.look_at(form.artifacts(run["id"])["brief-errors"])
    expect(page.get_by_role("heading", name="This cannot be run: 2 things to mend")).to_be_visible()
    expect(page.get_by_role("cell", name="SE is named twice")).to_be_visible()
    pictured(page, "brief-errors")


def test_a_brief_in_a_bucket_is_told_its_faults_by_address_and_line(
    page: Page, served: Served, bucket: tuple[str, Any]
) -> None:
    """Who keeps briefs there has a line to go to, and no form."""
    text = (ROOT / "briefs" / "nordic-flash.yaml").read_text("utf-8")
    bucket[1].put_object(Key="q1/wrong.yaml", Body=text.replace("[nordics]", "[UK]").encode())
    form = Asking(page, served, "campaign-from-file")
    form.fill("Brief, by its path or address (Optional)", "s3://briefs/q1/wrong.yaml")

    run = form.ended(form.sent(), "Failed")

    line = text[: text.index("[nordics]")].count("\n") + 1
    said = f"s3://briefs/q1/wrong.yaml:{line}: markets[0]: there is no market 'UK'. Write GB"
    assert run["state"]["message"] == said


def test_the_command_of_the_page_on_starting_campaigns_starts_one(served: Served) -> None:
    """CI and scripts start campaigns without a browser."""
    text = (ROOT / "docs" / "starting-campaigns.md").read_text("utf-8")
    [command] = re.findall(r"```sh\n(prefect .*)\n```", text)

    ended = subprocess.run(  # noqa: S603 - our own page
        [sys.executable, "-m", *shlex.split(command)],
        cwd=served.place.folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(list((served.place.folder / "out" / "nordic-flash" / "assets").rglob("*.jpg"))) == 15
