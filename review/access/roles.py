"""Which role may do what, in which markets: one table, asked at the moment of each act."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field

from creative.value import Value

EVERYWHERE = "*"


class Role(StrEnum):
    """What a person is trusted with."""

    BRIEF = "brief"
    CHOOSE = "choose"
    APPROVE = "approve"
    SPEND = "spend"
    FINANCE = "finance"
    ADMIN = "admin"


class Action(StrEnum):
    """What a person can do."""

    LOOK = "look"
    """See campaigns, renditions and what they cost."""
    START = "start"
    """Start, go on with or redo a campaign: this spends money."""
    CHOOSE = "choose"
    APPROVE = "approve"
    """Accept, reject or withdraw a rendition of a market."""
    EDIT = "edit"
    """Change a line of copy of a market."""
    ENTER = "enter"
    """Enter costs and close lost attempts."""
    CLOSE = "close"
    """Close a period of the books."""
    PEOPLE = "people"
    """Say who may do what."""


MAY: Mapping[Action, frozenset[Role]] = {
    Action.LOOK: frozenset(Role),
    Action.START: frozenset({Role.BRIEF}),
    Action.CHOOSE: frozenset({Role.CHOOSE}),
    Action.APPROVE: frozenset({Role.APPROVE}),
    Action.EDIT: frozenset({Role.APPROVE}),
    Action.ENTER: frozenset({Role.SPEND, Role.FINANCE}),
    Action.CLOSE: frozenset({Role.FINANCE}),
    Action.PEOPLE: frozenset({Role.ADMIN}),
}
"""An admin names people and approves nothing: who can give roles must not need them."""
OF_A_MARKET = frozenset({Action.APPROVE, Action.EDIT})
"""What is done in one market, where the role must be held."""


class Grant(Value):
    """One role of one person, in some markets or in all."""

    role: Role
    markets: tuple[str, ...] = Field(default=(EVERYWHERE,), min_length=1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a grant as people write it.

        Raises:
            ValueError: It names no role, or a market that is no code.

        >>> Grant.parse("approve:SE,NO").markets
        ('SE', 'NO')
        >>> Grant.parse("finance").markets
        ('*',)
        """
        name, _, places = text.partition(":")
        if name not in set(Role):
            raise ValueError(f"{name!r} is no role; use one of: {', '.join(Role)}")
        role = Role(name)
        if not places:
            return cls(role=role)
        if role is not Role.APPROVE:
            raise ValueError(f"{text!r}: only {Role.APPROVE} is given by market; write {name!r}")
        markets = tuple(places.split(","))
        for code in markets:
            if code != EVERYWHERE and not (len(code) == 2 and code.isalpha() and code.isupper()):
                raise ValueError(f"{code!r} is no market; write codes such as approve:SE,NO")
        return cls(role=role, markets=markets)

    def __str__(self) -> str:
        """Return it as ``parse`` reads it."""
        return str(self.role) if EVERYWHERE in self.markets else f"{self.role}:{self._places}"

    @property
    def _places(self) -> str:
        return ",".join(self.markets)


def may(grants: Iterable[Grant], action: Action, market: str | None = None) -> Role | None:
    """Return the role by which an act is allowed, or None.

    Args:
        grants: What the person holds at this moment.
        action: What is to be done.
        market: Where; needed for what is done in a market, and ignored for all else.

    """
    for grant in grants:
        if grant.role not in MAY[action]:
            continue
        if action not in OF_A_MARKET or EVERYWHERE in grant.markets or market in grant.markets:
            return grant.role
    return None
