"""What the review page lets nobody do: guess, forge, or change something by looking."""

import re
import sqlite3
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest
from places import Place
from starlette.testclient import TestClient
from visits import ORIGIN, PASSWORD, TEA, Visit, at, page_of, peopled, settings

from flows.desk import Desk, open_desk
from flows.page_house import DeskHouse
from flows.reviewing import items
from review.access import codes
from review.access.people import alone, sign_people
from review.page.doors import Doors, TooSoon
from review.page.guard import Address
from review.page.throttle import FREE, LONGEST, MOST, Allowance, Throttle

TABLE = f"/campaigns/{TEA}"


class Time:
    """Seconds that rise when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


def visitor(desk: Desk, who: str) -> Visit:
    """Return somebody who came in by their password."""
    visit = Visit(TestClient(page_of(desk, []), base_url=ORIGIN))
    assert visit.sign_in(who).status == 303
    return visit


def content(place: Place) -> list[str]:
    """Return everything that the database holds."""
    with closing(sqlite3.connect(place.folder / ".kampanj" / "kampanj.db")) as books:
        return list(books.iterdump())


def pages(desk: Desk) -> list[str]:
    """Return the address of every page, and of a picture and a file."""
    one = items(desk, TEA)[0]
    digest = one.asset.rendition.sha256
    return [
        "/",
        "/sign-in",
        "/keys",
        "/health",
        TABLE,
        f"{TABLE}/standing",
        f"{TABLE}/concepts",
        f"{TABLE}/decisions?verdict=rejected",
        f"{TABLE}/renditions/{one.name}",
        f"{TABLE}/renditions/nothing",
        f"/pictures/{digest}.jpg",
        f"/thumbnails/cell/{digest}.jpg",
        "/static/page.css",
    ]


def test_looking_changes_nothing_and_every_answer_is_guarded(
    visit: Visit, desk: Desk, waiting: Place
) -> None:
    """A browser that fetches links ahead must not approve; nor may a page be framed or scripted."""
    before = content(waiting)
    for path in pages(desk):
        got = visit.client.get(path)
        said = got.headers
        assert "default-src 'none'" in said["content-security-policy"], path
        assert "unsafe" not in said["content-security-policy"]
        assert said["x-content-type-options"] == "nosniff"
        assert said["cross-origin-opener-policy"] == "same-origin"
        kept = path.startswith(("/pictures", "/thumbnails", "/static"))
        assert ("immutable" if kept else "no-store") in said["cache-control"], path
        inline = r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:"
        if "html" in said["content-type"]:
            assert not re.search(inline, got.text), path
    assert content(waiting) == before


def test_each_role_does_its_own_and_no_more(waiting: Place, desk: Desk) -> None:
    """Sweden must not accept for Saudi Arabia, and nobody accepts what they asked for."""
    known = peopled(waiting, desk)
    bo, ada = visitor(known, "bo"), visitor(known, "ada")
    seen = {
        one.asset.rendition.name.market: f"{one.name} {one.asset.rendition.sha256}"
        for one in items(desk, TEA)
    }

    def accept(visit: Visit, market: str) -> int:
        told = {"verdict": "accepted", "seen": seen[market]}
        return visit.send(f"{TABLE}/decisions", TABLE, **told).status

    assert [accept(bo, "SA"), accept(bo, "SE"), accept(ada, "SE")] == [403, 303, 403]
    assert "somebody else approves it" in ada.get(TABLE)
    assert bo.send(f"{TABLE}/concepts", f"{TABLE}/concepts", seen="c1 0").status in (403, 422)
    assert "Go on" not in bo.get(TABLE)
    assert bo.send(f"{TABLE}/go-on", TABLE, **bo.hidden(TABLE, "/sign-out")).status == 403
    (waiting.folder / "people.yaml").write_text("schema: 1\npeople: []\n", "utf-8")
    sign_people(waiting.folder / "people.yaml", desk.keys)
    assert bo.client.get(TABLE, follow_redirects=False).status_code == 303


def test_who_may_start_a_campaign_is_given_a_code_to_show_it_with(
    waiting: Place, desk: Desk
) -> None:
    """Prefect's form knows nobody, and who asked for a campaign does not approve it."""
    there = peopled(waiting, desk)
    bo, ada = visitor(there, "bo"), visitor(there, "ada")

    given = ada.send("/start-code", "/", campaign=" autumn-tea ")
    unnamed = ada.send("/start-code", "/", campaign="../autumn tea")
    # His page has no such form; the seal of another one is good for his session, too.
    his = bo.hidden("/", "/sign-out")
    refused = bo.send("/start-code", "/", campaign="autumn-tea", **his)

    code = unescape(re.findall(r'class="secret"[^>]*>([^<]+)<', given.text)[0])
    claim = codes.read(there.keys, code, "autumn-tea", there.now(), codes.TO_START)
    assert (given.status, claim.person) == (200, "ada")
    with pytest.raises(codes.BadCode):
        codes.read(there.keys, code, "autumn-tea", there.now())
    assert (unnamed.status, "is no name of a campaign" in unescape(unnamed.text)) == (409, True)
    assert (refused.status, "may start no campaign" in refused.text) == (403, True)
    assert "start-code" in ada.get("/")
    assert "start-code" not in bo.get("/")


