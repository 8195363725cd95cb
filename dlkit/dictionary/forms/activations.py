"""Activation functions of one number, and softmax of a list."""

from __future__ import annotations

import math
from collections.abc import Sequence


def identity(x: float) -> float:
    """`x`."""
    return x


def step(x: float, at_zero: float = 1.0) -> float:
    """0 below 0, 1 above, and `at_zero` at 0 itself, where the value is a convention."""
    return at_zero if x == 0 else float(x > 0)


def sigmoid(x: float) -> float:
    """`1 / (1 + exp(-x))`, written so that exp never overflows."""
    small = math.exp(-abs(x))
    return (1.0 if x >= 0 else small) / (1 + small)


def relu(x: float) -> float:
    """`max(0, x)`."""
    return max(0.0, x)


def tanh(x: float) -> float:
    """`2 / (1 + exp(-2x)) - 1`, the sigmoid at `2x`, stretched to run from -1 to 1."""
    return 2 * sigmoid(2 * x) - 1


def softplus(x: float) -> float:
    """`ln(1 + exp(x))`, with the larger of `x` and 0 taken out of the exponential."""
    return max(0.0, x) + math.log1p(math.exp(-abs(x)))


def softplus_printed(x: float) -> float:
    """`ln(1 + exp(x))` as it is written: infinite where exp overflows."""
    try:
        return math.log(1 + math.exp(x))
    except OverflowError:
        return math.inf


def elu(x: float, *, alpha: float = 1.0) -> float:
    """`x` above 0, else `alpha (exp(x) - 1)`. Clevert, Unterthiner & Hochreiter 2016."""
    return x if x > 0 else alpha * math.expm1(x)


def leaky_relu(x: float, *, negative_slope: float = 0.01) -> float:
    """`x` above 0, else `negative_slope x`. Maas, Hannun & Ng 2013."""
    return x if x > 0 else negative_slope * x


def gelu(x: float) -> float:
    """`x` times the normal distribution function at `x`. Hendrycks & Gimpel 2016."""
    return x * (1 + math.erf(x / math.sqrt(2))) / 2


def gelu_tanh(x: float) -> float:
    """GELU's approximation by tanh. Hendrycks & Gimpel 2016, section 2."""
    return x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def silu(x: float) -> float:
    """`x` times the sigmoid of `x`. Elfwing, Uchibe & Doya 2018."""
    return x * sigmoid(x)


def softmax(x: Sequence[float]) -> list[float]:
    """`exp(x_i) / sum_k exp(x_k)`, with the largest input taken out of the exponentials."""
    top = max(x)
    exponentials = [math.exp(value - top) for value in x]
    total = sum(exponentials)
    return [each / total for each in exponentials]


def softmax_printed(x: Sequence[float]) -> list[float]:
    """Softmax as it is written: not a number where exp overflows."""
    try:
        exponentials = [math.exp(value) for value in x]
    except OverflowError:
        return [math.nan] * len(x)
    return [each / sum(exponentials) for each in exponentials]
