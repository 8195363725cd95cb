"""The basics: a neuron, batch normalization, dropout, penalties, smoothed targets, clipping."""

from __future__ import annotations

import math
from collections.abc import Sequence


def weighted_sum(inputs: Sequence[float], weights: Sequence[float], bias: float) -> float:
    """What a neuron makes of its inputs before its activation: `sum w_i x_i + b`."""
    return sum(w * x for w, x in zip(weights, inputs, strict=True)) + bias


def neuron(inputs: Sequence[float], weights: Sequence[float], bias: float) -> float:
    """The output of a neuron with tanh."""
    return math.tanh(weighted_sum(inputs, weights, bias))


def batch_normalised(
    values: Sequence[float], *, scale: float = 1.0, shift: float = 0.0, epsilon: float = 1e-5
) -> list[float]:
    """One feature of a batch: mean 0 and variance 1, then scaled and shifted.

    Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 1.
    """
    mean = sum(values) / len(values)
    variance = sum((x - mean) ** 2 for x in values) / len(values)
    return [scale * (x - mean) / math.sqrt(variance + epsilon) + shift for x in values]


def l1(weights: Sequence[float]) -> float:
    """The sum of absolute values."""
    return sum(abs(w) for w in weights)


def soft_threshold(weight: float, *, threshold: float = 1.0) -> float:
    """The weight moved towards 0 by `threshold`, and no further: the proximal step of L1."""
    return math.copysign(max(0.0, abs(weight) - threshold), weight)


def l2(weights: Sequence[float]) -> float:
    """The sum of squares."""
    return sum(w * w for w in weights)


def dropped(values: Sequence[float], kept: Sequence[float], *, p: float = 0.5) -> list[float]:
    """Inverted dropout: `kept` holds 1 for what stays and 0 for what is zeroed, a share `p`."""
    return [keep * value / (1 - p) for value, keep in zip(values, kept, strict=True)]


def smoothed_cross_entropy(
    scores: Sequence[float], target: Sequence[float], *, amount: float = 0.1
) -> float:
    """Cross-entropy of scores with a target mixed with the uniform distribution.

    Szegedy et al. 2016, arXiv:1512.00567, section 7.
    """
    top = max(scores)
    log_sum = top + math.log(sum(math.exp(z - top) for z in scores))
    mixed = ((1 - amount) * t + amount / len(scores) for t in target)
    return -sum(t * (z - log_sum) for z, t in zip(scores, mixed, strict=True))


def clipped_by_norm(gradient: Sequence[float], *, limit: float = 1.0) -> list[float]:
    """The gradient, scaled down to the length `limit` if it is longer.

    Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, algorithm 1.
    """
    norm = math.sqrt(sum(g * g for g in gradient))
    return [g * min(1.0, limit / norm) if norm else 0.0 for g in gradient]


def clipped_by_value(gradient: Sequence[float], *, limit: float = 1.0) -> list[float]:
    """Each entry cut to the range from `-limit` to `limit`."""
    return [max(-limit, min(limit, g)) for g in gradient]
