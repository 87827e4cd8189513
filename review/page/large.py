"""One rendition, large: the picture itself, what it says, and what there is to say about it."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from creative.market import market_table
from creative.placement import placement_table
from review import acts
from review.access.roles import Action, may
from review.light_table import Filter, Item, State
from review.page.house import Missing
from review.page.looking import Chosen, chosen_of, standing
from review.page.table_view import FIELDS, Names, query
from review.page.visiting import Act, At, Page, inside, root_of

router = APIRouter()


class Place(NamedTuple):
    """Where a rendition is among those that a filter leaves in."""

    number: int
    """Counted from 1; 0 where it is none of them, since it was decided about."""
    total: int
    before: Item | None
    after: Item | None


@router.get("/campaigns/{campaign}/renditions/{asset}", name="rendition")
def rendition(sheet: Page, campaign: str, asset: str, chosen: Chosen, told: str = "") -> Response:
    """Show one rendition."""
    whole = sheet.site.house.rendition(asset)
    if whole.campaign.name != campaign:
        raise Missing(f"{asset[:80]!r} is of another campaign")
    item = whole.item
    name = item.asset.rendition.name
    names = Names(market_table(), placement_table())
    locale = names.locale(name.market, name.locale)
    rights = standing(sheet, whole.campaign)
    approves = name.market in rights["approves"]
    return sheet.show(
        "rendition.html.j2",
        whole=whole,
        item=item,
        shown=item.asset.rendition,
        name=name,
        campaign=whole.campaign,
        market=names.market(name.market),
        placement=names.placement(name.placement),
        locale=locale,
        direction=locale.direction if locale else "ltr",
        place=place_of(whole.campaign.items, item, chosen),
        query=query(chosen),
        accepts=approves and item.state not in (State.ACCEPTED, State.BLOCKED),
        rejects=approves and item.state in (State.WAITING, State.BLOCKED),
        withdraws=approves and item.state is State.ACCEPTED,
        told=told[:200],
        edits=may(sheet.visitor.person.grants, Action.EDIT, name.market) is not None,
        **rights,
    )


def place_of(items: Sequence[Item], item: Item, chosen: Filter) -> Place:
    """Say where a rendition is among those that a filter leaves in.

    Args:
        items: All of the campaign, in their order.
        item: One of them.
        chosen: The filter.

    """
    left = [at for at, one in enumerate(items) if chosen.fits(one)]
    here = next(at for at, one in enumerate(items) if one.name == item.name)
    before = max((at for at in left if at < here), default=None)
    after = min((at for at in left if at > here), default=None)
    return Place(
        number=left.index(here) + 1 if here in left else 0,
        total=len(left),
        before=None if before is None else items[before],
        after=None if after is None else items[after],
    )


@router.post("/campaigns/{campaign}/copy")
def edit(request: Request, site: At, act: Act, campaign: str) -> Response:
    """Put a line in the place of what a locale says, and go on to its picture as it is then."""
    form = act.form
    asks = acts.Request(person=act.person, via="page", nonce=act.nonce)
    # Whoever looks at one locale goes on to look at it.
    said = dict(parse_qsl(form.one("filter").lstrip("?")))
    chosen = chosen_of(**{name: said.get(name, "") for name in ("state", *FIELDS)})
    fields = (form.one(one) for one in ("locale", "slot", "text", "was"))
    done = site.house.edit_copy(asks, campaign, *fields)
    asset = form.one("asset")
    at = f"/renditions/{done.instead.get(asset, asset)}" if asset else ""
    to = inside(f"/campaigns/{campaign}{at}")
    known = query(chosen)
    told = f"{known}{'&' if known else '?'}{urlencode({'told': done.told})}"
    return RedirectResponse(f"{root_of(request)}{to}{told}", 303)
