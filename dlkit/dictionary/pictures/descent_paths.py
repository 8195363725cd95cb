"""The ways of batch gradient descent, mini-batches and single examples to the same minimum."""

from __future__ import annotations

import random

from dlkit.dictionary.drawing import Dot, Line, Picture, Point, contours

Example = tuple[float, float, float]


def draw() -> Picture:
    """40 updates from (-2.6, 1.6) of a line fitted to 64 points, with batches of 64, 8 and 1."""
    chance = random.Random(4)
    examples = [_example(chance) for _ in range(64)]
    batch, mini, single = (_path(examples, size, chance) for size in (64, 8, 1))
    window = ((-3.2, 3.2), (-2.2, 2.4))

    def loss(a: float, b: float) -> float:
        return sum((a * x + b * y - t) ** 2 for x, y, t in examples) / (2 * len(examples))

    return Picture(
        *window,
        lines=[
            *contours(loss, (0.4, 1, 2.5, 5, 9), *window, cells=40),
            Line(single, "one example (SGD)", "1件ずつ(SGD)", style="faint", arrow=True),
            Line(mini, "mini-batch of 8", "8件のミニバッチ", style="dashed", arrow=True),
            Line(batch, "all 64 (batch)", "全64件(バッチ)", arrow=True, moving=True),
        ],
        dots=[Dot(-2.6, 1.6, "start", "出発点")],
        axes=False,
    )


def _example(chance: random.Random) -> Example:
    """Two inputs, the second with twice the spread, and a target that is mostly noise."""
    x, y = chance.gauss(0, 0.8), chance.gauss(0, 1.6)
    return x, y, 1.5 * x - 0.4 * y + chance.gauss(0, 0.8)


def _path(examples: list[Example], size: int, chance: random.Random) -> list[Point]:
    """The weights after each of 40 updates at a rate of 0.1."""
    a, b = -2.6, 1.6
    path = [(a, b)]
    for _ in range(40):
        chosen = chance.sample(examples, size)
        errors = [(a * x + b * y - t, x, y) for x, y, t in chosen]
        a -= 0.1 * sum(e * x for e, x, _ in errors) / size
        b -= 0.1 * sum(e * y for e, _, y in errors) / size
        path.append((a, b))
    return path
