"""A file of rates is read whole, or refused with every fault by line."""

from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from cost_tracking.exchange.published import published
from cost_tracking.exchange.rate_files import read_csv, read_ecb
from creative.problem import InvalidInput

TODAY = date(2026, 11, 21)
HEAD = "base,quote,rate,date,source\n"
GOOD = HEAD + "USD,AED,3.6725,2026-11-20,cbuae\n"
WIDE = "Date,USD,SEK,\n2026-11-20,1.1,11.0,\n"


def faults(text: str | bytes, *, wide: bool = False) -> list[str]:
    """Return what is wrong with a file, without its path."""
    read = read_ecb if wide else read_csv
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidInput) as caught:
        read(content, Path("r.csv"), TODAY)
    return [str(one).removeprefix("r.csv") for one in caught.value.problems]


def test_the_bank_s_own_file_is_the_one_that_ships_and_both_readers_agree() -> None:
    """The quick reader of the shipped file skips what the strict one checks."""
    content = (files("cost_tracking") / "data" / "ecb_rates.csv").read_bytes()

    strict = read_ecb(content, Path("ecb.csv"), TODAY)

    assert [(one.id, one.rate) for one in strict] == [
        (one.id, one.rate) for one in published(date.min, date.max)
    ]
    assert len({one.on for one in strict}) == 699
    assert (min(one.on for one in strict), max(one.on for one in strict)) == (
        date(2024, 2, 6),
        date(2026, 10, 30),
    )


def test_the_bank_s_file_of_one_day_is_read_too() -> None:
    """It writes its day in words, and a blank behind each comma."""
    text = "Date, USD, SEK, \n20 November 2026, 1.1, N/A, \n"

    (one,) = read_ecb(text.encode(), Path("d.csv"), TODAY)

    assert (one.id, one.rate) == ("ecb/2026-11-20/EUR-USD", Decimal("1.1"))


def test_a_file_of_another_source_says_when_it_was_published() -> None:
    """Columns may stand in any order, and a spreadsheet puts its mark before them."""
    text = "\ufeffdate,source,base,quote,rate,published_at\n2026-11-20,cbuae,USD,AED,3.6725,noon\n"

    (one,) = read_csv(text.encode(), Path("a.csv"), TODAY)

    assert (one.id, one.published_at) == ("cbuae/2026-11-20/USD-AED", "noon")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        (HEAD, "no rate below its heading"),
        (b"PK\x03\x04", "Unzip it"),
        (b"\xff\xfe1", "not UTF-8"),
        ("base\0", "bytes of 0"),
        (HEAD + '"USD,AED\n', "it is no CSV"),
        (GOOD.replace("rate,", ""), "rate: the column is missing"),
        (GOOD.replace("source", "sauce"), "no column 'sauce'"),
        (GOOD.replace("quote", "base"), "base has two columns"),
        (GOOD.replace("3.6725", "3,6725"), ":2: it has 6 cells for 5 columns"),
        (GOOD.replace("3.6725", '"3,6725"'), ":2: rate: '3,6725' is no rate"),
        (GOOD.replace("3.6725", "-3.6"), ":2: rate: '-3.6' is no rate"),
        (GOOD.replace("3.6725", "1e3"), "'1e3' is no rate"),
        (GOOD.replace("3.6725", "0"), ":2: rate: 0 is no rate of exchange"),
        (GOOD.replace("3.6725", "N/A"), "'N/A' is no rate"),
        (GOOD.replace("USD", "usd"), ":2: base:"),
        (GOOD.replace("USD", "US"), "Write three capital letters"),
        (GOOD.replace("AED", "USD"), "USD is worth 1 of itself"),
        (GOOD.replace("2026-11-20", "20/11/2026"), "'20/11/2026' is no day"),
        (GOOD.replace("2026-11-20", "2026-02-30"), "is no day"),
        (GOOD.replace("2026-11-20", "2026-11-22"), "2026-11-22 is still to come"),
        (GOOD.replace("cbuae", "ecb"), "Use --source ecb"),
        (GOOD.replace("cbuae", "Bank of X"), ":2: source:"),
        (GOOD + GOOD.splitlines()[1], ":3: cbuae/2026-11-20/USD-AED is in line 2 already"),
    ],
)
def test_each_bad_line_of_a_plain_file_is_told_with_its_mend(text: str | bytes, said: str) -> None:
    """A rate that was read wrong is in every figure, and nobody sees it."""
    assert said in "\n".join(faults(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Day,USD\n2026-11-20,1.1\n", "begins with the column Date"),
        ("Date,\n2026-11-20,\n", "begins with the column Date"),
        (WIDE.replace("SEK", "EUR"), "'EUR' is no currency to quote in euros"),
        (WIDE.replace("SEK", "USD"), "USD has two columns"),
        (WIDE.replace("SEK", "Kronor"), "'Kronor' is no currency"),
        (WIDE.replace("1.1,11.0", "1.1"), ":2: it has 1 rates for 2 currencies"),
        (WIDE.replace("11.0", ""), ":2: SEK: '' is no rate"),
        (WIDE.replace("11.0", "11,0"), ":2: it has 3 rates"),
        (WIDE + "2026-11-20,1.2,11.0,\n", ":3: Date: 2026-11-20 is in line 2 already"),
        (WIDE.replace("2026-11-20", "31 November 2026"), "'31 November 2026' is no day"),
        (WIDE.replace("1.1,11.0", "N/A,N/A"), "every rate of it is N/A"),
    ],
)
def test_each_bad_line_of_the_bank_s_file_is_told_with_its_mend(text: str, said: str) -> None:
    """A file that was cut off, or opened and saved by a spreadsheet."""
    assert said in "\n".join(faults(text, wide=True))


def test_all_faults_are_told_at_once_and_no_more_than_can_be_read() -> None:
    """Ten faults must not take ten tries."""
    three = HEAD + "usd,AED,x,2026-11-20,a\nUSD,AED,1,20.11.26,a\nUSD,USD,1,2026-11-20,a\n"
    many = HEAD + "".join(f"USD,AED,x,2026-11-20,a{number}\n" for number in range(500))

    assert [one.split(":")[1] for one in faults(three)] == ["2", "3", "4"]
    assert len(faults(many)) == 101
    assert "the first of 500 faults" in "\n".join(faults(many))
