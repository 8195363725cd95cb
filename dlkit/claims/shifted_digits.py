"""What training on shifted copies of images does for accuracy on images as they are and shifted."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from dlkit.claims.digit_images import accuracy
from dlkit.ranges import NaturalInt, PositiveInt


def run(
    *,
    seed: int = 0,
    examples: PositiveInt = 200,
    shift: NaturalInt = 1,
    updates: PositiveInt = 600,
) -> dict[str, float]:
    """Test accuracy without and with random shifts of up to `shift` pixels in training.

    scikit-learn's digits of 8x8 pixels: `examples` to train on, drawn by the seed, the others to
    test, once as they are and once each shifted at random by up to 1 pixel. Dense layers of
    64-64-10 with ReLU, Adam at 0.003, batches of 32. `train_accuracy` is on the images as they are.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32)  # (1797, 8, 8)
    classes = torch.tensor(digits.target)  # (1797,)
    measured = {}
    for name, training_shift in (("without", 0), ("with", shift)):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            order = torch.randperm(len(images))
            train, test = order[:examples], order[examples:]
            shifted = shifted_images(images[test], 1)
            model = fit(images[train], classes[train], training_shift, updates)
        measured[f"accuracy_{name}"] = accuracy(model, images[test], classes[test])
        measured[f"accuracy_on_shifted_{name}"] = accuracy(model, shifted, classes[test])
        measured[f"train_accuracy_{name}"] = accuracy(model, images[train], classes[train])
    return measured


def shifted_images(images: Tensor, shift: int) -> Tensor:
    """Each image (B, H, W) moved by up to `shift` pixels along both axes, and filled up with 0."""
    count, height, width = images.shape
    padded = pad(images, [shift] * 4)  # (B, H + 2 shift, W + 2 shift)
    down, right = torch.randint(2 * shift + 1, (2, count, 1))
    rows = (down + torch.arange(height))[:, :, None]  # (B, H, 1)
    columns = (right + torch.arange(width))[:, None, :]  # (B, 1, W)
    return padded[torch.arange(count)[:, None, None], rows, columns]


def fit(images: Tensor, classes: Tensor, shift: int, updates: int) -> nn.Module:
    """A network that has learned images (B, 8, 8), each time shifted by up to `shift` pixels."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(updates):
        chosen = torch.randperm(len(images))[:32]
        loss = cross_entropy(model(shifted_images(images[chosen], shift)), classes[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model
