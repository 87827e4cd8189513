"""Nobody is in the registry who does not keep the contract, and the ledger's drills with it."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from providers import registry
from providers.contract.images import ImageProviderContract
from providers.contract.shared import Contract
from providers.contract.translation import TranslatorContract
from providers.contract.writing import TextProviderContract

KINDS: dict[registry.Kind, type[Contract]] = {
    "image": ImageProviderContract,
    "writing": TextProviderContract,
    "translation": TranslatorContract,
}


def _loaded(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"looked_at_{file.stem}", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", KINDS)
def test_each_name_of_the_registry_keeps_the_contract(kind: registry.Kind) -> None:
    """An adapter that no drill has killed is one whose purchases may be lost."""
    files = [
        file
        for file in sorted(Path(__file__).parent.glob("test_*contract*.py"))
        if "Contract" in file.read_text(encoding="utf-8")
    ]
    ours = KINDS[kind]
    # The studio's rigs ship with the contract itself.
    covered = {"studio"} | {
        name
        for file in files
        for one in vars(_loaded(file)).values()
        if isinstance(one, type) and issubclass(one, ours)
        for name in one.covers
    }
    lacking = set(registry.names(kind)) - set(registry.plugged(kind)) - covered
    assert not lacking, f"no rig keeps the contract of {kind} for {', '.join(sorted(lacking))}"
