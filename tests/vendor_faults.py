"""What may befall a request to a vendor, and what each of it means: the tables of their tests.

With ``pytest -s`` each case prints a line: the vendor, the fault, what it is called, whether it
is charged, and how many requests reached the vendor.
"""

import base64
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from loopback import BREAKS, Loopback, Told, picture

from providers import errors
from providers.errors import Charged, ProviderError

CANARY = "7f3a9b1c5d2e4f60718293a4"  # nothing says that it is a key


@dataclass(frozen=True)
class Case:
    """One fault, and what it means."""

    told: Told
    kind: type[ProviderError]
    charged: Charged


def no(told: Told, kind: type[ProviderError]) -> Case:
    """Return a fault that is not charged."""
    return Case(told, kind, Charged.NO)


def yes(told: Told, kind: type[ProviderError]) -> Case:
    """Return a fault that is charged."""
    return Case(told, kind, Charged.YES)


def maybe(told: Told, kind: type[ProviderError]) -> Case:
    """Return a fault of which nobody knows whether it is charged."""
    return Case(told, kind, Charged.MAYBE)


LOST = (errors.OutcomeUnknown, Charged.MAYBE)
ODD = (errors.BadOutput, Charged.MAYBE)
_BROKEN = {
    "hang": LOST,
    "drop": LOST,
    "cut": LOST,
    "head_drip": LOST,
    "drip": ODD,
    "gzip": ODD,
    "html": ODD,
    "html_502": LOST,
    "null": ODD,
    "list": ODD,
    "redirect": (errors.NotConfigured, Charged.NO),
}


def broken(good: Told, **others: tuple[type[ProviderError], Charged]) -> dict[str, Case]:
    """Return what may befall a good answer on its way, and what that means.

    Args:
        good: The answer.
        others: What it means where a vendor's SDK tells it otherwise.

    """
    return {
        name: Case(BREAKS[name](good), *meaning) for name, meaning in {**_BROKEN, **others}.items()
    }


def pictures(wrap: Callable[[str], Any], width: int = 1024, height: int = 1024) -> dict[str, Case]:
    """Return answers that hold something else than the picture that was asked for.

    Args:
        wrap: Makes the vendor's answer of base64.
        width: That was asked for.
        height: That was asked for.

    """
    whole = picture(width, height)
    contents = {
        "wrong_size": picture(width // 2, height // 2),
        "turned": picture(width, height + 64),
        "gif": picture(width, height, "GIF"),
        "cut_png": whole[:-20],
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "empty": b"",
    }
    cases = {
        name: yes(Told(200, wrap(base64.b64encode(content).decode())), errors.BadOutput)
        for name, content in contents.items()
    }
    damaged = base64.b64encode(whole).decode()[:1001]
    return {**cases, "damaged": yes(Told(200, wrap(damaged)), errors.BadOutput)}


def check(
    vendor: str,
    fault: str,
    case: Case,
    ask: Callable[[str, float], object],
    logged: Callable[[], str],
) -> ProviderError:
    """Ask a server that fails so, hold the error against its meaning, and return it.

    Args:
        vendor: For the printed table.
        fault: For the printed table.
        case: What the server tells, and what that means.
        ask: Asks at an address, once, and waits for as many seconds.
        logged: What was logged meanwhile.

    """
    with Loopback(lambda _asked: case.told) as server, pytest.raises(ProviderError) as caught:
        ask(server.url, patience(case.told))
    error = caught.value
    row = f"{vendor:13}{fault:22}{error.kind:17}{error.charged!s:7}{len(server.asked)} request\n"
    sys.stdout.write(row)
    assert (type(error), error.charged) == (case.kind, case.charged)
    assert len(server.asked) == 1
    shown = "".join(traceback.format_exception(error, chain=True)) + f"{vars(error)}" + logged()
    assert CANARY not in shown
    assert len(str(error)) <= errors.LONGEST
    if error.charged is Charged.YES:
        assert error.usage
    return error


def patience(told: Told) -> float:
    """Return the seconds to wait: few where nothing comes, and enough for a busy machine else."""
    return 0.2 if told.how in {"hang", "drip", "head_drip"} else 20.0
