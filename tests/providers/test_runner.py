"""What is bought is written down first, paid once, and counted whatever becomes of it."""

import errno
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from openai_wire import IN_TOKENS, OUT_TOKENS, Wire
from pydantic import SecretStr

from cost_tracking.attempts import Claimed, State, Suspect
from cost_tracking.budgets import OverBudget
from cost_tracking.exchange.rates import NoRate
from cost_tracking.ledger import check
from cost_tracking.money import Money
from cost_tracking.prices import PriceBook, UnknownPrice
from providers import deals, errors, registry
from providers.errors import Charged, ProviderError
from providers.faults import FailingImages, FaultPlan
from providers.images.base import ImageProvider, ImageRequest
from providers.images.studio import StudioImages
from providers.runner import Bought, Runner
from providers.settings import ProviderSettings
from providers.terms import BudgetTerms
from providers.translation.base import Reader, TranslateRequest
from providers.writing.base import TextRequest
from providers.writing.shape import closed

COST = Money.of(f"{(IN_TOKENS * 5 + OUT_TOKENS * 30) / 10**6:.6f}", "USD")
IN_EUR = COST.at(Decimal("0.90"), "EUR")
JOB: dict[str, Any] = {"campaign": "spring", "run": "r1", "asset": "c1"}
PICTURE = ImageRequest(prompt="A slower morning.", width=1024, height=1024, model="gpt-image-2")


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Start a provider that answers well until it is told otherwise."""
    with Wire() as one:
        yield one


@pytest.fixture
def openai(wire: Wire) -> ImageProvider:
    """Build the real adapter over the wire."""
    settings = ProviderSettings(
        openai_api_key=SecretStr("sk-test"), openai_base_url=wire.url, image_timeout=1.0
    )
    return registry.image_provider("openai", settings)


def test_a_picture_is_bought_once(office: Any, wire: Wire, openai: ImageProvider) -> None:
    """Whoever resumes a campaign does not pay for it again."""
    first = office.runner().draw(openai, PICTURE, **JOB)
    again = office.runner("another").draw(openai, PICTURE, **{**JOB, "run": "r2"})

    assert len(wire.calls) == 1
    assert (first.replayed, again.replayed) == (False, True)
    assert again.answer == first.answer
    assert again.attempt == first.attempt
    assert (first.attempt.amount, first.attempt.basis) == (COST, "computed")
    assert (office.budget.spent, office.budget.reserved) == (IN_EUR, Money.zero("EUR"))
    assert check(office.engine) == []


def test_another_asset_or_index_is_another_purchase(
    office: Any, wire: Wire, openai: ImageProvider
) -> None:
    """Four concepts with one prompt are four pictures, and not one sold four times."""
    office.runner().draw(openai, PICTURE, **JOB)
    office.runner().draw(openai, PICTURE, **{**JOB, "asset": "c2"})
    office.runner().draw(openai, PICTURE.model_copy(update={"index": 1}), **JOB)

    assert len(wire.calls) == 3


def test_an_answer_that_was_changed_is_not_sold_as_the_one_that_was_bought(
    office: Any, openai: ImageProvider
) -> None:
    """What was approved is what was drawn, or the run stops."""
    bought = office.runner().draw(openai, PICTURE, **JOB)
    (blob,) = (office.folder / "blobs").rglob(str(bought.attempt.answer_sha256))
    blob.write_bytes(blob.read_bytes()[:-1] + b"?")

    with pytest.raises(errors.NotStored, match="changed or damaged"):
        office.runner().draw(openai, PICTURE, **JOB)


def test_a_record_that_was_changed_is_not_believed(office: Any, openai: ImageProvider) -> None:
    """A focus that somebody moved crops the product out of 540 files."""
    bought = office.runner().draw(openai, PICTURE, **JOB)
    record = office.folder / "answers" / f"{bought.attempt.id}.json"
    good = record.read_text()
    record.write_text(good.replace('"focus":[0.5,0.5]', '"focus":[0.9,0.9]'))

    with pytest.raises(errors.NotStored, match="changed or damaged"):
        office.runner().draw(openai, PICTURE, **JOB)

    # A whole record of other bytes is not what the ledger says was bought.
    answer = bought.answer
    office.answers.keep(bought.attempt.id, "0" * 64, b"other", answer.usage, {})
    with pytest.raises(errors.NotStored, match="is not in the store"):
        office.runner().draw(openai, PICTURE, **JOB)


def test_what_was_bought_needs_no_price_and_no_budget(office: Any, openai: ImageProvider) -> None:
    """A campaign is finished from the store when its model has ended and its money is spent."""
    first = office.runner().draw(openai, PICTURE, **JOB)
    office.prices = PriceBook.read("")
    office.limit("0.00")

    assert office.runner().draw(openai, PICTURE, **JOB).answer == first.answer


def test_over_budget_nothing_is_sent(office: Any, wire: Wire, openai: ImageProvider) -> None:
    """The limit that finance set holds before the call, not after the invoice."""
    office.limit("0.05")

    with pytest.raises(OverBudget):
        office.runner().draw(openai, PICTURE, **JOB)

    assert wire.calls == []
    assert office.rows() == []


def test_what_is_reserved_is_what_was_quoted(office: Any, openai: ImageProvider) -> None:
    """Two formulas for one figure drift apart, and the quote becomes a story."""
    runner: Runner = office.runner()
    quoted = runner.quote(deals.picture(openai, PICTURE))
    steps: list[tuple[str, Money]] = []

    def step(name: str) -> None:
        steps.append((name, office.budget.reserved))

    office.runner(on_step=step).draw(openai, PICTURE, **JOB)

    assert [name for name, _ in steps] == ["reserved", "sent", "answered", "stored", "settled"]
    assert [reserved for _, reserved in steps] == [quoted.most] * 4 + [Money.zero("EUR")]
    assert quoted.expected < quoted.most


def test_an_unknown_price_or_rate_stops_before_the_wire(
    office: Any, wire: Wire, openai: ImageProvider
) -> None:
    """A price that is taken as 0, or a rate as 1, is found on the invoice."""
    unpriced = PICTURE.model_copy(update={"model": "gpt-image-1.5"})
    with pytest.raises(UnknownPrice, match=r"gpt-image-1\.5"):
        office.runner().draw(openai, unpriced, **JOB)
    office.terms = BudgetTerms(currency="EUR")
    with pytest.raises(NoRate, match=r"budget\.rates\.USD"):
        office.runner().draw(openai, PICTURE, **JOB)

    assert wire.calls == []
    assert office.rows() == []


def test_what_it_cannot_draw_reserves_nothing(
    office: Any, wire: Wire, openai: ImageProvider
) -> None:
    """Money that is set aside for the impossible is missing elsewhere."""
    with pytest.raises(errors.Unsupported):
        office.runner().draw(openai, PICTURE.model_copy(update={"width": 1000}), **JOB)

    assert (wire.calls, office.rows()) == ([], [])


def test_patience_is_asked_for_and_given(office: Any, wire: Wire, openai: ImageProvider) -> None:
    """A busy minute at the provider ends no campaign, and each try is a row of its own."""
    wire.play("429", "503")

    bought = office.runner().draw(openai, PICTURE, **JOB)

    assert not bought.replayed
    assert office.rows() == [
        (State.RELEASED, False, "rate_limited"),
        (State.RELEASED, False, "unavailable"),
        (State.SETTLED, False, None),
    ]
    assert len(wire.calls) == len(office.all()) == 3
    assert 0.01 <= office.slept[0] <= 0.011
    assert office.budget.spent == IN_EUR


def test_what_may_have_been_charged_is_not_tried_again(office: Any) -> None:
    """A plugin that asks for patience after it billed would be paid at every try."""
    asked: list[int] = []

    class Busy(FailingImages):
        def draw(self, request: ImageRequest) -> Any:
            asked.append(request.index)
            raise errors.Unavailable("studio", "busy", charged=Charged.MAYBE)

    request = ImageRequest(prompt="A card.", width=512, height=512, model="studio-1")
    with pytest.raises(errors.Unavailable):
        office.runner().draw(Busy(StudioImages(), FaultPlan("")), request, **JOB)

    assert len(asked) == 1
    assert office.rows() == [(State.SUSPECT, False, "unavailable")]


@pytest.mark.parametrize(
    ("faults", "kind", "calls"),
    [
        (("503",) * 5, errors.Unavailable, 3),
        (("429_day",) * 5, errors.RateLimited, 1),
        (("429_quota",) * 5, errors.QuotaExceeded, 1),
        (("moderation",) * 5, errors.RefusedInput, 1),
    ],
)
def test_patience_ends(
    office: Any, wire: Wire, openai: ImageProvider, faults: tuple[str, ...], kind: type, calls: int
) -> None:
    """A job that sleeps until tomorrow, or asks for ever, is found by nobody."""
    wire.play(*faults)

    with pytest.raises(kind):
        office.runner().draw(openai, PICTURE, **JOB)

    assert len(wire.calls) == calls
    assert {state for state, _, _ in office.rows()} == {State.RELEASED}
    assert (office.budget.spent.micros, office.budget.reserved.micros) == (0, 0)


def test_a_bad_answer_is_waste_at_its_price(office: Any, wire: Wire, openai: ImageProvider) -> None:
    """A picture of the wrong size is on the invoice, so it is in the ledger."""
    wire.play("wrong_size")

    with pytest.raises(errors.BadOutput):
        office.runner().draw(openai, PICTURE, **JOB)

    assert len(wire.calls) == 1
    assert office.rows() == [(State.SETTLED, True, "bad_output")]
    assert office.all()[0].amount == COST
    assert office.budget.spent == IN_EUR
    assert check(office.engine) == []


def test_an_answer_without_a_count_costs_the_most(
    office: Any, wire: Wire, openai: ImageProvider
) -> None:
    """The ledger may overstate until the invoice comes; it never understates."""
    wire.play("missing_usage")

    bought = office.runner().draw(openai, PICTURE, **JOB)

    assert (bought.attempt.amount, bought.attempt.basis) == (bought.attempt.estimate, "estimated")
    assert bought.attempt.amount > COST


def test_an_answer_dearer_than_its_estimate_is_a_fact(
    office: Any, wire: Wire, openai: ImageProvider
) -> None:
    """A limit stops the next purchase; it does not bend what the last one cost."""
    office.limit("0.06")
    wire.play("dear")

    bought = office.runner().draw(openai, PICTURE, **JOB)

    assert bought.attempt.amount > bought.attempt.estimate
    assert office.budget.spent > office.budget.limit
    with pytest.raises(OverBudget):
        office.runner().draw(openai, PICTURE, **{**JOB, "asset": "c2"})
    assert len(wire.calls) == 1


@pytest.mark.parametrize("fault", ["drop", "hang", "500", "truncated", "html"])
def test_what_was_lost_is_never_bought_again_by_itself(
    office: Any, wire: Wire, openai: ImageProvider, fault: str
) -> None:
    """Exactly-once is not on offer here, so nobody is charged twice without being asked."""
    wire.play(fault)

    with pytest.raises(ProviderError) as lost:
        office.runner().draw(openai, PICTURE, **JOB)
    with pytest.raises(Suspect):
        office.runner("another").draw(openai, PICTURE, **JOB)

    (attempt,) = office.all()
    assert attempt.state is State.SUSPECT
    assert attempt.id in str(lost.value.__notes__)
    assert len(wire.calls) == 1
    # It counts until somebody has looked at the invoice.
    assert office.budget.reserved == attempt.budget_amount

    office.attempts().close(attempt.id, charged=True, by="ada", reason="line 7 of the invoice")
    office.runner().draw(openai, PICTURE, **JOB)
    assert len(wire.calls) == 2
    assert check(office.engine) == []


def test_a_full_disk_after_the_answer_is_waste_and_not_a_secret(
    office: Any, openai: ImageProvider
) -> None:
    """The picture is gone and the money is spent: both are said."""

    def step(name: str) -> None:
        if name == "answered":
            # A file where the store wants its folder: nothing can be written below it.
            (office.folder / "blobs").write_bytes(b"")

    with pytest.raises(errors.StorageError):
        office.runner(on_step=step).draw(openai, PICTURE, **JOB)

    assert office.rows() == [(State.SETTLED, True, "storage")]
    assert office.all()[0].amount == COST


def test_a_free_local_call_that_is_lost_is_done_again(office: Any) -> None:
    """Nobody is asked about what cost nothing."""
    studio = StudioImages()
    request = ImageRequest(prompt="A card.", width=512, height=512, model="studio-1")

    class Broken(StudioImages):
        def draw(self, request: ImageRequest) -> Any:
            raise OSError(errno.EIO, f"the machine coughed at {request.width}")

    with pytest.raises(OSError, match="coughed"):
        office.runner().draw(Broken(), request, **JOB)
    bought = office.runner().draw(studio, request, **JOB)

    assert [state for state, _, _ in office.rows()] == [State.RELEASED, State.SETTLED]
    assert (bought.attempt.basis, bought.attempt.amount) == ("free", Money.zero("EUR"))
    assert bought.answer.placeholder


def test_a_bug_in_a_plugin_that_bills_is_suspect(office: Any) -> None:
    """A stranger's TypeError says nothing of whether the request left."""

    class Buggy(FailingImages):
        def draw(self, request: ImageRequest) -> Any:
            raise TypeError(f"sk-secretsecret {request.width}")

    request = ImageRequest(prompt="A card.", width=512, height=512, model="studio-1")
    with pytest.raises(TypeError):
        office.runner().draw(Buggy(StudioImages(), FaultPlan("")), request, **JOB)

    assert office.rows() == [(State.SUSPECT, False, "interrupted")]
    assert "secret" not in str(office.all()[0].error)


