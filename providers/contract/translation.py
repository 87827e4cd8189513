"""What everyone who translates must keep. Needs pytest."""

from typing import ClassVar

from providers import deals
from providers.contract.rig import Fault, TranslatorRig
from providers.contract.shared import Contract
from providers.deals import Deal
from providers.translation.base import TranslateAnswer, TranslateRequest


class TranslatorContract(Contract):
    """For a ``Translator``; needs a fixture ``rig``, a ``TranslatorRig``."""

    special: ClassVar[tuple[Fault, ...]] = (Fault.MISSING,)
    asked: ClassVar[tuple[str, ...]] = ("translate",)

    def deal(self, rig: TranslatorRig) -> Deal[TranslateAnswer]:
        """Return the purchase of what the rig's request asks for."""
        return deals.translation(rig.provider, rig.request)

    def ask(self, rig: TranslatorRig, request: TranslateRequest) -> TranslateAnswer:
        """Translate one message."""
        return rig.provider.translate(request)

    def test_every_segment_comes_back_and_no_other(self, rig: TranslatorRig) -> None:
        """A slot that is left out would be set in English, or not at all."""
        segments = self.ask(rig, rig.request).segments
        assert set(segments) == set(rig.request.segments), "the slots that were asked for"
        assert all(text.strip() for text in segments.values()), "an empty line is no translation"

    def test_nobody_has_reviewed_it(self, rig: TranslatorRig) -> None:
        """Only a named person reviews."""
        assert not self.ask(rig, rig.request).reviewed

    def test_the_price_book_knows_what_it_does(self, rig: TranslatorRig) -> None:
        """It is priced by the token, or by the letter."""
        assert rig.provider.operation in {"text", "translation"}
