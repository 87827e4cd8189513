"""Proves that what was delivered is what was approved, and that the books are whole."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from composition import provenance
from cost_tracking import proof
from cost_tracking.books import seals
from cost_tracking.books.head import Head
from cost_tracking.database import reading
from creative.asset_name import AssetName
from creative.decision import Decision
from creative.manifest import Manifest, ManifestAsset
from creative.value import Value
from flows.desk import Desk
from review.decisions import stands

PAGES = frozenset(
    {"manifest.json", "manifest.csv", "report.html", "contact-sheet.html", "overview.png"}
)


class Audit(Value):
    """What was looked at, and what is not as it should be."""

    campaign: str
    """Empty where only the books were looked at."""
    proofs: tuple[proof.Proof, ...]
    """Each invariant of the ledger; see docs/ledger.md."""
    ledger_head: str
    """The newest seal, to be kept where who keeps the books cannot reach it."""
    proved: tuple[str, ...]
    notes: tuple[str, ...]
    faults: tuple[str, ...]
    """Each names the file, what is wrong with it, and the mend."""


def books(desk: Desk, heads: Iterable[Head] = ()) -> Audit:
    """Prove the ledger and the decisions, without any files.

    Args:
        desk: Where they are.
        heads: Of the ledger, that were published and kept elsewhere.

    """
    return _audit(desk, "", {}, [*desk.heads(), *heads], [])


def verify(desk: Desk, folder: Path, heads: Iterable[Head] = ()) -> Audit:
    """Look at a delivered campaign's folder: every file, its provenance, its approval, the books.

    Args:
        desk: Where the books are.
        folder: Of one campaign.
        heads: Of the ledger, that were published and kept elsewhere.

    Raises:
        ValueError: The folder holds no manifest of ours.

    """
    manifest = _manifest(folder)
    newest = desk.decisions.newest(manifest.campaign)
    faults: list[str] = []
    delivered = [asset for asset in manifest.assets if asset.delivered]
    for asset in delivered:
        name = asset.rendition.name
        decision = newest.get((str(name), asset.rendition.sha256))
        faults += _file_faults(folder, asset) + _decision_faults(asset, decision)
    faults += _manifest_faults(desk, folder, manifest)
    older, strange = _strangers(folder, manifest)
    faults += strange
    own = [Head.read(manifest.ledger_head)] if manifest.ledger_head else []
    chain = []
    if not desk.decisions.holds(manifest.decisions_head):
        chain.append("decisions that the manifest was written under are gone from the log")
    of_all = f"{len(delivered)} of {len(manifest.assets)}"
    said = f"{of_all} assets were delivered: each file's bytes, provenance and approval"
    known = [*desk.heads(), *own, *heads]
    audited = _audit(desk, manifest.campaign, {said: faults}, known, chain)
    return audited.model_copy(update={"notes": (*older, *audited.notes)})


def _audit(
    desk: Desk,
    campaign: str,
    files: Mapping[str, list[str]],
    heads: Sequence[Head],
    chain: list[str],
) -> Audit:
    """Prove the books beside what was found of the files."""
    ledger = proof.prove(desk.engine, desk.policy, heads, desk.mirror)
    by_proof = {f"{one.says} ({one.id})": list(one.faults) for one in ledger}
    of_decisions = {
        "the decisions form one unbroken chain, signed from its first key on": [
            *desk.decisions.faults(),
            *chain,
        ],
        "what was published of the logs outside of the database is still in them": (
            desk.checkpoints.faults(desk.engine)
        ),
    }
    with reading(desk.engine) as connection:
        newest, left = seals.newest(connection), seals.unsealed(connection)
    proofs = {**files, **by_proof, **of_decisions}
    notes = [f"{left} entries are not sealed yet; `kampanj db seal` does it"] if left else []
    return Audit(
        campaign=campaign,
        proofs=ledger,
        ledger_head=str(newest.head) if newest else "",
        proved=tuple(said for said, wrong in proofs.items() if not wrong),
        notes=tuple(notes),
        faults=tuple(fault for wrong in proofs.values() for fault in wrong),
    )


def _manifest(folder: Path) -> Manifest:
    path = folder / "manifest.json"
    if not path.is_file():
        inside = sorted(one.parent.name for one in folder.glob("*/manifest.json"))
        hint = f"; it holds the campaigns {', '.join(inside)}" if inside else ""
        raise ValueError(f"{folder} has no manifest.json{hint}; name a campaign's own folder")
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        count = error.error_count()
        raise ValueError(f"{path} is not a manifest of ours: {count} faults") from error


def _file_faults(folder: Path, asset: ManifestAsset) -> list[str]:
    rendition = asset.rendition
    own = rendition.name.path(rendition.format)
    if asset.delivered != own:
        return [f"{asset.delivered}: the manifest names another path than the asset's, {own}"]
    path = folder / own
    if not path.is_file():
        return [f"{own}: the file is missing; run the brief again to deliver it"]
    content = path.read_bytes()
    if sha256(content).hexdigest() != rendition.sha256:
        return [f"{own}: these are not the bytes that were approved; delete it and run again"]
    try:
        told = provenance.read(content)
    except ValueError as error:
        return [f"{own}: its provenance cannot be read: {error}"]
    if told.source_type != rendition.source_type:
        return [f"{own}: it says {told.source_type.value}, not {rendition.source_type.value}"]
    return []


def _decision_faults(asset: ManifestAsset, newest: Decision | None) -> list[str]:
    name, digest = asset.rendition.name, asset.rendition.sha256
    if not stands(newest, name, digest):
        return [f"{asset.delivered}: no decision in the log accepts these bytes; withdraw the file"]
    return []


def _manifest_faults(desk: Desk, folder: Path, manifest: Manifest) -> list[str]:
    # What was edited since is in the run's own manifest, and not delivered yet.
    known = (desk.delivered_path(manifest.run), desk.manifest_path(manifest.run))
    own = next((path for path in known if path.is_file()), None)
    if own is None:
        return [f"manifest.json: run {manifest.run} is not of this state folder; verify it there"]
    if own.read_bytes() != (folder / "manifest.json").read_bytes():
        return ["manifest.json: it is not what the run wrote; run the brief again to restore it"]
    return []


def _strangers(folder: Path, manifest: Manifest) -> tuple[list[str], list[str]]:
    """Return what to note and what to fault of the files that the manifest does not name."""
    known = {asset.delivered for asset in manifest.assets} | PAGES
    places = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    others = [place for place in places if place not in known]
    older = [place for place in others if _is_ours(place, manifest.campaign)]
    strange = [f"{place}: it is not one of ours" for place in others if place not in older]
    if not older:
        return [], strange
    count = f"{len(older)} files are earlier versions, or no longer asked for"
    return [f"{count}, such as {older[0]}"], strange


def _is_ours(place: str, campaign: str) -> bool:
    try:
        return AssetName.parse(place.rpartition("/")[2]).campaign == campaign
    except ValueError:
        return False
