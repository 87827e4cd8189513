"""SIGKILL at every stage of a run that buys for money: nothing is bought twice, nothing is lost.

The vendor is OpenAI's wire on loopback, whose own journal is what our ledger is held against.
"""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai_wire import Wire
from places import Ended, Place

from creative.placement import placement_table

IMAGES = "/v1/images/generations"
POINTS = (
    # The first two of each are the texts, which are free; the pictures come after them. The drill
    # of the providers' contract kills every adapter at every step of a purchase.
    *("reserved:1", "reserved:3", "answered:3", "stored:3", "settled:4"),
    *("chosen:1", "copy:1", "decided:1", "delivered:1", "reported:1"),
)


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the vendor."""
    with Wire() as vendor:
        yield vendor


@pytest.fixture
def paid(place: Place) -> Place:
    """Return the small brief, with its pictures bought from the vendor."""
    place.rewrite("image: studio", "image: openai")
    return place


def environment(wire: Wire, **more: str) -> dict[str, str]:
    """Return what points the program at the vendor."""
    return {"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": wire.url, **more}


def bought(wire: Wire) -> int:
    """Return how many pictures the vendor would bill."""
    return sum(call.path == IMAGES for call in wire.billed)


def run(place: Place, wire: Wire, **more: str) -> Ended:
    """Run the brief to its end, or to where it is killed."""
    return place.run(
        "run", "brief.yaml", "--approve", "auto", "--direct", "--json", **environment(wire, **more)
    )


@pytest.mark.parametrize(
    "point",
    POINTS,
)
def test_a_killed_run_is_finished_by_the_next_one(paid: Place, wire: Wire, point: str) -> None:
    """A deploy, an out-of-memory killer and a closed laptop all look like this."""
    killed = run(paid, wire, KAMPANJ_KILL_AT=point)
    assert killed.code == -signal.SIGKILL

    finished = run(paid, wire)

    if point == "answered:3":
        # Paid, and the answer died with the process: a person has to look at the bill.
        assert finished.code == 5
        assert finished.json["error"]["kind"] == "suspect"
        assert bought(wire) == 1
        attempt = finished.json["error"]["message"].split("attempt ")[1].split()[0]
        closed = paid.run("spend", "close", attempt, "--charged", "--reason", "on the invoice")
        assert closed.code == 0, closed.err
        finished = run(paid, wire)
        assert bought(wire) == 3
    else:
        assert bought(wire) == 2
    assert finished.code == 0, finished.err + finished.out
    assert finished.json["delivered"] == len(paid.files()) == 4
    assert paid.run("verify", "out/spring-tea").code == 0


def test_a_request_that_was_lost_on_its_way_is_not_sent_again(paid: Place, wire: Wire) -> None:
    """Killed between the commitment and the wire, nobody can know; the money counts until told."""
    killed = run(paid, wire, KAMPANJ_KILL_AT="sent:3")
    assert killed.code == -signal.SIGKILL

    waits = run(paid, wire)

    assert (waits.code, bought(wire)) == (5, 0)
    attempt = waits.json["error"]["message"].split("attempt ")[1].split()[0]
    paid.run("spend", "close", attempt, "--free", "--reason", "not on the usage page")
    assert run(paid, wire).code == 0
    assert bought(wire) == 2


def test_pictures_are_bought_for_concepts_and_never_for_renditions(paid: Place, wire: Wire) -> None:
    """It is the economy that everything else rests on."""
    paid.rewrite("[SE, SA]", "[SE, SA, GB, IE]")
    paid.rewrite("[iab_medium_rectangle, iab_smartphone_banner]", "[iab]")

    made = run(paid, wire)

    assert made.code == 0, made.err
    assert made.json["files"] == 4 * len(placement_table().groups["iab"])
    assert bought(wire) == made.json["images_bought"] == 2


def test_a_paid_run_costs_no_more_than_was_quoted_at_most(paid: Place, wire: Wire) -> None:
    """The vendor counts its tokens as it likes; files and requests are exact."""
    quoted = paid.run("plan", "brief.yaml", "--json", **environment(wire)).json
    made = run(paid, wire).json

    assert [quoted["files"], quoted["attempts"]] == [made["files"], made["attempts"]]
    assert 0 < made["money"]["micros"] <= quoted["most"]["micros"]


def test_a_budget_that_is_too_small_stops_before_anything_is_sent(paid: Place, wire: Wire) -> None:
    """A limit that is checked afterwards is a statistic."""
    paid.rewrite('non_working: "50.00"', 'non_working: "0.01"')

    quoted = paid.run("plan", "brief.yaml", **environment(wire))
    ended = run(paid, wire)

    assert (quoted.code, ended.code) == (3, 3)
    assert not wire.calls


def test_a_refusal_is_told_as_such_and_stays_in_the_ledger(paid: Place, wire: Wire) -> None:
    """It is neither our failure nor the brief's, and may still have cost money."""
    wire.play("moderation")

    ended = run(paid, wire)

    assert ended.code == 5
    assert ended.json["error"]["kind"] == "refused_input"
    states = paid.run("status", "spring-tea", "--json").json
    assert states[0]["attempts released"] == 1


