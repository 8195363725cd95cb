"""How small the hinge loss can be on probabilities, and how small on raw scores."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.nn.losses import hinge
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, classes: PositiveInt = 10) -> dict[str, float]:
    """The one-vs-rest hinge loss of outputs that are certain of the right one of `classes`.

    After a softmax, with targets of 1 and -1 and with targets of 1 and 0; on raw scores of 1 and
    -1; and the least of 100 random softmax outputs, none of which may fall below the certain one.
    """
    generator = torch.Generator().manual_seed(seed)
    certain = torch.zeros(1, classes, dtype=torch.float64)  # (1, classes)
    certain[0, 0] = 1
    random = (5 * torch.randn(100, classes, generator=generator, dtype=torch.float64)).softmax(1)
    return {
        "floor_softmax": float(_one_vs_rest(certain).min()),
        "floor_softmax_targets_0_1": float(torch.relu(1 - certain * certain).sum()),
        "least_random_softmax": float(_one_vs_rest(random).min()),
        "floor_raw_scores": float(_one_vs_rest(2 * certain - 1).min()),
    }


def _one_vs_rest(outputs: Tensor) -> Tensor:
    """The loss of each row (B, K) if class 0 is the true one; (B,)."""
    loss = hinge(variant="one_vs_rest")
    true = torch.zeros(1, dtype=torch.int64)
    return torch.stack([loss(row[None], true) for row in outputs])
