"""The habits that all our values share: frozen, closed to unknown fields, hashed canonically."""

import hashlib
import json

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value that refuses fields it does not know.

    Where one is a field's default, it is made by ``model_construct``: there is nothing to validate,
    and its validator would be built by everyone who imports the module.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True
    )


def canonical(value: object) -> bytes:
    """Return the one JSON form of a value: sorted keys, no spaces, UTF-8.

    Raises:
        TypeError: The value is not made of JSON types.
        ValueError: It holds NaN or an infinity.

    >>> canonical({"b": 1, "a": "ä"}).decode()
    '{"a":"ä","b":1}'
    """
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def fingerprint(value: object) -> str:
    """Return the sha256 of the canonical JSON of a value, as 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()