def test_the_key_is_in_no_file_and_no_output(paid: Place, wire: Wire) -> None:
    """A state folder is backed up, copied and attached to tickets."""
    made = run(paid, wire)

    assert "sk-test" not in made.out + made.err
    kept = [path for path in Path(paid.folder).rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"sk-test-0123456789" in path.read_bytes()]


def test_the_ledger_balances_to_the_vendor_s_own_journal(paid: Place, wire: Wire) -> None:
    """Two programs counted: theirs what it billed, ours what it cost."""
    run(paid, wire)
    report = json.loads(paid.run("report", "spring-tea", "--format", "json").out)

    calls = [one for one in report["entries"] if one["provider"] == "openai"]
    assert len(calls) == bought(wire)
    assert all(one["basis"] == "computed" for one in calls)


def test_open_directions_are_bought_once_and_the_quote_knows(paid: Place, wire: Wire) -> None:
    """A second quote must not ask for money that a second run would not spend."""
    paid.rewrite(", directions: [A cup by a window, Leaves in the sun]", "")
    paid.rewrite("writing: studio", "writing: openai")
    made = run(paid, wire)
    assert made.code == 0, made.err

    quoted = paid.run("plan", "brief.yaml", "--json", **environment(wire)).json

    assert (quoted["attempts"], quoted["money"]["micros"]) == (0, 0)
    assert sum(one["bought"] for one in quoted["purchases"] if one["provider"] == "openai") == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("memory: memory/", "memory: memory/\nlogo: {image: logo.png}", "logo.image"),
        ("memory: memory/", "memory: memory/\nfonts: {heading: font.ttf}", "fonts.heading"),
        ("memory: memory/", "memory: memory/\nfonts: {heading: Comic Sans}", "fonts.heading"),
    ],
)
def test_a_brand_that_cannot_be_drawn_with_is_refused_before_anything_is_bought(
    paid: Place, wire: Wire, old: str, new: str, said: str
) -> None:
    """Pictures were paid for, and then nothing could be set on them."""
    brand = paid.folder / "brand.yaml"
    brand.write_text(brand.read_text("utf-8").replace(old, new), encoding="utf-8")
    for name in ("logo.png", "font.ttf"):
        (paid.folder / name).write_text("neither", encoding="utf-8")

    quoted = paid.run("plan", "brief.yaml", **environment(wire))
    ended = run(paid, wire)

    assert (quoted.code, ended.code) == (2, 2)
    assert said in quoted.err
    assert not wire.calls


def test_a_new_budget_rate_does_not_rewrite_what_was_spent(paid: Place, wire: Wire) -> None:
    """What a month cost is not a matter of next month's treasury."""
    before = run(paid, wire).json["non_working"]
    paid.rewrite('{rate: "0.9"', '{rate: "0.5"')

    assert run(paid, wire).json["non_working"] == before
