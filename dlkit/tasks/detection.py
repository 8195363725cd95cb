"""Detection: boxes around things, and what these are; scored by COCO's average precision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import torch
from torch import Tensor, nn

from dlkit.data.batches import Batch
from dlkit.data.boxes import BoxExamples, BoxTargets
from dlkit.data.dataset import Data, References
from dlkit.tasks.average_precision import Detections, average_precision, sizes_of
from dlkit.tasks.box_pictures import box_grid
from dlkit.tasks.task import Direction, Task, Update

SHOWN = 12
"""Images in a preview."""


class Detection(Task):
    """A detector in training maps images and `BoxTargets` to its losses by name; in evaluation, images
    to the detections of each (torchvision's contract, but that labels count from 0).

    Scores: those of `average_precision`: `map`, `map50`, `map75`, `map_small`, `map_medium` and
    `map_large` where validation holds boxes of that size, `ar100`. Larger is better.
    """

    monitor = "map"

    def __init__(self, model: nn.Module, loss: nn.Module | None, data: Data) -> None:
        self.model, self.data = model, data
        held = data.validation if len(data.validation) else data.test
        sizes = sizes_of(cast(BoxExamples, held).targets)
        names = ("map", "map50", "map75", *(f"map_{size}" for size in sizes), "ar100")
        self.metrics: Mapping[str, Direction] = dict.fromkeys(names, "max")
        self._found: list[Detections] = []
        self._truth: list[BoxTargets] = []
        self._images: list[Tensor] = []
        self._shown: tuple[Tensor, BoxTargets, list[Detections]] | None = None

    def parts(self) -> Mapping[str, nn.Module]:
        """The one network, as `model`."""
        return {"model": self.model}

    def updates(self, batch: Batch) -> Iterator[Update]:
        """One update: the detector's own losses."""
        yield Update(self.model(batch.inputs, batch.targets))

    def observe(self, batch: Batch) -> None:
        """Keeps the detections and the true boxes of the batch, on the CPU."""
        found = [_on_cpu(each) for each in self.model(batch.inputs)]
        truth: BoxTargets = batch.targets.to("cpu")
        if len(self._found) < SHOWN:
            self._images.append(batch.inputs[: SHOWN - len(self._found)].cpu())
        self._found += found
        self._truth.append(truth)

    def scores(self) -> dict[str, float]:
        """Average precision over the observed images; starts anew."""
        found, truth = self._found, BoxTargets.joined(self._truth)
        self._shown = torch.cat(self._images), truth[:SHOWN], found[:SHOWN]
        self._found, self._truth, self._images = [], [], []
        return average_precision(found, truth)

    def references(self) -> References:
        """The rivals that the data set names."""
        return self.data.references()

    @torch.inference_mode()
    def preview(self) -> Mapping[str, Tensor]:
        """The first images observed: true boxes green, those found in the colours of their classes."""
        shown, self._shown = self._shown, None
        return {"boxes": box_grid(*shown, self.data.facts.classes)} if shown else {}


def _on_cpu(found: Detections) -> Detections:
    """Detections as float32 and int64 on the CPU, whatever precision they were computed in."""
    return {
        name: part.float().cpu() if part.is_floating_point() else part.cpu()
        for name, part in found.items()
    }
