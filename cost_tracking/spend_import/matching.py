"""Finds our assets in the names that media buyers gave to ads, creatives and links."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, select

from cost_tracking.spend_import.faults import Faults, shown
from cost_tracking.spend_import.platform import plain
from cost_tracking.spend_import.sheet import read_sheet
from cost_tracking.tables import asset, run
from creative.asset_code import CODE, asset_code
from creative.placement import placement_table

Attribution = Literal["direct", "allocated", "unmatched"]
"""Spend of one asset is its own, of several it is shared out, of none it stays in sight."""
# As ``AssetName``, in any case and within other text.
_NAME = re.compile(
    r"(?P<campaign>[a-z0-9][a-z0-9-]{1,80})_(?P<rest>[a-z]{2}_[a-z]{2,3}(?:-[a-z0-9]{2,8})*"
    r"_[a-z0-9][a-z0-9_.]*?_c[1-9][0-9]*)(?:_v(?P<version>[1-9][0-9]*))?(?![a-z0-9])",
    re.ASCII,
)
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Known:
    """An asset that spend or feedback can be of."""

    campaign: str
    slot: str
    market: str | None
    locale: str | None
    placement: str | None
    concept: str | None

    @property
    def channel(self) -> str | None:
        """Return the part of the media plan that pays for its placement."""
        found = placement_table().placements.get(self.placement or "")
        return found.channel if found else None


@dataclass(frozen=True, slots=True)
class Match:
    """What a row is of."""

    campaign: str | None
    """Ours; None where nothing names it."""
    assets: tuple[Known, ...]
    version: int | None = None
    """Of the one asset, where the name says it."""

    @property
    def attribution(self) -> Attribution:
        """Return how its spend is told."""
        if not self.assets:
            return "unmatched"
        return "direct" if len(self.assets) == 1 else "allocated"


class AssetIndex:
    """The assets in a database, by every name that they can have elsewhere.

    Args:
        known: All of them.
        campaigns: Names of campaigns, with assets or without.
        codes: Names or codes of others (an Ad-ID, a platform's id), each with the slots that it
            stands for.

    """

    def __init__(
        self,
        known: Iterable[Known],
        campaigns: Iterable[str] = (),
        codes: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._slots = {one.slot.lower(): one for one in known}
        shared = Counter(asset_code(slot) for slot in self._slots)
        self._codes = {
            asset_code(slot): one
            for slot, one in self._slots.items()
            if shared[asset_code(slot)] == 1
        }
        self._campaigns = {one.campaign for one in self._slots.values()} | set(campaigns)
        self._others = {plain(code): tuple(slots) for code, slots in (codes or {}).items()}
        self._cache: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Match] = {}

    def match(self, ad_id: str, names: tuple[str, ...], campaign_names: tuple[str, ...]) -> Match:
        """Find what a row is of.

        The first of these that names an asset decides: the codes sheet, by the ad's id and then by
        its names; then, name by name, our file names and short codes.

        Args:
            ad_id: The platform's own.
            names: The ad's name, the creative's, its code, its ``utm_content``, in this order.
            campaign_names: ``utm_campaign`` and the platform's campaign.

        """
        key = (ad_id if self._others else "", names, campaign_names)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._find(*key)
        return found

    def has(self, campaign: str) -> bool:
        """Say whether there is a campaign of this name."""
        return campaign in self._campaigns

    def named(self, name: str) -> Known | None:
        """Return the asset of a file name or a short code, if it is one of ours."""
        found, _ = self._in(name)
        return found[0] if len(found) == 1 else None

    def _find(self, ad_id: str, names: Sequence[str], campaign_names: Sequence[str]) -> Match:
        for told in (ad_id, *names) if self._others else ():
            slots = self._others.get(plain(told), ())
            assets = [one for slot in slots if (one := self.named(slot))]
            if assets:
                return _match(assets, None)
        for name in names:
            assets, version = self._in(name)
            if assets:
                return _match(assets, version)
        return Match(campaign=self._campaign(names, campaign_names), assets=())

    def _in(self, text: str) -> tuple[list[Known], int | None]:
        low = text.lower()
        found: dict[str, Known] = {}
        versions: set[str | None] = set()
        for part in _NAME.finditer(low):
            asset = self._slot(part["campaign"], part["rest"])
            if asset:
                found[asset.slot] = asset
                versions.add(part["version"])
        for code in CODE.findall(low):
            if code in self._codes:
                found[self._codes[code].slot] = self._codes[code]
                versions.add(None)
        version = next(iter(versions)) if len(versions) == 1 else None
        return list(found.values()), int(version) if version else None

    def _slot(self, campaign: str, rest: str) -> Known | None:
        # A prefix such as "emea-" may stand before the name: it is cut off word by word.
        while campaign:
            found = self._slots.get(f"{campaign}_{rest}")
            if found:
                return found
            _, _, campaign = campaign.partition("-")
        return None

    def _campaign(self, names: Sequence[str], campaign_names: Sequence[str]) -> str | None:
        for text in (*campaign_names, *names):
            words: list[str] = sorted(_SLUG.findall(text.lower()), key=len, reverse=True)
            for word in words:
                if word in self._campaigns:
                    return word
        return None


def _match(assets: Sequence[Known], version: int | None) -> Match:
    campaigns = {one.campaign for one in assets}
    return Match(
        campaign=next(iter(campaigns)) if len(campaigns) == 1 else None,
        assets=tuple(sorted(assets, key=lambda one: one.slot)),
        version=version if len(assets) == 1 else None,
    )


def read_index(
    connection: Connection, codes: Mapping[str, Sequence[str]] | None = None
) -> AssetIndex:
    """Return the index of every rendition in the database."""
    columns = (asset.c[name] for name in Known.__dataclass_fields__)
    query = select(*columns).where(asset.c.kind == "rendition").distinct()
    known = [Known(*row) for row in connection.execute(query)]
    campaigns = connection.execute(select(run.c.campaign).distinct()).scalars()
    return AssetIndex(known, campaigns, codes)


def read_codes(connection: Connection, path: Path) -> dict[str, list[str]]:
    """Read a sheet that says which of our assets stand behind somebody else's code.

    Args:
        connection: That may read; every asset of the sheet must be there.
        path: A CSV with the headings ``code`` (an Ad-ID, a platform's ad id, a name) and ``asset``
            (our file name or short code). A code on several lines stands for several assets.

    Raises:
        InvalidInput: It is no such sheet; every line that is wrong is named.

    """
    faults, index = Faults(path), read_index(connection)
    wanted = ("code", "asset")
    sheet = read_sheet(
        faults,
        lambda cells: 2 if set(wanted) <= {plain(cell) for cell in cells} else 0,
        lambda record: faults.add(
            record.line, "", "no columns are headed code and asset", "Head them so"
        ),
    )
    codes: dict[str, list[str]] = {}
    headings = [plain(cell) for cell in sheet.heading.cells] if sheet else []
    for record in sheet.records if sheet else ():
        code, asset = (
            record.cells[at].strip() if at < len(record.cells) else ""
            for at in map(headings.index, wanted)
        )
        if code and index.named(asset):
            codes.setdefault(code, []).append(asset)
        elif any(record.cells):
            said = f"{shown(asset)} is none of our assets" if code else "it names no code"
            mend = "`kampanj spend names CAMPAIGN` lists them"
            faults.add(record.line, "asset" if code else "code", said, mend)
    if not codes and not faults:
        faults.add(0, "", "it names no code", "Write one line for each code and asset")
    faults.raise_any()
    return codes
