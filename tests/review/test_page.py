"""The review page without a script: looking, deciding, and what is refused."""

import re
from hashlib import sha256

from visits import ORIGIN, TEA, Visit, visiting

from flows.desk import Desk
from flows.reviewing import items
from review.light_table import State

TABLE = f"/campaigns/{TEA}"


def states(desk: Desk) -> dict[str, str]:
    """Return how far each rendition is."""
    return {one.name: one.state.value for one in items(desk, TEA)}


def seen(desk: Desk, *markets: str) -> list[str]:
    """Return what a table's boxes say of the renditions of some markets."""
    return [
        f"{one.name} {one.asset.rendition.sha256}"
        for one in items(desk, TEA)
        if one.asset.rendition.name.market in markets
    ]


def test_nobody_sees_anything_before_they_come_in(desk: Desk) -> None:
    """A web page can reach loopback, and so can everybody else on the machine."""
    stranger = visiting(desk)
    digest = seen(desk, "SE")[0].split()[1]

    paths = ("/", TABLE, f"{TABLE}/concepts", f"/thumbnails/cell/{digest}.jpg")
    got = [stranger.client.get(one, follow_redirects=False) for one in paths]

    assert [(one.status_code, one.headers["location"].partition("?")[0]) for one in got] == [
        (303, "/sign-in")
    ] * 4
    wrong = stranger.send("/sign-in/code", "/sign-in", code="guess")
    assert wrong.status == 403
    assert "set-cookie" not in wrong.headers


def test_the_code_opens_once(desk: Desk) -> None:
    """Whoever reads it later in the terminal's history finds a closed door."""
    visit = visiting(desk)
    visit.come_in()
    first = visit.codes[0].partition("#")[2]
    other = visiting(desk)
    other.client.app = visit.client.app

    assert "spring-tea" in visit.get("/")
    again = other.send("/sign-in/code", "/sign-in", code=first)
    assert again.status == 403
    assert len(visit.codes) == 2
    assert visit.send("/sign-out", "/").to == "/sign-in"
    assert visit.client.get("/", follow_redirects=False).status_code == 303


def test_somebody_accepts_what_they_picked(visit: Visit, desk: Desk) -> None:
    """The page without its script is whole."""
    done = visit.send(f"{TABLE}/decisions", TABLE, verdict="accepted", seen=seen(desk, "SE"))

    assert (done.status, "told=2+accepted" in done.to) == (303, True)
    assert sorted(states(desk).values()) == ["accepted", "accepted", "waiting", "waiting"]
    [decision] = desk.decisions.of(seen(desk, "SE")[0].split()[0])
    assert (decision.via, decision.by, decision.role) == ("page", "ada", "local:SE")


def test_each_state_offers_what_can_be_decided_about_it(visit: Visit, desk: Desk) -> None:
    """Nobody accepts all that is accepted, or withdraws what was never out."""
    visit.send(f"{TABLE}/decisions", TABLE, verdict="accepted", seen=seen(desk, "SE"))
    offered = {
        state: set(re.findall(r'data-verb="(\w+)" data-of="[^"]+">', visit.get(f"{TABLE}{state}")))
        for state in ("", *(f"?state={one}" for one in State))
    }

    assert offered == {
        "": {"Accept", "Reject", "Withdraw"},
        "?state=waiting": {"Accept", "Reject"},
        "?state=accepted": {"Withdraw"},
        "?state=rejected": set(),
        "?state=withdrawn": set(),
        "?state=blocked": set(),
    }


def test_only_what_was_accepted_can_be_withdrawn(visit: Visit, desk: Desk) -> None:
    """A log in which something is taken back that was never given is read by nobody twice."""
    waiting = seen(desk, "SE")
    fields = {"verdict": "withdrawn", "code": "rights_missing", "seen": waiting}

    refused = visit.send(f"{TABLE}/decisions", TABLE, **fields)
    assert refused.status == 409
    assert "is waiting, not accepted; reject it instead" in refused.text
    visit.send(f"{TABLE}/decisions", TABLE, verdict="accepted", seen=waiting)
    done = visit.send(f"{TABLE}/decisions", TABLE, **fields)

    assert (done.status, "told=2+withdrawn" in done.to) == (303, True)
    assert sorted(states(desk).values()) == ["waiting", "waiting", "withdrawn", "withdrawn"]


def test_what_changed_since_it_was_looked_at_is_not_decided(visit: Visit, desk: Desk) -> None:
    """A picture that nobody has seen would be delivered with somebody's name under it."""
    name = seen(desk, "SE")[0].split()[0]
    done = visit.send(f"{TABLE}/decisions", TABLE, verdict="accepted", seen=[f"{name} {'0' * 64}"])

    assert done.status == 409
    assert "is not what you looked at any more" in done.text
    assert set(states(desk).values()) == {"waiting"}


def test_a_form_decides_once(visit: Visit, desk: Desk) -> None:
    """Back and again must not reject what was accepted in between."""
    told = visit.hidden(TABLE, f"{TABLE}/decisions")
    first = visit.send(
        f"{TABLE}/decisions", TABLE, **told, verdict="accepted", seen=seen(desk, "SE")
    )
    again = visit.send(
        f"{TABLE}/decisions", TABLE, **told, verdict="rejected", code="brand", seen=seen(desk, "SE")
    )

    assert (first.status, again.status) == (303, 409)
    assert "rejected" not in states(desk).values()


