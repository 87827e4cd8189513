"""The example briefs: each is linted and quoted, as CI would."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.quote import as_markdown
from flows.quoting import quote
from flows.settings import Settings

ROOT = Path(__file__).parent.parent.parent
BRIEFS = sorted((ROOT / "briefs").glob("*.yaml"))
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda path: path.stem)
def test_every_example_brief_plans(brief: Path, tmp_path: Path) -> None:
    """An example that does not work is the first thing a stranger meets."""
    quoted = quote(Settings(home=tmp_path), brief, NOW)

    assert quoted.files > 0
    assert quoted.fits
    assert quoted.campaign in as_markdown(quoted)


def test_the_demo_asks_for_every_market_and_pays_for_concepts_only(tmp_path: Path) -> None:
    """The README promises it."""
    quoted = quote(Settings(home=tmp_path), ROOT / "briefs" / "spring-checkout.yaml", NOW)

    assert (quoted.markets, quoted.locales, quoted.placements) == (45, 56, 17)
    assert quoted.files == 56 * 17
    assert not quoted.failed_locales
    images = [one for one in quoted.purchases if one.operation == "image"]
    assert sum(one.count for one in images) == 4
