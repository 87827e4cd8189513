"""Accepted outcomes of any kind, from a file."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from cost_tracking.acceptance.cohort import Cohorts
from cost_tracking.acceptance.cohorts import cohorts
from cost_tracking.acceptance.outcome_file import Asked, BadOutcomes, read_outcomes
from cost_tracking.acceptance.rules import default_rules

EXAMPLES = Path(__file__).parents[2] / "docs" / "outcomes"
HEAD = "outcome,version,count,route,made,accepted,rejected,failed,reason,cost,part\n"


def told(text: str, until: str = "2026-11-10", unit_size: int | None = None) -> Cohorts:
    """Return the figures of a file at the end of a day, by route."""
    day = date.fromisoformat(until)
    asked = Asked(currency="USD", window_days=14, unit_size=unit_size, until=day)
    read = read_outcomes(text, asked, default_rules())
    at = datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)
    return cohorts(read.outcomes, read.costs, at, "USD", by="route")


@pytest.mark.parametrize(
    ("until", "machine", "people"),
    [
        # On 10 October nothing has stayed; on the 16th all windows of the first answers close;
        # by 10 November whatever came back has been answered until it stayed.
        ("2026-10-10", "0 19,900 80,100 1.38 - - -", "0 8,000 92,000 4.00 - - -"),
        ("2026-10-16", "80,100 19,900 0 1.38 2.59 2.71 2.71", "92,000 8,000 0 4.00 4.35 4.70 4.70"),
        ("2026-11-10", "80,100 19,900 0 1.38 2.67 2.80 2.24", "92,000 8,000 0 4.00 4.35 4.73 4.35"),
    ],
)
def test_the_shipped_table_of_conversations_is_the_published_one(
    until: str, machine: str, people: str
) -> None:
    """$1.38 a conversation, $2.59 for each that stayed solved, $4.35 by people alone."""
    rows = told((EXAMPLES / "conversations.csv").read_text("utf-8"), until).rows

    found = {}
    for row in rows:
        counts = [row.counts.stayed, row.counts.failed, row.counts.maturing]
        each = [row.per_generated, row.per_accepted, row.evenly_priced, row.per_eventual]
        words = [f"{one:,}" for one in counts] + [
            "-" if one is None else f"{one:.2f}" for one in each
        ]
        found[row.key] = " ".join(words)
    assert found == {"machine first": machine, "people only": people}


def test_the_shipped_table_of_changes_counts_by_size() -> None:
    """28,000 over 42 units is 666.67."""
    told_of = told((EXAMPLES / "changes.csv").read_text("utf-8"), unit_size=500).total

    assert f"{told_of.per_accepted:.2f}" == "666.67"


def test_days_count_as_days() -> None:
    """What failed on the last day of its window failed, and so did what failed on the first."""
    text = HEAD + (
        "a,,,x,,2026-10-01,,2026-10-15,why,1,\n"
        "b,,,x,,2026-10-01,,2026-10-16,why,1,\n"
        "c,,,x,,2026-10-01,,2026-10-01,why,1,\n"
        "d,,,x,,2026-10-01,,2026-10-05,campaign ended,1,\n"
        ",,,x,,,,,,6,\n"
        ",,,y,2026-12-01,,,,,100,\n"
    )

    row = told(text).total

    assert (row.counts.stayed, row.counts.failed) == (2, 2)
    assert row.per_accepted == 5
    assert row.parts.overhead_allocated.micros == 6_000_000


def test_every_fault_of_a_file_is_named_with_its_line() -> None:
    """Whoever mends a file of a thousand lines wants to do it once."""
    text = HEAD + (
        "a,,,x,,2026-13-01,,,,1,\n"
        "b,,zero,x,,2026-10-01,,,,1.5e3,\n"
        "c,,,x,,,,2026-10-01,why,1,\n"
        "d,,,x,2026-10-02,2026-10-01,,,,1,odd\n"
        "e,,,x,,2026-10-01,,,,1\n"
        "f,,,x,,2026-10-01,,,,1,\n"
        "f,,2,y,,2026-10-01,,,,1,\n"
    )

    with pytest.raises(BadOutcomes) as caught:
        told(text)

    said = str(caught.value)
    for words in (
        "line 2: accepted is '2026-13-01'",
        "line 3: count is 'zero'",
        "line 3: cost: '1.5e3'",
        "line 4: an outcome needs the day",
        "line 4: failed is the day",
        "line 5: part is 'odd'",
        "line 5: accepted on 2026-10-01, before it was made",
        "line 6: it has not as many cells",
        "line 8: f has version 1 already, in 7",
        "line 8: f is told otherwise in line 7",
    ):
        assert words in said


@pytest.mark.parametrize("text", ["", "outcome,accepted\n", "cost,cost\n", "cost,\n1,2\n"])
def test_a_heading_without_a_cost_is_refused(text: str) -> None:
    """An empty file would otherwise cost nothing, which is a figure."""
    with pytest.raises(BadOutcomes, match="line 1: the heading"):
        told(text)
