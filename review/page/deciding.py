"""What a person does about renditions: one, some, or all that a filter leaves in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import ValidationError

from creative.decision import Verdict
from review import acts
from review.acts import Ruling, Seen
from review.light_table import State, due, left_in
from review.page.house import Campaign, Declined
from review.page.looking import VERBS, Chosen, chosen_of, standing
from review.page.table_view import mark, query
from review.page.visiting import (
    Act,
    At,
    Form,
    Page,
    Signed,
    fault,
    inside,
    root_of,
    sealed,
    wants_json,
)

router = APIRouter()
LONGEST_LOOK = 30 * 60 * 1000
"""Milliseconds: nobody looks longer at one picture without doing anything else."""
SHOWN = 60
"""How many pictures are shown to who is asked to confirm."""


class Stand(NamedTuple):
    """How far renditions are by now."""

    states: dict[str, str]
    counts: dict[str, int]
    due: str
    """What a run does with all that is decided, in words."""


@router.get("/campaigns/{campaign}/decisions", name="confirm")
def confirm(sheet: Page, campaign: str, verdict: Verdict, chosen: Chosen) -> Response:
    """Ask whether all that a filter leaves in is meant, with the count and the pictures."""
    found = sheet.site.house.campaign(campaign)
    left = left_in(found.items, chosen, verdict)
    return sheet.show(
        "confirm.html.j2",
        campaign=found,
        chosen=chosen,
        query=query(chosen),
        verdict=verdict,
        verb=VERBS[verdict],
        left=left,
        shown=left[:SHOWN],
        mark=mark(left),
        **standing(sheet, found),
    )


@router.post("/campaigns/{campaign}/decisions")
def decide(request: Request, site: At, visitor: Signed, act: Act, campaign: str) -> Response:
    """Decide about what was named, or about all that a filter leaves in."""
    form = act.form
    # The sheet that asks why is part of one form with the button that accepts.
    says_why = form.one("verdict") != Verdict.ACCEPTED
    try:
        ruling = Ruling.model_validate(
            {
                "verdict": form.one("verdict"),
                "code": form.one("code") if says_why else "",
                "note": form.one("note").strip(),
                "redo": form.one("redo") or None if says_why else None,
            }
        )
    except ValidationError as error:
        raise Declined(fault(error)) from error
    seen = _seen(form) or _all(site.house.campaign(campaign), form, ruling.verdict)
    asks = acts.Request(person=act.person, via="page", nonce=act.nonce)
    done = site.house.decide(asks, campaign, seen, ruling, _minutes(form))
    if not wants_json(request):
        on = inside(form.one("on"))
        to = f"{on}{'&' if '?' in on else '?'}{urlencode({'told': done.told})}"
        return RedirectResponse(f"{root_of(request)}{to}", 303)
    now = site.house.campaign(campaign)
    stand = _stand(now, [one.asset for one in seen])
    return JSONResponse({"told": done.told, **stand._asdict(), "seal": sealed(visitor.session)})


def _seen(form: Form) -> list[Seen]:
    """Return what was picked one by one, each as ``name sha256``."""
    seen = []
    for one in form.all("seen"):
        name, _, digest = one.partition(" ")
        seen.append(Seen(asset=name, sha256=digest))
    return seen


def _all(campaign: Campaign, form: Form, verdict: Verdict) -> Sequence[Seen]:
    """Return what a filter leaves in, if it is what the person confirmed.

    Raises:
        Declined: It is not, or nothing was picked.

    """
    said = form.one("mark")
    if not said:
        raise Declined(
            "nothing is picked; pick renditions, or decide on all that a filter leaves in"
        )
    fields = ("state", "market", "locale", "placement", "finding")
    chosen = chosen_of(*(form.one(one) for one in fields))
    left = left_in(campaign.items, chosen, verdict)
    if mark(left) != said or str(len(left)) != form.one("count"):
        raise Declined(
            f"what the filter leaves in has changed since you looked: it is {len(left):,} by now. "
            "Nothing was decided; look again"
        )
    return [one.seen for one in left]


def _minutes(form: Form) -> Decimal | None:
    """Return how long the person looked, by their browser, or None."""
    said = form.one("looked")
    if not said.isdecimal() or len(said) > 9:
        return None
    return (Decimal(min(int(said), LONGEST_LOOK)) / 60_000).quantize(Decimal("0.001"))


def _stand(campaign: Campaign, names: Sequence[str]) -> Stand:
    wanted = set(names)
    states = {one.name: one.state.value for one in campaign.items if one.name in wanted}
    every = [one.state for one in campaign.items]
    counts = {state.value: every.count(state) for state in State}
    return Stand(states, counts, due(campaign.items).words)
