"""The providers of an installation, each built once and only when it is asked."""

from dataclasses import dataclass, field

from providers import registry
from providers.images.base import ImageProvider
from providers.images.jobs import ImageJobs
from providers.settings import ProviderSettings
from providers.translation.base import Translator
from providers.writing.base import TextProvider


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
            self._drawers[name] = registry.image_provider(name, self.settings)
        return self._drawers[name]

    def writer(self, name: str) -> TextProvider:
        """Return who writes under this name."""
        if name not in self._writers:
            self._writers[name] = registry.text_provider(name, self.settings)
        return self._writers[name]

    def translator(self, name: str) -> Translator:
        """Return who translates under this name."""
        if name not in self._translators:
            self._translators[name] = registry.translator(name, self.settings)
        return self._translators[name]
