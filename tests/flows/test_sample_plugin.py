"""The sample plugin of the docs, installed as a stranger would, listed, proved and paid."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from places import Place

from creative.problem import InvalidInput
from flows.price_file import priced
from flows.settings import Settings

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "docs" / "sample-plugin"
KEY = "5b1f0c9a7e3d48266a90"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install it beside us, and return the folder for PYTHONPATH."""
    target = tmp_path_factory.mktemp("installed")
    words = ("install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps")
    subprocess.run(  # noqa: S603 - our own sample
        [sys.executable, "-m", "pip", *words, "--no-build-isolation", "--target", target, SAMPLE],
        check=True,
        timeout=120,
    )
    return str(target)


@pytest.fixture
def vendor(installed: str) -> Iterator[str]:
    """Serve the vendor's wire, and return its address."""
    with subprocess.Popen(
        [sys.executable, "-m", "kampanj_inkwell_rig"],
        env={**os.environ, "PYTHONPATH": installed},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        yield server.stdout.readline().strip()
        server.terminate()


def prove(folder: Path, *places: str | Path) -> tuple[int, str]:
    """Run the contract as the README says, with these places in front of all others."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "providers.contract", "-q", "-k", "inkwell"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def test_it_keeps_the_contract(installed: str, tmp_path: Path) -> None:
    """The README says so to every author, and tells them this command."""
    code, said = prove(tmp_path, installed)

    assert code == 0, said
    assert "skipped" not in said


def test_a_plugin_that_buys_twice_breaks_the_contract(installed: str, tmp_path: Path) -> None:
    """A suite that lets everything pass proves nothing."""
    adapter = (Path(installed) / "kampanj_inkwell.py").read_text(encoding="utf-8")
    twice = """
_draw = InkwellImages.draw
InkwellImages.draw = lambda self, request: [_draw(self, request) for _ in "12"][0]
"""
    (tmp_path / "kampanj_inkwell.py").write_text(adapter + twice, encoding="utf-8")

    code, said = prove(tmp_path, tmp_path, installed)

    assert code == 1, said
    assert "one call sent 2 requests" in said


def test_a_campaign_is_quoted_and_drawn_with_it(place: Place, installed: str, vendor: str) -> None:
    """What a plugin buys is priced, reserved and booked like anything else."""
    place.rewrite("image: studio", "image: inkwell")
    told = json.dumps({"inkwell": {"key": KEY, "address": vendor}})
    beside = {"PYTHONPATH": installed, "KAMPANJ_PLUGIN_SETTINGS": told}
    with_prices = {**beside, "KAMPANJ_PRICES": str(SAMPLE / "prices.toml")}

    listed = place.run("providers", "--json", **beside)
    unpriced = place.run("plan", "brief.yaml", "--json", **beside)
    quoted = place.run("plan", "brief.yaml", "--json", **with_prices)
    made = place.run("run", "brief.yaml", "--approve", "auto", "--direct", "--json", **with_prices)

    assert ("image", "inkwell") in [(one["kind"], one["provider"]) for one in listed.json]
    assert unpriced.code == 2
    assert "inkwell: no price is known" in unpriced.json["error"]["message"]
    assert quoted.json["money"] == made.json["money"] == {"micros": 72_000, "currency": "EUR"}
    assert (made.code, made.json["images_bought"], made.json["delivered"]) == (0, 2, 4), made.err
    written = [path.read_bytes() for path in (place.folder / ".kampanj").rglob("*.*")]
    assert not [content for content in written if KEY.encode() in content]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("price = [", "it is no TOML"),
        ("[[price]]\nid = 'x'\n", "Field required"),
        ("[[price]]\nid = 'x'\n" * 2, "a price"),
        (None, "cannot be read"),
    ],
)
def test_a_price_file_that_is_none_is_told_with_its_name(
    tmp_path: Path, text: str | None, words: str
) -> None:
    """A quote by half a price list is a promise that nobody can keep."""
    path = tmp_path / "prices.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(InvalidInput, match=words) as caught:
        priced(Settings(prices=path))

    assert caught.value.problems[0].file == path


def test_an_entry_of_the_price_file_takes_the_place_of_ours(place: Place) -> None:
    """A contract's price is not the list's."""
    (place.folder / "prices.toml").write_text(
        "[[price]]\nid = 'studio-image'\nprovider = 'studio'\nmodel = '*'\noperation = 'image'\n"
        "currency = 'EUR'\neffective_from = 2026-01-01\nsource = 'Contract 7'\n"
        "checked_on = 2026-11-21\nrates = [{ unit = 'image', amount = '0.50' }]\n"
        "[price.estimates.picture]\neach = { image = '1' }\nsource = 'Contract 7'\n",
        encoding="utf-8",
    )

    quoted = place.run("plan", "brief.yaml", "--json", KAMPANJ_PRICES="prices.toml")

    assert quoted.json["money"] == {"micros": 1_000_000, "currency": "EUR"}, quoted.err
