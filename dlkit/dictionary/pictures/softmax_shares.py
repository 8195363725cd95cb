"""What softmax makes of three scores while the first of them grows."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture, curve
from dlkit.dictionary.forms.activations import softmax


def draw() -> Picture:
    """The three outputs for the scores (x, 1, 0); they sum to 1 at every x."""
    window = (-4.0, 6.0)

    def share(index: int) -> Line:
        score = ("x", "1", "0")[index]
        return Line(
            curve(lambda x: softmax([x, 1.0, 0.0])[index], window),
            f"score {score}",
            f"スコア{score}",
            style=("solid", "dashed", "faint")[index],
        )

    return Picture(window, (0.0, 1.0), lines=[share(k) for k in range(3)])
