"""The choice of concepts, and what makes a campaign go on after people have decided."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from review import acts
from review.access.roles import Action, may
from review.acts import Seen
from review.page.house import Declined
from review.page.looking import campaigns_page
from review.page.visiting import Act, At, Page, root_of, wants_json

router = APIRouter()


@router.get("/campaigns/{campaign}/concepts", name="choice")
def concepts(sheet: Page, campaign: str, told: str = "") -> Response:
    """Show the concepts, and what was chosen of them."""
    return _shown(sheet, campaign, told=told[:200])


@router.post("/campaigns/{campaign}/concepts")
def choose(request: Request, site: At, act: Act, campaign: str) -> Response:
    """Choose concepts."""
    picked = [one.partition(" ") for one in act.form.all("seen")]
    seen = [Seen(asset=name, sha256=digest or "none") for name, _, digest in picked]
    note = act.form.one("note").strip()
    if len(note) > 2000:
        raise Declined("a note has 2,000 characters at most")
    asks = acts.Request(person=act.person, via="page", nonce=act.nonce)
    done = site.house.choose(asks, campaign, seen, note)
    to = f"/campaigns/{campaign}/concepts?{urlencode({'told': done.told})}"
    return RedirectResponse(f"{root_of(request)}{to}", 303)


@router.post("/campaigns/{campaign}/code")
def code(sheet: Page, act: Act, campaign: str) -> Response:
    """Show a personal code, once."""
    asks = acts.Request(person=act.person, via="page", nonce=act.nonce)
    made = sheet.site.house.code(asks, campaign)
    return _shown(sheet, campaign, code=made)


@router.post("/start-code")
def start_code(sheet: Page, act: Act) -> Response:
    """Show a personal code to start a campaign with, once."""
    asks = acts.Request(person=act.person, via="page", nonce=act.nonce)
    named = act.form.one("campaign").strip()
    made = sheet.site.house.start_code(asks, named)
    return campaigns_page(sheet, code=made, named=named)


@router.post("/campaigns/{campaign}/go-on")
def go_on(request: Request, site: At, act: Act, campaign: str) -> Response:
    """Have the newest run go on."""
    if may(act.person.grants, Action.START) is None:
        raise acts.NotAllowed(
            f"{act.person.name} may not have a campaign go on, which can cost money; "
            "ask somebody with the role brief"
        )
    asks = acts.Request(person=act.person, via="page", nonce=act.nonce)
    done = site.house.go_on(asks, campaign)
    if wants_json(request):
        return JSONResponse({"told": done.told})
    to = f"/campaigns/{campaign}?{urlencode({'told': done.told, 'went': 'true'})}"
    return RedirectResponse(f"{root_of(request)}{to}", 303)


def _shown(sheet: Page, campaign: str, *, code: str = "", told: str = "") -> Response:
    grants = sheet.visitor.person.grants
    return sheet.show(
        "concepts.html.j2",
        choosing=sheet.site.house.concepts(campaign),
        chooses=may(grants, Action.CHOOSE) is not None,
        starts=may(grants, Action.START) is not None,
        code=code,
        told=told,
    )
