"""What a picture is made of: lines and dots in the picture's own coordinates, before any drawing.

`canvas` turns a `Picture` into braille rows, `svg` into SVG.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Point = tuple[float, float]
Style = Literal["solid", "dashed", "faint"]


@dataclass(frozen=True)
class Line:
    """A polyline. `arrow` puts a head on its end; `moving` lets a dot run along it in SVG.

    `label` (and `ja`, if it differs in Japanese) names the line in the legend.
    """

    points: Sequence[Point]
    label: str = ""
    ja: str = ""
    style: Style = "solid"
    arrow: bool = False
    moving: bool = False


@dataclass(frozen=True)
class Dot:
    """A marked point; its label stands beside it."""

    x: float
    y: float
    label: str = ""
    ja: str = ""


@dataclass(frozen=True)
class Picture:
    """Lines and dots inside the window `x` by `y`.

    `equal` draws both axes at one scale, so that a circle is round; `axes` labels the edges
    with their numbers.
    """

    x: Point
    y: Point
    lines: Sequence[Line] = ()
    dots: Sequence[Dot] = ()
    equal: bool = False
    axes: bool = True


def curve(function: Callable[[float], float], x: Point, *, points: int = 241) -> list[Point]:
    """The graph of `function` over the range `x`."""
    step = (x[1] - x[0]) / (points - 1)
    return [(x[0] + i * step, function(x[0] + i * step)) for i in range(points)]


def contours(
    function: Callable[[float, float], float],
    levels: Iterable[float],
    x: Point,
    y: Point,
    *,
    cells: int = 64,
    style: Style = "faint",
) -> list[Line]:
    """Contour lines by marching squares on a grid of `cells` by `cells`, one short line a cell."""
    width, height = (x[1] - x[0]) / cells, (y[1] - y[0]) / cells
    xs = [x[0] + i * width for i in range(cells + 1)]
    ys = [y[0] + j * height for j in range(cells + 1)]
    values = [[function(a, b) for a in xs] for b in ys]
    lines = []
    for level in levels:
        for j in range(cells):
            for i in range(cells):
                corners = (
                    (xs[i], ys[j], values[j][i]),
                    (xs[i + 1], ys[j], values[j][i + 1]),
                    (xs[i + 1], ys[j + 1], values[j + 1][i + 1]),
                    (xs[i], ys[j + 1], values[j + 1][i]),
                )
                ends = _crossings(corners, level)
                lines += [Line(ends[k : k + 2], style=style) for k in range(0, len(ends) - 1, 2)]
    return lines


def _crossings(corners: Sequence[tuple[float, float, float]], level: float) -> list[Point]:
    """Where the sides of one cell cross the level, in order around the cell."""
    ends: list[Point] = []
    for (ax, ay, a), (bx, by, b) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if (a < level) != (b < level):
            share = (level - a) / (b - a)
            ends.append((ax + share * (bx - ax), ay + share * (by - ay)))
    return ends
