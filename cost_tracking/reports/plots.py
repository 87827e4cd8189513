"""Charts over months, and from one sum to another: columns, lines with a band, a waterfall.

Like ``charts``, they are inline SVG whose words keep their size. A curve cannot be given in
percent, so curves stand in a drawing of their own that is stretched to the width, with strokes
that are not; points and words stand on top of it, in percent.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

HEIGHT = 220
"""The height of the drawn field, in pixels."""
_TOP = 18
_FOOT = 40
_WIDE = 1000
"""The width of the stretched drawing, in its own units."""
_STEP = 46
"""The height of one step of a waterfall, in pixels."""


class Stack(NamedTuple):
    """One column, from the foot up."""

    name: str
    """A line break in it begins a second row."""
    parts: tuple[Decimal, ...]
    """One for each tone; below 0 it is drawn as nothing, and the table has it."""


class Curve(NamedTuple):
    """One line over all columns."""

    name: str
    values: tuple[Decimal | None, ...]
    """None where there is no figure; the line breaks there."""
    tone: str
    """A class of the style sheet."""
    band: tuple[tuple[Decimal, Decimal] | None, ...] = ()
    """The lowest and the highest that each value can still become."""


class Step(NamedTuple):
    """One step of a waterfall."""

    name: str
    start: Decimal
    end: Decimal
    text: str
    """The figure, as people read it."""
    tone: str


def stacked(
    title: str, told: str, stacks: Sequence[Stack], tones: Sequence[str], unit: str
) -> Markup:
    """Draw columns of stacked parts.

    Args:
        title: What is shown.
        told: What is to be seen in it, in a sentence, for those who do not see it.
        stacks: From the left.
        tones: The class of each part, from the foot.
        unit: Of the scale.

    """
    sums = [sum((max(part, Decimal(0)) for part in one.parts), Decimal(0)) for one in stacks]
    top = _ceiling(max(sums, default=Decimal(0)))
    slot = Decimal(100) / max(len(stacks), 1)
    drawn = [_grid()]
    for place, one in enumerate(stacks):
        foot = Decimal(0)
        for part, tone in zip(one.parts, tones, strict=True):
            if part <= 0:
                continue
            height = max(_rise(part, top), Decimal(2))
            drawn.append(
                Markup('<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>').format(
                    tone,
                    _cut(slot * place + slot * Decimal("0.14")),
                    _cut(_TOP + HEIGHT - foot - height),
                    _cut(slot * Decimal("0.72")),
                    _cut(height),
                )
            )
            foot += height + 1
    names = _names([one.name for one in stacks])
    return _field(title, told, [*drawn, _scale(top, unit), *names])


def lines(
    title: str, told: str, names: Sequence[str], curves: Sequence[Curve], unit: str
) -> Markup:
    """Draw curves on a common scale that begins at 0, each with what it can still become.

    Args:
        title: What is shown.
        told: What is to be seen in it, in a sentence.
        names: Of the columns, from the left.
        curves: Each with one value for each name.
        unit: Of the scale.

    """
    known = [value for one in curves for value in one.values if value is not None]
    known += [edge for one in curves for pair in one.band if pair for edge in pair]
    top = _ceiling(max(known, default=Decimal(0)))
    drawn = [_grid()]
    stretched = [part for one in curves for part in _curve(one, top)]
    drawn.append(
        Markup(
            '<svg x="0" y="{}" width="100%" height="{}" viewBox="0 0 {} {}"'
            ' preserveAspectRatio="none">{}</svg>'
        ).format(_TOP, HEIGHT, _WIDE, HEIGHT, Markup().join(stretched))
    )
    for one in curves:
        drawn += [
            Markup('<circle class="{}" cx="{}%" cy="{}" r="3.5"/>').format(
                one.tone,
                _cut(_across(place, len(names)) / 10),
                _cut(_TOP + HEIGHT - _rise(value, top)),
            )
            for place, value in enumerate(one.values)
            if value is not None
        ]
    return _field(title, told, [*drawn, _scale(top, unit), *_names(names)])


def waterfall(title: str, told: str, steps: Sequence[Step]) -> Markup:
    """Draw how one sum becomes another, a step a row, read from the top.

    Args:
        title: What is shown.
        told: What is to be seen in it, in a sentence.
        steps: Each begins where the one before ended, save a sum, which begins at 0.

    """
    edges = [edge for one in steps for edge in (one.start, one.end)]
    low, high = min([*edges, Decimal(0)]), max([*edges, Decimal(0)])
    span = high - low or Decimal(1)
    drawn = []
    for row, one in enumerate(steps):
        left, right = sorted((one.start, one.end))
        width = (right - left) / span * 100
        drawn.append(
            Markup(
                '<text class="name" x="0" y="{y}">{name}</text>'
                '<text class="value" x="100%" y="{y}" text-anchor="end">{text}</text>'
                '<rect class="rail" x="0" y="{top}" width="100%" height="14" rx="2"/>'
                '<rect class="{tone}" x="{left}%" y="{top}" width="{width}%" height="14" rx="2"/>'
            ).format(
                y=row * _STEP + 15,
                top=row * _STEP + 22,
                name=one.name,
                text=one.text,
                tone=one.tone,
                left=_cut(min((left - low) / span * 100, Decimal("99.3"))),
                width=_cut(max(width, Decimal("0.7")) if right > left else Decimal(0)),
            )
        )
    return _drawing(title, told, len(steps) * _STEP - 8, drawn)


def _curve(one: Curve, top: Decimal) -> list[Markup]:
    many = len(one.values)
    parts = []
    for run in _runs([pair is not None for pair in one.band]):
        pairs = [(place, pair) for place in run if (pair := one.band[place])]
        edge = [(place, high) for place, (_, high) in pairs]
        edge += [(place, low) for place, (low, _) in reversed(pairs)]
        points = " ".join(_point(place, value, top, many) for place, value in edge)
        parts.append(Markup('<polygon class="band {}" points="{}"/>').format(one.tone, points))
    for run in _runs([value is not None for value in one.values]):
        values = [(place, value) for place in run if (value := one.values[place]) is not None]
        points = " ".join(_point(place, value, top, many) for place, value in values)
        parts.append(Markup('<polyline class="curve {}" points="{}"/>').format(one.tone, points))
    return parts


def _runs(there: Sequence[bool]) -> list[list[int]]:
    """Return the places that follow each other without a gap.

    >>> _runs([True, False, True, True])
    [[0], [2, 3]]
    """
    runs: list[list[int]] = []
    for place, here in enumerate(there):
        if here and place and there[place - 1]:
            runs[-1].append(place)
        elif here:
            runs.append([place])
    return runs


def _point(place: int, value: Decimal, top: Decimal, many: int) -> str:
    return f"{_cut(_across(place, many))},{_cut(HEIGHT - _rise(value, top))}"


def _across(place: int, many: int) -> Decimal:
    """Return the middle of a column, in units of the stretched drawing."""
    return Decimal(_WIDE) / many * (Decimal(place) + Decimal("0.5"))


def _rise(value: Decimal, top: Decimal) -> Decimal:
    return max(value, Decimal(0)) / top * HEIGHT


def _ceiling(most: Decimal) -> Decimal:
    """Return the round number at which a scale ends.

    >>> [str(_ceiling(Decimal(one))) for one in ("0", "7", "31", "0.0042", "1200000")]
    ['1', '8', '40', '0.006', '2000000']
    """
    if most <= 0:
        return Decimal(1)
    unit = Decimal(1).scaleb(most.adjusted())
    whole = next(whole for whole in (1, 2, 4, 6, 8, 10) if most <= unit * whole)
    return Decimal(f"{(unit * whole).normalize():f}")


def short(value: Decimal) -> str:
    """Write a figure of a scale with few letters.

    >>> short(Decimal(2000000)), short(Decimal(1500)), short(Decimal("0.006")), short(Decimal(40))
    ('2M', '1.5k', '0.006', '40')
    """
    for size, letter in ((10**9, "bn"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{_plain(value / size)}{letter}"
    return _plain(value)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grid() -> Markup:
    return Markup().join(
        Markup('<rect class="grid" x="0" y="{}" width="100%" height="1"/>').format(_level(part))
        for part in (0, 1, 2)
    )


def _scale(top: Decimal, unit: str) -> Markup:
    """Return the figures of the grid, to be drawn over what may run through them."""
    texts = ((1, short(top / 2)), (2, f"{short(top)} {unit}" if unit else short(top)))
    return Markup().join(
        Markup('<text class="scale" x="0" y="{}">{}</text>').format(_level(part) - 5, text)
        for part, text in texts
    )


def _level(part: int) -> int:
    return _TOP + HEIGHT - HEIGHT * part // 2


def _names(names: Sequence[str]) -> list[Markup]:
    # On a phone every second name is left out; the class says which may be.
    return [
        Markup('<text class="tick-name{}" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
            " spare" if place % 2 and len(names) > 7 and "\n" not in name else "",
            # A name at the edge may be wider than its column.
            _cut(_across(place, len(names)) / 10) if place else 0,
            _TOP + HEIGHT + 19 + 14 * row,
            "middle" if place else "start",
            line,
        )
        for place, name in enumerate(names)
        for row, line in enumerate(name.split("\n"))
    ]


def _field(title: str, told: str, drawn: Sequence[Markup]) -> Markup:
    return _drawing(title, told, _TOP + HEIGHT + _FOOT, drawn)


def _drawing(title: str, told: str, height: int, drawn: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg role="img" aria-label="{title}" width="100%" height="{height}"'
        ' xmlns="http://www.w3.org/2000/svg"><title>{title}</title><desc>{told}</desc>{drawn}</svg>'
    ).format(title=title, told=told, height=max(height, 1), drawn=Markup().join(drawn))


def _cut(value: Decimal) -> str:
    return _plain(Decimal(value).quantize(Decimal("0.01")))
