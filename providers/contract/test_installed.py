"""The contract, over the embedded studio and every rig that an installed package names.

``pytest --pyargs providers.contract`` runs it. The entry points are ``kampanj.image_rigs``,
``kampanj.text_rigs`` and ``kampanj.translator_rigs``; the value of each is a function without
arguments that returns a context manager of a rig.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.metadata import entry_points
from typing import Any

import pytest

from providers.contract import embedded
from providers.contract.images import ImageProviderContract
from providers.contract.rig import ImageRig, TextRig, TranslatorRig
from providers.contract.translation import TranslatorContract
from providers.contract.writing import TextProviderContract

Maker = Callable[[], AbstractContextManager[Any]]


def _rigs(kind: str, **ours: Maker) -> list[Any]:
    found = {one.name: one for one in entry_points(group=f"kampanj.{kind}_rigs")}
    mine = [pytest.param(lambda maker=maker: maker, id=name) for name, maker in ours.items()]
    return mine + [pytest.param(one.load, id=name) for name, one in sorted(found.items())]


class TestImageProviders(ImageProviderContract):
    """Whoever draws."""

    @pytest.fixture(params=_rigs("image", studio=embedded.studio_images))
    def rig(self, request: pytest.FixtureRequest) -> Iterator[ImageRig]:
        """Open one rig."""
        with request.param()() as rig:
            yield rig


class TestTextProviders(TextProviderContract):
    """Whoever writes."""

    @pytest.fixture(params=_rigs("text", studio=embedded.studio_writing))
    def rig(self, request: pytest.FixtureRequest) -> Iterator[TextRig]:
        """Open one rig."""
        with request.param()() as rig:
            yield rig


class TestTranslators(TranslatorContract):
    """Whoever translates."""

    @pytest.fixture(params=_rigs("translator", studio=embedded.studio_translation))
    def rig(self, request: pytest.FixtureRequest) -> Iterator[TranslatorRig]:
        """Open one rig."""
        with request.param()() as rig:
            yield rig
