"""Exports as each program and each language writes them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_tracking.policy import default_policy
from cost_tracking.spend_import.amounts import amount, decimal_mark
from cost_tracking.spend_import.export import read_export
from cost_tracking.spend_import.mapping_file import read_mapping
from cost_tracking.spend_import.platform import platforms
from cost_tracking.spend_import.spend_row import Export, Said
from creative.problem import InvalidInput

NOW = datetime(2027, 4, 1, tzinfo=UTC)


def read(folder: Path, content: str | bytes, source: str = "meta", **said: Any) -> Export:
    """Read a text as an export."""
    path = folder / "export.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_export(path, platforms()[source], Said(**{"account": "42", **said}), NOW)


def figures(export: Export) -> list[tuple[str, str, str]]:
    """Return day, ad and money of each row."""
    return [(str(one.day), one.ad_id, str(one.money)) for one in export.rows]


ONE = [("2027-03-01", "1", "1234.50 EUR")]


@pytest.mark.parametrize(
    "content",
    [
        "Day,Ad ID,Amount spent (EUR)\n2027-03-01,1,1234.5\n",
        "Tag;Anzeigen-ID;Ausgegebener Betrag (EUR)\n2027-03-01;1;1.234,50\n",
        "Jour;ID de la publicité;Montant dépensé (EUR)\n2027-03-01;1;1 234,50\n",
        "Día,Identificador del anuncio,Importe gastado (EUR)\n2027-03-01,1,1234.50\n",
        'Giorno,ID inserzione,Importo speso (EUR)\n2027-03-01,1,"1.234,50"\n',
        'Dia,Identificação do anúncio,Valor usado (EUR)\n2027-03-01,1,"1.234,50"\n',
        "Dag;Advertentie-ID;Besteed bedrag (EUR)\n2027-03-01;1;1234,50\n",
        'Dzień,Ad ID,Wydana kwota (EUR)\n2027-03-01,1,"1 234,50"\n',
        "日,広告ID,消化金額 (EUR)\n2027-03-01,1,1234.50\n",
        "اليوم,ad_id,المبلغ الذي تم إنفاقه (EUR)\n2027-03-01,1,1234.50\n",
        "date_start,ad_id,account_currency,spend\n2027-03-01,1,EUR,1234.5\n",
        'Day\tAd ID\tAmount spent (EUR)\n2027-03-01\t1\t"1,234.50"\n',
        "DAY , ad id ,AMOUNT SPENT (eur)\r\n2027-03-01,1,1234.50\n\n",
        "Day,Ad ID,Amount spent (EUR)\nAll,1,1234.50\n2027-03-01,1,1234.50\n",
        "Day,Ad ID,Amount spent (EUR),Ad name\n2027-03-01,1,1234.50,=HYPERLINK(1)\n",
    ],
)
def test_meta_is_read_in_the_languages_of_its_users(tmp_path: Path, content: str) -> None:
    """Ads Manager translates headings, and puts the currency into one of them."""
    assert figures(read(tmp_path, content)) == ONE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_with_a_mark_is_read(tmp_path: Path, encoding: str) -> None:
    """Excel marks UTF-8, and LinkedIn sends UTF-16."""
    content = "Day;Ad ID;Ad name;Amount spent (EUR)\n2027-03-01;1;Grön 🌱;1234,50\n"
    export = read(tmp_path, content.encode(encoding))
    assert figures(export) == ONE
    assert export.rows[0].label == "Grön 🌱"


def test_a_formula_is_a_name_like_any_other(tmp_path: Path) -> None:
    """It is kept as it is; whoever writes a sheet makes it harmless there."""
    export = read(
        tmp_path,
        "date_start,ad_id,ad_name,spend\n2027-03-01,1,=cmd|'/c calc'!A1,1\n",
        currency="EUR",
    )
    assert export.rows[0].label == "=cmd|'/c calc'!A1"


def test_ids_are_the_same_from_page_and_api(tmp_path: Path) -> None:
    """Otherwise one day would stand twice, under two names of one ad."""
    page = read(
        tmp_path, "Day,Account ID,Ad ID,Amount spent (EUR)\n2027-03-01,act_7,1,2\n", account=""
    )
    api = read(
        tmp_path,
        "date_start,account_id,ad_id,spend\n2027-03-01,7,1,2\n",
        account="",
        currency="EUR",
    )
    assert page.rows[0].key == api.rows[0].key
    linked = read(
        tmp_path,
        "start_date,account_id,pivot_value,cost_in_usd\n"
        "2027-03-01,urn:li:sponsoredAccount:9,urn:li:sponsoredCreative:300,2.5\n",
        "linkedin",
        account="",
    )
    assert (linked.rows[0].account, linked.rows[0].ad_id) == ("9", "300")
    assert str(linked.rows[0].money) == "2.50 USD"


def test_tiktok_s_can_is_taken_for_what_the_person_says(tmp_path: Path) -> None:
    """Nobody but the account's owner knows that CAN was meant to be CAD."""
    content = "stat_time_day,ad_id,currency,spend\n2027-03-01,1,CAN,2\n"
    assert str(read(tmp_path, content, "tiktok", currency="CAD").rows[0].money) == "2.00 CAD"


