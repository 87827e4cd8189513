"""The models that providers offer: configuration with an end date, never a constant in code."""

from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import Field, model_validator

from creative.plain_toml import toml_values
from creative.value import Value
from providers.errors import Unsupported
from providers.images.base import ImageCapabilities

Operation = Literal["image", "text", "translation"]


class Model(ImageCapabilities):
    """One model of one provider; the limits of pictures mean nothing for one that writes."""

    provider: str
    operation: Operation
    default: bool = False
    """Whether a brief that names no model gets this one."""
    source: str
    """Where its limits and its end were read."""

    @property
    def capabilities(self) -> ImageCapabilities:
        """Return what it can draw."""
        return ImageCapabilities(**self.model_dump(include=set(ImageCapabilities.model_fields)))

    def days_left(self, on: date) -> int | None:
        """Return the days until it ends, negative when it has, or None when no end is known."""
        return (self.retires_on - on).days if self.retires_on else None


class Rate(Value):
    """What a provider allows one account."""

    provider: str
    requests: Decimal | None = Field(default=None, gt=0)
    """In a minute; None where no limit is known."""
    images: Decimal | None = Field(default=None, gt=0)
    """In a minute."""
    at_once: int = Field(default=1, ge=1)
    """How many may come without a pause. Above 1, a minute may see so many more."""
    account: str = ""
    """Tells accounts with one provider apart, where a database sees several."""
    source: str = ""


class ModelTable(Value):
    """The known models with the day on which they were checked."""

    version: int
    checked: date
    model: tuple[Model, ...]
    rate: tuple[Rate, ...] = ()
    """How fast accounts may be asked, where a provider says so."""

    @model_validator(mode="after")
    def _one_default(self) -> Self:
        seen: set[tuple[str, str]] = set()
        for one in self.model:
            if one.default and (one.provider, one.operation) in seen:
                raise ValueError(f"{one.provider} has two default models for {one.operation}")
            if one.default:
                seen.add((one.provider, one.operation))
        return self

    def find(self, provider: str, operation: Operation, model: str) -> Model:
        """Return one model.

        Raises:
            Unsupported: The table has none of this name; the message names the nearest.

        """
        known = {one.model: one for one in self._of(provider, operation)}
        if model in known:
            return known[model]
        near = get_close_matches(model, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or 'none'}"
        raise Unsupported(provider, f"no {operation} model {model!r}; {hint}")

    def default(self, provider: str, operation: Operation) -> str:
        """Return the model for a brief that names none, or an empty string."""
        names = (one.model for one in self._of(provider, operation) if one.default)
        return next(names, "")

    def ending(self, on: date, within_days: int = 60) -> tuple[Model, ...]:
        """Return the models that have ended or will soon, the first to end first."""
        last = on + timedelta(days=within_days)
        soon = [one for one in self.model if one.retires_on and one.retires_on <= last]
        return tuple(sorted(soon, key=lambda one: (one.retires_on or on, one.model)))

    def extended(self, more: tuple[Model, ...]) -> "ModelTable":
        """Return a table with these models first, in place of those of the same name."""
        new = {(one.provider, one.operation, one.model) for one in more}
        taken = {(one.provider, one.operation) for one in more if one.default}
        rest = tuple(
            one.model_copy(
                update={"default": one.default and (one.provider, one.operation) not in taken}
            )
            for one in self.model
            if (one.provider, one.operation, one.model) not in new
        )
        return self.model_copy(update={"model": more + rest})

    def _of(self, provider: str, operation: Operation) -> tuple[Model, ...]:
        return tuple(
            one for one in self.model if one.provider == provider and one.operation == operation
        )


@cache
def model_table() -> ModelTable:
    """Read the shipped table."""
    text = (files("providers") / "data" / "models.toml").read_text(encoding="utf-8")
    return ModelTable(**toml_values(text))
