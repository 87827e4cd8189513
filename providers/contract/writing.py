"""What everyone who writes must keep. Needs pytest."""

from typing import Any, ClassVar

from providers import deals
from providers.contract.rig import Fault, TextRig
from providers.contract.shared import Contract
from providers.deals import Deal
from providers.writing.base import TextAnswer, TextRequest


class TextProviderContract(Contract):
    """For a ``TextProvider``; needs a fixture ``rig``, a ``TextRig``."""

    special: ClassVar[tuple[Fault, ...]] = (Fault.WRONG_SHAPE, Fault.CUT_OFF)
    asked: ClassVar[tuple[str, ...]] = ("write",)

    def deal(self, rig: TextRig) -> Deal[TextAnswer]:
        """Return the purchase of what the rig's request asks for."""
        return deals.text(rig.provider, rig.request)

    def ask(self, rig: TextRig, request: TextRequest) -> TextAnswer:
        """Write one text."""
        return rig.provider.write(request)

    def test_a_text_is_of_the_shape_that_was_asked_for(self, rig: TextRig) -> None:
        """What comes after it reads the fields by name."""
        data = self.ask(rig, rig.request).data
        schema: Any = rig.request.schema_
        assert set(data) == set(schema["properties"]), "every property, and no other"

    def test_a_text_that_was_cut_off_keeps_what_it_consumed(self, rig: TextRig) -> None:
        """It is billed like any other, to the last token."""
        if self._strikes(rig, Fault.CUT_OFF):
            usage = self.failure(rig, rig.request).usage
            assert usage, "the error carries the usage"
            assert usage.quantities, "with its quantities"
