"""Gradient descent on a parabola with a small, a good and a large learning rate."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture, curve
from dlkit.dictionary.forms.descent import gradient_descent


def draw() -> Picture:
    """`w^2 / 2` from 2 and from -2; rates of 0.1, 0.6 and 1.9, 6 steps each."""
    window = ((-2.2, 2.2), (0.0, 2.4))
    styles = {0.1: "dashed", 0.6: "solid", 1.9: "faint"}
    names = {0.1: ("0.1: slow", "0.1: 遅い"), 0.6: ("0.6: good", "0.6: 適切"),
             1.9: ("1.9: jumps across", "1.9: 谷を飛び越える")}  # fmt: skip
    starts = {0.1: -2.0, 0.6: -2.0, 1.9: 2.0}
    lines = [Line(curve(_loss, window[0]), style="faint")]
    for rate, start in starts.items():
        path = [start, *gradient_descent(lambda w: w, start, 6, learning_rate=rate)]
        points = [(w, _loss(w)) for w in path]
        lines.append(Line(points, *names[rate], style=styles[rate], arrow=True))  # type: ignore[arg-type]
    return Picture(*window, lines=lines)


def _loss(w: float) -> float:
    return w * w / 2
