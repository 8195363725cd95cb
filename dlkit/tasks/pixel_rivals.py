"""What to compare a variational autoencoder with: pixels that know nothing of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from dlkit.data.dataset import References
from dlkit.nn.variational import Likelihood, Score
from dlkit.tasks.task import Sums


class PixelRivals:
    """Adds up minus the log-likelihood of test images, in nats an image:

    - `independent pixels`: the best that a decoder of the same likelihood says without a code, from
      the training images; below it, codes are of use;
    - `entropy of grey`, if `grey`: `-sum x log x + (1 - x) log(1 - x)`, the least that a Bernoulli
      likelihood can give grey pixels.

    `train` yields the training images in batches `(B, C, H, W)`; it is read once, when it is needed.
    """

    def __init__(
        self, likelihood: Likelihood, train: Callable[[], Iterator[Tensor]], *, grey: bool
    ) -> None:
        self.likelihood, self.train, self.grey = likelihood, train, grey
        self._independent: Score | None = None
        self._sums = Sums()

    def add(self, images: Tensor) -> None:
        """Takes test images `(B, C, H, W)` into account."""
        if self._independent is None:
            self._independent = self.likelihood.constant(*_moments(self.train()))
        sums = {"independent pixels": -self._independent(images).sum()}
        if self.grey:
            sums["entropy of grey"] = (
                torch.special.entr(images) + torch.special.entr(1 - images)
            ).sum()
        self._sums.add(len(images), **sums)

    def references(self) -> References:
        """Each rival's `loss`; starts anew."""
        return {name: {"loss": value} for name, value in self._sums.means().items()}


def _moments(batches: Iterator[Tensor]) -> tuple[Tensor, Tensor]:
    """The mean image and the mean squared one, `(C, H, W)`."""
    count, sums, squares = 0, torch.zeros(()), torch.zeros(())
    for images in batches:
        count += len(images)
        sums, squares = images.sum(0) + sums, images.square().sum(0) + squares
    return sums / count, squares / count
