"""Serves the review page, on loopback unless the installation says where people find it."""

import socket
import sys
import time
from collections.abc import Callable

import uvicorn

from flows.desk import Desk, open_desk
from flows.exits import WrongInput
from flows.page_house import DeskHouse
from flows.settings import Settings
from review.access.people import alone
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
        port = taken.getsockname()[1]
        address = address_of(settings, port)
        with open_desk(settings) as desk:
            house = DeskHouse(desk)
            app = review_page(house, address, doors_of(desk, house, address, tell or _print))
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
    """Return the ways in: by password where there is a people file, by a printed code if not."""
    if desk.settings.people:
        tell(address.origin)
        return Doors(house, time.monotonic, passwords=True)
    # In the fragment, which browsers send to nobody and proxies do not log.
    code = LocalCode(alone(desk.who), lambda code: tell(f"{address.origin}/sign-in#{code}"))
    return Doors(house, time.monotonic, code)


def _print(address: str) -> None:
    sys.stderr.write(f"Review page: {address}\n")
    sys.stderr.flush()
