"""Whether it matters that the learning rate stands inside or outside of momentum's velocity."""

from __future__ import annotations

from dlkit.ranges import PositiveFloat


def run(*, seed: int = 0, later_rate: PositiveFloat = 0.001) -> dict[str, float]:
    """The distance between both forms after 20 steps on `w^2 / 2` from 1, momentum 0.9.

    The rate is 0.01 throughout, or for 10 steps and then `later_rate`. `next_step_ratio` is the
    first step at the later rate, inside over outside.
    """
    inside, outside = _inside([0.01] * 20), _outside([0.01] * 20)
    rates = [0.01] * 10 + [later_rate] * 10
    changed_inside, changed_outside = _inside(rates), _outside(rates)
    steps = [path[10] - path[9] for path in (changed_inside, changed_outside)]
    return {
        "difference_constant_rate": abs(inside[-1] - outside[-1]),
        "difference_changed_rate": abs(changed_inside[-1] - changed_outside[-1]),
        "next_step_ratio": steps[0] / steps[1],
    }


def _inside(rates: list[float]) -> list[float]:
    path, w, v = [], 1.0, 0.0
    for rate in rates:
        v = 0.9 * v - rate * w
        w = w + v
        path.append(w)
    return path


def _outside(rates: list[float]) -> list[float]:
    path, w, v = [], 1.0, 0.0
    for rate in rates:
        v = 0.9 * v + w
        w = w - rate * v
        path.append(w)
    return path
