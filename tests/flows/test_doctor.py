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
from providers.errors import NotConfigured
from providers.reach import ASKED, QUESTIONS, reach
from providers.settings import ProviderSettings
from review.signing import PRIVATE, Keys

CANARY = "7f3a9b1c5d2e4f60718293a4"
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)


def everyone(url: str) -> ProviderSettings:
    """Return the settings of someone with a key for every vendor that can be asked."""
    named = ("openai", "gemini", "stability", "bfl", "deepl", "ideogram", "replicate")
    keys = (*named, "azure_openai", "fal")
    bases = {f"{name}_base_url": url for name in named}
    return ProviderSettings(
        **{f"{name}_api_key": SecretStr(CANARY) for name in keys},
        **bases,
        azure_openai_endpoint=url,
        comfyui_base_url=url,
        fal_platform_url=url,
        firefly_client_id="client-1",
        firefly_client_secret=SecretStr(CANARY),
        firefly_ims_url=url,
        aws_access_key_id=SecretStr("AKIAIOSFODNN7EXAMPLE"),
        aws_secret_access_key=SecretStr(CANARY),
        sts_endpoint_url=url,
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


IDENTITY = b"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>A</UserId>
<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""


@pytest.mark.parametrize(
    ("name", "told", "said"),
    [
        ("bedrock", Told(200, IDENTITY, {"Content-Type": "text/xml"}), "account 123456789012"),
        ("aws-translate", Told(200, IDENTITY, {"Content-Type": "text/xml"}), "123456789012"),
        (
            "firefly",
            Told(200, {"access_token": "token-1", "token_type": "bearer", "expires_in": 86399}),
            "gave a token",
        ),
        ("ideogram", Told(404, {"error": "not found"}), "no administrator's"),
    ],
)
def test_who_signs_or_sells_tokens_is_asked_for_nothing_too(
    name: str, told: Told, said: str
) -> None:
    """A role that ended yesterday ends a campaign like any other key."""
    with Loopback(lambda _asked: told) as server:
        assert said in reach(name, everyone(server.url))

    [asked] = server.asked
    assert CANARY not in asked.path


@pytest.mark.parametrize("name", ASKED)
def test_a_wrong_key_is_told_by_everyone_and_never_repeated(name: str) -> None:
    """Whichever way they ask, one of them must not be the one that says ok."""
    refused = Told(401, {"error": "invalid_client", "message": CANARY})
    if name in {"bedrock", "aws-translate"}:
        error = f"<Error><Code>InvalidClientTokenId</Code><Message>{CANARY}</Message></Error>"
        refused = Told(403, f"<ErrorResponse>{error}</ErrorResponse>".encode())
    with (
        Loopback(lambda _asked: refused) as server,
        pytest.raises(NotConfigured) as caught,
    ):
        reach(name, everyone(server.url))

    assert CANARY not in str(caught.value)


def test_whoever_has_no_keys_at_amazon_is_warned_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of those who ask have no account there, and nothing is wrong with that."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    rows = {
        row["what"]: row for row in surroundings.doctor(Settings(home=tmp_path), NOW, online=True)
    }

    assert rows["bedrock online"]["state"] == "warning"
    assert "no AWS keys" in rows["bedrock online"]["said"]


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


def test_an_account_in_another_region_is_asked_too(tmp_path: Path) -> None:
    """A market that is served in its own region ends there with its own key."""
    known = {"authorization": f"Bearer {CANARY}"}

    def answer(asked: Asked) -> Told:
        right = asked.headers["authorization"] == known["authorization"]
        return Told(200 if right else 401, {"data": []})

    with Loopback(answer) as server:
        at = {"eu": {"openai_api_key": "sk-of-the-region-1234"}, "us": {"bfl_api_key": "k"}}
        settings = Settings(
            home=tmp_path,
            openai_api_key=SecretStr(CANARY),
            openai_base_url=server.url,
            bfl_base_url=server.url,
            regions=at,
        )
        rows = {row["what"]: row for row in surroundings.doctor(settings, NOW, online=True)}

    assert rows["openai online"]["state"] == "ok"
    assert rows["openai@eu online"]["state"] == "fault"
    assert "sk-of-the-region" not in str(rows)
    assert "openai@us online" not in rows
    assert "bfl@us online" in rows


def test_pictures_that_somebody_brings_are_looked_at(tmp_path: Path) -> None:
    """A slip in the sheet is found before a campaign, and with its line."""
    (tmp_path / "import.csv").write_text("file,concept\ncup.png,1\n", encoding="utf-8")
    settings = Settings(home=tmp_path / "state", imports_folder=str(tmp_path))
    rows = {row["what"]: row for row in surroundings.doctor(settings, NOW)}

    assert rows["imports"]["state"] == "fault"
    assert "import.csv" in rows["imports"]["said"]


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


def test_everyone_outside_can_be_asked() -> None:
    """A name that was changed would never be asked again."""
    known = {one for kind in registry.GROUPS for one in registry.names(kind)}
    assert set(ASKED) == known - {"studio", "import"}


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


def test_the_key_that_signs_decisions_is_named_and_not_made(tmp_path: Path) -> None:
    """An auditor asks whose signature it is; a key that others can read proves nothing."""
    home = tmp_path / "state"

    def said() -> dict[str, str]:
        rows = surroundings.doctor(Settings(home=home), NOW)
        return next(one for one in rows if one["what"] == "signing key")

    assert said()["said"] == "the first decision makes it"
    assert not home.exists()
    key = Keys(home / "keys").key_id
    assert key in said()["said"]
    (home / "keys" / PRIVATE).chmod(0o644)
    assert said()["state"] == "fault"
