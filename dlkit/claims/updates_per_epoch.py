"""Counts the updates of an epoch, and how often each example is used in it."""

from __future__ import annotations

import math
from collections import Counter

import torch
from torch.utils.data import BatchSampler, RandomSampler

from dlkit.ranges import PositiveInt


def run(
    *,
    seed: int = 0,
    examples: PositiveInt = 1000,
    batch: PositiveInt = 64,
    accumulate: PositiveInt = 1,
) -> dict[str, float]:
    """Batches and updates of one epoch beside `ceil(N / B)` and `ceil(N / (B k))`.

    Batches as PyTorch's `DataLoader` draws them, shuffled; an update follows every `accumulate`
    batches and the last one. `uses` are how often an example comes up; `seen_with_replacement` is
    the share of examples that N draws with replacement reach, near `1 - 1/e`, 0.632.
    """
    generator = torch.Generator().manual_seed(seed)
    numbers = range(examples)
    batches = list(BatchSampler(RandomSampler(numbers, generator=generator), batch, False))
    updates = sum(1 for i in range(1, len(batches) + 1) if i % accumulate == 0 or i == len(batches))
    uses = Counter(number for each in batches for number in each)
    drawn = RandomSampler(numbers, replacement=True, generator=generator)
    return {
        "batches": float(len(batches)),
        "updates": float(updates),
        "predicted_batches": float(math.ceil(examples / batch)),
        "predicted_updates": float(math.ceil(examples / (batch * accumulate))),
        "last_batch": float(len(batches[-1])),
        "uses_least": float(min(uses[number] for number in numbers)),
        "uses_most": float(max(uses.values())),
        "seen_with_replacement": len(set(drawn)) / examples,
    }


def accumulated(*, seed: int = 0, accumulate: PositiveInt = 4) -> dict[str, float]:
    """The same for 1,000 examples in batches of 64, with `accumulate` batches to an update."""
    return run(seed=seed, accumulate=accumulate)
