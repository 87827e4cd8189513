"""The minutes of review become money once, shared to the micro by what was decided."""

from decimal import Decimal

import pytest
from places import Place
from sqlalchemy import Engine, select
from typer.testing import CliRunner

from cost_tracking import tables
from cost_tracking.database import reading
from cost_tracking.labour import Reviewed, post_review, posted
from cost_tracking.money import Money
from cost_tracking.policy import default_policy
from cost_tracking.proof import check
from creative.looked import Looked
from flows import accounts, minutes, pipeline
from flows.__main__ import app
from flows.desk import Desk, open_desk
from flows.materials import gather
from flows.reviewing import items
from flows.run_options import RunOptions
from flows.settings import read_settings
from review.approval import Approval

TEA = "spring-tea"
PLACES = ("iab_leaderboard", "iab_medium_rectangle", "iab_skyscraper")


def test_the_minutes_of_an_act_are_shared_to_the_micro_and_entered_once(
    engine: Engine, clock: object
) -> None:
    """Seven minutes at 72 an hour for three files: no micro is lost, in either database."""
    names = tuple(f"tea_SE_sv-SE_{place}_c1_v1" for place in PLACES)
    looked = Looked(
        campaign="tea", nonce="n1", by="ada", minutes=Decimal("7.1"), how="declared",
        assets=names, at=clock(),
    )  # fmt: skip
    reviewed = [
        Reviewed(
            slot=name.rpartition("_v")[0], market="SE", locale="sv-SE", placement=place,
            concept="c1", rework=place == PLACES[0],
        )
        for name, place in zip(names, PLACES, strict=True)
    ]  # fmt: skip
    rate, policy = Money.of("72.01", "EUR"), default_policy()

    first = post_review(engine, looked, reviewed, rate, policy, clock)
    again = post_review(engine, looked, reviewed, Money.of("99", "EUR"), policy, clock)

    assert (first, again) == (True, False)
    assert posted(engine, "tea") == {"n1"}
    columns = tables.posting.c
    query = select(columns.amount_micros, columns.reviewer, columns.rework, columns.cost_type)
    with reading(engine) as connection:
        lines = connection.execute(query.where(columns.account == "cost")).all()
    # 7.1 minutes at 72.01 are 8.521183…: rounded once, and then divided.
    assert sum(line.amount_micros for line in lines) == 8_521_183
    assert (
        max(line.amount_micros for line in lines) - min(line.amount_micros for line in lines) <= 1
    )
    assert [line.rework for line in lines].count(1) == 1
    assert {(line.reviewer, line.cost_type) for line in lines} == {("ada", "labour.review")}
    assert not check(engine)


def test_minutes_wait_for_a_rate_and_are_entered_by_the_next_run(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody may lose what was declared before finance had a rate, nor find it twice."""
    place.rewrite(
        "providers: {image: studio",
        "providers: {tier: sketch, sketch: {image: studio, edge: 256}, image: studio",
    )
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("KAMPANJ_ACTOR", "ada")
    monkeypatch.setenv("KAMPANJ_WORKERS", "1")
    with open_desk(read_settings()) as desk:
        brief, out = place.brief, place.folder / "out"
        options = RunOptions(brief=str(brief), out=str(out), approve=Approval.WAIT, by="bo")
        run = pipeline.start(desk, gather(brief), options)
        pipeline.carry_out(desk, run)
        words = ["review", "accept", TEA, "--market", "SE", "--minutes", "3", "--yes", "--json"]
        assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
        pipeline.carry_out(desk, run)
        before = accounts.of_name(desk, run)
        assert any("No rate is set" in note and ": 3." in note for note in before.notes)
        assert not [one for one in before.entries if one.cost_type == "labour.review"]

        paid = Desk(
            desk.settings.model_copy(update={"labour_rate": "60.00 EUR"}), desk.engine, desk.owner
        )
        pipeline.carry_out(paid, run)
        pipeline.carry_out(paid, run)

        after = accounts.of_name(paid, run)
        entered = [one for one in after.entries if one.cost_type == "labour.review"]
        assert [str(one.amount) for one in entered] == ["1.50 EUR", "1.50 EUR"]
        slots = {one.asset.rendition.name.slot for one in items(paid, TEA) if "sv-SE" in one.name}
        assert {one.asset for one in entered} == slots
        assert not any("No rate is set" in note for note in after.notes)
        assert after.non_working == before.non_working + Money.of("3", "EUR")
        assert minutes.unposted(paid, TEA) == ()
