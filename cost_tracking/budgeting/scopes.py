"""What a limit is of: a campaign, class, channel, period and provider, each of them one or any."""

from datetime import date
from typing import Literal, Self

from pydantic import Field

from cost_tracking.policy import SpendClass
from creative.value import Value

ANY = "*"
_NAME = r"^(\*|[^\s,=*]{1,200})$"
_TYPED = {
    "campaign": "campaign",
    "class": "spend_class",
    "channel": "channel",
    "period": "period",
    "provider": "provider",
}


class Scope(Value):
    """Which costs a limit is of; ``*`` is any."""

    campaign: str = Field(default=ANY, pattern=_NAME)
    spend_class: Literal["*", "working", "non_working"] = "*"
    channel: str = Field(default=ANY, pattern=_NAME)
    period: str = Field(default=ANY, pattern=r"^(\*|[0-9]{4}(-(0[1-9]|1[0-2]))?)$")
    """A month such as 2026-11, or a year: of the day that a cost belongs to, in UTC."""
    provider: str = Field(default=ANY, pattern=_NAME)
    """Who bills for it: a provider of ours, a platform of media, or a payee."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the scope that a person typed, such as ``campaign=tea,class=non_working``.

        Raises:
            ValueError: It is not of that form, or names something else.

        """
        found: dict[str, str] = {}
        for part in text.split(","):
            name, is_, value = (one.strip() for one in part.partition("="))
            if not is_ or name not in _TYPED or _TYPED[name] in found:
                raise ValueError(
                    f"{text!r} is no scope at {part.strip()!r}; write campaign=tea,class=working, "
                    f"of {', '.join(_TYPED)}, each at most once"
                )
            found[_TYPED[name]] = value
        return cls.model_validate(found)

    def __str__(self) -> str:
        told = [(name, getattr(self, field)) for name, field in _TYPED.items()]
        return ",".join(f"{name}={value}" for name, value in told if value != ANY) or "all"

    @property
    def of_campaign(self) -> bool:
        """Say whether it is a campaign's whole budget of one class, which its brief may set."""
        rest = (self.channel, self.period, self.provider)
        return ANY not in {self.campaign, self.spend_class} and rest == (ANY, ANY, ANY)

    def holds(
        self,
        on: date,
        spend_class: str,
        campaign: str | None,
        channel: str | None,
        provider: str | None,
    ) -> bool:
        """Say whether a cost is one of these. What counts on neither side of the line is not."""
        pairs = (
            (self.spend_class, spend_class),
            (self.campaign, campaign),
            (self.channel, channel),
            (self.provider, provider),
        )
        return (
            spend_class != SpendClass.EXCLUDED
            and (self.period == ANY or on.isoformat().startswith(self.period))
            and all(wanted in (ANY, is_) for wanted, is_ in pairs)
        )
