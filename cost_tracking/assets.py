"""Every version of every asset of a campaign, which is also the cache of what was rendered."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import AwareDatetime
from sqlalchemy import (
    Connection,
    Engine,
    RowMapping,
    Update,
    bindparam,
    func,
    insert,
    select,
    update,
)

from cost_tracking import tables
from cost_tracking.database import lock, reading, writing
from cost_tracking.moments import moment, stamp
from creative.concept import SourceType
from creative.finding import Finding
from creative.rendition import Rendition
from creative.value import Value, canonical

_asset = tables.asset


class Made(Value):
    """Something that was made, before it has a version."""

    kind: Literal["sketch", "key_visual", "copy_deck", "rendition"]
    slot: str
    """What stays the same when it is redone: for a rendition, ``AssetName.slot``."""
    sha256: str
    """Of its bytes; of its words, for a copy deck."""
    recipe: str
    """The fingerprint of all that went in. The same recipe gives the same bytes."""
    market: str | None = None
    locale: str | None = None
    placement: str | None = None
    concept: str | None = None
    bytes: int = 0
    width: int | None = None
    height: int | None = None
    format: str = ""
    key_visual: str | None = None
    deck: str | None = None
    source_type: SourceType | None = None
    findings: tuple[Finding, ...] = ()
    made_from: str | None = None
    """The sha256 of the list of files, each with its version, that it was made from; None where
    that was not kept. Of bytes that are made again it is that of the first time."""

    @classmethod
    def rendition(cls, rendition: Rendition, made_from: str | None = None) -> Self:
        """Return a rendition as it is kept; the version in its name does not matter."""
        name = rendition.name
        same = rendition.model_dump(exclude={"name", "findings", "layout", "ingredients"})
        return cls(
            **same,
            kind="rendition",
            slot=name.slot,
            findings=rendition.findings,
            market=name.market,
            locale=name.locale,
            placement=name.placement,
            concept=name.concept,
            made_from=made_from,
        )


class Asset(Made):
    """One version of an asset."""

    seq: int
    """The order in which assets were recorded."""
    campaign: str
    version: int
    """Counted from 1."""
    made_at: AwareDatetime


class Assets:
    """The assets in a database."""

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now

    def by_recipe(self, recipe: str) -> Asset | None:
        """Return the newest asset that was made by this recipe, of any campaign, or None."""
        return self.by_recipes([recipe]).get(recipe)

    def by_recipes(self, recipes: Iterable[str]) -> dict[str, Asset]:
        """Return the newest asset of each of these recipes that was ever followed."""
        with reading(self._engine) as connection:
            found: dict[str, Asset] = {}
            for some in _slices(sorted(set(recipes))):
                query = select(_asset).where(_asset.c.recipe.in_(some)).order_by(_asset.c.seq)
                rows = connection.execute(query).mappings()
                found |= {row["recipe"]: _asset_of(row) for row in rows}
        return found

    def record(self, campaign: str, made: Made) -> Asset:
        """Write down what was made, and return it with its version; see ``record_all``."""
        return self.record_all(campaign, [made])[0]

    def record_all(self, campaign: str, made: Sequence[Made]) -> tuple[Asset, ...]:
        """Write down all that was made, in one transaction.

        What has the bytes of its slot's newest version is that version. Other bytes make the next
        one. Where another recipe gave the same bytes, the version stays and takes that recipe and
        its findings, so that the next run finds it and does not render it again.

        Args:
            campaign: The brief's name.
            made: Any number; for a slot that occurs twice, the later one comes after the earlier.

        Returns:
            The versions, in the order given.

        """
        with writing(self._engine) as connection:
            lock(connection, f"assets/{campaign}")
            newest = _newest(connection, campaign, [one.slot for one in made])
            new: list[dict[str, object]] = []
            again: list[dict[str, object]] = []
            versions: list[tuple[str, int]] = []
            for one in made:
                version, sha256, recipe = newest.get(one.slot, (0, "", ""))
                if one.sha256 != sha256:
                    version += 1
                    new.append(_row_of(campaign, one, version, stamp(self._now())))
                elif one.recipe != recipe:
                    again.append({"of_slot": one.slot, "of_version": version, **_making(one)})
                newest[one.slot] = (version, one.sha256, one.recipe)
                versions.append((one.slot, version))
            if new:
                connection.execute(insert(_asset), new)
            if again:
                connection.execute(_made_again(campaign), again)
            found = _versions(connection, campaign, [slot for slot, _ in versions])
        return tuple(found[version] for version in versions)

    def current(self, campaign: str) -> tuple[Asset, ...]:
        """Return the newest version of each slot of a campaign, sorted by slot."""
        with reading(self._engine) as connection:
            last = (
                select(_asset.c.slot, func.max(_asset.c.version).label("version"))
                .where(_asset.c.campaign == campaign)
                .group_by(_asset.c.slot)
                .subquery()
            )
            query = (
                select(_asset)
                .join(
                    last,
                    (_asset.c.slot == last.c.slot) & (_asset.c.version == last.c.version),
                )
                .where(_asset.c.campaign == campaign)
            )
            found = [_asset_of(row) for row in connection.execute(query).mappings()]
        # Sorted here: databases do not agree on the order of text.
        return tuple(sorted(found, key=lambda one: one.slot))

    def versions(self, campaign: str, slot: str) -> tuple[Asset, ...]:
        """Return every version of one asset, the oldest first."""
        with reading(self._engine) as connection:
            found = _versions(connection, campaign, [slot])
        return tuple(found[key] for key in sorted(found))

    def history(self, campaign: str) -> tuple[Asset, ...]:
        """Return every version of a campaign's assets, in the order they were recorded."""
        query = select(_asset).where(_asset.c.campaign == campaign).order_by(_asset.c.seq)
        with reading(self._engine) as connection:
            return tuple(_asset_of(row) for row in connection.execute(query).mappings())


