"""Gradient descent from either side of a curve with two valleys of different depth."""

from __future__ import annotations

from dlkit.ranges import FiniteFloat, PositiveFloat


def loss(w: float, *, tilt: float = 0.3) -> float:
    """Two valleys near -1 and 1; the tilt makes the left one the deeper."""
    return (w * w - 1) ** 2 + tilt * w


def slope(w: float, *, tilt: float = 0.3) -> float:
    """The derivative of `loss`."""
    return 4 * w * (w * w - 1) + tilt


def run(*, seed: int = 0, start: PositiveFloat = 1.5, tilt: FiniteFloat = 0.3) -> dict[str, float]:
    """Where 1,000 steps at a rate of 0.01 end from `-start` and `start`, and the losses there.

    The curve is `(w^2 - 1)^2 + tilt w`. Nothing is random.
    """
    left, right = _descend(-start, tilt), _descend(start, tilt)
    return {
        "end_from_left": left,
        "end_from_right": right,
        "loss_from_left": loss(left, tilt=tilt),
        "loss_from_right": loss(right, tilt=tilt),
    }


def _descend(w: float, tilt: float) -> float:
    for _ in range(1000):
        w -= 0.01 * slope(w, tilt=tilt)
    return w
