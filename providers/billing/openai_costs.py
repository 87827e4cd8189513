"""OpenAI's own costs by day and line item, asked for with a key of the organization's owner.

Source: https://developers.openai.com/api/reference/resources/admin, ``GET /organization/costs``,
and ``types/admin/organization/usage_costs_response.py`` of openai 3.54.0.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, SecretStr, ValidationError

from cost_tracking.bill import Bill, BillLine
from cost_tracking.money import Money
from providers.errors import BadOutput, NotConfigured, Trace
from providers.reply import Part, Reply, usual
from providers.rest import Rest
from providers.settings import ProviderSettings

NAME = "openai"
LATE = 2
"""Days after which OpenAI adds nothing to a day; it says only that costs come with a delay."""
DAYS_A_PAGE = 31
PAGES = 200
MAX_ANSWER = 20_000_000


class _Amount(Part):
    value: int | float
    currency: str


class _Result(Part):
    amount: _Amount
    line_item: str | None = None


class _Bucket(Part):
    start_time: int
    results: list[_Result]


class _Page(Part):
    data: list[_Bucket]
    has_more: bool
    next_page: str | None = Field(default=None, max_length=4096)


def openai_costs(settings: ProviderSettings, start: date, end: date, today: date) -> Bill:
    """Ask what was charged from one day to another, both included, in UTC.

    Args:
        settings: With the admin key; another key is not allowed to ask.
        start: The first day.
        end: The last day, before today.
        today: The present day in UTC.

    Raises:
        ProviderError: It did not say, or not whole. Asking costs nothing.

    """
    key = settings.openai_admin_key
    if key is None:
        raise NotConfigured(
            NAME, "set OPENAI_ADMIN_KEY to a key that the organization's owner made for its costs"
        )
    rest = _rest(settings, key)
    try:
        lines = tuple(line for page in _pages(rest, start, end) for line in _lines(page))
    finally:
        rest.close()
    return Bill(
        provider=NAME,
        source="OpenAI's organization costs",
        start=start,
        end=end,
        whole_until=today - timedelta(days=LATE),
        lines=lines,
    )


def _rest(settings: ProviderSettings, key: SecretStr) -> Rest:
    headers = {name: one.get_secret_value() for name, one in settings.openai_headers.items()}
    if settings.openai_organization:
        headers["OpenAI-Organization"] = settings.openai_organization
    return Rest(
        NAME,
        settings.openai_base_url,
        {**headers, "Authorization": f"Bearer {key.get_secret_value()}"},
        timeout=settings.text_timeout,
        max_bytes=MAX_ANSWER,
        connect=settings.connect_timeout,
        proxy=settings.proxy,
        secrets=(key.get_secret_value(), *settings.secrets),
    )


def _pages(rest: Rest, start: date, end: date) -> Iterator[_Page]:
    asked: dict[str, Any] = {
        "start_time": _seconds(start),
        "end_time": _seconds(end + timedelta(days=1)),
        "bucket_width": "1d",
        "group_by": "line_item",
        "limit": DAYS_A_PAGE,
    }
    seen: set[str] = set()
    while len(seen) < PAGES:
        # It answers with the days it has; a page of none may still be followed by others.
        path = f"organization/costs?{urlencode(asked)}"
        reply = rest.json("GET", path, sent_is_billed=False)
        if not reply.ok:
            raise usual(reply, NAME, "")
        page = _page(reply)
        yield page
        if not page.has_more:
            return
        if not page.next_page or page.next_page in seen:
            break
        seen.add(page.next_page)
        asked["page"] = page.next_page
    raise BadOutput(NAME, "its list of costs does not end; nothing of it was used", Trace())


def _page(reply: Reply) -> _Page:
    try:
        return _Page.model_validate(reply.data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadOutput(
            NAME, f"its costs are not of the published shape at {place}", reply.trace("")
        ) from None


def _lines(page: _Page) -> Iterator[BillLine]:
    for bucket in page.data:
        day = datetime.fromtimestamp(bucket.start_time, UTC).date()
        for one in bucket.results:
            item = one.line_item or ""
            # A number of JSON is written with the fewest digits that give it, so this is what
            # stood there: exact up to 15 digits, which is a nanodollar of a million.
            value = Decimal(repr(one.amount.value))
            if not value:
                continue
            yield BillLine(
                start=day,
                end=day,
                amount=Money.of(value, one.amount.currency.upper()),
                # Such as "gpt-image-2, image output".
                model=item.partition(",")[0].strip(),
                label=item,
            )


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
