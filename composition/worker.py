"""A process of its own that composes orders: one JSON line in, one JSON line out.

It is started as a fresh interpreter and not forked: a fork of a parent with threads can hang, and
multiprocessing would import the parent's main module, Prefect and all, into every worker.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import TextIO

from pydantic import BaseModel

from composition import errors
from composition.composer import Composer
from composition.order import Composed, Look, Order
from composition.provenance import composed_of


class Task(BaseModel):
    """What a worker is sent after its look: an order, its recipe and where the file goes."""

    order: Order
    recipe: str
    out: Path


class Failure(BaseModel):
    """What a worker sends back instead of a rendition."""

    error: str
    """The name of a class in ``composition.errors``."""
    message: str


def finish(composer: Composer, task: Task) -> Composed:
    """Compose one order and put its file down under its sha256.

    Raises:
        CompositionError: It cannot be made; the message begins with the order's name.

    """
    order = task.order
    try:
        made = composer.compose(order)
    except errors.CompositionError as error:
        raise type(error)(f"{order.name}: {error}") from error
    content = made.encoded.content
    sha256 = hashlib.sha256(content).hexdigest()
    path = task.out / f"{sha256}.{made.encoded.format}"
    part = task.out / f".{sha256}.{os.getpid()}.part"
    part.write_bytes(content)
    part.replace(path)
    return Composed(
        name=order.name,
        content_path=path,
        sha256=sha256,
        width=order.placement.width,
        height=order.placement.height,
        format=made.encoded.format,
        bytes=len(content),
        source_type=composed_of(order.source_type),
        findings=made.findings,
        recipe=task.recipe,
    )


def serve(lines: TextIO, answers: TextIO) -> None:
    """Answer one line for every line, after a first one with the look."""
    composer: Composer | None = None
    for line in lines:
        answer: BaseModel
        try:
            if composer is None:
                composer = Composer(Look.model_validate_json(line))
                continue
            answer = finish(composer, Task.model_validate_json(line))
        except errors.CompositionError as error:
            answer = Failure(error=type(error).__name__, message=str(error))
        answers.write(answer.model_dump_json() + "\n")
        answers.flush()


def main() -> None:
    """Serve over standard input and output."""
    # A library that prints would break the protocol: what it prints goes to the error stream.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)
        serve(sys.stdin, answers)
