"""What a run may accept by itself, and how picks and sheets are kept."""

import csv
import io
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from creative.asset_name import AssetName
from creative.choice import Choice, stands
from creative.concept import Concept, SourceType
from creative.decision import Verdict
from creative.finding import Finding, Severity
from creative.manifest import Cost, Manifest, ManifestAsset
from creative.rendition import Rendition
from review.approval import Approval, verdict
from review.choices import Choices
from review.manifest_csv import as_csv

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CONCEPT = Concept(
    id="c1",
    direction="A cup",
    prompt="A cup.",
    sha256="a" * 64,
    width=1920,
    height=1920,
    focus=(0.5, 0.5),
    provider="studio",
    model="studio-1",
    attempt="1",
    source_type=SourceType.ALGORITHMIC,
    placeholder=True,
)
CHOICE = Choice(campaign="tea", concepts=("c1",), seen=("a" * 64,), by="ada", at=NOW, reason="")


def rendition(*severities: Severity, message: str = "too long") -> Rendition:
    """Return a rendition with findings of these severities."""
    return Rendition(
        name=AssetName.parse("tea_SE_sv-SE_iab_leaderboard_c1_v1"),
        sha256="b" * 64,
        bytes=1000,
        width=728,
        height=90,
        format="jpg",
        key_visual="a" * 64,
        deck="d" * 64,
        recipe="e" * 64,
        source_type=SourceType.DIGITAL_CREATION,
        findings=tuple(
            Finding(check="fit", severity=one, where="headline", message=message, mend="Cut it")
            for one in severities
        ),
    )


@pytest.mark.parametrize(
    ("rule", "worst", "accepted"),
    [
        (Approval.AUTO, Severity.NOTE, True),
        (Approval.AUTO, Severity.WARN, True),
        (Approval.AUTO, Severity.BLOCK, False),
        (Approval.CHECKS, Severity.NOTE, True),
        (Approval.CHECKS, Severity.WARN, False),
        (Approval.CHECKS, Severity.BLOCK, False),
        (Approval.WAIT, Severity.NOTE, False),
    ],
)
def test_a_rule_accepts_what_it_says(rule: Approval, worst: Severity, *, accepted: bool) -> None:
    """A rule that accepts one more than it says has no one to answer for it."""
    assert verdict(rule, rendition(worst)) == (Verdict.ACCEPTED if accepted else None)


def test_nothing_blocked_is_accepted_by_any_rule() -> None:
    """A missing letter in front of a market cannot be a policy."""
    assert not any(verdict(rule, rendition(Severity.BLOCK)) for rule in Approval)


def test_the_newest_choice_counts_and_none_is_lost(engine: Engine) -> None:
    """A pick may be changed, and what was picked before is still asked about."""
    choices = Choices(engine)
    assert choices.newest("tea") is None
    choices.record(CHOICE)
    choices.record(CHOICE.model_copy(update={"by": "grace"}))

    newest = choices.newest("tea")

    assert newest
    assert newest.by == "grace"


def test_a_choice_stands_only_on_the_bytes_that_were_seen() -> None:
    """A picture that was drawn again is another picture."""
    redrawn = CONCEPT.model_copy(update={"sha256": "f" * 64})

    assert stands(CHOICE, (CONCEPT,), 1)
    assert not stands(CHOICE, (redrawn,), 1)
    assert not stands(CHOICE, (CONCEPT,), 2)
    assert not stands(None, (CONCEPT,), 1)


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", "\uff1d1"])
def test_no_cell_of_the_manifest_is_a_formula(text: str) -> None:
    """Finance opens it in a sheet, which would run what a stranger wrote."""
    made = rendition(Severity.WARN, message="x")
    decision = {
        "asset": str(made.name),
        "sha256": made.sha256,
        "verdict": "accepted",
        "by": text,
        "role": "market",
        "reason": "",
        "at": NOW,
    }
    asset = ManifestAsset.model_validate(
        {
            "rendition": made,
            "decision": decision,
            "delivered": None,
            "cost": Cost(currency="EUR", direct="-1.50", allocated="0"),
        }
    )
    manifest = Manifest(
        campaign="tea",
        run="1",
        brief_sha256="",
        brand_sha256="",
        made_by="",
        decisions_head="",
        at=NOW,
        concepts=(CONCEPT,),
        choice=CHOICE,
        assets=(asset,),
        failed_locales={},
    )

    (row,) = csv.DictReader(io.StringIO(as_csv(manifest)))

    assert row["by"] == f"'{text}"
    assert (row["bytes"], row["cost_direct"]) == ("1000", "-1.50")
