"""Many orders, composed on all cores, each yielded as soon as it is done."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from composition.composer import Composer
from composition.order import Composed, Look, Order
from composition.pool import Pool
from composition.recipe import Recipes, recipe
from composition.worker import Task, finish
from creative.brand import Colours

__all__ = ["Composed", "Engine", "Look", "Order", "check_shaping", "recipe"]

_SMALLEST_BATCH = 12
"""A batch shares a backdrop; a smaller one would be made for too few."""


def check_shaping(look: Look | None = None) -> None:
    """Prove that complex scripts come out right here, in a brand's fonts or in those we ship.

    Raises:
        ShapingUnavailable: They do not; the message names the package.

    """
    if look is None:
        look = Look(colours=Colours(primary="#000000", background="#FFFFFF"), brand_name="-")
    Composer(look).check_shaping()


class Engine:
    """Composes the orders of one brand. Use it in a ``with`` block: it may hold processes.

    Processes stay between calls, so that a brief composed market by market decodes each key
    visual only once in each.
    """

    def __init__(self, look: Look, *, workers: int | None = None) -> None:
        """Check the look.

        Args:
            look: The brand's appearance.
            workers: Processes; 1 composes in this one, None takes a process a core.

        Raises:
            FontRefused: A family is not shipped and not one of the brand's files.
            LogoRefused: The logo cannot be opened.

        """
        self._look = look
        self._composer = Composer(look)
        self._count = workers or len(os.sched_getaffinity(0))
        self._pool = Pool(look, self._count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        self._pool.close()

    def compose(self, orders: Iterable[Order], out: Path) -> Iterator[Composed]:
        """Compose orders, each into a file in a folder, and yield them as they are done.

        Args:
            orders: In any order; the same bytes come out whatever their order.
            out: An existing folder; files are named by their sha256.

        Raises:
            CompositionError: An order cannot be made. What was yielded before is good.
            WorkerDied: A process ended; the error names the order that it worked on.

        """
        recipes = Recipes(self._look)
        tasks = [Task(order=one, recipe=recipes.of(one), out=out) for one in orders]
        batches = _batches(tasks, self._count)
        if self._count == 1 or len(batches) < 2:
            for batch in batches:
                for task in batch:
                    yield finish(self._composer, task)
            return
        yield from self._pool.run(batches)


def _batches(tasks: Iterable[Task], count: int) -> list[list[Task]]:
    """Group tasks by what they share, the largest work first, cut so that every core has some."""
    groups: dict[tuple[object, ...], list[Task]] = {}
    for task in tasks:
        order = task.order
        key = (order.key_visual_sha256, order.focus, order.placement.id)
        groups.setdefault(key, []).append(task)
    total = sum(len(group) for group in groups.values())
    most = max(_SMALLEST_BATCH, -(-total // (2 * count)))
    batches = [
        group[start : start + most]
        for group in groups.values()
        for start in range(0, len(group), most)
    ]
    return sorted(batches, key=lambda batch: -len(batch) * _pixels(batch[0]))


def _pixels(task: Task) -> int:
    return task.order.placement.width * task.order.placement.height
