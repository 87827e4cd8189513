"""Which events disqualify an accepted asset, by a versioned policy that is data."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from pydantic import Field

from cost_tracking.acceptance.kinds import EventKind
from creative.decision import Redo
from creative.value import Value

_ANY = "*"
_GAP = re.compile(r"[\s-]+")


class Rule(Value):
    """What the policy says of one kind of event with one reason."""

    kind: EventKind | Literal["*"]
    reason: str
    effect: Literal["disqualifies", "benign"]
    defect: Literal["made", "event"] = "event"
    """Since when the fault exists: since the file was made, or since the event."""
    redo: Redo | None = None
    """What is made again when somebody rejects a rendition for it; None makes nothing again."""
    note: str = ""


class AcceptancePolicy(Value):
    """One version of the rules by which acceptance is kept or lost."""

    name: str
    version: int
    effective_from: date
    source: str
    window_days: int = Field(ge=1, le=365)
    """How long an accepted asset must stay accepted, where a brief says nothing else."""
    rules: tuple[Rule, ...]

    @property
    def id(self) -> str:
        """Return its name and version, such as ``acceptance-default@1``."""
        return f"{self.name}@{self.version}"

    def judge(self, kind: str, reason: str) -> Rule:
        """Return the rule for an event; what no rule knows disqualifies.

        Args:
            kind: Of an ``EventKind``.
            reason: As it was given. ``Wrong price`` and ``wrong-price`` are ``wrong_price``.

        """
        code = _GAP.sub("_", reason.strip().lower())
        table = self._table
        known = table.get((kind, code)) or table.get((_ANY, code))
        return known or Rule(kind=EventKind(kind), reason=code, effect="disqualifies")

    @cached_property
    def _table(self) -> Mapping[tuple[str, str], Rule]:
        return {(one.kind, one.reason): one for one in self.rules}


def read_rules(text: str) -> AcceptancePolicy:
    """Read an acceptance policy from TOML.

    Raises:
        ValueError: It is not one, or says two things of one kind and reason.

    """
    about = tomllib.loads(text)
    rules = [Rule.model_validate(row) for row in about.pop("rule", [])]
    seen: set[tuple[str, str]] = set()
    for one in rules:
        if (one.kind, one.reason) in seen:
            raise ValueError(
                f"acceptance policy {about.get('name')}: {one.kind} with reason {one.reason!r} has "
                "two rules; keep one"
            )
        seen.add((one.kind, one.reason))
    return AcceptancePolicy.model_validate({**about, "rules": rules})


@cache
def default_rules() -> AcceptancePolicy:
    """Return the acceptance policy that ships with us."""
    return read_rules((files("cost_tracking") / "data" / "acceptance.toml").read_text("utf-8"))
