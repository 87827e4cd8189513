"""Whether an answer has the shape that was asked for: the part of JSON Schema that we use.

Only some servers keep a strict schema; what comes back from the others is checked here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


_COUNTS = {"minItems", "maxItems"}


def closed(properties: Mapping[str, object]) -> dict[str, Any]:
    """Return the schema of an object with exactly these properties, as strict mode asks."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def misfits(value: object, schema: Mapping[str, Any], where: str = "answer") -> Iterator[str]:
    """Say where a value is not of the shape: types, properties, lengths of lists, enums.

    >>> list(misfits({"lines": ["a", 1]}, closed({"lines": {
    ...     "type": "array", "items": {"type": "string"}}})))
    ['answer.lines[1] is not of type string']
    """
    kind = schema.get("type", "object")
    # In Python a bool is an int; in JSON it is not.
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        yield f"{where} is not of type {kind}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where} is none of {schema['enum']}"
    elif isinstance(value, dict):
        properties = schema.get("properties", {})
        yield from (
            f"{where} lacks {key}" for key in schema.get("required", ()) if key not in value
        )
        if schema.get("additionalProperties") is False:
            yield from (
                f"{where} has {str(key)[:40]!r} too" for key in value if key not in properties
            )
        for key, inner in properties.items():
            if key in value:
                yield from misfits(value[key], inner, f"{where}.{key}")
    elif isinstance(value, list):
        least, most = schema.get("minItems", 0), schema.get("maxItems", 10_000)
        if not least <= len(value) <= most:
            yield f"{where} has {len(value)} items, not {least} to {most}"
        for number, item in enumerate(value):
            yield from misfits(item, schema.get("items", {"type": "object"}), f"{where}[{number}]")


def read(text: str, schema: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Read a written answer: its data, and what is wrong with it.

    >>> read('{"a": 1}', closed({"a": {"type": "integer"}}))
    ({'a': 1}, [])
    >>> read("Gladly!", closed({}))
    ({}, ['answer is not of type object'])
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    return (data if isinstance(data, dict) else {}), list(misfits(data, schema))


def without_counts(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without the lengths of its lists, for servers that refuse them.

    What comes back is compared with the whole one.

    >>> without_counts({"type": "array", "items": {"type": "array", "minItems": 2}, "maxItems": 3})
    {'type': 'array', 'items': {'type': 'array'}}
    """
    return {key: _without_counts(value) for key, value in schema.items() if key not in _COUNTS}


def _without_counts(value: object) -> object:
    return without_counts(value) if isinstance(value, Mapping) else value
