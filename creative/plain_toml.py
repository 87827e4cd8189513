"""Reads TOML as our tables are written, in a quarter of the time, and all else with the library.

What is read here are ``[table]``, ``[[row]]`` and ``[row.table]`` of bare names, and in them lines
of ``name = value``, where a value is text without an escape, a whole or decimal number, a day, a
truth, a list or an inline table. Where a text holds more than that, or anything wrong, ``tomllib``
reads the whole of it. So nothing is read otherwise than ``tomllib`` does.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

_Table = dict[str, Any]
_NAME = "[A-Za-z0-9_-]+"
_SPACES = r"[ \n]*(?:#[^\n]*(?:\n[ \n]*|$))*"
"""With lines and remarks."""
_BEHIND = r" *(?:#[^\n]*)?(?:\n|$)"
_STATEMENT = re.compile(
    rf"{_SPACES}(?:\[\[(?P<row>{_NAME})\]\]{_BEHIND}"
    rf"|\[(?P<above>(?:{_NAME}\.)*)(?P<table>{_NAME})\]{_BEHIND}"
    rf"|(?P<name>{_NAME}) *= *(?:\"(?P<text>[^\"\\\n]*)\"{_BEHIND})?)"
)
_NAMED = re.compile(rf" *({_NAME}) *= *")
_VALUE = re.compile(
    r'''"""\n?(?P<long>(?:[^"\\]|\\\n)*)"""|"(?P<text>[^"\\\n]*)"|'''
    r"""'(?P<raw>[^'\n]*)'|(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"""
    r"|(?P<decimal>-?(?:0|[1-9][0-9]*)\.[0-9]+)|(?P<whole>-?(?:0|[1-9](?:_?[0-9]){0,17}))"
    r"|(?P<truth>true|false)|(?P<list>\[)|(?P<table>\{)"
)
_GAP = re.compile(_SPACES)
_END = re.compile(_BEHIND)


class _Odd(Exception):
    """The library must read this."""


def toml_values(text: str) -> dict[str, Any]:
    """Return the values of a text.

    Raises:
        tomllib.TOMLDecodeError: It is not TOML.

    """
    try:
        return _plain(text)
    except _Odd:
        import tomllib

        return tomllib.loads(text)


def _plain(text: str) -> dict[str, Any]:
    if not text.replace("\n", "").isprintable():
        raise _Odd
    values: _Table = {}
    lists: dict[str, list[_Table]] = {}
    headed: set[int] = set()
    table, at = values, 0
    while at < len(text):
        found = _STATEMENT.match(text, at)
        if found is None:
            return _ended(values, text, at)
        row, above, name, key, said = found.groups()
        at = found.end()
        if key is None:
            table = {}
            if name:
                _put(_above(values, lists, headed, above), name, table)
                headed.add(id(table))
            elif row in lists:
                lists[row].append(table)
            else:
                _put(values, row, lists.setdefault(row, [table]))
        elif said is None:
            value, at = _value(text, at)
            _put(table, key, value)
            at = _behind(_END, text, at)
        else:
            _put(table, key, said)
    return values


def _ended(values: dict[str, Any], text: str, at: int) -> dict[str, Any]:
    """Return the values where no more than remarks follow."""
    if _behind(_GAP, text, at) < len(text):
        raise _Odd
    return values


def _above(
    values: _Table, lists: Mapping[str, list[_Table]], headed: set[int], above: str
) -> _Table:
    """Return the table in which a table is: a row's, the newest one's.

    Args:
        values: All that was read.
        lists: The rows.
        headed: The ids of the tables that a line in brackets made; none stands below another kind.
        above: As it is written, ``row.name.``; nothing for a table of its own.

    """
    first, *inside = above.split(".")[:-1] or [""]
    if not first:
        return values
    if first not in lists:
        raise _Odd
    table = lists[first][-1]
    for name in inside:
        if name not in table:
            headed.add(id(table.setdefault(name, {})))
        table = table[name]
        if id(table) not in headed:
            raise _Odd
    return table


def _put(table: dict[str, Any], name: str, value: Any) -> None:
    if name in table:
        raise _Odd
    table[name] = value


def _value(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at a place, and the place behind it."""
    found = _VALUE.match(text, at)
    if found is None:
        raise _Odd
    kind = str(found.lastgroup)
    if kind == "list":
        return _list(text, found.end())
    if kind == "table":
        return _inline_table(text, found.end())
    return _MEANINGS[kind](found[kind]), found.end()


def _list(text: str, at: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    at = _behind(_GAP, text, at)
    while text[at : at + 1] != "]":
        value, at = _value(text, at)
        values.append(value)
        at = _behind(_GAP, text, at)
        if text[at : at + 1] == ",":
            at = _behind(_GAP, text, at + 1)
        elif text[at : at + 1] != "]":
            raise _Odd
    return values, at + 1


def _inline_table(text: str, at: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    more = True
    while more:
        found = _NAMED.match(text, at)
        if found is None:
            raise _Odd
        value, at = _value(text, found.end())
        _put(values, found[1], value)
        while text[at : at + 1] == " ":
            at += 1
        if text[at : at + 1] not in (",", "}"):
            raise _Odd
        more = text[at] == ","
        at += 1
    return values, at


def _day(said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError as error:
        raise _Odd from error


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Return the place behind what must stand here."""
    found = pattern.match(text, at)
    if found is None:
        raise _Odd
    return found.end()


_MEANINGS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "long": partial(re.compile(r"\\\n[ \n]*").sub, ""),
    "raw": str,
    "whole": int,
    "decimal": float,
    "day": _day,
    "truth": "true".__eq__,
}
