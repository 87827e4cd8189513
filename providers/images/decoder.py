"""A stranger's pictures are read here, in a process of its own that has nothing to lose.

It is started by ``providers.images.sandbox``, with no key, no environment and little room: what a
hostile picture can do to a decoder, it does to this process. It reads a length and so many bytes,
and answers one line of JSON for each picture, until its input ends.
"""

import contextlib
import json
import struct
import sys
from typing import BinaryIO

from providers.images.picture import NotAPicture, look_at

LENGTH = struct.Struct(">Q")


def limit(memory: int) -> None:
    """Give up what a decoder does not need: room, files, a core dump."""
    # Where there are no such limits, the other process still ends us when we take too long.
    with contextlib.suppress(ImportError):
        import resource

        for what, most in (
            (resource.RLIMIT_AS, memory),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))


def time_left(seconds: int) -> None:
    """Let the system end us when so much more time of a processor is used."""
    with contextlib.suppress(ImportError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + 1 + seconds
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def answer(content: bytes) -> dict[str, object]:
    """Return what a picture is, or why it is none."""
    try:
        picture = look_at(content)
    except NotAPicture as error:
        return {"not": str(error)}
    return {"width": picture.width, "height": picture.height, "format": picture.format}


def serve(asked: BinaryIO, told: BinaryIO, seconds: int) -> None:
    """Answer until nothing more is asked."""
    while len(head := asked.read(LENGTH.size)) == LENGTH.size:
        time_left(seconds)
        (length,) = LENGTH.unpack(head)
        said = answer(asked.read(length))
        told.write(json.dumps(said).encode() + b"\n")
        told.flush()


def main(seconds: int, memory: int) -> None:
    """Serve on the standard streams."""
    # Pillow would import all its forty formats to find the last one of these by itself.
    import PIL.JpegImagePlugin
    import PIL.PngImagePlugin
    import PIL.WebPImagePlugin  # noqa: F401 - each registers itself

    limit(memory)
    serve(sys.stdin.buffer, sys.stdout.buffer, seconds)
