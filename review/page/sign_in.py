"""Coming in and going out."""

import hmac
import secrets
from hashlib import sha256

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from review.access import csrf
from review.access.sessions import Session
from review.page import visiting
from review.page.doors import NotKnown, TooSoon
from review.page.visiting import Act, At, Forged, Form, Sent, Signed, Site, inside

router = APIRouter()


@router.get("/sign-in", name="sign in")
def sign_in(request: Request, site: At, on: str = "/") -> Response:
    """Show the ways in."""
    return shown(request, site, inside(on))


@router.post("/sign-in/code")
def by_code(request: Request, site: At, form: Sent) -> Response:
    """Let in who has the local code."""
    on = checked(request, site, form)
    try:
        token = site.doors.by_code(form.one("code"))
    except NotKnown:
        told = "This code does not open, or did so already. The newest one stands in the terminal."
        return shown(request, site, on, told, 403)
    return entered(request, site, token, on)


@router.post("/sign-in/password")
def by_password(request: Request, site: At, form: Sent) -> Response:
    """Let in who has a password."""
    on = checked(request, site, form)
    name = form.one("name").strip()
    try:
        token = site.doors.by_password(name, form.one("password"))
    except NotKnown:
        told = "Nobody is known by this name with this password."
        return shown(request, site, on, told, 403, name=name)
    except TooSoon as error:
        told = f"For this name t{str(error)[1:]}."
        late = shown(request, site, on, told, 429, name=name)
        late.headers["retry-after"] = str(error.seconds)
        return late
    return entered(request, site, token, on)


@router.post("/sign-out")
def sign_out(request: Request, site: At, visitor: Signed, _act: Act) -> Response:
    """End the session, here and wherever its cookie was copied to."""
    site.house.end(visitor.token)
    gone = RedirectResponse(f"{visiting.root_of(request)}/sign-in", 303)
    gone.delete_cookie(site.address.cookie, secure=site.address.secure, httponly=True)
    gone.headers["clear-site-data"] = '"cache"'
    return gone


def entered(request: Request, site: Site, token: str, on: str) -> Response:
    """Give a browser its session, and lead it on.

    Every way in ends here: also one that comes back from elsewhere.

    Args:
        request: The one that came in.
        site: With the address.
        token: The session's.
        on: A path of our own pages.

    """
    opened = RedirectResponse(f"{visiting.root_of(request)}{inside(on)}", 303)
    opened.set_cookie(
        site.address.cookie, token, secure=site.address.secure, httponly=True, samesite="strict"
    )
    opened.delete_cookie(_porch(site), secure=site.address.secure, httponly=True)
    return opened


def shown(
    request: Request, site: Site, on: str, said: str = "", status: int = 200, *, name: str = ""
) -> Response:
    """Return the ways in, with what was wrong with the one that was tried."""
    told: dict[str, object] = {"doors": site.doors, "on": on, "said": said, "name": name}
    return before(request, site, "sign_in.html.j2", status, **told)


def before(
    request: Request, site: Site, template: str, status: int = 200, **told: object
) -> Response:
    """Return a page whose forms are for who has no session yet."""
    known = request.cookies.get(_porch(site), "")
    token = known if len(known) == 43 else secrets.token_urlsafe(32)
    shown = visiting.page(request, site, template, status, session=_nobody(token), **told)
    if token != known:
        shown.set_cookie(
            _porch(site), token, secure=site.address.secure, httponly=True, samesite="strict"
        )
    return shown


def checked(request: Request, site: Site, form: Form) -> str:
    """Return where to go on to, if the form is ours: nobody is signed in by another's page.

    Raises:
        Forged: It is not.

    """
    nobody = _nobody(request.cookies.get(_porch(site), ""))
    why = csrf.cross_site(request.headers, site.address.origin)
    why = why or csrf.forged(nobody, form.one("nonce"), form.one("token"))
    if why:
        raise Forged(why)
    return inside(form.one("on"))


def _nobody(token: str) -> Session:
    """Return the session of who has none: only its form's secret counts."""
    secret = (
        hmac.new(token.encode(), b"porch", sha256).hexdigest() if token else secrets.token_hex()
    )
    return Session(person="", proof="local", csrf=secret)


def _porch(site: Site) -> str:
    return f"{site.address.cookie}-porch"
