"""Whoever follows pictures keeps the contract with them too: in each of these shapes."""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from drawers import picture
from loopback import BREAKS, Asked, Loopback, Told
from pydantic import SecretStr
from slow_hosts import Replicate
from slow_vendors import Comfy, Firefly, SlowVendor, api_workflow, load

from providers import registry
from providers.contract.embedded import PICTURE
from providers.contract.images import ImageProviderContract
from providers.contract.rig import Fault, ImageRig, Rig
from providers.images.base import ImageRequest, Reference
from providers.settings import ProviderSettings

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
TIN = Reference(content=picture(64, 64), media_type="image/png")
SKETCH = Reference(content=picture(1024, 1024), media_type="image/png", sketch=(1024, 1024))
WHOLE = picture(1024, 1024)
UNMEASURED = "it bills pictures that are followed by their pixels, and tells none of that"
HURRY = 1.0
"""Seconds of patience with a wire that says nothing, and that takes a picture in first."""


def request(model: str, *references: Reference) -> ImageRequest:
    """Ask for a picture that follows these."""
    more = {"model": model, "width": 1024, "height": 1024, "references": references}
    return PICTURE.model_copy(update=more)


def built(name: str, told: Mapping[str, Any], patience: float = 20.0) -> Any:
    """Build a provider of this patience, as the registry does."""
    return registry.image_provider(name, ProviderSettings(**told, image_timeout=patience))


def failed(status: int, code: str) -> Told:
    """Return a fault as both vendors of forms write it, with the key repeated."""
    return Told(status, {"error": f"{code}: {CANARY}", "name": code})


def stability(_asked: Asked) -> Told:
    """Answer as Stability does."""
    body = {"image": base64.b64encode(WHOLE).decode(), "finish_reason": "SUCCESS", "seed": 1}
    return Told(200, body, {"x-request-id": "r1"})


def ideogram(asked: Asked) -> Told:
    """Answer as Ideogram does, at v1 and at v2."""
    if asked.method == "GET":
        return Told(200, WHOLE, {"Content-Type": "image/png"})
    one = {"url": f"http://{asked.headers['host']}/r.png", "is_image_safe": True}
    return Told(200, {"data": [one], "generation_id": "g1", "generation_kind": "sampling"})


@dataclass(frozen=True)
class Form:
    """A vendor that is sent pictures in a form, and how it fails."""

    name: str
    model: str
    reference: Reference
    good: Callable[[Asked], Told]
    faults: Mapping[Fault, tuple[Told | None, ...]]
    without: Mapping[Fault, str]


USUAL: Mapping[Fault, tuple[Told | None, ...]] = {
    Fault.RATE_LIMITED: (failed(429, "rate_limit_exceeded"),),
    Fault.OVERLOADED: (failed(503, "unavailable"),),
    Fault.NO_KEY: (failed(401, "unauthorized"),),
    Fault.NO_MONEY: (failed(402, "payment_required"),),
    Fault.NO_MODEL: (failed(404, "not_found"),),
    Fault.LOST: (Told(how="drop"),),
    Fault.HANG: (Told(how="hang"),),
    Fault.DRIP: (Told(200, {"data": []}, how="drip"),),
    Fault.CUT: (Told(200, {"data": []}, how="cut"),),
    Fault.NO_JSON: (BREAKS["html"](Told()),),
    Fault.EMPTY: (Told(200, {"data": []}),),
}
IDEOGRAM = {
    **USUAL,
    Fault.REFUSED: (failed(422, "unsafe"),),
    Fault.WRONG_SIZE: (None, Told(200, picture(512, 512))),
    Fault.NOT_A_PICTURE: (None, Told(200, WHOLE[:-20])),
    Fault.EXPIRED: (None, Told(410)),
}
SMALL = {"image": base64.b64encode(picture(512, 512)).decode(), "finish_reason": "SUCCESS"}
TORN = {"image": base64.b64encode(WHOLE[:-20]).decode(), "finish_reason": "SUCCESS"}
STABILITY = {
    **USUAL,
    Fault.REFUSED: (failed(403, "content_moderation"),),
    Fault.WRONG_SIZE: (Told(200, SMALL),),
    Fault.NOT_A_PICTURE: (Told(200, TORN),),
}
AT_ONCE = {Fault.EXPIRED: "its answer holds the picture itself"}
FORMS = {
    "ultra": Form("stability", "stable-image-ultra", SKETCH, stability, STABILITY, AT_ONCE),
    "structure": Form("stability", "stable-image-structure", SKETCH, stability, STABILITY, AT_ONCE),
    "ideogram 4.5": Form("ideogram", "ideogram-v4.5", TIN, ideogram, IDEOGRAM, {}),
    "ideogram 3": Form("ideogram", "ideogram-v3-character", TIN, ideogram, IDEOGRAM, {}),
}


