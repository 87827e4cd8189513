"""Who will not draw is passed over, one row each; who may have drawn is not."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai_wire import Wire
from pydantic import SecretStr

from cost_tracking.attempts import State, Suspect
from cost_tracking.budgets import OverBudget
from cost_tracking.ledger import check
from cost_tracking.money import Money
from providers import deals, errors, registry
from providers.buying import Errand
from providers.errors import Charged, ProviderError
from providers.images.base import ImageAnswer, ImageProvider, ImageRequest
from providers.images.studio import StudioImages
from providers.runner import Bought, Hop, Runner
from providers.settings import ProviderSettings
from providers.terms import RouteTerms, TooDear

ERRAND = Errand("spring", "r1", "c1")
SIZE = {"prompt": "A slower morning.", "width": 1024, "height": 1024}


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Start the first provider of each route."""
    with Wire() as one:
        yield one


@pytest.fixture
def first(wire: Wire) -> ImageProvider:
    """Return the provider that bills."""
    settings = ProviderSettings(
        openai_api_key=SecretStr("sk-test"), openai_base_url=wire.url, image_timeout=1.0
    )
    return registry.image_provider("openai", settings)


def hop(provider: Any, model: str = "") -> Hop[ImageAnswer]:
    """Return a stop of a route."""
    request = ImageRequest(**SIZE, model=model or provider.default_model)  # type: ignore[arg-type]
    return Hop(provider.name, lambda: deals.picture(provider, request))


def lacking(error: ProviderError) -> Hop[ImageAnswer]:
    """Return a stop that cannot be built here."""

    def build() -> Any:
        raise error

    return Hop(error.provider, build)


def runner(office: Any, terms: RouteTerms | None = None) -> Runner:
    """Return a runner that may do this."""
    return Runner(
        office.attempts(),
        office.prices,
        office.answers,
        now=office.now,
        sleep=office.slept.append,
        budget=office.terms,
        terms=terms,
    )


def rows(office: Any) -> list[tuple[str, State, str | None]]:
    """Return the provider, the state and the error of each attempt, the providers by name."""
    found = office.attempts().list("spring")
    return [
        (one.provider, one.state, one.error_kind)
        for one in sorted(found, key=lambda one: (one.provider, one.round))
    ]


Buy = Callable[..., Bought[ImageAnswer]]


@pytest.fixture
def buy(office: Any, first: ImageProvider) -> Buy:
    """Return a buyer from OpenAI, or else from the studio."""

    def one(terms: RouteTerms | None = None) -> Bought[ImageAnswer]:
        route = (hop(first, "gpt-image-2"), hop(StudioImages()))
        return runner(office, terms).buy(route, ERRAND)

    return one


@pytest.mark.parametrize(
    ("faults", "kinds"),
    [
        (["503"] * 4, ["unavailable"] * 4),
        (["429"] * 4, ["rate_limited"] * 4),
        (["429_day"], ["rate_limited"]),
        (["429_quota"], ["quota"]),
        (["401"], ["not_configured"]),
        (["404"], ["model_gone"]),
    ],
)
def test_who_is_down_is_passed_over_and_each_try_is_a_row(
    office: Any, wire: Wire, buy: Buy, faults: list[str], kinds: list[str]
) -> None:
    """A campaign is not late because one vendor is, and nobody hides what was tried."""
    wire.play(*faults)

    bought = buy()

    assert bought.attempt.provider == "studio"
    assert rows(office) == [
        *(("openai", State.RELEASED, kind) for kind in kinds),
        ("studio", State.SETTLED, None),
    ]
    assert [one.startswith("openai: ") for one in bought.passed_over] == [True]
    tried = [one for one in office.attempts().list("spring") if one.provider == "openai"]
    assert bought.attempt.replaces == max(tried, key=lambda one: one.round).id
    assert {one.replaces for one in tried} == {None}
    assert buy().passed_over == bought.passed_over
    assert (office.budget.spent.micros, office.budget.reserved.micros) == (0, 0)
    assert check(office.engine) == []


def test_what_was_bought_elsewhere_stands_when_the_first_one_is_back(wire: Wire, buy: Buy) -> None:
    """The picture that people chose is not replaced, and not paid for, a second time."""
    wire.play("429_quota")
    elsewhere = buy()

    again = buy()

    assert (again.replayed, again.attempt) == (True, elsewhere.attempt)
    assert again.answer == elsewhere.answer
    assert len(wire.calls) == 1


@pytest.mark.parametrize("fault", ["moderation", "hang", "drop", "500", "wrong_size"])
def test_a_refusal_and_a_lost_answer_are_taken_to_nobody_else(
    office: Any, wire: Wire, buy: Buy, fault: str
) -> None:
    """To shop a refused prompt around breaks contracts; to buy what was made breaks budgets."""
    wire.play(fault)

    with pytest.raises(ProviderError):
        buy()

    assert [provider for provider, _, _ in rows(office)] == ["openai"]


