"""Outlines as plain numbers: a start point and segments of 2 (line), 4 (quadratic) or 6 (cubic) numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

Segment = tuple[float, ...]
_LETTER = {2: "L", 4: "Q", 6: "C"}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _pairs(values: Sequence[float]) -> str:
    return " ".join(f"{values[i]:.1f},{values[i + 1]:.1f}" for i in range(0, len(values), 2))


def trace(*segments: Segment, closed: bool = False) -> str:
    """Write a path: the first segment is the start point."""
    body = "".join(f"{_LETTER[len(s)]}{_pairs(s)}" for s in segments[1:])
    return f"M{_pairs(segments[0])}{body}{'Z' if closed else ''}"


def shape(*segments: Segment) -> str:
    """Write a closed path."""
    return trace(*segments, closed=True)


def mirror(segments: Iterable[Segment]) -> list[Segment]:
    """Flip segments to the other side of the vertical axis x = 0."""
    return [tuple(-v if i % 2 == 0 else v for i, v in enumerate(s)) for s in segments]


def side(segments: Sequence[Segment], sign: int) -> list[Segment]:
    """The segments themselves (``sign`` 1) or their mirror image (``sign`` -1)."""
    return list(segments) if sign > 0 else mirror(segments)


def whole(*half: Segment) -> str:
    """Close a right half, drawn from top to bottom, with its mirror image on the left."""
    path = trace(*half)
    ends = [s[-2:] for s in half]
    if ends[-1][0]:
        path += f"L{_pairs((-ends[-1][0], ends[-1][1]))}"
    for i in range(len(half) - 1, 0, -1):
        control = half[i][:-2]
        back: list[float] = []
        for k in range(len(control) - 2, -1, -2):
            back += [-control[k], control[k + 1]]
        back += [-ends[i - 1][0], ends[i - 1][1]]
        path += f"{_LETTER[len(back)]}{_pairs(back)}"
    return path + "Z"


def shift(segments: Iterable[Segment], dx: float, dy: float) -> list[Segment]:
    """Move segments."""
    return [tuple(v + (dx if i % 2 == 0 else dy) for i, v in enumerate(s)) for s in segments]


def lens(x0: float, y0: float, x1: float, y1: float, bow: float, width: float) -> str:
    """A fold: a thin leaf from one point to another, bowed sideways, ``width`` wide in its middle."""
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    nx, ny = (y1 - y0) / length, -(x1 - x0) / length
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    near, far = bow - width, bow + width
    return shape(
        (x0, y0),
        (mx + nx * near * 2, my + ny * near * 2, x1, y1),
        (mx + nx * far * 2, my + ny * far * 2, x0, y0),
    )


def box(paths: Iterable[str]) -> tuple[float, float, float, float]:
    """Bounds (left, top, right, bottom) of absolute paths, control points included."""
    xs: list[float] = []
    ys: list[float] = []
    for path in paths:
        values = [float(v) for v in _NUMBER.findall(path)]
        xs += values[::2]
        ys += values[1::2]
    return min(xs), min(ys), max(xs), max(ys)
