"""The losses of a yes/no classification over the margin."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture, curve
from dlkit.dictionary.forms.losses import hinge_margin, logistic_margin


def draw() -> Picture:
    """Hinge and cross-entropy, and the step that both stand for: 1 for a wrong answer."""
    window = (-3.0, 3.0)
    return Picture(
        window,
        (0.0, 4.0),
        lines=[
            Line(curve(hinge_margin, window), "hinge", "ヒンジ損失"),
            Line(
                curve(logistic_margin, window),
                "cross-entropy",
                "クロスエントロピー",
                style="dashed",
            ),
            Line(
                [(-3.0, 1.0), (0.0, 1.0), (0.0, 0.0), (3.0, 0.0)],
                "wrong or right",
                "誤りなら1",
                "faint",
            ),
        ],
    )
