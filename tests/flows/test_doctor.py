"""``kampanj doctor``: what is missing is told before a campaign finds out."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from loopback import Asked, Loopback, Told
from places import Place
from pydantic import SecretStr

from flows import surroundings
from flows.settings import BadSettings, Settings, read_settings
from providers import registry
from providers.reach import QUESTIONS, reach
from providers.settings import ProviderSettings

CANARY = "7f3a9b1c5d2e4f60718293a4"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def everyone(url: str) -> ProviderSettings:
    """Return the settings of someone with a key for every vendor that can be asked."""
    keys = ("openai", "azure_openai", "gemini", "stability", "bfl", "deepl")
    bases = {f"{name}_base_url": url for name in ("openai", "gemini", "stability", "bfl", "deepl")}
    return ProviderSettings(
        **{f"{name}_api_key": SecretStr(CANARY) for name in keys},
        **bases,
        azure_openai_endpoint=url,
        comfyui_base_url=url,
    )


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_vendor_is_asked_once_and_only_for_what_is_free(name: str) -> None:
    """A check that costs is one that nobody runs."""
    with Loopback(lambda _asked: Told(200, {"data": []})) as server:
        assert reach(name, everyone(server.url)).startswith("answers")

    [asked] = server.asked
    assert asked.method == "GET"
    known = any(CANARY in value for value in asked.headers.values())
    assert known is QUESTIONS[name].needs_key


def test_a_key_that_is_not_known_is_a_fault_and_is_not_repeated(tmp_path: Path) -> None:
    """It ends a campaign in its first minute, and its log is shown around."""

    def answer(asked: Asked) -> Told:
        return Told(401, {"error": {"message": f"wrong: {asked.headers['authorization']}"}})

    with Loopback(answer) as server:
        settings = Settings(
            home=tmp_path, openai_api_key=SecretStr(CANARY), openai_base_url=f"{server.url}/v1"
        )
        rows = {row["what"]: row for row in surroundings.doctor(settings, NOW, online=True)}

    assert rows["openai online"]["state"] == "fault"
    assert CANARY not in str(rows)
    assert "deepl online" not in rows


def test_without_online_nobody_is_asked(tmp_path: Path) -> None:
    """CI runs it on machines that may not call out."""
    with Loopback(lambda _asked: Told(200, {})) as server:
        settings = Settings(
            home=tmp_path, openai_api_key=SecretStr(CANARY), openai_base_url=server.url
        )
        rows = {row["what"]: row["state"] for row in surroundings.doctor(settings, NOW)}

    assert not server.asked
    assert rows["openai"] == "ok"
    assert rows["deepl"] == "warning"


def test_a_price_file_that_is_wrong_is_a_fault_among_the_others(tmp_path: Path) -> None:
    """Whoever looks for faults wants all of them."""
    settings = Settings(home=tmp_path, prices=tmp_path / "none.toml")
    rows = {row["what"]: row["state"] for row in surroundings.doctor(settings, NOW)}

    assert rows["prices"] == "fault"
    assert rows["shaping"] == "ok"


def test_every_question_is_for_a_provider_that_there_is() -> None:
    """A name that was changed would never be asked again."""
    assert set(QUESTIONS) <= {one for kind in registry.GROUPS for one in registry.names(kind)}


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("KAMPANJ_WORKERS", "abc", "KAMPANJ_WORKERS: Input should be a valid integer"),
        ("KAMPANJ_IMAGE_TIMEOUT", "-1", "KAMPANJ_IMAGE_TIMEOUT: Input should be greater than 0"),
        ("KAMPANJ_PLUGIN_SETTINGS", CANARY, "KAMPANJ_PLUGIN_SETTINGS: this is no JSON"),
        ("KAMPANJ_MODELS", '[{"model": "m"}]', "KAMPANJ_MODELS at 0.provider: Field required"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named_and_its_value_is_not(
    variable: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There are dozens of them, and some are keys."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(BadSettings, match=words) as caught:
        read_settings()

    assert value not in str(caught.value)


def test_a_variable_that_cannot_be_used_ends_a_command_with_2(place: Place) -> None:
    """A stack trace tells a person that we are broken, not that a letter is wrong."""
    ended = place.run("plan", "brief.yaml", "--json", KAMPANJ_TEXT_TIMEOUT="soon")

    assert ended.code == 2
    assert ended.json["error"]["message"].startswith("KAMPANJ_TEXT_TIMEOUT: ")
