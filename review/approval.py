"""The rule by which a run accepts renditions without a person, where it was told to."""

from enum import StrEnum

from creative.decision import Verdict
from creative.finding import Severity
from creative.rendition import Rendition


class Approval(StrEnum):
    """How far a run may accept by itself."""

    AUTO = "auto"
    """Accept all that no check blocks: for drafts and demonstrations."""
    CHECKS = "checks"
    """Accept what the checks have nothing to say against; the rest waits for a person."""
    WAIT = "wait"
    """Accept nothing: a person decides on each."""


_STOPS = {
    Approval.AUTO: frozenset({Severity.BLOCK}),
    Approval.CHECKS: frozenset({Severity.BLOCK, Severity.WARN}),
}


def verdict(approval: Approval, rendition: Rendition) -> Verdict | None:
    """Return what the rule says of a rendition, or None where a person must."""
    stops = _STOPS.get(approval)
    if stops is None or any(finding.severity in stops for finding in rendition.findings):
        return None
    return Verdict.ACCEPTED
