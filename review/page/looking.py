"""The pages to look at: campaigns, a light table, one rendition, pictures."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from creative.decision import Verdict
from creative.market import market_table
from creative.placement import placement_table
from review.access.roles import Action, may
from review.acts import reason_codes
from review.light_table import CHANGED_BY, STATES, Filter, Item, State, due, left_in
from review.page.house import Campaign, Declined, Kept, Missing
from review.page.table_view import Names, mark, query, table_view
from review.page.visiting import At, Page, Sheet, Signed
from review.thumbnails import Size, Spoiled, Thumbnails

router = APIRouter()
VERBS = {Verdict.ACCEPTED: "Accept", Verdict.REJECTED: "Reject", Verdict.WITHDRAWN: "Withdraw"}
FOR_EVER = "private, max-age=31536000, immutable"
"""What is called by its sha256 never changes; only who is signed in may have it."""
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


def chosen_of(
    state: str = "", market: str = "", locale: str = "", placement: str = "", finding: str = ""
) -> Filter:
    """Return the filter that an address names.

    Raises:
        Declined: It names a state that there is not.

    """
    told = {"market": market, "locale": locale, "placement": placement, "finding": finding}
    try:
        return Filter.model_validate({"state": state or None, **told})
    except ValidationError as error:
        states = ", ".join(State)
        raise Declined(f"there is no state {state[:40]!r}; filter by one of: {states}") from error


Chosen = Annotated[Filter, Depends(chosen_of)]


@router.get("/", name="campaigns")
def campaigns(sheet: Page) -> Response:
    """Show every campaign."""
    return campaigns_page(sheet)


def campaigns_page(sheet: Sheet, *, code: str = "", named: str = "") -> Response:
    """Return the page of every campaign.

    Args:
        sheet: The request.
        code: A personal code to start another one with, which is shown this once.
        named: What that one will be called.

    """
    return sheet.show(
        "campaigns.html.j2",
        cards=sheet.site.house.campaigns(),
        starts=may(sheet.visitor.person.grants, Action.START) is not None,
        code=code,
        named=named,
    )


@router.get("/campaigns/{campaign}", name="light table")
def light_table(
    sheet: Page, campaign: str, chosen: Chosen, told: str = "", *, went: bool = False
) -> Response:
    """Show a campaign's renditions, or those that a filter leaves in."""
    found = sheet.site.house.campaign(campaign)
    names = Names(market_table(), placement_table())
    return sheet.show(
        "table.html.j2",
        campaign=found,
        chosen=chosen,
        query=query(chosen),
        table=table_view(found.items, chosen, names),
        told=told[:200],
        waiting=sum(one.state is State.WAITING for one in found.items),
        mark=mark(found.items),
        due=due(found.items).words,
        watch=went or found.standing == "running",
        alls=dict(_alls(found.items, chosen)),
        **standing(sheet, found),
    )


class All(NamedTuple):
    """What one verdict is offered for, of all that a filter leaves in."""

    many: int
    states: str
    """Theirs, with a blank in between."""


def _alls(items: Sequence[Item], chosen: Filter) -> Iterator[tuple[Verdict, All]]:
    """Yield what can be decided about all at once; none where it would change nothing."""
    for verdict in Verdict:
        states = {chosen.state} & CHANGED_BY[verdict] if chosen.state else STATES[verdict]
        if states:
            told = " ".join(sorted(one.value for one in states))
            yield verdict, All(len(left_in(items, chosen, verdict)), told)


@router.get("/campaigns/{campaign}/standing", name="standing")
def stands(sheet: Page, campaign: str) -> Response:
    """Say how far a campaign is, for a page that waits for it."""
    found = sheet.site.house.campaign(campaign)
    return JSONResponse({"standing": found.standing, "mark": mark(found.items)})


@router.get("/keys", name="keys")
def keys(sheet: Page) -> Response:
    """Say which keys do what."""
    return sheet.show("keys.html.j2")


def standing(sheet: Sheet, campaign: Campaign) -> dict[str, Any]:
    """Return what the visitor may do to a campaign."""
    person = sheet.visitor.person
    own = person.id == campaign.requester and person.proof != "local"
    markets = {one.asset.rendition.name.market for one in campaign.items}
    approves = {one for one in markets if may(person.grants, Action.APPROVE, one)}
    return {
        "own": own,
        "approves": approves if not own else set(),
        "starts": may(person.grants, Action.START) is not None,
        "reasons": reason_codes(),
        "verbs": VERBS,
    }


@router.get("/pictures/{name}", name="picture")
def picture(site: At, _visitor: Signed, name: str) -> Response:
    """Send a rendition's own bytes."""
    return _file(site.house.picture(_digest(name)), _digest(name))


@router.get("/thumbnails/{size}/{name}", name="thumbnail")
def thumbnail(site: At, _visitor: Signed, size: Size, name: str) -> Response:
    """Send a small picture of a rendition."""
    digest = _digest(name)
    return _small(site.thumbnails, site.house.picture(digest), digest, size)


@router.get("/campaigns/{campaign}/sketches/{size}/{name}", name="sketch")
def sketch(site: At, _visitor: Signed, campaign: str, size: Size, name: str) -> Response:
    """Send a small picture of a concept."""
    digest = _digest(name)
    return _small(site.thumbnails, site.house.sketch(campaign, digest), digest, size)


def _digest(name: str) -> str:
    digest = name.partition(".")[0]
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise Missing("this is no picture's address")
    return digest


def _file(kept: Kept | None, digest: str) -> Response:
    if kept is None:
        raise Missing("there is no such picture here")
    content = kept.path.read_bytes()
    if sha256(content).hexdigest() != digest:
        # What is decided on is what is seen: other bytes must not be shown under this name.
        raise Missing("the file was changed since it was made")
    return _sent(content, TYPES[kept.format], digest)


def _small(thumbnails: Thumbnails, kept: Kept | None, digest: str, size: Size) -> Response:
    if kept is None:
        raise Missing("there is no such picture here")
    try:
        small = thumbnails.get(digest, kept.path, size)
    except Spoiled as error:
        raise Missing(str(error)) from error
    return _sent(small.read_bytes(), TYPES["jpg"], f"{digest}-{size}")


def _sent(content: bytes, media_type: str, tag: str) -> Response:
    headers = {"cache-control": FOR_EVER, "etag": f'"{tag}"'}
    return Response(content, media_type=media_type, headers=headers)
