"""A quote needs no account: whoever may be named in a brief is priced before anybody has a key."""

from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from places import Place

from flows.quote import Quote
from flows.quoting import quote
from flows.settings import Settings
from flows.suppliers import Suppliers
from providers import registry
from providers.errors import NotConfigured
from providers.images.studio import StudioImages
from providers.settings import ProviderSettings

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FREE = "studio", "comfyui"
"""Who costs nothing, and lacks at most a workflow."""
CONTRACT = """
[[price]]
id = "firefly-contract"
provider = "firefly"
model = "*"
operation = "image"
basis = "contract"
currency = "EUR"
effective_from = 2026-01-01
source = "Contract 7"
checked_on = 2026-11-21
rates = [{ unit = "operation", amount = "0.05" }]
[price.estimates.picture]
each = { operation = "1" }
source = "Contract 7"
[[price]]
id = "plugin"
provider = "plugin"
model = "*"
operation = "image"
currency = "EUR"
effective_from = 2026-01-01
source = "Contract 8"
checked_on = 2026-11-21
rates = [{ unit = "image", amount = "0.05" }]
[price.estimates.picture]
each = { image = "1" }
source = "Contract 8"
"""
EVERYBODY = [(kind, name) for kind in registry.GROUPS for name in registry.names(kind)]


@pytest.fixture(autouse=True)
def nobodys_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no account of this machine be found."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))


def quoted(place: Place, **more: Any) -> Quote:
    """Quote the brief in this process, with no account at all."""
    prices = place.folder / "prices.toml"
    prices.write_text(CONTRACT, encoding="utf-8")
    return quote(Settings(home=place.folder / "state", prices=prices, **more), place.brief, NOW)


@pytest.mark.parametrize(("kind", "name"), EVERYBODY)
def test_whoever_is_named_is_priced_without_a_key(
    place: Place, kind: registry.Kind, name: str
) -> None:
    """Who has to sign a contract to learn a price cannot compare two vendors."""
    place.rewrite(f"{kind}: studio", f"{kind}: {name}")
    place.rewrite("directions: [A cup by a window, Leaves in the sun]", "directions: []")
    place.rewrite("markets: [SE, SA]", "markets: [SE, SA, DE]")
    if name == "import":
        with pytest.raises(NotConfigured, match="KAMPANJ_IMPORTS_FOLDER"):
            quoted(place)
        return

    found = quoted(place)

    stage = {"image": "image", "writing": "text"}.get(kind)
    mine = [
        one
        for one in found.purchases
        if one.provider == name and stage in {None, one.operation} and one.count
    ]
    assert mine, found.purchases
    assert sum(one.most.micros for one in mine) or name in FREE
    lacking = [note for note in found.notes if note.startswith(f"{name}: ")]
    assert [one for one in lacking if "set " in one] == lacking
    assert bool(lacking) == _lacks(kind, name)


def _lacks(kind: registry.Kind, name: str) -> bool:
    builds = {"image": Suppliers.drawer, "writing": Suppliers.writer}
    try:
        builds.get(kind, Suppliers.translator)(Suppliers(ProviderSettings()), name)
    except NotConfigured:
        return True
    return False


def _plugin(settings: ProviderSettings) -> StudioImages:
    settings.plugin("plugin", "key")
    settings.plugin("plugin", "address", "https://plugin.example")

    class Plugin(StudioImages):
        name = "plugin"
        repeatable = False

    return Plugin()


def test_a_plugin_is_priced_without_its_key_and_passed_over_where_others_are_named(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a stranger's adapter must be told is known to it alone."""

    class Installed(EntryPoint):
        def load(self) -> Any:
            return _plugin

    mine = Installed("plugin", "elsewhere:plugin", registry.GROUPS["image"])
    monkeypatch.setattr(
        registry, "_plugins", lambda kind: {"plugin": mine} if kind == "image" else {}
    )
    place.rewrite("image: studio", "image: plugin")
    alone = quoted(place)
    place.rewrite("image: plugin", "image: [plugin, studio]")
    beside = quoted(place)

    assert alone.money.micros == 2 * 50_000
    assert [note for note in alone.notes if '{"plugin": {"key": "..."}}' in note]
    assert beside.money.micros == 0
    assert {one.provider for one in beside.purchases} == {"studio"}


def test_a_run_is_never_built_on_paper() -> None:
    """A stand-in that reached a vendor would be a request in nobody's name."""
    with pytest.raises(NotConfigured, match="OPENAI_API_KEY"):
        Suppliers(ProviderSettings()).drawer("openai")
