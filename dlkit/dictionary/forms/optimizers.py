"""Optimizers of one parameter: `steps` updates from `w` along `gradient`, all values on the way.

Every form here has the signature `(gradient, w, steps, *, options) -> [w_1, ..., w_steps]`. Those
that scale by squared gradients are in `scaling_optimizers`, Adam and its kin in `adam`.
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


def momentum_rate_outside(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01, momentum: float = 0.9
) -> list[float]:
    """PyTorch's form: `v = a v + g`, `w = w - eta v`."""
    path, v = [], 0.0
    for _ in range(steps):
        v = momentum * v + gradient(w)
        w = w - learning_rate * v
        path.append(w)
    return path


def nag(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01, momentum: float = 0.9
) -> list[float]:
    """Sutskever et al. 2013, eq. 3-4: the gradient at `w + a v`, then as momentum."""
    path, v = [], 0.0
    for _ in range(steps):
        v = momentum * v - learning_rate * gradient(w + momentum * v)
        w = w + v
        path.append(w)
    return path


def nag_double_minus(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01, momentum: float = 0.9
) -> list[float]:
    """NAG with two minus signs: it climbs, and looks ahead the wrong way."""
    path, v = [], 0.0
    for _ in range(steps):
        v = momentum * v - learning_rate * gradient(w + momentum * v)
        w = w - v
        path.append(w)
    return path


def nag_at_the_point_ahead(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01, momentum: float = 0.9
) -> list[float]:
    """PyTorch's form, whose parameter is the point looked ahead to, `w + a v` of `nag`."""
    path, b = [], 0.0
    for _ in range(steps):
        g = gradient(w)
        b = momentum * b + g
        w = w - learning_rate * (g + momentum * b)
        path.append(w)
    return path


def lion(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1e-4,
    beta1: float = 0.9,
    beta2: float = 0.99,
    weight_decay: float = 0.0,
) -> list[float]:
    """Chen et al. 2023, algorithm 2: a step of one size, in the direction of a sign."""
    path, m = [], 0.0
    for _ in range(steps):
        g = gradient(w)
        direction = beta1 * m + (1 - beta1) * g
        sign = (direction > 0) - (direction < 0)
        w = w - learning_rate * (sign + weight_decay * w)
        m = beta2 * m + (1 - beta2) * g
        path.append(w)
    return path
