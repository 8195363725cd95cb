"""Adam and its kin on one parameter; see `optimizers` for the signature."""

from __future__ import annotations

import math
from collections.abc import Callable

Gradient = Callable[[float], float]


def adam(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> list[float]:
    """Kingma & Ba 2015, algorithm 1."""
    path, m, v = [], 0.0, 0.0
    for t in range(1, steps + 1):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        w = w - learning_rate * m_hat / (math.sqrt(v_hat) + epsilon)
        path.append(w)
    return path


def adam_uncorrected(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> list[float]:
    """Adam without the bias correction: `m` and `v` as they are."""
    path, m, v = [], 0.0, 0.0
    for _ in range(steps):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        w = w - learning_rate * m / (math.sqrt(v) + epsilon)
        path.append(w)
    return path


def adam_with_m_for_v(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> list[float]:
    """The form with `m` in the second moment: no root where the gradient is negative."""
    path, m, v = [], 0.0, 0.0
    for t in range(1, steps + 1):
        g = gradient(w)
        v = beta2 * m + (1 - beta2) * g * g
        m = beta1 * m + (1 - beta1) * g
        v_hat = v / (1 - beta2**t)
        root = math.sqrt(v_hat) if v_hat >= 0 else math.nan
        w = w - learning_rate * m / (1 - beta1**t) / (root + epsilon)
        path.append(w)
    return path


def adam_counting_from_0(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> list[float]:
    """The form whose corrections count from 0: infinity by infinity at the first step."""
    path, m, v = [], 0.0, 0.0
    for t in range(steps):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t) if t else math.copysign(math.inf, m)
        v_hat = v / (1 - beta2**t) if t else math.inf
        w = w - learning_rate * m_hat / (math.sqrt(v_hat) + epsilon)
        path.append(w)
    return path


def adamw(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    weight_decay: float = 0.01,
) -> list[float]:
    """Loshchilov & Hutter 2019, as in PyTorch: the weight shrinks by `eta lambda`, then Adam."""
    path, m, v = [], 0.0, 0.0
    for t in range(1, steps + 1):
        g = gradient(w)
        w = w * (1 - learning_rate * weight_decay)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        w = w - learning_rate * m_hat / (math.sqrt(v_hat) + epsilon)
        path.append(w)
    return path


def nadam(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 2e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    momentum_decay: float = 4e-3,
) -> list[float]:
    """Dozat 2016, with the rising share of momentum: `mu_t = beta1 (1 - 0.96^(t c) / 2)`."""

    def mu(t: int) -> float:
        return beta1 * (1 - math.pow(0.96, t * momentum_decay) / 2)

    path, m, v, product = [], 0.0, 0.0, 1.0
    for t in range(1, steps + 1):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        product = product * mu(t)
        ahead = mu(t + 1) * m / (1 - product * mu(t + 1))
        now = (1 - mu(t)) * g / (1 - product)
        w = w - learning_rate * (ahead + now) / (math.sqrt(v / (1 - beta2**t)) + epsilon)
        path.append(w)
    return path


def rectification(t: float, *, beta2: float = 0.999) -> float:
    """The factor of RAdam's step at step `t`; 0 stands for a step without the second moment.

    Liu et al. 2020, section 4.2.
    """
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length <= 5:
        return 0.0
    above = (length - 4) * (length - 2) * longest
    return math.sqrt(above / ((longest - 4) * (longest - 2) * length))


def radam(
    gradient: Gradient,
    w: float,
    steps: int,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> list[float]:
    """Liu et al. 2020, algorithm 2, with PyTorch's bound of 5."""
    path, m, v = [], 0.0, 0.0
    for t in range(1, steps + 1):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        step = m / (1 - beta1**t)
        if factor := rectification(t, beta2=beta2):
            step = step * factor * math.sqrt(1 - beta2**t) / (math.sqrt(v) + epsilon)
        w = w - learning_rate * step
        path.append(w)
    return path
