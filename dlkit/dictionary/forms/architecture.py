"""Architectures: steps of recurrent networks, costs of generative ones, boxes and their scores."""

from __future__ import annotations

import math
from collections.abc import Sequence

Vector = Sequence[float]
Matrix = Sequence[Sequence[float]]


def rnn_step(x: Vector, h: Vector, w: Matrix, u: Matrix, b: Vector) -> list[float]:
    """`tanh(W x + U h + b)`."""
    return [math.tanh(z) for z in _affine(x, h, w, u, b)]


def lstm_step(
    x: Vector, h: Vector, c: Vector, *, w: Matrix, u: Matrix, b: Vector
) -> tuple[list[float], list[float]]:
    """The new state and cell; rows of `w`, `u`, `b` in the order input, forget, cell, output."""
    size = len(h)
    parts = _affine(x, h, w, u, b)
    i, f, g, o = (parts[k * size : (k + 1) * size] for k in range(4))
    cell = [
        _sigmoid(p) * old + _sigmoid(q) * math.tanh(r)
        for p, q, r, old in zip(f, i, g, c, strict=True)
    ]
    return [_sigmoid(q) * math.tanh(new) for q, new in zip(o, cell, strict=True)], cell


def gaussian_divergence(mean: Vector, log_variance: Vector) -> float:
    """`KL(N(mean, variance), N(0, 1))`, summed over independent dimensions."""
    return sum((m * m + math.exp(v) - 1 - v) / 2 for m, v in zip(mean, log_variance, strict=True))


def elbo(log_likelihood: float, mean: Vector, log_variance: Vector) -> float:
    """`log p(x|z) - KL(q(z|x), N(0, 1))`, the first term being its mean over q."""
    return log_likelihood - gaussian_divergence(mean, log_variance)


def gan_value(real: Vector, fake: Vector) -> float:
    """`E log D(x) + E log(1 - D(G(z)))`, from the discriminator's outputs for both."""
    return sum(map(math.log, real)) / len(real) + sum(math.log(1 - d) for d in fake) / len(fake)


def iou(a: Vector, b: Vector) -> float:
    """Area of the intersection of two boxes `[x1, y1, x2, y2]` over that of their union."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def nms(boxes: Sequence[Vector], scores: Vector, threshold: float) -> list[int]:
    """Indices of the boxes kept, best first: each overlaps no better kept one by more."""
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda k: -scores[k]):
        if all(iou(boxes[index], boxes[better]) <= threshold for better in kept):
            kept.append(index)
    return kept


def average_precision(hits: Vector, positives: int) -> float:
    """Area under the precision envelope over recall; `hits` are 1 or 0, best score first."""
    found = 0.0
    precisions, recalls = [], []
    for rank, hit in enumerate(hits, 1):
        found += hit
        precisions.append(found / rank)
        recalls.append(found / positives)
    area, best = 0.0, 0.0
    for k in reversed(range(len(precisions))):
        best = max(best, precisions[k])
        area += best * (recalls[k] - (recalls[k - 1] if k else 0.0))
    return area


def frechet_distance(
    mean_a: Vector, variance_a: Vector, mean_b: Vector, variance_b: Vector
) -> float:
    """The squared Frechet distance of normal distributions whose features are independent."""
    means = sum((a - b) ** 2 for a, b in zip(mean_a, mean_b, strict=True))
    spread = sum(a + b - 2 * math.sqrt(a * b) for a, b in zip(variance_a, variance_b, strict=True))
    return means + spread


def yolo_target(box: Vector, grid: int) -> tuple[int, int, list[float]]:
    """Row and column of the cell that holds the centre, and `[x, y, w, h]` as it predicts them.

    `box` is `[x, y, w, h]`, centre and size, in an image of side 1.
    """
    x, y, width, height = box
    column, row = min(int(x * grid), grid - 1), min(int(y * grid), grid - 1)
    return row, column, [x * grid - column, y * grid - row, width, height]


def yolo_box(row: int, column: int, target: Vector, grid: int) -> list[float]:
    """The box that a cell's prediction means: the inverse of `yolo_target`."""
    return [(column + target[0]) / grid, (row + target[1]) / grid, target[2], target[3]]


def _affine(x: Vector, h: Vector, w: Matrix, u: Matrix, b: Vector) -> list[float]:
    return [
        sum(a * v for a, v in zip(row, x, strict=True))
        + sum(a * v for a, v in zip(back, h, strict=True)) + bias
        for row, back, bias in zip(w, u, b, strict=True)
    ]  # fmt: skip


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))
