"""A ComfyUI workflow as a form to be filled in: which input of which node takes what."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from providers.errors import NotConfigured
from providers.images.base import ImageCapabilities, ImageRequest

NAME = "comfyui"
MAX_BYTES = 4_000_000
"""A workflow with a thousand nodes has a tenth of this."""
NEEDED = ("prompt", "width", "height")
KNOWN = (*NEEDED, "seed", "output", "sketch", "reference_1")
_REFERENCE = re.compile(r"reference_([1-9][0-9]?)", re.ASCII)


@dataclass(frozen=True)
class Workflow:
    """A workflow, and where a request goes in it."""

    nodes: Mapping[str, Any]
    places: Mapping[str, tuple[str, str]]
    """By what goes in (``prompt``, ``width``, ``reference_1`` …): the node and its input."""
    output: str = field(default="")
    """The node whose picture is meant; empty where only one gives any."""

    def able(self, known: ImageCapabilities) -> ImageCapabilities:
        """Return what it can draw, of which the table of models knows no pictures to follow.

        A node that loads a picture loads the one that it was exported with where it is told none,
        so each of them must be told one.
        """
        follows = sum(what.startswith("reference_") for what in self.places)
        sketch = "sketch" in self.places
        more = {"max_references": follows, "needs_references": follows, "needs_sketch": sketch}
        return known.model_copy(update={**more, "redraws": "any size" if sketch else ""})

    def filled(self, request: ImageRequest, pictures: Sequence[str] = ()) -> dict[str, Any]:
        """Return the workflow with a request in it; the form itself stays as it is.

        Args:
            request: What goes in.
            pictures: What the server calls each of its references.

        """
        nodes: dict[str, Any] = deepcopy(dict(self.nodes))
        values = {
            "prompt": request.prompt,
            "width": request.width,
            "height": request.height,
            "seed": request.seed,
            **dict(self._loaded(request, pictures)),
        }
        for what, (node, name) in self.places.items():
            nodes[node]["inputs"][name] = values[what]
        return nodes

    def _loaded(self, request: ImageRequest, pictures: Sequence[str]) -> Iterator[tuple[str, str]]:
        number = 0
        for one, name in zip(request.references, pictures, strict=True):
            if one.sketch and "sketch" in self.places:
                yield "sketch", name
            else:
                number += 1
                yield f"reference_{number}", name


def read_workflow(path: Path | None, told: Mapping[str, str]) -> Workflow:
    """Read a workflow and hold the bindings against it.

    Args:
        path: Of the file that ComfyUI exports for its API.
        told: ``<node>.<input>`` by what goes into it; ``output`` names a node alone.

    Raises:
        NotConfigured: The file is none, or has no such node or input; it says which.

    """
    if path is None:
        raise _wrong("set KAMPANJ_COMFYUI_WORKFLOW to a workflow exported for the API")
    nodes = _nodes(path)
    slots = {name for name in told if _REFERENCE.fullmatch(name)}
    strange = sorted(set(told) - set(KNOWN) - slots)
    # In a row: what the first picture of a brief is, is the first here too.
    wanted = [f"reference_{number}" for number in range(1, len(slots) + 1)]
    missing = [name for name in (*NEEDED, *wanted) if name not in told]
    if strange or missing:
        wrong = f"knows no {', '.join(strange)}" if strange else f"lacks {', '.join(missing)}"
        raise _wrong(f"KAMPANJ_COMFYUI_NODES {wrong}; it takes {', '.join(KNOWN)} …")
    output = told.get("output", "")
    if output and output not in nodes:
        raise _wrong(f"{path.name}: no node {output!r} for output; it has {_some(nodes)}")
    places = {
        what: _place(path, nodes, what, where) for what, where in told.items() if what != "output"
    }
    return Workflow(nodes, places, output)


def _nodes(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _wrong(f"{path.name}: cannot be read: {error.strerror}; check the path") from None
    if len(raw) > MAX_BYTES:
        raise _wrong(f"{path.name}: is over {MAX_BYTES} bytes; a workflow is not")
    try:
        nodes = json.loads(raw)
    except (ValueError, RecursionError):
        raise _wrong(f"{path.name}: is no JSON; export the workflow again") from None
    if isinstance(nodes, dict) and "nodes" in nodes:
        raise _wrong(f"{path.name}: is a drawing of a workflow; use ComfyUI's Export (API)")
    if not isinstance(nodes, dict) or not nodes or not all(map(_is_node, nodes.values())):
        raise _wrong(f"{path.name}: is no workflow; use ComfyUI's Export (API)")
    return nodes


def _is_node(node: object) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), dict)
    )


def _place(path: Path, nodes: Mapping[str, Any], what: str, where: str) -> tuple[str, str]:
    node, _, name = where.partition(".")
    if node not in nodes:
        raise _wrong(f"{path.name}: no node {node!r} for {what}; it has {_some(nodes)}")
    inputs = nodes[node]["inputs"]
    if name not in inputs:
        raise _wrong(f"{path.name}: node {node} has no input {name!r}; it has {_some(inputs)}")
    # A list is a wire from another node; writing over it would cut that node off.
    if isinstance(inputs[name], list):
        raise _wrong(
            f"{path.name}: {where} is fed by node {inputs[name][:1]}; name that one for {what}"
        )
    return node, name


def _some(names: Mapping[str, Any]) -> str:
    shown = sorted(names)[:12]
    return ", ".join(shown) + (" …" if len(names) > len(shown) else "")


def _wrong(message: str) -> NotConfigured:
    return NotConfigured(NAME, message)
