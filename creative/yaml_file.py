"""Reads what people write: YAML 1.2 or JSON into a model, every fault with its line.

The YAML tree is composed but not constructed by the library, for three reasons: each value keeps
its line, duplicate keys and aliases are refused rather than resolved (a 430-byte file can hold
387 million aliases), and ``NO`` stays a country.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from creative.problem import Address, InvalidInput, Problem

MAX_BYTES = 256_000
MAX_DEPTH = 12
_TOO_DEEP = (f"it is nested deeper than {MAX_DEPTH} levels", "A brief needs no more than five")
_CORE = "tag:yaml.org,2002:"
_TRUE = {"true": True, "false": False}

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One file as plain values, with the line that each of them stands on."""

    path: Path
    sha256: str
    """Of the file's bytes."""
    data: Any
    lines: dict[Place, int] = field(default_factory=dict)
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
        node = _composed(content.decode())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(file, line, "", "it is not UTF-8", "Save it as UTF-8")
        raise InvalidInput([problem]) from error
    except ReaderError as error:
        message = f"it holds the character U+{error.character:04X}, which is not text"
        problem = Problem(file, 0, "", message, "Remove the character")
        raise InvalidInput([problem]) from error
    except MarkedYAMLError as error:
        raise InvalidInput([_syntax(file, error)]) from error
    except RecursionError as error:
        raise InvalidInput([Problem(file, 0, "", *_TOO_DEEP)]) from error
    except YAMLError as error:
        problem = Problem(file, 0, "", f"it is not YAML: {error}", "Mend the syntax")
        raise InvalidInput([problem]) from error
    reading = _Reading(file)
    data = reading.value(node, ()) if node else None
    if reading.problems:
        raise InvalidInput(reading.problems)
    return Document(path, sha256(content).hexdigest(), data, reading.lines, at)


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


def spelled(place: Place) -> str:
    """Write a place as people do.

    >>> spelled(("claims", 0, "expires"))
    'claims[0].expires'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).removeprefix(".")


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


def _composed(text: str) -> Node | None:
    """Return the tree of a YAML text.

    The parser in C is four times as quick, but its tree has forgotten the anchors, its faults are
    worded for nobody, and a deep enough file overflows its stack. So it is given what is plain.
    """
    tree: Node | None = YAML(typ="safe", pure=not _is_plain(text)).compose(text)
    return tree


def _is_plain(text: str) -> bool:
    """Say whether a text is YAML without an anchor or an alias, and not too deep."""
    depth = 0
    try:
        for event in YAML(typ="safe").parse(text):
            if isinstance(event, NodeEvent) and event.anchor is not None:
                return False
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                return False
    except YAMLError:
        return False
    return True


def _syntax(path: Path | Address, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 0
    said = (error.problem or error.context or "it is not YAML").strip()
    return Problem(path, line, "", f"it is not YAML here: {said}", "Mend the syntax of this line")


class _Reading:
    """Turns nodes into values, and keeps the line and the faults of each."""

    def __init__(self, path: Path | Address) -> None:
        self.path = path
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: Node, place: Place) -> Any:
        # An alias gives the node of its anchor a second time; it is not walked again, so that
        # a few hundred bytes cannot grow into millions of values.
        if node.anchor:
            self._refuse(node, place, f"&{node.anchor} is an anchor", "Write the value out")
            return None
        if len(place) > MAX_DEPTH:
            self._refuse(node, place, *_TOO_DEEP)
            return None
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.value(one, (*place, index)) for index, one in enumerate(node.value)]
        return self._scalar(cast("ScalarNode", node), place)

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._refuse(key_node, place, "a field's name is not a word", "Name it by a word")
                continue
            key = str(key_node.value)
            if key in values:
                first = self.lines[(*place, key)]
                message = f"{key!r} is already given on line {first}"
                self._refuse(key_node, (*place, key), message, "Keep one of the two")
                continue
            values[key] = self.value(value_node, (*place, key))
            self.lines[(*place, key)] = key_node.start_mark.line + 1
        return values

    def _scalar(self, node: ScalarNode, place: Place) -> Any:
        kind = str(node.tag).removeprefix(_CORE)
        text = str(node.value)
        match kind:
            case "str" | "timestamp":
                return text
            case "null":
                return None
            case "bool" if text.lower() in _TRUE:
                return _TRUE[text.lower()]
            case "int":
                return self._number(node, place, text.replace("_", ""))
            case "float":
                # Kept as a float so that money written without quotes can be told from text.
                return self._number(node, place, text)
        self._refuse(node, place, f"the tag {node.tag} is not allowed", "Write the plain value")
        return None

    def _number(self, node: ScalarNode, place: Place, text: str) -> float | int | None:
        try:
            return int(text, 0) if str(node.tag).endswith("int") else float(text)
        except ValueError:
            if text.lstrip("+-").isdecimal() and len(text) <= 18:
                return int(text)
        self._refuse(node, place, f"{text[:40]!r} is not a number we take", "Put text in quotes")
        return None

    def _refuse(self, node: Node, place: Place, message: str, mend: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self.path, line, spelled(place), message, mend))


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
