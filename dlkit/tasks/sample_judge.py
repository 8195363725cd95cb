"""Judges images, generated or not, by the held-out and the training images of a data set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

import torch
from torch import Tensor

from dlkit.data.batches import Batch, evaluation_batches
from dlkit.data.dataset import Data, References
from dlkit.tasks.features import Embedded, FeatureClassifier, train_classifier
from dlkit.tasks.sample_quality import (
    frechet_distance,
    modes_covered,
    nearest_distance,
    neighbourhoods,
)
from dlkit.tasks.sample_rivals import rivals

BATCH = 500
COMPARED = 1000
"""The most images whose nearest training images are looked for."""
MOST_FOR_RIVALS = 10_000
"""The most training images that rivals are made of."""
MOST_DRAWS, MOST_DRAWN = 10, 4000
"""How often a test draws images at most, and how many in all, unless it is larger itself."""


class Judge:
    """The data's images on `device`, and the classifier whose features compare others with them."""

    def __init__(self, data: Data, device: torch.device) -> None:
        self.data, self.device = data, device

    @cached_property
    def classifier(self) -> FeatureClassifier:
        """Trained on the training split, when it is first needed."""
        return train_classifier(self.data, self.device)

    def embed(self, images: Tensor) -> Embedded:
        """The features and classes of images `(N, C, H, W)` from 0 to 1."""
        return self.classifier.embed(images)

    def nearest_training(self, images: Tensor) -> float:
        """The mean distance of the first 1,000 images `(N, C, H, W)` to the nearest training image."""
        return nearest_distance(
            images[:COMPARED].float(), (batch.inputs for batch in self._batches("train"))
        )

    def training_images(self, most: int) -> tuple[Tensor, Tensor]:
        """The first `most` training images `(N, C, H, W)` and their classes `(N,)`."""
        batches = list(islice(self._batches("train"), -(-most // BATCH)))
        inputs, targets = (
            torch.cat([batch[field] for batch in batches])[:most] for field in (0, 1)
        )
        return inputs, targets

    def references(self) -> References:
        """What the rivals score against the test split, drawn as often as generated images are."""
        held_out = joined([self.embed(batch.inputs) for batch in self._batches("test")])
        images, labels = self.training_images(MOST_FOR_RIVALS)
        count = len(held_out.classes)
        draws = [rivals(images, labels, count, seed=seed) for seed in range(draws_of(count))]
        return {
            name: compare(held_out, [self.embed(draw[name]) for draw in draws])
            | {
                "nearest_training": self.nearest_training(draws[0][name]),
                "images": len(draws[0][name]),
                "draws": len(draws),
            }
            for name in draws[0]
        }

    def _batches(self, split: str) -> Iterator[Batch]:
        examples, preparation = getattr(self.data, split), self.data.normalize
        return evaluation_batches(
            examples, batch_size=BATCH, device=self.device, normalize=preparation
        )


def compare(real: Embedded, draws: Sequence[Embedded]) -> dict[str, float]:
    """Every figure of `sample_quality` that needs features and classes only, for images drawn once or
    several times, as many each time as there are real ones.

    The Fréchet distance is that of all draws together (docs/decisions/0010). The others are means over
    the draws, since they count neighbours, of which a larger set has nearer ones.
    """
    each = [
        neighbourhoods(real.features, fake.features)
        | {"modes": modes_covered(real.classes, fake.classes)}
        for fake in draws
    ]
    return {
        "frechet": frechet_distance(real.features, joined(draws).features),
        **{name: sum(scores[name] for scores in each) / len(each) for name in each[0]},
    }


def joined(parts: Sequence[Embedded]) -> Embedded:
    """Several sets as one."""
    return Embedded(*(torch.cat(each) for each in zip(*parts, strict=True)))


def draws_of(count: int) -> int:
    """How often `count` images are generated for a test: 10 times, fewer where they are many."""
    return max(1, min(MOST_DRAWS, MOST_DRAWN // count))
