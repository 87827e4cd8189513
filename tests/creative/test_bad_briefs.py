"""What people get wrong in a brief, and what they are told."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from creative.brief_file import load_brief
from creative.problem import InvalidInput

BRIEF = """\
schema: 1
name: spring-tea
title: Spring tea
brand: brand.yaml
objective: awareness
audience: {who: Tea drinkers}
messaging:
  headline: A slower morning
  body: Steep for three minutes.
  cta: Taste it
concepts: {count: 2, choose: 1}
markets: [SE, CH]
placements: [meta_feed_1x1]
schedule: {start: 2027-03-01, end: 2027-04-15}
budget: {currency: EUR, non_working: "250.00", working: "900.00", channels: {social: "1"}}
"""
BRAND = """\
schema: 1
name: leaf
colours: {primary: "#0B5D3B", background: "#FFFFFF"}
"""

Case = tuple[str, str, str]
BAD: dict[str, Case] = {
    # name: (what is replaced, by what, what the error must say)
    "unknown field": (
        "audience:",
        "audiance:",
        ":6: audiance: there is no such field. Did you mean",
    ),
    "missing field": ("title: Spring tea\n", "", "title: it is missing"),
    "unknown field deep inside": ("{who: Tea", "{how: 1, who: Tea", "audience.how: there is no"),
    "wrong type": ("title: Spring tea", "title: [a]", ":3: title: input should be a valid string"),
    "number for text": ("title: Spring tea", "title: 12", "title: 12: input should be a valid"),
    "schema of the future": ("schema: 1", "schema: 2", ":1: schema: 2 is not known here"),
    "name with a space": ("name: spring-tea", "name: spring tea", ":2: name: 'spring tea'"),
    "name that climbs": ("name: spring-tea", "name: ../etc", ":2: name:"),
    "unknown objective": ("objective: awareness", "objective: awarness", "Did you mean awareness?"),
    "unknown market": ("[SE, CH]", "[SE, XX]", ":12: markets[1]: there is no market 'XX'"),
    "UK": ("[SE, CH]", "[UK]", "there is no market 'UK'. Write GB"),
    "market twice": ("[SE, CH]", "[SE, SE]", "markets[1]: SE is named twice"),
    "no market": ("[SE, CH]", "[]", "markets: tuple should have at least 1 item"),
    "unknown placement": ("meta_feed_1x1", "meta_fed_1x1", "Did you mean meta_feed_1x1?"),
    "unknown locale": (
        "placements:",
        "locales: {CH: [de-CH, rm-CH]}\nplacements:",
        "locales.CH[1]: Switzerland has no locale 'rm-CH'. Use one of: de-CH, fr-CH, it-CH",
    ),
    "locale of another market": (
        "placements:",
        "locales: {DE: [de-DE]}\nplacements:",
        "DE is not among the brief's markets",
    ),
    "ends before it starts": (
        "end: 2027-04-15",
        "end: 2027-02-15",
        "before it starts on 2027-03-01",
    ),
    "not a date": ("2027-03-01", "March", "schedule.start:"),
    "shares that do not sum to 1": ('{social: "1"}', '{social: "0.5"}', "sum to 0.5, not to 1"),
    "money as a float": ('"250.00"', "250.10", "put the amount in quotes"),
    "negative money": ('"250.00"', '"-1"', "budget.non_working"),
    "not a number": ('"250.00"', '"NaN"', "budget.non_working"),
    "money of a stranger's digits": ('"250.00"', '"1.234,56"', "budget.non_working"),
    "currency in words": ("currency: EUR", "currency: euro", "budget.currency: 'euro'"),
    "more chosen than drawn": ("choose: 1", "choose: 3", "choose is 3, but only 2 are drawn"),
    "more directions than concepts": (
        "choose: 1}",
        "choose: 1, directions: [a, b, c]}",
        "3 directions for 2 concepts",
    ),
    "a key twice": (
        "title: Spring tea",
        "title: A\ntitle: B",
        "'title' is already given on line 3",
    ),
    "an alias": ("title: Spring tea", "title: &t A\navoid: [*t]", "&t is an anchor"),
    "a tag": ("title: Spring tea", "title: !!python/name:os.system x", "is not allowed"),
    "broken syntax": ("markets: [SE, CH]", "markets: [SE, CH", "it is not YAML here"),
    "a tab for indentation": ("  headline:", "\theadline:", "it is not YAML here"),
    "a control character": ("Spring tea", '"Spring \\x07 tea"', "control characters are not text"),
    "no such brand": ("brand.yaml", "brands.yaml", ":4: brand: there is no file 'brands.yaml'"),
    "brand out of the root": ("brand.yaml", "../../brand.yaml", "leaves"),
    "brand by an absolute path": ("brand.yaml", "/etc/passwd", "leaves"),
    "product picture missing": (
        "concepts:",
        "products: [{id: card, name: Card, image: no.png}]\nconcepts:",
        "products[0].image: there is no file 'no.png'",
    ),
    "claim that expires in mid campaign": (
        "concepts:",
        "claims: [{id: best, text: Best, evidence: L-1, expires: 2027-03-31}]\nconcepts:",
        "best expires on 2027-03-31, before the campaign ends",
    ),
    "claim without evidence": (
        "concepts:",
        "claims: [{id: best, text: Best}]\nconcepts:",
        "claims[0].evidence: it is missing",
    ),
    "licence that ends too early": (
        "concepts:",
        "rights: [{asset: a.png, licence: RM, end: 2027-03-02}]\nconcepts:",
        "the licence of a.png ends on 2027-03-02",
    ),
    "baseline in another currency": (
        "concepts:",
        'baseline: {currency: USD, per_concept: "1", per_rendition: "1", source: x}\nconcepts:',
        "the baseline is in USD, the budget in EUR",
    ),
    "notice that nobody wrote": (
        "concepts:",
        "compliance: {required_disclosures: [credit]}\nconcepts:",
        "the brand has no folder of notices",
    ),
    "approver of a market that is not asked for": (
        "concepts:",
        "approvers: {renditions: {markets: {FR: [legal]}}}\nconcepts:",
        "FR is not among the brief's markets",
    ),
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Return what writes a brief beside its brand, in a root of its own."""
    (tmp_path / "kampanj.toml").touch()
    (tmp_path / "brand.yaml").write_text(BRAND, encoding="utf-8")

    def written(text: str) -> Path:
        path = tmp_path / "brief.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def faults(path: Path) -> str:
    """Return what the brief's author is told."""
    with pytest.raises(InvalidInput) as error:
        load_brief(path)
    return str(error.value)


