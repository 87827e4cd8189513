"""The short reader of YAML: what it reads is what the library reads, and all else it leaves."""

import random
from pathlib import Path

import pytest

from creative.plain_yaml import Odd, plain
from creative.problem import InvalidInput
from creative.yaml_file import parse_document
from creative.yaml_tree import read_tree

BRIEFS = Path(__file__).parents[2] / "briefs"
FILE = Path("brief.yaml")
SAMPLE = """\
# A remark: with a colon
schema: 1
name: tea  # behind
share: 0.25
on: 2026-10-30
quoted: "two: words # here"
words: 2025 agency rate card, lines 4 and 11
country: NO
list:
  - one
  - 'two'   # remark
  - a: 1
    b: {rate: "0.9", on: 2026-10-30, source: ECB 10.9, deep: [x, {y: z}]}
flow: [SE, NO, "a, b", 12, true, null, {}, []]
deep:
  er:
    est: http://x.example/a#b

last: false
"""
ODD = {
    "anchor": "a: &x 1",
    "alias": "a: *x",
    "tag": "a: !!str 1",
    "block text": "a: |\n  b",
    "text of two lines": "a: b\n  c",
    "text that goes on like a list": "a: b\n  - c",
    "escape": 'a: "b\\n"',
    "doubled quote": "a: 'b''c'",
    "name twice": "a: 1\na: 2",
    "name twice in a line": "a: {b: 1, b: 2}",
    "merge": "<<: {a: 1}",
    "quoted name": '"a": 1',
    "tab": "a:\t1",
    "line separator": "a: b\u2028c",
    "byte order mark": "\ufeffa: 1",
    "carriage return": "a: 1\r\n",
    "directive": "%YAML 1.1\n---\na: 1",
    "two documents": "a: 1\n---\nb: 2",
    "another base": "a: 0x1F",
    "grouped number": "a: 1_000",
    "exponent": "a: 1e3",
    "clock": "a: 12:30",
    "leading zero": "a: 007",
    "tilde": "a: ~",
    "nothing": "a:",
    "colon in words": "a: b: c",
    "colon in a line": "a: [b: c]",
    "words behind quotes": 'a: "b" c',
    "unclosed": "a: [b, c",
    "closed by the other": "a: [b}",
    "comma at the end": "a: [b,]",
    "two commas": "a: [b,, c]",
    "indented too far": "a: 1\n  b: 2",
    "between two columns": "a:\n    b: 1\n  c: 2",
    "list and names": "- a\nb: 1",
    "list on its name's column": "a:\n- b",
    "no names": "- a",
    "only words": "a",
    "empty": "",
    "deep": "a: " + "[" * 7 + "]" * 7,
}
PIECES = (
    *"abz019 \n:#-,[]{}&*!|>'\"%@`?=<~.+_\\\t",
    "\n  ",
    "  ",
    "- ",
    ": ",
    " #",
    "\n- ",
    "\u00a0",
)


def test_it_reads_our_briefs_as_the_library_does() -> None:
    """They are as people write them; else each quote would wait for the library."""
    paths = [*BRIEFS.rglob("*.yaml")]
    for path in paths:
        text = path.read_text("utf-8")
        assert repr(plain(text)) == repr(read_tree(text, path).data), path
    assert len(paths) > 40
    assert repr(plain(SAMPLE)) == repr(read_tree(SAMPLE, FILE).data)


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_it_leaves_what_is_odd(text: str) -> None:
    """It would have to be right about all of YAML, and say what is wrong as well as the library."""
    with pytest.raises(Odd):
        plain(text)


def test_what_it_reads_of_a_damaged_text_is_what_the_library_reads() -> None:
    """A brief that means something else than it says spends somebody's money on it."""
    drawn = random.Random(1)  # noqa: S311 - the same each time
    read = 0
    for _ in range(2_000):
        lines = SAMPLE.splitlines(keepends=True)
        first = drawn.randrange(len(lines))
        text = "".join(lines[first : first + drawn.randint(1, 9)])
        for _ in range(drawn.randint(1, 2)):
            at = drawn.randint(0, len(text))
            text = text[:at] + drawn.choice(PIECES) + text[at + drawn.choice((0, 0, 1, 2)) :]
        try:
            data = plain(text)
        except Odd:
            continue
        read += 1
        assert repr(data) == repr(read_tree(text, FILE).data), text
    assert read > 200


def test_a_fault_in_a_text_that_was_read_has_its_line() -> None:
    """The lines are looked for only where something is wrong, and are the library's."""
    document = parse_document(FILE, SAMPLE.encode())

    assert document.line(("list", 2, "b", "source")) == 13
    assert document.line(("deep", "er", "est")) == 17
    assert document.lines == read_tree(SAMPLE, FILE).lines


def test_what_both_cannot_read_is_a_fault() -> None:
    """Whoever wrote it is told what to mend, by the one reader that knows."""
    with pytest.raises(InvalidInput, match="yaml:2: a: &x is an anchor"):
        parse_document(FILE, b"b: 1\na: &x 1\n")
