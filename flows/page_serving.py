"""Serves the review page, on loopback unless the installation says where people find it."""

import socket
import sys
import time
from collections.abc import Callable

import uvicorn
from fastapi import APIRouter

from flows.desk import Desk, open_desk
from flows.exits import WrongInput
from flows.identity import identity_provider
from flows.page_house import DeskHouse
from flows.settings import Settings
from review.access.people import alone
from review.page import vouching
from review.page.app import review_page
from review.page.doors import Doors, LocalCode
from review.page.guard import Address

HOST = "127.0.0.1"


def serve_page(settings: Settings, port: int, tell: Callable[[str], None] | None = None) -> None:
    """Serve the page until somebody ends it.

    Args:
        settings: With the address, where people find it elsewhere than here.
        port: On loopback; a proxy in front of it brings the rest.
        tell: Is told each address that opens the page, which nobody else may see; standard error
            if None.

    Raises:
        WrongInput: The port is taken, or the address is none.

    """
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind((HOST, port))
        except OSError as error:
            raise WrongInput(f"port {port} of {HOST} is taken; give another with --port") from error
        # Whoever opens the address as soon as it is told waits for the page, and is not refused.
        taken.listen(128)
        port = taken.getsockname()[1]
        address = address_of(settings, port)
        with open_desk(settings) as desk:
            house = DeskHouse(desk)
            doors = doors_of(desk, house, address, tell or _print)
            app = review_page(house, address, doors, ways_of(house, settings, address))
            config = uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=5,
                lifespan="off",
            )
            uvicorn.Server(config).run(sockets=[taken])


def address_of(settings: Settings, port: int) -> Address:
    """Return where browsers find the page.

    Raises:
        WrongInput: The address that is set is none.

    """
    try:
        return Address(settings.page_url.rstrip("/") or f"http://{HOST}:{port}")
    except ValueError as error:
        raise WrongInput(f"KAMPANJ_PAGE_URL: {error}") from error


def doors_of(desk: Desk, house: DeskHouse, address: Address, tell: Callable[[str], None]) -> Doors:
    """Return the ways in: those that somebody set up, or else a code that is printed."""
    settings = desk.settings
    if settings.asks_who:
        tell(address.origin)
        ways = (vouching.way(settings.oidc_label),) if settings.oidc_issuer else ()
        return Doors(house, time.monotonic, passwords=bool(settings.people), ways=ways)
    # In the fragment, which browsers send to nobody and proxies do not log.
    code = LocalCode(alone(desk.who), lambda code: tell(f"{address.origin}/sign-in#{code}"))
    return Doors(house, time.monotonic, code)


def ways_of(house: DeskHouse, settings: Settings, address: Address) -> list[APIRouter]:
    """Return the routes of the organization's identity provider, where there is one."""
    if not settings.oidc_issuer:
        return []
    provider = identity_provider(settings, f"{address.origin}{vouching.BACK}")
    return [vouching.Voucher(provider, house.vouched, time.monotonic).router]


def _print(address: str) -> None:
    sys.stderr.write(f"Review page: {address}\n")
    sys.stderr.flush()
