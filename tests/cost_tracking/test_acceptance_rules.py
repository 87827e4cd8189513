"""Which events say that an accepted asset did not stay accepted."""

import pytest

from cost_tracking.acceptance.rules import default_rules, read_rules

HEAD = 'name = "x"\nversion = 1\neffective_from = 2026-11-01\nsource = "test"\nwindow_days = 14\n'


@pytest.mark.parametrize(
    ("kind", "reason", "effect", "defect"),
    [
        *(
            ("pulled", reason, "disqualifies", "made")
            for reason in (
                "brand", "legal", "defect", "wrong_price", "translation", "rights_missing",
                "platform_rejected", "Wrong price", " wrong-price ",
            )
        ),
        ("platform_rejected", "", "disqualifies", "event"),
        ("redo_requested", "", "disqualifies", "event"),
        ("complaint", "", "disqualifies", "event"),
        ("superseded", "fix", "disqualifies", "made"),
        ("pulled", "nobody said why", "disqualifies", "event"),
        ("expired", "", "disqualifies", "event"),
        ("expired", "planned", "benign", "event"),
        ("ended", "", "benign", "event"),
        ("pulled", "campaign_ended", "benign", "event"),
        ("pulled", "ab_loser", "benign", "event"),
        ("pulled", "size_not_needed", "benign", "event"),
        ("expired", "rights_expired_planned", "benign", "event"),
        ("review", "negative", "benign", "event"),
        ("review", "misleading", "disqualifies", "event"),
        ("support_contact", "question", "benign", "event"),
        ("support_contact", "wrong_price", "disqualifies", "made"),
    ],
)  # fmt: skip
def test_the_policy_says_what_an_event_means(
    kind: str, reason: str, effect: str, defect: str
) -> None:
    """A planned end is no failure, and what nobody explains is no success."""
    rule = default_rules().judge(kind, reason)

    assert (rule.effect, rule.defect) == (effect, defect)


def test_two_rules_for_one_event_are_refused() -> None:
    """The later one would win without a word."""
    rule = '[[rule]]\nkind = "pulled"\nreason = "brand"\neffect = "benign"\n'

    assert read_rules(HEAD + rule).id == "x@1"
    with pytest.raises(ValueError, match="pulled with reason 'brand' has two rules"):
        read_rules(HEAD + rule + rule)
