"""How much the validation score of the best of many models flatters it."""

from __future__ import annotations

import torch

from dlkit.ranges import PositiveInt, UnitInterval


def run(
    *,
    seed: int = 0,
    models: PositiveInt = 100,
    examples: PositiveInt = 100,
    accuracy: UnitInterval = 0.5,
) -> dict[str, float]:
    """Validation and test accuracy of the model that has the best validation accuracy.

    `models` models are all right with probability `accuracy` on every example, so none is better
    than another; `examples` for validation, 10,000 for the test. Means over 200 repetitions.
    """
    generator = torch.Generator().manual_seed(seed)
    chances = torch.full((200, models, examples), accuracy)
    right = torch.bernoulli(chances, generator=generator).mean(2)  # (200, models)
    test = torch.bernoulli(torch.full((200, 10_000), accuracy), generator=generator)
    return {
        "validation_of_the_best": float(right.max(1).values.mean()),
        "validation_of_one": float(right[:, 0].mean()),
        "test_of_the_best": float(test.mean()),
    }
