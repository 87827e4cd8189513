"""Inkwell's wire on loopback, which can be told to fail; it proves the adapter without a bill.

``python -m kampanj_inkwell_rig`` serves it and prints its address, for a campaign without a bill.
"""

import base64
import contextlib
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kampanj_inkwell import CAPABILITIES, inkwell
from PIL import Image
from pydantic import SecretStr

from providers.contract.rig import Fault, ImageRig, Rig
from providers.images.base import ImageRequest
from providers.settings import ProviderSettings

KEY = "5b1f0c9a7e3d48266a90"
ERRORS: dict[Fault, tuple[int, str]] = {
    Fault.RATE_LIMITED: (429, "slow_down"),
    Fault.OVERLOADED: (503, "full_house"),
    Fault.NO_KEY: (401, "wrong_key"),
    Fault.NO_MONEY: (402, "out_of_ink"),
    Fault.NO_MODEL: (404, "no_such_pen"),
    Fault.REFUSED: (400, "will_not_draw"),
}
OTHERS = (
    Fault.LOST,
    Fault.HANG,
    Fault.DRIP,
    Fault.CUT,
    Fault.NO_JSON,
    Fault.EMPTY,
    Fault.WRONG_SIZE,
    Fault.NOT_A_PICTURE,
)
HURRY = 0.3
"""Seconds of patience with a wire that says nothing."""


class Wire(ThreadingHTTPServer):
    """The vendor, as far as the adapter can tell."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Drawing)
        self.sent = 0
        self.script: list[Fault] = []
        self.ended = threading.Event()

    @property
    def address(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Drawing(BaseHTTPRequestHandler):
    """One request for a drawing."""

    server: Wire

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        """Say nothing."""

    def do_POST(self) -> None:
        """Draw, or fail as told."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.sent += 1
        fault = self.server.script.pop(0) if self.server.script else None
        if fault in ERRORS:
            status, code = ERRORS[fault]
            # Some vendors repeat the key that they refuse, and so does this one.
            said = f"{code}: {self.headers['Authorization']}"
            self._answer(status, json.dumps({"error": {"code": code, "message": said}}).encode())
        elif fault is Fault.NO_JSON:
            self._answer(200, b"<!doctype html><title>Sign in</title>")
        elif fault in {Fault.HANG, Fault.DRIP, Fault.CUT}:
            self._break(fault)
        elif fault is not Fault.LOST:
            self._answer(200, json.dumps(_answer(asked, fault)).encode())

    def _break(self, fault: Fault) -> None:
        """Say nothing, a byte at a time, or half; who asked is not waited for."""
        if fault is Fault.HANG:
            self.server.ended.wait(60)
            return
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(b'{"drawing": "')
            while fault is Fault.DRIP and not self.server.ended.wait(0.02):
                self.wfile.write(b"i")
                self.wfile.flush()

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Request-Id", f"ink_{self.server.sent}")
        self.end_headers()
        self.wfile.write(content)


def _answer(asked: dict[str, Any], fault: Fault | None) -> dict[str, Any]:
    if fault is Fault.EMPTY:
        return {"drawing": None}
    if fault is Fault.NOT_A_PICTURE:
        return {"drawing": base64.b64encode(b"<svg/>").decode()}
    half = 2 if fault is Fault.WRONG_SIZE else 1
    file = io.BytesIO()
    size = (asked["width"] // half, asked["height"] // half)
    Image.linear_gradient("L").resize(size).convert("RGB").save(file, "PNG")
    return {"drawing": base64.b64encode(file.getvalue()).decode()}


@contextmanager
def inkwell_rig() -> Iterator[ImageRig]:
    """Open the provider over its wire."""
    wire = Wire()
    thread = threading.Thread(target=wire.serve_forever, args=(0.02,))
    thread.start()
    told = {"inkwell": {"key": SecretStr(KEY), "address": SecretStr(wire.address)}}
    try:
        yield Rig(
            provider=inkwell(ProviderSettings(plugin_settings=told)),
            hurried=inkwell(ProviderSettings(plugin_settings=told, image_timeout=HURRY)),
            without={Fault.EXPIRED: "its answer holds the picture itself"},
            request=ImageRequest(
                prompt="A slower morning.", width=256, height=256, model=CAPABILITIES.model
            ),
            sent=lambda: wire.sent,
            faults={fault: partial(wire.script.append, fault) for fault in (*ERRORS, *OTHERS)},
            secrets=(KEY,),
        )
    finally:
        wire.ended.set()
        wire.shutdown()
        thread.join()
        wire.server_close()


if __name__ == "__main__":
    served = Wire()
    print(served.address, flush=True)  # noqa: T201 - who starts it reads its address here
    served.serve_forever()
