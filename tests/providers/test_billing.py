"""What vendors say that they charged, over real wires and from real files."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from loopback import BREAKS, Asked, Loopback, Told
from pydantic import SecretStr

from cost_tracking.money import Money
from creative.problem import InvalidInput
from providers import errors
from providers.billing.deepl_usage import deepl_usage
from providers.billing.invoice_csv import invoice
from providers.billing.openai_costs import openai_costs
from providers.errors import Charged, ProviderError
from providers.settings import ProviderSettings

CANARY = "7f3a9b1c5d2e4f60718293a4"
FROM, TO, TODAY = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 21)
DEEPL = {
    "character_count": 2_150_000,
    "character_limit": 20_000_000,
    "api_key_character_count": 1_880_000,
    "api_key_character_limit": 0,
    "start_time": "2026-11-01T14:58:02Z",
    "end_time": "2026-12-01T14:58:02Z",
    "products": [
        {"product_type": "translate", "character_count": 900_000, "api_key_character_count": 880},
        {"product_type": "write", "character_count": 1_250_000, "api_key_character_count": 1_000},
    ],
}


def bucket(day: date, *results: tuple[float, str | None]) -> dict[str, Any]:
    """Return one day as OpenAI publishes it."""
    start = (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 86_400,
        "results": [
            {
                "object": "organization.costs.result",
                "amount": {"value": value, "currency": "usd"},
                "line_item": item,
                "project_id": None,
                "api_key_id": None,
            }
            for value, item in results
        ],
    }


def page(*buckets: Mapping[str, Any], following: str | None = None) -> Told:
    """Return one page as OpenAI publishes it."""
    return Told(
        200,
        {
            "object": "page",
            "data": list(buckets),
            "has_more": following is not None,
            "next_page": following,
        },
    )


def openai_settings(server: Loopback) -> ProviderSettings:
    """Return an organization on loopback."""
    return ProviderSettings(
        openai_admin_key=SecretStr(CANARY), openai_base_url=f"{server.url}/v1", text_timeout=1.0
    )


def test_openai_s_costs_come_page_by_page_and_to_the_last_digit() -> None:
    """A float that is added up is a difference that somebody looks for on a Friday."""

    def answer(asked: Asked) -> Told:
        if "page=second" in asked.path:
            return page(bucket(TO, (0.1, "gpt-6.2-sol, input_tokens"), (0, None)))
        return page(bucket(FROM, (0.30000004, "gpt-image-2, image output")), following="second")

    with Loopback(answer) as server:
        bill = openai_costs(openai_settings(server), FROM, TO, TODAY)

    assert [(line.start, line.model, str(line.amount)) for line in bill.lines] == [
        (FROM, "gpt-image-2", "0.30 USD"),
        (TO, "gpt-6.2-sol", "0.10 USD"),
    ]
    assert bill.whole_until == date(2026, 11, 19)
    assert [one.method for one in server.asked] == ["GET", "GET"]
    assert server.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    assert "start_time=1794182400&end_time=1794355200" in server.asked[0].path
    assert "group_by=line_item" in server.asked[0].path


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (Told(401, {"error": {"code": "invalid_api_key", "message": CANARY}}), "not_configured"),
        (Told(403, {"error": {"message": "no such right"}}), "not_configured"),
        (Told(429, {}), "rate_limited"),
        (Told(500, {}), "unavailable"),
        (page(following=""), "bad_output"),
        (page(following="again"), "bad_output"),
        (Told(200, {"object": "page"}), "bad_output"),
        (page({"start_time": 1, "results": [{"amount": {"value": "1"}}]}), "bad_output"),
        *((BREAKS[name](page()), "unavailable") for name in ("html", "drop", "cut", "hang")),
    ],
)
def test_half_a_bill_is_no_bill(told: Told, kind: str) -> None:
    """What is missing from it would be called free. Asking for it costs nothing."""
    with Loopback(lambda _asked: told) as server, pytest.raises(ProviderError) as caught:
        openai_costs(openai_settings(server), FROM, TO, TODAY)

    assert caught.value.kind == kind
    assert CANARY not in str(caught.value)
    if kind != "bad_output":
        assert caught.value.charged is Charged.NO


def test_a_bill_needs_its_own_key() -> None:
    """The key that draws may not read bills, and says so only after a while."""
    with pytest.raises(errors.NotConfigured, match="OPENAI_ADMIN_KEY"):
        openai_costs(ProviderSettings(), FROM, TO, TODAY)
    with pytest.raises(errors.NotConfigured, match="KAMPANJ_DEEPL_API_KEY"):
        deepl_usage(ProviderSettings(), priced, None, TODAY)


def priced(characters: Decimal, _on: date) -> Money:
    """Return 25 dollars for a million."""
    return Money.of(characters * 25 / 1_000_000, "USD")


def deepl_settings(server: Loopback) -> ProviderSettings:
    """Return an account on loopback."""
    return ProviderSettings(deepl_api_key=SecretStr(CANARY), deepl_base_url=server.url)


def test_deepl_s_usage_counts_what_this_key_translated() -> None:
    """A colleague's key, and what was rewritten, are other people's money."""
    with Loopback(lambda _asked: Told(200, DEEPL)) as server:
        bill = deepl_usage(deepl_settings(server), priced, None, TODAY)

    assert [(line.start, line.end, str(line.amount)) for line in bill.lines] == [
        (date(2026, 11, 1), TODAY, "0.022 USD")
    ]
    assert [(one.method, one.path) for one in server.asked] == [("GET", "/v2/usage")]


def test_deepl_s_free_plan_needs_the_day_its_period_began() -> None:
    """It tells a count and no dates."""
    free = {"character_count": 100, "character_limit": 500_000}
    with Loopback(lambda _asked: Told(200, free)) as server:
        settings = deepl_settings(server)
        with pytest.raises(ValueError, match="--from"):
            deepl_usage(settings, priced, None, TODAY)
        assert deepl_usage(settings, priced, FROM, TODAY).lines[0].label == "100 characters"


def test_deepl_tells_of_no_other_period() -> None:
    """Its count since another day would be compared with the wrong attempts."""
    with Loopback(lambda _asked: Told(200, DEEPL)) as server, pytest.raises(ValueError, match="11"):
        deepl_usage(deepl_settings(server), priced, FROM, TODAY)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (Told(403, {"message": "Forbidden"}), "not_configured"),
        (Told(200, {"character_count": -1}), "bad_output"),
        (Told(200, {**DEEPL, "start_time": "yesterday"}), "bad_output"),
    ],
)
def test_a_usage_that_cannot_be_read_is_an_error(told: Told, kind: str) -> None:
    """None of it may be taken for 0 characters."""
    with Loopback(lambda _asked: told) as server, pytest.raises(ProviderError) as caught:
        deepl_usage(deepl_settings(server), priced, None, TODAY)

    assert caught.value.kind == kind


def test_an_invoice_is_read_under_its_own_headings(tmp_path: Path) -> None:
    """No two vendors name their columns alike."""
    path = tmp_path / "invoice.csv"
    path.write_text(
        "\ufeffDay;Cost;Curr;SKU;Request ID\n"
        "2026-11-09T10:00:00Z;0.04;usd;core;gen_1\n"
        "\n"
        "2026-11-10;-1.5;USD;;\n",
        encoding="utf-8",
    )
    columns = {"date": "Day", "amount": "Cost", "currency": "Curr", "model": "SKU"}

    bill = invoice(path, "stability", {**columns, "receipt": "Request ID"})

    assert [(str(one.amount), one.model, one.receipt, one.rounding) for one in bill.lines] == [
        ("0.04 USD", "core", "gen_1", Decimal("0.005")),
        ("-1.50 USD", "", "", Decimal("0.05")),
    ]
    assert (bill.start, bill.end) == (FROM, TO)


def test_an_invoice_with_a_fault_is_refused_whole_and_each_fault_is_told(tmp_path: Path) -> None:
    """Half an invoice would release what it bills in the other half."""
    path = tmp_path / "invoice.csv"
    path.write_text(
        "date,amount,currency,until\n"
        "2026-11-09,0.04,USD,\n"
        '10/11/2026,"1,234.50",USD,\n'
        "2026-11-09,1,dollars,2026-11-01\n",
        encoding="utf-8",
    )

    with pytest.raises(InvalidInput) as caught:
        invoice(path, "stability", {})

    assert [(one.line, one.path) for one in caught.value.problems] == [
        (3, "amount"),
        (3, "date"),
        (4, "currency"),
        (4, "until"),
    ]


@pytest.mark.parametrize(
    ("text", "columns", "words"),
    [
        ("", {}, "no column holds the date"),
        ("date,amount\n2026-11-09,1\n", {}, "no column holds the currency"),
        ("date,amount,currency\n", {}, "no line"),
        ("date,amount,currency\n", {"model": "SKU"}, "no column has this heading"),
        ('date,amount,currency\n"2026-11-09,1,USD\n', {}, "no CSV"),
        ("d\xe9te", {}, "UnicodeDecodeError"),
    ],
)
def test_an_invoice_that_is_none_says_what_it_lacks(
    tmp_path: Path, text: str, columns: dict[str, str], words: str
) -> None:
    """Whoever exports it does not read our code."""
    path = tmp_path / "invoice.csv"
    path.write_bytes(text.encode("latin-1"))

    with pytest.raises(InvalidInput, match=words):
        invoice(path, "stability", columns)
