"""Everyone who draws, each on a wire of its own that answers well, at the size that was asked.

    with drawing("bfl", folder) as drawer:
        Settings(**drawer.settings)
        drawer.asked()      # what reached it to be drawn

A provider that the registry has and this module has not is a ``KeyError``: give it a wire.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import loopback
from loopback import Asked, Loopback, Told
from openai_wire import Wire
from pydantic import SecretStr
from slow_hosts import Fal, Replicate
from slow_vendors import Bfl, Comfy, Firefly, SlowVendor, api_workflow

KEY = SecretStr("7f3a9b1c5d2e4f60718293a4")
NODES = {"prompt": "6.text", "width": "5.width", "height": "5.height", "seed": "3.seed"}
NUMBERED = {"x-request-id": "r1", "x-amzn-RequestId": "r1"}
picture = cache(loopback.picture)


@dataclass(frozen=True)
class Drawer:
    """One provider, ready to be asked."""

    settings: Mapping[str, Any]
    asked: Callable[[], list[Any]]
    """Returns what reached it to be drawn, as JSON or as the fields of a form."""
    paths: Callable[[], list[str]] = list
    """Returns where that was sent, where a test asks for it."""
    heard: Callable[[], list[Asked]] = list
    """Returns all that reached a vendor of jobs."""


def _base64(width: int, height: int) -> str:
    return base64.b64encode(picture(width, height)).decode()


def _sized(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def _gemini(asked: Asked) -> Told:
    edge = {"1K": 1024, "2K": 2048}[asked.json["generationConfig"]["imageConfig"]["imageSize"]]
    part = {"inlineData": {"mimeType": "image/png", "data": _base64(edge, edge)}}
    usage = {"promptTokenCount": 12, "candidatesTokenCount": 1120}
    candidate = {"content": {"parts": [part]}, "finishReason": "STOP"}
    answer = {"candidates": [candidate], "usageMetadata": usage, "responseId": "r1"}
    return Told(200, answer, NUMBERED)


def _azure(asked: Asked) -> Told:
    body = asked.form if "multipart" in asked.headers["content-type"] else asked.json
    usage = {"input_tokens": 40, "output_tokens": 1756}
    data = [{"b64_json": _base64(*_sized(body["size"]))}]
    return Told(200, {"data": data, "usage": usage}, NUMBERED)


def _stability(_asked: Asked) -> Told:
    return Told(200, {"image": _base64(1024, 1024), "finish_reason": "SUCCESS"}, NUMBERED)


def _bedrock(_asked: Asked) -> Told:
    answer = {"seeds": [1], "finish_reasons": [None], "images": [_base64(1024, 1024)]}
    return Told(200, answer, NUMBERED)


def _ideogram(asked: Asked) -> Told:
    if asked.method == "GET":
        width, height = _sized(asked.path.rpartition("/")[2].removesuffix(".png"))
        return Told(200, picture(width, height), {"Content-Type": "image/png"})
    size = asked.form.get("resolution") or asked.form["size"]
    one = {"url": f"http://{asked.headers['host']}/{size}.png", "is_image_safe": True}
    return Told(200, {"data": [one], "generation_id": "g1"})


AT_ONCE: Mapping[str, tuple[Callable[[str], dict[str, Any]], Callable[[Asked], Told]]] = {
    "gemini": (lambda url: {"gemini_api_key": KEY, "gemini_base_url": url}, _gemini),
    "stability": (lambda url: {"stability_api_key": KEY, "stability_base_url": url}, _stability),
    "ideogram": (lambda url: {"ideogram_api_key": KEY, "ideogram_base_url": url}, _ideogram),
    "azure-openai": (
        lambda url: {
            "azure_openai_api_key": KEY,
            "azure_openai_endpoint": url,
            "azure_openai_deployments": {"drawing": "gpt-image-2"},
        },
        _azure,
    ),
    "bedrock": (
        lambda url: {
            "aws_access_key_id": SecretStr("AKIAIOSFODNN7EXAMPLE"),
            "aws_secret_access_key": KEY,
            "bedrock_endpoint_url": url,
        },
        _bedrock,
    ),
}
SLOW: Mapping[str, tuple[type[SlowVendor], Callable[[str], dict[str, Any]]]] = {
    "bfl": (Bfl, lambda url: {"bfl_api_key": KEY, "bfl_base_url": url}),
    "firefly": (
        Firefly,
        lambda url: {
            "firefly_client_id": "client-1",
            "firefly_client_secret": KEY,
            "firefly_base_url": url,
            "firefly_ims_url": url,
        },
    ),
    "fal": (Fal, lambda url: {"fal_api_key": KEY, "fal_base_url": url}),
    "replicate": (Replicate, lambda url: {"replicate_api_key": KEY, "replicate_base_url": url}),
    "comfyui": (Comfy, lambda url: {"comfyui_base_url": url, "comfyui_nodes": NODES}),
}


@contextmanager
def drawing(name: str, folder: Path) -> Iterator[Drawer]:
    """Open one provider's wire.

    Args:
        name: In the registry.
        folder: Where files that it needs are put.

    """
    if name == "studio":
        yield Drawer({}, list)
    elif name == "import":
        yield Drawer({"imports_folder": _imports(folder)}, list)
    elif name == "openai":
        with Wire() as wire:
            settings = {"openai_api_key": KEY, "openai_base_url": wire.url}
            yield Drawer(settings, lambda: [call.asked for call in wire.calls])
    elif name in SLOW:
        kind, told = SLOW[name]
        with kind() as vendor:
            more = {"comfyui_workflow": _workflow(folder)} if name == "comfyui" else {}
            yield Drawer(
                {**told(vendor.url), **more},
                lambda: [one.json for one in vendor.at("submit")],
                heard=lambda: vendor.asked,
            )
    else:
        told, answer = AT_ONCE[name]
        with Loopback(answer) as server:
            yield Drawer(
                told(server.url),
                lambda: list(map(_body, server.asked)),
                lambda: [asked.path for asked in server.asked],
            )


def _body(asked: Asked) -> Any:
    if asked.method == "GET":
        return {}
    return asked.form if "multipart" in asked.headers["content-type"] else asked.json


def _workflow(folder: Path) -> Path:
    path = folder / "workflow.json"
    path.write_text(api_workflow(), encoding="utf-8")
    return path


def _imports(folder: Path) -> Path:
    """Bring two pictures, one of them as small as one may be."""
    path = folder / "imports"
    path.mkdir()
    rows = ["file,concept,origin,tool,made_by,licence,cost,currency"]
    for number, size in enumerate(((1024, 1024), (3000, 2000)), start=1):
        (path / f"{number}.png").write_bytes(picture(*size))
        rows.append(f"{number}.png,{number},photo,Camera,Ada Lovelace,Buyout,2.50,EUR")
    (path / "import.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
