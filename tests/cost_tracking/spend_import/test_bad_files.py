"""Files that are wrong, each told by its line, its name and the mend, and nothing is posted."""

import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cost_tracking.database import reading
from cost_tracking.spend_import import export as export_module
from cost_tracking.spend_import import sheet, totals
from cost_tracking.spend_import.faults import SHOWN
from cost_tracking.spend_import.imported import Imported
from cost_tracking.spend_import.platform import platforms
from cost_tracking.spend_import.spend_row import Said
from creative.problem import InvalidInput

BringIn = Callable[..., Imported]
HEAD = "date_start,ad_id,ad_name,account_currency,spend\n"
GOOD = "2027-03-01,1,Ad A,EUR,1.50\n"
PAGE = "Day,Ad ID,Ad name,Amount spent (EUR)\n"
GOOGLE = "Ads report\nMarch 2027\nDay,Ad ID,Currency code,Cost\n"
MICROS = "segments.date,ad_group_ad.ad.id,customer.currency_code,metrics.cost_micros\n"


@dataclass(frozen=True)
class Bad:
    """A file, and what must be said of it."""

    name: str
    content: str | bytes
    says: str
    line: int = 0
    mend: str = ""
    source: str = "meta"
    options: dict[str, Any] = field(default_factory=dict)


