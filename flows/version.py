"""Which program this is, as manifests say it."""

from importlib.metadata import version


def made_by() -> str:
    """Return the program's name and version."""
    return f"kampanj {version('kampanj')}"
