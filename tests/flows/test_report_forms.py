"""Every report of money in every form that it has, as it is typed; and what it has not."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from places import Ended, Place

FORMS = {
    "html": b"<!doctype html>",
    "json": b"{",
    "csv": b"table,",
    "xlsx": b"PK",
    "parquet": b"PAR1",
    "markdown": b"## ",
    "summary": b"## ",
}
"""The forms of a report of tables, and how the file of each begins."""
REPORTS = (
    ("trail", "spring-tea"),
    ("trail", "spring-tea", "non_working"),
    ("diff", "spring-tea", "--from", "1"),
    ("open",),
    ("acceptance",),
    ("acceptance", "spring-tea", "--by", "market"),
    ("saving", "spring-tea"),
    ("totals", "--by", "market"),
    ("all",),
    ("all", "--only", "budgets"),
)


@pytest.mark.parametrize("words", REPORTS, ids=" ".join)
def test_a_report_is_had_in_every_form(
    words: tuple[str, ...], typed: Callable[..., Ended], tmp_path: Path
) -> None:
    """Finance takes the workbook, CI the Markdown, a data team the Parquet: of all reports."""
    for form, start in FORMS.items():
        file = tmp_path / f"report.{form}"
        ended = typed("report", *words, "--format", form, "-o", str(file))
        assert ended.code == 0, f"{form}: {ended.err}"
        told = file.read_bytes()
        # Sums of millions of lines are written by the copy itself, without a column of ours.
        first = b"market," if (words[0], form) == ("totals", "csv") else start
        assert told.lstrip().startswith(first), form
        if form == "html":
            assert b"kampanj verify --head 2:" in told
        if form in {"markdown", "summary"}:
            assert b"sealed up to entry 2 as " in told
    assert typed("report", *words, "--json").json


def test_charges_are_had_of_all_campaigns_at_once(typed: Callable[..., Ended]) -> None:
    """A FinOps tool loads one file, and not one a campaign."""
    ended = typed("report", "all", "--format", "focus")

    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert sorted(row["EffectiveCost"] for row in rows) == ["400.000000", "72.000000"]
    early = typed("report", "all", "--format", "focus", "--as-of", "1").out
    assert len(list(csv.DictReader(io.StringIO(early)))) == 1


def test_the_json_of_all_campaigns_names_its_tables(typed: Callable[..., Ended]) -> None:
    """A program finds the channel mix by its name, and amounts as exact text."""
    told = json.loads(typed("report", "all", "--json").out)

    assert told["schema"] == "kampanj.report.all/1"
    assert told["sealed"]["seq"] == told["up_to"] == 2
    assert {
        "budgets",
        "mix",
        "anomalies",
        "reconciliation",
        "restated",
        "accepted",
        "parts",
    } <= set(told["tables"])
    (market,) = (one for one in told["tables"]["markets"] if one["code"] == "SE")
    assert market["non_working"]["currency"] == "EUR"


def test_outcomes_of_any_kind_are_had_in_every_form(
    typed: Callable[..., Ended], tmp_path: Path
) -> None:
    """What a support team counts is no campaign, and is told in the same forms."""
    file = Path(__file__).parents[2] / "docs" / "outcomes" / "conversations.csv"
    for form, start in FORMS.items():
        target = tmp_path / f"told.{form}"
        ended = typed(
            "report", "outcomes", str(file), "--as-of", "2026-11-01", "--format", form, "-o",
            str(target),
        )  # fmt: skip
        assert ended.code == 0, f"{form}: {ended.err}"
        assert target.read_bytes().lstrip()[: len(start)] == start, form


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("trail", "spring-tea", "--format", "focus"), "a figure's trail lists none"),
        (("diff", "spring-tea", "--from", "1", "--format", "focus"), "a restatement lists none"),
        (("open", "--format", "focus"), "kampanj report all --format focus"),
        (("acceptance", "--format", "focus"), "FOCUS lists charges"),
        (("saving", "--format", "focus"), "FOCUS lists charges"),
        (("totals", "--format", "focus"), "sums lists none"),
        (("all", "--format", "focus", "--only", "mix"), "leave --from, --to, --currency"),
        (("all", "--format", "table"), "use one of: html, json, csv, xlsx"),
        (("all", "--only", "mixes"), "there is no table 'mixes' in it; it has summary, months"),
        (("open", "--format", "pdf"), "there is no format 'pdf' of what the books wait for"),
        (("open", "--machine"), "--machine is for --format csv"),
        (("open", "-o", "x.csv"), "name its form with --format: html, json"),
        (("totals", "--accepted", "--format", "csv"), "kampanj report acceptance has every"),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(one),
)
def test_what_a_report_has_not_is_refused_with_what_to_take(
    words: tuple[str, ...], said: str, typed: Callable[..., Ended], finished: Place
) -> None:
    """Nothing half-written, and nothing that claims to be what it is not."""
    ended = typed("report", *words)

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert not (finished.folder / "x.csv").exists()
