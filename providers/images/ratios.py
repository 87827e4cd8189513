"""Which of a vendor's named ratios a size has, for vendors that are not told pixels."""

import math


def ratio(width: int, height: int, names: tuple[str, ...]) -> str:
    """Return the name that is nearest to a size.

    It rounds no size: the size is one of the model's own, whose pixels are not quite their
    name, such as 1376x768 for 16:9.

    Args:
        width: In pixels.
        height: In pixels.
        names: Each as ``16:9``.

    >>> ratio(1376, 768, ("1:1", "3:2", "16:9", "21:9"))
    '16:9'
    """

    def apart(name: str) -> float:
        across, down = map(int, name.split(":"))
        return abs(math.log(width * down / (height * across)))

    return min(names, key=apart)
