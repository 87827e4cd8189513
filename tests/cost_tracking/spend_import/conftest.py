"""A campaign with four renditions, whose spend is imported."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cost_tracking.assets import Assets, Made
from cost_tracking.budgets import Budgets
from cost_tracking.database import open_database, upgrade
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.spend_import.export import read_export
from cost_tracking.spend_import.imported import Imported
from cost_tracking.spend_import.importing import Importer
from cost_tracking.spend_import.platform import platforms
from cost_tracking.spend_import.spend_row import Said

AFTERWARDS = datetime(2027, 4, 20, 9, 0, tzinfo=UTC)
SLOTS = (
    "tea_SE_sv-SE_meta_feed_1x1_c1",
    "tea_SE_sv-SE_meta_reels_9x16_c1",
    "tea_DE_de-DE_iab_leaderboard_c1",
    "tea_CH_de-CH_meta_link_1.91x1_c2",
)


@pytest.fixture
def shelf(engine: Engine, clock: Any) -> Engine:
    """Return a database that knows the four, and a working budget of 1,000 EUR."""
    return _filled(engine, clock)


@pytest.fixture
def bring_in(shelf: Engine, clock: Any, tmp_path: Path) -> Callable[..., Imported]:
    """Return what imports a text as a platform's export."""
    return _importing(shelf, clock, tmp_path)


@pytest.fixture(scope="module")
def one_shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return one such SQLite database for all tests of a module: those that leave it empty."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('shelf') / 'ledger.db'}")
    upgrade(engine)
    yield _filled(engine, lambda: AFTERWARDS)
    engine.dispose()


@pytest.fixture
def refuse(one_shelf: Engine, tmp_path: Path) -> Callable[..., Imported]:
    """Return what imports a text into that one."""
    return _importing(one_shelf, lambda: AFTERWARDS, tmp_path)


def _filled(engine: Engine, clock: Any) -> Engine:
    if hasattr(clock, "forward"):
        clock.forward(days=150)
    made = []
    for number, slot in enumerate(SLOTS):
        _, market, locale, rest = slot.split("_", 3)
        placement, _, concept = rest.rpartition("_")
        made.append(
            Made(
                kind="rendition",
                slot=slot,
                sha256=str(number) * 64,
                recipe=f"recipe {number}",
                market=market,
                locale=locale,
                placement=placement,
                concept=concept,
            )
        )
    Assets(engine, clock).record_all("tea", made)
    Budgets(engine, clock).set_limit("tea", SpendClass.WORKING, Money.of("1000", "EUR"))
    return engine


def _importing(engine: Engine, clock: Any, folder: Path) -> Callable[..., Imported]:
    def run(text: str | bytes, source: str = "meta", **options: Any) -> Imported:
        path = folder / "export.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        told = {name: options.pop(name) for name in list(options) if name in Said.model_fields}
        said = Said(**{"account": "42", "currency": "EUR", **told})
        export = read_export(path, platforms()[source], said, clock())
        own = {name: options.pop(name, None) for name in ("convert", "books")}
        importer = Importer(engine, default_policy(), clock, "mia", **own)
        return importer.run(export, **options)

    return run
