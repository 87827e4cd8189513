"""Reads what people write in TOML as ``yaml_file`` reads YAML: every fault with its line."""

import re
import tomllib
from hashlib import sha256
from pathlib import Path

from creative.problem import InvalidInput, Place, Problem
from creative.yaml_file import MAX_BYTES, Document

_TABLE = re.compile(r"\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"\s*(\"[^\"]+\"|'[^']+'|[A-Za-z0-9_.-]+)\s*=")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


def read_toml(path: Path) -> Document:
    """Read a file into plain values.

    Raises:
        InvalidInput: It is missing, too large, is not UTF-8 or is not TOML.

    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        said = f"it cannot be read: {(error.strerror or str(error)).lower()}"
        raise InvalidInput([Problem(path, 0, "", said, "Check the path")]) from error
    if len(content) > MAX_BYTES:
        said = f"it is larger than {MAX_BYTES:,} bytes"
        raise InvalidInput([Problem(path, 0, "", said, "Keep data in other files")])
    try:
        text = content.decode()
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InvalidInput([Problem(path, line, "", "it is not UTF-8", "Save it so")]) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        said = str(error)
        found = _AT_LINE.search(said)
        line = int(found[1]) if found and found[1] else 0
        said = f"it is not TOML: {_AT_LINE.sub('', said).strip() or 'nested too deeply'}"
        raise InvalidInput([Problem(path, line, "", said, "Mend the syntax")]) from error
    return Document(path, sha256(content).hexdigest(), data, _lines(text))


def _lines(text: str) -> dict[Place, int]:
    """Return the line of each key that stands first on its own; good enough to point at."""
    table: Place = ()
    lines: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            table = tuple(_bare(part) for part in found[1].split("."))
            lines.setdefault(table, number)
        elif found := _KEY.match(line):
            parts = [found[1]] if found[1][0] in "\"'" else found[1].split(".")
            lines.setdefault((*table, *map(_bare, parts)), number)
    return lines


def _bare(part: str) -> str:
    return part.strip().strip("\"'")
