"""What is working money is said by a policy, and never guessed."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cost_tracking.cost_types import cost_types
from cost_tracking.money import Money
from cost_tracking.policy import (
    IncompletePolicy,
    SpendClass,
    UnknownCostType,
    UnknownPolicy,
    default_policy,
    read_policy,
    shipped,
    shipped_ids,
    three_readings,
)
from cost_tracking.readings import readings, table

TEXT = (files("cost_tracking") / "data" / "policies" / "wc-default-2.toml").read_text("utf-8")
OWN = """\
name = "acme"
version = 3
effective_from = 2026-11-01
extends = "wc-default@2"
source = "Our controller"
"""
LINES = st.lists(
    st.tuples(st.sampled_from(sorted(cost_types())), st.integers(-(10**12), 10**12)), max_size=30
)


def test_the_shipped_policy_tells_media_from_making() -> None:
    """The CMO's one figure stands on these rows."""
    policy = default_policy()

    assert policy.id == "wc-default@2"
    assert policy.spend_class("media.inventory") is SpendClass.WORKING
    assert policy.spend_class("ai.api_call") is SpendClass.NON_WORKING
    assert policy.spend_class("translation.copy") is SpendClass.NON_WORKING
    assert policy.spend_class("tax.recoverable") is SpendClass.EXCLUDED


def test_what_people_argue_about_is_marked() -> None:
    """A reader must see which rows another agency would count otherwise."""
    rules = default_policy().rules

    assert rules["media.dsp"].contested
    assert rules["labour.internal"].contested
    assert not rules["media.inventory"].contested


def test_an_unknown_cost_type_is_refused_with_its_nearest() -> None:
    """A typing error that counted as working money would flatter the ratio."""
    with pytest.raises(UnknownCostType, match=r"'media\.inventry'.*media\.inventory"):
        default_policy().spend_class("media.inventry")


def test_a_policy_with_two_rules_for_one_type_is_refused() -> None:
    """Which of them held would depend on the order of a file."""
    twice = TEXT + '\n[[rule]]\ntype = "ai.api_call"\nspend_class = "working"\n'

    with pytest.raises(ValueError, match=r"ai\.api_call has two rules"):
        read_policy(twice)


def test_the_three_readings_are_total_and_differ_on_nothing_but_what_is_contested() -> None:
    """Strict is never above the usual reading, and broad never below: they are its bounds."""
    strict, usual, broad = three_readings()
    rank = [SpendClass.NON_WORKING, SpendClass.EXCLUDED, SpendClass.WORKING]

    for one in cost_types():
        rules = [policy.rule(one) for policy in (strict, usual, broad)]
        places = [rank.index(rule.spend_class) for rule in rules]
        assert places == sorted(places), one
        assert usual.rule(one).contested == (len(set(places)) > 1 or rules[0] != rules[2]), one
        assert len({rule.wasted for rule in rules}) == 1, one


@given(LINES)
def test_each_reading_holds_all_of_the_money(lines: list[tuple[str, int]]) -> None:
    """What one reading calls working another calls making; nobody loses a micro of it."""
    spent = [(one, Money(micros=micros, currency="EUR")) for one, micros in lines]

    told = readings(spent, "EUR")

    assert [one.policy for one in told] == ["wc-strict@1", "wc-default@2", "wc-broad@1"]
    whole = sum(micros for _, micros in lines)
    for one in told:
        assert one.working.micros + one.non_working.micros + one.excluded.micros == whole
    if all(micros >= 0 for _, micros in lines):
        assert told[0].working <= told[1].working <= told[2].working


def test_an_invoice_that_does_not_tell_content_from_reach_is_divided_by_the_policy() -> None:
    """A creator's odd micro must land somewhere, and each reading says how much is reach."""
    amount = Money(micros=1_000_001, currency="EUR")

    strict, usual, broad = (one.parts("influencer.fee", amount) for one in three_readings())

    assert strict == {SpendClass.NON_WORKING: amount}
    assert broad == {SpendClass.WORKING: amount}
    assert sorted(one.micros for one in usual.values()) == [500_000, 500_001]


def test_media_that_ran_for_nothing_is_wasted_in_every_reading() -> None:
    """A kill fee is a fact whatever side of the line it stands on."""
    wasted = {one for one, rule in default_policy().rules.items() if rule.wasted}

    assert wasted == {"media.unused", "media.kill_fee", "production.kill_fee"}


def test_an_installation_s_own_policy_comes_first_among_the_readings() -> None:
    """Finance that reads CRM seats as working sees its figure, and the three beside it."""
    own = read_policy(OWN + '[[rule]]\ntype = "crm.platform"\nspend_class = "working"\n').in_force()
    spent = [("crm.platform", Money.of("30", "EUR")), ("agency.creative", Money.of("70", "EUR"))]

    rows = table(readings(spent, "EUR", own))

    assert [(row["policy"], row["working_percent"]) for row in rows] == [
        ("acme@3", "30.00"),
        ("wc-strict@1", "0.00"),
        ("wc-default@2", "0.00"),
        ("wc-broad@1", "30.00"),
    ]
    assert {row["contested"] for row in rows} == {"30.000000"}
    assert own.rule("crm.platform").contested, "what it extends says so"


def test_a_row_that_is_read_anew_is_no_longer_divided() -> None:
    """Who says that a creator's fee is reach means all of it."""
    row = '[[rule]]\ntype = "influencer.fee"\nspend_class = "working"\n'

    assert read_policy(OWN + row).rule("influencer.fee").working_bp is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace('type = "ai.credits"', 'type = "ai.credit"'), "nothing of ai.credits; there"),
        (OWN + '[[rule]]\ntype = "x.y"\nspend_class = "working"\n', "no cost type x.y"),
        (OWN.replace('extends = "wc-default@2"\n', ""), "says nothing of media.inventory"),
    ],
)
def test_a_policy_that_is_not_total_cannot_be_put_in_force(text: str, said: str) -> None:
    """A type that nobody classed would be in no total."""
    with pytest.raises(IncompletePolicy, match=said):
        read_policy(text).in_force()


def test_a_retired_policy_is_still_there_to_be_read() -> None:
    """A posting of last year names the version that it was classed by."""
    assert set(shipped_ids()) == {"wc-default@1", "wc-default@2", "wc-strict@1", "wc-broad@1"}
    assert shipped("wc-default@1").gaps()
    with pytest.raises(UnknownPolicy, match="there are wc-broad@1, wc-default@1"):
        shipped("wc-default@9")
    with pytest.raises(UnknownPolicy):
        read_policy(OWN.replace("@2", "@9"))
