"""What a classifier gains by averaging its predictions over shifted copies of each test image."""

from __future__ import annotations

from functools import partial
from itertools import product

import torch
from torch import Tensor, nn

from dlkit.claims.digit_images import accuracy, digit_images
from dlkit.claims.shifted_digits import fit, shifted_images
from dlkit.data.augmentation import move
from dlkit.ranges import NaturalInt, PositiveInt


def run(
    *,
    seed: int = 0,
    examples: PositiveInt = 200,
    shift: NaturalInt = 1,
    updates: PositiveInt = 600,
) -> dict[str, float]:
    """Test accuracy of one look at each image, and of the mean over its nine shifts by up to a pixel.

    scikit-learn's digits of 8x8 pixels: `examples` to train on, drawn by the seed, the others to test.
    The network is that of `shifted_digits`. `gain` is the difference of the two accuracies, and
    `gain_on_shifted` that on test images that were shifted by up to a pixel before.

    - `shift`: how many pixels the images of the training are shifted by, at most.
    """
    images, digits = digit_images()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        order = torch.randperm(len(images))
        train, test = order[:examples], order[examples:]
        model = fit(images[train, 0], digits[train], shift, updates)
        shifted = shifted_images(images[test, 0], 1)[:, None]
    one = accuracy(model, images[test], digits[test])
    mean = accuracy(partial(_averaged, model), images[test], digits[test])
    one_on_shifted = accuracy(model, shifted, digits[test])
    mean_on_shifted = accuracy(partial(_averaged, model), shifted, digits[test])
    return {
        "accuracy_one": one,
        "accuracy_mean": mean,
        "gain": mean - one,
        "gain_on_shifted": mean_on_shifted - one_on_shifted,
    }


def _averaged(model: nn.Module, images: Tensor) -> Tensor:
    """The mean of the classes' probabilities over nine copies of images `(B, 1, 8, 8)`: `(B, 10)`."""
    still = torch.zeros(len(images), dtype=torch.long)  # (B,)
    views = [
        move(images, still + down, still + right, 1)
        for down, right in product((-1, 0, 1), repeat=2)
    ]
    return torch.stack([model(view).softmax(1) for view in views]).mean(0)
