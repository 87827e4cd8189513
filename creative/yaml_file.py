"""Reads what people write: YAML 1.2 or JSON into a model, every fault with its line.

A sound file is read by ``plain_yaml`` where it can be, since the library for YAML takes longer to
be imported than that. Where a file is unusual, or something is wrong with it, the library reads it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from creative.plain_yaml import Odd, plain
from creative.problem import Address, InvalidInput, Place, Problem, spelled

MAX_BYTES = 256_000

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """One file as plain values, with the line that each of them stands on."""

    path: Path
    sha256: str
    """Of the file's bytes."""
    data: Any
    lines: Mapping[Place, int] = field(default_factory=dict)
    at: Address | None = None
    """Where it is, if it lies on no disk of ours; then the path is its name alone."""

    def line(self, place: Place) -> int:
        """Return the line of a place, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def problem(self, place: Place, message: str, mend: str) -> Problem:
        """Return a problem at a place of this file."""
        return Problem(self.at or self.path, self.line(place), spelled(place), message, mend)


class _LinesOf(Mapping[Place, int]):
    """The lines of a text, which are looked for where something is wrong with it."""

    def __init__(self, text: str, file: Path | Address) -> None:
        self._text, self._file = text, file

    @cached_property
    def _found(self) -> Mapping[Place, int]:
        from creative.yaml_tree import read_tree

        return read_tree(self._text, self._file).lines

    def __getitem__(self, place: Place) -> int:
        return self._found[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Read a file into a model.

    Raises:
        InvalidInput: It cannot be read, or does not fit; every fault is in it.

    """
    document = read_document(path)
    value, problems = fit(document, model)
    if value is None:
        raise InvalidInput(problems)
    return value


def read_document(path: Path) -> Document:
    """Read a file into plain values.

    Raises:
        InvalidInput: It is missing, too large or too deep, is not UTF-8, is not YAML 1.2, or
            holds an alias, a tag or a key twice.

    """
    return parse_document(path, _content(path))


def parse_document(path: Path, content: bytes, at: Address | None = None) -> Document:
    """Read bytes into plain values; it raises what ``read_document`` does.

    Args:
        path: Of the file.
        content: Its bytes.
        at: Where it is, if it lies on no disk of ours; then the path is its name alone.

    """
    file = at or path
    if len(content) > MAX_BYTES:
        message = f"it is larger than {MAX_BYTES:,} bytes"
        raise InvalidInput([Problem(file, 0, "", message, "Keep pictures and data in other files")])
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(file, line, "", "it is not UTF-8", "Save it as UTF-8")
        raise InvalidInput([problem]) from error
    digest = sha256(content).hexdigest()
    try:
        return Document(path, digest, plain(text), _LinesOf(text, file), at)
    except Odd:
        from creative.yaml_tree import read_tree

        tree = read_tree(text, file)
        return Document(path, digest, tree.data, tree.lines, at)


def fit(document: Document, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """Fit a document to a model: the value, or None and every fault."""
    if not isinstance(document.data, dict):
        message = "it holds no fields" if document.data is None else "it is not a list of fields"
        return None, [document.problem((), message, "Write one field a line, as `name: value`")]
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, [_ours(document, model, detail) for detail in details]


def nearest(word: object, known: list[str] | tuple[str, ...]) -> str:
    """Return ``Did you mean …?`` where a known word is near, else what is known.

    >>> nearest("meta_fed_1x1", ["meta_feed_1x1", "dooh_portrait"])
    'Did you mean meta_feed_1x1?'
    """
    close = get_close_matches(str(word).lower(), [one.lower() for one in known], n=1, cutoff=0.6)
    if close:
        return f"Did you mean {next(one for one in known if one.lower() == close[0])}?"
    shown = ", ".join(sorted(known)[:24])
    more = f" and {len(known) - 24} more" if len(known) > 24 else ""
    return f"Use one of: {shown}{more}"


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        problem = Problem(path, 0, "", f"it cannot be read: {reason}", "Check the path")
        raise InvalidInput([problem]) from error
    return content


def _ours(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Problem:
    """Say in our words what pydantic found."""
    place = tuple(detail["loc"])
    here = _at(document.data, place)
    match detail["type"]:
        case "missing":
            return document.problem(place, "it is missing", "Add it")
        case "extra_forbidden":
            known = tuple(_fields(model, place[:-1]))
            return document.problem(place, "there is no such field", nearest(place[-1], known))
        case "literal_error":
            expected = detail.get("ctx", {}).get("expected", "")
            known = tuple(one.strip(" '") for one in expected.replace(" or ", ",").split(","))
            return document.problem(place, f"{here!r} is not known here", nearest(here, known))
        case "value_error":
            said = detail["msg"].removeprefix("Value error, ")
            return document.problem(place, said, "Correct it")
    said = detail["msg"][0].lower() + detail["msg"][1:]
    shown = f"{here!r:.60}: " if isinstance(here, str | int | float | bool) else ""
    return document.problem(place, f"{shown}{said}", "Correct it")


def _at(data: Any, place: Place) -> Any:
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def _fields(model: Any, place: Place) -> Iterator[str]:
    """Return the names that the model knows at a place, as a brief writes them."""
    for part in place:
        model = _inside(model, part)
    for inner in _models(model):
        for name, info in inner.model_fields.items():
            yield info.alias or name


def _inside(annotation: Any, part: str | int) -> Any:
    for model in _models(annotation):
        for name, info in model.model_fields.items():
            if part in (name, info.alias):
                return info.annotation
    arguments = [one for one in get_args(annotation) if one is not Ellipsis]
    return arguments[-1] if arguments else annotation


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType):
        return [model for one in get_args(annotation) for model in _models(one)]
    return []