def _slices(names: Sequence[str]) -> Iterable[Sequence[str]]:
    # SQLite binds at most 32,766 values in one statement.
    return (names[start : start + 10_000] for start in range(0, len(names), 10_000))


def _newest(
    connection: Connection, campaign: str, slots: Sequence[str]
) -> dict[str, tuple[int, str, str]]:
    versions = sorted(_versions(connection, campaign, slots).items())
    return {slot: (version, one.sha256, one.recipe) for (slot, version), one in versions}


def _made_again(campaign: str) -> Update:
    return update(_asset).where(
        _asset.c.campaign == campaign,
        _asset.c.slot == bindparam("of_slot"),
        _asset.c.version == bindparam("of_version"),
    )


def _making(one: Made) -> dict[str, object]:
    findings = [finding.model_dump(mode="json") for finding in one.findings]
    return {"recipe": one.recipe, "findings": canonical(findings).decode()}


def _versions(
    connection: Connection, campaign: str, slots: Sequence[str]
) -> dict[tuple[str, int], Asset]:
    found: dict[tuple[str, int], Asset] = {}
    for some in _slices(sorted(set(slots))):
        query = select(_asset).where(_asset.c.campaign == campaign, _asset.c.slot.in_(some))
        for row in connection.execute(query).mappings():
            found[row["slot"], row["version"]] = _asset_of(row)
    return found


def _row_of(campaign: str, one: Made, version: int, at: str) -> dict[str, object]:
    return {
        **one.model_dump(mode="json", exclude={"findings", "recipe"}),
        **_making(one),
        "campaign": campaign,
        "version": version,
        "made_at": at,
    }


def _asset_of(row: RowMapping) -> Asset:
    findings, made_at = json.loads(row["findings"]), moment(row["made_at"])
    return Asset.model_validate({**row, "findings": findings, "made_at": made_at})
