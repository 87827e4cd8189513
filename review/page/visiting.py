"""Who asks, and whether what they send comes from a form that we gave them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from review.access import csrf
from review.access.people import Person
from review.access.roles import Action, may
from review.access.sessions import Session
from review.acts import MOST, NotAllowed
from review.page.doors import Doors
from review.page.guard import Address
from review.page.house import House
from review.page.pages import Pages
from review.thumbnails import Thumbnails

FIELDS = MOST + 50
"""How many fields a form may have: as many assets as one act may decide on, and the rest."""
LONGEST = 4000
"""Characters of one field."""


class SignInFirst(Exception):
    """Nobody is signed in."""


class Forged(Exception):
    """A request that would change something does not come from a form of ours."""


@dataclass(frozen=True)
class Site:
    """What every page needs to be put together."""

    house: House
    address: Address
    doors: Doors
    pages: Pages
    thumbnails: Thumbnails


class Form:
    """What a form sent, as text; it was bounded before.

    Args:
        fields: In the order they were sent.

    """

    def __init__(self, fields: Sequence[tuple[str, str]] = ()) -> None:
        self._fields = fields

    def one(self, name: str) -> str:
        """Return a field, or an empty string."""
        return next((value for known, value in self._fields if known == name), "")

    def all(self, name: str) -> list[str]:
        """Return every value of a field, in the order they were sent."""
        return [value for known, value in self._fields if known == name]


@dataclass(frozen=True)
class Visitor:
    """Who is signed in."""

    person: Person
    session: Session
    token: str
    """The session's, which only their browser has."""


@dataclass(frozen=True)
class Acting:
    """Somebody who sent a form that we gave them."""

    person: Person
    form: Form
    nonce: str
    """Of the form; it decides once."""


@dataclass(frozen=True)
class Sheet:
    """One request for a page."""

    request: Request
    site: Site
    visitor: Visitor

    @property
    def root(self) -> str:
        """Return what stands before each path, where this is mounted below another page."""
        return root_of(self.request)

    def show(self, template: str, status: int = 200, **told: Any) -> HTMLResponse:
        """Return a page."""
        told = {"person": self.visitor.person, "session": self.visitor.session, **told}
        return page(self.request, self.site, template, status, **told)


def site_of(request: Request) -> Site:
    """Return what the application was made with."""
    site: Site = request.app.state.site
    return site


At = Annotated[Site, Depends(site_of)]


def visitor_of(request: Request, site: At) -> Visitor:
    """Return who is signed in, with the roles they hold at this moment.

    Raises:
        SignInFirst: Nobody is.
        NotAllowed: They may not look at anything.

    """
    token = request.cookies.get(site.address.cookie, "")
    session = site.house.session(token) if token else None
    person = site.house.who(session) if session else None
    if session is None or person is None:
        raise SignInFirst
    if may(person.grants, Action.LOOK) is None:
        raise NotAllowed(f"{person.name} has no role here; ask who keeps the people file")
    return Visitor(person, session, token)


Signed = Annotated[Visitor, Depends(visitor_of)]


def sheet_of(request: Request, site: At, visitor: Signed) -> Sheet:
    """Return a request for a page of somebody who is signed in."""
    return Sheet(request, site, visitor)


Page = Annotated[Sheet, Depends(sheet_of)]


async def form_of(request: Request) -> Form:
    """Read what a form sent.

    Raises:
        HTTPException: It is no form, or has too much in it.

    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "send a form as application/x-www-form-urlencoded")
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qsl(body, keep_blank_values=True, max_num_fields=FIELDS)
    except ValueError as error:
        raise HTTPException(413, f"a form has {FIELDS:,} fields at most") from error
    if any(len(value) > LONGEST for _, value in fields):
        raise HTTPException(413, f"a field has {LONGEST:,} characters at most")
    return Form(fields)


Sent = Annotated[Form, Depends(form_of)]


def acting_of(request: Request, site: At, visitor: Signed, form: Sent) -> Acting:
    """Return who acts, if their browser sent a form of ours.

    Raises:
        Forged: It does not come from our page, or was given to somebody else.

    """
    nonce = form.one("nonce")
    why = csrf.cross_site(request.headers, site.address.origin)
    why = why or csrf.forged(visitor.session, nonce, form.one("token"))
    if why:
        site.house.turned_away(visitor.person.id, f"a form that is not ours: {why}")
        raise Forged(why)
    return Acting(visitor.person, form, nonce)


Act = Annotated[Acting, Depends(acting_of)]


def sealed(session: Session) -> Mapping[str, str]:
    """Return a new nonce for a session, with its token."""
    nonce = secrets.token_urlsafe(12)
    return {"nonce": nonce, "token": csrf.sealed(session, nonce)}


def page(request: Request, site: Site, template: str, status: int, **told: Any) -> HTMLResponse:
    """Return a page for anybody, signed in or not.

    Args:
        request: For it.
        site: With the templates.
        template: The template's name.
        status: Of the answer.
        told: What the template is told; a ``session`` seals its forms.

    """
    session: Session | None = told.pop("session", None)
    if session is not None:
        told["sealed"] = lambda: _hidden(sealed(session))
    told = {"root": root_of(request), "person": None, **told}
    return HTMLResponse(site.pages.templates.get_template(template).render(told), status)


def _hidden(seal: Mapping[str, str]) -> Markup:
    """Return the fields by which a form shows that it is ours; each form has its own."""
    fields = Markup('<input type="hidden" name="{}" value="{}">')
    return Markup().join(fields.format(name, value) for name, value in seal.items())


def root_of(request: Request) -> str:
    """Return what stands before each path, where the page is mounted below another one."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def wants_json(request: Request) -> bool:
    """Say whether a script of ours asks, and not a browser for a page."""
    return request.headers.get("accept", "") == "application/json"


def inside(path: str) -> str:
    """Return a path of our own pages that somebody sent, or the first page.

    >>> inside("/campaigns/tea?state=waiting"), inside("//evil.example")
    ('/campaigns/tea?state=waiting', '/')
    """
    fine = path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable()
    return path if fine else "/"


def fault(error: ValidationError) -> str:
    """Say what is wrong with what was typed, without repeating it."""
    return "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
