"""What averaging the weights gains a classifier, at a constant learning rate and at one that falls."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlkit.claims.digit_images import digit_images
from dlkit.claims.toy_networks import built, step
from dlkit.ranges import Fraction, PositiveFloat, PositiveInt
from dlkit.training.averaging import Average


def run(
    *,
    seed: int = 0,
    rate: Literal["constant", "falling"] = "constant",
    learning_rate: PositiveFloat = 0.5,
    decay: Fraction = 0.99,
    steps: PositiveInt = 600,
) -> dict[str, float]:
    """Test loss on scikit-learn's digits of the last weights, and of their running average.

    A network of 64 hidden units learns 1,400 images by SGD, 8 an update; 397 images are for the test.
    `ratio` is the average's loss over that of the last weights.

    - `rate`: `falling` lets the learning rate fall to 0 along a straight line.
    - `decay`: the share of itself that the average keeps at each update.
    """
    images, digits = digit_images()
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(images), generator=generator)
    learned, held_out = order[:1400], order[1400:]
    model = built(seed, _network)
    average = Average(model, decay)
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate)
    for number in range(steps):
        if rate == "falling":
            optimizer.param_groups[0]["lr"] = learning_rate * (1 - number / steps)
        batch = learned[torch.randint(len(learned), (8,), generator=generator)]  # (8,)
        step(optimizer, cross_entropy(model(images[batch]), digits[batch]))
        average.follow(number)
    last = _loss(model, images[held_out], digits[held_out])
    average.swap()
    averaged = _loss(model, images[held_out], digits[held_out])
    return {"loss_last": last, "loss_average": averaged, "ratio": averaged / last}


def _network() -> nn.Sequential:
    """`(B, 1, 8, 8)` to `(B, 10)`."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))


def _loss(model: nn.Module, images: Tensor, digits: Tensor) -> float:
    with torch.no_grad():
        return float(cross_entropy(model(images), digits))
