"""The report and the contact sheet on the review page: what was delivered, for who is signed in."""

import re
from pathlib import Path

import pytest
from visits import HTML, TEA, Visit, visiting

from flows import pipeline
from flows.desk import Desk
from flows.run_options import RunOptions
from review.approval import Approval


@pytest.fixture
def delivered(desk: Desk) -> Path:
    """Have everything accepted, and return the folder where it is delivered."""
    run = desk.run_named(TEA)
    pipeline.carry_out(desk, run.id, approve=Approval.AUTO)
    return Path(RunOptions.model_validate(run.options).out) / TEA


def test_what_was_delivered_opens_in_a_browser_and_may_do_nothing_there(
    delivered: Path, visit: Visit
) -> None:
    """Links from Prefect's pages lead here, from machines that hold no file of ours."""
    for name in ("report.html", "contact-sheet.html"):
        got = visit.client.get(f"/campaigns/{TEA}/{name}", headers=HTML)
        assert got.status_code == 200
        assert got.content == (delivered / name).read_bytes()
        policy = got.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src data:;")
        assert ("script-src" in policy) == (name == "contact-sheet.html")
        assert got.headers["x-frame-options"] == "DENY"
    sheet = (delivered / "contact-sheet.html").read_text("utf-8")
    links = re.findall(r'href="\./(assets/[^"]+)"', sheet)
    assert len(links) == 4
    for link in links:
        got = visit.client.get(f"/campaigns/{TEA}/{link}", headers=HTML)
        assert got.content == (delivered / link).read_bytes()


def test_a_page_that_somebody_changed_where_it_lies_is_not_shown_as_ours(
    delivered: Path, visit: Visit
) -> None:
    """Whoever may write to the bucket could else run their script under the review page's name."""
    path = delivered / "contact-sheet.html"
    path.write_text(path.read_text("utf-8").replace("</body>", "<script>x()</script></body>"))

    got = visit.client.get(f"/campaigns/{TEA}/contact-sheet.html", headers=HTML)

    assert got.status_code == 404
    assert "is not the one that run" in got.text
    path.unlink()
    assert visit.client.get(f"/campaigns/{TEA}/contact-sheet.html").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"/campaigns/{TEA}/manifest.html",
        f"/campaigns/{TEA}/assets/%2e%2e/report.html",
        f"/campaigns/{TEA}/assets/SE/sv-SE/nothing.jpg",
        "/campaigns/nobody/report.html",
        f"/campaigns/{TEA}/%2e%2e%2freport.html",
    ],
)
def test_nothing_else_is_there(delivered: Path, visit: Visit, path: str) -> None:
    """The folder of a campaign lies beside others."""
    assert (delivered / "report.html").is_file()
    assert visit.client.get(path, headers=HTML).status_code in (404, 422)


def test_a_stranger_is_asked_to_sign_in_first(delivered: Path, desk: Desk) -> None:
    """It says what everything cost."""
    assert (delivered / "report.html").is_file()
    stranger = visiting(desk)
    for path in ("report.html", "contact-sheet.html", "assets/SE/sv-SE/x.jpg"):
        got = stranger.client.get(f"/campaigns/{TEA}/{path}", headers=HTML, follow_redirects=False)
        assert got.status_code == 303
        assert "/sign-in" in got.headers["location"]
