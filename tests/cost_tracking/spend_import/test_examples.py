"""The example exports are imported as the page of media spend says."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cost_tracking import ledger
from cost_tracking.acceptance.events import recorded
from cost_tracking.assets import Assets, Made
from cost_tracking.database import open_database, reading
from cost_tracking.policy import default_policy
from cost_tracking.spend_import.export import read_export
from cost_tracking.spend_import.feedback import About, import_feedback
from cost_tracking.spend_import.importing import Importer
from cost_tracking.spend_import.mapping_file import read_mapping
from cost_tracking.spend_import.platform import platforms
from cost_tracking.spend_import.spend_row import Said
from creative.asset_name import AssetName

FOLDER = Path(__file__).parents[3] / "docs" / "exports"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
NAMES = sorted(
    {
        AssetName.parse(found)
        for file in FOLDER.iterdir()
        for found in re.findall(
            r"spring-checkout_[A-Z]{2}_[A-Za-z-]+_[a-z0-9_.]+?_c1_v1",
            file.read_bytes().decode("utf-16" if file.suffix == ".tsv" else "utf-8"),
        )
    }
    | {AssetName.parse("spring-checkout_US_en-US_pmax_square_c1_v1")},
    key=str,
)


@pytest.fixture
def demo(tmp_path: Path, migrated: Callable[[Path], Path]) -> Engine:
    """Return a database that holds the demo's renditions."""
    engine = open_database(f"sqlite:///{migrated(tmp_path / 'ledger.db')}")
    made = [
        Made(
            kind="rendition",
            slot=name.slot,
            sha256="0" * 64,
            recipe=name.slot,
            market=name.market,
            locale=name.locale,
            placement=name.placement,
            concept=name.concept,
        )
        for name in NAMES
    ]
    Assets(engine, lambda: NOW).record_all("spring-checkout", made)
    return engine


@pytest.mark.parametrize(
    ("file", "source", "total", "matched", "rows", "zone"),
    [
        ("meta-spring-checkout.csv", "meta", "815.79 EUR", "86.7", 12, "account"),
        ("google-ads.csv", "google", "1609.75 EUR", "100.0", 4, "account"),
        ("tiktok-ads.csv", "tiktok", "179.52 GBP", "100.0", 2, "UTC"),
        ("linkedin-ads.tsv", "linkedin", "144.00 EUR", "100.0", 2, "UTC"),
        ("pinterest-ads.csv", "pinterest", "43.320001 EUR", "100.0", 2, "UTC"),
        ("snap-ads.csv", "snap", "8.00 USD", "100.0", 2, "UTC"),
        ("microsoft-ads.csv", "microsoft", "60.00 USD", "100.0", 2, "account"),
        ("amazon-ads.csv", "amazon", "101.95 EUR", "100.0", 2, "account"),
        ("billboards.csv", "billboards.toml", "2230.50 EUR", "100.0", 2, "Europe/Berlin"),
    ],
)
def test_an_example_is_imported_to_the_last_micro(
    demo: Engine, file: str, source: str, total: str, matched: str, rows: int, zone: str
) -> None:
    """Units, marks, preambles, totals and encodings are those that people meet."""
    mapped = source.endswith(".toml")
    platform = read_mapping(FOLDER / source, default_policy()) if mapped else platforms()[source]
    told = Said(
        account="city" if mapped else "",
        currency="EUR" if source == "pinterest" else "",
    )
    importer = Importer(demo, default_policy(), lambda: NOW, "mia")

    done = importer.run(read_export(FOLDER / file, platform, told, NOW))

    assert (done.rows, done.time_zones) == (rows, (zone,))
    assert [str(one) for one in done.change] == [total]
    assert [str(one) for one in done.matched().values()] == [matched]
    assert ledger.check(demo) == []
    again = importer.run(read_export(FOLDER / file, platform, told, NOW))
    assert (again.changed, again.unchanged) == (0, rows)


def test_totals_of_the_examples_are_compared() -> None:
    """A row lost on the way would show."""
    export = read_export(FOLDER / "google-ads.csv", platforms()["google"], Said(), NOW)
    assert (export.totals, len(export.rows)) == (1, 4)
    assert export.rows[0].breakdown == "device=Computers"
    assert (export.rows[0].account, export.rows[0].day) == ("1234567890", date(2026, 11, 17))


def test_a_carousel_of_the_example_is_shared_by_its_two_pictures(demo: Engine) -> None:
    """And a Snapchat day by the hour stays apart by the hour."""
    export = read_export(FOLDER / "meta-spring-checkout.csv", platforms()["meta"], Said(), NOW)
    Importer(demo, default_policy(), lambda: NOW, "mia").run(export)
    snap = read_export(FOLDER / "snap-ads.csv", platforms()["snap"], Said(), NOW)

    with reading(demo) as connection:
        shared = connection.execute(
            text(
                "SELECT asset, sum(amount_micros) FROM posting WHERE attribution = 'allocated' "
                "GROUP BY asset ORDER BY asset"
            )
        ).all()
    assert [one[1] for one in shared] == [70_730_000, 70_730_000]
    assert [one.breakdown for one in snap.rows] == ["hour=00", "hour=01"]


def test_the_example_of_feedback_becomes_events(demo: Engine) -> None:
    """Each of its asset, once."""
    for new in (3, 0):
        heard = import_feedback(demo, FOLDER / "feedback.csv", About(source="zendesk"), lambda: NOW)
        assert (heard.rows, heard.new) == (3, new)
    with reading(demo) as connection:
        events = recorded(connection, ["spring-checkout"])
    assert [(one.kind.value, one.reason) for one in events] == [
        ("platform_rejected", "platform_rejected"),
        ("complaint", "wrong_price"),
        ("support_contact", ""),
    ]
    assert events[0].slot == "spring-checkout_DE_de-DE_meta_feed_4x5_c1"
    assert (events[0].key, events[0].version) == ("feedback/zendesk/PR-5501", 1)


@pytest.mark.parametrize("name", platforms())
def test_the_page_of_media_spend_says_what_is_read(name: str) -> None:
    """Its table is what people choose columns by."""
    page = (FOLDER.parent / "media-spend.md").read_text("utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
    platform = platforms()[name]

    assert platform.time_zone in row
    assert {one.unit for one in platform.amounts} <= set(re.findall("major|micros", row)) | (
        {"major", "micros"} if name == "csv" else set()
    )
    assert platform.columns["ad_id"]
