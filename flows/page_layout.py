"""Where the parts of a rendition stand, for who looks at it; worked out anew, not kept."""

from collections.abc import Iterable
from threading import Lock

from composition.composer import Composer
from composition.errors import CompositionError
from composition.fonts import Role
from composition.order import Look, Order
from composition.plan import Placed, Plan
from composition.recipe import recipe
from creative.placement import Box
from review.page.house import Area

_NAMES = {
    Role.HEADLINE: "headline",
    Role.BODY: "body",
    Role.CTA: "call to action",
    Role.NOTICE: "notice",
    Role.WORDMARK: "logo",
}
MOST = 8
"""How many brands are kept open."""


class Layouts:
    """Lays renditions out again, a few brands at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._composers: dict[str, Composer] = {}

    def areas(self, order: Order, look: Look, made_by: str) -> tuple[Area, ...]:
        """Return where each part of a rendition stands, in its pixels.

        Args:
            order: As it would be ordered now.
            look: The brand's, as it is now.
            made_by: The recipe that the rendition was made by.

        Returns:
            The parts; none where anything that decides about them has changed since it was made.

        """
        if recipe(order, look) != made_by:
            return ()
        # A composer is for one thread at a time, and takes a hundredth of a second.
        with self._lock:
            try:
                plan = self._composer(look).plan(order)
            except CompositionError:
                return ()
        return tuple(_areas(plan))

    def _composer(self, look: Look) -> Composer:
        key = look.model_dump_json()
        if key not in self._composers:
            if len(self._composers) >= MOST:
                self._composers.clear()
            self._composers[key] = Composer(look)
        return self._composers[key]


def _areas(plan: Plan) -> Iterable[Area]:
    if plan.picture:
        yield area("picture", plan.picture)
    for text in plan.texts:
        # The call's shape is what people see of it, and the logo's box is given below.
        if text.role not in (Role.CTA, Role.WORDMARK):
            yield area(_NAMES[text.role], _around(text))
    if plan.pill:
        yield area(_NAMES[Role.CTA], plan.pill)
    if plan.logo:
        yield area(_NAMES[Role.WORDMARK], plan.logo)


def area(name: str, box: Box) -> Area:
    """Return a box by a name that people understand."""
    return Area(name=name, left=box.left, top=box.top, right=box.right, bottom=box.bottom)


def _around(text: Placed) -> Box:
    inks = [line.ink for line in text.lines]
    return Box(
        left=min(one.left for one in inks),
        top=min(one.top for one in inks),
        right=max(one.right for one in inks),
        bottom=max(one.bottom for one in inks),
    )
