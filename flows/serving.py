"""Starts Prefect's server and serves the campaign flow from this process, on loopback."""

import os
import secrets
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import httpx2

from flows.exits import WrongInput
from flows.settings import Settings

HOST = "127.0.0.1"
PATIENCE = 120.0
"""Seconds for a first start, in which the server makes its tables."""


def serve(settings: Settings, port: int) -> None:
    """Start the server, wait for it, and serve the flow until somebody ends it.

    A web page can reach loopback, so the server asks for a password even there: the one in
    ``KAMPANJ_PREFECT_AUTH``, or one that is made and printed.
    """
    with socket.socket() as probe:
        # Whoever listens there already would be sent our password.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise WrongInput(f"port {port} of {HOST} is taken; give another with --port") from error
    auth = settings.prefect_auth.get_secret_value() if settings.prefect_auth else ""
    auth = auth or f"kampanj:{secrets.token_urlsafe(18)}"
    url = f"http://{HOST}:{port}"
    home = settings.home.resolve() / "prefect"
    # Prefect makes this folder, and not the one around it.
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_AUTH_STRING": auth,
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": url,
        "PREFECT_HOME": os.environ.get("PREFECT_HOME", str(home)),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST]
    server = subprocess.Popen([*command, "--port", str(port)])  # noqa: S603 - our own interpreter
    try:
        _wait(server, f"{url}/api/health")
        name, _, password = auth.partition(":")
        sys.stderr.write(f"Prefect: {url}  user {name}  password {password}\n")
        from prefect import serve as serve_flows

        from flows.deployments import deployments

        serve_flows(*deployments(datetime.now(UTC).date()))
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(server: "subprocess.Popen[bytes]", health: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(
                f"Prefect's server ended with code {server.returncode}; is the port free?"
            )
        try:
            if httpx2.get(health, trust_env=False).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.5)
    raise TimeoutError(f"Prefect's server did not answer at {health} in {PATIENCE:.0f} s")
