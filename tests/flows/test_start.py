"""The command line starts without anything that it does not need."""

import subprocess
import sys

import pytest
from places import Place

VENDORS = {"boto3", "botocore", "httpx2", "openai", "prefect", "pytest"}
HEAVY = VENDORS | {"PIL", "sqlalchemy", "fastapi", "uharfbuzz"}


def imported(place: Place, *words: str) -> set[str]:
    """Return the packages that a command imports."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-X", "importtime", "-m", "flows", *words],
        cwd=place.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize(
    ("words", "without"),
    [(("providers", "--json"), HEAVY), (("plan", "brief.yaml", "--json"), VENDORS)],
)
def test_a_vendor_s_library_is_imported_by_who_asks_the_vendor(
    place: Place, words: tuple[str, ...], without: set[str]
) -> None:
    """Every registered adapter would add most of a second to every command."""
    found = imported(place, *words)

    assert "pydantic" in found
    assert not found & without


def test_a_quote_opens_neither_fonts_nor_an_orm(place: Place) -> None:
    """A quote is what CI runs most, also where a ledger is to be looked into."""
    place.run("db", "upgrade")
    found = imported(place, "plan", "brief.yaml", "--json")

    assert "sqlite3" in found
    assert not found & {"sqlalchemy", "uharfbuzz", "prefect"}
