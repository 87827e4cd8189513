"""Who enters and shares money here, and in the currency of which books."""

from datetime import datetime

from cost_tracking.allocation.entering import Clerk
from flows.desk import Desk


def clerk(desk: Desk, at: datetime) -> Clerk:
    """Return who acts at this desk, at a moment."""
    return Clerk(policy=desk.policy, actor=desk.who, at=at, books=desk.books)
