"""A jump and its moving average, with and without the correction for the start at 0."""

from __future__ import annotations

from dlkit.dictionary.drawing import Line, Picture
from dlkit.dictionary.forms.averages import corrected_average, moving_average


def draw() -> Picture:
    """30 values of 1, then 30 of 0.4; beta is 0.9."""
    values = [1.0] * 30 + [0.4] * 30
    plain, corrected = moving_average(values), corrected_average(values)
    return Picture(
        (0.0, 60.0),
        (0.0, 1.1),
        lines=[
            Line(_graph(values), "values", "元の値", style="faint"),
            Line(_graph(plain), "moving average", "移動平均"),
            Line(_graph(corrected), "corrected", "補正あり", style="dashed"),
        ],
    )


def _graph(values: list[float]) -> list[tuple[float, float]]:
    return [(float(t), value) for t, value in enumerate(values, 1)]
