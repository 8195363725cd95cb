"""Draws a picture as SVG: one element that a page can hold, or a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Literal

from dlkit.dictionary.drawing import Line, Picture, Point

WIDTH, HEIGHT, MARGIN = 520, 320, 34
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours, which colour-blind readers can tell apart."""
_DASHES = {"solid": "", "dashed": ' stroke-dasharray="6 4"', "faint": ' stroke-opacity="0.35"'}


def render(picture: Picture, title: str, language: Literal["en", "ja"] = "en") -> str:
    """The picture as an `<svg>` element. `title` is what a screen reader says."""
    place = _scale(picture)
    parts = _frame(picture) if picture.axes else []
    faint = [line for line in picture.lines if line.style == "faint" and not line.label]
    if faint:
        parts.append(_path(faint, place, "currentColor", "faint"))
    rest = [line for line in picture.lines if line not in faint]
    for number, line in enumerate(rest):
        parts += _line(line, place, _COLOURS[number % len(_COLOURS)], language, number)
    for dot in picture.dots:
        x, y = place((dot.x, dot.y))
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="currentColor"/>')
        label = dot.ja or dot.label if language == "ja" else dot.label
        parts.append(_label(label, x + 8, y - 6))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12" lang="{language}">'
        f"<title>{escape(title)}</title>{_HEAD}{''.join(parts)}</svg>"
    )


_HEAD = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="context-stroke"/></marker></defs>'
)


class _scale:  # noqa: N801 - used like a function: place = _scale(picture); place(point)
    """Turns the picture's coordinates into those of the drawing."""

    def __init__(self, picture: Picture) -> None:
        (left, right), (low, high) = picture.x, picture.y
        wide, tall = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        self.across, self.up = wide / (right - left), tall / (high - low)
        if picture.equal:
            self.across = self.up = min(self.across, self.up)
        self.left = WIDTH / 2 - self.across * (left + right) / 2
        self.top = HEIGHT / 2 + self.up * (low + high) / 2

    def __call__(self, point: Point) -> Point:
        return self.left + self.across * point[0], self.top - self.up * point[1]


def _frame(picture: Picture) -> list[str]:
    """The axes through 0 where they are in the window, and the numbers of its edges."""
    place = _scale(picture)
    (left, right), (low, high) = picture.x, picture.y
    x0, y0 = max(left, min(right, 0)), max(low, min(high, 0))
    parts = []
    for a, b in (((left, y0), (right, y0)), ((x0, low), (x0, high))):
        (ax, ay), (bx, by) = place(a), place(b)
        parts.append(f'<path d="M{ax:.1f} {ay:.1f}L{bx:.1f} {by:.1f}" stroke="currentColor" '
                     f'stroke-opacity="0.5"/>')  # fmt: skip
    for value, point in ((left, (left, y0)), (right, (right, y0))):
        x, y = place(point)
        parts.append(_label(f"{value:g}", x - 6, y + 16))
    for value, point in ((low, (x0, low)), (high, (x0, high))):
        x, y = place(point)
        parts.append(_label(f"{value:g}", x + 6, y + 4))
    return parts


def _label(text: str, x: float, y: float) -> str:
    if not text:
        return ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="currentColor">{escape(text)}</text>'


def _path(lines: Sequence[Line], place: _scale, colour: str, style: str) -> str:
    """Several lines as one path of one style."""
    data = "".join(_data(line.points, place) for line in lines)
    return f'<path d="{data}" fill="none" stroke="{colour}"{_DASHES[style]}/>'


def _data(points: Sequence[Point], place: _scale) -> str:
    """The path through the points, without those that would leave the drawing far behind."""
    data, pen = "", "M"
    for point in points:
        x, y = place(point)
        if not (-WIDTH < x < 2 * WIDTH and -HEIGHT < y < 2 * HEIGHT):
            pen = "M"
            continue
        data += f"{pen}{x:.1f} {y:.1f}"
        pen = "L"
    return data


def _line(
    line: Line, place: _scale, colour: str, language: Literal["en", "ja"], number: int
) -> list[str]:
    """One line in its colour, its arrow head, its moving dot, and its name in the legend."""
    data = _data(line.points, place)
    head = ' marker-end="url(#head)"' if line.arrow else ""
    parts = [f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="2"'
             f"{_DASHES[line.style]}{head}/>"]  # fmt: skip
    if line.moving:
        parts.append(f'<circle r="5" fill="{colour}"><animateMotion dur="6s" '
                     f'repeatCount="indefinite" path="{data}"/></circle>')  # fmt: skip
    label = (line.ja or line.label) if language == "ja" else line.label
    if label:
        y = 16 + 16 * number
        parts.append(f'<path d="M{WIDTH - 170} {y - 4}h22" stroke="{colour}" stroke-width="2"'
                     f"{_DASHES[line.style]}/>")  # fmt: skip
        parts.append(_label(label, WIDTH - 142, y))
    return parts
