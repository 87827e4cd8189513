"""The providers of an installation, each built once and only when it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from flows.exits import WrongInput
from providers import registry
from providers.errors import NotConfigured
from providers.images.base import ImageProvider
from providers.images.jobs import ImageJobs
from providers.settings import ProviderSettings
from providers.translation.base import Translator
from providers.writing.base import TextProvider

Built = TypeVar("Built")


@dataclass(frozen=True)
class Suppliers:
    """Who can be asked, each by its name or by ``name@region``.

    Each method raises ``NotConfigured`` where a key is missing, and ``WrongInput`` where the
    installation knows no such region.
    """

    settings: ProviderSettings
    _drawers: dict[str, ImageProvider | ImageJobs] = field(default_factory=dict)
    _writers: dict[str, TextProvider] = field(default_factory=dict)
    _translators: dict[str, Translator] = field(default_factory=dict)

    def drawer(self, name: str) -> ImageProvider | ImageJobs:
        """Return who draws under this name."""
        if name not in self._drawers:
            self._drawers[name] = self._built(registry.image_provider, name)
        return self._drawers[name]

    def writer(self, name: str) -> TextProvider:
        """Return who writes under this name."""
        if name not in self._writers:
            self._writers[name] = self._built(registry.text_provider, name)
        return self._writers[name]

    def translator(self, name: str) -> Translator:
        """Return who translates under this name."""
        if name not in self._translators:
            self._translators[name] = self._built(registry.translator, name)
        return self._translators[name]

    def lacking(self, name: str) -> str:
        """Say what one lacks before it can be asked, or return an empty string."""
        return registry.lacking(*self._at(name))

    def _built(self, build: Callable[[str, ProviderSettings], Built], name: str) -> Built:
        return build(*self._at(name))

    def _at(self, name: str) -> tuple[str, ProviderSettings]:
        provider, _, region = name.partition("@")
        try:
            return provider, self.settings.at(region) if region else self.settings
        except ValueError as error:
            raise WrongInput(f"{name}: {error}") from error


@dataclass(frozen=True)
class PaperSuppliers(Suppliers):
    """Who would be asked, for a quote: who lacks a key is there too, and is never sent anything."""

    lacks: dict[str, str] = field(default_factory=dict)
    """What those lack who were built without it, by their names."""

    def _built(self, build: Callable[[str, ProviderSettings], Built], name: str) -> Built:
        provider, settings = self._at(name)
        try:
            return build(provider, settings)
        except NotConfigured as error:
            built = build(provider, registry.on_paper(provider, settings))
            self.lacks[provider] = str(error)
            return built
