"""Points in time as the database keeps them: text in UTC that sorts as time does."""

from datetime import UTC, datetime

FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def stamp(moment: datetime) -> str:
    """Return a moment as UTC text of fixed width, so that text order is time order.

    Raises:
        ValueError: It carries no time zone.

    >>> stamp(datetime(2026, 11, 21, 9, 30, tzinfo=UTC))
    '2026-11-21T09:30:00.000000Z'
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; pass a clock that does")
    return moment.astimezone(UTC).strftime(FORMAT)


def moment(text: str) -> datetime:
    """Return what ``stamp`` wrote.

    Raises:
        ValueError: The text is not of that form.

    """
    return datetime.strptime(text, FORMAT).replace(tzinfo=UTC)
