"""The way in through an organization's identity provider.

It sends people back by a link, which changes nothing: the page behind it holds a form of ours,
which the browser then sends. Only to that form does a strict cookie come along.
"""

import secrets
from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from review.access.identity_provider import IdentityProvider, SignIn
from review.access.identity_token import NotVouched, Vouched
from review.access.people import Person
from review.page import sign_in
from review.page.doors import NotKnown, Way
from review.page.throttle import Allowance
from review.page.visiting import At, Form, Sent, Site, inside

PATH = "/sign-in/organization"
BACK = f"{PATH}/back"
LASTS = 600
"""Seconds that a person has to show the provider who they are."""
ASKED = 120
"""How many sign-ins of a minute ask the provider: others wait."""
SECRET = 43
"""Characters of what the browser holds."""
Short = Annotated[str, Query(max_length=4000)]


def way(label: str) -> Way:
    """Return the way in, as the page of ways shows it."""
    return Way(label, PATH)


class Voucher:
    """The routes of one identity provider.

    Args:
        provider: Whom we ask.
        known: Returns who somebody is here, with the roles they hold, or None.
        clock: Seconds that only rise.

    """

    def __init__(
        self,
        provider: IdentityProvider,
        known: Callable[[Vouched], Person | None],
        clock: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._known = known
        self._allowance = Allowance(clock, ASKED, 60)
        self.router = APIRouter()
        self.router.add_api_route(PATH, self.leave, methods=["GET"])
        self.router.add_api_route(BACK, self.come_back, methods=["GET"])
        self.router.add_api_route(PATH, self.enter, methods=["POST"])

    def leave(self, request: Request, site: At, on: Short = "/") -> Response:
        """Send a browser to the provider; it alone keeps what the sign-in is known by."""
        secret = secrets.token_urlsafe(32)
        try:
            away = RedirectResponse(self._provider.address(SignIn(secret)), 303)
        except NotVouched as error:
            return _refused(request, site, str(error), 502)
        away.set_cookie(
            _cookie(site),
            f"{secret}{quote(inside(on), safe='/')}",
            max_age=LASTS,
            secure=site.address.secure,
            httponly=True,
            samesite="strict",
        )
        return away

    def come_back(
        self,
        request: Request,
        site: At,
        code: Short = "",
        state: Short = "",
        iss: Short = "",
        error: Short = "",
    ) -> Response:
        """Show the form that ends the sign-in."""
        if error or not code:
            return _refused(request, site, f"it says {(error or 'nothing')[:100]}", 403)
        told: dict[str, object] = {"code": code, "state": state, "iss": iss}
        return sign_in.before(request, site, "vouching.html.j2", 200, **told)

    def enter(self, request: Request, site: At, form: Sent) -> Response:
        """Let in whom the provider vouches for."""
        sign_in.checked(request, site, form)
        held = request.cookies.get(_cookie(site), "")
        try:
            vouched = self._ended(held[:SECRET], form)
            token = site.doors.vouched(vouched.subject, self._known(vouched))
        except NotVouched as error:
            return _refused(request, site, str(error), 403)
        except NotKnown:
            told = "it knows you, and you have no role here; ask who keeps the roles"
            return _refused(request, site, told, 403)
        opened = sign_in.entered(request, site, token, inside(unquote(held[SECRET:])))
        opened.delete_cookie(_cookie(site), secure=site.address.secure, httponly=True)
        return opened

    def _ended(self, secret: str, form: Form) -> Vouched:
        if len(secret) < SECRET:
            raise NotVouched("this browser has begun no sign-in, or did so too long ago")
        if not self._allowance.take():
            raise NotVouched("too many people sign in just now; try again in a minute")
        code, state, issuer = (form.one(name) for name in ("code", "state", "iss"))
        return self._provider.ended(SignIn(secret), code=code, state=state, issuer=issuer)


def _refused(request: Request, site: Site, why: str, status: int) -> Response:
    told = f"The identity provider did not let you in: {why}."
    return sign_in.shown(request, site, "/", told, status)


def _cookie(site: Site) -> str:
    return f"{site.address.cookie}-organization"
