"""A residual block: two layers, and a shortcut around them that is added to what they make."""

from __future__ import annotations

from dlkit.dictionary.drawing import Dot, Line, Picture


def draw() -> Picture:
    """The flow from left to right: `x`, layer, activation, layer, sum, activation."""
    return Picture(
        (0.0, 10.0),
        (-0.6, 2.0),
        lines=[
            Line([(0.6, 0), (2, 0)], arrow=True),
            *_box(2, 3.2),
            Line([(3.2, 0), (4.8, 0)], arrow=True),
            *_box(4.8, 6),
            Line([(6, 0), (7.6, 0)], "F(x): layers", "F(x): 層による変換", arrow=True),
            Line(
                [(1.2, 0), (1.2, 1.4), (7.9, 1.4), (7.9, 0.3)],
                "shortcut: x unchanged",
                "ショートカット: xをそのまま",
                style="dashed",
                arrow=True,
            ),
            Line([(8.2, 0), (9.6, 0)], arrow=True),
        ],
        dots=[
            Dot(0.4, 0, "x"),
            Dot(2.6, 0, "layer", "層"),
            Dot(5.4, 0, "layer", "層"),
            Dot(7.9, 0, "+"),
            Dot(9.7, 0, "F(x) + x"),
        ],
        axes=False,
    )


def _box(left: float, right: float) -> list[Line]:
    corners = [(left, -0.35), (right, -0.35), (right, 0.35), (left, 0.35), (left, -0.35)]
    return [Line(corners)]
