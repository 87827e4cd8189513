"""The form of Prefect's pages, without Prefect: what it shows, and that it is the brief's own."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import jsonschema
import pytest
from places import BRIEF
from pydantic import BaseModel

from creative.brief import Brief
from creative.brief_file import load_brief
from creative.value import Value
from creative.yaml_file import fit, parse_document
from flows.brief_form import BriefForm
from flows.brief_text import brief_text
from flows.form_choices import of_project
from flows.form_example import example
from flows.settings import Settings

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "briefs").glob("*.yaml"))
FORM = BriefForm(of_project(ROOT, Settings(briefs=ROOT / "briefs")))
SCHEMA = FORM.schema
LIMIT = 512 * 1024
"""Bytes of parameters that Prefect's server takes."""
FULL = """\
schema: 1
name: full
title: Everything at once
brand: brands/nordlys.yaml
objective: retention
audience: {who: Everybody, insight: They read}
messaging: {headline: Pay, body: "Two lines\\nof it", cta: Go, source_locale: en-US}
claims: [{id: no-fees, text: No fees, evidence: L-1, markets: [SE, NO], expires: 2028-01-31}]
compliance: {prohibited_claims: [free money], required_disclosures: [fictional-brand]}
products: [{id: card, name: Card, image: assets/card.png}, {id: app, name: App}]
avoid: [faces]
concepts: {count: 5, choose: 2, directions: [One, Two]}
markets: [dach, SE]
locales: {CH: [de-CH, fr-CH], SE: [sv-SE]}
placements: [social, iab_leaderboard]
schedule: {start: 2027-03-01, end: 2027-04-15}
budget:
  currency: EUR
  non_working: "2500.10"
  working: "0.000001"
  channels: {social: "0.25", offline: "0.75"}
  rates: {USD: {rate: "0.895095", on: 2026-10-30, source: ECB}}
baseline: {currency: EUR, per_concept: "2400", per_rendition: "58.5", source: Card,
  approved_by: Ada, approved_on: 2026-01-15, volume: 12}
costs: [{id: hours, type: labour.review, amount: "144.00", currency: SEK, source: T1,
  on: 2027-01-29, market: SE, channel: social}]
kpi: {metric: click_through_rate, target: "-0.5"}
approvers: {concepts: [], renditions: {default: [legal], markets: {SE: [market, legal]}}}
waits:
  choice: {remind_after: P2D, deadline: P5D, then: auto}
  review: {remind_after: PT12H, deadline: P1W}
rework: {rounds: 3}
rights: [{asset: a.png, licence: L, territories: [SE], channels: [social], start: 2027-01-01,
  end: 2027-12-31, proof: P}]
acceptance: {window_days: 7, channels: {dooh: 30}}
providers:
  image: [openai/gpt-image-2, studio]
  writing: [openai]
  translation: [deepl, studio]
  back_translation: [deepl, studio]
  markets: {SE: {translation: [studio]}}
  quality: high
  tier: sketch
  sketch: {image: [bfl], quality: medium, edge: 512}
  max_price: "0.5"
  failover_refusals: true
"""


def brief_of(text: str) -> Brief:
    """Read a brief's text, which must be sound."""
    brief, problems = fit(parse_document(Path("brief.yaml"), text.encode()), Brief)
    assert brief is not None, problems
    return brief


