"""The spend report as a page and as files: what people read, and what must not run in it."""

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from itertools import cycle, pairwise
from pathlib import Path
from zipfile import ZipFile

import duckdb
import jsonschema
import pytest
from openpyxl import load_workbook
from sample_report import PAYLOADS, sample

from cost_tracking.books.head import Head
from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import report
from cost_tracking.reports.charts import Bar, Part, bar_chart, columns, meter, split_bar
from cost_tracking.reports.figures import number
from cost_tracking.reports.files import COMMENT, MONEY, SUMMARY, WHOLE, as_csv, as_json, as_markdown
from cost_tracking.reports.page import headline, report_page
from cost_tracking.reports.parquet import as_parquet
from cost_tracking.reports.report_schema import report_schema
from cost_tracking.reports.workbook import as_workbook
from creative.brief import Budget

DOCS = Path(__file__).parents[3] / "docs"


class Shape(HTMLParser):
    """Notes every element with its attributes' names, and everything it could load or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.targets: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.targets += [value or "" for name, value in attrs if name in {"src", "href", "action"}]

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.words.append(data)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_others_becomes_part_of_the_page(payload: str) -> None:
    """A provider's error or a market's name must not run in the CMO's browser."""
    hostile = Shape(report_page(sample(lambda _where: payload)))
    calm = Shape(report_page(sample(lambda _where: "calm")))

    assert hostile.elements == calm.elements
    assert all(re.fullmatch("#[te][0-9]+", target) for target in hostile.targets)


def test_the_page_allows_itself_nothing_but_its_own_style() -> None:
    """Opened from a mail or a bucket, it must ask no network and run nothing."""
    page = report_page(sample())

    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'" in page
    assert " style=" not in page
    assert "<script" not in page
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)


def test_every_linked_figure_leads_to_amounts_that_sum_to_it() -> None:
    """An auditor clicks a number, and then an entry with its proof."""
    page = report_page(sample())
    shape = Shape(page)
    anchors = re.findall(r' id="([te][0-9]+)"', page)

    assert len(set(anchors)) == len(anchors)
    assert {target.removeprefix("#") for target in shape.targets} <= set(anchors)
    summed = 0
    for proof in page.split('<div class="proof"')[1:]:
        [heading] = re.findall(r"<h3>(.*?)</h3>", proof)
        told = re.findall(r'<data value="(-?[0-9]+)">', heading)
        parts = re.findall(r'<data value="(-?[0-9]+)">', proof.replace(heading, ""))
        if parts:
            assert [sum(map(int, parts))] == [int(one) for one in told]
            summed += 1
    assert summed > 10
    assert f">{number(sample().per_accepted)}</a>" in page


def test_the_report_can_be_read_by_everyone(audited: Callable[[str], list[str]]) -> None:
    """Who listens to the report, or cannot tell its colours, gets the same one."""
    assert not audited(report_page(sample()))


def test_headings_descend_and_every_chart_has_words_and_figures() -> None:
    """Who listens to the page gets the same report as who looks at it."""
    page = report_page(sample())
    shape = Shape(page)

    levels = [int(tag[0][1]) for tag in shape.elements if re.fullmatch("h[1-6]", tag[0])]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.count("<svg ") == page.count('<svg role="img" aria-label="')
    assert page.count("<table>") == page.count("<caption>")
    assert [tag for tag, *_ in shape.elements if tag in {"header", "main", "footer"}] == [
        "header",
        "main",
        "footer",
    ]


def test_a_campaign_of_45_markets_is_small_and_whole() -> None:
    """All markets are there, and the page still goes through a mail gateway."""
    page = report_page(sample(markets=45))

    assert all(page.count(f"calm market{number}") >= 3 for number in range(1, 45))
    assert len(page) < 150_000


def test_the_headline_is_the_figure_to_remember() -> None:
    """A CMO reads one line; it must be the right one, and never a boast about placeholders."""
    told = sample()
    placeholder = sample(placeholder=True)

    assert headline(told).replace("\N{NO-BREAK SPACE}", " ") == (
        "Each accepted rendition cost 9.99 EUR to make."
    )
    assert headline(placeholder) == ("3 placeholder renditions. Not for publication.")
    assert "Not claimed: placeholder art." in report_page(placeholder)
    assert "Cost avoided" not in report_page(placeholder)


def test_nothing_spent_and_nothing_made_is_still_a_report() -> None:
    """The first look at a new campaign must not be an error."""
    empty = report(sample(baseline=None).campaign, [], [])

    assert "nothing is made yet" in report_page(empty)
    assert "nothing has been accepted" not in as_markdown(empty)
    assert json.loads(as_json(empty))["assets"] == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_others_is_a_formula_in_a_sheet(payload: str) -> None:
    """Finance double-clicks the CSV."""
    rows = list(csv.DictReader(io.StringIO(as_csv(sample(lambda _where: payload)))))

    for row in rows:
        for field in set(row) - {*MONEY, *WHOLE}:
            assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", row[field]), row


