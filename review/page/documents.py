"""What was delivered beside a campaign's files, for whoever is signed in: report, contact sheet.

They are whole by themselves and carry their own style, which the policy of all other pages forbids.
So they get a policy of their own: they may load nothing, send nothing and be framed by nobody.
"""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from review.page.house import Missing
from review.page.visiting import At, Page, Signed

router = APIRouter()
_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; {script}base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
POLICIES = {
    "report.html": _POLICY.format(script=""),
    # Its filters; the page itself says by a hash which script may run.
    "contact-sheet.html": _POLICY.format(script="script-src 'unsafe-inline'; "),
}


@router.get("/campaigns/{campaign}/{name}.html", name="document")
def document(site: At, _visitor: Signed, campaign: str, name: str) -> Response:
    """Send a page that was delivered."""
    policy = POLICIES.get(f"{name}.html")
    if policy is None:
        raise Missing("there is no such page here")
    content = site.house.document(campaign, f"{name}.html")
    headers = {"content-security-policy": policy}
    return Response(content, media_type="text/html", headers=headers)


@router.get("/campaigns/{campaign}/assets/{path:path}", name="delivered file")
def delivered(sheet: Page, campaign: str, path: str) -> Response:
    """Lead from the path of a delivered file, which the contact sheet has, to the picture."""
    for one in sheet.site.house.campaign(campaign).items:
        if one.asset.delivered == f"assets/{path}":
            kept = one.asset.rendition
            return RedirectResponse(f"{sheet.root}/pictures/{kept.sha256}.{kept.format}", 303)
    raise Missing("this file is not delivered, or not any more")
