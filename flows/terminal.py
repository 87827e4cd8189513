"""What the commands of the command line share: their options, their desk, and how they print."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from flows.exits import WrongInput

if TYPE_CHECKING:
    from flows.desk import Desk
    from flows.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@contextmanager
def opened_desk() -> Iterator["Desk"]:
    """Open the desk of the environment's settings, and close it at the end."""
    from flows.desk import open_desk

    with open_desk(settings()) as desk:
        yield desk


def settings() -> "Settings":
    """Return what the environment says."""
    from flows.settings import read_settings

    return read_settings()


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


@contextmanager
def typed(what: str) -> Iterator[None]:
    """Turn a value that a person typed and we do not take into an error that says so."""
    try:
        yield
    except ValidationError as error:
        said = "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
        raise WrongInput(f"{what}: {said}") from error
    except ValueError as error:
        raise WrongInput(f"{what}: {error}") from error


def print_json(value: object) -> None:
    """Print the one object of ``--json``."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def say(text: str) -> None:
    """Print a line for people, without colours where they asked for none or look at a file."""
    typer.echo(text, color=False if os.environ.get("NO_COLOR") else None)


def one_line(value: object) -> str:
    """Return a value in one line, without a letter that could steer a terminal."""
    return "" if value is None else "".join(one if one.isprintable() else " " for one in str(value))
