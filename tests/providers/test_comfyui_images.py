"""A ComfyUI server over a real wire: a workflow is filled in, queued and looked for."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from slow_vendors import JOB, Comfy, api_workflow

from cost_tracking.money import Money
from cost_tracking.prices import price_book
from providers import deals, errors, registry
from providers.errors import ProviderError
from providers.images.base import ImageAnswer, ImageRequest
from providers.images.comfyui_workflow import read_workflow
from providers.images.jobs import ImageJobs, Pending
from providers.quoting import quoted
from providers.settings import ProviderSettings
from providers.terms import BudgetTerms

NODES = {"prompt": "6.text", "width": "5.width", "height": "5.height", "seed": "3.seed"}
TODAY = date(2026, 11, 21)
RENTED = """
[[price]]
id = "comfyui-image"
provider = "comfyui"
model = "*"
operation = "image"
currency = "EUR"
rates = [{ unit = "compute_second", amount = "0.002" }]
effective_from = 2026-01-01
source = "The rent of one machine, by the second"
checked_on = 2026-11-21

[price.estimates.picture]
each = { compute_second = "20" }
most = "3"
source = "Measured."
"""


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """Write a workflow as ComfyUI exports it."""
    path = tmp_path / "workflow.json"
    path.write_text(api_workflow(), encoding="utf-8")
    return path


def images(comfy: Comfy, workflow: Path, **more: object) -> ImageJobs:
    """Build the provider over a wire, as the registry does."""
    told = {
        "comfyui_base_url": comfy.url,
        "comfyui_workflow": workflow,
        "comfyui_nodes": NODES,
        "image_timeout": 5.0,
    }
    built = registry.image_provider("comfyui", ProviderSettings(**{**told, **more}))
    assert isinstance(built, ImageJobs)
    return built


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {"prompt": 'A "slower" morning.\n{}', "width": 512, "height": 256}
    return ImageRequest(**{**facts, "model": "workflow", "seed": 7, **more})


def drawn(provider: ImageJobs, asked: ImageRequest) -> ImageAnswer:
    """Hand in a picture and ask for it until it is there, as the runner does."""
    answer: ImageAnswer | Pending = provider.submit(asked)
    while isinstance(answer, Pending):
        answer = provider.collect(asked, answer)
    return answer


def test_a_workflow_is_filled_in_queued_and_looked_for(workflow: Path) -> None:
    """Only the bound inputs change: the rest is what an artist tuned."""
    faults = {"collect": ["not_yet"] * 4, "queue": ["waiting", "waiting", "running"]}
    with Comfy({**faults}) as comfy:
        answer = drawn(images(comfy, workflow), request())

    [asked] = comfy.at("submit")
    expected = json.loads(api_workflow())
    expected["6"]["inputs"]["text"] = 'A "slower" morning.\n{}'
    expected["5"]["inputs"] = {"width": 512, "height": 256}
    expected["3"]["inputs"]["seed"] = 7
    assert asked.json["prompt"] == expected
    assert (answer.width, answer.height, answer.format) == (512, 256, "png")
    assert comfy.viewed() == {"filename": ["out_1.png"], "type": ["output"]}
    assert comfy.billed == 1


def test_a_job_that_ends_between_two_questions_is_found(workflow: Path) -> None:
    """It has left the queue, and was not in the history when we looked."""
    with Comfy({"collect": ["not_yet"]}) as comfy:
        answer = drawn(images(comfy, workflow), request())

    assert answer.usage.receipt == JOB
    assert comfy.steps == ["submit", "collect", "queue", "collect", "picture"]


def test_a_second_request_finds_the_form_as_it_was(workflow: Path) -> None:
    """A form that keeps what was written in it gives everyone the first one's words."""
    form = read_workflow(workflow, NODES)
    first = form.filled(request())
    second = form.filled(request(prompt="Another.", seed=8))

    assert (first["3"]["inputs"]["seed"], second["3"]["inputs"]["seed"]) == (7, 8)
    assert form.nodes == json.loads(api_workflow())


def test_the_picture_of_the_named_node_is_taken(workflow: Path) -> None:
    """A workflow may keep a sketch beside the picture that is meant."""
    with Comfy() as comfy:
        drawn(images(comfy, workflow, comfyui_nodes={**NODES, "output": "9"}), request())
        with pytest.raises(errors.BadOutput, match="0 pictures"):
            drawn(images(comfy, workflow, comfyui_nodes={**NODES, "output": "3"}), request())


def test_the_seconds_it_worked_are_told(workflow: Path) -> None:
    """A rented machine is billed by them."""
    with Comfy() as comfy:
        provider = images(comfy, workflow)
        answer = drawn(provider, request())
        deal = deals.picture(provider, request())
    terms = BudgetTerms(currency="EUR")
    rented = price_book(RENTED)
    quote = quoted(deal, rented, terms, TODAY)

    assert answer.usage.quantities == {"compute_second": Decimal("12.5")}
    assert quoted(deal, price_book(), terms, TODAY).most == Money.zero("EUR")
    assert quote.most == Money.of("0.12", "EUR")
    assert rented.charge(quote.price, answer.usage, "EUR")[0] == Money.of("0.025", "EUR")


@pytest.mark.parametrize("paid", [False, True])
def test_a_lost_job_is_done_again_unless_it_is_paid(workflow: Path, *, paid: bool) -> None:
    """A server of one's own may be asked twice; a paid node may not."""
    with Comfy() as comfy:
        assert images(comfy, workflow, comfyui_paid=paid).repeatable is not paid


