"""Reconstruction: an image is to come out as it went in, or as it was before noise was added."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from dlkit.data.batches import Batch, evaluation_batches
from dlkit.data.dataset import Data, Examples, References
from dlkit.tasks.pictures import unit_grid
from dlkit.tasks.task import Direction, Sums, Task, Update

SHOWN = 12


class Reconstruction(Task):
    """Minimises the mean squared error of the pixels, from 0 to 1.

    Scores: `loss`, that error, and `psnr` in decibels, `-10 log10(loss)`: the ratio of white to the
    error. `model` maps `(B, C, H, W)` to `(B, C, H, W)` and says how much `noise` its inputs get.
    """

    metrics: Mapping[str, Direction] = {"loss": "min", "psnr": "max"}
    monitor = "loss"

    def __init__(self, model: nn.Module, loss: None, data: Data) -> None:
        self.model, self.data = model, data
        self.noise = float(model.noise)  # type: ignore[arg-type]
        self._sums, self._untouched = Sums(), Sums()
        self._shown: tuple[Tensor, Tensor, Tensor] | None = None

    def parts(self) -> Mapping[str, nn.Module]:
        """The one network, as `model`."""
        return {"model": self.model}

    def updates(self, batch: Batch) -> Iterator[Update]:
        """One update with the term `loss`."""
        outputs = self.model(self._noisy(batch.inputs)).float()  # (B, C, H, W)
        yield Update({"loss": (outputs - batch.inputs).square().mean()})

    def observe(self, batch: Batch) -> None:
        """Adds the batch's errors to the sums; the noise is that of the evaluation's seed."""
        noisy = self._noisy(batch.inputs)
        outputs = self.model(noisy).float()
        count = len(batch.indices)
        self._sums.add(count, loss=_error(outputs, batch.inputs))
        self._untouched.add(count, loss=_error(noisy, batch.inputs))
        if self._shown is None:
            self._shown = (batch.inputs[:SHOWN], noisy[:SHOWN], outputs[:SHOWN])

    def scores(self) -> dict[str, float]:
        """The metrics over the observed images."""
        self._left = self._untouched.means()
        return _with_ratio(self._sums.means())

    def references(self) -> References:
        """What leaving the noisy image as it is, and the mean training image, would give."""
        rivals = {"mean image": _with_ratio({"loss": self._error_of_mean()})}
        return ({"noisy image": _with_ratio(self._left)} if self.noise else {}) | rivals

    def preview(self) -> Mapping[str, Tensor]:
        """The first images observed: as they are, with noise, and as the network gives them."""
        shown, self._shown = self._shown, None
        if shown is None:
            return {}
        clean, noisy, outputs = shown
        lines = [clean, noisy.clamp(0, 1), outputs] if self.noise else [clean, outputs]
        return {"reconstructions": unit_grid(torch.cat(lines), columns=len(clean))}

    def _noisy(self, images: Tensor) -> Tensor:
        return images + self.noise * torch.randn_like(images) if self.noise else images

    def _error_of_mean(self) -> float:
        train, test = self.data.train, self.data.test
        sums = torch.stack([images.sum(0) for images in self._images(train)])
        mean = sums.sum(0) / len(train)  # (C, H, W)
        return sum(_error(mean, images).item() for images in self._images(test)) / len(test)

    def _images(self, examples: Examples) -> Iterator[Tensor]:
        """All of a split, from 0 to 1, a few at a time."""
        for batch in evaluation_batches(
            examples, batch_size=500, device=torch.device("cpu"), normalize=self.data.normalize
        ):
            yield batch.inputs.double()


def _error(outputs: Tensor, images: Tensor) -> Tensor:
    """The mean squared error of each image's pixels, summed over the images."""
    return (outputs - images).square().mean((1, 2, 3)).sum()


def _with_ratio(scores: dict[str, float]) -> dict[str, float]:
    """The peak signal-to-noise ratio beside the error; white is 1."""
    if not scores:
        return scores
    return {**scores, "psnr": -10 * math.log10(scores["loss"]) if scores["loss"] else math.inf}
