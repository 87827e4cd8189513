"""A person's own description of a CSV, as TOML or YAML, checked as a brief is."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, field_validator

from cost_tracking.policy import Policy, UnknownCostType
from cost_tracking.spend_import.currencies import CURRENCIES
from cost_tracking.spend_import.days import DayForm
from cost_tracking.spend_import.platform import FIELDS, AmountColumn, Platform, platforms
from creative.problem import InvalidInput, Problem
from creative.toml_file import read_toml
from creative.value import Value
from creative.yaml_file import Document, fit, nearest, read_document

ACCOUNT = "account"
"""A day in the account's own zone, of which the export does not say what it is."""


def _list(written: object) -> object:
    return (written,) if isinstance(written, str) else written


Headings = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
    BeforeValidator(_list),
    Field(min_length=1),
]


class OwnColumns(Value):
    """Which column of a CSV is what."""

    schema_: Literal[1] = Field(alias="schema")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,30}$")
    """Of the platform or the seller, as it stands in the ledger."""
    title: str = ""
    channel: str = Field(default="display", pattern=r"^[a-z][a-z0-9_]{0,30}$")
    cost_type: str = "media.inventory"
    time_zone: str = ACCOUNT
    unit: Literal["major", "micros"] = "major"
    decimal: Literal[".", ",", ""] = ""
    currency: str = ""
    """Of every row, where no column says it."""
    days: Annotated[tuple[DayForm, ...], BeforeValidator(_list)] = ("ymd",)
    amount: Headings
    columns: Mapping[str, Headings]
    breakdown: Mapping[str, Headings] = {}
    totals: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()

    @field_validator("currency")
    @classmethod
    def _iso(cls, code: str) -> str:
        if code and code not in CURRENCIES:
            raise ValueError(f"{code!r} is no currency of ISO 4217; write it as EUR")
        return code

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, name: str) -> str:
        return time_zone(name)


def time_zone(name: str) -> str:
    """Return the name of a time zone, or ``account``, if there is such a zone.

    Raises:
        ValueError: There is none.

    """
    if name != ACCOUNT:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError(
                f"{name!r} is no time zone; write it as Europe/Stockholm, UTC or account"
            ) from error
    return name


def read_mapping(path: Path, policy: Policy) -> Platform:
    """Read a mapping file, which then describes its CSV as our own files describe a platform's.

    Args:
        path: ``.toml``, else YAML or JSON.
        policy: Knows the cost types.

    Raises:
        InvalidInput: It cannot be read, or does not fit; every fault is in it.

    """
    document = read_toml(path) if path.suffix.lower() == ".toml" else read_document(path)
    mapping, problems = fit(document, OwnColumns)
    if mapping is None:
        raise InvalidInput(problems)
    problems = list(_faults(document, mapping, policy))
    if problems:
        raise InvalidInput(problems)
    column = AmountColumn(
        headings=mapping.amount,
        unit=mapping.unit,
        decimal=mapping.decimal,
        currency=mapping.currency,
    )
    same = mapping.model_dump(exclude={"schema_", "unit", "decimal", "currency", "amount", "title"})
    return Platform.model_validate(
        {
            **same,
            "title": mapping.title or mapping.name,
            "amounts": (column,),
            "source": f"the mapping {path.name}",
            "checked": "",
        }
    )


def _faults(document: Document, mapping: OwnColumns, policy: Policy) -> Iterable[Problem]:
    if mapping.name in platforms() and mapping.name != "csv":
        said = f"{mapping.name} is one of the platforms that we read ourselves"
        yield document.problem(("name",), said, f"Use --source {mapping.name}, or another name")
    for field in mapping.columns:
        if field not in FIELDS:
            yield document.problem(
                ("columns", field), "there is no such field", nearest(field, FIELDS)
            )
    if "day" not in mapping.columns:
        said = "day is missing: a row without its day cannot be restated"
        yield document.problem(("columns",), said, 'Add it: day = "Date"')
    if not {"ad_id", "ad_name", "group_id", "group_name", "campaign_id", "campaign_name"} & set(
        mapping.columns
    ):
        said = "no column says which ad a row is of"
        yield document.problem(("columns",), said, 'Add one, best: ad_id = "Ad ID"')
    try:
        policy.spend_class(mapping.cost_type)
    except UnknownCostType as error:
        yield document.problem(("cost_type",), str(error), "Correct it")
