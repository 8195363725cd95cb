"""Training and validation error over the steps of a model that comes to overfit."""

from __future__ import annotations

import random

from dlkit.dictionary.drawing import Dot, Line, Picture

STEPS = 240
Examples = list[tuple[list[float], float]]


def draw() -> Picture:
    """A linear model of 24 inputs, 3 of them useful, fitted to 30 examples by gradient descent."""
    chance = random.Random(3)
    train, validation = _examples(chance, 30), _examples(chance, 60)
    w, errors = [0.0] * 24, []
    for _ in range(STEPS):
        errors.append((_error(w, train), _error(w, validation)))
        residuals = [sum(map(float.__mul__, w, x)) - t for x, t in train]
        w = [
            weight - 0.03 * sum(r * x[i] for r, (x, _) in zip(residuals, train, strict=True)) / 15
            for i, weight in enumerate(w)
        ]
    best = min(range(STEPS), key=lambda step: errors[step][1])
    return Picture(
        (0, STEPS),
        (0, 4.5),
        lines=[
            Line(
                [(i, e) for i, (e, _) in enumerate(errors)], "training", "訓練誤差", style="dashed"
            ),
            Line([(i, e) for i, (_, e) in enumerate(errors)], "validation", "検証誤差"),
        ],
        dots=[Dot(best, errors[best][1], "stop and keep this", "ここの重みを残す")],
    )


def _examples(chance: random.Random, count: int) -> Examples:
    rows = [[chance.gauss(0, 1) for _ in range(24)] for _ in range(count)]
    return [(x, x[0] - x[1] + x[2] + chance.gauss(0, 1)) for x in rows]


def _error(w: list[float], examples: Examples) -> float:
    """The mean squared error."""
    return sum((sum(map(float.__mul__, w, x)) - t) ** 2 for x, t in examples) / len(examples)
