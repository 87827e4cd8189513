"""The JSON Schema of the report's JSON, made from the report itself so that it stays true."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report
from cost_tracking.reports.files import SCHEMA

_NUMBER = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_AMOUNT = {
    "type": "object",
    "properties": {
        "amount": {**_NUMBER, "description": "In major units, exactly."},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217."},
    },
    "required": ["amount", "currency"],
}


class _AsWritten(GenerateJsonSchema):
    """Describes values as ``files.plain`` writes them."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:  # noqa: ARG002 - as pydantic calls it
        """Describe an exact number, which is text."""
        return dict(_NUMBER)

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe a value: all of its fields are written; more may be added later."""
        if schema["cls"] is Money:
            return dict(_AMOUNT)
        told = super().model_schema(schema)
        told["required"] = sorted(schema["cls"].model_fields)
        told.pop("additionalProperties", None)
        return told


def report_schema() -> dict[str, Any]:
    """Return the schema of what ``files.as_json`` writes."""
    told = Report.model_json_schema(schema_generator=_AsWritten, mode="serialization")
    told["properties"] = {"schema": {"const": SCHEMA}, **told["properties"]}
    told["required"] = ["schema", *told["required"]]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **told}


def as_text() -> str:
    """Return the schema as the file in ``docs`` holds it."""
    return json.dumps(report_schema(), ensure_ascii=False, indent=1) + "\n"
