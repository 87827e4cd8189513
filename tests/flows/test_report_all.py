"""The page over all campaigns, made of a generated year."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from generated_year import MOVED, Year
from proved_pages import proved

from cost_tracking.acceptance.transfers import transfers
from cost_tracking.database import reading
from cost_tracking.exchange.rates import NoRate
from cost_tracking.reports.figures import number
from cost_tracking.reports.overview_page import overview_pages
from flows.desk import Desk, open_desk
from flows.overviews import Asked, of_all, write
from flows.settings import Settings


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the desk of a company that ran one campaign in 45 markets."""
    home = tmp_path_factory.mktemp("year") / ".kampanj"
    Year(home).write(1)
    with open_desk(Settings(home=home)) as opened:
        yield opened


def test_every_figure_of_a_year_leads_to_lines_that_sum_to_it(desk: Desk) -> None:
    """With thousands of lines, shares and pools, not one link may be wrong."""
    told = of_all(desk, Asked())

    assert told.kept
    assert proved(overview_pages(told.over, told.kept, "entries", 10)) > 250


def test_the_sentence_says_what_was_moved_and_leads_to_the_transfer(desk: Desk) -> None:
    """Whoever quotes the sentence is asked who approved the transfer, and when."""
    told = of_all(desk, Asked())
    assert told.kept

    said, *_ = (one for one in told.kept.sentence if not isinstance(one, str))
    with reading(desk.engine) as connection:
        (moved,) = transfers(connection, "winter-lights", desk.now())
    pages = overview_pages(told.over, told.kept, "entries", 10)

    assert moved.freed == MOVED
    words = f"We moved {number(MOVED)} from non-working to working"
    assert (said.text, said.sum) == (words, "1 journalled transfer of budget, of winter-lights")
    assert f'<a class="fig" href="entries/claim.html#{said.id}">{words}</a>' in pages.page
    _, _, proof = pages.beside["entries/claim.html"].partition(f'id="{said.id}"')
    assert f"<li>{moved.id}: {number(MOVED)} of winter-lights, non-working to working" in proof
    assert f"on {moved.at.date()}, approved by {moved.approved_by}: {moved.reason}</li>" in proof


def test_the_sentence_names_each_asset_that_its_cost_is_divided_among(desk: Desk) -> None:
    """Half of a quotient without the other half proves nothing."""
    told = of_all(desk, Asked())
    assert told.kept
    each = told.kept.each
    assert each

    (record,) = each.records
    head, _, names = record.partition(": ")
    assert head == f"winter-lights, {told.kept.whole.stayed} that stayed accepted"
    assert len(set(names.split(", "))) == told.kept.whole.stayed


def test_the_cost_of_accepted_assets_is_all_non_working_money(desk: Desk) -> None:
    """A cost that is in the ledger and in no cohort would make accepted assets look cheap."""
    told = of_all(desk, Asked())
    kept = told.kept
    assert kept

    whole = told.over.non_working.money
    assert kept.whole.cost.money == whole
    assert sum(one.cost.money.micros for one in kept.months) == whole.micros
    assert sum(one.figure.money.micros for one in kept.parts) == whole.micros
    for _, rows in kept.cuts:
        assert sum(one.cost.money.micros for one in rows) in {0, whole.micros}
    assert kept.whole.stayed > 100
    assert kept.whole.failed > 0
    assert {one.rule for one in told.over.anomalies} == {"after_withdrawal"}


def test_a_page_as_it_was_known_has_open_windows(desk: Desk) -> None:
    """In the middle of a campaign the cost is a range, and the page must say so."""
    told = of_all(desk, Asked(known="2025-11-10"))

    assert told.kept
    row = told.kept.whole
    assert row.maturing > 0
    assert row.low
    assert row.high
    assert row.low < row.high
    assert any("still in their window" in one for one in told.kept.caveats)


def test_the_page_is_written_with_its_proofs_beside_it(desk: Desk, tmp_path: Path) -> None:
    """The file goes by mail; its links must find the folder that goes with it."""
    written = write(of_all(desk, Asked(end=date(2025, 12, 31))), tmp_path / "q4.html")

    assert [one.relative_to(tmp_path).parts[0] for one in written] == ["q4.html"]


def test_a_missing_rate_is_named_with_its_mend(desk: Desk) -> None:
    """A currency that nobody quotes must stop the page, and not be counted as nothing."""
    with pytest.raises(NoRate, match="kampanj rates import"):
        of_all(desk, Asked(currency="XAU"))