def zipped() -> bytes:
    """Return what a spreadsheet program calls a CSV."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


def of(**cells: str) -> str:
    """Return the headings and one line with some cells changed."""
    usual = {"day": "2027-03-01", "id": "1", "name": "Ad A", "currency": "EUR", "spend": "1.50"}
    return HEAD + ",".join({**usual, **cells}.values()) + "\n"


BAD = (
    # What is no table of text.
    Bad("empty", "", "it is empty", mend="Export it again"),
    Bad("only blanks", " \n\n \n", "it is empty"),
    Bad("an XLSX", zipped(), "it is a ZIP or XLSX file", mend="Export it as CSV"),
    Bad("an old XLS", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "old Excel file"),
    Bad("a gzip", gzip.compress(HEAD.encode()), "it is a gzip file"),
    Bad("a PDF", b"%PDF-1.7\n%abc", "it is a PDF"),
    Bad("a Parquet", b"PAR1" + b"\0" * 20, "it is a Parquet file"),
    Bad("a sign-in page", "<!DOCTYPE html><html><body>Log in</body></html>", "it is HTML", 1),
    Bad("XML", '<?xml version="1.0"?><rows/>', "it is HTML or XML", 1),
    Bad("JSON", '{"data": [{"spend": "1.50"}]}', "it is JSON", 1, "Export it as CSV"),
    Bad("prose", "Dear all,\nplease find the numbers below.\n", "no column holds the day", 1),
    # Its letters.
    Bad("Latin-1", (HEAD + "2027-03-01,1,Gr\xf6n,EUR,1\n").encode("latin-1"), "not UTF-8", 2),
    Bad("UTF-16 without a mark", (HEAD + GOOD).encode("utf-16-le"), "UTF-16 without a mark", 1),
    Bad("UTF-16 cut in half", (HEAD + GOOD).encode("utf-16")[:-1], "it is not UTF-16"),
    Bad("a NUL byte", HEAD + GOOD + "2027-03-02,1,A\0d,EUR,1\n", "it holds a NUL byte", 3),
    Bad("two files joined", HEAD + GOOD + "\ufeff" + HEAD + GOOD, "two files were joined", 3),
    # Its shape.
    Bad("an open quote", HEAD + GOOD + '2027-03-02,2,"Ad B,EUR,1\n' + GOOD, "never closed", 3),
    Bad("an open quote at the end", HEAD + '2027-03-02,2,"Ad B', "never closed", 2),
    Bad("a quote within a cell", HEAD + '2027-03-01,1,"Ad "A" x",EUR,1\n', "it is no CSV", 2),
    Bad("a huge cell", of(name='"' + "x" * 200_000 + '"'), "never closed", 2),
    Bad("a long cell", of(name="x" * 2_000), "the cell has 2,000 characters", 2),
    Bad("a line without end", HEAD + "x" * 1_100_000, "the line has 1,100,000", 2),
    Bad("a million columns", "a," * 1_000_000 + "\n1\n", "1,000,001 columns", 1),
    Bad("two thousand columns", HEAD.strip() + ",x" * 2_000 + "\n", "2,005 columns", 1),
    Bad("cut off", HEAD + GOOD + "2027-03-02,2,Ad", "it has 3 of 5 columns", 3, "cut off"),
    Bad("a comma in a name", HEAD + "2027-03-01,1,Ad, A,EUR,1\n", "6 columns", 2, "quotes"),
    Bad("a bare CR", HEAD + "2027-03-01,1,Ad\rA,EUR,1\n", "bare CR", 2),
    Bad("lines of an old Mac", (HEAD + GOOD).replace("\n", "\r"), "bare CR", 1),
    # Its headings.
    Bad("only headings", HEAD, "it has headings and no row", 1),
    Bad("no headings", GOOD, "no column holds the day", 1),
    Bad("no day", "ad_id,spend\n1,1.50\n", "no column holds the day", 1, "Export it by day"),
    Bad("no spend", "date_start,ad_id\n2027-03-01,1\n", "no column holds the spend", 1),
    Bad("no ad", "date_start,spend\n2027-03-01,1\n", "no column says which ad", 1),
    Bad(
        "no account",
        HEAD + GOOD,
        "which account it is of",
        1,
        "Give --account ID",
        options={"account": ""},
    ),
    Bad(
        "no currency",
        "date_start,ad_id,spend\n2027-03-01,1,2\n",
        "which currency",
        1,
        "Give --currency",
        options={"currency": ""},
    ),
    Bad("one heading twice", "date_start,ad_id,spend,spend\n2027-03-01,1,2,3\n", "headed", 1),
    Bad("the wrong platform", MICROS + "2027-03-01,1,EUR,1500000\n", "holds the day", 1),
    Bad(
        "an unknown breakdown",
        HEAD + GOOD,
        "no column is headed 'Dev'",
        1,
        options={"breakdown": ("Dev",)},
    ),
    # Days.
    Bad("no such day", of(day="2027-02-29"), "the calendar has no such day", 2),
    Bad("a day of words", of(day="yesterday"), "it is no day as 2027-03-14", 2),
    Bad("a serial number", of(day="46447"), "it is no day", 2),
    Bad("a year of two digits", of(day="01.03.27"), "its year has two digits", 2),
    Bad("an empty day", of(day=""), "it is empty", 2),
    Bad("a day ahead", of(day="2027-12-31"), "it lies ahead", 2),
    Bad("a day long ago", of(day="1970-01-01"), "it lies before", 2),
    Bad("a day of two months", PAGE + "03/04/2027,1,A,2\n", "two months", 2, "--dates dmy"),
    Bad("days in two orders", PAGE + "13/03/2027,1,A,2\n03/14/2027,1,A,2\n", "two ways", 3),
    Bad("minutes", of(day="2027-03-01 10:45:00"), "it names minutes", 2),
    Bad(
        "a whole month",
        "date_start,date_stop,ad_id,spend\n2027-03-01,2027-03-31,1,9\n",
        "the row is of 2027-03-01 to 2027-03-31",
        2,
        "a breakdown by day",
    ),
    # Amounts.
    Bad("NaN", of(spend="NaN"), "it is not a number", 2),
    Bad("infinity", of(spend="-inf"), "it is not a number", 2),
    Bad("an exponent", of(spend="1e400"), "written with an exponent", 2),
    Bad("a formula", of(spend="=1+1"), "it is a formula", 2),
    Bad("a command", of(spend="@SUM(A1)"), "it is a formula", 2),
    Bad("words", of(spend="about five"), "it is no amount", 2),
    Bad("less than nothing", of(spend="-1.50"), "it is below 0", 2, "enter a credit"),
    Bad("less than nothing in brackets", PAGE + '2027-03-01,1,A,"(1.50)"\n', "below 0", 2),
    Bad("Arabic digits", of(spend="١٢"), "its digits are not 0 to 9", 2),
    Bad("more than there is", of(spend="99999999999999"), "too large", 2),
    Bad("no amount", GOOGLE + "2027-03-01,1,EUR,\n", "it is empty", 4, source="google"),
    Bad(
        "a thousand or one", PAGE + '2027-03-01,1,A,"1,234"\n', "may be a thousand", 2, "--decimal"
    ),
    Bad(
        "two kinds of decimals",
        PAGE + '2027-03-01,1,A,"1.234,5"\n2027-03-02,1,A,"1,234.5"\n',
        "in two ways",
        3,
    ),
    Bad("thousands in the wrong place", PAGE + '2027-03-01,1,A,"12,34,5.60"\n', "no amount", 2),
    Bad(
        "micros with decimals",
        MICROS + "2027-03-01,1,EUR,12.34\n",
        "micros are whole",
        2,
        source="google",
    ),
    Bad("another currency beside", PAGE + "2027-03-01,1,A,$12.34\n", "beside $", 2),
    Bad(
        "a total that is not",
        GOOGLE + "2027-03-01,1,EUR,5.00\nTotal: Account,,EUR,9.00\n",
        "the total is 9.00, and the rows sum to 5",
        5,
        source="google",
    ),
    Bad("rows without their total", PAGE + ",,,100.00\n2027-03-01,1,A,99.00\n", "the total is", 2),
    # Currencies, accounts, ids.
    Bad(
        "CAN",
        "stat_time_day,ad_id,currency,spend\n2027-03-01,1,CAN,2\n",
        "writes it for CAD",
        2,
        "Give --currency CAD",
        "tiktok",
        {"currency": ""},
    ),
    Bad("no currency of the world", of(currency="EURO"), "no currency of ISO 4217", 2),
    Bad(
        "a currency in the heading",
        PAGE.replace("EUR", "XXX") + "2027-03-01,1,A,2\n",
        "'XXX' is no currency",
        2,
    ),
    Bad(
        "a wrong --currency",
        HEAD + GOOD,
        "no currency of ISO 4217",
        0,
        options={"currency": "EURO"},
    ),
    Bad(
        "another --currency",
        HEAD + GOOD,
        "the file says EUR, and --currency says SEK",
        2,
        options={"currency": "SEK"},
    ),
    Bad(
        "two currencies",
        of() + "2027-03-02,1,Ad A,SEK,1\n",
        "in SEK here and in EUR on line 2",
        3,
        options={"currency": ""},
    ),
    Bad(
        "another --account",
        "date_start,account_id,ad_id,spend\n2027-03-01,7,1,2\n",
        "of account 7, and --account says 42",
        2,
    ),
    Bad("an id from a spreadsheet", of(id="1.20202E+17"), "has rounded this id", 2),
    Bad(
        "no id in a line",
        "date_start,ad_id,spend\n2027-03-01,,2.00\n2027-03-01,1,1\n",
        "total is",
        2,
    ),
    Bad("an ad's day twice", of() + GOOD, "stands on line 2 already, the same there", 3),
    Bad(
        "an ad's day twice and otherwise",
        of() + GOOD.replace("1.50", "2"),
        "2.00 EUR here",
        3,
        "--breakdown",
    ),
    Bad("a wrong --timezone", HEAD + GOOD, "no time zone", 0, options={"time_zone": "Mars/Base"}),
    Bad(
        "an unknown zone",
        "day,account,ad_id,currency,amount,time_zone\n2027-03-01,42,1,EUR,2,CEST+1\n",
        "it is no time zone",
        2,
        source="csv",
    ),
    Bad(
        "an unknown --campaign",
        HEAD + GOOD,
        "there is no campaign 'coffee'",
        0,
        options={"campaign": "coffee"},
    ),
)


def test_there_are_sixty() -> None:
    """The issue asks for sixty, each of its own kind."""
    assert len({one.name for one in BAD}) == len(BAD) >= 60
    assert len({(str(one.content), str(one.options)) for one in BAD}) == len(BAD)


@pytest.mark.parametrize("bad", BAD, ids=lambda one: one.name)
def test_a_bad_file_is_told_by_line_and_mend(one_shelf: Engine, refuse: BringIn, bad: Bad) -> None:
    """Whoever exported it can mend it without asking us."""
    with pytest.raises(InvalidInput) as caught:
        refuse(bad.content, bad.source, **bad.options)

    told = [one for one in caught.value.problems if bad.says in one.message]
    assert told, str(caught.value)[:500]
    assert [one.line for one in told][:1] == [bad.line], str(caught.value)[:500]
    assert all(one.mend and one.file.name == "export.csv" for one in caught.value.problems)
    assert all(len(str(one)) < 600 for one in caught.value.problems)
    assert bad.mend in told[0].mend
    with reading(one_shelf) as connection:
        for table in ("txn", "import_row", "spend_file"):
            assert not connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 - ours


def test_every_fault_of_a_file_is_told_at_once(refuse: BringIn) -> None:
    """Mending one line a run would take a day."""
    rows = of(spend="NaN") + "2027-02-30,2,A,EUR,1\n2027-03-01,3,A,EURO,x\n"

    with pytest.raises(InvalidInput) as caught:
        refuse(rows)

    assert [one.line for one in caught.value.problems] == [2, 3, 4, 4]


def test_thousands_of_faults_are_cut_and_counted(refuse: BringIn) -> None:
    """A terminal scrolls, and a page of JSON should not weigh a megabyte."""
    with pytest.raises(InvalidInput) as caught:
        refuse(HEAD + GOOD.replace("1.50", "x") * 3_000)

    assert len(caught.value.problems) == SHOWN + 1
    assert "and 2,950 more faults from here on, 3,000 in all" in str(caught.value)


def test_size_is_bounded(refuse: BringIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong file must not take the machine with it."""
    monkeypatch.setattr(sheet, "MAX_BYTES", 100)
    with pytest.raises(InvalidInput, match="over 100 bytes"):
        refuse(HEAD + GOOD * 9)
    monkeypatch.undo()
    monkeypatch.setattr(totals, "MAX_ROWS", 3)
    with pytest.raises(InvalidInput, match="more than 3 rows"):
        refuse(HEAD + "".join(f"2027-03-01,{number},A,EUR,1\n" for number in range(9)))


def test_a_missing_file_is_told() -> None:
    """A typo in a path."""
    now = datetime(2027, 4, 1, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="no such file"):
        export_module.read_export(Path("nowhere.csv"), platforms()["meta"], Said(), now)
