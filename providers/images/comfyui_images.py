"""A ComfyUI server of our own, behind ``ImageJobs``: a workflow file is filled in and queued.

Pictures to follow are put into its folder of inputs first, and named to the nodes that load them.

Shapes: ComfyUI's ``server.py``, for ``/prompt``, ``/queue``, ``/history``, ``/view`` and
``/upload/image``; a node ``LoadImage`` names a picture as ``subfolder/name``.
"""

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from cost_tracking.usage import Usage
from providers import errors
from providers.errors import Charged, ProviderError
from providers.images.arrived import suited
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest, Reference
from providers.images.comfyui_workflow import NAME, read_workflow
from providers.images.jobs import Pending
from providers.images.media_type import ENDINGS
from providers.images.polled import ended, fetched, named, text_at, unanswered
from providers.models import ModelTable
from providers.reply import Reply, usual
from providers.rest import Rest
from providers.settings import ProviderSettings

MAX_ANSWER = 80_000_000
"""Bytes of the largest picture, uncompressed, and more."""
FOLDER = "kampanj"
"""Below the server's folder of inputs."""


class ComfyUIImages:
    """Draws with a workflow of one's own, on a server of one's own.

    Args:
        settings: The server, the workflow and its bindings.
        models: What the workflow can do.

    Raises:
        NotConfigured: The workflow does not fit its bindings.

    """

    name = NAME

    def __init__(self, settings: ProviderSettings, models: ModelTable) -> None:
        self._workflow = read_workflow(settings.comfyui_workflow, settings.comfyui_nodes)
        self._models = models
        self._rest = Rest(
            NAME,
            settings.comfyui_base_url,
            {},
            timeout=settings.image_timeout,
            max_bytes=MAX_ANSWER,
            connect=settings.connect_timeout,
            proxy=settings.proxy,
            secrets=settings.secrets,
        )
        self.repeatable = not settings.comfyui_paid

    @property
    def default_model(self) -> str:
        """Return the model for a brief that names none."""
        return self._models.default(NAME, "image")

    def capabilities(self, model: str) -> ImageCapabilities:
        """Return what a model can do."""
        return self._workflow.able(self._models.find(NAME, "image", model).capabilities)

    def submit(self, request: ImageRequest) -> Pending:
        """Queue the workflow with this request in it, after the pictures that it loads."""
        model = request.model
        suited(NAME, self.capabilities(model), request)
        pictures = [self._handed_over(one, model) for one in request.references]
        asked = {"prompt": self._workflow.filled(request, pictures), "client_id": "kampanj"}
        reply = self._rest.json("POST", "/prompt", asked, model=model, sent_is_billed=True)
        if not reply.ok:
            raise usual(reply, NAME, model)
        job = text_at(reply.data, "prompt_id")
        if not job.replace("-", "").isalnum():
            said = "queued it and named no job"
            raise ended(errors.BadOutput, reply, NAME, model, said, charged=Charged.MAYBE)
        return Pending(job, wait=1.0)

    def collect(self, request: ImageRequest, pending: Pending) -> ImageAnswer | Pending:
        """Look into the server's history, and fetch the picture when it is there."""
        model, job = request.model, pending.job
        reply = self._asked(f"/history/{job}", model, job)
        if job not in reply.data:
            if job in _queued(self._asked("/queue", model, job).data):
                return pending
            # It may have ended between the two questions.
            reply = self._asked(f"/history/{job}", model, job)
            if job not in reply.data:
                said = f"is neither queued nor done: {job}; was the server started anew?"
                raise ended(errors.JobLost, reply, NAME, model, said)
        return self._drawn(request, job, reply)

    def cancel(self, pending: Pending) -> bool:
        """Take it out of the queue, or stop it if it is the one that runs."""
        try:
            self._told("/queue", {"delete": [pending.job]})
            self._told("/interrupt", {"prompt_id": pending.job})
            reply = self._asked("/queue", "", pending.job)
        except ProviderError:
            return False
        return pending.job not in _queued(reply.data)

    def close(self) -> None:
        """Close the connections."""
        self._rest.close()

    def _handed_over(self, reference: Reference, model: str) -> str:
        """Put a picture where the server's nodes load them from, and return its name there."""
        # Named by its hash, and so the same file however often it is put there.
        name = f"{reference.sha256}.{ENDINGS[reference.media_type]}"
        reply = self._rest.json(
            "POST",
            "/upload/image",
            {"type": "input", "subfolder": FOLDER, "overwrite": "true"},
            files=[("image", (name, reference.content, reference.media_type))],
            model=model,
            sent_is_billed=False,
        )
        if not reply.ok:
            raise usual(reply, NAME, model)
        kept = named(reply, NAME, model, text_at(reply.data, "name"))
        folder = text_at(reply.data, "subfolder")
        return f"{folder}/{kept}" if folder else kept

    def _asked(self, path: str, model: str, job: str) -> Reply:
        reply = self._rest.json("GET", path, model=model, sent_is_billed=False)
        if not reply.ok:
            raise unanswered(reply, NAME, model, job)
        return reply

    def _told(self, path: str, body: dict[str, Any]) -> None:
        try:
            self._rest.json("POST", path, body, sent_is_billed=False)
        except errors.Unavailable as error:
            # What was done is answered with 200 and nothing, which is no JSON.
            if error.trace.status != 200:
                raise

    def _drawn(self, request: ImageRequest, job: str, reply: Reply) -> ImageAnswer:
        model, entry = request.model, reply.data[job]
        usage = Usage(model=model, quantities=_seconds(entry), receipt=job)
        status = text_at(entry, "status", "status_str") if isinstance(entry, dict) else ""
        if status == "error":
            said = f"gave the job up: {_reason(entry)}"
            raise ended(errors.JobFailed, reply, NAME, model, said, code=status, usage=usage)
        found = list(_pictures(entry, self._workflow.output))
        if len(found) != 1:
            said = f"gave {len(found)} pictures where 1 was asked for; name its node as output"
            raise ended(errors.BadOutput, reply, NAME, model, said, usage=usage)
        view = f"/view?{urlencode(found[0])}"
        return fetched(self._rest, NAME, request, view, reply, usage)


