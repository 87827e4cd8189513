"""OpenAI's pictures at Azure over a real wire: one request each, and every fault has one meaning.

Shapes: openai 3.54.0, and Azure's own errors, whose filter results lie beside the code.
"""

import base64
import logging
from typing import Any

import pytest
from loopback import Loopback, Told, picture
from pydantic import SecretStr
from vendor_faults import CANARY, broken, check, maybe, no, pictures, yes

from providers import errors, registry
from providers.images.azure_openai_images import AzureOpenAIImages
from providers.images.base import ImageAnswer, ImageRequest, Reference
from providers.settings import ProviderSettings

TOKENS = {
    "input_tokens": 40,
    "input_tokens_details": {"text_tokens": 40, "image_tokens": 0},
    "output_tokens": 1756,
    "total_tokens": 1796,
}


def settings(url: str, timeout: float = 20.0, **more: Any) -> ProviderSettings:
    """Return the settings of a resource on loopback."""
    facts = {
        "azure_openai_api_key": SecretStr(CANARY),
        "azure_openai_endpoint": url,
        "azure_openai_deployments": {"drawing-eu": "gpt-image-2", "drawing-us": "gpt-image-2"},
        "image_timeout": timeout,
    }
    return ProviderSettings(**{**facts, **more})


def images(url: str, timeout: float = 20.0) -> AzureOpenAIImages:
    """Build the provider over a wire, as the registry does."""
    provider = registry.image_provider("azure-openai", settings(url, timeout))
    assert isinstance(provider, AzureOpenAIImages)
    return provider


def request(**more: object) -> ImageRequest:
    """Ask for a picture."""
    facts = {"prompt": "A slower morning.", "width": 1024, "height": 1024, "model": "gpt-image-2"}
    return ImageRequest(**{**facts, **more})


def ask(url: str, timeout: float) -> ImageAnswer:
    """Draw once."""
    return images(url, timeout).draw(request())


def answer(image: str) -> dict[str, Any]:
    """Return a body as the service writes it."""
    return {"created": 1, "data": [{"b64_json": image}], "usage": TOKENS}


def failed(status: int, code: str, **more: Any) -> Told:
    """Return a fault."""
    said = {"code": code, "message": f"{code}: {CANARY}", **more}
    return Told(status, {"error": said}, {"x-request-id": "req_1"})


WHOLE = base64.b64encode(picture(1024, 1024)).decode()
GOOD = Told(200, answer(WHOLE), {"x-request-id": "req_1"})
FILTER = {
    "inner_error": {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_results": {"violence": {"filtered": True, "severity": "high"}},
    }
}
FAULTS = {
    "invalid_value": no(failed(400, "invalid_value"), errors.InvalidRequest),
    "contentFilter": no(failed(400, "contentFilter", **FILTER), errors.RefusedInput),
    "content_filter": no(failed(400, "content_filter", **FILTER), errors.RefusedInput),
    "policy_violation": no(failed(400, "content_policy_violation"), errors.RefusedInput),
    "moderation_blocked": no(failed(400, "moderation_blocked"), errors.RefusedInput),
    "401": no(failed(401, "401"), errors.NotConfigured),
    "403": no(failed(403, "AuthenticationTypeDisabled"), errors.NotConfigured),
    "DeploymentNotFound": no(failed(404, "DeploymentNotFound"), errors.ModelGone),
    "408": maybe(failed(408, "Timeout"), errors.OutcomeUnknown),
    "424": no(failed(424, "FailedDependency"), errors.InvalidRequest),
    "429": no(failed(429, "429"), errors.RateLimited),
    "insufficient_quota": no(failed(429, "insufficient_quota"), errors.QuotaExceeded),
    "500": maybe(failed(500, "InternalServerError"), errors.OutcomeUnknown),
    "503": no(failed(503, "ServiceUnavailable"), errors.Unavailable),
    "200_no_image": yes(Told(200, {"data": [], "usage": TOKENS}), errors.BadOutput),
    **pictures(answer),
    # What the SDK's client reads, it tells as a connection that broke off.
    **broken(GOOD),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_one_meaning_and_costs_one_request(
    fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    """With the SDK's own retries one lost answer was measured to buy three pictures."""
    caplog.set_level(logging.INFO)
    check("azure-openai", fault, FAULTS[fault], ask, lambda: caplog.text)


def test_a_model_is_asked_for_by_its_deployments_name() -> None:
    """No price book knows a name that somebody chose, and no resource knows a model's."""
    with Loopback(lambda _asked: GOOD) as server:
        drawn = images(server.url).draw(request())

    [asked] = server.asked
    path, query = asked.path.split("?")
    assert path == "/openai/deployments/drawing-eu/images/generations"
    assert query == "api-version=2025-04-01-preview"
    assert asked.headers["api-key"] == CANARY
    assert "authorization" not in asked.headers
    assert drawn.usage.model == "gpt-image-2"
    assert drawn.usage.quantities == {"input_text_token": 40, "output_image_token": 1756}
    assert drawn.usage.receipt == "req_1"


def test_references_go_along_as_files() -> None:
    """A packshot that is not sent gives a card of another bank."""
    packshot = Reference(content=picture(64, 64), media_type="image/png")
    with Loopback(lambda _asked: GOOD) as server:
        images(server.url).draw(request(references=(packshot,)))

    [asked] = server.asked
    assert asked.path.startswith("/openai/deployments/drawing-eu/images/edits?")
    assert asked.form["image[]"][:2] == ("reference-1.png", "image/png")


def test_a_model_that_no_deployment_runs_is_named() -> None:
    """Azure would answer 404 in the middle of a run."""
    none = settings("http://127.0.0.1:1", azure_openai_deployments={})
    with pytest.raises(errors.NotConfigured, match="AZURE_OPENAI_DEPLOYMENTS"):
        registry.image_provider("azure-openai", none)
    told = settings("http://127.0.0.1:1", azure_openai_deployments={"old": "gpt-image-1"})
    with pytest.raises(errors.NotConfigured, match="azure_openai_deployments"):
        registry.image_provider("azure-openai", told).capabilities("gpt-image-2")
    with pytest.raises(errors.Unsupported):
        registry.image_provider("azure-openai", told).capabilities("dall-e-3")


@pytest.mark.parametrize("name", ["azure_openai_api_key", "azure_openai_endpoint"])
def test_what_is_missing_is_named(name: str) -> None:
    """A resource without an address is nobody's."""
    told = settings("http://127.0.0.1:1").model_copy(update={name: None})
    with pytest.raises(errors.NotConfigured, match=f"(?i){name}"):
        registry.image_provider("azure-openai", told)


def test_the_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever can set a variable of a CI job could else have it billed to another."""
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-of-another")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_API_VERSION", "1999-01-01")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Stolen: yes")
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with Loopback(lambda _asked: GOOD) as server:
        images(server.url).draw(request())

    [asked] = server.asked
    assert "api-version=2025-04-01-preview" in asked.path
    assert not {"authorization", "openai-organization", "x-stolen"} & set(asked.headers)
