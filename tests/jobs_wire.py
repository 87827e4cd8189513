"""A provider that draws slowly, on loopback: a job is billed when it is handed in.

It keeps a journal of what it bills, in a file that only it writes. Run as a program it prints its
address and serves until it is ended.
"""

import argparse
import io
import json
import threading
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx2
from loopback import PromptServer
from PIL import Image

from cost_tracking.money import Money
from cost_tracking.usage import Usage
from creative.concept import SourceType
from providers import errors
from providers.errors import Charged, Trace
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.jobs import Pending

TOKENS = {"input_text_token": Decimal(12), "output_image_token": Decimal(1056)}
COST = Money.of("0.03174", "USD")
"""What they come to, at the book's price of gpt-image-2."""


@cache
def picture(width: int, height: int) -> bytes:
    """Draw a plain picture."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "#2B4A6B").save(file, "PNG")
    return file.getvalue()


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "JobServer"

    def do_POST(self) -> None:
        """Take a job in, and bill it."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._say(202, {"id": self.server.take(asked)})

    def do_GET(self) -> None:
        """Say how far a job is."""
        self._say(*self.server.state(self.path.rpartition("/")[2]))

    def _say(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class JobServer(PromptServer):
    """The provider.

    Args:
        journal: The file that says what was billed, one line each.
        polls: How often a job is asked for before it is done.

    """

    def __init__(self, journal: Path, polls: int = 2, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Answering)
        self._journal = journal
        self._polls = polls
        self._asked: dict[str, int] = {}
        self._lock = threading.Lock()
        self.script: list[str] = []
        """Faults of the next questions for a job."""

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def take(self, asked: dict[str, Any]) -> str:
        """Bill a job."""
        with self._lock:
            name = f"job-{len(self._asked) + 1}"
            self._asked[name] = 0
            with self._journal.open("a") as file:
                file.write(json.dumps({"job": name, "prompt": asked["prompt"]}) + "\n")
        return name

    def state(self, job: str) -> tuple[int, dict[str, Any]]:
        """Say how far a job is."""
        with self._lock:
            fault = self.script.pop(0) if self.script else ""
            if fault:
                return {"busy": 503, "broken": 500, "key": 401}.get(fault, 200), {"state": fault}
            if job not in self._asked:
                return 404, {}
            self._asked[job] += 1
            return 200, {"state": "ready" if self._asked[job] > self._polls else "running"}


def bills(journal: Path) -> list[str]:
    """Return the prompt of each job that was billed."""
    if not journal.exists():
        return []
    return [json.loads(line)["prompt"] for line in journal.read_text().splitlines()]


@dataclass
class SlowImages:
    """The adapter for it. It bears OpenAI's name to be priced by the book."""

    url: str
    name: str = "openai"
    repeatable: bool = False
    default_model: str = "gpt-image-2"

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what it can draw: everything."""
        return ImageCapabilities(model=model)

    def submit(self, request: ImageRequest) -> Pending:
        """Hand a picture in."""
        try:
            reply = httpx2.post(f"{self.url}/jobs", json={"prompt": request.prompt})
        except httpx2.ConnectError as error:
            raise errors.Unavailable(self.name, "nobody is there") from error
        return Pending(reply.json()["id"], wait=0.02, facts={"size": request.width})

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer | Pending:
        """Ask for it."""
        try:
            reply = httpx2.get(f"{self.url}/jobs/{pending.job}")
        except httpx2.TransportError as error:
            raise errors.Unavailable(self.name, "nobody is there") from error
        said = reply.json().get("state")
        trace = Trace(model=request.model, status=reply.status_code, request_id=pending.job)
        if reply.status_code != 200:
            kind: type[errors.ProviderError] = {
                401: errors.NotConfigured,
                404: errors.JobLost,
                503: errors.Unavailable,
            }.get(reply.status_code, errors.OutcomeUnknown)
            raise kind(self.name, f"{reply.status_code}", trace)
        if said == "moderated":
            raise errors.RefusedInput(self.name, "moderated", trace, charged=Charged.NO)
        if said == "failed":
            raise errors.BadOutput(self.name, "failed", trace)
        if said == "lost":
            raise errors.JobLost(self.name, "it knows no such job", trace)
        if said != "ready":
            return Pending(pending.job, wait=0.02, facts=pending.facts)
        return ImageAnswer(
            content=picture(request.width, request.height),
            width=request.width,
            height=request.height,
            format="png",
            usage=Usage(model=request.model, quantities=TOKENS, receipt=pending.job),
            source_type=SourceType.TRAINED,
            placeholder=False,
        )

    def cancel(self, pending: Pending) -> bool:
        """Say that it cannot be stopped."""
        return not pending


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="A provider of jobs on loopback.")
    parser.add_argument("--journal", type=Path, required=True)
    server = JobServer(parser.parse_args().journal)
    print(server.url, flush=True)  # noqa: T201 - who starts it reads its address here
    server.serve_forever()


if __name__ == "__main__":
    main()
