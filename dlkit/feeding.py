"""Which batches a config trains and evaluates on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from dlkit.config.blame import complaint
from dlkit.config.schema import RunConfig
from dlkit.data.augmentation import Augmentation, on_inputs
from dlkit.data.batches import (
    Batch,
    Change,
    evaluation_batches,
    size_of_batch,
    training_batches,
)
from dlkit.data.dataset import Data
from dlkit.training.loop import Feed

EVALUATION_BATCH = 500
"""The most examples that are evaluated at once."""
EVALUATION_NUMBERS = 1 << 22
"""The most numbers that these may hold, so that large images don't fill the memory."""


class Batches:
    """The batches of a config's `data` on `device`; `augmentation` holds that one's options."""

    def __init__(
        self,
        config: RunConfig,
        device: torch.device,
        data: Data,
        augmentation: Mapping[str, Any],
    ) -> None:
        self.config, self.device, self.data = config, device, data
        self.augmentation = augmentation

    @property
    def updates_per_epoch(self) -> int:
        """Each takes `fit.accumulate` batches, the last what is left."""
        return -(-len(self._order(epoch=0)) // self.config.fit.accumulate)

    def feed(self) -> Feed:
        """Batches of the training and the validation split, as the loop asks for them."""
        fit = self.config.fit
        train = partial(
            training_batches,
            self.data.train,
            seed=fit.seed,
            batch_size=fit.batch_size,
            augmentation=self._change(),
            **self._placing(),
        )
        return Feed(
            lambda epoch, start: train(epoch=epoch, start=start), self.evaluation("validation")
        )

    def _change(self) -> Change | None:
        options = self.augmentation
        if not options:
            return None
        if self.data.augments is None:
            message = f"augmentation acts on images; data '{self.config.data.name}' has none."
            raise complaint(self.config, "regularization.augmentation", message)
        if options.get("quarter_turns"):
            self._refuse_oblong_images()
        if self.data.augments == "images":
            return on_inputs(Augmentation(**options))
        from dlkit.data.box_augmentation import BoxAugmentation

        return BoxAugmentation(**options)

    def _refuse_oblong_images(self) -> None:
        """Turned by a right angle, they would not fit the others of their batch."""
        inputs, _ = self.data.train.fetch(torch.tensor([0]))
        height, width = inputs.shape[2:]
        if height != width:
            name = "regularization.augmentation.quarter_turns"
            message = f"'{name}' takes square images, the data yield {height}x{width} pixels."
            raise complaint(
                self.config, name, message, "Leave it out, or give the data another size."
            )

    def evaluation(self, split: str) -> Callable[[], Iterator[Batch]] | None:
        """Batches of `split` in order; None where it is empty."""
        examples = getattr(self.data, split)
        if not len(examples):
            return None
        most = EVALUATION_NUMBERS // math.prod(self.data.facts.input_shape)
        size = min(EVALUATION_BATCH, max(1, most))
        return partial(evaluation_batches, examples, batch_size=size, **self._placing())

    def _placing(self) -> dict[str, Any]:
        return {
            "device": self.device,
            "normalize": self.data.normalize,
            "channels_last": self.config.fit.channels_last,
        }

    def indices(self, step: int) -> list[int]:
        """The training examples of the update with that number (from 1)."""
        accumulate = self.config.fit.accumulate
        epoch, place_in_epoch = divmod(step - 1, self.updates_per_epoch)
        group = self._order(epoch)[place_in_epoch * accumulate :][:accumulate]
        chosen: list[int] = torch.cat([*group]).tolist()
        return chosen

    def _order(self, epoch: int) -> Sequence[Tensor]:
        """The batches of an epoch, each the indices of its examples."""
        fit, examples = self.config.fit, self.data.train
        size = size_of_batch(len(examples), fit.batch_size)
        return examples.training_order(fit.seed, epoch, size)
