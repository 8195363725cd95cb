"""What is left of the cross-entropy when a softmax stands before the loss that has its own."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, classes: PositiveInt = 10) -> dict[str, float]:
    """The loss of a certain, right prediction: after softmax `ln((e + classes - 1) / e)`."""
    target = torch.tensor([0])
    scores = torch.zeros(1, classes, dtype=torch.float64)  # (1, classes)
    scores[0, 0] = 1e4
    return {
        "floor_after_softmax": float(cross_entropy(scores.softmax(1), target)),
        "floor_on_logits": float(cross_entropy(scores, target)),
    }
