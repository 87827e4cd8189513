"""The parts that the pages are put together from: templates, and files that never change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Literal

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from cost_tracking.reports.figures import number

MediaType = Literal["text/css; charset=utf-8", "text/javascript; charset=utf-8", "image/svg+xml"]
_TYPES: Mapping[str, MediaType] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True)
class StaticFile:
    """A file of ours, whole in memory."""

    content: bytes
    media_type: MediaType
    version: str
    """The first digits of its sha256, which stand in its address: it may be kept for ever."""


class Pages:
    """Templates and files, read once."""

    @cached_property
    def files(self) -> Mapping[str, StaticFile]:
        """Return every file that is served as it is, by its name."""
        found: dict[str, StaticFile] = {}
        for folder in (files("review.page") / "static", files("review") / "templates"):
            for one in folder.iterdir():
                ending = f".{one.name.rpartition('.')[2]}"
                if ending in _TYPES and not one.name.startswith("contact_sheet"):
                    content = one.read_bytes()
                    version = sha256(content).hexdigest()[:12]
                    found[one.name] = StaticFile(content, _TYPES[ending], version)
        return found

    @cached_property
    def templates(self) -> Environment:
        """Return the templates; whatever is put into them is escaped."""
        made = Environment(
            loader=ChoiceLoader([PackageLoader("review.page")]),
            # By its name: the suffix .html.j2 is not among those that Jinja escapes unasked.
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters["number"] = number
        made.filters["day"] = day
        made.filters["moment"] = moment
        made.globals["static"] = self._address
        return made

    def _address(self, name: str) -> str:
        return f"static/{name}?v={self.files[name].version}"


def day(at: datetime) -> str:
    """Return a day as people write it.

    >>> from datetime import UTC
    >>> day(datetime(2027, 3, 1, tzinfo=UTC))
    '1 March 2027'
    """
    return f"{at.day} {at:%B %Y}"


def moment(at: datetime) -> str:
    """Return a moment as people write it, in its own zone.

    >>> from datetime import UTC
    >>> moment(datetime(2027, 3, 1, 9, 5, tzinfo=UTC))
    '1 March 2027, 09:05 UTC'
    """
    return f"{day(at)}, {at:%H:%M %Z}"