def test_the_brief_that_the_others_are_made_from_is_whole(write: Callable[[str], Path]) -> None:
    """If it were not, every case below could pass for the wrong reason."""
    loaded = load_brief(write(BRIEF))

    assert [one.locale.tag for one in loaded.targets] == ["sv-SE", "de-CH", "fr-CH", "it-CH"]


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_brief_names_the_place_and_the_mend(case: Case, write: Callable[[str], Path]) -> None:
    """Its author has no developer beside them."""
    old, new, said = case
    assert old in BRIEF

    told = faults(write(BRIEF.replace(old, new, 1)))

    assert said in told
    assert "brief.yaml" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it holds no fields"),
        (b"- a\n- b\n", "it is not a list of fields"),
        (b"title: \xff\n", ":1: it is not UTF-8"),
        (b"title: a\x00b\n", "U+0000"),
        (b"a: " + b"x" * 256_000, "larger than 256,000 bytes"),
        (b"a: " + b"[" * 500 + b"]" * 500, "nested deeper than 12 levels"),
        (b"a: 1\n---\nb: 2\n", "it is not YAML here"),
        (b'{"name": "a", "name": "b"}', "'name' is already given"),
    ],
)
def test_a_file_that_is_no_brief_at_all_is_refused(
    content: bytes, said: str, tmp_path: Path
) -> None:
    """A bomb or a binary must cost neither memory nor a traceback."""
    path = tmp_path / "brief.yaml"
    path.write_bytes(content)

    assert said in faults(path)


def test_all_faults_are_told_at_once(write: Callable[[str], Path]) -> None:
    """Nobody wants to mend a brief ten times."""
    text = BRIEF.replace("[SE, CH]", "[XX]").replace("meta_feed_1x1", "meta_fed")
    text = text.replace("awareness", "fame").replace('"250.00"', "250.10")
    text = text.replace("brand.yaml", "none.yaml")

    told = faults(write(text)).splitlines()

    assert len(told) == 5
    assert [line.split(":")[1] for line in told] == ["4", "5", "12", "13", "15"]


def test_a_brand_s_faults_are_told_with_its_own_lines(
    write: Callable[[str], Path], tmp_path: Path
) -> None:
    """A brand is written by other people than the brief is."""
    path = write(BRIEF)
    brand = BRAND.replace("#0B5D3B", "green") + "logo: {image: no.png}\n"
    (tmp_path / "brand.yaml").write_text(brand, encoding="utf-8")

    assert "brand.yaml:3: colours.primary: a colour is # and six hex digits" in faults(path)


def test_a_link_cannot_lead_out_of_the_root(write: Callable[[str], Path], tmp_path: Path) -> None:
    """A brief from a stranger's pull request would read the builder's files."""
    (tmp_path / "brand.yaml").unlink()
    (tmp_path / "brand.yaml").symlink_to("/etc/hostname")

    assert "leaves" in faults(write(BRIEF))


def test_json_is_a_brief_too(write: Callable[[str], Path]) -> None:
    """Programs write JSON."""
    brief = {
        "schema": 1,
        "name": "tea",
        "title": "Tea",
        "brand": "brand.yaml",
        "objective": "awareness",
        "audience": {"who": "All"},
        "messaging": {"headline": "A", "cta": "B"},
        "markets": ["NO"],
        "placements": ["dooh"],
        "schedule": {"start": "2027-01-01", "end": "2027-01-02"},
        "budget": {"currency": "NOK", "non_working": "1"},
    }

    loaded = load_brief(write(json.dumps(brief)))

    assert [market.code for market in loaded.markets] == ["NO"]
    assert {one.channel for one in loaded.placements} == {"dooh"}
