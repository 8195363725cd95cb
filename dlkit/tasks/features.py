"""The small classifier whose features judge generated images: trained once, the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlkit.data.batches import Batch, training_batches
from dlkit.data.dataset import Data

SEED = 0
UPDATES, BATCH, RATE = 900, 64, 1e-3
DROPOUT, NOISE = 0.5, 0.1
FEATURES = 64
CHUNK = 500


class Embedded(NamedTuple):
    """Images as the classifier sees them: `features` `(N, 64)` float32, `classes` `(N,)` int64."""

    features: Tensor
    classes: Tensor


class FeatureClassifier(nn.Module):
    """Two convolutions with max pooling and a dense layer of 64 units, whose activations are the
    features, before the classes."""

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        maps, height, width = shape
        self.features = nn.Sequential(
            nn.Conv2d(maps, 32, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * (height // 4) * (width // 4), FEATURES),
            nn.ReLU(),
        )
        self.output = nn.Linear(FEATURES, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Logits `(B, classes)` of images `(B, C, H, W)` from 0 to 1."""
        return self.output(self.features(images))

    @torch.no_grad()
    def embed(self, images: Tensor) -> Embedded:
        """Features and most likely classes of images `(N, C, H, W)`, on the CPU."""
        with torch.autocast(images.device.type, enabled=False):
            features = torch.cat([self.features(part.float()) for part in images.split(CHUNK)])
            return Embedded(features.cpu(), self.output(features).argmax(1).cpu())


def train_classifier(data: Data, device: torch.device) -> FeatureClassifier:
    """The frozen classifier of the training images of `data`: 900 updates of Adam on 64 images each.

    Noise on the pixels and dropout on the features make these hold for images that it has not seen.
    The weights are a function of the training split alone: the seed is their own, and torch's
    generators are left as they were. It may be called where gradients are off.
    """
    with (
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.autocast(device.type, enabled=False),
    ):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(SEED)
            network = FeatureClassifier(data.facts.input_shape, data.facts.outputs).to(device)
        generator = torch.Generator().manual_seed(SEED)
        optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
        for batch in islice(_batches(data, device), UPDATES):
            loss = _noisy_loss(network, batch, generator)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval().requires_grad_(False)


def _noisy_loss(network: FeatureClassifier, batch: Batch, generator: torch.Generator) -> Tensor:
    """Cross-entropy under noise, all of it drawn on the CPU so that every device has the same."""
    pixels = torch.randn(batch.inputs.shape, generator=generator)
    kept = torch.rand(len(batch.indices), FEATURES, generator=generator) >= DROPOUT
    features = network.features(batch.inputs + NOISE * pixels.to(batch.inputs.device))
    thinned = features * kept.to(features.device) / (1 - DROPOUT)
    return cross_entropy(network.output(thinned), batch.targets)


def _batches(data: Data, device: torch.device) -> Iterator[Batch]:
    """Batches of the training split, epoch after epoch without end."""
    for epoch in count():
        yield from training_batches(
            data.train,
            seed=SEED,
            epoch=epoch,
            batch_size=BATCH,
            device=device,
            normalize=data.normalize,
        )
