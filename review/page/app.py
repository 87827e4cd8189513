"""Puts the review page together for one house at one address."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from creative.problem import InvalidInput
from review.acts import Blocked, NotAllowed, Refused, Replayed, Stale, Unreasoned
from review.choices import WrongPick
from review.page import choosing, deciding, documents, large, looking, sign_in, visiting
from review.page.doors import Doors
from review.page.guard import Address, Guard
from review.page.house import Declined, House, Missing
from review.page.pages import Pages
from review.page.visiting import Forged, SignInFirst, Site, wants_json
from review.thumbnails import Thumbnails

_REFRESH = "refresh"
ROUTERS = (
    sign_in.router,
    looking.router,
    large.router,
    documents.router,
    deciding.router,
    choosing.router,
)


class Fault(NamedTuple):
    """What an error means to a browser."""

    status: int
    title: str


FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (Missing, Fault(404, "There is nothing here")),
    (Forged, Fault(403, "This was not sent by a page of ours")),
    (NotAllowed, Fault(403, "You may not do this")),
    (Stale, Fault(409, "It has changed since you looked")),
    (Replayed, Fault(409, "This was sent before")),
    (Blocked, Fault(409, "A check stands against it")),
    (Unreasoned, Fault(422, "Say why")),
    (WrongPick, Fault(422, "The pick does not fit")),
    (Declined, Fault(409, "This cannot be done as things are")),
    (InvalidInput, Fault(409, "The campaign cannot be read")),
    (Refused, Fault(409, "This was refused")),
)
"""The first that fits decides."""


def review_page(
    house: House, address: Address, doors: Doors, others: Sequence[APIRouter] = ()
) -> FastAPI:
    """Return the review page as an application.

    Args:
        house: Keeps the campaigns, and knows the people.
        address: Where browsers find it; requests for any other host are refused.
        doors: The ways in.
        others: Routes of other ways in.

    """
    app = FastAPI(title="Kampanj", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = Site(house, address, doors, Pages(), Thumbnails(house.thumbnails))
    for router in (*ROUTERS, *others):
        app.include_router(router)
    app.add_api_route("/static/{name}", _static, methods=["GET"])
    app.add_api_route("/health", _health, methods=["GET"])
    app.add_exception_handler(SignInFirst, _to_sign_in)
    for kind, fault in FAULTS:
        app.add_exception_handler(kind, _telling(fault))
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(
        RequestValidationError, _telling(Fault(422, "This is no address of ours"))
    )
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    # Added last, so that it stands before all others.
    app.add_middleware(Guard, host=address.host)
    return app


def _static(request: Request, name: str) -> Response:
    known = visiting.site_of(request).pages.files.get(name)
    if known is None:
        raise Missing("there is no such file here")
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(known.content, media_type=known.media_type, headers=headers)


def _health() -> Response:
    return PlainTextResponse("well\n")


async def _to_sign_in(request: Request, _error: Exception) -> Response:
    root = visiting.root_of(request)
    if wants_json(request) or request.method != "GET":
        told = "Your session has ended. Sign in again; nothing was done."
        return JSONResponse({"told": told}, 401) if wants_json(request) else _shown(request, told)
    path = request.url.path
    here = f"{path}?{request.url.query}" if request.url.query else path
    if request.headers.get("sec-fetch-site") == "cross-site":
        # A strict cookie does not come along from another site's link; from our own page it does.
        return HTMLResponse("", headers={_REFRESH: f"0; url={_quoted(here)}"})
    from urllib.parse import quote

    return RedirectResponse(f"{root}/sign-in?on={quote(here.removeprefix(root), safe='/')}", 303)


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path, safe="/?&=%")


def _shown(request: Request, told: str) -> Response:
    site = visiting.site_of(request)
    return visiting.page(request, site, "fault.html.j2", 401, title="Sign in again", said=told)


def _telling(fault: Fault) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def tell(request: Request, error: Exception) -> Response:
        told = (
            "; ".join(map(str, error.problems)) if isinstance(error, InvalidInput) else str(error)
        )
        if isinstance(error, RequestValidationError):
            told = "a part of it is not one that we know"
        return _fault(request, fault.status, fault.title, told)

    return tell


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    title = "There is nothing here" if status == 404 else "This cannot be done"
    told = str(error.detail) if isinstance(error, HTTPException) else ""
    return _fault(request, status, title, told)


def _fault(request: Request, status: int, title: str, told: str) -> Response:
    told = f"{told[:1].upper()}{told[1:]}"
    if wants_json(request):
        return JSONResponse({"told": told, "title": title}, status)
    site = visiting.site_of(request)
    return visiting.page(request, site, "fault.html.j2", status, title=title, said=told)
