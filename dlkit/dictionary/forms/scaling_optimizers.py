"""Optimizers of one parameter that divide by a root of squared gradients; see `optimizers`."""

from __future__ import annotations

import math
from collections.abc import Callable

Gradient = Callable[[float], float]


def adagrad(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01, epsilon: float = 1e-10
) -> list[float]:
    """Duchi et al. 2011, diagonal form: `h = h + g^2`, `w = w - eta g / (sqrt(h) + eps)`."""
    path, h = [], 0.0
    for _ in range(steps):
        g = gradient(w)
        h = h + g * g
        w = w - learning_rate * g / (math.sqrt(h) + epsilon)
        path.append(w)
    return path


def rmsprop(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 0.01,
    alpha: float = 0.99,
    epsilon: float = 1e-8,
) -> list[float]:
    """Tieleman & Hinton 2012: AdaGrad with a running mean of `g^2` in place of the sum."""
    path, h = [], 0.0
    for _ in range(steps):
        g = gradient(w)
        h = alpha * h + (1 - alpha) * g * g
        w = w - learning_rate * g / (math.sqrt(h) + epsilon)
        path.append(w)
    return path


def rmsprop_epsilon_inside(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 0.01,
    alpha: float = 0.99,
    epsilon: float = 1e-8,
) -> list[float]:
    """RMSprop as Keras and some books have it: `eps` inside of the root."""
    path, h = [], 0.0
    for _ in range(steps):
        g = gradient(w)
        h = alpha * h + (1 - alpha) * g * g
        w = w - learning_rate * g / math.sqrt(h + epsilon)
        path.append(w)
    return path


def adadelta(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1.0,
    rho: float = 0.9,
    epsilon: float = 1e-6,
) -> list[float]:
    """Zeiler 2012, algorithm 1, whose steps are multiplied by `learning_rate`."""
    path, h, s = [], 0.0, 0.0
    for _ in range(steps):
        g = gradient(w)
        h = rho * h + (1 - rho) * g * g
        step = math.sqrt(s + epsilon) / math.sqrt(h + epsilon) * g
        s = rho * s + (1 - rho) * step * step
        w = w - learning_rate * step
        path.append(w)
    return path


def adadelta_with_s(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    rho: float = 0.95,
    epsilon: float = 1e-6,
) -> list[float]:
    """The form with `s - rho` for `1 - rho`: `s` turns negative, and its root is no number."""
    path, h, s = [], 0.0, 0.0
    for _ in range(steps):
        g = gradient(w)
        h = rho * h + (1 - rho) * g * g
        root = math.sqrt(s + epsilon) if s + epsilon >= 0 else math.nan
        step = root / math.sqrt(h + epsilon) * g
        s = rho * s + (s - rho) * step * step
        w = w - step
        path.append(w)
    return path
