"""What is working money is said by a policy, and never guessed."""

from importlib.resources import files

import pytest

from cost_tracking.policy import SpendClass, UnknownCostType, default_policy, read_policy


def test_the_shipped_policy_tells_media_from_making() -> None:
    """The CMO's one figure stands on these rows."""
    policy = default_policy()

    assert policy.id == "wc-default@1"
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
    text = (files("cost_tracking") / "data" / "policy.toml").read_text("utf-8")
    twice = text + '\n[[rule]]\ntype = "ai.api_call"\nspend_class = "working"\ngroup = "x"\n'

    with pytest.raises(ValueError, match=r"ai\.api_call has two rules"):
        read_policy(twice)