def test_a_program_gets_the_text_without_apostrophes() -> None:
    """What joins two files by a name must find the name."""
    rows = csv.DictReader(io.StringIO(as_csv(sample(lambda _where: "=1"), machine=True)))

    assert {row["document"] for row in rows if row["section"] == "entry"} == {"=1"}


def hostile() -> Callable[[str], str]:
    """Return a source of texts that each is another payload."""
    more = (
        *PAYLOADS,
        "https://evil.example",
        "a\0b\x0b\ufffe",
        "x" * 40_000,
        "\U0001f375" * 20_000,
    )
    payloads = cycle(more)
    return lambda _where: next(payloads)


def test_no_text_of_others_runs_in_a_workbook() -> None:
    """Whoever opens it allows its links and formulas, because finance sent it."""
    content = as_workbook(sample(hostile(), markets=len(PAYLOADS) + 5))
    book = load_workbook(io.BytesIO(content))

    cells = [one for page in book for row in page.iter_rows() for one in row]
    assert {one.data_type for one in cells} <= {"s", "n", "d", "inlineStr"}
    assert not [one for one in cells if one.hyperlink]
    with ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "/sheet" in name]
    assert not [text for text in sheets if "<f>" in text or "<hyperlink" in text]
    assert any(str(one.value).endswith("(cut)") for one in cells)
    assert any("=cmd|" in str(one.value) for one in cells)


def test_a_workbook_is_made_to_be_summed_filtered_and_printed() -> None:
    """Text in a column of amounts is the first thing that finance finds."""
    told = sample()
    book = load_workbook(io.BytesIO(as_workbook(told)))

    assert book.sheetnames == [
        "Summary",
        "Markets",
        "Placements",
        "Providers",
        "Cost types",
        "Assets",
        "Entries",
        "Policy",
    ]
    for page in book:
        assert page.freeze_panes == "A2"
        assert page.auto_filter.ref
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.print_title_rows == "$1:$1"
    entries = list(book["Entries"].iter_rows(min_row=2, values_only=True))
    making = [Decimal(str(row[9])) for row in entries if row[8] == "non-working"]
    assert sum(making) == told.non_working.amount
    assert book["Entries"]["J2"].number_format.startswith("#,##0.00")
    assert book["Entries"]["F2"].is_date
    assert as_workbook(told) == as_workbook(told)


def test_a_workbook_keeps_the_last_micro() -> None:
    """A number of a sheet has 15 digits, which is enough for micros of a billion."""
    euros = Money(micros=123_456_789_123_457, currency="EUR")
    one = sample().entries[0].model_copy(update={"amount": euros})
    book = load_workbook(io.BytesIO(as_workbook(report(sample().campaign, [one], []))))

    assert Decimal(str(book["Entries"]["J2"].value)) == euros.amount


def test_parquet_holds_exact_decimals_and_the_text_as_it_is(tmp_path: Path) -> None:
    """A double would have lost the micros, and an apostrophe would join to nothing."""
    file = tmp_path / "report.parquet"
    told = sample(lambda where: "=1\n" if where == "document" else f"calm {where}")
    file.write_bytes(as_parquet(told))

    with duckdb.connect() as memory:
        rows = memory.read_parquet(str(file))
        types = {name: str(kind) for name, kind in zip(rows.columns, rows.types, strict=True)}
        entry = rows.filter("section = 'entry'")
        [(making, entries)] = entry.aggregate("sum(non_working), count(*)").fetchall()
        documents = entry.project("document").distinct().fetchall()
    assert types["non_working"] == types["original"] == "DECIMAL(25,6)"
    assert (types["effective_on"], types["seq"]) == ("DATE", "BIGINT")
    assert (making, entries) == (told.non_working.amount, len(told.entries))
    assert documents == [("=1\n",)]


def test_json_is_what_its_schema_says() -> None:
    """Whoever reads it by program reads the schema first, and it must be true."""
    schema = json.loads((DOCS / "report.schema.json").read_text(encoding="utf-8"))

    assert schema == report_schema(), "write it anew: see docs/reports.md"
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(as_json(sample())), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(as_json(sample())), "working": 1.5}, schema)


def test_markdown_stays_within_what_github_takes() -> None:
    """A comment that is too long is refused whole, and a summary with it."""
    many = sample(lambda where: f"{where} " + "\u00e5" * 150, markets=600)

    comment, summary = as_markdown(many), as_markdown(many, most=SUMMARY)

    assert len(comment.encode()) <= COMMENT
    assert COMMENT < len(summary.encode()) <= SUMMARY
    assert "and 588 more" in comment


