"""Losses: of a list of outputs and a list of targets, or of one number where they are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

Numbers = Sequence[float]


def mse(outputs: Numbers, targets: Numbers) -> float:
    """`(y - t)^2`, the mean over all elements."""
    return _mean([(y - t) ** 2 for y, t in zip(outputs, targets, strict=True)])


def half_mse(outputs: Numbers, targets: Numbers) -> float:
    """`(y - t)^2 / 2`, the mean over all elements: what is often printed as the MSE."""
    return mse(outputs, targets) / 2


def l1(outputs: Numbers, targets: Numbers) -> float:
    """`|y - t|`, the mean over all elements."""
    return _mean([abs(y - t) for y, t in zip(outputs, targets, strict=True)])


def huber(outputs: Numbers, targets: Numbers, *, delta: float = 1.0) -> float:
    """Huber 1964, the mean over all elements."""
    errors = [y - t for y, t in zip(outputs, targets, strict=True)]
    return _mean([huber_error(e, delta=delta) for e in errors])


def epsilon_insensitive(outputs: Numbers, targets: Numbers, *, epsilon: float = 0.1) -> float:
    """`max(0, |t - y| - epsilon)`, the mean over all elements. Vapnik 1995."""
    errors = [y - t for y, t in zip(outputs, targets, strict=True)]
    return _mean([epsilon_error(e, epsilon=epsilon) for e in errors])


def epsilon_insensitive_printed(
    outputs: Numbers, targets: Numbers, *, epsilon: float = 0.1
) -> float:
    """The form `max(0, |1 - t y| - epsilon)`, which is right for targets of 1 and -1 only."""
    pairs = zip(outputs, targets, strict=True)
    return _mean([max(0.0, abs(1 - t * y) - epsilon) for y, t in pairs])


def hinge(scores: Numbers, true: int) -> float:
    """`max(0, 1 + max_{j != c} s_j - s_c)`. Crammer & Singer 2001."""
    best_other = max(s for k, s in enumerate(scores) if k != true)
    return max(0.0, 1 + best_other - scores[true])


def hinge_one_vs_rest(scores: Numbers, targets: Numbers) -> float:
    """`sum_k max(0, 1 - t_k s_k)`, with a target of 1 or -1 for each class."""
    return sum(max(0.0, 1 - t * s) for s, t in zip(scores, targets, strict=True))


def hinge_weston_watkins(scores: Numbers, true: int) -> float:
    """`sum_{j != c} max(0, 1 + s_j - s_c)`, divided by the number of classes as torch does."""
    margins = [max(0.0, 1 + s - scores[true]) for k, s in enumerate(scores) if k != true]
    return sum(margins) / len(scores)


def cross_entropy(scores: Numbers, target: Numbers) -> float:
    """`-sum t_k log softmax(z)_k`, with the largest score taken out of the exponentials."""
    top = max(scores)
    log_sum = top + math.log(sum(math.exp(z - top) for z in scores))
    return -sum(t * (z - log_sum) for z, t in zip(scores, target, strict=True))


def cross_entropy_of_probabilities(target: Numbers, predicted: Numbers) -> float:
    """`H(t, y) = -sum t_k ln y_k`, in nats; a class with `t_k = 0` adds nothing."""
    pairs = zip(target, predicted, strict=True)
    return -sum(t * math.log(y) for t, y in pairs if t > 0)


def entropy(target: Numbers) -> float:
    """`H(t) = -sum t_k ln t_k`, in nats."""
    return cross_entropy_of_probabilities(target, target)


def kl_divergence(target: Numbers, predicted: Numbers) -> float:
    """`KL(t || y) = sum t_k ln(t_k / y_k)`, in nats."""
    pairs = zip(target, predicted, strict=True)
    return sum(t * math.log(t / y) for t, y in pairs if t > 0)


def binary_cross_entropy(scores: Numbers, targets: Numbers) -> float:
    """`max(z, 0) - z t + ln(1 + exp(-|z|))`, the mean over all elements."""
    pairs = zip(scores, targets, strict=True)
    return _mean([max(z, 0.0) - z * t + math.log1p(math.exp(-abs(z))) for z, t in pairs])


def squared_error(e: float) -> float:
    """`e^2`, of one error."""
    return e * e


def half_squared_error(e: float) -> float:
    """`e^2 / 2`, of one error."""
    return e * e / 2


def absolute_error(e: float) -> float:
    """`|e|`, of one error."""
    return abs(e)


def huber_error(e: float, *, delta: float = 1.0) -> float:
    """`e^2 / 2` up to `delta`, then straight on at the slope `delta`; of one error."""
    return e * e / 2 if abs(e) <= delta else delta * (abs(e) - delta / 2)


def epsilon_error(e: float, *, epsilon: float = 0.1) -> float:
    """`max(0, |e| - epsilon)`, of one error."""
    return max(0.0, abs(e) - epsilon)


def hinge_margin(m: float) -> float:
    """`max(0, 1 - m)`, of a margin `m = t s`."""
    return max(0.0, 1 - m)


def surprise(p: float) -> float:
    """`-ln p`: the cross-entropy where the true class was given the probability `p`."""
    return -math.log(p)


def logistic_margin(m: float) -> float:
    """`ln(1 + exp(-m))`: the binary cross-entropy at the score `m` of the right answer."""
    return max(-m, 0.0) + math.log1p(math.exp(-abs(m)))


def _mean(values: Numbers) -> float:
    return sum(values) / len(values)
