"""What lies behind the words: made once for all locales that share it, and kept meanwhile."""

from collections import OrderedDict
from dataclasses import dataclass

from PIL import Image

from composition import render
from composition.colour import Palette
from composition.encode import flat, start_quality
from composition.frame import Anchor, Family, Frame
from composition.order import Order
from composition.picture import cut, open_key_visual, scale, scaled_size
from composition.plan import Plan
from creative.placement import Box

_MEMORY = 72_000_000
"""The most bytes of backdrops that are kept."""
_MOST_SCALES = 3
CLOSER = (1.0, 1.2, 1.4, 1.1, 1.3)
"""How much more closely than it must be a picture is cut, by the number of the layout."""


@dataclass(slots=True)
class Backdrop:
    """A frame with everything but words, call and logo."""

    image: Image.Image
    """To be copied, never painted on."""
    flat: bool
    """Whether it has few enough colours for a PNG."""
    enlarged: float
    """How much larger than in its file the picture is shown."""
    _starts: dict[tuple[int, int], int]

    def start_quality(self, cap: int, xmp_bytes: int) -> int:
        """Return where the search for a quality begins under a cap."""
        key = (cap, xmp_bytes)
        if key not in self._starts:
            self._starts[key] = start_quality(self.image, cap, xmp_bytes)
        return self._starts[key]


class Backdrops:
    """The backdrops of one brand."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._master: tuple[str, Image.Image] | None = None
        self._whole: OrderedDict[tuple[object, ...], Image.Image] = OrderedDict()
        self._kept: OrderedDict[tuple[object, ...], Backdrop] = OrderedDict()

    def get(self, order: Order, plan: Plan) -> Backdrop:
        """Return the backdrop of an order, painted now or before.

        Raises:
            KeyVisualRefused: The key visual cannot be opened.

        """
        box = render.picture_box(plan)
        turned = order.locale.direction == "rtl"
        frame = plan.frame
        key = (order.key_visual_sha256, order.focus, frame, turned, box, order.layout)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._make(order, plan.frame, box, turned=turned)
        self._kept[key] = made
        while len(self._kept) > 1 and sum(map(_bytes, self._kept.values())) > _MEMORY:
            self._kept.popitem(last=False)
        return made

    def _make(self, order: Order, frame: Frame, box: Box | None, *, turned: bool) -> Backdrop:
        if box is None:
            image = render.plain(frame, self._palette)
            return Backdrop(image, flat=True, enlarged=1.0, _starts={})
        master = self._open(order)
        size = (box.width, box.height)
        across, down = scaled_size(master, size)
        closer = CLOSER[order.layout % len(CLOSER)]
        whole = self._scaled(order, master, (round(across * closer), round(down * closer)))
        picture = cut(whole, size, order.focus, _aim(frame, box, turned=turned))
        image = render.backdrop(frame, picture, box, self._palette, turned=turned)
        return Backdrop(image, flat=flat(picture), enlarged=whole.width / master.width, _starts={})

    def _scaled(self, order: Order, master: Image.Image, size: tuple[int, int]) -> Image.Image:
        # The frames of one placement show more or less of a picture, seldom at another scale.
        key = (order.key_visual_sha256, size)
        if key not in self._whole:
            while len(self._whole) >= _MOST_SCALES:
                self._whole.popitem(last=False)
            self._whole[key] = scale(master, size)
        return self._whole[key]

    def _open(self, order: Order) -> Image.Image:
        if self._master is None or self._master[0] != order.key_visual_sha256:
            self._master = None  # free the last one before the next is decoded
            picture = open_key_visual(order.key_visual, order.key_visual_sha256)
            self._master = (order.key_visual_sha256, picture)
        return self._master[1]


def _aim(frame: Frame, box: Box, *, turned: bool) -> tuple[float, float]:
    """Return where in its box the picture's focal point should come to stand."""
    if frame.family is Family.STORY:
        # In the middle of what neither the fade nor the platform covers.
        faded = render.UNDER_WORDS * 1.8 * frame.height
        if frame.anchor is Anchor.BOTTOM:
            top = frame.safe.top * 0.6
            return 0.5, (top + (box.height - faded - top) * 0.5) / box.height
        end = min(frame.safe.bottom + 0.1 * frame.height, frame.height) - box.top
        return 0.5, min((faded + end) / 2 / box.height, 0.6)
    if frame.family is Family.CINEMA:
        return (0.36 if turned else 0.64), 0.48
    return 0.5, 0.48


def _bytes(backdrop: Backdrop) -> int:
    return backdrop.image.width * backdrop.image.height * 4
