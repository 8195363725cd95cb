"""Running means of a sequence."""

from __future__ import annotations

from collections.abc import Sequence


def moving_average(values: Sequence[float], *, beta: float = 0.9) -> list[float]:
    """`m = beta m + (1 - beta) x`, begun at 0: what it is after each value."""
    means, m = [], 0.0
    for x in values:
        m = beta * m + (1 - beta) * x
        means.append(m)
    return means


def corrected_average(values: Sequence[float], *, beta: float = 0.9) -> list[float]:
    """`moving_average` divided by the sum of its weights, `1 - beta^t` (Kingma & Ba 2015, 3)."""
    means = moving_average(values, beta=beta)
    return [m / (1 - beta**t) for t, m in enumerate(means, 1)]
