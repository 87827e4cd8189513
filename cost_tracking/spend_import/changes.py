"""What an export changes, worked out before anything is written."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from hashlib import sha256

from cost_tracking.spend_import.matching import AssetIndex, Match
from cost_tracking.spend_import.spend_row import Export, SpendRow
from cost_tracking.spend_import.standing import Key, Standing
from creative.value import canonical


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is new or was restated, and what it takes the place of."""

    row: SpendRow
    match: Match
    payload: str
    before: Standing | None

    @property
    def revision(self) -> int:
        """Return how often the platform has told it, counted from 1."""
        return self.before.revision + 1 if self.before else 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is new or restated, what stays, and what is told no more."""

    changes: list[Change] = field(default_factory=list)
    matches: list[tuple[SpendRow, Match]] = field(default_factory=list)
    missing: list[Standing] = field(default_factory=list)

    @property
    def unchanged(self) -> int:
        """Return how many rows say what they said before."""
        return len(self.matches) - len(self.changes)

    def restated(self) -> list[Change]:
        """Return the changes of rows that stood until now."""
        return [one for one in self.changes if one.before and not one.before.gone]

    def taken(self, *, window: bool) -> list[Standing]:
        """Return what is taken back: what was restated, and in a window what is told no more."""
        before = [one.before for one in self.restated() if one.before]
        return before + (self.missing if window else [])


def planned(export: Export, index: AssetIndex, standing: MutableMapping[Key, Standing]) -> Plan:
    """Compare the rows of an export with what stands.

    Args:
        export: The file.
        index: Knows our assets.
        standing: The last revision of each row of these accounts and days; what the export tells
            is taken out of it.

    """
    plan, payloads = Plan(), Payloads()
    of_campaign = Match(campaign=export.said.campaign, assets=()) if export.said.campaign else None
    for row in export.rows:
        match = index.match(row.ad_id, row.names, row.campaign_names)
        if of_campaign and match.campaign is None and not match.assets:
            match = of_campaign
        plan.matches.append((row, match))
        payload, before = payloads.of(row, match), standing.pop(row.key, None)
        if before is None or before.gone or before.payload != payload:
            plan.changes.append(Change(row, match, payload, before))
    plan.missing.extend(one for one in standing.values() if not one.gone)
    return plan


class Payloads:
    """Fingerprints what a restatement of a row may change: its amount, and what it is of."""

    def __init__(self) -> None:
        self._rest: dict[tuple[Match, str], str] = {}

    def of(self, row: SpendRow, match: Match) -> str:
        """Return the fingerprint of ``amount``, ``assets``, ``campaign`` and ``currency``.

        As ``creative.value.fingerprint`` has it; the amount sorts first, and the rest of an ad's
        days is written once.
        """
        alike = (match, row.money.currency)
        rest = self._rest.get(alike)
        if rest is None:
            rest = self._rest[alike] = _rest(match, row.money.currency)
        return sha256(f'{{"amount":{row.money.micros},{rest}'.encode()).hexdigest()


def _rest(match: Match, currency: str) -> str:
    said: Mapping[str, object] = {
        "assets": [one.slot for one in match.assets],
        "campaign": match.campaign,
        "currency": currency,
    }
    return canonical(said).decode().removeprefix("{")
