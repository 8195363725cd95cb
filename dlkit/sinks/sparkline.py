"""A curve in one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from dlkit.sinks.formats import writable

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.-:=+*#"
"""Drawn where the encoding has no blocks; the ink rises from the line up, too."""


def sparkline(values: Sequence[float], width: int, *, encoding: str = "utf-8") -> str:
    """`values` as a line of at most `width` characters, the smallest as `▁`, the largest as `█`.

    More values than characters are averaged in groups; fewer take one character each. A group
    without a finite value is a blank, a constant curve lies at middle height.
    """
    means = [_mean(group) for group in _groups(values, width)]
    finite = [mean for mean in means if mean is not None]
    if not finite:
        return " " * len(means)
    levels = BLOCKS if writable(BLOCKS, encoding) else ASCII
    low, high = min(finite), max(finite)
    return "".join(" " if mean is None else levels[_level(mean, low, high)] for mean in means)


def _groups(values: Sequence[float], width: int) -> list[Sequence[float]]:
    """`values` cut into at most `width` runs whose lengths differ by one at most."""
    count = max(0, min(width, len(values)))
    ends = [index * len(values) // count for index in range(count + 1)] if count else []
    return [values[start:end] for start, end in pairwise(ends)]


def _mean(values: Sequence[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    # Divided before they are added: the sum of two large floats may overflow.
    return math.fsum(value / len(finite) for value in finite) if finite else None


def _level(value: float, low: float, high: float) -> int:
    top = len(BLOCKS) - 1
    span = high / 2 - low / 2  # halved for the same reason
    return round(top * ((value / 2 - low / 2) / span)) if span else top // 2


class Curve:
    """A curve that grows in bounded memory: at `limit` points (even), each two become one."""

    def __init__(self, limit: int = 512) -> None:
        self._limit, self._stride = limit, 1
        self._points: list[float] = []
        self._group: list[float] = []
        self.last: float = math.nan
        """The value added last, as it was."""

    def add(self, value: float) -> None:
        """Appends `value`; each point is the mean of as many values as every other."""
        self.last = value
        self._group.append(value)
        if len(self._group) == self._stride:
            self._points.append(sum(self._group) / self._stride)
            self._group = []
        if len(self._points) == self._limit:
            pairs = zip(self._points[::2], self._points[1::2], strict=True)
            self._points = [(a + b) / 2 for a, b in pairs]
            self._stride *= 2

    def values(self) -> list[float]:
        """The points so far; a copy, which another thread may read."""
        return list(self._points)