def test_all_that_a_filter_leaves_in_is_decided_if_it_is_what_was_confirmed(
    visit: Visit, desk: Desk
) -> None:
    """Between the count and the click somebody else may have decided."""
    page = f"{TABLE}/decisions?verdict=rejected&market=SE"
    assert "Reject 2 renditions?" in visit.get(page)
    told = visit.hidden(page, f"{TABLE}/decisions")
    visit.send(f"{TABLE}/decisions", TABLE, verdict="accepted", seen=seen(desk, "SE")[:1])

    stale = visit.send(f"{TABLE}/decisions", page, **told, code="brand")
    fresh = visit.send(f"{TABLE}/decisions", page, code="brand", note="Too dark")

    assert (stale.status, fresh.status) == (409, 303)
    assert "it is 1 by now. Nothing was decided" in stale.text
    assert sorted(states(desk).values()) == ["accepted", "rejected", "waiting", "waiting"]


def test_a_form_of_another_site_does_nothing(visit: Visit, desk: Desk) -> None:
    """Any page that the person has open can send one."""
    path, told = f"{TABLE}/decisions", {"verdict": "accepted", "seen": seen(desk, "SE")}

    refused = [
        visit.send(path, TABLE, {"origin": "https://evil.example"}, **told),
        visit.send(path, TABLE, {"origin": "null"}, **told),
        visit.send(path, TABLE, {"sec-fetch-site": "cross-site"}, **told),
        visit.send(path, TABLE, **told, token="0" * 64),
        visit.send(path, TABLE, **told, token=""),
    ]

    assert [one.status for one in refused] == [403] * 5
    assert set(states(desk).values()) == {"waiting"}


def test_only_our_own_host_is_answered(visit: Visit) -> None:
    """A name of somebody else's that leads to loopback would make their page one of ours."""
    got = visit.client.get("/", headers={"host": "evil.example:4300"})

    assert got.status_code == 400
    assert "content-security-policy" in got.headers
    assert visit.client.post("/sign-out", content=b"x" * 5_000_000).status_code == 413
    assert ORIGIN not in got.text


def large(desk: Desk, market: str) -> str:
    """Return the address of one rendition."""
    return f"{TABLE}/renditions/{seen(desk, market)[0].split()[0]}"


def test_one_rendition_is_shown_with_all_there_is_to_say_about_it(visit: Visit, desk: Desk) -> None:
    """Whoever accepts Arabic without reading it needs what it was made from."""
    text = visit.get(large(desk, "SA"))

    assert 'dir="rtl" class="says">صباح أكثر هدوءًا<' in text
    assert "A slower morning" in text
    assert "Nobody has said it back in en-GB" in text
    assert "To look at: unreviewed copy" in text
    assert re.search(r'<rect class="headline" x="\d+" y="\d+" width="\d+" height="\d+"/>', text)
    digest = seen(desk, "SA")[0].split()[1]
    picture = visit.client.get(f"/pictures/{digest}.jpg")
    assert sha256(picture.content).hexdigest() == digest
    assert picture.headers["content-type"] in ("image/png", "image/jpeg")


def test_after_a_decision_the_next_one_is_shown(visit: Visit, desk: Desk) -> None:
    """Looking at forty pictures must not be forty ways back to the table."""
    page = f"{large(desk, 'SE')}?state=waiting"
    name = page.partition("renditions/")[2].partition("?")[0]
    follows = [one.name for one in items(desk, TEA)]

    done = visit.send(
        f"{TABLE}/decisions",
        page,
        verdict="rejected",
        code="brand",
        note="<b>Dark</b>",
        looked="90000",
    )

    assert done.to.startswith(
        f"{TABLE}/renditions/{follows[follows.index(name) + 1]}?state=waiting"
    )
    again = visit.get(large(desk, "SE"))
    assert "&lt;b&gt;Dark&lt;/b&gt;" in again
    assert "<b>Dark</b>" not in again
    assert "Accept" in again


def test_an_edited_line_is_seen_at_once_and_waits_again(visit: Visit, desk: Desk) -> None:
    """What was accepted of the old words must not be delivered with the new ones."""
    page = large(desk, "SE")
    visit.send(f"{TABLE}/decisions", TABLE, verdict="accepted", seen=seen(desk, "SE"))

    done = visit.send(f"{TABLE}/copy", page, text="En stillsam morgon")

    assert done.status == 303, done.text
    assert "_v2?told=Headline+of+sv-SE" in done.to
    shown = visit.get(done.to)
    assert "En stillsam morgon" in shown
    assert "Version 1, before this one" in shown
    assert set(states(desk).values()) == {"waiting"}
    stale = visit.send(f"{TABLE}/copy", page.replace("_v1", "_v2"), was="Something else", text="X")
    assert stale.status == 409
    # Who looks at one locale goes on with it, and a filter that is none decides nothing.
    within = f"{page.replace('_v1', '_v2')}?locale=sv-SE"
    done = visit.send(f"{TABLE}/copy", within, text="En lugn morgon")
    assert "_v3?locale=sv-SE&told=Headline" in done.to
    wrong = visit.send(f"{TABLE}/copy", within.replace("_v2", "_v3"), text="X", filter="?state=x")
    assert (wrong.status, "There is no state" in wrong.text) == (409, True)


def test_what_is_not_there_is_told_so(visit: Visit, desk: Desk) -> None:
    """Addresses are typed, sent and kept; none of them is a path of ours."""
    name = seen(desk, "SE")[0].split()[0]
    for path in (
        "/campaigns/nothing",
        f"/campaigns/other/renditions/{name}",
        f"{TABLE}/renditions/{name.replace('_v1', '_v9')}",
        f"{TABLE}/renditions/..%2f..%2fetc",
        f"/pictures/{'0' * 64}.jpg",
        "/pictures/..%2fkampanj.db",
        f"/thumbnails/huge/{'0' * 64}.jpg",
        "/static/..%2fapp.py",
        f"{TABLE}?state=nonsense",
    ):
        got = visit.client.get(path, headers={"accept": "text/html"})
        assert got.status_code in (404, 409, 422), path
        assert "Traceback" not in got.text
