"""A normal distribution fitted to two bumps: by KL(t || y) it covers both, by KL(y || t) one."""

from __future__ import annotations

import math
from functools import lru_cache

from dlkit.dictionary.drawing import Line, Picture, curve
from dlkit.dictionary.forms.losses import kl_divergence

GRID = [k / 10 for k in range(-60, 61)]
BUMP = 0.6
TINY = 1e-12  # so that a density that is 0 in the grid's far end costs much, not infinitely much


def draw() -> Picture:
    """The truth with bumps at -2 and 2 and the two best normal distributions."""
    across, one = fit(2.0, backward=False), fit(2.0, backward=True)
    window = (-5.0, 5.0)
    return Picture(
        window,
        (0.0, 0.75),
        lines=[
            Line(curve(lambda x: _two_bumps(x, 2.0), window), "truth t", "正解 t", style="faint"),
            Line(
                curve(lambda x: _normal(x, *across), window), "least KL(t || y)", "KL(t || y)が最小"
            ),
            Line(
                curve(lambda x: _normal(x, *one), window),
                "least KL(y || t)",
                "KL(y || t)が最小",
                style="dashed",
            ),
        ],
    )


@lru_cache
def fit(distance: float, *, backward: bool) -> tuple[float, float]:
    """Mean and deviation of the best normal y, over a grid; `backward` minimises KL(y || t)."""
    truth = _shares([_two_bumps(x, distance) for x in GRID])

    def divergence(candidate: tuple[float, float]) -> float:
        y = _shares([_normal(x, *candidate) for x in GRID])
        return kl_divergence(y, truth) if backward else kl_divergence(truth, y)

    candidates = [(m / 5, s / 10) for m in range(-15, 16) for s in range(3, 31)]
    return min(candidates, key=divergence)


def _two_bumps(x: float, distance: float) -> float:
    return (_normal(x, -distance, BUMP) + _normal(x, distance, BUMP)) / 2


def _normal(x: float, mean: float, deviation: float) -> float:
    z = (x - mean) / deviation
    return math.exp(-z * z / 2) / (deviation * math.sqrt(2 * math.pi))


def _shares(densities: list[float]) -> list[float]:
    total = sum(densities)
    return [density / total + TINY for density in densities]