@contextmanager
def form(vendor: Form) -> Iterator[ImageRig]:
    """Open the wire of one who is sent a form."""
    script: list[Told | None] = []

    def answer(asked: Asked) -> Told:
        return (script.pop(0) if script else None) or vendor.good(asked)

    with Loopback(answer) as server:
        key, address = f"{vendor.name}_api_key", f"{vendor.name}_base_url"
        told = {key: SecretStr(CANARY), address: server.url}
        yield Rig(
            provider=built(vendor.name, told),
            hurried=built(vendor.name, told, HURRY / 3),
            request=request(vendor.model, vendor.reference),
            sent=lambda: sum(one.method == "POST" for one in server.asked),
            faults={fault: partial(script.extend, told) for fault, told in vendor.faults.items()},
            without=vendor.without,
            secrets=(CANARY,),
        )


COMMON: Mapping[Fault, tuple[str, str]] = {
    Fault.RATE_LIMITED: ("submit", "429"),
    Fault.OVERLOADED: ("submit", "503"),
    Fault.NO_KEY: ("submit", "401"),
    Fault.NO_MODEL: ("submit", "404"),
    Fault.LOST: ("submit", "drop"),
    Fault.HANG: ("submit", "hang"),
    Fault.DRIP: ("submit", "drip"),
    Fault.CUT: ("submit", "cut"),
    Fault.NO_JSON: ("submit", "html"),
    Fault.WRONG_SIZE: ("picture", "half"),
    Fault.NOT_A_PICTURE: ("picture", "html"),
    Fault.EXPIRED: ("picture", "410"),
}


@contextmanager
def job(
    name: str,
    vendor: SlowVendor,
    told: Mapping[str, Any],
    asked: ImageRequest,
    faults: Mapping[Fault, tuple[str, str]],
) -> Iterator[ImageRig]:
    """Return the rig of one who is handed pictures before the job."""
    yield Rig(
        provider=built(name, told),
        hurried=built(name, told, HURRY),
        request=asked,
        sent=lambda: vendor.steps.count("submit"),
        faults={fault: partial(vendor.strike, *one) for fault, one in faults.items()},
        secrets=(CANARY,) if name != "comfyui" else (),
        unmeasured=UNMEASURED if name == "replicate" else "",
    )


@contextmanager
def firefly(model: str, reference: Reference) -> Iterator[ImageRig]:
    """Draw at Adobe."""
    special = {
        Fault.NO_MONEY: ("submit", "403:quota_exhausted"),
        Fault.REFUSED: ("submit", "451:input_media_unsafe"),
        Fault.EMPTY: ("collect", "no_outputs"),
    }
    with Firefly() as vendor:
        told = {
            "firefly_client_id": "client-1",
            "firefly_client_secret": SecretStr(CANARY),
            "firefly_base_url": vendor.url,
            "firefly_ims_url": vendor.url,
        }
        asked = request(model, reference)
        with job("firefly", vendor, told, asked, {**COMMON, **special}) as rig:
            yield rig


@contextmanager
def replicate() -> Iterator[ImageRig]:
    """Draw at Replicate."""
    special = {
        Fault.NO_MONEY: ("submit", "402"),
        Fault.REFUSED: ("collect", "failed:flagged (E005)"),
        Fault.EMPTY: ("collect", "none"),
    }
    with Replicate() as vendor:
        told = {"replicate_api_key": SecretStr(CANARY), "replicate_base_url": vendor.url}
        asked = request("black-forest-labs/flux-2-pro", TIN)
        with job("replicate", vendor, told, asked, {**COMMON, **special}) as rig:
            yield rig


@contextmanager
def comfy(folder: Path) -> Iterator[ImageRig]:
    """Draw on a server of one's own, where a lost job is done again: no fault of it costs."""
    workflow = folder / "workflow.json"
    workflow.write_text(api_workflow(n11=load("example.png")), encoding="utf-8")
    nodes = {"prompt": "6.text", "width": "5.width", "height": "5.height", "seed": "3.seed"}
    with Comfy({"collect": ["not_yet"], "queue": ["running"]}) as vendor:
        told = {
            "comfyui_base_url": vendor.url,
            "comfyui_workflow": workflow,
            "comfyui_nodes": {**nodes, "reference_1": "11.image"},
        }
        with job("comfyui", vendor, told, request("workflow", TIN), {}) as rig:
            yield rig


RIGS: Mapping[str, Callable[[Path], Any]] = {
    **{name: lambda _folder, one=one: form(one) for name, one in FORMS.items()},
    "image5": lambda _folder: firefly("image5", SKETCH),
    "object composite": lambda _folder: firefly("object_composite", TIN),
    "replicate": lambda _folder: replicate(),
    "comfyui": comfy,
}


class TestWithPictures(ImageProviderContract):
    """Each with a picture that goes along: what is sent before the job, or with it."""

    # The other steps are the runner's, and the same for all: each vendor is killed at them once.
    steps = ("asked", "submitted", "stored")

    @pytest.fixture(params=RIGS)
    def rig(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ImageRig]:
        """Open the wire of one vendor."""
        with RIGS[request.param](tmp_path) as rig:
            yield rig
