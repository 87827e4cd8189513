"""A small report of which every text can be a stranger's, and what strangers write."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

from cost_tracking.money import Money
from cost_tracking.reports.campaign_report import Report, report
from cost_tracking.reports.facts import Campaign, Made, Posted, Spent
from creative.brief import Baseline, Budget

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "<!--", "]]>", "&lt;script&gt;",
    "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\uff1d1+1", " =1",
)  # fmt: skip
CALM: Callable[[str], str] = lambda where: f"calm {where}"  # noqa: E731


def sample(text: Callable[[str], str] = CALM, markets: int = 3, **facts: object) -> Report:
    """Return a report in which every text field is what ``text`` makes of its name."""
    codes = [f"{text('market')}{number}" for number in range(markets)]
    budget = Budget(
        currency="EUR",
        non_working=Decimal(100),
        working=Decimal(900),
        channels={text("channel"): Decimal(1)},
        rates={"USD": {"rate": Decimal("0.9"), "on": date(2027, 3, 1), "source": text("rate")}},
    )
    common = {
        "provider": text("provider"),
        "basis": text("basis"),
        "reference": text("proof"),
        "posted": Posted(
            seq=7,
            line=1,
            key=text("key"),
            kind="invoice",
            effective_on=date(2027, 3, 2),
            recorded_at=datetime(2027, 3, 3, tzinfo=UTC),
            source=text("source"),
            document=text("document"),
            actor=text("actor"),
            reverses=text("key"),
        ),
    }
    entries = [
        Spent(
            amount=Money.of("9.99", "EUR"),
            original=Money.of("11.1", "USD"),
            cost_type=text("type"),
            spend="non_working",
            stage=text("stage"),
            market=code,
            locale=text("locale"),
            waste=True,
            **common,
        )
        for code in codes
    ]
    shown = Spent(
        amount=Money.of("500", "EUR"),
        original=Money.of("500", "EUR"),
        cost_type="media.inventory",
        spend="working",
        stage="media",
        market=codes[0],
        channel=text("channel"),
        asset=text("asset"),
        **common,
    )
    grid = [
        Made(
            slot=f"{text('slot')}{code}",
            market=code,
            locale=text("locale"),
            placement=text("placement"),
            channel=text("channel"),
            concept=text("concept"),
            accepted=True,
            delivered=True,
        )
        for code in codes
    ]
    defaults: dict[str, object] = {
        "name": text("name"),
        "title": text("title"),
        "run": text("run"),
        "as_of": datetime(2027, 3, 10, 9, 30, tzinfo=UTC),
        "budget": budget,
        "baseline": Baseline(
            currency="EUR",
            per_concept=Decimal(9),
            per_rendition=Decimal(60),
            source=text("source"),
            approved_by=text("approver"),
            approved_on=date(2027, 1, 4),
        ),
        "attempts": {text("state"): 2},
        "images_bought": 1,
        "policy": text("policy"),
        "contested": (text("type"),),
        "policies": {text("rule"): text("ruling")},
        "placeholder": False,
        "names": {codes[0]: text("named"), text("placement"): text("place")},
    }
    return report(Campaign.model_validate(defaults | facts), [*entries, shown], grid)
