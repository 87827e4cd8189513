"""Vendors that draw slowly, on loopback: a job is handed in, asked for, and its picture fetched.

Each answers in its published shapes, and keeps a journal of what reached it and what it would have
billed. A fault is told by the step that it befalls::

    with Bfl({"collect": ["pending", "pending"]}) as bfl:     # then all is well
        bfl.url
        bfl.steps       # ["submit", "collect", "collect", "collect", "picture"]
        bfl.billed      # jobs that were taken in

Steps are ``token``, ``upload``, ``submit``, ``collect``, ``queue``, ``cancel`` and ``picture``. A
name of ``loopback.BREAKS`` breaks the good answer; a number is a status; others are the vendor's
own.

Shapes: docs.bfl.ai/api-reference/utility/get-result; Adobe's OpenAPI document of the Firefly API,
paths ``generate-async``, ``status`` and ``cancel``; ComfyUI's ``server.py``.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import loopback
from loopback import BREAKS, Asked, Loopback, Told

picture = cache(loopback.picture)
"""Drawn once for each size, so that no test waits for it."""
JOB = "6f3c2d1e-0000-4000-8000-000000000001"


class SlowVendor(ABC):
    """What is alike for all of them."""

    def __init__(
        self, faults: Mapping[str, list[str]] | None = None, *, elsewhere: str = ""
    ) -> None:
        self._faults = {step: list(some) for step, some in (faults or {}).items()}
        self._server = Loopback(self._answer)
        self.elsewhere = elsewhere
        """The address that the fault ``elsewhere`` names."""
        self.steps: list[str] = []
        self.billed = 0
        self.size = (1024, 1024)

    @property
    def url(self) -> str:
        """Return the address to give as a base URL."""
        return self._server.url

    @property
    def asked(self) -> list[Asked]:
        """Return what reached it."""
        return self._server.asked

    def strike(self, step: str, fault: str) -> None:
        """Let a fault befall the next request of a step, once."""
        self._faults.setdefault(step, []).append(fault)

    def at(self, step: str) -> list[Asked]:
        """Return what reached it in one step."""
        pairs = zip(self.steps, self.asked, strict=True)
        return [asked for name, asked in pairs if name == step]

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @abstractmethod
    def step(self, asked: Asked) -> str:
        """Say which step a request is."""

    @abstractmethod
    def good(self, step: str, asked: Asked) -> Told:
        """Return what a step answers when all is well."""

    @abstractmethod
    def bad(self, step: str, fault: str, asked: Asked) -> Told:
        """Return what a step answers with a fault of the vendor's own."""

    def status(self, status: int, headers: dict[str, str]) -> Told:
        """Return the vendor's error of this status; it repeats the key that it was sent."""
        said = " ".join(headers.get(name, "") for name in ("x-key", "authorization", "x-api-key"))
        # Alone: behind its scheme any reader would know it for a key.
        said = said.replace("Bearer ", "")
        return Told(status, {"message": f"no: {said}", "detail": said}, {"Retry-After": "7"})

    def _answer(self, asked: Asked) -> Told:
        step = self.step(asked)
        self.steps.append(step)
        waiting = self._faults.get(step, [])
        fault = waiting.pop(0) if waiting else "ok"
        if fault.isdecimal():
            return self.status(int(fault), dict(asked.headers))
        if step == "submit" and fault not in {"html_502", "redirect"}:
            self.billed += 1
        if step == "picture":
            return self._picture(fault)
        if fault == "ok":
            return self.good(step, asked)
        if fault in BREAKS:
            return BREAKS[fault](self.good(step, asked))
        return self.bad(step, fault, asked)

    def _picture(self, fault: str) -> Told:
        content = {
            "half": picture(self.size[0] // 2, self.size[1] // 2),
            "gif": picture(*self.size, "GIF"),
            "cut_png": picture(*self.size)[:-20],
        }.get(fault, picture(*self.size))
        told = Told(200, content, {"Content-Type": "image/png"})
        return BREAKS[fault](told) if fault in BREAKS else told


class Bfl(SlowVendor):
    """Black Forest Labs."""

    def step(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST":
            return "submit"
        return "picture" if asked.path.startswith("/delivery/") else "collect"

    def good(self, step: str, asked: Asked) -> Told:
        """Return what a step answers when all is well."""
        if step == "submit":
            self.size = (asked.json["width"], asked.json["height"])
            polling_url = f"{self.url}/v1/get_result?id={JOB}"
            return Told(200, {"id": JOB, "polling_url": polling_url, "cost": 4.5})
        return self._status("Ready", {"sample": f"{self.url}/delivery/{JOB}?sig=a", "seed": 7})

    def bad(self, step: str, fault: str, asked: Asked) -> Told:
        """Return what a step answers with a fault of the vendor's own."""
        if step == "submit":
            changes: dict[str, dict[str, Any]] = {
                "no_url": {"polling_url": None},
                "elsewhere": {"polling_url": f"{self.elsewhere}/v1/get_result?id={JOB}"},
                "no_cost": {"cost": None},
                "wrong_cost": {"cost": "NaN"},
                "negative_cost": {"cost": -4.5},
                "huge_cost": {"cost": 1e12},
                "true_cost": {"cost": True},
            }
            return Told(200, {**self.good(step, asked).body, **changes[fault]})
        if fault == "ready":
            return self.good(step, asked)
        if fault == "no_sample":
            return self._status("Ready", {"seed": 7})
        if fault == "sample_elsewhere":
            return self._status("Ready", {"sample": f"{self.elsewhere}/delivery/{JOB}"})
        names = {"pending": "Pending", "request_moderated": "Request Moderated"}
        more = {"content_moderated": "Content Moderated", "error": "Error"}
        names = {**names, **more, "not_found": "Task not found", "new_status": "Dreaming"}
        return self._status(names[fault], None)

    def _status(self, status: str, result: dict[str, Any] | None) -> Told:
        return Told(200, {"id": JOB, "status": status, "result": result, "progress": None})


class Firefly(SlowVendor):
    """Adobe Firefly, with its token server at the same address."""

    lasts = 86_399
    """Seconds of a token."""
    tokens = 0

    def step(self, asked: Asked) -> str:
        """Say which step a request is."""
        for start, step in (
            ("/ims/", "token"),
            ("/v3/status/", "collect"),
            ("/v3/cancel/", "cancel"),
            ("/pre-signed/", "picture"),
            ("/v2/storage/", "upload"),
        ):
            if asked.path.startswith(start):
                return step
        return "submit"

    def good(self, step: str, asked: Asked) -> Told:
        """Return what a step answers when all is well."""
        if step == "token":
            self.tokens += 1
            token = f"token-{self.tokens}-0123456789"
            return Told(
                200, {"access_token": token, "token_type": "bearer", "expires_in": self.lasts}
            )
        if step == "cancel":
            return Told(200, b"")
        if step == "upload":
            return Told(200, {"images": [{"id": "sketch-1"}]})
        if step == "collect":
            return self._done({})
        status, cancel = f"{self.url}/v3/status/{JOB}", f"{self.url}/v3/cancel/{JOB}"
        if asked.path.startswith("/v4/"):
            # With a picture to follow it names no ratio, and keeps that of the picture.
            assert ("aspectRatio" in asked.json) != ("referenceBlobs" in asked.json), asked.json
            links = {"result": {"href": status}, "cancel": {"href": cancel}}
            return Told(200, {"links": links, "progress": 0})
        self.size = (asked.json["size"]["width"], asked.json["size"]["height"])
        return Told(202, {"jobId": JOB, "statusUrl": status, "cancelUrl": cancel})

    def bad(self, step: str, fault: str, asked: Asked) -> Told:
        """Return what a step answers with a fault of the vendor's own."""
        if step in {"token", "upload"}:
            return Told(200, {"token_type": "bearer", "images": []})
        if step == "submit":
            return self._not_taken(fault, asked)
        if fault in {"denied_words", "blocked_artists"}:
            flag = {"denied_words": "promptHasDeniedWords"}.get(fault, "promptHasBlockedArtists")
            return self._done({flag: True})
        if fault == "no_outputs":
            return self._done({"outputs": []})
        if fault == "sample_elsewhere":
            address = f"{self.elsewhere}/pre-signed/{JOB}.png"
            return self._done({"outputs": [{"seed": 7, "image": {"url": address}}]})
        status, _, code = fault.partition(":")
        error = {"error_code": code, "message": "it said no"} if code else {}
        return Told(200, {"status": status, "jobId": JOB, **error})

    def _not_taken(self, fault: str, asked: Asked) -> Told:
        if fault == "no_url":
            return Told(202, {"jobId": JOB})
        if fault == "elsewhere":
            said = {"statusUrl": f"{self.elsewhere}/v3/status/{JOB}"}
            return Told(202, {**self.good("submit", asked).body, **said})
        self.billed -= 1
        status, _, code = fault.partition(":")
        if code == "quota_exhausted":
            return Told(403, {"error_code": "access_error"}, {"x-access-error": code})
        return Told(int(status), {"error_code": code, "message": "it said no"})

    def _done(self, more: dict[str, Any]) -> Told:
        address = f"{self.url}/pre-signed/{JOB}.png?X-Amz-Signature=a"
        result = {"outputs": [{"seed": 7, "image": {"url": address}}], **more}
        return Told(200, {"status": "succeeded", "jobId": JOB, "result": result})


class Comfy(SlowVendor):
    """A ComfyUI server."""

    def step(self, asked: Asked) -> str:
        """Say which step a request is."""
        path = urlsplit(asked.path).path
        steps = {
            "/prompt": "submit",
            "/queue": "queue",
            "/interrupt": "cancel",
            "/view": "picture",
            "/upload/image": "upload",
        }
        if path == "/queue" and asked.method == "POST":
            return "cancel"
        return steps.get(path, "collect")

    def good(self, step: str, asked: Asked) -> Told:
        """Return what a step answers when all is well."""
        if step == "submit":
            inputs = asked.json["prompt"]["5"]["inputs"]
            self.size = (inputs["width"], inputs["height"])
            return Told(200, {"prompt_id": JOB, "number": 1, "node_errors": {}})
        if step == "cancel":
            return Told(200, b"")
        if step == "queue":
            return Told(200, {"queue_running": [], "queue_pending": []})
        if step == "upload":
            name, _, _ = asked.form["image"]
            return Told(200, {"name": name, "subfolder": asked.form["subfolder"], "type": "input"})
        kept = {"filename": "out_1.png", "subfolder": "", "type": "output"}
        preview = {"filename": "seen.png", "subfolder": "", "type": "temp"}
        return self._history({"9": {"images": [kept]}, "10": {"images": [preview]}}, "success")

    def bad(self, step: str, fault: str, asked: Asked) -> Told:  # noqa: ARG002 - its base has it
        """Return what a step answers with a fault of the vendor's own."""
        unnamed = {"upload": {"type": "input"}, "submit": {"number": 1}}
        if fault in {"unnamed", "no_id"}:
            return Told(200, unnamed[step])
        if step == "submit":
            error = {"type": "prompt_outputs_failed_validation", "message": "no such sampler"}
            self.billed -= 1
            return Told(400, {"error": error, "node_errors": {"3": {"errors": []}}})
        if step == "queue":
            row = [1, JOB, {}, {}, []]
            running = fault == "running"
            rows = {"queue_running": [row] * running, "queue_pending": [row] * (not running)}
            return Told(200, rows)
        if fault == "not_yet":
            return Told(200, {})
        if fault == "error":
            return self._history({}, "error")
        names = ["a.png", "b.png"] if fault == "two" else []
        images = [{"filename": name, "subfolder": "", "type": "output"} for name in names]
        return self._history({"9": {"images": images}}, "success")

    def _history(self, outputs: dict[str, Any], status: str) -> Told:
        told = {"prompt_id": JOB, "node_type": "KSampler", "exception_message": "out of memory"}
        ends = [f"execution_{status}", {**told, "timestamp": 1_763_700_012_500}]
        messages = [["execution_start", {"prompt_id": JOB, "timestamp": 1_763_700_000_000}], ends]
        entry = {
            "outputs": outputs,
            "status": {
                "status_str": status,
                "completed": status == "success",
                "messages": messages,
            },
        }
        return Told(200, {JOB: entry})

    def viewed(self) -> dict[str, list[str]]:
        """Return what was asked of the last picture."""
        return parse_qs(urlsplit(self.at("picture")[-1].path).query)


def api_workflow(**more: dict[str, Any]) -> str:
    """Return a workflow as ComfyUI exports it for its API.

    Args:
        more: Nodes besides, by their number behind an ``n``.

    """
    nodes = {
        "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "model": ["4", 0]}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "flux.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}},
    }
    return json.dumps({**nodes, **{name.removeprefix("n"): node for name, node in more.items()}})


def loading_workflow() -> str:
    """Return a workflow that loads two products and a sketch."""
    nodes = {f"n{number}": load("example.png") for number in (11, 12, 13)}
    return api_workflow(**nodes)


def load(name: str) -> dict[str, Any]:
    """Return a node that loads a picture."""
    return {"class_type": "LoadImage", "inputs": {"image": name}}
