"""Draws a picture with braille characters: two by four dots each, never widened by a terminal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from dlkit.dictionary.drawing import Dot, Line, Picture, Point
from dlkit.dictionary.width import pad

COLUMNS, ROWS = 44, 12
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_DASHES = {"solid": (1, 1), "dashed": (3, 6), "faint": (1, 3)}
"""For each style, how many dots of how many are set."""


class Canvas:
    """A grid of braille cells over the window of a picture."""

    def __init__(self, picture: Picture, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self.columns, self.rows = columns, rows
        self.x, self.y = _window(picture, columns, rows)
        self.cells = [[0] * columns for _ in range(rows)]
        self.marks: dict[tuple[int, int], str] = {}

    def place(self, point: Point) -> tuple[float, float]:
        """The point in dots from the left and from the top."""
        across = (point[0] - self.x[0]) / (self.x[1] - self.x[0])
        down = (self.y[1] - point[1]) / (self.y[1] - self.y[0])
        return across * (self.columns * 2 - 1), down * (self.rows * 4 - 1)

    def dot(self, across: int, down: int) -> None:
        """Sets one dot, if it is inside."""
        if 0 <= across < self.columns * 2 and 0 <= down < self.rows * 4:
            self.cells[down // 4][across // 2] |= _BITS[down % 4][across % 2]

    def line(self, line: Line) -> None:
        """The dots along a polyline, in its style."""
        on, period = _DASHES[line.style]
        count = 0
        places = [self.place(point) for point in line.points]
        for (ax, ay), (bx, by) in pairwise(places):
            steps = max(1, min(2000, math.ceil(max(abs(bx - ax), abs(by - ay)))))
            for step in range(steps):
                if count % period < on:
                    share = step / steps
                    self.dot(round(ax + (bx - ax) * share), round(ay + (by - ay) * share))
                count += 1
        if places and on == period:
            self.dot(round(places[-1][0]), round(places[-1][1]))

    def mark(self, point: Point, sign: str) -> None:
        """One character instead of the cell at the point."""
        across, down = self.place(point)
        column, row = round(across) // 2, round(down) // 4
        if 0 <= column < self.columns and 0 <= row < self.rows:
            self.marks[row, column] = sign

    def text(self) -> list[str]:
        """The rows of characters; cells without a dot are blanks."""
        rows = []
        for number, cells in enumerate(self.cells):
            row = [chr(0x2800 + cell) if cell else " " for cell in cells]
            for (at, column), sign in self.marks.items():
                if at == number:
                    row[column] = sign
            rows.append("".join(row))
        return rows


def _window(picture: Picture, columns: int, rows: int) -> tuple[Point, Point]:
    """The picture's window, made wider or higher where both axes have one scale."""
    (left, right), (low, high) = picture.x, picture.y
    if not picture.equal:
        return picture.x, picture.y
    across, up = (right - left) / (columns * 2), (high - low) / (rows * 4)
    scale = max(across, up)
    more_x = (scale * columns * 2 - (right - left)) / 2
    more_y = (scale * rows * 4 - (high - low)) / 2
    return (left - more_x, right + more_x), (low - more_y, high + more_y)


def draw(picture: Picture) -> dict[str, Any]:
    """The picture as rows of text, and its legend in both languages."""
    canvas = Canvas(picture)
    for line in sorted(picture.lines, key=lambda line: line.style != "faint"):
        canvas.line(line)
    legend = [_mark_line(canvas, line, sign) for line, sign in _signs(picture.lines)]
    for number, dot in enumerate((dot for dot in picture.dots if dot.label), start=1):
        canvas.mark((dot.x, dot.y), str(number))
        legend.append(_entry(str(number), dot))
    for dot in picture.dots:
        if not dot.label:
            canvas.mark((dot.x, dot.y), "*")
    rows = _with_axes(canvas) if picture.axes else canvas.text()
    return {"rows": [row.rstrip() for row in rows], "legend": legend}


def _signs(lines: Sequence[Line]) -> list[tuple[Line, str]]:
    labelled = [line for line in lines if line.label]
    return list(zip(labelled, "abcdefghijklmnopqrstuvwxyz", strict=False))


def _mark_line(canvas: Canvas, line: Line, sign: str) -> dict[str, str]:
    """Puts the line's letter on it, inside the window and away from its ends."""
    inside = [
        point for point in line.points
        if canvas.x[0] <= point[0] <= canvas.x[1] and canvas.y[0] <= point[1] <= canvas.y[1]
    ]  # fmt: skip
    if len(inside) > 2:
        canvas.mark(inside[len(inside) * 3 // 4], sign)
    elif len(line.points) > 1:
        (ax, ay), (bx, by) = line.points[0], line.points[-1]
        canvas.mark(((ax + bx) / 2, (ay + by) / 2), sign)
    return _entry(sign, line)


def _entry(sign: str, part: Line | Dot) -> dict[str, str]:
    return {"sign": sign, "en": part.label, "ja": part.ja or part.label}


def _with_axes(canvas: Canvas) -> list[str]:
    """The rows with the numbers of the window's edges."""
    (left, right), (low, high) = canvas.x, canvas.y
    labels = [""] * canvas.rows
    labels[0], labels[-1] = f"{high:g}", f"{low:g}"
    if low < 0 < high:
        zero = round(canvas.place((0, 0))[1]) // 4
        labels[zero] = labels[zero] or "0"
    rows = [f"{label:>6} |{row}" for label, row in zip(labels, canvas.text(), strict=True)]
    rows.append(" " * 7 + "+" + "-" * canvas.columns)
    ends = pad(f"{left:g}", canvas.columns - len(f"{right:g}")) + f"{right:g}"
    return [*rows, " " * 8 + ends]