def test_a_live_process_is_not_raced(office: Any, wire: Wire, openai: ImageProvider) -> None:
    """Two laptops with one brief buy one set of pictures."""
    seen: list[Exception] = []

    def step(name: str) -> None:
        if name == "sent":
            try:
                office.runner("another").draw(openai, PICTURE, **JOB)
            except Claimed as error:
                seen.append(error)

    office.runner("first", step).draw(openai, PICTURE, **JOB)

    assert len(seen) == 1
    assert len(wire.calls) == 1


def test_a_lease_that_ended_during_the_call_is_taken_over(
    office: Any, openai: ImageProvider
) -> None:
    """A slow answer that is stored and paid is not lost to a janitor."""

    def step(name: str) -> None:
        if name == "answered":
            office.forward(hours=1)
            office.attempts("janitor").reap()

    bought = office.runner("slow", step).draw(openai, PICTURE, **JOB)

    assert (bought.attempt.state, bought.attempt.amount) == (State.SETTLED, COST)
    assert office.rows() == [(State.SETTLED, False, None)]
    assert check(office.engine) == []


def test_a_zombie_sends_nothing(office: Any, wire: Wire, openai: ImageProvider) -> None:
    """A laptop that wakes up after its lease finds its attempt taken back, and does not pay."""

    def step(name: str) -> None:
        if name == "reserved":
            office.forward(hours=1)
            office.attempts("janitor").reap()

    with pytest.raises(Exception, match="lease"):
        office.runner("zombie", step).draw(openai, PICTURE, **JOB)

    assert wire.calls == []


