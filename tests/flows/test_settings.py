"""The environment: what each variable means, and how a wrong one is told."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.settings import BadSettings, Settings, read_settings
from providers.settings import ProviderSettings


@pytest.mark.parametrize(
    ("variable", "value", "field", "read"),
    [
        ("KAMPANJ_HOME", "/srv/state", "home", Path("/srv/state")),
        ("kampanj_workers", "3", "workers", 3),
        ("KAMPANJ_ACTOR", "", "actor", ""),
        ("KAMPANJ_COMFYUI_PAID", "yes", "comfyui_paid", True),
        ("KAMPANJ_OPENAI_API_KEY", "one", "openai_api_key", SecretStr("one")),
        ("OPENAI_API_KEY", "two", "openai_api_key", SecretStr("two")),
        ("KAMPANJ_BFL_HOSTS", '["a.example"]', "bfl_hosts", ("a.example",)),
        ("KAMPANJ_DEEPL_GLOSSARIES", '{"de": "g1"}', "deepl_glossaries", {"de": "g1"}),
    ],
)
def test_a_field_is_read_from_its_variable(
    variable: str, value: str, field: str, read: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text stays text, lists and mappings are JSON, and shells differ in how they write names."""
    monkeypatch.setenv(variable, value)

    told = read_settings()

    assert getattr(told, field) == read
    if field in ProviderSettings.model_fields:
        assert getattr(told.providers, field) == read


def test_our_own_name_of_a_key_wins_over_the_vendor_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that other programs use as well must not be charged with what we draw."""
    monkeypatch.setenv("OPENAI_API_KEY", "everybody's")
    monkeypatch.setenv("KAMPANJ_OPENAI_API_KEY", "ours")

    assert read_settings().openai_api_key == SecretStr("ours")
    assert Settings(openai_api_key=SecretStr("given")).openai_api_key == SecretStr("given")


def test_every_variable_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets up a machine mends them all at once."""
    monkeypatch.setenv("KAMPANJ_REGIONS", "eu: hunter2")
    monkeypatch.setenv("KAMPANJ_RATES", "hunter2")

    with pytest.raises(BadSettings) as caught:
        read_settings()

    said = str(caught.value).splitlines()
    assert sorted(line.partition(":")[0] for line in said) == ["KAMPANJ_RATES", "KAMPANJ_REGIONS"]
    assert "hunter2" not in str(caught.value)


def test_what_nobody_asks_for_is_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of a newer version, or of a script of theirs, is no fault of this one."""
    monkeypatch.setenv("KAMPANJ_OF_TOMORROW", "1")

    assert read_settings().actor == ""
