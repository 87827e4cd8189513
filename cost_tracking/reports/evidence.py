"""What stands behind every figure of a page: the lines of the ledger that sum to it.

A figure is made here from its lines, so it cannot say anything that they do not. Lines that agree
in all that most figures ask of them are kept together as a bundle: a figure then names bundles
instead of every line, and a page of a year stays small. Following a figure leads to its bundles,
and following a bundle to its lines with their documents.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cost_tracking.money import Money
from cost_tracking.reports.cost_lines import CostLine


class Figure(NamedTuple):
    """One amount of a page, and the name under which its evidence is found."""

    id: str
    """The anchor; empty for an amount that no line belongs to."""
    money: Money


class Bundle(NamedTuple):
    """Lines of one campaign and month that are alike."""

    id: str
    campaign: str
    month: str
    cost_type: str
    provider: str
    market: str
    channel: str
    lines: tuple[int, ...]
    micros: int


class Piece(NamedTuple):
    """A part of a figure: a whole bundle, as much of one line as counts, or a share of a pool."""

    bundle: Bundle | None
    line: CostLine | None
    pool: "Pool | None"
    micros: int


class Pool(NamedTuple):
    """Lines that several have in common, of which a figure may hold a share."""

    figure: Figure
    title: str


class Claim(NamedTuple):
    """A figure that is no sum of lines but worked out of such sums: a quotient, a difference."""

    id: str
    title: str
    text: str
    """As it is told."""
    sum: str
    """How it was worked out, in words."""
    terms: tuple[tuple[str, Figure], ...]
    """The sums that it was worked out of, named."""
    records: tuple[str, ...] = ()
    """What was journalled beside the ledger and is behind it, in words."""


class Proof(NamedTuple):
    """A figure with all its parts, which sum to it."""

    id: str
    group: str
    """The cut that it belongs to, such as ``market``."""
    title: str
    micros: int
    pieces: tuple[Piece, ...]


_Shares = Sequence[tuple[Pool, int]]


class Evidence:
    """Makes figures from lines, and keeps what they were made from.

    Args:
        lines: All that figures are made of; figures name them by their index.
        currency: Of every figure.

    """

    def __init__(self, lines: Sequence[CostLine], currency: str) -> None:
        self.lines = lines
        self.currency = currency
        self.claims: list[Claim] = []
        self._figures: list[tuple[str, str, str, Mapping[int, int], _Shares]] = []
        self._counts: dict[str, int] = {}
        alike: dict[tuple[str, ...], list[int]] = {}
        for index, one in enumerate(lines):
            alike.setdefault(_alike(one), []).append(index)
        self.bundles = tuple(
            _bundle(f"b{place}", lines, members)
            for place, (_, members) in enumerate(sorted(alike.items()), start=1)
        )
        self._home = {index: one for one in self.bundles for index in one.lines}

    def figure(self, group: str, title: str, lines: Iterable[int]) -> Figure:
        """Return the sum of whole lines, and remember them."""
        return self.shared(group, title, {index: self.lines[index].micros for index in lines})

    def shared(
        self, group: str, title: str, parts: Mapping[int, int], shares: _Shares = ()
    ) -> Figure:
        """Return the sum of parts of lines and of shares of pools, and remember them.

        Args:
            group: The cut that the figure belongs to; a short name of letters.
            title: What the figure says, for who follows it.
            parts: For the index of each line, how many of its micros count.
            shares: Pools with the micros of each that count.

        """
        micros = sum(parts.values()) + sum(share for _, share in shares)
        money = Money(micros=micros, currency=self.currency)
        if not parts and not shares:
            return Figure("", money)
        anchor = self._anchor(group)
        self._figures.append((anchor, group, title, parts, shares))
        return Figure(anchor, money)

    def claim(
        self,
        title: str,
        text: str,
        sum_: str,
        terms: Sequence[tuple[str, Figure]],
        records: Sequence[str] = (),
    ) -> Claim:
        """Return a figure that was worked out of sums or journalled, and remember what of."""
        claim = Claim(self._anchor("claim"), title, text, sum_, tuple(terms), tuple(records))
        self.claims.append(claim)
        return claim

    def _anchor(self, group: str) -> str:
        self._counts[group] = self._counts.get(group, 0) + 1
        return f"{group}-{self._counts[group]}"

    def proofs(self) -> list[Proof]:
        """Return every figure that was made, with its parts."""
        return [
            Proof(
                anchor,
                group,
                title,
                sum(parts.values()) + sum(share for _, share in shares),
                (
                    *self._pieces(parts),
                    *(Piece(None, None, pool, share) for pool, share in shares),
                ),
            )
            for anchor, group, title, parts, shares in self._figures
        ]

    def _pieces(self, parts: Mapping[int, int]) -> Iterable[Piece]:
        seen: dict[str, list[int]] = {}
        for index in parts:
            seen.setdefault(self._home[index].id, []).append(index)
        for members in seen.values():
            bundle = self._home[members[0]]
            whole = len(members) == len(bundle.lines) and all(
                parts[index] == self.lines[index].micros for index in members
            )
            if whole and len(members) > 1:
                yield Piece(bundle, None, None, bundle.micros)
            else:
                for index in members:
                    yield Piece(None, self.lines[index], None, parts[index])


def anchor_of(line: CostLine) -> str:
    """Return the anchor of a line where all lines stand."""
    return f"e{line.seq}-{line.number}"


def _alike(one: CostLine) -> tuple[str, ...]:
    return (one.campaign, one.month, one.cost_type, one.provider, one.market, one.channel)


def _bundle(anchor: str, lines: Sequence[CostLine], members: Sequence[int]) -> Bundle:
    first = lines[members[0]]
    return Bundle(
        id=anchor,
        campaign=first.campaign,
        month=first.month,
        cost_type=first.cost_type,
        provider=first.provider,
        market=first.market,
        channel=first.channel,
        lines=tuple(members),
        micros=sum(lines[index].micros for index in members),
    )
