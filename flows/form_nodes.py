"""The parts of a form: what each shows as JSON schema, and how a brief writes what was typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

Json = dict[str, Any]
Place = tuple[str | int, ...]


@dataclass
class Told:
    """Collects what is wrong with a form's shape, which a brief could not even write down."""

    faults: list[tuple[Place, str, str]] = field(default_factory=list)
    """Where in the brief, what is wrong, and the mend."""


class Node(Protocol):
    """One part of a form."""

    def schema(self) -> Json:
        """Return what it takes, as JSON schema without a title."""

    def told(self, value: Any, at: Place, about: Told) -> Any:
        """Return what a brief writes for what the form holds; None for nothing.

        What does not fit is passed on as it is: whoever reads the brief says what is wrong.
        """

    def filled(self, value: Any) -> Any:
        """Return what the form holds for what a brief writes."""


@dataclass(frozen=True)
class Scalar:
    """A text, a number, a day or a switch."""

    takes: Mapping[str, Any]

    def schema(self) -> Json:
        """Return what it takes."""
        return dict(self.takes)

    def told(self, value: Any, at: Place, about: Told) -> Any:  # noqa: ARG002 - as every node
        """Return it as it is; an empty text is nothing."""
        return None if value == "" else value

    def filled(self, value: Any) -> Any:
        """Return it as it is."""
        return value


@dataclass(frozen=True)
class Amount(Scalar):
    """An exact number, as text."""

    def filled(self, value: Any) -> Any:
        """Return it without an exponent, which the form's pattern does not know."""
        try:
            return f"{Decimal(str(value)):f}"
        except InvalidOperation:
            return value


@dataclass(frozen=True)
class Choice:
    """One of several, each shown with words that say more than what a brief writes."""

    labels: Mapping[str, str]
    """What is shown, by what a brief writes."""

    def schema(self) -> Json:
        """Return a drop-down, in which people can search."""
        return {"type": "string", "enum": list(self.labels.values())}

    def told(self, value: Any, at: Place, about: Told) -> Any:  # noqa: ARG002 - as every node
        """Return what a brief writes for what is shown; who writes that is understood, too."""
        return {shown: name for name, shown in self.labels.items()}.get(value, value) or None

    def filled(self, value: Any) -> Any:
        """Return what is shown."""
        return self.labels.get(value, value)


@dataclass(frozen=True)
class Many:
    """A list; of choices, it is one field in which several are chosen, in their order."""

    item: Node
    fewest: int = 0

    def schema(self) -> Json:
        """Return a list."""
        bounds = {"minItems": self.fewest} if self.fewest else {}
        distinct = {"uniqueItems": True} if isinstance(self.item, Choice) else {}
        return {"type": "array", "items": self.item.schema(), **bounds, **distinct}

    def told(self, value: Any, at: Place, about: Told) -> Any:
        """Return the list; a row that was added and left empty is none."""
        if not isinstance(value, list):
            return value
        told = [self.item.told(one, (*at, index), about) for index, one in enumerate(value)]
        return [one for one in told if one is not None]

    def filled(self, value: Any) -> Any:
        """Return the list."""
        return [self.item.filled(one) for one in value]


@dataclass(frozen=True)
class Field:
    """One field of a group."""

    name: str
    title: str
    about: str
    node: Node
    required: bool = True
    default: Any = None
    """What a brief means that does not write it; None where that is nothing."""

    def schema(self, position: int) -> Json:
        """Return it with its words, and with its place: Postgres keeps no order of keys."""
        takes = self.node.schema()
        if takes.get("type") == "object":
            default = {}
        else:
            default = {} if self.default is None else {"default": self.node.filled(self.default)}
        return {
            "title": self.title,
            "description": self.about,
            **takes,
            **default,
            "position": position,
        }


@dataclass(frozen=True)
class Group:
    """Fields that belong together."""

    fields: tuple[Field, ...]

    def schema(self) -> Json:
        """Return an object that takes these fields and no others."""
        required = [one.name for one in self.fields if one.required]
        return {
            "type": "object",
            "properties": {
                one.name: one.schema(position) for position, one in enumerate(self.fields)
            },
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }

    def told(self, value: Any, at: Place, about: Told) -> Any:
        """Return the fields that say something; None if none does."""
        return self.of(self.fields, value, at, about) or None if isinstance(value, dict) else value

    @staticmethod
    def of(fields: Iterable[Field], value: Mapping[str, Any], at: Place, about: Told) -> Json:
        """Return what a brief writes for some fields of a form, in their order."""
        told: Json = {}
        known = {one.name: one for one in fields}
        for name in (*known, *(name for name in value if name not in known)):
            given = value.get(name)
            one = known.get(name)
            meant = one.node.told(given, (*at, name), about) if one else given
            # What a brief means anyway, it does not write; an empty list says something where
            # a brief without it would mean another one.
            if meant is not None and meant != (one.default if one else None):
                told[name] = meant
        return told

    def filled(self, value: Any) -> Any:
        """Return every field that says something, or has a default."""
        return {
            one.name: one.node.filled(value[one.name])
            for one in self.fields
            if value.get(one.name) is not None
        }


@dataclass(frozen=True)
class Rows:
    """A table, where a brief writes `key: value`."""

    key: Field
    value: Field | None
    """The second column; None where the value is a group, whose fields are the columns."""
    group: Group

    def schema(self) -> Json:
        """Return a list of rows."""
        return {"type": "array", "items": self.group.schema()}

    def told(self, value: Any, at: Place, about: Told) -> Any:
        """Return the rows by their keys; a key that two rows have is a fault."""
        if not isinstance(value, list):
            return value
        told: Json = {}
        for index, row in enumerate(value):
            meant = self.group.told(row, (*at, index), about)
            if meant is None:
                continue
            key = meant.pop(self.key.name, None) if isinstance(meant, dict) else None
            if not isinstance(key, str):
                message = f"row {index + 1} says no {self.key.title.lower()}"
                about.faults.append((at, message, "Choose one, or delete the row"))
            elif key in told:
                about.faults.append(((*at, key), f"{key} has two rows", "Keep one of the two"))
            else:
                told[key] = meant.get(self.value.name) if self.value else meant
        return told

    def filled(self, value: Any) -> Any:
        """Return a row for each key."""
        rows = []
        for key, meant in value.items():
            its = {self.value.name: meant} if self.value else meant
            rows.append(self.group.filled({self.key.name: key, **its}))
        return rows


@dataclass(frozen=True)
class Maybe:
    """A group that may be left out: a list of none or one, which the form shows best."""

    group: Group

    def schema(self) -> Json:
        """Return a list of at most one."""
        return {"type": "array", "items": self.group.schema(), "maxItems": 1}

    def told(self, value: Any, at: Place, about: Told) -> Any:
        """Return the one, or nothing."""
        if not isinstance(value, list):
            return value
        if len(value) > 1:
            about.faults.append((at, "it is given twice", "Keep one of the two"))
        return self.group.told(value[0], at, about) if value else None

    def filled(self, value: Any) -> Any:
        """Return a list of the one."""
        return [self.group.filled(value)]
