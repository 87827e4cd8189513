"""A brief as the text of a file, as people write it: what a form becomes."""

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

HEAD = "# Asked for in the form of Prefect's pages. From here on it is a brief like any other.\n"
WIDTH = 100


def brief_text(brief: Mapping[str, Any]) -> bytes:
    """Return a brief's file. The same brief gives the same bytes.

    >>> print(brief_text({"markets": ["NO"], "amount": "12.50"}).decode().split(chr(10), 1)[1])
    markets: [NO]
    amount: '12.50'
    <BLANKLINE>
    """
    out = io.StringIO()
    writer = YAML()
    writer.width = WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(_laid_out(brief), out)
    return (HEAD + out.getvalue()).encode()


def _laid_out(value: Any) -> Any:
    if isinstance(value, Mapping):
        return CommentedMap((name, _laid_out(one)) for name, one in value.items())
    if isinstance(value, list):
        laid_out = CommentedSeq(_laid_out(one) for one in value)
        words = all(isinstance(one, str) for one in value)
        if words and sum(len(one) + 2 for one in value) < WIDTH - 20:
            laid_out.fa.set_flow_style()
        return laid_out
    if isinstance(value, str) and not value.isprintable():
        # A writer that folds lines takes U+2028 for one of its own; escaped, it is a letter.
        return DoubleQuotedScalarString(value)
    return value
