"""The adding problem: two numbers, far apart in a long sequence of others, are to be summed."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dlkit.data import fingerprint
from dlkit.data.compose import Pair
from dlkit.data.dataset import Data, Facts, References, TensorExamples
from dlkit.data.randomness import mix
from dlkit.errors import OptionError
from dlkit.ranges import NaturalInt, PositiveInt, Seed

MEAN, DEVIATION = 1.0, math.sqrt(1 / 6)
"""Of the sum of two numbers that are uniform in [0, 1]."""
TRAIN, VALIDATION, TEST = range(3)


def adding_problem(
    *,
    length: PositiveInt = 100,
    examples: PositiveInt = 20000,
    validation_examples: NaturalInt = 1000,
    test_examples: PositiveInt = 2000,
    data_seed: Seed = 0,
) -> Data:
    """Sequences `(length, 2)` of numbers and marks; the target is the sum of the two marked numbers.

    Hochreiter & Schmidhuber 1997, experiment 4, in the form of Le et al. 2015 (arXiv:1504.00941,
    section 4.1): numbers uniform in [0, 1], marks 0 but for two 1s, here one in each half, so that
    about half of the length lies between them. Who always says 1 has a mean squared error of 1/6,
    an `rmse` of 0.408. Options:

    - `length`: steps of a sequence, at least 2.
    - `examples`: sequences to train on.
    - `validation_examples`: other sequences to validate on.
    - `test_examples`: other sequences to test on.
    - `data_seed`: seeds all of them.
    """
    if length < 2:
        raise OptionError("length", f"two numbers cannot be marked in a sequence of {length}")
    sizes = {TRAIN: examples, VALIDATION: validation_examples, TEST: test_examples}
    train, validation, test = (
        draw(count, length, torch.Generator().manual_seed(mix(data_seed, part)))
        for part, count in sizes.items()
    )
    return Data(
        TensorExamples(*train),
        TensorExamples(*validation),
        TensorExamples(*test),
        facts=Facts((length, 2), 1, "values", target_mean=MEAN, target_std=DEVIATION),
        normalize=None,
        fingerprint=fingerprint.of_tensors(*train, *validation, *test),
        source=f"made from seed {data_seed}",
        references=lambda: always_the_mean(test[1]),
    )


def draw(count: int, length: int, generator: torch.Generator) -> Pair:
    """`count` sequences `(count, length, 2)` and their sums `(count, 1)`, standardised."""
    numbers = torch.rand(count, length, generator=generator)
    half = length // 2
    first = torch.randint(0, half, (count, 1), generator=generator)
    second = torch.randint(half, length, (count, 1), generator=generator)
    places = torch.cat([first, second], 1)  # (count, 2)
    marks = torch.zeros(count, length).scatter(1, places, 1.0)
    sums = numbers.gather(1, places).sum(1, keepdim=True)  # (count, 1)
    return torch.stack([numbers, marks], 2), (sums - MEAN) / DEVIATION


def always_the_mean(targets: Tensor) -> References:
    """The errors of who says the mean, 1, whatever the sequence; `targets` are standardised."""
    errors = targets * DEVIATION
    rmse, mae = errors.square().mean().sqrt(), errors.abs().mean()
    return {"always 1": {"rmse": rmse.item(), "mae": mae.item()}}
