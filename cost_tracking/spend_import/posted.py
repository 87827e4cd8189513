"""Makes the entry that each row of an export becomes."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from cost_tracking.entries import COST, Posting, Transaction
from cost_tracking.exchange.based import Books, bases, in_books
from cost_tracking.money import Money
from cost_tracking.policy import Policy
from cost_tracking.ready import Amount, Pattern, Ready
from cost_tracking.spend_import.matching import Known, Match
from cost_tracking.spend_import.shares import divided
from cost_tracking.spend_import.spend_row import Export, SpendRow
from cost_tracking.spend_import.standing import Key

Alike = tuple[Match, tuple[Known, ...] | None, str, bool]
"""What two rows share whose entries differ in key, day, document and amounts alone."""


class Entries:
    """Makes entries of the rows of one export; of an ad's many days the first is the pattern.

    Args:
        export: The file.
        policy: Says which side of the line its cost type is of.
        actor: Who imports.
        books: The currency in which its entries are told too; None where nobody has named one.

    """

    def __init__(self, export: Export, policy: Policy, actor: str, books: Books | None) -> None:
        self._platform, self._policy, self._actor = export.platform, policy, actor
        self._books, self._source = books, source_of(export)
        self._patterns: dict[Alike, Pattern] = {}

    def of(self, row: SpendRow, match: Match, revision: int) -> Ready:
        """Return the entry of a row that cost something, in a revision of its own."""
        key = _entry_key(self._platform.name, row.key, revision)
        document = f"{self._source}, line {row.line}"
        costs = divided(row.money.micros, match)
        of: tuple[Known, ...] | None = None
        if not all(costs):
            # An asset gets nothing where an ad of many cost less micros than they are.
            of = tuple(one for one, micros in zip(match.assets, costs, strict=True) if micros)
            costs = tuple(filter(None, costs))
        told = self._told(row, costs)
        alike = (match, of, row.money.currency, told[0].base is not None)
        pattern = self._patterns.get(alike)
        if pattern is None:
            parts = zip(match.assets if of is None else of, costs, strict=False)
            first = self._entry(row, match, parts, key, document)
            pattern = self._patterns[alike] = Pattern(in_books(first, self._books))
        return pattern.entry(key, row.day, document, told)

    def _told(self, row: SpendRow, costs: Sequence[int]) -> list[Amount]:
        micros = (*costs, -row.money.micros)
        if self._books is None:
            return [Amount(one, None, None) for one in micros]
        amounts = [Money(micros=one, currency=row.money.currency) for one in micros]
        based = bases(amounts, self._books, row.day)
        if based is None:
            return [Amount(one, None, None) for one in micros]
        return [
            Amount(one, base.micros, rate) for one, (base, rate) in zip(micros, based, strict=True)
        ]

    def _entry(
        self,
        row: SpendRow,
        match: Match,
        parts: Iterable[tuple[Known, int]],
        key: str,
        document: str,
    ) -> Transaction:
        platform = self._platform
        of_row: dict[str, Any] = {"provider": platform.name, "stage": "media"}
        of_cost: dict[str, Any] = {
            "account": COST,
            "cost_type": platform.cost_type,
            "spend_class": self._policy.spend_class(platform.cost_type),
            "policy": self._policy.id,
            "attribution": match.attribution,
        }
        of_none: dict[str, Any] = {"campaign": match.campaign, "channel": platform.channel}
        postings = [
            Posting(
                **of_cost,
                **of_row,
                amount=Money(micros=micros, currency=row.money.currency),
                campaign=asset.campaign,
                asset=asset.slot,
                market=asset.market,
                locale=asset.locale,
                placement=asset.placement,
                concept=asset.concept,
                channel=asset.channel or platform.channel,
            )
            for asset, micros in parts
        ] or [Posting(**of_cost, **of_row, **of_none, amount=row.money)]
        owed = Posting(**of_row, **of_none, account=f"payable:{platform.name}", amount=-row.money)
        return Transaction(
            key=key,
            kind="media",
            effective_on=row.day,
            postings=(*postings, owed),
            source="import",
            source_doc=document,
            actor=self._actor,
        )


def source_of(export: Export) -> str:
    """Return how entries name the file that they are of."""
    return f"{export.path.name} (sha256 {export.sha256[:16]})"


def _entry_key(platform: str, key: Key, revision: int) -> str:
    return "/".join(("media", platform, *map(_quoted, key), str(revision)))


@lru_cache(maxsize=10_000)
def _quoted(part: str) -> str:
    return quote(part, safe=":=|, @+")
