"""The actual step of momentum as the sum of the velocity's step and the gradient's step."""

from __future__ import annotations

from dlkit.dictionary.drawing import Dot, Line, Picture, contours


def draw() -> Picture:
    """One step on `(w_1^2 + 6 w_2^2) / 2` from (-3, 1), with a velocity from earlier steps."""
    w, velocity, rate, momentum = (-3.0, 1.0), (1.6, 0.5), 0.25, 0.9
    kept = (momentum * velocity[0], momentum * velocity[1])
    downhill = (-rate * w[0], -rate * 6 * w[1])
    after_kept = (w[0] + kept[0], w[1] + kept[1])
    end = (after_kept[0] + downhill[0], after_kept[1] + downhill[1])
    window = ((-4.0, 1.0), (-1.2, 1.8))
    return Picture(
        *window,
        lines=[
            *contours(lambda a, b: (a * a + 6 * b * b) / 2, (0.5, 2, 4.5, 8), *window),
            Line([w, after_kept], "momentum step", "慣性による移動", arrow=True),
            Line([after_kept, end], "gradient step", "勾配による移動", style="dashed", arrow=True),
            Line([w, end], "actual step", "実際の更新", arrow=True),
        ],
        dots=[Dot(*w, "w")],
        axes=False,
    )
