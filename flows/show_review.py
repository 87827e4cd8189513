"""What people see of a review in the terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flows import show

if TYPE_CHECKING:
    from creative.decision import Verdict
    from flows.reviewing import Outcome
    from review.light_table import Item

VERBS = {"accepted": "Accept", "rejected": "Reject", "withdrawn": "Withdraw"}
SHORT = 12
"""Hex digits of a hash in a list; `kampanj review show` has all of them."""


def overview(rows: Sequence[Mapping[str, Any]]) -> None:
    """Show the campaigns, and how far their renditions are."""
    show.rows("Campaigns", _told(rows, {0}))


def renditions(name: str, found: "Sequence[Item]") -> None:
    """Show renditions, and how many of them are how far."""
    rows = [{told: value for told, value in one.row.items() if told != "sha256"} for one in found]
    show.rows(f"{_counted(len(found))} of {name}", _told(rows, {""}))
    states = [one.state.value for one in found]
    told = (f"{states.count(one):,} {one}" for one in dict.fromkeys(states))
    show.note(", ".join(told))


def rendition(told: Mapping[str, Any]) -> None:
    """Show one rendition."""
    lists = ("checks", "decisions", "copy", "back_translation")
    for name, value in told.items():
        if name not in lists and value != "":
            show.note(f"{name:<10} {value}")
    for slot, text in told["copy"].items():
        show.note(f"{slot:<10} {text}")
        if slot in told["back_translation"]:
            show.note(f"{'it says':<10} {told['back_translation'][slot]}")
    for one in told["checks"]:
        show.note(f"{one['severity']:<10} {one['check']} in {one['where']}: {one['message']}")
    said = [
        {name: one[name] for name in ("verdict", "by", "role", "at", "code", "reason", "via")}
        | {"sha256": one["sha256"][:SHORT], "seconded": one["seconded"]}
        for one in told["decisions"]
    ]
    show.rows("Decisions", said)


def question(verdict: "Verdict", words: str, found: "Sequence[Item]") -> str:
    """Return what to ask before a decision about many."""
    about = f" ({words})" if words else ""
    return f"{VERBS[verdict]} {_counted(len(found))}{about}?"


def _told(rows: Sequence[Mapping[str, Any]], nothing: set[object]) -> list[dict[str, Any]]:
    """Leave out the columns that say nothing in any row: terminals are narrow."""
    kept = {name for row in rows for name, value in row.items() if value not in nothing}
    return [{name: value for name, value in row.items() if name in kept} for row in rows]


def _counted(count: int) -> str:
    return f"{count:,} rendition{'' if count == 1 else 's'}"


def outcome(done: "Outcome") -> None:
    """Show what was decided, and what to do next."""
    if done.decided:
        show.note(f"{len(done.decided):,} {done.verdict}")
    if done.endorsed:
        show.note(f"{len(done.endorsed):,} accepted by the first of two people")
    show.note(done.next)
