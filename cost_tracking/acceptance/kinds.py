"""What can befall an asset after it was accepted, by name; whoever only asks why needs no table."""

from enum import StrEnum


class EventKind(StrEnum):
    """What was heard of an asset. What it means for its acceptance, a policy says."""

    PULLED = "pulled"
    REDO_REQUESTED = "redo_requested"
    COMPLAINT = "complaint"
    PLATFORM_REJECTED = "platform_rejected"
    SUPERSEDED = "superseded"
    ENDED = "ended"
    EXPIRED = "expired"
    SUPPORT_CONTACT = "support_contact"
    REVIEW = "review"
    RETRACTED = "retracted"
    """An earlier event did not happen, or was overturned on appeal."""
