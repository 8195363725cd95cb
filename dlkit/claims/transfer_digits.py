"""What a network trained on the digits 0 to 4 is worth for the digits 5 to 9, with few labels."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import nn

from dlkit.claims.digit_images import accuracy, digit_images, train
from dlkit.claims.toy_networks import built
from dlkit.ranges import PositiveInt


def run(*, seed: int = 0, labels: PositiveInt = 50, steps: PositiveInt = 20) -> dict[str, float]:
    """Accuracy on the unlabelled images of 5 to 9, after `steps` of Adam on `labels` of them.

    Four ways: all weights from scratch; convolutions trained on 0 to 4 (500 steps) and frozen;
    the same, trained on (fine-tuned); and, as a control, random convolutions frozen. All begin
    with the same head and end after the same number of steps. The two scenarios: PyTorch's
    transfer learning tutorial. scikit-learn's digits, 8x8 pixels.

    - `labels`: labelled images of 5 to 9.
    - `steps`: updates on them.
    """
    images, digits = digit_images()
    generator = torch.Generator().manual_seed(seed)
    fresh, source_head, head = built(seed, lambda: (_convolutions(), _head(), _head()))
    trained, old = deepcopy(fresh), digits < 5
    source = nn.Sequential(trained, source_head)
    train(source, source.parameters(), images[old], digits[old], generator, steps=500)

    images, digits = images[~old], digits[~old] - 5
    order = torch.randperm(len(images), generator=generator)
    few, rest = order[:labels], order[labels:]
    ways = {
        "from_scratch": (fresh, False),
        "frozen_features": (trained, True),
        "fine_tuned": (trained, False),
        "frozen_random": (fresh, True),
    }
    scores = {}
    for name, (convolutions, frozen) in ways.items():
        model = nn.Sequential(deepcopy(convolutions), deepcopy(head))
        learned = (model[1] if frozen else model).parameters()
        train(model, learned, images[few], digits[few], generator, steps=steps)
        scores[name] = accuracy(model, images[rest], digits[rest])
    return scores


def _convolutions() -> nn.Sequential:
    """`(B, 1, 8, 8)` to `(B, 512)`."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(),
    )  # fmt: skip


def _head() -> nn.Linear:
    return nn.Linear(512, 5)
