"""Reads YAML 1.2 with the library: values with their lines, and every fault of the syntax.

The tree is composed but not constructed by the library, for three reasons: each value keeps its
line, duplicate keys and aliases are refused rather than resolved (a 430-byte file can hold 387
million aliases), and ``NO`` stays a country.
"""

from pathlib import Path
from typing import Any, NamedTuple, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from creative.problem import Address, InvalidInput, Place, Problem, spelled

MAX_DEPTH = 12
_TOO_DEEP = (f"it is nested deeper than {MAX_DEPTH} levels", "A brief needs no more than five")
_CORE = "tag:yaml.org,2002:"
_TRUE = {"true": True, "false": False}


class Tree(NamedTuple):
    """The plain values of a text, and the line of each."""

    data: Any
    lines: dict[Place, int]


def read_tree(text: str, file: Path | Address) -> Tree:
    """Read a text.

    Args:
        text: Of a file.
        file: Its name, for the faults.

    Raises:
        InvalidInput: It is too deep, is not YAML 1.2, or holds an alias, a tag or a key twice.

    """
    try:
        node = _composed(text)
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
    return Tree(data, reading.lines)


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