def test_whoever_guesses_waits_longer_each_time(waiting: Place, desk: Desk) -> None:
    """A password of a small team is all that stands before its approvals."""
    known, time = peopled(waiting, desk), Time()
    doors = Doors(DeskHouse(known), time, passwords=True)
    stranger = Visit(TestClient(page_of(known, []), base_url=ORIGIN))

    guesses = [stranger.sign_in("bo", "guess").status for _ in range(FREE + 2)]

    assert guesses == [403] * FREE + [429] * 2
    assert "retry-after" in stranger.sign_in("bo").headers
    assert visitor(known, "ada").get(TABLE)
    with closing(sqlite3.connect(waiting.folder / ".kampanj" / "kampanj.db")) as books:
        query = "SELECT count(*) FROM act WHERE statement LIKE '%wrong password%'"
        assert books.execute(query).fetchone() == (FREE,)
    for _ in range(FREE):
        with pytest.raises(Exception, match=r"^$"):
            doors.by_password("bo", "guess")
    with pytest.raises(TooSoon):
        doors.by_password("bo", PASSWORD)
    time.now += 5
    assert doors.by_password("bo", PASSWORD)


def test_the_wait_grows_ends_and_is_forgotten() -> None:
    """Who mistyped once must not wait tomorrow, and who sends a million names must not fill us."""
    time = Time()
    slow = Throttle(time)
    for _ in range(FREE + 20):
        slow.failed("bo")
    assert slow.wait("bo") == LONGEST
    assert slow.wait("cy") == 0
    time.now += LONGEST
    assert slow.wait("bo") == 0
    time.now += 3601
    assert slow.failed("bo") == 1
    for number in range(MOST + 5):
        slow.failed(f"name {number}")
    assert len(slow._by_name) == MOST
    few = Allowance(time, 2, 60)
    assert [few.take(), few.take(), few.take()] == [True, True, False]
    time.now += 30
    assert few.take()


def test_what_people_typed_is_shown_and_never_run(waiting: Place, desk: Desk) -> None:
    """A note, a name and a line of copy are the three things that others type for us to show."""
    evil = "</textarea><script>alert(1)</script>\"'<b onload=x>"
    known = peopled(waiting, desk, name="<script>alert(2)</script>")
    bo = visitor(known, "bo")
    one = next(one for one in items(desk, TEA) if one.asset.rendition.name.market == "SE")
    page = f"{TABLE}/renditions/{one.name}"

    bo.send(f"{TABLE}/decisions", page, verdict="rejected", code="brand", note=evil)
    edited = bo.send(f"{TABLE}/copy", page, text=f"Lugn {evil}")

    assert edited.status == 303
    shown = [bo.get(page.replace("_v1", "_v2")), bo.get(edited.to), bo.get(f"/?told={evil}")]
    for text in shown:
        assert "<script>" not in text
        assert "<b onload" not in text
        assert "&lt;script&gt;alert(2)" in text
    assert "Lugn &lt;/textarea&gt;" in shown[0]


def test_a_picture_that_was_changed_is_not_shown_under_its_name(visit: Visit, desk: Desk) -> None:
    """Somebody would accept one picture, and another one would be delivered."""
    one = items(desk, TEA)[0].asset.rendition
    path = desk.rendered_file(one.sha256, one.format)
    path.write_bytes(path.read_bytes() + b"x")

    for address in (f"/pictures/{one.sha256}.png", f"/thumbnails/cell/{one.sha256}.jpg"):
        got = visit.client.get(address, headers={"accept": "text/html"})
        assert got.status_code == 404
        assert "was changed since it was made" in got.text


def test_a_session_is_the_browser_s_alone(desk: Desk) -> None:
    """A cookie that a script reads, or that goes another way, is somebody else's soon."""
    codes: list[str] = []
    visit = Visit(TestClient(page_of(desk, codes), base_url=ORIGIN), codes)
    came = visit.send("/sign-in/code", "/sign-in", code=codes[-1].partition("#")[2])

    cookies = [one for one in came.headers["set-cookie"].split(", ") if "kampanj-4300=" in one]
    assert all("HttpOnly" in one and "SameSite=strict" in one for one in cookies)
    safe = Address("https://review.example.com")
    assert (safe.cookie, safe.secure) == ("__Host-kampanj", True)
    for wrong in ("review.example.com", "ftp://x", "https://x/path", "https://"):
        with pytest.raises(ValueError, match="no address"):
            Address(wrong)
    stranger = TestClient(page_of(desk, codes), base_url=ORIGIN)
    linked = stranger.get(TABLE, headers={"sec-fetch-site": "cross-site"}, follow_redirects=False)
    assert linked.headers["refresh"] == f"0; url={TABLE}"


def test_a_local_session_ends_when_somebody_says_who_may(waiting: Place) -> None:
    """Whoever opened the page before there were roles must not keep them all."""
    path: Path = waiting.folder / "people.yaml"
    with at(waiting), open_desk(settings(waiting)) as desk:
        house = DeskHouse(desk)
        session = house.session(house.begin(alone("ada")))
        assert session
        assert house.who(session)
        known = DeskHouse(peopled(waiting, desk))
        assert path.is_file()
        assert known.who(session) is None
