"""Outlines: each function returns a closed polygon, or a list of them, in pixels."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Polygon: TypeAlias = Sequence[Point]
Curve: TypeAlias = Callable[[float], float]


def ellipse(centre: Point, across: float, down: float | None = None, turn: float = 0.0) -> Polygon:
    """Return an ellipse of two radii, turned clockwise by radians; one radius gives a circle."""
    down = across if down is None else down
    count = max(72, min(240, int(max(across, down))))
    steps = (2 * math.pi * step / count for step in range(count))
    return turned([(across * math.cos(a), down * math.sin(a)) for a in steps], turn, centre)


def sector(centre: Point, radius: float, start: float, end: float, hole: float = 0.0) -> Polygon:
    """Return a slice of a disc, or of a ring, between two angles in radians (clockwise, 0 = east).

    ``hole`` is the inner radius in pixels; 0 brings the slice to its centre.
    """
    count = max(16, min(160, int(radius * abs(end - start) / 3)))
    angles = [start + (end - start) * step / count for step in range(count + 1)]
    outer = [_on(centre, radius, angle) for angle in angles]
    inner = [_on(centre, hole, angle) for angle in reversed(angles)] if hole else [centre]
    return [*outer, *inner]


def _on(centre: Point, radius: float, angle: float) -> Point:
    return centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def slab(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Polygon:
    """Return a rectangle with rounded corners of a radius in pixels."""
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    if radius <= 0:
        return [(left, top), (right, top), (right, bottom), (left, bottom)]
    corners = (
        ((right - radius, top + radius), -math.pi / 2),
        ((right - radius, bottom - radius), 0.0),
        ((left + radius, bottom - radius), math.pi / 2),
        ((left + radius, top + radius), math.pi),
    )
    return [
        _on(centre, radius, start + math.pi / 2 * step / 14)
        for centre, start in corners
        for step in range(15)
    ]


def arch(centre: float, top: float, bottom: float, half: float) -> Polygon:
    """Return a round-headed arch: its middle, the crown, the foot and half its width."""
    head = sector((centre, top + half), half, math.pi, 2 * math.pi, hole=0.0)[:-1]
    return [(centre - half, bottom), *head, (centre + half, bottom)]


def turned(points: Polygon, turn: float, centre: Point, scale: float = 1.0) -> Polygon:
    """Turn points about the origin by radians, scale them, and move the origin to a centre."""
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    return [(centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos) for x, y in points]


def moved(polygons: Sequence[Polygon], right: float, down: float) -> list[Polygon]:
    """Move polygons by pixels."""
    return [[(x + right, y + down) for x, y in polygon] for polygon in polygons]


def below(curve: Curve, width: float, bottom: float, steps: int = 160) -> Polygon:
    """Return the area under a curve of x, from the left edge to the right, down to a bottom."""
    edge = [(width * step / steps, curve(width * step / steps)) for step in range(-8, steps + 9)]
    return [*edge, (edge[-1][0], bottom), (edge[0][0], bottom)]


def band(upper: Polygon, lower: Polygon) -> Polygon:
    """Return the area between two open lines that run the same way."""
    return [*upper, *reversed(lower)]


def stroke(line: Polygon, half: Curve) -> Polygon:
    """Return an open line as an area; ``half`` gives half its width at a share from 0 to 1."""
    left, right = [], []
    last = len(line) - 1
    for at, (x, y) in enumerate(line):
        before, after = line[max(0, at - 1)], line[min(last, at + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        wide = half(at / last)
        left.append((x - dy / length * wide, y + dx / length * wide))
        right.append((x + dy / length * wide, y - dx / length * wide))
    return band(left, right)


def smooth(points: Polygon, steps: int = 12) -> list[Point]:
    """Return an open Catmull-Rom curve through points, ``steps`` to a span."""
    padded = [points[0], *points, points[-1]]
    line: list[Point] = []
    for p, q, r, s in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        line.extend(_spline(p, q, r, s, step / steps) for step in range(steps))
    return [*line, points[-1]]


def _spline(p: Point, q: Point, r: Point, s: Point, t: float) -> Point:
    def along(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )

    return along(p[0], q[0], r[0], s[0]), along(p[1], q[1], r[1], s[1])
