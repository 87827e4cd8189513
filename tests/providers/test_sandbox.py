"""Whatever a picture does to its decoder, we go on, and what was paid for it is known."""

import base64
import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, Told, picture
from PIL import Image
from pydantic import SecretStr

from cost_tracking.attempts import State
from providers import errors, registry
from providers.images import sandbox
from providers.images.base import ImageRequest
from providers.images.picture import NotAPicture
from providers.images.sandbox import Sandbox
from providers.settings import ProviderSettings

GOOD = picture(64, 48)


def slow(scans: int = 400) -> bytes:
    """Return a JPEG of 36 megapixels, each of whose scans is 59 bytes and touches every pixel.

    Pillow takes it, and 0.06 seconds of a processor for each scan.
    """
    file = io.BytesIO()
    flat = Image.linear_gradient("L").resize((6000, 6000))
    flat.save(file, "JPEG", progressive=True, quality=30)
    content = file.getvalue()
    last, end = content.rfind(b"\xff\xda"), content.rfind(b"\xff\xd9")
    return content[:end] + content[last:end] * scans + b"\xff\xd9"


@pytest.fixture(scope="module")
def endless() -> bytes:
    """Return a picture that takes minutes."""
    return slow(4000)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """Return a sandbox with little patience and little room."""
    one = Sandbox(seconds=1, memory=300_000_000)
    yield one
    one.close()


def test_one_process_looks_at_all(box: Sandbox) -> None:
    """A process for each picture would take more time than the picture."""
    first = box.look_at(GOOD)
    pid = box.pid

    assert (first.width, first.height, first.format) == (64, 48, "png")
    assert box.look_at(picture(32, 32, "JPEG")).format == "jpeg"
    with pytest.raises(NotAPicture, match="cut off"):
        box.look_at(GOOD[:-20])
    assert box.look_at(GOOD) == first
    assert box.pid == pid


def test_another_process_takes_its_place_after_some_pictures() -> None:
    """What a picture leaves behind in a decoder, a leak or worse, ends with that process."""
    box = Sandbox(pictures=2)
    seen = []
    for _ in range(4):
        assert box.look_at(GOOD).width == 64
        seen.append(box.pid)
    box.close()

    assert seen[0] == seen[1] != seen[2] == seen[3]


def test_a_picture_that_takes_for_ever_is_refused(box: Sandbox, endless: bytes) -> None:
    """Four thousand scans of nothing are a quarter of a megabyte, and four minutes."""
    began = time.monotonic()
    with pytest.raises(NotAPicture, match="takes too long"):
        box.look_at(endless)

    assert time.monotonic() - began < 30
    assert box.look_at(GOOD).width == 64


def test_a_decoder_that_sleeps_is_not_waited_for(endless: bytes) -> None:
    """Time on a processor is not the only time; on some systems it has no limit at all."""
    box = Sandbox(wall=0.5)
    with pytest.raises(NotAPicture, match="takes too long"):
        box.look_at(endless)
    box.close()


def test_a_picture_that_fills_the_memory_is_refused() -> None:
    """Forty megapixels in colour are more than this sandbox has; the next one may be ours."""
    box = Sandbox(memory=120_000_000)
    file = io.BytesIO()
    Image.new("RGBA", (7900, 5000)).save(file, "PNG", compress_level=1)

    with pytest.raises(NotAPicture, match=r"MemoryError|crashed"):
        box.look_at(file.getvalue())
    assert box.look_at(GOOD).width == 64
    box.close()


def _kill(box: Sandbox, times: int) -> threading.Thread:
    """Kill the process that looks, as soon as it looks, so many times."""

    def work() -> None:
        dead: set[int | None] = {None}
        while len(dead) <= times:
            if (pid := box.pid) not in dead:
                # It has taken the picture once it uses a processor.
                time.sleep(0.4)
                os.kill(pid or 0, signal.SIGKILL)
                dead.add(pid)
            time.sleep(0.01)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_decoder_that_crashes_takes_nobody_with_it(endless: bytes) -> None:
    """A heap overflow ends a process; it must not be the one that holds the keys."""
    box = Sandbox(seconds=60)
    killer = _kill(box, 2)

    with pytest.raises(NotAPicture, match="crashed"):
        box.look_at(endless)

    killer.join()
    assert box.look_at(GOOD).width == 64
    box.close()


def test_a_crash_that_was_not_the_picture_s_costs_no_picture(box: Sandbox) -> None:
    """The system ends processes when memory is short; what was paid for is looked at again."""
    box.look_at(GOOD)
    first = box.pid
    os.kill(first or 0, signal.SIGKILL)

    assert box.look_at(GOOD).width == 64
    assert box.pid != first


def test_after_a_fork_each_process_has_its_own(box: Sandbox) -> None:
    """Two that read one pipe would each take the other's answer."""
    box.look_at(GOOD)
    child = os.fork()
    if not child:
        ours = box.look_at(picture(32, 32))
        box.close()
        os._exit(0 if ours.width == 32 else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert box.look_at(GOOD).width == 64


def test_the_decoder_has_no_secret_to_lose(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes it over finds an empty environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    box.look_at(GOOD)

    assert Path(f"/proc/{box.pid}/environ").read_bytes() == b""


def test_what_it_cost_is_written_down(
    office: Any, box: Sandbox, endless: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hostile picture is waste that was billed, and the campaign goes on."""
    monkeypatch.setattr(sandbox, "_OURS", box)
    answers = [endless, picture(1024, 1024)]

    def answer(_asked: object) -> Told:
        image = base64.b64encode(answers.pop(0)).decode()
        return Told(200, {"image": image, "finish_reason": "SUCCESS", "seed": 1})

    with Loopback(answer) as server:
        told = ProviderSettings(
            stability_api_key=SecretStr("sk-test"), stability_base_url=server.url
        )
        drawer = registry.image_provider("stability", told)
        request = ImageRequest(prompt="A cup", width=1024, height=1024, model="stable-image-ultra")
        job = {"campaign": "spring", "run": "r1", "asset": "c1"}
        with pytest.raises(errors.BadOutput, match="takes too long"):
            office.runner().draw(drawer, request, **job)
        assert not office.runner().draw(drawer, request, **job).replayed

    assert office.rows() == [(State.SETTLED, True, "bad_output"), (State.SETTLED, False, None)]
    assert len(server.asked) == 2
