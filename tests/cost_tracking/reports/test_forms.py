"""Reports of tables in every form: what people read, what must not run, what machines are told."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from openpyxl import load_workbook
from sample_report import CALM, PAYLOADS, sample

from cost_tracking.books.head import Head
from cost_tracking.money import Money
from cost_tracking.reports.documents.open_items import open_document
from cost_tracking.reports.documents.restatement import restatement_document
from cost_tracking.reports.documents.trail import trail_document
from cost_tracking.reports.files import COMMENT, SUMMARY
from cost_tracking.reports.forms.document import (
    NUMBERS,
    Bars,
    Column,
    Document,
    Mark,
    Row,
    Table,
    fields,
    flat,
)
from cost_tracking.reports.forms.flat_file import as_csv
from cost_tracking.reports.forms.json_file import as_json
from cost_tracking.reports.forms.markdown import as_markdown
from cost_tracking.reports.forms.page import FEW, as_page
from cost_tracking.reports.forms.parquet import as_parquet
from cost_tracking.reports.forms.workbook import as_workbook
from cost_tracking.reports.odd_charges import OddCharge
from cost_tracking.reports.open_items import Balance, Estimate, OpenItems, Unbased
from cost_tracking.reports.restatement import restatement
from cost_tracking.reports.trails import Trails

HEAD = Head(seq=7, sha256="0123456789abcdef" * 4)
AS_OF = datetime(2027, 3, 10, 9, 30, tzinfo=UTC)
Text = Callable[[str], str]


def euros(amount: str) -> Money:
    """Return an amount in euros."""
    return Money.of(amount, "EUR")


def document(rows: Sequence[Row] = (), *columns: Column, **told: object) -> Document:
    """Return a document of one table."""
    table = Table("things", "Things", columns or (Column("name", "Name"),), rows)
    facts: dict[str, object] = {
        "schema": "kampanj.report.test/1",
        "title": "Things",
        "lead": "These are things.",
        "as_of": AS_OF,
        "mark": Mark(9, HEAD),
        "tables": (table,),
    }
    return Document(**{**facts, **told})  # type: ignore[arg-type]


def open_items(text: Text) -> Document:
    """Return what books wait for, in the words of others."""
    day = date(2027, 3, 1)
    estimate = Estimate(
        key=text("key"),
        seq=3,
        campaigns=(text("campaign"),),
        effective_on=day,
        age=40,
        estimated=euros("1.000001"),
        actual=None,
        actual_key="",
        stale=True,
    )
    owed = Balance(account=f"payable:{text('payee')}", amount=euros("-2"), since=day)
    told = OpenItems(
        up_to=9,
        on=day,
        stale_after=30,
        estimates=(estimate, estimate.model_copy(update={"actual": euros("3"), "stale": False})),
        unbilled=(),
        owed=(owed,),
        advances=(),
        exchange=(),
        books="EUR",
        unconverted=(
            Unbased(currency="USD", lines=2, amount=Money.of("4", "USD"), first=day, last=day),
        ),
    )
    odd = OddCharge(
        rule="entered_twice", said=text("said"), amount=euros("5"), evidence=(text("evidence"),)
    )
    return open_document(told, (odd,), Mark(9, HEAD), AS_OF)


def documents(text: Text = CALM) -> list[Document]:
    """Return one of each report of tables, in which every text of others is made by ``text``."""
    before, after = Trails(sample(text, markets=2)), Trails(sample(text, up_to=9, sealed=HEAD))
    return [
        trail_document(after),
        trail_document(after, "per_accepted"),
        restatement_document(restatement(before, after), after.report.campaign),
        open_items(text),
        document([(text("name"),)], notes=(text("note"),), facts=((text("fact"), text("told")),)),
    ]


class Elements(HTMLParser):
    """Notes every element with its attributes' names, and what it could load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []
        self.loaded: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one. Long words only have a class of their own, which is no matter of safety."""
        names = sorted(name for name, _ in attrs if (tag, name) != ("td", "class"))
        self.seen.append((tag, *names))
        self.loaded += [name for name, _ in attrs if name in {"src", "action", "style"}]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_others_becomes_part_of_any_page(payload: str) -> None:
    """An invoice's number must not run in the auditor's browser."""
    for bad, calm in zip(documents(lambda _: payload), documents(lambda _: "calm"), strict=True):
        page = Elements(as_page(bad))
        assert page.seen == Elements(as_page(calm)).seen
        assert not page.loaded
        assert "default-src 'none'; style-src 'sha256-" in as_page(bad)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_others_is_a_formula_in_any_sheet(payload: str) -> None:
    """Finance double-clicks whatever ends in .csv."""
    for told in documents(lambda _: payload):
        kinds = fields(told)
        for row in csv.DictReader(io.StringIO(as_csv(told))):
            for name in (one for one, kind in kinds.items() if kind not in NUMBERS):
                assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", row[name]), row


def test_no_text_of_others_runs_in_any_workbook() -> None:
    """Whoever opens it allows its links and formulas, because finance sent it."""
    payloads = cycle((*PAYLOADS, "https://evil.example", "a\0b\x0b\ufffe", "x" * 40_000))
    for told in documents(lambda _: next(payloads)):
        content = as_workbook(told)
        cells = [one for page in load_workbook(io.BytesIO(content)) for row in page for one in row]
        assert {one.data_type for one in cells} <= {"s", "n", "d", "inlineStr"}
        assert not [one for one in cells if one.hyperlink]
        with ZipFile(io.BytesIO(content)) as parts:
            sheets = [parts.read(name).decode() for name in parts.namelist() if "/sheet" in name]
        assert not [text for text in sheets if "<f>" in text or "<hyperlink" in text]


def bars(text: str) -> list[int]:
    """Return how many bars each line of a table has that Markdown obeys."""
    lines = (one for one in text.splitlines() if one.startswith("|"))
    return [len(re.findall(r"(?<!\\)\|", one)) for one in lines]


@pytest.mark.parametrize("payload", [*PAYLOADS, "a|b\n# big", "@everyone [x](https://evil)"])
def test_no_text_of_others_is_markup_in_any_comment(payload: str) -> None:
    """A campaign's name must not close the table, mention the team or link away."""
    for bad, calm in zip(documents(lambda _: payload), documents(lambda _: "calm"), strict=True):
        text = as_markdown(bad)
        assert not re.search(r"(?<!\\)<(?!br)", text)
        assert not re.search(r"@(?!\u200b)\w", text)
        assert "](" not in text
        assert bars(text) == bars(as_markdown(calm))


