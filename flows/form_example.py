"""What the form is filled in with before anybody types: a small campaign that is sound as it is."""

from datetime import date, timedelta

from creative.brief import Brief
from flows.brief_form import SCHEMA
from flows.form_choices import Choices

AHEAD, LASTS = timedelta(days=45), timedelta(days=28)
"""How far off a new campaign starts, and how long it is in media."""


def example(choices: Choices, today: date) -> Brief:
    """Return a brief that this project could run as it is: it buys nothing.

    Args:
        choices: What can be chosen here; its first brand is taken, with a notice of the brand.
        today: The present day; it starts on the Monday after ``AHEAD``.

    """
    start = today + AHEAD
    start += timedelta(days=-start.weekday() % 7)
    brands = list(choices.by_path["brand"])
    notices = list(choices.by_path["compliance.required_disclosures"])
    return Brief.model_validate(
        {
            "schema": SCHEMA,
            "name": "my-first-campaign",
            "title": "My first campaign",
            "brand": next(iter(brands), "brands/brand.yaml"),
            "objective": "consideration",
            "audience": {
                "who": "People who shop online once or twice a month",
                "insight": "They leave a full basket when they cannot see what it will cost",
            },
            "messaging": {
                "headline": "Pay at your own pace",
                "body": "Split any purchase into three.",
                "cta": "See how",
            },
            "compliance": {
                "prohibited_claims": ["free money"],
                "required_disclosures": notices[:1] if len(brands) == 1 else [],
            },
            "avoid": ["text in the image", "faces"],
            "concepts": {
                "count": 2,
                "directions": [
                    "Paper-cut hills fold away under a big soft sun, quiet and wide",
                    "Two calm bands of colour meet like a tide line on a beach",
                ],
            },
            "markets": ["nordics"],
            "placements": ["meta_feed_1x1", "meta_stories_9x16", "iab_medium_rectangle"],
            "schedule": {"start": start.isoformat(), "end": (start + LASTS).isoformat()},
            "budget": {"currency": "EUR", "non_working": "500.00", "working": "8000.00"},
        }
    )
