"""Every type of cost there is. What each is worth to a ratio is said by a policy, and not here."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import Field

from creative.plain_toml import toml_values
from creative.value import Value


class CostType(Value):
    """One kind of cost, such as a request to a model or a translator's invoice."""

    id: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    group: str
    """The line of a report that it is told under, such as ``production`` or ``media_tech``."""
    what: str
    """What people call it."""


@cache
def cost_types() -> Mapping[str, CostType]:
    """Return every cost type by its id, in the order of the file that ships with us."""
    text = (files("cost_tracking") / "data" / "cost_types.toml").read_text("utf-8")
    found = [CostType.model_validate(row) for row in toml_values(text)["type"]]
    return {one.id: one for one in found}
