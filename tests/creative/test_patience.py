"""How long a campaign waits, as a person writes it in a brief."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from creative.patience import LONGEST, SHORTEST, Patience, duration


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("P5D", timedelta(days=5)),
        ("P2W", timedelta(weeks=2)),
        ("PT1M", SHORTEST),
        ("P366D", LONGEST),
        ("P1DT12H30M", timedelta(days=1, hours=12, minutes=30)),
    ],
)
def test_spans_are_written_as_iso_8601_writes_them(text: str, span: timedelta) -> None:
    """It is the one form that no country reads otherwise."""
    assert duration(text) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "5 days",
        "P1M",
        "P1Y",
        "P-1D",
        "PT0M",
        "P367D",
        "p5d",
        "P٣D",
        3600,
        {},
    ],
)
def test_what_is_no_span_is_refused(text: object) -> None:
    """``P1M`` is 28 to 31 days, and 3600 may be seconds or hours."""
    with pytest.raises(ValueError, match=r"no span of time|not between a minute and a year"):
        duration(text)


@pytest.mark.parametrize(
    ("told", "place", "said"),
    [
        ({"choice": {"then": "auto"}}, ("choice",), "give a deadline"),
        (
            {"choice": {"remind_after": "P5D", "deadline": "P5D"}},
            ("choice",),
            "the reminder would come after the deadline",
        ),
        ({"review": {"deadline": "P5D", "then": "auto"}}, ("review", "then"), "'stop'"),
        ({"choice": {"deadline": "soon"}}, ("choice", "deadline"), "write P5D for 5 days"),
    ],
)
def test_what_contradicts_itself_is_named_with_its_place(
    told: dict[str, object], place: tuple[str, ...], said: str
) -> None:
    """That nobody looked never makes a rendition accepted."""
    with pytest.raises(ValidationError) as refused:
        Patience.model_validate(told)

    [fault] = refused.value.errors()
    assert fault["loc"] == place
    assert said in fault["msg"]
