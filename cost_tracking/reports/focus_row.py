"""One charge of the ledger as a row of FOCUS 1.2."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Row

from cost_tracking.cost_types import cost_types
from cost_tracking.money import Money
from cost_tracking.policy import Policy, SpendClass
from creative.value import canonical

ADVANCES = ("prepaid:", "pool:")
"""How accounts begin that are paid for before they are used or shared."""
_MEDIA = ("Media", "Other (Media)")
_MAKING = ("Media", "Content Creation")
_MODELS = ("AI and Machine Learning", "Generative AI")
_SOFTWARE = ("Business Applications", "Other (Business Applications)")
_OTHER = ("Other", "Other (Other)")
_SERVICES: Mapping[str, tuple[str, str]] = {
    "media": _MEDIA,
    "retail_media": _MEDIA,
    "influencer": _MEDIA,
    "crm": _SOFTWARE,
    "platform": _SOFTWARE,
    "ai": _MODELS,
    "agency": _MAKING,
    "production": _MAKING,
    "translation": _MAKING,
    "licence": _MAKING,
}
_RECURRING = frozenset(
    {"ai.subscription", "platform.martech", "platform.dam", "platform.generator"}
    | {"platform.storage", "crm.platform", "agency.retainer"}
)


class Line(NamedTuple):
    """One row to be: a line of an entry, or one meter of it."""

    head: Row[Any]
    billed: int
    effective: int
    meter: Row[Any] | None


def focus_row(one: Line, payee: str, policy: Policy) -> dict[str, str | None]:
    """Return a charge with its FOCUS columns and ours; None is null.

    Args:
        one: The charge.
        payee: Whom its entry owes; empty where it owes nobody.
        policy: Says what is working, in our own columns.

    Raises:
        UnknownCostType: The policy does not know its cost type.

    """
    line = one.head
    provider = line.provider or payee or "not named"
    category = _category(line)
    start = date.fromisoformat(line.effective_on)
    period = date.fromisoformat(f"{line.posting_period or line.effective_on[:7]}-01")
    after = (period + timedelta(days=31)).replace(day=1)
    kind = cost_types().get(line.cost_type or "")
    service = _SERVICES.get((line.cost_type or "").partition(".")[0], _OTHER)
    parts = _parts(policy, line, one.effective)
    corrects = line.reverses is not None or line.supersedes is not None
    late = f"{period:%Y-%m}" > line.effective_on[:7]
    return {
        "BilledCost": _money(one.billed),
        "BillingAccountId": f"account:{provider}",
        "BillingAccountName": provider,
        "BillingAccountType": "Payee",
        "BillingCurrency": line.currency,
        "BillingPeriodStart": _moment(period),
        "BillingPeriodEnd": _moment(after),
        "ChargeCategory": category,
        "ChargeClass": "Correction" if corrects and late else None,
        "ChargeDescription": _description(line, kind.what if kind else "", one.meter),
        "ChargeFrequency": _frequency(line, category),
        "ChargePeriodStart": _moment(start),
        "ChargePeriodEnd": _moment(start + timedelta(days=1)),
        "EffectiveCost": _money(one.effective),
        "InvoiceId": _id("document", line.first_doc) if line.first_kind == "invoice" else None,
        "InvoiceIssuerName": provider,
        "ProviderName": provider,
        "PublisherName": provider,
        "ResourceId": _id("asset", line.asset),
        "ResourceName": line.asset,
        "ResourceType": line.asset and ("Rendition" if "_" in line.asset else "Concept"),
        "ServiceCategory": service[0],
        "ServiceName": kind.what if kind else line.account,
        "ServiceSubcategory": service[1],
        "SubAccountId": _id("campaign", line.campaign),
        "SubAccountName": line.campaign,
        "SubAccountType": line.campaign and "Campaign",
        "Tags": _tags(line),
        **_prices(one, category, provider),
        "x_Account": line.account,
        "x_Actor": line.actor or None,
        "x_Asset": line.asset,
        "x_Attribution": line.attribution,
        "x_Campaign": line.campaign,
        "x_Channel": line.channel,
        "x_Concept": line.concept,
        "x_CostType": line.cost_type,
        "x_Document": line.source_doc or None,
        "x_EntryKey": line.idem_key,
        "x_EntryKind": line.kind,
        "x_EntryLine": str(line.line_no),
        "x_EntrySeq": str(line.seq),
        "x_EntryStatus": line.status,
        "x_Locale": line.locale,
        "x_Market": line.market,
        "x_Model": line.model,
        "x_NonWorkingCost": _money(parts.get(SpendClass.NON_WORKING, 0)),
        "x_Placement": line.placement,
        "x_Policy": policy.id,
        "x_Prompt": line.prompt,
        "x_RecordedAt": line.recorded_at,
        "x_Reverses": line.reverses_key,
        "x_Reviewer": line.reviewer,
        "x_Rework": "true" if line.rework else "false",
        "x_Run": line.run,
        "x_SpendClass": line.cost_type and policy.spend_class(line.cost_type).value,
        "x_Stage": line.stage,
        "x_Supersedes": line.supersedes_key,
        "x_Waste": "true" if line.waste else "false",
        "x_WorkingCost": _money(parts.get(SpendClass.WORKING, 0)),
    }


def _prices(one: Line, category: str, provider: str) -> dict[str, str | None]:
    """Return what was counted, by which price. What has no meter is one of its kind."""
    line, meter = one.head, one.meter
    whole = one.effective or one.billed
    quantity, price = Decimal(-1 if whole < 0 else 1), abs(_major(whole))
    unit = "Invoices" if line.first_kind == "invoice" else "Charges"
    consumed, consumed_unit = quantity, unit
    sku = f"sku:{provider}/{line.model or line.cost_type or line.account}"
    if meter is not None:
        consumed, consumed_unit = Decimal(meter.quantity), _unit(meter.unit)
        sku += f"/{meter.meter}"
        if meter.unit_price is not None:
            quantity, unit, price = consumed, consumed_unit, Decimal(meter.unit_price)
        else:
            price = abs(Decimal(meter.exact_amount))
    cost = price * quantity
    virtual = meter is not None and meter.unit == "credit" and meter.unit_price is not None
    advance = category == "Purchase" and not one.effective
    priced: dict[str, str | None] = {
        "ListCost": _number(cost),
        "ContractedCost": _number(cost),
        "PricingCurrency": "Credits" if virtual else line.currency,
        "PricingCurrencyEffectiveCost": (
            "0.0" if advance else _number(quantity) if virtual else _money(one.effective)
        ),
    }
    if category in {"Tax", "Adjustment"}:
        same = _money(one.billed)
        return priced | {"ListCost": same, "ContractedCost": same}
    unit_price = "1.0" if virtual else _number(price)
    usage_only = category == "Usage"
    return priced | {
        "ConsumedQuantity": _number(consumed) if usage_only else None,
        "ConsumedUnit": consumed_unit if usage_only else None,
        "ContractedUnitPrice": _number(price),
        "ListUnitPrice": _number(price),
        "PricingCategory": "Standard",
        "PricingCurrencyContractedUnitPrice": unit_price,
        "PricingCurrencyListUnitPrice": unit_price,
        "PricingQuantity": _number(quantity),
        "PricingUnit": unit,
        "SkuId": sku,
        "SkuMeter": meter.meter if meter is not None else consumed_unit,
        "SkuPriceId": f"price:{meter.price_id}" if meter is not None and meter.price_id else sku,
    }


def _category(line: Row[Any]) -> str:
    cost_type = line.cost_type or ""
    if cost_type.startswith("tax."):
        return "Tax"
    if cost_type.startswith("fx.") or line.account in {"fx", "rounding"}:
        return "Adjustment"
    # A purchase in FOCUS is for later: what it costs is told by the usage that draws on it.
    return "Purchase" if line.account.startswith(ADVANCES) else "Usage"


def _frequency(line: Row[Any], category: str) -> str:
    if category == "Usage":
        return "Usage-Based"
    return "Recurring" if line.cost_type in _RECURRING else "One-Time"


def _description(line: Row[Any], what: str, meter: Row[Any] | None) -> str:
    told = (what or line.account, line.model, meter.meter if meter else None, line.asset)
    place = ", ".join(filter(None, (*told, line.market, line.placement, line.stage)))
    return f"{place}; takes back {line.reverses_key}" if line.reverses_key else place


def _tags(line: Row[Any]) -> str | None:
    names = ("campaign", "concept", "market", "locale", "placement", "channel", "stage")
    tags = {name: getattr(line, name) for name in names if getattr(line, name)}
    return canonical(tags).decode() if tags else None


def _parts(policy: Policy, line: Row[Any], micros: int) -> dict[SpendClass, int]:
    if line.cost_type is None:
        return {}
    parts = policy.parts(line.cost_type, Money(micros=micros, currency=line.currency))
    return {side: part.micros for side, part in parts.items()}


def _id(prefix: str, name: str | None) -> str | None:
    # An id of digits alone is read as a number by what takes a CSV in.
    return f"{prefix}:{name}" if name else None


def _unit(unit: str) -> str:
    """Return a unit as FOCUS writes units: ``token`` is ``Tokens``."""
    plain = unit.replace("_", " ").strip().title()
    return plain if plain.endswith("s") else f"{plain}s"


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _major(micros: int) -> Decimal:
    return Decimal(micros).scaleb(-6)


def _money(micros: int) -> str:
    return _number(_major(micros))


def _number(number: Decimal) -> str:
    """Return a decimal with a point, which tells it from a whole number."""
    text = f"{number:f}"
    return text if "." in text else f"{text}.0"
