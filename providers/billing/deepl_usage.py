"""DeepL's own count of characters in the present billing period.

Source: https://developers.deepl.com/api-reference/usage-and-quota.md
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from pydantic import Field, ValidationError

from cost_tracking.bill import Bill, BillLine
from cost_tracking.money import Money
from providers.errors import BadOutput, NotConfigured
from providers.reply import Part, usual
from providers.rest import Rest
from providers.settings import ProviderSettings

NAME = "deepl"
FREE_KEY = ":fx"
MAX_ANSWER = 1_000_000


class _Product(Part):
    product_type: str = ""
    api_key_character_count: int | None = Field(default=None, ge=0)
    character_count: int | None = Field(default=None, ge=0)


class _Usage(Part):
    character_count: int = Field(ge=0)
    api_key_character_count: int | None = Field(default=None, ge=0)
    products: list[_Product] = Field(default_factory=list)
    start_time: str | None = None

    @property
    def translated(self) -> int:
        """Return the characters that this key translated, as narrowly as DeepL tells it."""
        for product in self.products:
            if product.product_type == "translate":
                counts = (product.api_key_character_count, product.character_count)
                return next((one for one in counts if one is not None), self.character_count)
        own = self.api_key_character_count
        return self.character_count if own is None else own


def deepl_usage(
    settings: ProviderSettings,
    price: Callable[[Decimal, date], Money],
    start: date | None,
    today: date,
) -> Bill:
    """Ask how much was translated since the billing period began.

    DeepL tells characters, not money, and only for the present period; so its line is priced by
    the price book. It counts at once.

    Args:
        settings: With the key.
        price: What so many characters cost on a day.
        start: The first day of the period, for plans of which DeepL does not tell it.
        today: The present day in UTC.

    Raises:
        ProviderError: It did not say. Asking costs nothing.
        ValueError: It does not tell when the period began, and nobody else did; or it does, and
            another day was given.

    """
    key = settings.deepl_api_key.get_secret_value() if settings.deepl_api_key else ""
    if not key:
        raise NotConfigured(NAME, "set KAMPANJ_DEEPL_API_KEY, which its usage is told to")
    free = key.endswith(FREE_KEY)
    rest = Rest(
        NAME,
        settings.deepl_free_base_url if free else settings.deepl_base_url,
        {"Authorization": f"DeepL-Auth-Key {key}"},
        timeout=settings.text_timeout,
        max_bytes=MAX_ANSWER,
        connect=settings.connect_timeout,
        proxy=settings.proxy,
        secrets=(key, *settings.secrets),
    )
    try:
        reply = rest.json("GET", "v2/usage", sent_is_billed=False)
    finally:
        rest.close()
    if not reply.ok:
        raise usual(reply, NAME, "", quota=frozenset())
    try:
        usage = _Usage.model_validate(reply.data)
        told = usage.start_time and datetime.fromisoformat(usage.start_time).astimezone(UTC).date()
    except (ValidationError, ValueError):
        said = "its usage is not of the published shape"
        raise BadOutput(NAME, said, reply.trace("")) from None
    if told and start and told != start:
        raise ValueError(f"DeepL tells only of its present period, from {told}; leave --from out")
    begun = told or start
    if begun is None:
        raise ValueError("DeepL does not say when this plan's period began; give it with --from")
    characters = Decimal(usage.translated)
    line = BillLine(
        start=begun, end=today, amount=price(characters, today), label=f"{characters} characters"
    )
    return Bill(
        provider=NAME,
        source=f"DeepL's usage, {characters} characters",
        start=begun,
        end=today,
        whole_until=today,
        lines=(line,) if characters else (),
    )
