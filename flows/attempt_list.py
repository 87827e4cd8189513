"""Every request to a provider: how it ended, what it cost, and whom it replaced."""

from typing import Any

from cost_tracking.orders import Attempt, State
from flows.desk import Desk
from flows.exits import WrongInput


def attempts(desk: Desk, campaign: str, state: str) -> list[dict[str, Any]]:
    """Return the attempts of a campaign, or of all, the oldest first.

    Args:
        desk: Where the database is.
        campaign: Its name, or an empty string.
        state: One of ``State``, or an empty string.

    Raises:
        WrongInput: There is no such state.

    """
    if state and state not in set(State):
        raise WrongInput(f"--state {state}: there is no such state; known: {', '.join(State)}")
    found = desk.attempts.list(campaign or None, State(state) if state else None)
    return [_row(one) for one in found]


def _row(one: Attempt) -> dict[str, Any]:
    return {
        "attempt": one.id,
        "campaign": one.campaign,
        "asset": one.asset,
        "provider": one.provider,
        "model": one.model,
        "state": f"{one.state}{', waste' if one.waste else ''}",
        "money": str(one.counts),
        "basis": one.basis or "",
        "replaces": one.replaces or "",
        "why": "; ".join(filter(None, (one.error, *_passed_over(one), one.close_reason))),
    }


def _passed_over(one: Attempt) -> list[str]:
    return [f"passed over: {why}" for why in one.passed_over]
