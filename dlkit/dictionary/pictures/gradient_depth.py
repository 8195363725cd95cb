"""The gradient at each layer of a deep chain: it shrinks or grows towards the input."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from dlkit.dictionary.drawing import Line, Picture
from dlkit.dictionary.forms.activations import sigmoid, tanh

DEPTH, WIDTH = 20, 24
Slope = Callable[[float], float]


def draw() -> Picture:
    """Powers of ten of the gradient's norm, over that at the last layer, from layer 1 to 20.

    Normal weights with variance 1/width, and three times as large for the one that explodes.
    """
    return Picture(
        (1.0, float(DEPTH)),
        (-13.0, 4.0),
        lines=[
            Line(_norms(sigmoid, _sigmoid_slope), "sigmoid", "シグモイド"),
            Line(_norms(tanh, _tanh_slope), "tanh", style="dashed"),
            Line(
                _norms(tanh, _tanh_slope, gain=3),
                "tanh, weights x 3",
                "tanh、重み3倍",
                style="faint",
            ),
        ],
    )


def _norms(function: Slope, slope: Slope, *, gain: float = 1.0) -> list[tuple[float, float]]:
    """Each layer's number and `log10` of its gradient's norm, for one example."""
    rng = random.Random(0)
    deviation = gain / math.sqrt(WIDTH)
    weights = [
        [[rng.gauss(0, deviation) for _ in range(WIDTH)] for _ in range(WIDTH)]
        for _ in range(DEPTH)
    ]
    h, sums = [rng.gauss(0, 1) for _ in range(WIDTH)], []
    for w in weights:
        sums.append([sum(a * b for a, b in zip(row, h, strict=True)) for row in w])
        h = [function(z) for z in sums[-1]]
    gradient, norms = [rng.gauss(0, 1) for _ in range(WIDTH)], []
    for w, z in zip(reversed(weights), reversed(sums), strict=True):
        gradient = [g * slope(each) for g, each in zip(gradient, z, strict=True)]
        norms.append(math.hypot(*gradient))
        columns = zip(*w, strict=True)
        gradient = [sum(a * b for a, b in zip(column, gradient, strict=True)) for column in columns]
    return [
        (DEPTH - k, math.log10(norm / norms[0])) for k, norm in reversed(list(enumerate(norms)))
    ]


def _sigmoid_slope(z: float) -> float:
    return sigmoid(z) * (1 - sigmoid(z))


def _tanh_slope(z: float) -> float:
    return 1 - tanh(z) ** 2
