"""Keeps every file that a run rests on, by its hash, so that any version can be read again."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from cost_tracking.policy import Policy
from creative.input_file import InputFile, InputKind, Inputs
from flows.desk import Desk
from flows.materials import Materials
from providers.storage.blobs import Blobs

SHIPPED_PRICES = "prices.toml"


def keep_inputs(desk: Desk, materials: Materials) -> Inputs:
    """Keep the files of a campaign as they are now, and the list of them, by their hashes.

    They are the brief, the brand with its logo and fonts, the termbase, every file of the memory
    and the notices, the products' pictures, the price book and the policy. What is kept already
    is not written again.

    Raises:
        OSError: A file cannot be read.
        StorageError: It cannot be kept.

    """
    root = materials.loaded.root
    project = tuple(
        _kept(desk.blobs, kind, _name(path, root), path.read_bytes())
        for kind, path in _paths(materials)
    )
    kept = Inputs(files=(*project, *_of_installation(desk)))
    desk.blobs.put(kept.content)
    return kept


def inputs_of(desk: Desk, digest: str) -> Inputs | None:
    """Return the versions that go by a hash, or None where they are not kept here."""
    if not digest or not desk.blobs.has(digest):
        return None
    return Inputs.model_validate_json(desk.blobs.get(digest))


def _paths(materials: Materials) -> Iterable[tuple[InputKind, Path]]:
    loaded = materials.loaded
    brand = loaded.brand
    yield InputKind.BRIEF, loaded.path
    yield InputKind.BRAND, loaded.brand_path
    named = (
        (InputKind.LOGO, brand.logo.image if brand.logo else None),
        (InputKind.TERMBASE, brand.termbase),
    )
    for kind, name in named:
        if path := loaded.beside_brand(name):
            yield kind, path
    for path in sorted(materials.look.font_files.values()):
        yield InputKind.FONT, path
    for kind, name in ((InputKind.MEMORY, brand.memory), (InputKind.NOTICE, brand.notices)):
        if folder := loaded.beside_brand(name):
            yield from ((kind, path) for path in sorted(folder.glob("*.yaml")))
    for product in loaded.brief.products:
        if product.image:
            yield InputKind.PRODUCT, loaded.path.parent / product.image


def _of_installation(desk: Desk) -> Iterable[InputFile]:
    shipped = files("cost_tracking") / "data" / SHIPPED_PRICES
    yield _kept(desk.blobs, InputKind.PRICES, SHIPPED_PRICES, shipped.read_bytes())
    if own := desk.settings.prices:
        yield _kept(desk.blobs, InputKind.PRICES, own.name, own.read_bytes())
    told = _policy(desk.policy)
    name = desk.settings.policy.name if desk.settings.policy else desk.policy.id
    yield _kept(desk.blobs, InputKind.POLICY, name, told)


def _policy(policy: Policy) -> bytes:
    # What is in force, with what it extends: the file alone may say half of it.
    return policy.model_dump_json(indent=1).encode()


def _kept(blobs: Blobs, kind: InputKind, name: str, content: bytes) -> InputFile:
    return InputFile(kind=kind, name=name, sha256=blobs.put(content))


def _name(path: Path, root: Path) -> str:
    inside = path.resolve().is_relative_to(root.resolve())
    return path.resolve().relative_to(root.resolve()).as_posix() if inside else path.name
