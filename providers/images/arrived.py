"""A picture held against what was asked for: before it is sent for, and when it has come."""

import base64
import binascii

from cost_tracking.usage import Usage
from creative.concept import SourceType
from providers.errors import BadOutput, Charged, Trace, Unsupported
from providers.images.base import ImageAnswer, ImageCapabilities, ImageRequest
from providers.images.picture import NotAPicture
from providers.images.sandbox import look_at


def suited(provider: str, able: ImageCapabilities, request: ImageRequest) -> None:
    """Refuse what a model cannot draw, before anything is sent.

    Raises:
        Unsupported: The message says what it lacks.

    """
    lack = able.lack(request)
    if lack:
        raise Unsupported(provider, f"{request.model}: {lack}", Trace(model=request.model))


def arrived(
    provider: str, request: ImageRequest, content: bytes | str, usage: Usage, trace: Trace
) -> ImageAnswer:
    """Return the answer that these bytes make.

    Args:
        provider: Who sent them.
        request: What was asked for.
        content: A picture's bytes, or its base64; text that is empty is no picture.
        usage: What it consumed.
        trace: What is known of the answer, with that usage.

    Raises:
        BadOutput: It is no whole picture, or of another size. It was drawn, and is paid for.

    """
    try:
        found = base64_bytes(content) if isinstance(content, str) else content
        picture = look_at(found)
    except NotAPicture as error:
        said = f"no picture: {error}"
        raise BadOutput(provider, said, trace, charged=Charged.YES) from None
    if (picture.width, picture.height) != (request.width, request.height):
        drew = f"{picture.width}x{picture.height}"
        raise BadOutput(
            provider,
            f"drew {drew}, asked for {request.width}x{request.height}",
            trace,
            charged=Charged.YES,
        )
    return ImageAnswer(
        content=found,
        width=picture.width,
        height=picture.height,
        format=picture.format,
        usage=usage,
        source_type=SourceType.TRAINED,
        placeholder=False,
    )


def base64_bytes(text: str) -> bytes:
    """Return what base64 holds.

    Raises:
        NotAPicture: Nothing, or it is damaged.

    """
    if not text:
        raise NotAPicture("the answer holds no base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotAPicture("its base64 is damaged") from None
