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

    In the place of a back-translation it gives a placeholder that says that it is one.
    What a person has approved never comes this way: it is not asked for.

    """

    name = NAME
    repeatable = True
    operation: Literal["text", "translation"] = "translation"
    default_model = MODEL
    guided = True

    def translate(self, request: TranslateRequest) -> TranslateAnswer:
        """Say a message in the reader's language, whole or not at all.

        Raises:
            Unsupported: It is not remembered. It never comes back in another language.

        """
        tag = request.target.tag
        asked = request.segments
        if request.literal:
            # It reads no language, so it does not say what stands there, and says so.
            said = {slot: _placeholder(request, slot) for slot in asked}
        elif request.reasons:
            # It has no other words, so it marks those that were turned down, once more each time.
            said = {slot: f"[{request.rejected.get(slot, asked[slot])}]" for slot in asked}
        elif tag in {ACCENTED, MIRRORED}:
            said = {slot: pseudo(text, tag) for slot, text in asked.items()}
        else:
            said = {slot: self._remembered(request, slot, text) for slot, text in asked.items()}
        receipt = fingerprint(request.asked())[:16]
        usage = Usage(model=request.model, quantities={}, receipt=receipt)
        return TranslateAnswer(segments=said, usage=usage)

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


def _placeholder(request: TranslateRequest, slot: str) -> str:
    return f"[placeholder: what the {slot} in {request.source_locale} says is not known here]"
