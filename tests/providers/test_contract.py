"""Our own adapters keep the contract that ships for plugins, each over its vendor's wire."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import pytest
from openai_wire import Wire
from pydantic import SecretStr

from providers import registry
from providers.contract.embedded import MESSAGE, PICTURE, TEXT
from providers.contract.images import ImageProviderContract
from providers.contract.rig import Fault, ImageRig, Rig, TextRig, TranslatorRig
from providers.contract.translation import TranslatorContract
from providers.contract.writing import TextProviderContract
from providers.settings import ProviderSettings

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key
HURRY = 0.3
"""Seconds of patience with a wire that says nothing."""
AT_ONCE = "its answer holds the picture itself"
OPENAI: Mapping[Fault, str] = {
    Fault.RATE_LIMITED: "429",
    Fault.OVERLOADED: "503",
    Fault.NO_KEY: "401",
    Fault.NO_MONEY: "429_quota",
    Fault.NO_MODEL: "404",
    Fault.REFUSED: "moderation",
    Fault.LOST: "drop",
    Fault.HANG: "hang",
    Fault.DRIP: "drip",
    Fault.CUT: "truncated",
    Fault.NO_JSON: "html",
}


def openai_faults(wire: Wire, more: Mapping[Fault, str]) -> dict[Fault, Callable[[], None]]:
    """Return what makes OpenAI's wire fail."""
    return {fault: partial(wire.play, name) for fault, name in {**OPENAI, **more}.items()}


def openai_settings(wire: Wire, patience: float = 5.0, **more: Any) -> ProviderSettings:
    """Return the settings of an account on loopback."""
    address = {"openai_api_key": SecretStr(CANARY), "openai_base_url": wire.url}
    return ProviderSettings(**address, image_timeout=patience, text_timeout=patience, **more)


@contextmanager
def openai_images() -> Iterator[ImageRig]:
    """Draw at OpenAI's wire."""
    size = {"model": "gpt-image-2", "width": 1024, "height": 1024}
    special = {
        Fault.EMPTY: "empty_data",
        Fault.WRONG_SIZE: "wrong_size",
        Fault.NOT_A_PICTURE: "not_a_picture",
    }
    with Wire() as wire:
        yield Rig(
            provider=registry.image_provider("openai", openai_settings(wire)),
            hurried=registry.image_provider("openai", openai_settings(wire, HURRY)),
            without={Fault.EXPIRED: AT_ONCE},
            request=PICTURE.model_copy(update=size),
            sent=lambda: len(wire.calls),
            faults=openai_faults(wire, special),
            secrets=(CANARY,),
        )


@contextmanager
def openai_writing(api: str) -> Iterator[TextRig]:
    """Write at OpenAI's wire."""
    special = {
        Fault.EMPTY: "null",
        Fault.WRONG_SHAPE: "wrong_shape",
        Fault.CUT_OFF: "cut_off",
        Fault.REFUSED: "refusal",
    }
    with Wire() as wire:
        yield Rig(
            provider=registry.text_provider("openai", openai_settings(wire, openai_text_api=api)),
            hurried=registry.text_provider(
                "openai", openai_settings(wire, HURRY, openai_text_api=api)
            ),
            request=TEXT.model_copy(update={"model": "gpt-6.2-sol"}),
            sent=lambda: len(wire.calls),
            faults=openai_faults(wire, special),
            secrets=(CANARY,),
        )


@contextmanager
def openai_translation() -> Iterator[TranslatorRig]:
    """Translate at OpenAI's wire."""
    with Wire() as wire:
        yield Rig(
            provider=registry.translator("openai", openai_settings(wire)),
            hurried=registry.translator("openai", openai_settings(wire, HURRY)),
            request=MESSAGE.model_copy(update={"model": "gpt-6.2-sol"}),
            sent=lambda: len(wire.calls),
            faults=openai_faults(wire, {Fault.EMPTY: "null", Fault.MISSING: "wrong_shape"}),
            secrets=(CANARY,),
        )


Maker = Callable[[], AbstractContextManager[Any]]
IMAGES: Mapping[str, Maker] = {"openai": openai_images}
TEXTS: Mapping[str, Maker] = {
    "openai": partial(openai_writing, "responses"),
    "openai chat": partial(openai_writing, "chat"),
}
TRANSLATORS: Mapping[str, Maker] = {"openai": openai_translation}


class TestImages(ImageProviderContract):
    """Whoever draws."""

    covers = ("openai",)

    @pytest.fixture(params=IMAGES)
    def rig(self, request: pytest.FixtureRequest) -> Iterator[ImageRig]:
        """Open the wire of one vendor."""
        with IMAGES[request.param]() as rig:
            yield rig


class TestTexts(TextProviderContract):
    """Whoever writes."""

    covers = ("openai",)

    @pytest.fixture(params=TEXTS)
    def rig(self, request: pytest.FixtureRequest) -> Iterator[TextRig]:
        """Open the wire of one vendor."""
        with TEXTS[request.param]() as rig:
            yield rig


class TestTranslations(TranslatorContract):
    """Whoever translates."""

    covers = ("openai",)

    @pytest.fixture(params=TRANSLATORS)
    def rig(self, request: pytest.FixtureRequest) -> Iterator[TranslatorRig]:
        """Open the wire of one vendor."""
        with TRANSLATORS[request.param]() as rig:
            yield rig