def test_a_machine_gets_the_text_as_it_is(tmp_path: Path) -> None:
    """What joins two files by a name must find the name."""
    for told in documents(lambda _: "=1"):
        assert "'=1" not in as_csv(told, machine=True) + as_json(told)
        (file := tmp_path / "rows.parquet").write_bytes(as_parquet(told))
        words = {str(cell) for row in duckdb.read_parquet(str(file)).fetchall() for cell in row}
        assert not [one for one in words if one.startswith("'=")]


def test_every_form_holds_the_same_exact_amounts(tmp_path: Path) -> None:
    """A report that rounds in one form is another report."""
    columns = (
        Column("name", "Name"),
        Column("amount", "Amount", "money"),
        Column("value", "Value", "figure"),
        Column("share", "Share", "percent"),
        Column("off", "Off", "points"),
        Column("many", "Many", "count"),
        Column("on", "On", "date"),
        Column("original", "As billed", "exact", currency="original_currency"),
    )
    dollars = Money.of("-3.000001", "USD")
    told = document(
        [
            (
                "tea",
                euros("1234567.000001"),
                Decimal(2) / 3,
                Decimal("12.5"),
                Decimal("3.25"),
                7,
                date(2027, 3, 1),
                dollars,
            ),
            ("nothing", None, None, None, None, None, None, None),
        ],
        *columns,
    )

    tea, nothing = csv.DictReader(io.StringIO(as_csv(told)))
    assert tea == {
        "table": "things",
        "name": "tea",
        "amount": "1234567.000001",
        "value": "0.666667",
        "share": "12.500000",
        "off": "3.250000",
        "many": "7",
        "on": "2027-03-01",
        "original": "-3.000001",
        "currency": "EUR",
        "original_currency": "USD",
    }
    assert set(nothing.values()) == {"things", "nothing", ""}
    (row, empty) = json.loads(as_json(told))["tables"]["things"]
    assert row["amount"] == {"amount": "1234567.000001", "currency": "EUR"}
    assert (row["original"]["amount"], row["many"], empty["many"]) == ("-3.000001", 7, None)
    (file := tmp_path / "rows.parquet").write_bytes(as_parquet(told))
    found = duckdb.read_parquet(str(file))
    assert dict(zip(found.columns, found.fetchall()[0], strict=True)) == {
        "table": "things",
        "name": "tea",
        "amount": Decimal("1234567.000001"),
        "value": Decimal("0.666667"),
        "share": Decimal("12.500000"),
        "off": Decimal("3.250000"),
        "many": 7,
        "on": date(2027, 3, 1),
        "original": dollars.amount,
        "currency": "EUR",
        "original_currency": "USD",
    }
    sheet = load_workbook(io.BytesIO(as_workbook(told)))["Things"]
    heads, cells = ([one.value for one in row] for row in list(sheet.iter_rows())[:2])
    assert heads[-2:] == ["Currency", "Original currency"]
    assert (cells[1], cells[3], cells[-1]) == (1234567.000001, 0.125, "USD")
    page = as_page(told).replace("\N{NO-BREAK SPACE}", " ")
    assert "1,234,567.00 EUR" in page
    assert "\N{MINUS SIGN}3.000001 USD" in page
    assert "+3.2 pp" in page
    assert "12.5 %" in as_markdown(told).replace("\N{NO-BREAK SPACE}", " ")