def fields_of(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Yield the path of every field of a model and of those in it, read from the model alone."""
    hints = get_type_hints(model, include_extras=True)
    for name, info in model.model_fields.items():
        here = f"{path}{info.alias or name}"
        if get_origin(hints[name]) is Literal and len(get_args(hints[name])) == 1 and path:
            continue
        yield here
        for inner in models_in(hints[name]):
            yield from fields_of(inner, f"{here}.")


def models_in(hint: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that a type is made of."""
    if isinstance(hint, type) and issubclass(hint, Value):
        yield hint
    for one in get_args(hint):
        yield from models_in(one)


def properties(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every field of a JSON schema with its path."""
    inside = schema.get("items", schema)
    for name, one in inside.get("properties", {}).items():
        yield f"{path}{name}", one
        yield from properties(one, f"{path}{name}.")


def written(data: Any, path: str, *, row: bool = False) -> Iterator[str]:
    """Yield the paths of what a brief writes; the rows of a table have no names in them."""
    if isinstance(data, list):
        for one in data:
            yield from written(one, path)
    elif isinstance(data, dict):
        table = path in FORM.words.rows and not row
        for name, one in data.items():
            here = path if table else f"{path}.{name}".strip(".")
            yield here
            yield from written(one, here, row=table)


def at(path: str) -> dict[str, Any]:
    """Return one field of the form."""
    return dict(properties(SCHEMA))[path]


def faults(form: dict[str, Any]) -> list[str]:
    """Return where Prefect's server would refuse a form: it checks the same, with formats."""
    checker = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    return [".".join(map(str, one.absolute_path)) for one in checker.iter_errors(form)]


def changed(path: str, value: Any, text: str = FULL) -> dict[str, Any]:
    """Return a sound form with one field that is another."""
    form = FORM.filled(brief_of(text))
    *way, last = path.split(".")
    here: Any = form
    for step in way:
        here = here[int(step)] if isinstance(here, list) else here[step]
    here[last] = value
    return form


def test_every_field_of_a_brief_is_asked_or_it_is_said_why_not() -> None:
    """Whoever adds a field to the brief would else not see that creative operations lack it."""
    asked, left_out = set(FORM.paths()), set(FORM.words.left_out)
    columns = {f"{path}.{one}" for path, names in FORM.words.rows.items() for one in names}

    assert set(fields_of(Brief)) == (asked - columns) | left_out
    assert not asked & left_out
    assert all(FORM.words.left_out.values())


def test_the_brief_of_these_tests_says_something_in_every_field() -> None:
    """What it does not say cannot get lost in them."""
    full = set(written(parse_document(Path("full.yaml"), FULL.encode()).data, ""))
    columns = {f"{path}.{one}" for path, names in FORM.words.rows.items() for one in names}

    assert set(FORM.paths()) - columns == full - {"schema"}


def test_every_field_has_its_words_and_its_place_and_none_has_words_in_vain() -> None:
    """A field that is called by its name in the code is a riddle; Postgres keeps no order."""
    for path, one in properties(SCHEMA):
        assert one["title"], path
        assert one["description"].strip().endswith((".", "?")), path
        assert isinstance(one["position"], int), path
    assert set(FORM.words.words) == set(FORM.paths())
    assert not FORM.words.group[-1].fields, "the last group takes what is in no other"
    assert [one.name for one in FORM.root.fields if one.name == "more"] == []


def test_choices_are_choices_days_are_days_and_money_is_exact() -> None:
    """What can be chosen is not typed, and no float comes near money."""
    markets = at("places.markets")
    assert markets["type"] == "array"
    assert {"SE Sweden", "nordics (SE, NO, DK, FI)"} < set(markets["items"]["enum"])
    assert "meta_feed_1x1 1080x1080" in at("places.placements")["items"]["enum"]
    assert at("campaign.objective")["enum"][0] == "awareness"
    assert at("campaign.brand")["enum"] == ["brands/nordlys.yaml"]
    assert at("message.compliance.required_disclosures")["items"]["enum"] == ["fictional-brand"]
    assert at("providers.tier")["enum"] == ["sketch", "produce"]
    assert {"studio", "openai", "openai/gpt-image-2"} < set(at("providers.image")["items"]["enum"])
    assert any(one.startswith("media.inventory: ") for one in at("money.costs.type")["enum"])
    assert at("money.schedule.start")["format"] == "date"
    assert at("money.budget.working")["default"] == "0"
    assert at("money.baseline")["maxItems"] == 1
    for path, one in properties(SCHEMA):
        assert one["type"] != "number", path
        assert "anyOf" not in one, f"{path} would be shown as tabs"
    assert "$ref" not in json.dumps(SCHEMA)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("campaign.name", "Spring Tea"),
        ("campaign.name", "../etc"),
        ("campaign.objective", "fame"),
        ("campaign.title", ""),
        ("places.markets", ["UK"]),
        ("places.markets", []),
        ("places.markets", ["SE Sweden", "SE Sweden"]),
        ("pictures.concepts.count", 13),
        ("money.schedule.start", "soon"),
        ("money.budget.non_working", 2500.1),
        ("money.budget.non_working", "2,500.00"),
        ("money.budget.non_working", "-1"),
        ("money.budget.non_working", "1e3"),
        ("money.budget.non_working", "1.1234567"),
        ("money.budget.channels.0.share", "1.5"),
        ("money.kpi.0.target", "many"),
        ("campaign.colour", "red"),
    ],
)
def test_the_form_itself_refuses_what_is_plainly_wrong(path: str, value: Any) -> None:
    """Whoever types it sees it beside the field, before there is a run."""
    [where] = faults(changed(path, value))

    assert where in (path, f"{path}.0", path.partition(".")[0])


