"""Brings platforms' exports and feedback into the books, from the command line."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from cost_tracking.database import reading
from cost_tracking.exchange.rates import NoRate
from cost_tracking.money import Money
from cost_tracking.spend_import.export import read_export
from cost_tracking.spend_import.feedback import About, Heard, import_feedback
from cost_tracking.spend_import.imported import Imported
from cost_tracking.spend_import.importing import Importer
from cost_tracking.spend_import.mapping_file import read_mapping
from cost_tracking.spend_import.matching import read_codes
from cost_tracking.spend_import.platform import Platform, platforms
from cost_tracking.spend_import.spend_row import Said
from cost_tracking.tables import asset
from creative.asset_code import asset_code
from creative.brief import Brief
from creative.yaml_file import fit, nearest, read_document
from flows.desk import Desk


def platform_named(desk: Desk, source: str, mapping: Path | None) -> Platform:
    """Return the description of a source.

    Raises:
        ValueError: There is none of this name, or a mapping is given for one that we know.
        InvalidInput: The mapping does not fit.

    """
    if source not in platforms():
        raise ValueError(f"--source {source}: {nearest(source, tuple(platforms()))}")
    if mapping is None:
        return platforms()[source]
    if source != "csv":
        raise ValueError("--mapping describes a plain CSV; give it with --source csv")
    return read_mapping(mapping, desk.policy)


def spend(
    desk: Desk,
    file: Path,
    platform: Platform,
    said: Said,
    *,
    codes: Path | None,
    window: bool,
    dry_run: bool,
) -> Imported:
    """Import an export of media spend; see ``spend_import.importing``.

    Raises:
        InvalidInput: It cannot be imported; every fault is named and nothing was posted.

    """
    export = read_export(file, platform, said, desk.now())
    importer = Importer(desk.engine, desk.policy, desk.now, desk.who, _Rates(desk), desk.books)
    known = _codes(desk, codes)
    return importer.run(export, codes=known, window=window, dry_run=dry_run)


def feedback(desk: Desk, file: Path, about: About, *, codes: Path | None, dry_run: bool) -> Heard:
    """Import a file of feedback; see ``spend_import.feedback``.

    Raises:
        InvalidInput: It cannot be imported; every fault is named and nothing was recorded.

    """
    known = _codes(desk, codes)
    return import_feedback(desk.engine, file, about, desk.now, codes=known, dry_run=dry_run)


def names(desk: Desk, campaign: str) -> list[dict[str, str]]:
    """Return what to write into platforms so that spend finds its way back, by asset.

    Raises:
        ValueError: The campaign has no rendition.

    """
    query = select(asset.c.slot).where(asset.c.campaign == campaign, asset.c.kind == "rendition")
    with reading(desk.engine) as connection:
        slots = sorted(set(connection.execute(query).scalars()))
    if not slots:
        raise ValueError(f"campaign {campaign!r} has no rendition; `kampanj status` lists the runs")
    return [
        {"asset": slot, "code": asset_code(slot), "utm_content": slot.lower()} for slot in slots
    ]


def _codes(desk: Desk, path: Path | None) -> Mapping[str, Sequence[str]] | None:
    if path is None:
        return None
    with reading(desk.engine) as connection:
        return read_codes(connection, path)


class _Rates:
    """Rates as reports take them: the brief's budget rate, else the published one of the day."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of: dict[str, Mapping[str, Decimal]] = {}

    def __call__(self, money: Money, to: str, on: date, campaign: str) -> Money | None:
        if campaign not in self._of:
            self._of[campaign] = self._read(campaign)
        rate = self._of[campaign].get(money.currency)
        try:
            return (
                self._desk.rates.convert(money, to, on).amount
                if rate is None
                else (money.at(rate, to))
            )
        except NoRate:
            return None

    def _read(self, campaign: str) -> Mapping[str, Decimal]:
        run = self._desk.runs.latest(campaign)
        if run is None:
            return {}
        brief, _ = fit(read_document(self._desk.blobs.path(run.brief_sha256)), Brief)
        return {name: one.rate for name, one in brief.budget.rates.items()} if brief else {}


def as_json(heard: Heard) -> dict[str, Any]:
    """Return what was heard as JSON types."""
    return {
        "rows": heard.rows,
        "new": heard.new,
        "kinds": dict(heard.kinds),
        "skipped": [{"line": line, "names": name} for line, name in heard.skipped],
        "dry_run": heard.dry_run,
    }
