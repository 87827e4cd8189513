"""What can stop the composing of a rendition."""


class CompositionError(Exception):
    """A rendition cannot be made; the message names the thing, the fault and the mend."""


class KeyVisualRefused(CompositionError):
    """The picture is not one that we open."""


class LogoRefused(CompositionError):
    """The brand's mark is not a picture that we open."""


class FontRefused(CompositionError):
    """A family is not shipped, or the brand's font file is not a font."""


class ShapingUnavailable(CompositionError):
    """Letters would come out unjoined or in the wrong order, so nothing is drawn."""


class TextRefused(CompositionError):
    """A text is too long to be copy, or empty where the message needs words."""


class WorkerDied(CompositionError):
    """A worker process ended in the middle of an order."""

    def __init__(self, name: str, code: int | None) -> None:
        self.name = name
        self.code = code
        super().__init__(
            f"{name}: the process that composed it ended with code {code}; "
            "look at its key visual and fonts, and compose this order alone with workers=1"
        )
