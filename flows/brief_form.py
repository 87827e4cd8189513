"""The brief as a form in Prefect's pages, derived from its model field by field.

What a field takes, whether it must be filled in and what is meant without it are read from
``creative.brief``, so that the form and the brief cannot drift apart; only titles, descriptions and
groups are written down here, in ``data/brief_form.toml``. Prefect's pages decide the shapes: a
mapping is a table of rows, a part that may be left out is a list of none or one, money is text.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from importlib.resources import files
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from creative.brief import Brief, Currency, Locale, MarketCode
from creative.value import Value
from flows.form_choices import Choices
from flows.form_nodes import (
    Amount,
    Choice,
    Field,
    Group,
    Json,
    Many,
    Maybe,
    Node,
    Rows,
    Scalar,
    Told,
)

SCHEMA = 1
_WHOLE_DIGITS = 12
"""Digits before the point, where the brief sets no limit: more are a slip of the hand."""


class FormGroup(Value):
    """Fields of the brief that the form shows together."""

    key: str
    title: str
    about: str
    fields: tuple[str, ...]


class Words(Value):
    """What the form says, and what it does not ask."""

    group: tuple[FormGroup, ...]
    left_out: Mapping[str, str]
    """Why a field is not asked for, by its path."""
    rows: Mapping[str, tuple[str, ...]]
    """The columns of a table, by its path: of the key, and of a value that is no group."""
    words: Mapping[str, tuple[str, str]]
    """Title and description of a field, by its path."""


def words() -> Words:
    """Read what the form says."""
    text = (files("flows") / "data" / "brief_form.toml").read_text("utf-8")
    return Words.model_validate(tomllib.loads(text))


@dataclass(frozen=True)
class BriefForm:
    """The form for briefs of one project."""

    choices: Choices
    """What can be chosen in it."""

    @cached_property
    def words(self) -> Words:
        """Return what it says."""
        return words()

    @cached_property
    def root(self) -> Group:
        """Return the form's groups, with the brief's fields in them."""
        asked = {one.name: one for one in self._fields(Brief, "")}
        grouped = {name for group in self.words.group for name in group.fields}
        return Group(
            tuple(
                _grouped(group, [asked[name] for name in names if name in asked])
                for group in self.words.group
                # A field of the brief that nobody has put into a group is asked for at the end.
                if (names := group.fields or tuple(name for name in asked if name not in grouped))
            )
        )

    @property
    def schema(self) -> Json:
        """Return the form as JSON schema, whole: without a reference into another part of it."""
        return self.root.schema()

    def brief(self, form: Mapping[str, Any]) -> tuple[Json, Told]:
        """Return what was typed as a brief writes it, and what it could not even write down."""
        about = Told()
        brief: Json = {"schema": SCHEMA}
        known = {one.name: one for one in self.root.fields}
        for name in (*known, *(name for name in form if name not in known)):
            one, given = known.get(name), form.get(name)
            group = self._inner(one) if one else None
            if group is None:
                # Of no group of ours: the brief says that there is no such field.
                told = one.node.told(given, (name,), about) if one else given
                brief |= {} if told is None else {name: told}
            elif isinstance(given, dict):
                brief |= Group.of(group.fields, given, (), about)
            elif given is not None:
                brief[name] = given
        order = [one.alias or name for name, one in Brief.model_fields.items()]
        return dict(sorted(brief.items(), key=lambda one: _place(order, one[0]))), about

    def filled(self, brief: Brief) -> Json:
        """Return the form as it would be filled in to get this brief."""
        plain = brief.model_dump(mode="json", by_alias=True)
        form: Json = {}
        for one in self.root.fields:
            group = self._inner(one)
            form[one.name] = group.filled(plain) if group else one.node.filled(plain[one.name])
        return form

    def paths(self) -> Iterator[str]:
        """Yield the path of every field that is asked for, without the groups around them."""
        for one in self.root.fields:
            group = self._inner(one)
            for inner in group.fields if group else (one,):
                yield from _paths(inner, inner.name)

    def _inner(self, one: Field) -> Group | None:
        """Return the fields that a group only shows together; None of a field of the brief."""
        own = next(group for group in self.words.group if group.key == one.name)
        return one.node if own.fields != (one.name,) and isinstance(one.node, Group) else None

    def _fields(self, model: type[BaseModel], path: str) -> Iterator[Field]:
        hints = get_type_hints(model, include_extras=True)
        for name, info in model.model_fields.items():
            written = info.alias or name
            here = f"{path}{written}"
            # What can be only one thing is not asked.
            settled = get_origin(hints[name]) is Literal and len(get_args(hints[name])) == 1
            if here not in self.words.left_out and not settled:
                yield self._field(written, hints[name], info, here)

    def _field(self, name: str, hint: Any, info: FieldInfo, path: str) -> Field:
        field = self._named(name, path, self._node(hint, info.metadata, path))
        if info.is_required():
            return field
        usual = TypeAdapter(Any).dump_python(info.get_default(), mode="json")
        return replace(field, required=False, default=usual)

    def _named(self, name: str, path: str, node: Node) -> Field:
        title, about = self.words.words.get(path, (name.replace("_", " ").capitalize(), ""))
        return Field(name, title, about, node)

    def _node(self, hint: Any, rules: Sequence[Any], path: str) -> Node:
        """Return the part of the form for one type of the brief's model.

        Args:
            hint: The type, as the model writes it.
            rules: What else the model says of the field: its lengths and limits.
            path: Of the field.

        """
        chosen = self._choice(hint, path)
        kind, inner, more = _opened(hint)
        rules = (*more, *rules)
        if kind is tuple:
            fewest = max((getattr(one, "min_length", 0) or 0 for one in rules), default=0)
            item = Choice(chosen) if chosen else self._node(inner[0], (), path)
            return Many(item, fewest)
        if chosen:
            return Choice(chosen)
        if kind is Mapping:
            return self._rows(inner, path)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            group = Group(tuple(self._fields(kind, f"{path}.")))
            return Maybe(group) if _may_be_none(hint) else group
        return _leaf(kind, inner, rules)

    def _rows(self, inner: tuple[Any, ...], path: str) -> Rows:
        columns = self.words.rows.get(path, ("key", "value"))
        key_type, value_type = inner
        key = self._column(columns[0], key_type, path)
        model = _opened(value_type)[0]
        if isinstance(model, type) and issubclass(model, BaseModel):
            return Rows(key, None, Group((key, *self._fields(model, f"{path}."))))
        value = self._column(columns[1], value_type, path)
        return Rows(key, value, Group((key, value)))

    def _column(self, name: str, hint: Any, path: str) -> Field:
        here = f"{path}.{name}"
        return self._named(name, here, self._node(hint, (), here))

    def _choice(self, hint: Any, path: str) -> Mapping[str, str]:
        """Return what a field can be chosen from; nothing where it is typed."""
        if path in self.choices.by_path:
            return self.choices.by_path[path]
        # A mapping is chosen from in neither of its columns at once; those are asked one by one.
        inside = get_args(hint) if get_origin(hint) in (tuple, Union, UnionType) else ()
        by_type = ((MarketCode, "market"), (Locale, "locale"), (Currency, "currency"))
        for of, name in by_type:
            if of in (hint, *inside):
                return self.choices.by_kind[name]
        return {}


def _leaf(kind: Any, inner: tuple[Any, ...], rules: Sequence[Any]) -> Node:
    if kind is Literal:
        return Choice({str(one): str(one) for one in inner})
    if kind is Decimal:
        return Amount({"type": "string", "pattern": _pattern(rules)})
    if kind is date:
        return Scalar({"type": "string", "format": "date"})
    return Scalar(TypeAdapter(Annotated[kind, *rules] if rules else kind).json_schema())


def _place(order: Sequence[str], name: str) -> int:
    return order.index(name) if name in order else len(order)


def _grouped(group: FormGroup, fields: Sequence[Field]) -> Field:
    if len(fields) == 1 and fields[0].name == group.key:
        one = fields[0]
        return replace(one, title=group.title, about=group.about)
    required = any(one.required for one in fields)
    return Field(group.key, group.title, group.about, Group(tuple(fields)), required=required)


def _opened(hint: Any) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """Return what a type is at heart, what is in it, and the rules that are written beside it."""
    rules: tuple[Any, ...] = ()
    while True:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            hint, rules = arguments[0], (*rules, *_flat(arguments[1:]))
        elif origin in (Union, UnionType):
            [hint] = [one for one in arguments if one is not type(None)]
        elif origin is tuple:
            return tuple, arguments, rules
        elif origin is None:
            return hint, (), rules
        elif origin is Literal:
            return Literal, arguments, rules
        else:
            return Mapping, arguments, rules


def _flat(rules: Sequence[Any]) -> Iterator[Any]:
    for one in rules:
        yield from one.metadata if isinstance(one, FieldInfo) else (one,)


def _may_be_none(hint: Any) -> bool:
    return type(None) in get_args(hint)


def _pattern(rules: Sequence[Any]) -> str:
    """Return how an exact number is written: digits, and a point where it has parts."""
    told = {
        name: getattr(one, name)
        for one in rules
        for name in ("ge", "gt", "le", "max_digits", "decimal_places")
        if getattr(one, name, None) is not None
    }
    places = told.get("decimal_places")
    whole = told["max_digits"] - places if places and "max_digits" in told else _WHOLE_DIGITS
    # People see it where they mistyped, so it is written without a backslash.
    part = f"[.][0-9]{{1,{places or _WHOLE_DIGITS}}}"
    if told.get("le") == 1:
        return f"^(0({part})?|1([.]0+)?)$"
    sign = "" if "ge" in told or "gt" in told else "-?"
    return f"^{sign}[0-9]{{1,{whole}}}({part})?$"


def _paths(one: Field, path: str) -> Iterator[str]:
    node: Any = one.node
    if isinstance(node, Many):
        node = node.item
    if isinstance(node, Rows | Maybe):
        node = node.group
    yield path
    for inner in node.fields if isinstance(node, Group) else ():
        yield from _paths(inner, f"{path}.{inner.name}")
