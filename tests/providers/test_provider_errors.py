"""The tree of errors is the one that its page draws, and none of them tells a secret."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from providers import errors, registry
from providers.errors import Charged, ProviderError, redact
from providers.settings import ProviderSettings
from providers.terms import Patience


def below(kind: type[ProviderError]) -> list[type[ProviderError]]:
    """Return all of our classes below one."""
    ours = [one for one in kind.__subclasses__() if one.__module__ == errors.__name__]
    return [*ours, *(one for child in ours for one in below(child))]


def test_the_page_draws_every_error_with_its_kind() -> None:
    """Whoever catches an error reads the page, and not the code."""
    drawn = dict(re.findall(r"[├└]── (\w+) +([a-z_]+)  ", str(errors.__doc__)))
    kinds = {one.__name__: one.kind for one in below(ProviderError)}

    assert set(kinds) - {"TryAgain", "GiveUp", "StorageError"} == set(drawn) - {"StorageError"}
    assert all(kinds[name] == kind for name, kind in drawn.items())
    assert len(set(kinds.values())) == len(kinds) - 1  # the two families share "failed"


def test_nothing_that_may_be_tried_again_was_charged() -> None:
    """A retry of what was billed is a second bill."""
    assert {one.usual for one in (errors.TryAgain, *below(errors.TryAgain))} == {Charged.NO}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Incorrect API key provided: sk-proj-abc_DEF123456.", "Incorrect API key provided: …."),
        ("Authorization: Bearer abcdef123456.xyz", "Authorization: …"),
        ("api_key=verysecretvalue&x=1", "api_key=…&x=1"),
        ('{"password": "hunter2222"}', '{"password": "…"}'),
        ("key AKIAIOSFODNN7EXAMPLE was refused", "key … was refused"),
        ("got " + "iVBORw0KGgo" * 20, "got …"),
        ("a\nb\x1b[31mc\u202ed", "a b [31mc d"),
        ("my own value", "my … value"),
    ],
)
def test_a_message_shows_no_secret_and_no_dump(said: str, shown: str) -> None:
    """Messages go into logs, tickets and the review page."""
    assert redact(said, "own") == shown


def test_a_message_is_short() -> None:
    """Ten megabytes of a provider's answer in a log line stop whoever reads it."""
    error = errors.BadOutput("openai", "x " * 10_000)

    assert len(str(error)) == errors.LONGEST
    assert str(error).startswith("openai: x x")


@pytest.mark.parametrize(
    ("number", "asked", "share", "wait"),
    [
        (1, None, 1.0, 1.0),
        (2, None, 1.0, 2.0),
        (3, None, 0.5, 2.0),
        (4, None, 1.0, None),
        (1, 7.0, 0.0, 7.0),
        (1, 7.0, 1.0, 7.7),
        (1, 60.0, 0.0, 60.0),
        (1, 61.0, 0.0, None),
    ],
)
def test_patience_waits_as_asked_and_not_for_ever(
    number: int, asked: float | None, share: float, wait: float | None
) -> None:
    """Who waits less than asked is banned; who waits a day has lost the campaign's day."""
    error = errors.RateLimited("openai", "slow", errors.Trace(retry_after=asked))

    assert Patience().wait(number, error, share) == pytest.approx(wait)


def test_settings_show_no_secret() -> None:
    """They are printed by every debugger and every crash report."""
    settings = ProviderSettings(
        openai_api_key="sk-canary", proxy="http://u:canary@h", openai_headers={"x": "canary"}
    )

    assert "canary" not in f"{settings!r}{settings}{settings.model_dump()}"
    assert len(settings.secrets) == 3


def test_the_studio_starts_without_any_vendor() -> None:
    """``plan`` must answer at once, and a vendor's SDK takes most of a second to import."""
    code = (
        "import sys; from providers import registry, runner; "
        "from providers.settings import ProviderSettings as S; "
        "registry.image_provider('studio', S()); registry.text_provider('studio', S()); "
        "registry.translator('studio', S()); registry.storage('out', S()); "
        "print({'openai', 'boto3', 'httpx2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)  # noqa: S603 - ours

    assert (done.stdout, done.stderr) == (b"set()\n", b"")


def test_a_package_adds_a_provider_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A team with a model of its own needs no change of ours."""
    (tmp_path / "acme_images.py").write_text(
        "from providers.images.studio import StudioImages\n"
        "class Acme(StudioImages):\n"
        "    name = 'acme'\n"
        "def build(settings):\n"
        "    return Acme()\n"
    )
    about = tmp_path / "acme-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[kampanj.image_providers]\nacme = acme_images:build\nopenai = acme_images:build\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    assert {"acme", "openai", "studio"} <= set(registry.names("image"))
    assert registry.image_provider("acme", ProviderSettings()).name == "acme"
    # It cannot take the place of one that people know.
    with pytest.raises(errors.NotConfigured, match="OPENAI_API_KEY"):
        registry.image_provider("openai", ProviderSettings())
