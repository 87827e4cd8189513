"""What follows from a no: which part of a rendition is made again."""

from cost_tracking.acceptance.rules import default_rules
from creative.decision import Decision, Redo, Verdict


def to_redo(decision: Decision) -> Redo | None:
    """Return what of a rendition is to be made again after a decision, or None for nothing.

    What was withdrawn has been out, and is made again only where somebody said what.
    """
    if decision.verdict is Verdict.ACCEPTED:
        return None
    if decision.redo or decision.verdict is Verdict.WITHDRAWN:
        return decision.redo
    rules = (one.redo for one in default_rules().rules if one.reason == decision.code and one.redo)
    return next(rules, None)