@pytest.mark.parametrize("text", [FULL, BRIEF, *(one.read_text("utf-8") for one in EXAMPLES)])
def test_a_brief_goes_into_the_form_and_comes_out_of_it_as_it_was(text: str) -> None:
    """A form that loses a field loses it silently."""
    brief = brief_of(text)
    form = FORM.filled(brief)

    told, about = FORM.brief(json.loads(json.dumps(form)))

    again = brief_of(brief_text(told).decode())
    assert not about.faults
    assert again == brief
    assert FORM.filled(again) == form
    # The small brief names a brand of another project.
    assert faults(form) == (["campaign.brand"] if text == BRIEF else [])


def test_a_brief_that_is_typed_as_codes_is_understood_as_well() -> None:
    """Whoever starts it from a script has no reason to write a market's name behind its code."""
    told, _ = FORM.brief(changed("places.markets", ["SE", "nordics"]))

    assert told["markets"] == ["SE", "nordics"]


def test_the_form_is_filled_in_with_a_campaign_that_could_run() -> None:
    """Whoever opens it for the first time learns from it, and may press the button."""
    brief = example(FORM.choices, date(2026, 11, 21))
    form = FORM.filled(brief)

    assert faults(form) == []
    loaded = load_brief(ROOT / "briefs" / "x.yaml", brief_text(FORM.brief(form)[0]))
    assert loaded.brief == brief
    assert brief.schedule.start == date(2027, 1, 11)
    assert brief.providers.image == ("studio",)
    parameters = {"brief": form, "schema": SCHEMA}
    assert len(json.dumps(parameters)) < LIMIT / 8


def test_rows_that_a_brief_cannot_write_down_are_faults_and_not_lost() -> None:
    """In a brief, the second of two rows of one market would replace the first."""
    form = FORM.filled(brief_of(FULL))
    form["places"]["locales"] += [{"market": "CH Switzerland", "locales": []}, {"locales": []}]
    form["money"]["baseline"] *= 2

    _, about = FORM.brief(form)

    assert [(at, said) for at, said, _ in about.faults] == [
        (("locales", "CH"), "CH has two rows"),
        (("locales",), "row 4 says no market"),
        (("baseline",), "it is given twice"),
    ]


def test_what_has_no_shape_of_ours_is_told_by_the_brief() -> None:
    """The server can be told to check nothing; then the first step does."""
    form = {"campaign": [], "money": {"budget": "much", "tips": 1}, "places": None, "x": {"y": 1}}

    told, _ = FORM.brief(form)
    _, problems = fit(parse_document(Path("form"), brief_text(told)), Brief)

    said = {one.path: one.message for one in problems}
    assert said["name"] == "it is missing"
    assert {"campaign", "tips", "x"} < set(said)
    assert "budget" in said


@pytest.mark.parametrize(
    "text",
    [
        *("NO", "yes", "null", "~", "1e3", "0x10", "2027-01-01", "- a: [", "# no", "a: b", "&x"),
        *("*x", "!!str x", "%", "@", "'", '"', "\\", "  x", "x ", "{{ x }}", "\ufeffx", "é" * 300),
        *("two\nlines\n", "\t", "bell\a", "a\u2028b\u2029c\u0085d", "\u202egnirps", "x " * 90),
    ],
)
def test_a_typed_text_is_the_same_in_the_file(text: str) -> None:
    """Whatever somebody types is words, and never markup of the file that it becomes."""
    written = brief_text({"title": text, "avoid": [text], "deep": {"er": [{"text": text}]}})

    read = parse_document(Path("brief.yaml"), written).data

    assert read == {"title": text, "avoid": [text], "deep": {"er": [{"text": text}]}}
