"""Which version a rendition took the place of, and why: for the manifest and for auditors."""

from collections.abc import Iterable, Mapping, Sequence

from cost_tracking.assets import Asset
from creative.amendment import Amendment, Edit, Rework, Reworked
from creative.manifest import Replaced, Why
from creative.rendition import Rendition


class Lineage:
    """What became of the versions of one campaign.

    Args:
        history: Every version of its renditions, in the order they were recorded.
        log: What came upon the campaign, in its order.

    """

    def __init__(self, history: Iterable[Asset], log: Sequence[Amendment]) -> None:
        self._versions = {(one.slot, one.version): one for one in history}
        self._edits: dict[str, list[Edit]] = {}
        self._reworks: dict[str, tuple[Rework, Reworked]] = {}
        asked = {one.id: one for one in log if isinstance(one, Rework)}
        for one in log:
            if isinstance(one, Edit):
                self._edits.setdefault(one.locale, []).append(one)
            elif isinstance(one, Reworked) and one.id in asked and not one.failed:
                names = (it.asset for it in asked[one.id].rejected)
                self._reworks |= dict.fromkeys(names, (asked[one.id], one))

    def of(self, rendition: Rendition) -> Replaced | None:
        """Return what a rendition took the place of; None of a first version."""
        name = rendition.name
        before = self._versions.get((name.slot, name.version - 1))
        now = self._versions.get((name.slot, name.version))
        if before is None or now is None:
            return None
        was = name.model_copy(update={"version": before.version})
        if str(was) in self._reworks:
            asked, done = self._reworks[str(was)]
            said = [one for one in asked.rejected if one.asset == str(was)]
            return Replaced(
                asset=str(was),
                sha256=before.sha256,
                how=asked.redo.value,
                because=tuple(Why(by=one.by, code=one.code, note=one.note) for one in said),
                rework=asked.id,
                attempt=done.attempt,
            )
        edits = [
            one
            for one in self._edits.get(name.locale, ())
            if before.made_at < one.at <= now.made_at
        ]
        return Replaced(
            asset=str(was),
            sha256=before.sha256,
            how="edit" if edits else "inputs",
            because=tuple(Why(by=one.by, note=one.text) for one in edits),
        )


def replaced(by_rework: Mapping[str, Replaced | None]) -> dict[str, dict[str, str]]:
    """Return which version took the place of which, by the rework that made it.

    Args:
        by_rework: What each rendition took the place of, by its name.

    """
    found: dict[str, dict[str, str]] = {}
    for name, before in by_rework.items():
        if before and before.rework:
            found.setdefault(before.rework, {})[before.asset] = name
    return found
