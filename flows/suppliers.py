"""The providers of an installation, each built once and only when it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

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
    """Who can be asked.

    Each method raises ``NotConfigured`` where a key is missing.
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

    def _built(self, build: Callable[[str, ProviderSettings], Built], name: str) -> Built:
        return build(name, self.settings)


@dataclass(frozen=True)
class PaperSuppliers(Suppliers):
    """Who would be asked, for a quote: who lacks a key is there too, and is never sent anything."""

    lacks: dict[str, str] = field(default_factory=dict)
    """What those lack who were built without it, by their names."""

    def _built(self, build: Callable[[str, ProviderSettings], Built], name: str) -> Built:
        try:
            return build(name, self.settings)
        except NotConfigured as error:
            built = build(name, registry.on_paper(name, self.settings))
            self.lacks[name] = str(error)
            return built