def test_every_form_says_where_in_the_ledger_it_ends() -> None:
    """A printed page is held against the books; one from a file must not claim to be of them."""
    for told in documents()[1:4]:
        assert f"kampanj verify --head {HEAD}<" in as_page(told)
        assert str(HEAD) in as_markdown(told)
        about = load_workbook(io.BytesIO(as_workbook(told)))["About"]
        assert str(HEAD) in {row[0].value: row[1].value for row in about.iter_rows()}["Sealed"]
        assert json.loads(as_json(told))["sealed"] == {"seq": 7, "sha256": HEAD.sha256}
    other = document(mark=None)
    assert "not from the ledger" in as_page(other)
    assert "Ledger" not in as_markdown(other)
    assert json.loads(as_json(other))["up_to"] is None


def test_the_trail_of_a_figure_lists_amounts_that_sum_to_it() -> None:
    """The auditor adds the column up."""
    told = trail_document(Trails(sample()), "non_working")

    parts = [row for row in flat(told) if row["table"] == "amounts"]
    (whole,) = (row for row in flat(told) if row["table"] == "steps")
    assert sum(Decimal(row["amount"]) for row in parts) == Decimal(whole["value"])
    assert {row["document"] for row in parts} == {"calm document"}


def test_the_causes_of_a_change_sum_to_it() -> None:
    """Whoever asks why a figure is another one is told all of it."""
    before, after = Trails(sample(markets=2)), Trails(sample(up_to=9))
    told = restatement_document(restatement(before, after), after.report.campaign)

    (change,) = (
        row for row in flat(told) if row["table"] == "changes" and row["figure"] == "non_working"
    )
    causes = [
        row for row in flat(told) if row["table"] == "causes" and row["figure"] == "non_working"
    ]
    assert Decimal(change["by"]) == sum(Decimal(row["amount"]) for row in causes) != 0


def test_a_long_table_is_folded_and_says_what_it_leaves_out() -> None:
    """A page of a hundred thousand rows opens nowhere."""
    told = document([(f"n{place}",) for place in range(2500)])
    page = as_page(told)

    assert page.count("<tr>") == 2002
    assert f"{2000 - FEW:,} more of {2500 - FEW:,}; the CSV and the workbook have all" in page
    assert as_csv(told).count("\n") == 2501
    for most in (COMMENT, SUMMARY):
        text = as_markdown(told, most)
        assert len(text.encode()) <= most
        assert "| and 2,000 more |" in text


def test_what_is_for_machines_is_in_no_page() -> None:
    """Every line of a ledger belongs in the workbook, and in no comment."""
    lines = Table("lines", "Lines", (Column("name", "Name"),), [("secret line",)], bulk=True)
    told = document(tables=(lines,))

    assert "secret line" not in as_page(told) + as_markdown(told)
    assert "secret line" in as_csv(told)


def test_bars_are_drawn_where_amounts_can_be_compared() -> None:
    """A bar of euros beside one of dollars would compare what cannot be compared."""

    def page(*amounts: Money | None, working: bool = False) -> str:
        drawn = Bars("Of all", [(f"n{place}", one) for place, one in enumerate(amounts)], working)
        table = Table("t", "T", (Column("name", "Name"),), [("tea",)], drawn=(drawn,))
        return as_page(document(tables=(table,)))

    assert page(euros("1"), euros("2"), euros("-3"), None).count('class="making"') == 2
    assert page(euros("1"), euros("2"), working=True).count('class="working"') == 2
    assert "<svg" not in page(euros("1"), Money.of("2", "USD"))
    assert "<svg" not in page(euros("1"))
    assert "Of all; the first 60, the table has all" in page(*[euros("1")] * 61)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ((Table("a", "A", (), ()), Table("a", "A", (), ())), "two tables have one key"),
        ((Table("a", "A", (Column("x", "X"),), [("1", "2")]),), "not as long as its columns"),
        (
            (
                Table("a", "A", (Column("x", "X"),), ()),
                Table("b", "B", (Column("x", "X", "count"),), ()),
            ),
            "x is of another kind elsewhere",
        ),
    ],
)
def test_a_document_that_no_file_could_hold_is_refused(
    tables: tuple[Table, ...], said: str
) -> None:
    """A column that is text in one row and an amount in the next sums to nothing."""
    with pytest.raises(ValueError, match=said):
        document(tables=tables)


def test_amounts_of_two_currencies_need_two_columns() -> None:
    """One of the two would be told in the other's currency."""
    columns = (Column("a", "A", "money"), Column("b", "B", "money"))
    with pytest.raises(ValueError, match="b needs a currency column of its own"):
        as_csv(document([(euros("1"), Money.of("1", "USD"))], *columns))


def test_one_table_can_be_had_alone_and_another_is_named() -> None:
    """Whoever mistypes a table is told which there are."""
    told = open_items(CALM)

    assert [one.key for one in told.only("odd").tables] == ["odd"]
    with pytest.raises(ValueError, match="it has estimates, balances, unconverted, odd"):
        told.only("evens")


def test_the_pages_can_be_read_by_everyone(audited: Callable[[str], list[str]]) -> None:
    """Whoever reads with ears, on paper or on a phone is told the same."""
    wide = document([(f"name {place}", f"{'long words ' * 9}{place}") for place in range(60)],
                    Column("name", "Name"), Column("said", "Said"))  # fmt: skip
    for told in (*documents(), wide):
        assert not audited(as_page(told)), told.title