def test_amounts_in_the_sheet_stay_numbers_and_sum_to_the_total() -> None:
    """A ``'-12.50`` is text that no sheet adds up."""
    told = sample(budget=Budget(currency="EUR", non_working=Decimal(1)))
    rows = list(csv.DictReader(io.StringIO(as_csv(told))))

    total = next(row for row in rows if row["section"] == "total")
    assets = [Decimal(row["non_working"]) for row in rows if row["section"] == "asset"]
    left = next(row for row in rows if row["section"] == "left")
    assert sum(assets) == Decimal(total["non_working"]) == Decimal("29.97")
    assert Decimal(left["non_working"]) == Decimal("-28.97")
    entries = [Decimal(row["working"] or 0) for row in rows if row["section"] == "entry"]
    assert sum(entries) == Decimal(total["working"])


def test_json_carries_exact_amounts_as_text() -> None:
    """A float would have lost the micros before anybody audits them."""
    told = json.loads(as_json(sample()))

    assert told["non_working"] == {"amount": "29.970000", "currency": "EUR"}
    assert told["entries"][0]["original"] == {"amount": "11.100000", "currency": "USD"}


def test_markdown_fits_a_comment_and_notifies_nobody() -> None:
    """A campaign named after a person's handle must not mail them on every pull request."""
    text = as_markdown(sample(lambda _where: "@octocat | <b>`x`</b>\n# big", markets=45))

    assert len(text) < 65_536
    assert "@octocat" not in text
    assert "<b>" not in text.replace("\\<b\\>", "")
    assert not re.search(r"^# big", text, re.MULTILINE)
    assert "and 33 more" in text
    tables = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables} == {5}


def test_markdown_tells_the_saving_with_its_terms() -> None:
    """A percentage without its parts cannot be checked."""
    text = as_markdown(sample()).replace("\N{NO-BREAK SPACE}", " ")

    assert "Avoided against the baseline: 159.03 EUR of 189.00 EUR (84.1 %;" in text
    assert "3 accepted renditions at 60.00 EUR" in text


HEAD = Head(seq=6, sha256="0123456789abcdef" * 4)


@pytest.mark.parametrize("up_to", [6, 9])
def test_every_form_for_people_carries_the_head_of_the_books(up_to: int) -> None:
    """A printed page is held against ``kampanj verify --head``, which wants all of the hash."""
    told = sample(up_to=up_to, sealed=HEAD)
    book = load_workbook(io.BytesIO(as_workbook(told)))
    summary = {row[0].value: row[5].value for row in book["Summary"].iter_rows()}
    forms = (report_page(told).partition("<footer>")[2], as_markdown(told), summary["Sealed"])

    for form in forms:
        assert HEAD.short in form
        assert str(HEAD) in form
        assert ("the entries after that are not under it" in form) is (up_to == 9)
    assert f"kampanj verify --head {HEAD}<" in forms[0]
    assert f"as of entry {up_to} of the ledger" in forms[0]
    assert json.loads(as_json(told))["campaign"]["sealed"] == {"seq": 6, "sha256": HEAD.sha256}
    rows = list(csv.DictReader(io.StringIO(as_csv(told))))
    assert [one["reference"] for one in rows if one["section"] == "total"] == [str(HEAD)]


def test_what_nobody_sealed_is_said_to_be_so() -> None:
    """A page without a head could be taken for one whose head was left out."""
    assert "None of it is sealed yet" in report_page(sample())
    assert "none of it is sealed yet" in as_markdown(sample())


def test_a_sliver_is_drawn_and_nothing_is_not() -> None:
    """0.001 % of the money is the whole point of the chart."""
    thin = split_bar("x", [Part("a", Decimal(10**6), "a"), Part("b", Decimal(1), "b")], 10)
    none = split_bar("x", [Part("a", Decimal(1), "a"), Part("b", Decimal(0), "b")], 10)

    assert 'class="b" x="99.6%" y="0" width="3"' in thin
    assert 'width="3"' not in none
    assert 'width="0.7%"' in bar_chart("x", [Bar("a", Decimal(1), "1")], Decimal(10**6), "a")


def test_a_budget_overrun_is_marked() -> None:
    """A full bar alone looks like a budget well used."""
    assert 'class="over"' in meter("x", Decimal(101), "a")
    assert 'class="over"' not in meter("x", Decimal(100), "a")


def test_bars_are_read_down_and_then_across() -> None:
    """The order is that of the money, in whatever columns it stands."""
    bars = [Bar(str(number), Decimal(number), "") for number in range(7)]

    assert [[bar.name for bar in part] for part in columns(bars, 3)] == [
        ["0", "1", "2"],
        ["3", "4", "5"],
        ["6"],
    ]
