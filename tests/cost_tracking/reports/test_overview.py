"""The page over many campaigns: its figures are the ledger's, and each leads to what proves it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from proved_pages import Page, proved

from cost_tracking.books.head import Head
from cost_tracking.money import Money
from cost_tracking.policy import SpendClass, default_policy
from cost_tracking.reports.cohorts import CohortRow, Kept, Part, Reason, Saved
from cost_tracking.reports.cost_lines import CostLine
from cost_tracking.reports.documents.overview import overview_document
from cost_tracking.reports.forms.flat_file import as_csv
from cost_tracking.reports.forms.markdown import as_markdown
from cost_tracking.reports.forms.page import as_page
from cost_tracking.reports.overview import overview
from cost_tracking.reports.overview_figures import Overview, Plan, Scope
from cost_tracking.reports.overview_page import Pages, overview_pages

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "</title><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "<!--",
)


def line(seq: int = 1, micros: int = 1_000_000, **told: object) -> CostLine:
    """Return a line that makes a campaign, unless it is told otherwise."""
    usual: dict[str, object] = {
        "seq": seq,
        "number": 1,
        "key": f"key/{seq}",
        "kind": "usage",
        "status": "actual",
        "on": date(2026, 3, 4),
        "recorded_at": "2026-03-05T08:00:00.000000Z",
        "source": "attempt",
        "document": f"req_{seq}",
        "reverses": None,
        "cost_type": "ai.api_call",
        "campaign": "tea",
        "asset": "",
        "market": "SE",
        "placement": "",
        "channel": "",
        "provider": "openai",
        "stage": "concepts",
        "rework": False,
        "waste": False,
        "attribution": "",
        "currency": "EUR",
        "original": micros,
        "micros": micros,
        "rate": "",
    }
    return CostLine(**{**usual, **told})  # type: ignore[arg-type]


def media(seq: int, micros: int, **told: object) -> CostLine:
    """Return a line that puts a campaign before people."""
    usual = {"kind": "media", "cost_type": "media.inventory", "channel": "social", "stage": "media"}
    return line(seq, micros, **{**usual, "provider": "meta", **told})


def told(lines: list[CostLine], plans: tuple[Plan, ...] = (), **facts: object) -> Overview:
    """Return the figures of these lines."""
    scope = {
        "title": "All campaigns",
        "start": date(2026, 1, 1),
        "end": date(2026, 12, 31),
        "as_of": datetime(2027, 1, 2, tzinfo=UTC),
        "head": 99,
        "currency": "EUR",
    }
    return overview(Scope.model_validate({**scope, **facts}), lines, plans, default_policy())


lines = st.lists(
    st.builds(
        line,
        st.integers(1, 10**6),
        st.integers(-(10**12), 10**12).filter(bool),
        number=st.integers(1, 10**6),
        campaign=st.sampled_from(["", "tea", "cake"]),
        market=st.sampled_from(["", "SE", "NO"]),
        channel=st.sampled_from(["", "social"]),
        placement=st.sampled_from(["", "meta_feed_1x1"]),
        provider=st.sampled_from(["openai", "meta"]),
        asset=st.sampled_from(["", "c1"]),
        cost_type=st.sampled_from(
            ["ai.api_call", "media.inventory", "crm.delivery", "influencer.fee", "tax.recoverable"]
        ),
        on=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        rework=st.booleans(),
        waste=st.booleans(),
    ),
    max_size=20,
    unique_by=lambda one: (one.seq, one.number),
)


@given(lines)
def test_every_cut_sums_to_the_ledger_to_the_micro(some: list[CostLine]) -> None:
    """Finance adds up a column, and stops believing all of it at the first missing cent."""
    it = told(some)
    policy = default_policy()
    sides = dict.fromkeys(SpendClass, 0)
    for one in some:
        amount = Money(micros=one.micros, currency="EUR")
        for side, part in policy.parts(one.cost_type, amount).items():
            sides[side] += part.micros

    assert it.working.money.micros == sides[SpendClass.WORKING]
    assert it.non_working.money.micros == sides[SpendClass.NON_WORKING]
    cuts = (it.months, it.campaigns, it.markets, it.channels, it.providers, it.placements)
    for cut in (*cuts, it.cost_types):
        assert sum(row.working.money.micros for row in cut) == it.working.money.micros
        assert sum(row.non_working.money.micros for row in cut) == it.non_working.money.micros
    for one in it.readings:
        parts = (one.working, one.non_working, one.excluded)
        assert sum(part.money.micros for part in parts) == sum(line.micros for line in some)


def varied() -> Overview:
    """Return a report with something in every section that is made of the ledger alone."""
    start = date(2026, 3, 2)
    some = [
        *(media(n, 5_000_000, on=start + timedelta(days=n), market="SE") for n in range(1, 31)),
        media(40, 90_000_000, on=date(2026, 3, 31)),
        media(
            41,
            3_000_000,
            on=date(2026, 3, 31),
            asset="tea_SE_sv-SE_meta_feed_1x1_c1",
            attribution="direct",
        ),
        line(50, 7_000_000, cost_type="influencer.fee", provider="ada"),
        line(51, 2_000_000, status="estimate", currency="USD", original=2_300_000, rate="x"),
        line(52, 1_000_001, rework=True, market="NO"),
        line(53, 4_000_000, waste=True, document="req_52x"),
        line(54, 4_000_000, document="req_52x"),
        line(55, 6_000_000, recorded_at="2026-06-01T00:00:00.000000Z", cost_type="tax.recoverable"),
        line(56, 9_000_000, recorded_at="2026-06-01T00:00:00.000000Z", cost_type="labour.review"),
    ]
    plan = Plan(
        campaign="tea",
        title="Tea",
        non_working=Money.of("20", "EUR"),
        working=Money.of("900", "EUR"),
        committed=Money.of("1", "EUR"),
        channels={"social": Decimal("0.6"), "dooh": Decimal("0.4")},
    )
    return told(some, (plan,))


@pytest.mark.parametrize("most_lines", [1000, 10])
def test_every_linked_figure_leads_to_lines_that_sum_to_it(most_lines: int) -> None:
    """An auditor clicks a number; a link to nothing, or to another sum, ends the audit."""
    pages = overview_pages(varied(), folder="proofs", most_lines=most_lines)

    assert bool(pages.beside) is (most_lines == 10)
    assert proved(pages) > 40


def test_the_figures_are_those_of_the_lines() -> None:
    """The CMO reads the page, and finance the ledger: they must be the same numbers."""
    it = varied()
    page = overview_pages(it).page.replace("\N{NO-BREAK SPACE}", " ")

    # 30 days at 5, the spike of 90, one ad at 3, and half of the influencer's fee of 7.
    assert it.working.money == Money.of("246.50", "EUR")
    assert ">246.50 EUR</data>" in page
    # The other half, an estimate, rework, the receipt that was billed twice, and hours.
    assert it.non_working.money == Money.of("23.500001", "EUR")
    assert it.rework.money == Money.of("1.000001", "EUR")
    assert it.waste.money == Money.of("4", "EUR")
    grounds = {one.name: one.figure.money for one in it.grounds}
    assert grounds["Matched to an asset"] == Money.of("3", "EUR")
    assert grounds["Still an estimate"] == grounds["Converted"] == Money.of("2", "EUR")
    [late] = it.restated
    assert (late.month, late.late.money, late.now.money) == (
        "2026-03",
        Money.of("9", "EUR"),
        Money.of("265.000001", "EUR"),
    )
    strict, default, broad = it.readings
    assert default.working.money == it.working.money
    assert strict.working.money == Money.of("243", "EUR")
    assert broad.working.money == Money.of("250", "EUR")


def test_a_budget_is_told_with_what_is_committed() -> None:
    """What is out with a provider is not there to be spent a second time."""
    making = next(one for one in varied().budgets if one.side == "Non-working")

    assert making.left == Money.of("-4.500001", "EUR")
    assert making.used == Decimal("122.500005")


def test_the_mix_is_weighed_by_what_each_campaign_may_spend() -> None:
    """A plan of a small campaign must not count like that of a large one."""
    plans = tuple(
        Plan(campaign=name, title=name, working=Money.of(limit, "EUR"), channels={channel: 1})
        for name, limit, channel in (("tea", "300", "social"), ("cake", "100", "dooh"))
    )
    it = told([media(1, 10_000_000)], plans)

    assert {one.key: one.planned for one in it.mix} == {"social": 75, "dooh": 25}
    assert {one.key: one.off for one in it.mix} == {"social": 25, "dooh": -25}
    assert it.distance == 25


def test_what_should_be_looked_at_is_said() -> None:
    """Media that runs on after a withdrawal is money that nobody meant to spend."""
    base = varied()
    it = overview(
        base.scope,
        base.evidence.lines,
        base.plans,
        default_policy(),
        {"tea_SE_sv-SE_meta_feed_1x1_c1": date(2026, 3, 1)},
    )

    found = {one.rule: one for one in it.anomalies}
    assert found["after_withdrawal"].figure.money == Money.of("3", "EUR")
    assert found["billed_twice"].figure.money == Money.of("8", "EUR")
    assert "2026-03-31" in found["far_from_usual"].said
    assert found["far_from_usual"].usual == Money.of("5", "EUR")
    assert [one.certain for one in it.anomalies] == [True, True, False]


def test_a_reversed_charge_is_not_billed_twice() -> None:
    """Once a double entry is taken back, nobody should be sent after it again."""
    again = line(2, document="req_1")
    back = line(3, -1_000_000, document="entered twice", kind="reversal", reverses=2)

    assert told([line(1), again]).anomalies
    assert not told([line(1), again, back]).anomalies


def figures(text: Callable[[str], str]) -> Overview:
    """Return a report in which every text of others is what ``text`` makes of it."""
    words = {
        name: text(name)
        for name in ("campaign", "asset", "market", "placement", "channel", "provider", "stage")
    }
    more = {"document": text("document"), "key": text("key"), "source": text("source")}
    some = [line(1, **words, **more), media(2, 5, **words, **more), media(3, 5, **words, **more)]
    plan = Plan(
        campaign=words["campaign"],
        title=text("title"),
        working=Money.of("1", "EUR"),
        channels={words["channel"]: Decimal(1)},
    )
    names = {words["market"]: text("name")}
    return told(some, (plan,), title=text("all"), names=names, notes=(text("note"),))


def hostile(text: Callable[[str], str]) -> Pages:
    """Return its pages."""
    return overview_pages(figures(text), folder="proofs", most_lines=2)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_others_becomes_part_of_a_page(payload: str) -> None:
    """An ad's name in a platform's export must not run in the CMO's browser."""
    bad, calm = hostile(lambda _: payload), hostile(lambda _: "calm")

    assert bad.beside.keys() == calm.beside.keys()
    for one, other in zip(
        (bad.page, *bad.beside.values()), (calm.page, *calm.beside.values()), strict=True
    ):
        assert Page(one).elements == Page(other).elements
        assert not Page(one).targets
        assert "default-src 'none'; style-src 'sha256-" in one
        assert " style=" not in one