def test_what_was_lost_holds_the_whole_route(office: Any, wire: Wire, first: Any) -> None:
    """The first one lost a picture; the brief is turned around; a person still has to look."""
    wire.play("hang")
    route = (hop(first, "gpt-image-2"), hop(StudioImages()))
    with pytest.raises(errors.OutcomeUnknown):
        runner(office).buy(route, ERRAND)

    with pytest.raises(Suspect):
        runner(office).buy(route[::-1], ERRAND)

    (lost,) = office.all()
    office.attempts().close(lost.id, charged=False, by="ada", reason="not on the bill")
    assert runner(office).buy(route[::-1], ERRAND).attempt.provider == "studio"


def test_a_refusal_is_taken_elsewhere_if_the_brief_says_so(
    office: Any, wire: Wire, buy: Buy
) -> None:
    """The operator may: the first one's filter is known to be wrong about bottles."""
    wire.play("moderation")

    bought = buy(RouteTerms(refusals=True))

    assert rows(office) == [
        ("openai", State.RELEASED, "refused_input"),
        ("studio", State.SETTLED, None),
    ]
    assert "moderation" in bought.passed_over[0]


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (errors.RefusedOutput("a", "withheld"), True),
        (errors.RefusedInput("a", "perhaps billed", charged=Charged.MAYBE), False),
        (errors.Unavailable("a", "perhaps sent", charged=Charged.MAYBE), False),
        (errors.OutcomeUnknown("a", "hung up"), False),
        (errors.Unfinished("a", "still drawn"), False),
        (errors.BadOutput("a", "a cat"), False),
        (errors.InvalidRequest("a", "what?"), False),
    ],
)
def test_what_may_have_been_charged_is_never_passed_on(
    error: ProviderError, *, passes: bool
) -> None:
    """Whatever the brief allows: two providers would be paid for one picture."""
    assert RouteTerms(refusals=True).passes_on(error) is passes


def test_what_one_cannot_draw_another_may(office: Any, wire: Wire, first: Any) -> None:
    """A capability is checked before the hop, and costs neither money nor a row."""
    request = ImageRequest(prompt="A card.", width=1000, height=1000, model="gpt-image-2")
    small = Hop("openai", lambda: deals.picture(first, request))

    bought = runner(office).buy((small, hop(StudioImages())), ERRAND)

    assert "multiples of 16" in bought.passed_over[0]
    assert rows(office) == [("studio", State.SETTLED, None)]
    assert wire.calls == []


def test_who_is_too_dear_is_passed_over(office: Any, wire: Wire, buy: Buy, first: Any) -> None:
    """A failover must not turn a cent into a euro in the middle of the night."""
    cap = RouteTerms(max_price=Money.of("0.01", "EUR"))

    bought = buy(cap)

    assert "the brief allows 0.01 EUR" in bought.passed_over[0]
    assert wire.calls == []
    with pytest.raises(TooDear, match=r"providers\.max_price"):
        runner(office, cap).buy((hop(first, "gpt-image-2"),), Errand("spring", "r1", "c2"))


def test_who_does_not_fit_the_budget_is_passed_over(
    office: Any, wire: Wire, buy: Buy, first: Any
) -> None:
    """What is left may still pay for the cheaper one."""
    office.limit("0.01")

    bought = buy()

    assert bought.attempt.provider == "studio"
    assert "go over its non_working budget" in bought.passed_over[0]
    with pytest.raises(OverBudget):
        runner(office).buy((hop(first, "gpt-image-2"),), Errand("spring", "r1", "c2"))
    assert wire.calls == []


def test_a_missing_key_is_passed_over_unless_something_was_bought_with_it(
    office: Any, wire: Wire, first: Any
) -> None:
    """CI has no key for the vendor that drew the pictures; it must not draw others instead."""
    no_key = lacking(errors.NotConfigured("openai", "set OPENAI_API_KEY"))
    studio = hop(StudioImages())

    elsewhere = runner(office).buy((no_key, studio), ERRAND)
    assert elsewhere.passed_over == ("openai: set OPENAI_API_KEY",)
    assert elsewhere.attempt.replaces is None, "nobody was asked before it"

    other = Errand("spring", "r1", "c2")
    runner(office).buy((hop(first, "gpt-image-2"), studio), other)
    with pytest.raises(errors.NotConfigured, match="OPENAI_API_KEY"):
        runner(office).buy((no_key, studio), other)
    assert len(wire.calls) == 1


def test_when_nobody_will_the_error_is_the_one_that_time_mends(office: Any, wire: Wire) -> None:
    """What is unsupported ends a locale for good; the vendor that is down may come back."""
    settings = ProviderSettings(openai_api_key=SecretStr("sk"), openai_base_url=wire.url)
    wire.play("429_quota")
    drawer = registry.image_provider("openai", settings)
    unable = lacking(errors.Unsupported("firefly", "no such model"))

    with pytest.raises(errors.QuotaExceeded) as caught:
        runner(office).buy((unable, hop(drawer, "gpt-image-2")), ERRAND)

    assert caught.value.__notes__ == ["passed over: firefly: no such model"]


def test_who_is_left_alone_is_passed_over_at_once(office: Any, wire: Wire, first: Any) -> None:
    """A breaker that only fails faster helps nobody; a route makes it a detour."""
    wire.play(*["503"] * 20)
    one = runner(office)
    for asset in ("c1", "c2", "c3"):
        route = (hop(first, "gpt-image-2"), hop(StudioImages()))
        assert one.buy(route, Errand("spring", "r1", asset)).attempt.provider == "studio"

    assert len(wire.calls) == 5
