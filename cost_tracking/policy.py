"""Which side of the working line a cost falls on, by a dated policy that is data.

Nobody publishes one definition of working money, so the class is never a fact of a cost: a posting
keeps its cost type, and the class is what one version of one policy says of it. A report names the
policy that it was made under, and shows what the narrowest and the widest reading would say.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import Field

from cost_tracking.cost_types import cost_types
from cost_tracking.money import Money, allocate
from creative.value import Value

DEFAULT = "wc-default@2"
STRICT = "wc-strict@1"
BROAD = "wc-broad@1"
WHOLE = 10_000
"""Basis points of one."""


class SpendClass(StrEnum):
    """Working money puts an asset before an audience; non-working money makes the asset.

    What is neither (recoverable tax, differences of exchange) is excluded from both.
    """

    WORKING = "working"
    NON_WORKING = "non_working"
    EXCLUDED = "excluded"


class UnknownCostType(KeyError):
    """No rule of the policy says what this cost is."""

    def __str__(self) -> str:
        return str(self.args[0])


class UnknownPolicy(KeyError):
    """No policy of this name and version ships with us."""

    def __str__(self) -> str:
        return str(self.args[0])


class IncompletePolicy(ValueError):
    """The policy cannot be put in force; the message names every reason."""


class Rule(Value):
    """What one policy says of one cost type."""

    type: str
    spend_class: SpendClass
    """Of the whole; where the cost is divided, the class that is kept at posting for the audit."""
    working_bp: int | None = Field(default=None, ge=0, le=WHOLE)
    """How much of it is working, in basis points, the rest being non-working; for an invoice that
    does not tell the two apart. None leaves it whole."""
    contested: bool = False
    """Whether the published definitions contradict each other on it."""
    wasted: bool = False
    """Whether it bought nothing that can be used, whatever its class."""
    note: str = ""


class Policy(Value):
    """One version of one policy: a class for every cost type that it knows."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")
    version: int = Field(ge=1)
    effective_from: date
    extends: str | None = None
    """The policy that it takes all rows from that it does not give itself."""
    source: str
    rules: Mapping[str, Rule]

    @property
    def id(self) -> str:
        """Return its name and version, such as ``wc-default@1``, as postings carry it."""
        return f"{self.name}@{self.version}"

    @property
    def contested(self) -> tuple[str, ...]:
        """Return the cost types on which the trade disagrees."""
        return tuple(one.type for one in self.rules.values() if one.contested)

    def rule(self, cost_type: str) -> Rule:
        """Return what the policy says of a cost type.

        Raises:
            UnknownCostType: It says nothing. It never guesses a class.

        """
        if cost_type not in self.rules:
            near = get_close_matches(cost_type, self.rules, n=3, cutoff=0.4) or sorted(self.rules)
            raise UnknownCostType(
                f"{cost_type!r} is no cost type of the policy {self.id}; "
                f"use one of its own, such as {', '.join(near[:3])}"
            )
        return self.rules[cost_type]

    def spend_class(self, cost_type: str) -> SpendClass:
        """Return the class of a cost type.

        Raises:
            UnknownCostType: The policy says nothing of it.

        """
        return self.rule(cost_type).spend_class

    def parts(self, cost_type: str, amount: Money) -> dict[SpendClass, Money]:
        """Divide an amount between the classes; the parts sum exactly to it.

        Returns:
            One part, or two where the rule divides the cost; none is of nothing, unless the whole
            is.

        Raises:
            UnknownCostType: The policy says nothing of it.

        """
        rule = self.rule(cost_type)
        if rule.working_bp is None:
            return {rule.spend_class: amount}
        weights: dict[str, int] = {
            SpendClass.WORKING: rule.working_bp,
            SpendClass.NON_WORKING: WHOLE - rule.working_bp,
        }
        shares = allocate(amount.micros, weights)
        parts = {
            SpendClass(name): Money(micros=micros, currency=amount.currency)
            for name, micros in shares.items()
            if micros
        }
        return parts or {rule.spend_class: amount}

    def gaps(self) -> tuple[str, ...]:
        """Return the cost types that it says nothing of."""
        return tuple(one for one in cost_types() if one not in self.rules)

    def in_force(self) -> "Policy":
        """Return it, if every cost type has a rule and every rule is of a cost type.

        Raises:
            IncompletePolicy: It is not total, or speaks of what there is not.

        """
        unknown = [one for one in self.rules if one not in cost_types()]
        faults = [f"it says nothing of {', '.join(gaps)}"] if (gaps := self.gaps()) else []
        faults += [f"there is no cost type {', '.join(unknown)}"] if unknown else []
        if faults:
            raise IncompletePolicy(
                f"policy {self.id} cannot be put in force: {'; '.join(faults)}; give each cost "
                "type one rule"
            )
        return self


def read_policy(text: str) -> Policy:
    """Read a policy from TOML; what it extends is one of those that ship with us.

    Raises:
        ValueError: It is not a policy, or names a cost type twice.
        UnknownPolicy: It extends one that there is not.

    """
    about = tomllib.loads(text)
    rows = about.pop("rule", [])
    if not isinstance(rows, list):
        message = f"policy {about.get('name')}: rule is no list; begin each with [[rule]]"
        raise ValueError(message)  # noqa: TRY004 - as pydantic's own
    base = shipped(str(about["extends"])).rules if about.get("extends") else {}
    own: dict[str, Rule] = {}
    for row in rows:
        rule = _rule(row, base)
        if rule.type in own:
            raise ValueError(f"policy {about.get('name')}: {rule.type} has two rules; keep one")
        own[rule.type] = rule
    # In the order of what it extends, so that two readings can be laid side by side.
    return Policy.model_validate({**about, "rules": {**base, **own}})


def _rule(row: Any, base: Mapping[str, Rule]) -> Rule:
    known = base.get(str(row.get("type"))) if isinstance(row, dict) else None
    if known is None:
        return Rule.model_validate(row)
    # A row that gives a class anew says what the whole is, unless it divides it again.
    inherited = known.model_dump(exclude={"working_bp"} if "spend_class" in row else set())
    return Rule.model_validate({**inherited, **row})


@cache
def shipped(name: str) -> Policy:
    """Return a policy that ships with us, by its id, in force or not.

    Raises:
        UnknownPolicy: There is none of this name and version.

    """
    texts = _texts()
    if name not in texts:
        raise UnknownPolicy(f"there is no policy {name!r}; there are {', '.join(sorted(texts))}")
    return read_policy(texts[name])


def shipped_ids() -> tuple[str, ...]:
    """Return the ids of all policies that ship with us, the retired ones too."""
    return tuple(sorted(_texts()))


@cache
def _texts() -> dict[str, str]:
    folder = files("cost_tracking") / "data" / "policies"
    return {
        "@".join(one.name.removesuffix(".toml").rsplit("-", 1)): one.read_text("utf-8")
        for one in folder.iterdir()
        if one.name.endswith(".toml")
    }


@cache
def default_policy() -> Policy:
    """Return the policy that holds where an installation names no other."""
    return shipped(DEFAULT).in_force()


@cache
def three_readings() -> tuple[Policy, Policy, Policy]:
    """Return the narrowest, the usual and the widest reading, each of them total."""
    return shipped(STRICT).in_force(), default_policy(), shipped(BROAD).in_force()