def test_every_table_of_the_report_sums_to_the_ledger() -> None:
    """The workbook and the page are one report; whoever sums a sheet must get its total."""
    over = varied()
    tables = {one.key: one for one in overview_document(over, accepted(over)).tables}

    def total(key: str, column: str) -> int:
        place = [one.key for one in tables[key].columns].index(column)
        amounts = (row[place] for row in tables[key].rows)
        return sum(one.micros for one in amounts if isinstance(one, Money))

    for key in ("months", "campaigns", "markets", "channels", "providers", "cost_types", "entries"):
        assert total(key, "working") == over.working.money.micros, key
        assert total(key, "non_working") == over.non_working.money.micros, key
    assert total("mix", "spent") == over.working.money.micros
    assert total("assets", "working") == 3_000_000
    assert len(tables["entries"].rows) == len(over.evidence.lines)
    assert len(tables["anomalies"].rows) == len(over.anomalies) > 1
    assert [row[0] for row in tables["budgets"].rows] == ["Tea", "Tea"]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_of_others_runs_in_any_form(payload: str) -> None:
    """An ad's name comes from a platform's export, and the report goes to the board."""
    bad, calm = (
        overview_document(figures(lambda _, word=word: word)) for word in (payload, "calm")
    )

    assert not Page(as_page(bad)).targets
    shape = [one[0] for one in Page(as_page(bad)).elements]
    assert shape == [one[0] for one in Page(as_page(calm)).elements]
    assert not re.search(r"(?<!\\)<", as_markdown(bad))
    formula = overview_document(figures(lambda _: "=1+1"))
    for row in csv.DictReader(io.StringIO(as_csv(formula))):
        assert "=1+1" not in row.values()


