"""Layers of sequences on plain lists: the gated recurrent unit and attention."""

from __future__ import annotations

import math
from collections.abc import Sequence

Vector = Sequence[float]
Matrix = Sequence[Sequence[float]]


def attention(queries: Matrix, keys: Matrix, values: Matrix) -> list[list[float]]:
    """`softmax(Q K^T / sqrt(d)) V` (Vaswani et al. 2017, eq. 1)."""
    scale = math.sqrt(len(keys[0]))
    out = []
    for query in queries:
        scores = [_dot(query, key) / scale for key in keys]
        top = max(scores)
        exponentials = [math.exp(score - top) for score in scores]
        weights = [e / sum(exponentials) for e in exponentials]
        columns = zip(*values, strict=True)
        out.append([_dot(weights, column) for column in columns])
    return out


def gru(
    x: Vector, h: Vector, inputs: Sequence[Matrix], states: Sequence[Matrix], bias: Sequence[Vector]
) -> list[float]:
    """The next state of a gated recurrent unit, in PyTorch's form.

    `inputs` and `states` are the three matrices of the reset gate, the update gate and the
    candidate, for the input and for the state; `bias` three vectors of the input and three of
    the state, in that order.
    """
    from_x = [_affine(w, x, b) for w, b in zip(inputs, bias[:3], strict=True)]
    from_h = [_affine(w, h, b) for w, b in zip(states, bias[3:], strict=True)]
    reset = [_sigmoid(a + b) for a, b in zip(from_x[0], from_h[0], strict=True)]
    keep = [_sigmoid(a + b) for a, b in zip(from_x[1], from_h[1], strict=True)]
    new = [math.tanh(a + r * b) for a, r, b in zip(from_x[2], reset, from_h[2], strict=True)]
    return [(1 - z) * n + z * old for z, n, old in zip(keep, new, h, strict=True)]


def _dot(a: Vector, b: Vector) -> float:
    return sum(p * q for p, q in zip(a, b, strict=True))


def _affine(weights: Matrix, x: Vector, bias: Vector) -> list[float]:
    return [_dot(row, x) + b for row, b in zip(weights, bias, strict=True)]


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))
