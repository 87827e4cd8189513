"""Charts as inline SVG: no script, no picture file, readable at any width and on paper.

Lengths are percentages and letters are not, so a chart narrows with its column while its words
keep their size. Colours are classes that the page's style sheet fills in, for light and for dark.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

ROW = 40
"""The height of one named bar, in pixels."""
_LETTERS = 44
"""How many letters a bar's name and figure have together; the table has the whole name."""


class Bar(NamedTuple):
    """One bar with its words."""

    name: str
    value: Decimal
    """Its length, in the unit of the whole chart. Below 0 it is drawn as nothing."""
    text: str
    """The figure, as people read it."""


class Part(NamedTuple):
    """One part of a whole."""

    name: str
    value: Decimal
    tone: str
    """A class of the style sheet: ``making`` or ``working``."""


def columns(bars: Sequence[Bar], beside: int) -> list[Sequence[Bar]]:
    """Split bars into charts of nearly equal height, to be read down and then across.

    >>> [len(part) for part in columns([Bar("", Decimal(1), "")] * 44, 3)]
    [15, 15, 14]
    """
    height = -(-len(bars) // beside) or 1
    return [bars[start : start + height] for start in range(0, len(bars), height)]


def bar_chart(title: str, bars: Sequence[Bar], most: Decimal, tone: str) -> Markup:
    """Draw named horizontal bars on a common scale.

    Args:
        title: What is shown, for those who do not see it.
        bars: In the order from the top.
        most: The value of a bar as wide as the chart; charts side by side share it.
        tone: The class of the bars.

    """
    drawn = Markup().join(
        Markup(
            '<text class="name" x="0" y="{y}">{name}</text>'
            '<text class="value" x="100%" y="{y}" text-anchor="end">{text}</text>'
            '<rect class="rail" x="0" y="{top}" width="100%" height="8" rx="2"/>'
            '<rect class="{tone}" x="0" y="{top}" width="{width}%" height="8" rx="2"/>'
        ).format(
            y=row * ROW + 15,
            top=row * ROW + 22,
            name=_short(bar),
            text=bar.text,
            tone=tone,
            width=_length(bar.value, most),
        )
        for row, bar in enumerate(bars)
    )
    return _svg(title, len(bars) * ROW - 8, drawn)


def split_bar(title: str, parts: Sequence[Part], height: int) -> Markup:
    """Draw the parts of a whole as one bar.

    A part that is there but too thin to be seen is drawn a hair's breadth wide: nothing is the
    only thing that looks like nothing.
    """
    whole = sum((part.value for part in parts), Decimal(0))
    drawn, left = [], Decimal(0)
    for part in parts:
        width = _percent(part.value, whole)
        drawn.append(
            Markup('<rect class="{}" x="{}%" y="0" width="{}%" height="{}"/>').format(
                part.tone, left, width, height
            )
        )
        if part.value > 0 and left:
            drawn.append(
                Markup('<rect class="{}" x="{}%" y="0" width="3" height="{}"/>').format(
                    part.tone, min(left, Decimal("99.6")), height
                )
            )
        left += width
    return _svg(title, height, Markup().join([_rail(height), *drawn]))


def meter(title: str, used: Decimal | None, tone: str) -> Markup:
    """Draw how much of a budget is used, in percent; over 100 the bar is full and marked."""
    width = _length(used or Decimal(0), Decimal(100))
    over = Markup('<rect class="over" x="97%" y="0" width="3%" height="16"/>')
    drawn = [
        _rail(16),
        Markup('<rect class="{}" x="0" y="0" width="{}%" height="16" rx="2"/>').format(tone, width),
        over if used is not None and used > 100 else Markup(),
    ]
    return _svg(title, 16, Markup().join(drawn))


def plan_chart(title: str, rows: Sequence[tuple[Bar, Decimal | None]], tone: str) -> Markup:
    """Draw shares in percent, each with a tick where the plan put it."""
    drawn = Markup().join(
        Markup(
            '<text class="name" x="0" y="{y}">{name}</text>'
            '<text class="value" x="100%" y="{y}" text-anchor="end">{text}</text>'
            '<rect class="rail" x="0" y="{top}" width="100%" height="12" rx="2"/>'
            '<rect class="{tone}" x="0" y="{top}" width="{width}%" height="12" rx="2"/>{tick}'
        ).format(
            y=row * 48 + 15,
            top=row * 48 + 24,
            name=_short(bar),
            text=bar.text,
            tone=tone,
            width=_length(bar.value, Decimal(100)),
            tick=_tick(planned, row * 48 + 20),
        )
        for row, (bar, planned) in enumerate(rows)
    )
    return _svg(title, len(rows) * 48 - 6, drawn)


def _tick(planned: Decimal | None, top: int) -> Markup:
    if planned is None:
        return Markup()
    return Markup('<rect class="tick" x="{}%" y="{}" width="2" height="20"/>').format(
        min(_percent(planned, Decimal(100)), Decimal("99.5")), top
    )


def _rail(height: int) -> Markup:
    return Markup('<rect class="rail" x="0" y="0" width="100%" height="{}" rx="2"/>').format(height)


def _svg(title: str, height: int, drawn: Markup) -> Markup:
    return Markup(
        '<svg role="img" aria-label="{title}" width="100%" height="{height}"'
        ' xmlns="http://www.w3.org/2000/svg"><title>{title}</title>{drawn}</svg>'
    ).format(title=title, height=max(height, 1), drawn=drawn)


def _percent(value: Decimal, whole: Decimal) -> Decimal:
    if whole <= 0 or value <= 0:
        return Decimal(0)
    return min(value / whole * 100, Decimal(100)).quantize(Decimal("0.001"))


def _length(value: Decimal, whole: Decimal) -> Decimal:
    """Return a percentage that can be seen: only nothing looks like nothing."""
    return max(_percent(value, whole), Decimal("0.7")) if value > 0 else Decimal(0)


def _short(bar: Bar) -> str:
    room = _LETTERS - len(bar.text)
    return bar.name if len(bar.name) <= room else f"{bar.name[: max(room, 8) - 1].rstrip()}…"
