"""What holds for every provider, whatever it makes. Needs pytest."""

import logging
import re
import traceback
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from cost_tracking.usage import Usage
from providers import errors
from providers.contract.drills import LedgerDrills
from providers.contract.rig import MEANINGS, SLOW, Fault
from providers.errors import Charged, ProviderError

ERRORS = frozenset(
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, ProviderError) and one.kind != "failed"
)
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")


class Contract(LedgerDrills):
    """Asks a provider once at a time, and looks at what comes of it.

    Needs a fixture ``rig``. Each test gets a rig of its own.
    """

    common: ClassVar[tuple[Fault, ...]] = (
        Fault.RATE_LIMITED,
        Fault.OVERLOADED,
        Fault.NO_KEY,
        Fault.NO_MONEY,
        Fault.NO_MODEL,
        Fault.REFUSED,
        Fault.LOST,
        Fault.HANG,
        Fault.DRIP,
        Fault.CUT,
        Fault.NO_JSON,
        Fault.EMPTY,
    )
    special: ClassVar[tuple[Fault, ...]] = ()
    asked: ClassVar[tuple[str, ...]] = ()
    """The methods that the Protocol names."""
    covers: ClassVar[tuple[str, ...]] = ()
    """The names of the providers that the fixture gives; none where a plugin's author asks."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test of faults every fault that this kind of provider may know."""
        if "fault" in metafunc.fixturenames:
            metafunc.parametrize("fault", (*self.common, *self.special))

    @abstractmethod
    def ask(self, rig: Any, request: Any) -> Any:
        """Ask the provider once, and return the answer."""

    def failure(self, rig: Any, request: Any) -> ProviderError:
        """Ask for what must fail, and return the error."""
        with pytest.raises(Exception) as caught:  # noqa: PT011 - its class is what is looked at
            self.ask(rig, request)
        error = caught.value
        assert isinstance(error, ProviderError), (
            f"{type(error).__name__} escaped; raise an error of providers.errors in its place"
        )
        return error

    def test_it_has_what_the_protocol_asks_for(self, rig: Any) -> None:
        """The runner takes a provider's word for these before it spends anything."""
        provider = rig.provider
        assert isinstance(provider.name, str), "name is text"
        assert NAME.fullmatch(provider.name), f"{provider.name!r}: use a-z, 0-9 and _.-"
        assert not self.covers or provider.name in self.covers, "covers names every provider"
        assert isinstance(provider.repeatable, bool), "repeatable is True or False"
        assert isinstance(provider.default_model, str), "default_model is text"
        missing = [name for name in self.asked if not callable(getattr(provider, name, None))]
        assert not missing, f"it lacks {', '.join(missing)}"

    def test_one_call_is_at_most_one_request(self, rig: Any) -> None:
        """Every further one is bought and never written down."""
        self.ask(rig, rig.request)
        assert rig.sent() <= 1, f"one call sent {rig.sent()} requests that are billed"
        assert rig.provider.repeatable or rig.sent() == 1, "rig.sent() does not see the request"

    def test_an_answer_says_what_it_consumed(self, rig: Any) -> None:
        """What has no quantity is counted as the most that it may have cost."""
        usage = self.ask(rig, rig.request).usage
        assert isinstance(usage, Usage), "usage is a cost_tracking.usage.Usage"
        assert usage.model, "usage.model names what is billed"
        assert usage.receipt, "usage.receipt is the vendor's own id, which its bill is checked by"
        assert all(much > 0 for much in usage.quantities.values()), "leave out what is 0"
        told = usage.quantities or usage.reported
        assert told or rig.provider.repeatable or len(rig.unmeasured) > 10, (
            "it bills, so it says for how much of what, or rig.unmeasured says why it cannot"
        )

    def test_what_is_repeatable_answers_the_same_again(self, rig: Any) -> None:
        """A lost call to it is made again unasked."""
        if rig.provider.repeatable:
            assert self.ask(rig, rig.request) == self.ask(rig, rig.request)

    def test_a_fault_has_one_meaning(self, rig: Any, fault: Fault) -> None:
        """By its class and by what was charged the runner decides whether to buy again."""
        if not self._strikes(rig, fault):
            return
        before = rig.sent()
        error = self.failure(rig.facing(fault), rig.request)

        meaning = MEANINGS[fault]
        named = " or ".join(one.__name__ for one in meaning.kinds)
        assert isinstance(error, meaning.kinds), f"{type(error).__name__}: {fault} is {named}"
        assert error.charged in meaning.charged, f"{fault} is not charged={error.charged}"
        assert type(error) in ERRORS, f"{type(error).__name__} is not of providers.errors"
        assert error.provider == rig.provider.name, "an error names its provider"
        assert rig.sent() - before <= 1, f"after {fault} it tried again by itself; the runner does"
        if isinstance(error, errors.TryAgain):
            assert error.charged is Charged.NO, "what is tried again has cost nothing"

    def test_no_key_is_in_an_error_or_a_log(
        self, rig: Any, fault: Fault, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Errors are kept in the database and shown to people; logs go anywhere."""
        # What is slow says nothing, so there is nothing of it to repeat.
        if fault in SLOW or not self._strikes(rig, fault):
            return
        # Below this level SDKs write whole requests; nobody runs a campaign so.
        caplog.set_level(logging.INFO)
        error = self.failure(rig, rig.request)

        shown = "".join(traceback.format_exception(error))
        cause = repr(error.__cause__)
        for secret in rig.secrets:
            assert secret not in shown, f"{fault}: the traceback holds a key; raise from None"
            assert secret not in repr(error.trace), f"{fault}: the trace holds a key"
            assert secret not in cause, f"{fault}: the error's cause holds a key"
            assert secret not in caplog.text, f"{fault}: the log holds a key"

    def test_it_goes_on_after_a_fault(self, rig: Any) -> None:
        """One provider serves a whole campaign."""
        if not rig.faults:
            return
        next(iter(rig.faults.values()))()
        self.failure(rig, rig.request)
        assert self.ask(rig, rig.request)

    def test_no_key_is_in_its_own_description(self, rig: Any) -> None:
        """A debugger, a log and a crash report print it."""
        assert not [one for one in rig.secrets if one in repr(rig.provider)]

    def striking(self, rig: Any, *faults: Fault) -> Iterator[Fault]:
        """Let each of these that the vendor may have strike the next request."""
        for fault in faults or (*self.common, *self.special):
            if self._strikes(rig, fault):
                yield fault

    def _strikes(self, rig: Any, fault: Fault) -> bool:
        """Let a fault strike the next request, and say whether it will."""
        if rig.provider.repeatable:
            return False
        if fault in rig.without:
            assert len(rig.without[fault]) > 10, f"say why {fault} cannot be, in a sentence"
            return False
        assert fault in rig.faults, (
            f"rig.faults lacks {fault}; let the wire fail so, or say in rig.without why it cannot"
        )
        assert rig.secrets or fault is not Fault.NO_KEY, "rig.secrets names the key"
        rig.faults[fault]()
        return True
