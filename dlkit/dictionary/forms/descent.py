"""Gradient descent of one parameter, plain and with weight decay, and learning rates by step."""

from __future__ import annotations

import math

from dlkit.dictionary.forms.optimizers import Gradient


def gradient_descent(
    gradient: Gradient, w: float, steps: int, *, learning_rate: float = 0.01
) -> list[float]:
    """`w <- w - eta g`, over and over."""
    path = []
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
        path.append(w)
    return path


def decayed_descent(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 0.01,
    weight_decay: float = 0.1,
) -> list[float]:
    """`w <- (1 - eta lambda) w - eta g`. Loshchilov & Hutter 2019, arXiv:1711.05101, eq. 1."""
    path = []
    for _ in range(steps):
        w = (1 - learning_rate * weight_decay) * w - learning_rate * gradient(w)
        path.append(w)
    return path


def cosine_rate(step: int, *, total: int, base: float = 1.0) -> float:
    """Half a cosine from `base` to 0. Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5."""
    return base * (1 + math.cos(math.pi * step / total)) / 2


def stepped_rate(step: int, *, every: int, factor: float = 0.1, base: float = 1.0) -> float:
    """The rate times `factor` after every so many steps."""
    return base * factor ** (step // every)


def warmed_rate(step: int, *, warmup: int, base: float = 1.0) -> float:
    """Linear up to `base` over the first `warmup` steps. Goyal et al. 2017, arXiv:1706.02677."""
    return base * min(1.0, (step + 1) / warmup)
