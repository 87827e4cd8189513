"""Which side of the working line a cost falls on, by a dated policy that is data.

Nobody publishes one definition of working money, so the class is never a fact of a cost: a posting
keeps its cost type, and the class is what one version of one policy says of it. A report names the
policy that it was made under.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from importlib.resources import files

from creative.value import Value


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


class Rule(Value):
    """What one policy says of one cost type."""

    type: str
    spend_class: SpendClass
    group: str
    """The line of a report that it is told under, such as ``production`` or ``media_tech``."""
    contested: bool = False
    """Whether the published definitions contradict each other on it."""
    note: str = ""


class Policy(Value):
    """One version of one policy: a class for every cost type that it knows."""

    name: str
    version: int
    effective_from: date
    source: str
    rules: Mapping[str, Rule]

    @property
    def id(self) -> str:
        """Return its name and version, such as ``wc-default@1``, as postings carry it."""
        return f"{self.name}@{self.version}"

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


def read_policy(text: str) -> Policy:
    """Read a policy from TOML.

    Raises:
        ValueError: It is not a policy, or names a cost type twice.

    """
    about = tomllib.loads(text)
    rules: dict[str, Rule] = {}
    for row in about.pop("rule", []):
        rule = Rule.model_validate(row)
        if rule.type in rules:
            raise ValueError(f"policy {about.get('name')}: {rule.type} has two rules; keep one")
        rules[rule.type] = rule
    return Policy.model_validate({**about, "rules": rules})


@cache
def default_policy() -> Policy:
    """Return the policy that ships with us."""
    return read_policy((files("cost_tracking") / "data" / "policy.toml").read_text("utf-8"))
