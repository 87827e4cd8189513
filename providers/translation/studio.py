"""The embedded translator: remembers what somebody once wrote, and makes up no language."""

from typing import Literal

from cost_tracking.usage import Usage
from creative.value import fingerprint
from providers import errors
from providers.errors import Trace
from providers.translation.base import TranslateAnswer, TranslateRequest
from providers.translation.pseudo import ACCENTED, MIRRORED, pseudo

NAME = "studio"
MODEL = "studio-1"


class StudioTranslation:
    """Gives back unreviewed entries of the brand's memory, and pseudo locales.

    What a person has approved never comes this way: it is not asked for.

    """

    name = NAME
    repeatable = True
    operation: Literal["text", "translation"] = "translation"
    default_model = MODEL

    def translate(self, request: TranslateRequest) -> TranslateAnswer:
        """Say a message in the reader's language, whole or not at all.

        Raises:
            Unsupported: It is not remembered. It never comes back in another language.

        """
        tag = request.target.tag
        if tag in {ACCENTED, MIRRORED}:
            segments = {slot: pseudo(text, tag) for slot, text in request.segments.items()}
        else:
            segments = {
                slot: self._remembered(request, slot, text)
                for slot, text in request.segments.items()
            }
        receipt = fingerprint(request.asked())[:16]
        usage = Usage(model=request.model, quantities={}, receipt=receipt)
        return TranslateAnswer(segments=segments, usage=usage)

    def _remembered(self, request: TranslateRequest, slot: str, text: str) -> str:
        if not text.strip():
            return text
        found = request.suggestions.get(slot, "")
        if not found.strip():
            raise errors.Unsupported(
                NAME,
                f"has no {slot} for {request.target.tag} ({request.target.language}); add an "
                "entry to the brand's memory folder, or route translation to openai",
                Trace(model=request.model),
            )
        return found