def test_copy_is_bought_once_too(office: Any, wire: Wire) -> None:
    """Words cost less than pictures, and there are more of them."""
    settings = ProviderSettings(openai_api_key=SecretStr("sk-test"), openai_base_url=wire.url)
    writer = registry.text_provider("openai", settings)
    translator = registry.translator("openai", settings)
    text = TextRequest(
        model="gpt-6-luna",
        task="directions",
        instructions="Write.",
        facts={"count": 1},
        schema=closed({"line": {"type": "string"}}),
    )
    message = TranslateRequest(
        model="gpt-6-luna",
        source_locale="en-GB",
        target=Reader(tag="sv-SE", language="Swedish", script="Latn"),
        segments={"headline": "Pay at your own pace", "cta": "See how"},
    )

    def buy() -> list[Bought[Any]]:
        runner: Runner = office.runner()
        return [
            runner.write(writer, text, **JOB),
            runner.translate(translator, message, **JOB, market="SE"),
        ]

    first, again = buy(), buy()

    assert [one.answer for one in first] == [one.answer for one in again]
    assert len(wire.calls) == 2
    assert [one.attempt.stage for one in first] == ["concepts", "copy"]
    assert (first[1].attempt.market, first[1].attempt.locale) == ("SE", "sv-SE")
    # 200 fresh and 100 cached tokens read, 87 written, at the prices of gpt-6-luna.
    assert first[0].attempt.amount == Money.of("0.0000645", "USD")
    assert not first[1].answer.reviewed
