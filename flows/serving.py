"""Serves all that people need, on loopback, from one command: Prefect, its worker, the page."""

import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import httpx2
from pydantic import SecretStr

from flows.children import Children
from flows.exits import Ended, WrongInput
from flows.settings import Settings

HOST = "127.0.0.1"
PATIENCE = 180.0
"""Seconds for a first start, in which the server makes its tables."""
TUNED = {
    # By default the server records one task run, and keeps one event, in each transaction, which
    # costs it five times the CPU.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "100",
}
_DATABASE = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
_KNOWN_TO_SERVER = ("PREFECT_", "PYTHON", "LC_", "PG", "SSL_")
_ALSO_KNOWN = frozenset({"PATH", "HOME", "LANG", "TZ", "TMPDIR", "USER", "VIRTUAL_ENV"})


def serve(settings: Settings, port: int, page_port: int) -> None:
    """Start the server, whoever carries its runs out, and the review page, until somebody ends it.

    A web page can reach loopback, so each asks who comes even there: Prefect for the password in
    ``KAMPANJ_PREFECT_AUTH``, or for one that is made and printed; the page as it always does.

    Args:
        settings: Of this installation.
        port: Of Prefect's server.
        page_port: Of the review page.

    Raises:
        WrongInput: A port is taken, or the password is none.
        Ended: One of them ended by itself, and the others were ended then.

    """
    check_ports({"--port": port, "--page-port": page_port})
    password = _password(settings.prefect_auth)
    url = f"http://{HOST}:{port}"
    known = environment(settings, url, password)
    known["KAMPANJ_PAGE_URL"] = settings.page_url or f"http://{HOST}:{page_port}"
    with _asked_to_end() as ended, _ending() as children:
        server = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST]
        children.start(
            "Prefect's server",
            [*server, "--port", str(port)],
            _for_the_server(known, password),
            quiet=True,
        )
        if not _answers(children, f"{url}/api/health", ended):
            return
        sys.stderr.write(f"Prefect: {url}  sign in with  {password}\n")
        sys.stderr.flush()
        # Prefect hands runs to the process that asks for them; a page wakes them there.
        ours = [sys.executable, "-m"]
        children.start("the worker", [*ours, "flows.handing_out"], known)
        page = [*ours, "flows", "review", "serve", "--port", str(page_port)]
        children.start("the review page", page, known)
        while not ended.wait(0.5):
            _all_live(children)


def check_ports(ports: Mapping[str, int]) -> None:
    """Make sure that all ports are free: whoever listens there would be sent our password.

    Args:
        ports: By the option that names each.

    Raises:
        WrongInput: Some are taken, or one is named twice.

    """
    faults = []
    for option, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                faults.append(f"port {port} of {HOST} is taken; give another with {option}")
    if len(set(ports.values())) < len(ports):
        faults.append(f"{' and '.join(ports)} are the same port; give two")
    if faults:
        raise WrongInput("\n".join(faults))


def environment(settings: Settings, url: str, password: str) -> dict[str, str]:
    """Return what the processes are to know that work with a Prefect server.

    Args:
        settings: With the state folder.
        url: The server's.
        password: ``user:password`` of the server.

    """
    home = settings.home.resolve() / "prefect"
    # Prefect makes this folder, and not the one around it.
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = {**TUNED, **os.environ}
    if not any(name in known for name in _DATABASE):
        # Not beside Prefect's own settings, which are another user's or another machine's: what
        # waits there waits with our state.
        known[_DATABASE[0]] = f"sqlite+aiosqlite:///{home / 'prefect.db'}"
    known.setdefault("PREFECT_HOME", str(home))
    return known | {
        "KAMPANJ_HOME": str(settings.home.resolve()),
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_API_AUTH_STRING": password,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _for_the_server(known: Mapping[str, str], password: str) -> dict[str, str]:
    """Return what the server is to know: no key of a provider's, and no password of people's."""
    url = known["PREFECT_API_URL"].removesuffix("/api")
    own = {
        name: value
        for name, value in known.items()
        if name.startswith(_KNOWN_TO_SERVER) or name in _ALSO_KNOWN
    }
    return own | {
        "PREFECT_SERVER_API_AUTH_STRING": password,
        "PREFECT_SERVER_API_CSRF_PROTECTION_ENABLED": "true",
        # By default any web page may send requests to it.
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": url,
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    }


def _password(given: SecretStr | None) -> str:
    if given is None:
        return f"kampanj:{secrets.token_urlsafe(18)}"
    user, _, password = given.get_secret_value().partition(":")
    if not user or not password:
        raise WrongInput("KAMPANJ_PREFECT_AUTH is no user:password; set both, or unset it")
    return given.get_secret_value()


@contextmanager
def _ending() -> Iterator[Children]:
    children = Children()
    try:
        yield children
    finally:
        children.end()


@contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """Give what is set when somebody presses Ctrl-C, or a service manager ends us."""
    asked = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {one: signal.signal(one, ask) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _all_live(children: Children) -> None:
    if dead := children.dead():
        raise Ended(f"{dead}; the others were ended as well. What was paid for is kept")


def _answers(children: Children, health: str, ended: threading.Event) -> bool:
    """Wait until the server answers; false if somebody ended us first."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        _all_live(children)
        try:
            if httpx2.get(health, trust_env=False).is_success:
                return True
        except httpx2.TransportError:
            pass
        if ended.wait(0.3):
            return False
    raise Ended(f"Prefect's server did not answer at {health} in {PATIENCE:.0f} s")
