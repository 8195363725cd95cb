"""Two overlapping boxes and their intersection, with an intersection over union of one quarter."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture, Point

A, B = (0.0, 0.0, 5.0, 4.0), (1.0, 2.0, 6.0, 6.0)


def draw() -> Picture:
    """The boxes solid, what they share hatched."""
    left, bottom = max(A[0], B[0]), max(A[1], B[1])
    right, top = min(A[2], B[2]), min(A[3], B[3])
    rows = 6
    hatching = [
        Line([(left, y), (right, y)], style="faint")
        for y in (bottom + (top - bottom) * k / rows for k in range(1, rows))
    ]
    return Picture(
        (-0.5, 6.5),
        (-0.5, 6.5),
        lines=[
            Line(_outline(A), "box A", "枠 A"),
            Line(_outline(B), "box B", "枠 B"),
            *hatching,
        ],
        equal=True,
        axes=False,
    )


def _outline(box: tuple[float, float, float, float]) -> list[Point]:
    x1, y1, x2, y2 = box
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
