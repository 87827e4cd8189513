"""What every page of ours has in common: escaped templates, and one style that is hashed."""

import base64
import hashlib
from functools import cache
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cost_tracking.reports.figures import exact, number


class Style(NamedTuple):
    """The style of a page, and the hash by which its policy allows it and no other."""

    text: Markup
    hash: str


@cache
def templates() -> Environment:
    """Return the templates; all that a person or a provider wrote is escaped in them."""
    pages = Environment(
        loader=PackageLoader("cost_tracking.reports"),
        # By its name: the suffix .html.j2 is not among those that Jinja escapes unasked.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["number"] = number
    pages.filters["micros"] = exact
    return pages


@cache
def style(*names: str) -> Style:
    """Return these style sheets as one."""
    text = "\n".join(templates().get_template(name).render() for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    # Our own files, and hashed: the browser takes this style and no other.
    return Style(Markup(text), f"sha256-{digest}")  # noqa: S704
