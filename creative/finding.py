"""What a check has to say about one asset."""

from enum import StrEnum

from creative.value import Value


class Severity(StrEnum):
    """How much a finding weighs.

    ``block`` keeps the asset from delivery; ``warn`` asks a person to look; ``note`` explains.
    """

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"


class Finding(Value):
    """One fault of one asset: where it is, why it matters, and how to mend it."""

    check: str
    """The check's name in kebab case, such as ``contrast`` or ``missing-glyph``."""
    severity: Severity
    where: str
    """The slot or part it was found in: ``headline``, ``logo``, ``file`` …"""
    message: str
    mend: str


def blocks(findings: tuple[Finding, ...]) -> bool:
    """Say whether any of these keeps its asset from delivery."""
    return any(finding.severity is Severity.BLOCK for finding in findings)
