"""Entries as the rows that will hold them, and how a month's thousands of alike ones become such.

A row of media spend differs from that of another day in its key, day, document and amounts. To
validate the rest of it, and write it down to be hashed, a hundred thousand times takes longer than
all else that an import does; so it is done once, and what it comes to is the same to the letter.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, NamedTuple

from cost_tracking.entries import Posting, Transaction
from cost_tracking.usage import UsageLine
from creative.value import canonical

HEAD = (
    "idem_key",
    "payload_sha256",
    "kind",
    "effective_on",
    "source",
    "source_doc",
    "actor",
    "run",
    "status",
)
"""The columns of ``txn`` that an entry alone decides."""
_AS_THEY_ARE = tuple(
    name for name in Posting.model_fields if name not in {"amount", "base", "waste", "rework"}
)
LINE = (
    *_AS_THEY_ARE,
    "waste",
    "rework",
    "amount_micros",
    "currency",
    "base_micros",
    "base_currency",
)
"""The columns of ``posting`` that a line alone decides."""
USAGE = (
    "line_no",
    "meter",
    "quantity",
    "unit",
    "unit_price",
    "price_id",
    "exact_amount",
    "currency",
    "request_id",
    "billed_amount",
)
"""The columns of ``usage`` that a line of usage alone decides."""
Cells = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """An entry, and the cells that it alone decides."""

    key: str
    sha256: str
    effective_on: date
    reverses: str | None
    supersedes: str | None
    head: Cells
    """Of ``HEAD``."""
    lines: Sequence[Cells]
    """Of ``LINE`` each, in the order of its postings."""
    usage: Sequence[Cells] = ()
    """Of ``USAGE`` each."""


def ready(one: Transaction) -> Ready:
    """Return an entry as its rows."""
    fingerprint = one.sha256
    return Ready(
        key=one.key,
        sha256=fingerprint,
        effective_on=one.effective_on,
        reverses=one.reverses,
        supersedes=one.supersedes,
        head=(
            one.key,
            fingerprint,
            one.kind,
            one.effective_on.isoformat(),
            one.source,
            one.source_doc,
            one.actor,
            one.run,
            one.status,
        ),
        lines=tuple(map(_line, one.postings)),
        usage=tuple(map(_usage, one.usage)),
    )


_as_they_are = attrgetter(*_AS_THEY_ARE)


def _line(posting: Posting) -> Cells:
    amount, base = posting.amount, posting.base
    return (
        *_as_they_are(posting),
        int(posting.waste),
        int(posting.rework),
        amount.micros,
        amount.currency,
        None if base is None else base.micros,
        None if base is None else base.currency,
    )


def _usage(line: UsageLine) -> Cells:
    said = line.model_dump(mode="json")
    return (
        said["line"],
        *(said[name] for name in ("meter", "quantity", "unit", "unit_price")),
        *(said[name] for name in ("price", "exact", "currency", "request", "billed")),
    )


class Amount(NamedTuple):
    """What one line of an entry is of, in micros."""

    micros: int
    base: int | None = None
    """The same in the currency of the books."""
    fx_rate: str | None = None


def amounts_of(entry: Transaction) -> tuple[Amount, ...]:
    """Return the amounts of an entry, in the order of its lines."""
    return tuple(
        Amount(one.amount.micros, one.base.micros if one.base else None, one.fx_rate)
        for one in entry.postings
    )


class Pattern:
    """Entries that are like a first one but for key, day, document and amounts.

    Args:
        entry: The first, of an actual cost without usage, that takes nothing back.

    """

    def __init__(self, entry: Transaction) -> None:
        if entry.usage or entry.reverses or entry.supersedes:
            raise ValueError(f"{entry.key} has usage, or corrects another: none can be like it")
        first = ready(entry)
        self._head = list(first.head)
        self._lines = [list(one) for one in first.lines]
        self._kinds = [
            (one.amount.currency, one.base.currency if one.base else "", one.fx_rate is not None)
            for one in entry.postings
        ]
        self._text, self._places = _cut(entry)
        if self.entry(entry.key, entry.effective_on, entry.source_doc, amounts_of(entry)) != first:
            raise AssertionError(f"the pattern of {entry.key} makes another entry than it is")

    def entry(self, key: str, on: date, document: str, amounts: Sequence[Amount]) -> Ready:
        """Return one more.

        Raises:
            ValueError: It does not balance, has a line of nothing, or is told in the books'
                currency otherwise than the first.

        """
        self._check(key, amounts)
        day = on.isoformat()
        fingerprint = self._sha256(key, day, document, amounts)
        head = self._head.copy()
        head[_KEY], head[_SHA256], head[_DAY], head[_DOCUMENT] = key, fingerprint, day, document
        lines = []
        for line, one in zip(self._lines, amounts, strict=True):
            cells = line.copy()
            cells[_AMOUNT], cells[_BASE], cells[_RATE] = one
            lines.append(tuple(cells))
        return Ready(key, fingerprint, on, None, None, tuple(head), tuple(lines))

    def _check(self, key: str, amounts: Sequence[Amount]) -> None:
        """As ``Transaction`` and ``Posting`` check it, of what alone can be wrong here."""
        if not key or len(amounts) != len(self._kinds):
            raise ValueError(f"{key or 'an entry without a key'} is not like its pattern")
        sums: dict[str, int] = {}
        bases = 0
        for (micros, base, rate), (currency, books, rated) in zip(
            amounts, self._kinds, strict=True
        ):
            if (base is not None) != bool(books) or (rate is not None) != rated:
                raise ValueError(f"{key} is told in the books' currency otherwise than its pattern")
            if not micros or (base and (base < 0) != (micros < 0)):
                raise ValueError(f"{key} has a line of nothing, or a base of the other sign")
            sums[currency] = sums.get(currency, 0) + micros
            bases += base or 0
        if any(sums.values()) or bases:
            raise ValueError(f"{key} does not balance")

    def _sha256(self, key: str, day: str, document: str, amounts: Sequence[Amount]) -> str:
        told = [encode_basestring(key), f'"{day}"', encode_basestring(document)]
        for one in amounts:
            told += (str(one.micros), str(one.base), encode_basestring(one.fx_rate or ""))
        text = self._text.copy()
        for place, number in self._places:
            text[place] = told[number]
        return sha256("".join(text).encode()).hexdigest()


def _cut(entry: Transaction) -> tuple[list[str], list[tuple[int, int]]]:
    """Cut the canonical text of an entry where others of its pattern say something else.

    Returns:
        Its pieces, and the places among them of what differs, each with its number in the order of
        ``Pattern._sha256``.

    """
    said: dict[str, Any] = entry.said()
    names = ["key", "effective_on", "source_doc"]
    for name in names:
        said[name] = f"{_MARK}{names.index(name)}"
    for place, line in enumerate(said["postings"]):
        first = len(names) + 3 * place
        line["amount"] = {**line["amount"], "micros": f"{_MARK}{first}"}
        if "base" in line:
            line["base"] = {**line["base"], "micros": f"{_MARK}{first + 1}"}
        if "fx_rate" in line:
            line["fx_rate"] = f"{_MARK}{first + 2}"
    pieces = _MARKED.split(canonical(said).decode())
    return pieces, [(place, int(pieces[place])) for place in range(1, len(pieces), 2)]


_KEY, _SHA256, _DAY, _DOCUMENT = map(
    HEAD.index, ("idem_key", "payload_sha256", "effective_on", "source_doc")
)
_AMOUNT, _BASE, _RATE = map(LINE.index, ("amount_micros", "base_micros", "fx_rate"))
_MARK = "\0"
_MARKED = re.compile(r'"\\u0000([0-9]+)"')
