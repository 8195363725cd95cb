"""Which pixels a 3x3 kernel reads with dilation 1, 2 and 3, on one grid."""

from __future__ import annotations

from dlkit.dictionary.drawing import Dot, Line, Picture


def draw() -> Picture:
    """Three kernels of nine cells side by side, each inside the square that it reaches over."""
    lines, dots = [], []
    for centre, dilation in ((1.0, 1), (7.0, 2), (15.0, 3)):
        reach = dilation + 0.5
        left, right = centre - reach, centre + reach
        corners = [(left, -reach), (right, -reach), (right, reach), (left, reach), (left, -reach)]
        lines.append(Line(corners, style="faint"))
        dots += [
            Dot(centre + column * dilation, row * dilation)
            for row in (-1, 0, 1)
            for column in (-1, 0, 1)
        ]
        dots.append(Dot(centre, -4.6, f"d = {dilation}"))
    return Picture((-1.5, 19.5), (-5.0, 4.0), lines=lines, dots=dots, equal=True, axes=False)
