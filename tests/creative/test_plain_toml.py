"""The short reader of TOML: what it reads is what ``tomllib`` reads, and all else it leaves."""

import random
import tomllib
from pathlib import Path

import pytest

from creative import plain_toml
from creative.plain_toml import toml_values

ROOT = Path(__file__).parents[2]
QUOTED = (
    ROOT / "creative" / "data" / "placements.toml",
    ROOT / "creative" / "data" / "markets.toml",
    ROOT / "cost_tracking" / "data" / "prices.toml",
    ROOT / "cost_tracking" / "data" / "cost_types.toml",
    ROOT / "providers" / "data" / "models.toml",
)
SAMPLE = '''\
# A remark
version = 1
checked = 2026-11-21
on = true
share = -0.5

[groups]
a = ["x", 'y', 3]   # behind
b = [
  "one",  # two
]

[[price]]
id = "studio"
most = 30_000
rates = [
  { unit = "token", per = 1000000, amount = "5.00" },
]

[price.estimates.deep]
note = """
first \\
second"""

[[price]]
id = "b"
'''
ODD = {
    "name twice": "a = 1\na = 2",
    "table twice": "[a]\n[a]",
    "rows of a value": "a = []\n[[a]]",
    "a table below a value": "[[a]]\nb = { c = 1 }\n[a.b.d]",
    "a table below nothing": "[a.b]",
    "escape": 'a = "\\n"',
    "dotted name": "a.b = 1",
    "quoted name": '"a" = 1',
    "moment": "a = 2026-11-21T10:00:00",
    "no such day": "a = 2026-02-30",
    "leading zero": "a = 007",
    "exponent": "a = 1e3",
    "another base": "a = 0x1F",
    "words behind": "a = 1 b = 2",
    "tab": "a =\t1",
    "unclosed": "a = [1, 2",
    "raw lines": "a = '''b'''",
}
HEADS = ("[price]\n", "[[price]]\n", "[price.x]\n", "[groups]\n")
PIECES = (*"abz01 \n:#-,[]{}\"'=_.\\\t", '"""', *HEADS)


@pytest.mark.parametrize("path", QUOTED, ids=lambda path: path.name)
def test_the_tables_of_a_quote_are_read_by_it(path: Path) -> None:
    """Else each quote would wait for the library."""
    text = path.read_text("utf-8")

    assert repr(plain_toml._plain(text)) == repr(tomllib.loads(text))


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_is_odd_is_left_to_the_library(text: str) -> None:
    """It says what is wrong, and reads what is merely unusual."""
    with pytest.raises(plain_toml._Odd):
        plain_toml._plain(text)


def test_what_is_unusual_is_read_all_the_same() -> None:
    """An installation's own price file may be written in any way that TOML has."""
    assert toml_values("a.b = 0x1F") == {"a": {"b": 31}}
    with pytest.raises(tomllib.TOMLDecodeError):
        toml_values("a = 1\na = 2")


def test_what_it_reads_of_a_damaged_text_is_what_the_library_reads() -> None:
    """A price that is read otherwise than it is written costs somebody the difference."""
    drawn = random.Random(1)  # noqa: S311 - the same each time
    read = 0
    assert repr(plain_toml._plain(SAMPLE)) == repr(tomllib.loads(SAMPLE))
    for _ in range(2_000):
        lines = SAMPLE.splitlines(keepends=True)
        first = drawn.randrange(len(lines))
        text = "".join(lines[first : first + drawn.randint(1, 14)])
        for _ in range(drawn.randint(1, 2)):
            at = drawn.randint(0, len(text))
            text = text[:at] + drawn.choice(PIECES) + text[at + drawn.choice((0, 0, 1, 2)) :]
        try:
            data = plain_toml._plain(text)
        except plain_toml._Odd:
            continue
        read += 1
        assert repr(data) == repr(tomllib.loads(text)), text
    assert read > 100