def test_the_page_and_those_beside_it_carry_the_head_of_the_books() -> None:
    """A page of proofs that lies alone on an auditor's desk must be held against the books, too."""
    head = Head(seq=99, sha256="0123456789abcdef" * 4)
    pages = overview_pages(told([line(1), line(2)], sealed=head), folder="proofs", most_lines=1)

    assert pages.beside
    for text in (pages.page, *pages.beside.values()):
        footer = text.partition("<footer>")[2]
        assert f'<b class="seal">{head.short}</b>' in footer
        assert f"kampanj verify --head {head}<" in footer
        assert "as of entry 99 of the ledger" in footer


def test_nothing_spent_is_still_a_page() -> None:
    """The first look at an empty month must not be an error."""
    page = overview_pages(told([])).page

    assert "0.00" in page
    assert "Nothing was spent on a withdrawn asset" in page


def accepted(over: Overview) -> Kept:
    """Return what accepted assets cost, with something in each part that a page has of it."""
    euro = Money.of("1", "EUR")
    cost = over.evidence.figure("all", "Cost of the accepted assets", [1])
    moved = over.evidence.claim("Moved", "We moved 4 EUR", "1 transfer", (), ("transfer/1: 4 EUR",))
    each = over.evidence.claim("Each", "3 EUR each", "all over 2", (("All", cost),))
    row = CohortRow(
        key="2026-03", name="March", made=9, stayed=2, failed=1, maturing=3, cost=cost,
        per_accepted=euro + euro + euro, low=euro, high=euro + euro, per_made=euro, few=True,
    )  # fmt: skip
    return Kept(
        policy="An asset counts when it stayed accepted.",
        whole=row,
        eventual=2,
        per_eventual=euro,
        months=(row, row._replace(key="2026-04", name="April")),
        cuts=(("market", (row,)),),
        reasons=(Reason("legal", "Legal", counts=True, assets=1),),
        parts=(Part("Scrap", cost, "made what was refused"),),
        sentence=(moved, ", at ", each, "."),
        caveats=("only 2 have stayed accepted",),
        claims=(Saved("Moved", moved, "1 transfer"), Saved("Avoided", None, "no baseline")),
        each=each,
        wasted=over.evidence.figure("wasted", "Media behind a fault", [0]),
    )


def test_the_pages_can_be_read_by_everyone(audited: Callable[[str], list[str]]) -> None:
    """Who listens to a page, or cannot tell its colours, gets the same report."""
    it = varied()
    some = [one for one in it.evidence.lines if one.seq in {40, 50, 55}]
    over = overview(it.scope, some, it.plans, default_policy())
    whole = overview_pages(over, accepted(over))
    beside = overview_pages(it, folder="proofs", most_lines=10).beside

    assert "Drift between the two" in whole.page
    assert "transfer/1: 4 EUR" in whole.page
    assert not audited(whole.page)
    assert not audited(beside["proofs/rework.html"])


def test_an_installations_own_policy_decides_and_the_three_stand_beside_it() -> None:
    """Finance's own line is the headline, and not one that ships with us."""
    own = default_policy().model_copy(update={"name": "own", "version": 7})
    usual = told([media(1, 5_000_000), line(2, 3_000_000)])

    ours = overview(usual.scope, usual.evidence.lines, (), own)

    assert ours.policy == "own@7"
    assert [one.name for one in ours.readings] == ["In force", "Strict", "Default", "Broad"]
    assert ours.readings[0].working.money == ours.working.money == usual.working.money
