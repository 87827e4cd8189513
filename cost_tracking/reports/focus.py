"""The ledger as a FOCUS 1.2 dataset (FinOps Open Cost and Usage Specification).

One row for each line of the ledger that is a cost or an advance, or for each meter of it where the
entry says what was used. Nothing is converted: the billing currency is the one that was posted.
``docs/focus.md`` says column by column where each value comes from.

Source: FOCUS 1.2, https://focus.finops.org/focus-specification/v1-2/
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, exists, func, select

from cost_tracking.cost_types import cost_types
from cost_tracking.entries import COST
from cost_tracking.money import Money, allocate
from cost_tracking.policy import Policy, SpendClass
from cost_tracking.tables import posting, txn, usage
from creative.value import canonical

COLUMNS = (
    "AvailabilityZone",
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingAccountType",
    "BillingCurrency",
    "BillingPeriodEnd",
    "BillingPeriodStart",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargeFrequency",
    "ChargePeriodEnd",
    "ChargePeriodStart",
    "CommitmentDiscountCategory",
    "CommitmentDiscountId",
    "CommitmentDiscountName",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "CommitmentDiscountUnit",
    "ConsumedQuantity",
    "ConsumedUnit",
    "ContractedCost",
    "ContractedUnitPrice",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "ListCost",
    "ListUnitPrice",
    "PricingCategory",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "RegionId",
    "RegionName",
    "ResourceId",
    "ResourceName",
    "ResourceType",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SkuMeter",
    "SkuPriceDetails",
    "SkuPriceId",
    "SubAccountId",
    "SubAccountName",
    "SubAccountType",
    "Tags",
)
"""Every column of FOCUS 1.2, in the order of the alphabet."""
CUSTOM = (
    "x_Account",
    "x_Actor",
    "x_Asset",
    "x_Attribution",
    "x_Campaign",
    "x_Channel",
    "x_Concept",
    "x_CostType",
    "x_Document",
    "x_EntryKey",
    "x_EntryKind",
    "x_EntryLine",
    "x_EntrySeq",
    "x_EntryStatus",
    "x_Locale",
    "x_Market",
    "x_Model",
    "x_NonWorkingCost",
    "x_Placement",
    "x_Policy",
    "x_Prompt",
    "x_RecordedAt",
    "x_Reverses",
    "x_Reviewer",
    "x_Rework",
    "x_Run",
    "x_SpendClass",
    "x_Stage",
    "x_Supersedes",
    "x_Waste",
    "x_WorkingCost",
)
"""Our own columns, which FOCUS asks to begin with ``x_``."""
_ADVANCES = ("prepaid:", "pool:")
_OWED = ("payable:", "accrual:")
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


class _Line(NamedTuple):
    """One row to be: a line of an entry, or one meter of it."""

    head: Row[Any]
    billed: int
    effective: int
    meter: Row[Any] | None


def as_focus(
    connection: Connection, policy: Policy, campaign: str | None = None, up_to: int | None = None
) -> str:
    """Return the ledger as FOCUS 1.2 in CSV; an empty field is null.

    Args:
        connection: That may read.
        policy: Says what is working, in our own columns.
        campaign: Only the lines that name it; None for the whole ledger.
        up_to: The last entry that counts; None for all.

    """
    out = io.StringIO()
    sheet = csv.DictWriter(out, (*COLUMNS, *CUSTOM), lineterminator="\n", restval="")
    sheet.writeheader()
    sheet.writerows(focus_rows(connection, policy, campaign, up_to))
    return out.getvalue()


def focus_rows(
    connection: Connection, policy: Policy, campaign: str | None = None, up_to: int | None = None
) -> Iterator[dict[str, str]]:
    """Yield the rows; see ``as_focus``. What is null is left out.

    Raises:
        UnknownCostType: The policy does not know a cost type.

    """
    meters: dict[tuple[int, int], list[Row[Any]]] = {}
    for one in connection.execute(_within(select(usage), usage.c.txn_seq, campaign, up_to)):
        meters.setdefault((one.txn_seq, one.line_no), []).append(one)
    origin, estimate = txn.alias(), txn.alias()
    query = (
        select(
            posting,
            txn,
            origin.c.idem_key.label("reverses_key"),
            func.coalesce(origin.c.kind, txn.c.kind).label("first_kind"),
            func.coalesce(origin.c.source_doc, txn.c.source_doc).label("first_doc"),
            estimate.c.idem_key.label("supersedes_key"),
        )
        .join(txn, txn.c.seq == posting.c.txn_seq)
        .outerjoin(origin, origin.c.seq == txn.c.reverses)
        .outerjoin(estimate, estimate.c.seq == txn.c.supersedes)
        .order_by(posting.c.txn_seq, posting.c.line_no)
    )
    heads = connection.execute(_within(query, posting.c.txn_seq, campaign, up_to))
    for _, entry in groupby(heads, key=lambda row: int(row.seq)):
        lines = list(entry)
        billed = _billed(lines)
        payee = next((line.account.partition(":")[2] for line in lines if _owed(line)), "")
        for line in lines:
            its = campaign is None or line.campaign == campaign
            if not its or _owed(line) or not (line.account == COST or billed[line.line_no]):
                continue
            its_meters = meters.get((line.seq, line.line_no))
            for part in _metered(line, billed[line.line_no], its_meters):
                row = _row(part, payee, policy)
                yield {name: text for name, text in row.items() if text is not None}


def _within(query: Any, seq: Any, campaign: str | None, up_to: int | None) -> Any:
    if up_to is not None:
        query = query.where(seq <= up_to)
    if campaign is not None:
        its = posting.alias()
        named = exists().where(its.c.txn_seq == seq, its.c.campaign == campaign)
        query = query.where(named)
    return query


def _owed(line: Row[Any]) -> bool:
    return bool(line.account.startswith(_OWED))


def _billed(lines: Sequence[Row[Any]]) -> dict[int, int]:
    """Return for each line how much of it the entry owes somebody.

    An advance that is paid is billed and costs nothing yet; what is taken from it costs and is
    billed no more. So the billed amounts of an entry sum to what it owes, in each currency.
    """
    billed = dict.fromkeys((line.line_no for line in lines), 0)
    for currency in {line.currency for line in lines}:
        its = [line for line in lines if line.currency == currency]
        owed = -sum(line.amount_micros for line in its if _owed(line))
        advances = [line for line in its if line.account.startswith(_ADVANCES)]
        for line in advances:
            # Of an advance's sign as of the debt's: bought, or given back.
            if line.amount_micros * owed > 0:
                billed[line.line_no] = line.amount_micros
        rest = owed - sum(billed[line.line_no] for line in advances)
        costs = [line for line in its if not _owed(line) and line not in advances]
        if sum(line.amount_micros for line in costs) == rest:
            billed |= {line.line_no: line.amount_micros for line in costs}
        elif costs and rest:
            weights = {str(line.line_no): abs(line.amount_micros) for line in costs}
            billed |= {int(name): much for name, much in allocate(rest, weights).items()}
    return billed


def _metered(line: Row[Any], billed: int, meters: Sequence[Row[Any]] | None) -> Iterator[_Line]:
    effective = line.amount_micros if not line.account.startswith(_ADVANCES) else 0
    if not meters:
        yield _Line(line, billed, effective, None)
        return
    exact = {one.meter: abs(Decimal(one.exact_amount)) for one in meters}
    places = max(-int(much.as_tuple().exponent) for much in exact.values())
    weights = {name: int(much.scaleb(max(places, 0))) for name, much in exact.items()}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    of_billed, of_effective = allocate(billed, weights), allocate(effective, weights)
    for one in meters:
        yield _Line(line, of_billed[one.meter], of_effective[one.meter], one)


def _row(one: _Line, payee: str, policy: Policy) -> dict[str, str | None]:
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


def _prices(one: _Line, category: str, provider: str) -> dict[str, str | None]:
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
    return "Purchase" if line.account.startswith(_ADVANCES) else "Usage"


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


def columns_missing(header: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of FOCUS 1.2 that a file has not."""
    return tuple(sorted(set(COLUMNS) - set(header)))
