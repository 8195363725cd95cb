"""Mini-batch noise on a small real problem: a linear model of diabetes with two weights.

The inputs are total cholesterol and LDL, nearly one thing measured twice: standardised, they make a
valley that lies across both axes, as the turned valley does.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from dlkit.comparing.surfaces.choose import RATES
from dlkit.comparing.surfaces.record import DIGITS, Noise, NoiseTrial
from dlkit.comparing.surfaces.trajectories import Runs, descend

FEATURES, COLUMNS = ("total cholesterol (s1)", "LDL (s2)"), (4, 5)
START, STEPS, LAST, SEED = (-1.0, 1.6), 300, 100, 0
BATCHES = (32, 1)
"""Sizes of the mini-batches; the full batch comes before them."""


def measure(rules: Sequence[str]) -> Noise:
    """Each rule on the full batch, on 32 examples and on one: the same updates, the same order.

    Of the grid of rates, a rule has for each size the one whose excess loss (of all examples) is
    the lowest on average over the last 100 of 300 updates. Raises `DataError` without the data.
    """
    from dlkit.data.dataset import TensorExamples
    from dlkit.data.diabetes import diabetes

    data = diabetes()
    assert isinstance(data.train, TensorExamples)  # noqa: S101 - a table is held in memory
    inputs = data.train.inputs[:, COLUMNS].double()  # (n, 2)
    targets = data.train.labels.double()  # (n, 1)
    hessian, vector = _moments(inputs, targets)
    minimum = torch.linalg.solve(hessian, vector)
    low, high = torch.linalg.eigvalsh(hessian).tolist()
    (a, b), (_, c) = hessian.tolist()
    noise = Noise(
        "diabetes",
        FEATURES,
        len(inputs),
        ((a, b), (b, c)),
        (float(minimum[0]), float(minimum[1])),
        round(high / low, 2),
        START,
        STEPS,
        SEED,
        [],
    )
    batches = [_batches(inputs, targets, size) for size in (len(inputs), *BATCHES)]
    for rule in rules:
        noise.trials.extend(_trials(noise, rule, batches))
    return noise


def _moments(inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """`H` and `b` of the loss `w H w / 2 - b w + constant`, half the mean squared error."""
    return inputs.T @ inputs / len(inputs), (inputs * targets).mean(0)


def _batches(inputs: Tensor, targets: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """`H` `(STEPS, 2, 2)` and `b` `(STEPS, 2)` of the batch of each update, epoch after epoch."""
    from dlkit.data.randomness import permutation

    found: list[tuple[Tensor, Tensor]] = []
    epoch = 0
    while len(found) < STEPS:
        order = permutation(SEED, epoch, len(inputs))
        groups = (order[k : k + size] for k in range(0, len(order), size))
        found += [_moments(inputs[rows], targets[rows]) for rows in groups]
        epoch += 1
    hessians, vectors = zip(*found[:STEPS], strict=True)
    return torch.stack(hessians), torch.stack(vectors)


def _trials(noise: Noise, rule: str, batches: Sequence[tuple[Tensor, Tensor]]) -> list[NoiseTrial]:
    """All sizes and rates are rows of one run, sizes first."""
    rates = torch.tensor(RATES, dtype=torch.float64)
    hessians = torch.stack([hessian for hessian, _ in batches], 1)  # (STEPS, sizes, 2, 2)
    vectors = torch.stack([vector for _, vector in batches], 1)[:, :, None]  # (STEPS, sizes, 1, 2)

    def gradient(w: Tensor, t: int) -> Tensor:
        stacked = w.view(len(batches), len(rates), 2)
        return (stacked @ hessians[t - 1] - vectors[t - 1]).view(-1, 2)

    rows = len(batches) * len(rates)
    runs = descend(
        gradient,
        rule,
        rates=rates.repeat(len(batches)),
        starts=torch.tensor(START, dtype=torch.float64).expand(rows, 2),
        steps=STEPS,
    )
    sizes = (noise.examples, *BATCHES)
    return [_best(noise, rule, size, k * len(rates), runs) for k, size in enumerate(sizes)]


def _best(noise: Noise, rule: str, size: int, first: int, runs: Runs) -> NoiseTrial:
    """The trial of one size, whose rows begin at `first`."""
    path = runs.path[:, first : first + len(RATES)]
    excess = noise.excess(*path[-LAST:].unbind(-1)).mean(0)  # (R,)
    excess[runs.left[first : first + len(RATES)] > 0] = torch.inf
    best = int(excess.argmin())
    points = [(round(x, DIGITS), round(y, DIGITS)) for x, y in path[:, best].tolist()]
    return NoiseTrial(rule, size, RATES[best], float(excess[best]), points)
