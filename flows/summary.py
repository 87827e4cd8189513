"""What one run did, in figures that the quote had promised."""

from collections.abc import Mapping

from cost_tracking.money import Money
from creative.value import Value


class Summary(Value):
    """The result of one run; ``files``, ``attempts`` and ``money`` mean what they do in a quote."""

    run: str
    campaign: str
    title: str
    files: int
    """Renditions of the chosen concepts, whatever was decided about them."""
    attempts: int
    """Requests that this run sent to providers."""
    money: Money
    """What those cost, in the budget's currency."""
    suspect: Money
    """What is set aside for attempts whose outcome is unknown."""
    images_bought: int
    """By all runs of the campaign so far."""
    composed: int
    """Renditions that were drawn."""
    reused: int
    """Renditions whose recipe had not changed, and that were not drawn again."""
    reopened: int
    """Renditions that were accepted when the run began, and whose bytes are others now."""
    redone: int
    """Renditions that this run made again because somebody had rejected them."""
    stay_rejected: Mapping[str, str]
    """Why the others that were rejected stay so, by their names."""
    accepted: int
    blocked: int
    """Renditions that a check keeps from delivery."""
    waiting: int
    """Renditions that a person has to decide on."""
    delivered: int
    """Files that lie at the place of delivery now."""
    written: int
    """Those of them that this run put there."""
    taken_out: int
    """Files that lay there and were removed: they are not accepted, or not any more."""
    passed_over: tuple[str, ...]
    """Who was asked by this run because others of the route did not do it, and why."""
    findings: Mapping[str, int]
    """How often each check had something to say, by ``severity check``."""
    failed_locales: Mapping[str, str]
    working: Money
    """All working money of the campaign so far."""
    non_working: Money
    """All non-working money of the campaign so far."""
    per_accepted: Money | None
    out: str
    contact_sheet: str
    report: str
    seconds: float
    compose_seconds: float
    files_per_second: float | None
    """Renditions drawn per second of composing, or None when none was."""
    peak_memory_mb: int
    """The largest resident set of this process and of its largest worker, added."""