def test_another_process_collects_what_one_handed_in(workflow: Path) -> None:
    """After a crash the machine has worked already; handing it in again makes all wait."""
    with Comfy({"collect": ["not_yet"], "queue": ["running"]}) as comfy:
        kept = images(comfy, workflow).submit(request())
        other = images(comfy, workflow)
        again = Pending(kept.job, kept.poll_url, kept.wait, dict(kept.facts))
        assert isinstance(other.collect(request(), again), Pending)
        assert isinstance(other.collect(request(), again), ImageAnswer)

    assert comfy.steps.count("submit") == 1


MEANINGS = {
    ("submit", "bad_node"): (errors.InvalidRequest, "no"),
    ("submit", "500"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "503"): (errors.Unavailable, "no"),
    ("submit", "hang"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "drop"): (errors.OutcomeUnknown, "maybe"),
    ("submit", "drip"): (errors.BadOutput, "maybe"),
    ("submit", "html"): (errors.BadOutput, "maybe"),
    ("submit", "no_id"): (errors.BadOutput, "maybe"),
    ("collect", "error"): (errors.JobFailed, "maybe"),
    ("collect", "none"): (errors.BadOutput, "yes"),
    ("collect", "two"): (errors.BadOutput, "yes"),
    ("collect", "500"): (errors.Unavailable, "no"),
    ("collect", "hang"): (errors.Unavailable, "no"),
    ("collect", "html"): (errors.Unavailable, "no"),
    ("picture", "404"): (errors.JobLost, "yes"),
    ("picture", "500"): (errors.Unavailable, "no"),
    ("picture", "cut"): (errors.Unavailable, "no"),
    ("picture", "drip"): (errors.Unavailable, "no"),
    ("picture", "half"): (errors.BadOutput, "yes"),
    ("picture", "gif"): (errors.BadOutput, "yes"),
}


@pytest.mark.parametrize(("step", "fault"), MEANINGS)
def test_each_fault_has_one_meaning_and_is_queued_once(
    step: str, fault: str, workflow: Path
) -> None:
    """What is queued twice keeps a machine from all others."""
    with Comfy({step: [fault]}) as comfy, pytest.raises(ProviderError) as caught:
        drawn(images(comfy, workflow, image_timeout=0.5), request())

    error = caught.value
    assert (type(error), str(error.charged)) == MEANINGS[step, fault]
    assert comfy.steps.count("submit") == 1


def test_a_server_that_was_started_anew_has_lost_the_job(workflow: Path) -> None:
    """Asking for it until the time is up would wait a quarter of an hour for nothing."""
    with Comfy({"collect": ["not_yet", "not_yet"]}) as comfy:
        provider = images(comfy, workflow)
        with pytest.raises(errors.JobLost, match="started anew"):
            provider.collect(request(), provider.submit(request()))


@pytest.mark.parametrize(("left", "stopped"), [("ok", True), ("running", False), ("drop", False)])
def test_a_job_is_called_stopped_when_it_left_the_queue(
    workflow: Path, left: str, *, stopped: bool
) -> None:
    """Whoever starts the next one believes the machine is free."""
    with Comfy({"queue": [left]}) as comfy:
        provider = images(comfy, workflow)
        assert provider.cancel(provider.submit(request())) is stopped

    assert [one.json for one in comfy.at("cancel")] == [{"delete": [JOB]}, {"prompt_id": JOB}]


DRAWING = json.dumps({"nodes": [], "links": [], "version": 0.4})
UNFIT = {
    "no file": (None, NODES, "cannot be read"),
    "no JSON": ("{", NODES, "is no JSON"),
    "deep": ("[" * 100_000, NODES, "is no JSON"),
    "a drawing": (DRAWING, NODES, r"Export \(API\)"),
    "a list": ("[]", NODES, "is no workflow"),
    "no class": ('{"3": {"inputs": {}}}', NODES, "is no workflow"),
    "too large": (" " * 4_000_001, NODES, "is over"),
    "no such node": (api_workflow(), {**NODES, "prompt": "7.text"}, "no node '7' for prompt"),
    "no such input": (api_workflow(), {**NODES, "prompt": "6.words"}, "no input 'words'"),
    "a wire": (api_workflow(), {**NODES, "prompt": "6.clip"}, r"fed by node \['4'\]"),
    "no such output": (api_workflow(), {**NODES, "output": "12"}, "no node '12' for output"),
    "no prompt": (api_workflow(), {"width": "5.width", "height": "5.height"}, "lacks prompt"),
    "strange": (api_workflow(), {**NODES, "style": "6.text"}, "knows no style"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_workflow_that_does_not_fit_is_told_before_anything_is_sent(
    name: str, tmp_path: Path
) -> None:
    """Whoever exported the wrong file reads what to do, and not a trace."""
    text, nodes, words = UNFIT[name]
    path = tmp_path / "workflow.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with Comfy() as comfy, pytest.raises(errors.NotConfigured, match=words):
        images(comfy, path, comfyui_nodes=nodes)

    assert comfy.asked == []


def test_no_key_of_another_vendor_goes_along(workflow: Path) -> None:
    """The server has no keys, and its custom nodes are strangers' code."""
    with Comfy() as comfy:
        drawn(images(comfy, workflow, openai_api_key=SecretStr("not-yours")), request())

    assert "not-yours" not in f"{[one.headers for one in comfy.asked]}"
