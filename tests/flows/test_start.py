"""The command line starts without anything that it does not need."""

import subprocess
import sys

import pytest
from places import Place

VENDORS = {"boto3", "botocore", "httpx2", "openai", "prefect", "pytest"}
HEAVY = VENDORS | {"PIL", "sqlalchemy", "fastapi", "uharfbuzz"}


RUN = """
import sys
from flows.__main__ import main
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def imported(place: Place, *words: str) -> set[str]:
    """Return the packages and modules that a command imports."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", RUN, *words],
        cwd=place.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    names = set(done.stderr.splitlines()[-1].split())
    return names | {name.partition(".")[0] for name in names}


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


LEFT_OUT_OF_A_QUOTE = {
    # What something else is done with: a ledger written, letters shaped, a flow run.
    *("sqlalchemy", "uharfbuzz", "prefect", "PIL", "pydantic_settings"),
    # What reads and shows more than a sound brief and its quote need.
    *("ruamel", "rich", "tomllib", "localization.checks", "sqlite3"),
    # What other commands are made of.
    *("flows.review_commands", "flows.report_commands", "flows.spend_commands", "flows.show"),
}


@pytest.mark.parametrize("way", [(), ("--json",), ("--markdown",)])
def test_a_quote_imports_only_what_it_needs(place: Place, way: tuple[str, ...]) -> None:
    """It is what people and CI ask most; each of these was a tenth of it, or a third."""
    assert not imported(place, "plan", "brief.yaml", *way) & LEFT_OUT_OF_A_QUOTE


def test_a_quote_beside_a_ledger_asks_the_driver_alone(place: Place) -> None:
    """SQLAlchemy takes longer to be imported than all the rest of a quote."""
    place.run("db", "upgrade")
    found = imported(place, "plan", "brief.yaml", "--json")

    assert "sqlite3" in found
    assert not found & LEFT_OUT_OF_A_QUOTE - {"sqlite3"}


def test_a_quote_compares_with_a_run_by_what_it_knows_already(finished: Place) -> None:
    """It says what a change touches before anybody draws it, and no later than a first quote."""
    found = imported(finished, "plan", "brief.yaml", "--json")

    assert "flows.comparing" in found
    assert not found & LEFT_OUT_OF_A_QUOTE - {"sqlite3"}


def test_help_builds_no_model(place: Place) -> None:
    """Who asks what there is waits for nothing that would do it."""
    found = imported(place, "--help")

    assert "flows.review_commands" in found
    assert not found & {"creative.value", "sqlalchemy", "rich"}
