"""Optimizers of one parameter: `steps` updates from `w` along `gradient`; all parameters on the way.

Every form here has the signature `(gradient, w, steps, *, options) -> [w_1, ..., w_steps]`.
"""

from __future__ import annotations

from collections.abc import Callable

Gradient = Callable[[float], float]


def momentum(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01, momentum: float = 0.9
) -> list[float]:
    """Sutskever et al. 2013, eq. 1-2: `v = a v - eta g`, `w = w + v`."""
    path, v = [], 0.0
    for _ in range(steps):
        v = momentum * v - learning_rate * gradient(w)
        w = w + v
        path.append(w)
    return path


def momentum_double_minus(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01, momentum: float = 0.9
) -> list[float]:
    """The form with two minus signs, `v = a v - eta g`, `w = w - v`: it climbs."""
    path, v = [], 0.0
    for _ in range(steps):
        v = momentum * v - learning_rate * gradient(w)
        w = w - v
        path.append(w)
    return path
