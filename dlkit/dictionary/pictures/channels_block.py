"""A block of height, width and channels in oblique projection, with a filter's window on it."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture, Point

HEIGHT, WIDTH, CHANNELS = 5.0, 6.0, 3
WINDOW = 2.0
DEPTH = (1.5, 0.9)
"""How far one channel stands behind the other on the picture."""


def draw() -> Picture:
    """The block's front, top and right side, cut into channels, and one window through them."""
    corners = [(0.0, HEIGHT), (WIDTH, HEIGHT), (WIDTH, 0.0)]
    cuts = [
        Line([_place(x, y, k) for x, y in corners], style="solid" if k == CHANNELS else "dashed")
        for k in range(1, CHANNELS + 1)
    ]
    window = [(WIDTH - WINDOW, HEIGHT), (WIDTH - WINDOW, HEIGHT - WINDOW), (WIDTH, HEIGHT - WINDOW)]
    return Picture(
        (-1.5, WIDTH + CHANNELS * DEPTH[0] + 1.5),
        (-1.2, HEIGHT + CHANNELS * DEPTH[1] + 0.2),
        lines=[
            Line([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT), (0, 0)]),
            *(Line([(x, y), _place(x, y, CHANNELS)]) for x, y in corners),
            *cuts,
            Line(window, "window of a filter", "フィルタの窓"),
            *(Line([point, _place(*point, CHANNELS)]) for point in (window[0], window[2])),
            Line([(-0.8, 0), (-0.8, HEIGHT)], "height H", "高さ H", arrow=True),
            Line([(0, -0.8), (WIDTH, -0.8)], "width W", "幅 W", arrow=True),
            Line([(WIDTH + 0.8, 0), _place(WIDTH + 0.8, 0, CHANNELS)],
                 "channels C", "チャンネル C", arrow=True),
        ],
        axes=False,
    )  # fmt: skip


def _place(x: float, y: float, channel: float) -> Point:
    """A point of the plane `channel`; 0 is the front."""
    return (x + channel * DEPTH[0], y + channel * DEPTH[1])