def test_snap_s_spend_is_micros_from_its_api_alone(tmp_path: Path) -> None:
    """One word in two units is a factor of a million."""
    api = "start_time,ad_id,spend\n2027-03-01T00:00:00.000Z,1,1234500000\n"
    page = "Start Time,Ad ID,Spend\n2027-03-01,1,1234.50\n"
    assert figures(read(tmp_path, api, "snap", currency="EUR")) == ONE
    assert figures(read(tmp_path, page, "snap", currency="EUR")) == ONE


def test_a_performance_max_row_without_ads_is_its_asset_group_s(tmp_path: Path) -> None:
    """Google shows no ads of it."""
    content = (
        "segments.date,customer.id,customer.currency_code,campaign.name,asset_group.id,"
        "metrics.cost_micros\n2027-03-01,1,EUR,PMax,77,1500000\n"
    )
    row = read(tmp_path, content, "google", account="").rows[0]
    assert (row.ad_id, row.level, str(row.money)) == ("group:77", "group", "1.50 EUR")


def test_what_the_person_says_decides_where_the_file_cannot(tmp_path: Path) -> None:
    """Order of the day, decimals, zone, and one more column that divides the day."""
    content = 'Day,Ad ID,Creative,Amount spent (EUR)\n03/04/2027,1,a,"1,234"\n03/04/2027,1,b,2\n'
    said = {
        "days": "mdy",
        "decimal": ",",
        "time_zone": "Europe/Stockholm",
        "breakdown": ("Creative",),
    }
    rows = read(tmp_path, content, **said).rows
    assert [(one.day, one.breakdown, str(one.money), one.time_zone) for one in rows] == [
        (date(2027, 3, 4), "creative=a", "1.234 EUR", "Europe/Stockholm"),
        (date(2027, 3, 4), "creative=b", "2.00 EUR", "Europe/Stockholm"),
    ]


MAPPING = """\
schema: 1
name: adserver
time_zone: Europe/Oslo
currency: NOK
decimal: ","
days: dmy
amount: Kostnad
columns:
  day: Dato
  ad_id: [Annonse-ID, Annonse]
breakdown: {device: Enhet}
"""


def test_a_mapping_describes_any_sheet(tmp_path: Path) -> None:
    """YAML as well as TOML."""
    (tmp_path / "m.yaml").write_text(MAPPING)
    path = tmp_path / "export.csv"
    path.write_text("Dato;Annonse;Enhet;Kostnad\n01.03.2027;9;mobil;kr 1.234,50\n")
    platform = read_mapping(tmp_path / "m.yaml", default_policy())

    row = read_export(path, platform, Said(account="1"), NOW).rows[0]

    assert (row.day, row.ad_id, row.breakdown) == (date(2027, 3, 1), "9", "device=mobil")
    assert (str(row.money), row.time_zone) == ("1234.50 NOK", "Europe/Oslo")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  day: Dato\n", "", 8, "day is missing"),
        ("day: Dato", "dya: Dato", 9, "no such field"),
        ("amount: Kostnad\n", "", 1, "it is missing"),
        ("currency: NOK", "currency: KRONER", 4, "no currency"),
        ("Europe/Oslo", "Europe/Olso", 3, "no time zone"),
        ("days: dmy", "days: dmyy", 6, "not known here"),
        ("name: adserver", "name: google", 2, "one of the platforms"),
        ("schema: 1", "schema: 1\ncost_type: media.magic", 2, "no cost type"),
        ("  ad_id: [Annonse-ID, Annonse]\n", "", 8, "which ad a row is of"),
        ('decimal: ","', 'decimal: ";"', 5, "not known here"),
    ],
)
def test_a_wrong_mapping_is_told_by_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    """As a wrong brief is."""
    path = tmp_path / "m.yaml"
    path.write_text(MAPPING.replace(old, new))

    with pytest.raises(InvalidInput) as caught:
        read_mapping(path, default_policy())

    assert [one.line for one in caught.value.problems if says in one.message] == [line]


def test_a_wrong_toml_mapping_is_told_by_line(tmp_path: Path) -> None:
    """Syntax, and a field below a table."""
    path = tmp_path / "m.toml"
    path.write_text('schema = 1\nname = "x"\namount = "A"\n\n[columns]\nday = "D"\ndya = "E"\n')
    with pytest.raises(InvalidInput, match=r"m.toml:7: columns.dya: there is no such field"):
        read_mapping(path, default_policy())
    path.write_text("schema = 1\nname = \n")
    with pytest.raises(InvalidInput, match=r"m.toml:2: it is not TOML"):
        read_mapping(path, default_policy())


@given(st.integers(0, 10**12), st.sampled_from([("", "."), (",", "."), (".", ","), (" ", ",")]))
def test_an_amount_is_read_as_it_was_written(cents: int, marks: tuple[str, str]) -> None:
    """In any country's way of writing it."""
    thousands, mark = marks
    written = f"{cents // 100:,}".replace(",", thousands) + mark + f"{cents % 100:02d}"

    assert decimal_mark([(1, written)]) == mark
    assert amount(written, mark) * 100 == cents