def _queued(data: dict[str, Any]) -> set[str]:
    """Return the jobs that run or wait; each is a list whose second part is its name."""
    rows = [*_list(data.get("queue_running")), *_list(data.get("queue_pending"))]
    return {str(row[1]) for row in rows if isinstance(row, list) and len(row) > 1}


def _pictures(entry: object, output: str) -> Iterator[dict[str, str]]:
    """Yield where each kept picture of a job lies; previews are not kept."""
    nodes = entry.get("outputs") if isinstance(entry, dict) else None
    for name, node in (nodes if isinstance(nodes, dict) else {}).items():
        if output and name != output:
            continue
        for one in _list(node.get("images") if isinstance(node, dict) else None):
            if isinstance(one, dict) and one.get("type") == "output":
                yield {part: text_at(one, part) for part in ("filename", "subfolder", "type")}


def _seconds(entry: object) -> dict[str, Decimal]:
    """Return how long the server worked, where it says so; it may be billed by the second."""
    status = entry.get("status") if isinstance(entry, dict) else None
    times: dict[str, float] = {}
    for message in _list(status.get("messages") if isinstance(status, dict) else None):
        if isinstance(message, list) and len(message) == 2 and isinstance(message[1], dict):
            at = message[1].get("timestamp")
            if isinstance(at, int | float) and not isinstance(at, bool) and math.isfinite(at):
                times[str(message[0])] = float(at)
    start = times.get("execution_start")
    ends = [times[name] for name in ("execution_success", "execution_error") if name in times]
    if start is None or not ends or not 0 <= ends[0] - start < 86_400_000:
        return {}
    return {"compute_second": Decimal(round(ends[0] - start)) / 1000}


def _reason(entry: dict[str, Any]) -> str:
    status = entry.get("status")
    for message in _list(status.get("messages") if isinstance(status, dict) else None):
        if isinstance(message, list) and len(message) == 2 and message[0] == "execution_error":
            told = message[1] if isinstance(message[1], dict) else {}
            return f"{text_at(told, 'node_type')}: {text_at(told, 'exception_message')}"
    return "it gave no reason"


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []
