"""What everyone who draws must keep, at once or later. Needs pytest."""

import json
from typing import Any, ClassVar

from creative.concept import SourceType
from providers import deals, errors
from providers.contract.rig import Fault, ImageRig
from providers.contract.shared import Contract
from providers.deals import Deal
from providers.errors import Charged
from providers.images.base import ImageAnswer, ImageRequest, Reference
from providers.images.jobs import ImageJobs, Pending
from providers.images.picture import look_at

LONGEST = 200
"""How often a job is asked for; a rig's wire need not make anyone wait."""
UNKNOWN = "no-such-model-0"


class ImageProviderContract(Contract):
    """For an ``ImageProvider`` or an ``ImageJobs``; needs a fixture ``rig``, an ``ImageRig``."""

    special: ClassVar[tuple[Fault, ...]] = (
        Fault.WRONG_SIZE,
        Fault.NOT_A_PICTURE,
        Fault.EXPIRED,
    )

    def deal(self, rig: ImageRig) -> Deal[ImageAnswer]:
        """Return the purchase of what the rig's request asks for."""
        return deals.picture(rig.provider, rig.request)

    def ask(self, rig: ImageRig, request: ImageRequest) -> ImageAnswer:
        """Draw one picture; a job is asked for until it is done."""
        provider = rig.provider
        if not isinstance(provider, ImageJobs):
            return provider.draw(request)
        state: ImageAnswer | Pending = provider.submit(request)
        for _ in range(LONGEST):
            if isinstance(state, ImageAnswer):
                return state
            state = provider.collect(request, state)
        raise AssertionError(f"the job was not done after it was asked for {LONGEST} times")

    def test_it_draws_at_once_or_later(self, rig: ImageRig) -> None:
        """The runner must know which, to keep the job's name before it waits."""
        at_once = callable(getattr(rig.provider, "draw", None))
        assert at_once != isinstance(rig.provider, ImageJobs), "give it draw, or submit and collect"

    def test_a_picture_is_what_its_bytes_are(self, rig: ImageRig) -> None:
        """What a vendor says of its bytes is not what a placement checks."""
        answer = self.ask(rig, rig.request)
        seen = look_at(answer.content)
        assert (answer.width, answer.height) == (seen.width, seen.height), "say the real pixels"
        assert (answer.width, answer.height) == (rig.request.width, rig.request.height), (
            "a picture of another size than was asked for is BadOutput"
        )
        assert answer.format == seen.format, "say the real format"
        assert isinstance(answer.source_type, SourceType), "say how it was made"
        assert all(0 <= one <= 1 for one in answer.focus), "focus is in shares of the edges"

    def test_capabilities_cover_what_it_draws(self, rig: ImageRig) -> None:
        """A quote asks them, and nobody else."""
        can = rig.provider.capabilities(rig.request.model)
        assert can.model == rig.request.model, "capabilities name their model"
        assert not can.lack(rig.request), f"it draws what it says it cannot: {rig.request}"

    def test_a_model_that_it_does_not_have_is_unsupported(self, rig: ImageRig) -> None:
        """A slip in a brief must cost nothing."""
        self._refused(rig, rig.request.model_copy(update={"model": UNKNOWN}))

    def test_what_it_cannot_draw_is_refused_before_it_is_sent(self, rig: ImageRig) -> None:
        """A size that is rounded in silence is paid for and does not fit."""
        can = rig.provider.capabilities(rig.request.model)
        reference = Reference(content=b"\x89PNG", media_type="image/png")
        wrong: tuple[dict[str, Any], ...] = (
            {"width": can.longest_edge + can.multiple_of},
            {"width": 1, "height": 1},
            {"prompt": "x" * (can.max_prompt + 1)},
            {"references": (reference,) * (can.max_references + 1)},
        )
        for update in wrong:
            request = rig.request.model_copy(update=update)
            if can.lack(request):
                self._refused(rig, request)

    def test_a_job_is_handed_in_once_and_asked_for_freely(self, rig: ImageRig) -> None:
        """Another process asks for it after a crash, with no more than was written down."""
        if not isinstance(rig.provider, ImageJobs):
            return
        pending = rig.provider.submit(rig.request)
        assert rig.sent() == 1, "submit is the one request that is billed"
        written = json.loads(json.dumps({**vars(pending), "facts": dict(pending.facts)}))
        for secret in rig.secrets:
            assert secret not in json.dumps(written), "what is stored holds no key"
        state: ImageAnswer | Pending = Pending(**written)
        for _ in range(LONGEST):
            if isinstance(state, ImageAnswer):
                break
            state = rig.provider.collect(rig.request, state)
        assert isinstance(state, ImageAnswer), "the job never ends"
        assert rig.sent() == 1, "to ask for a job costs nothing"

    def _refused(self, rig: ImageRig, request: ImageRequest) -> None:
        before = rig.sent()
        error = self.failure(rig, request)
        assert isinstance(error, errors.Unsupported), f"{type(error).__name__} for {request}"
        assert error.charged is Charged.NO, "what was not sent costs nothing"
        assert rig.sent() == before, f"it was sent: {request}"
