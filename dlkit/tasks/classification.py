"""Classification: one class an example, from K outputs of which the largest wins."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from dlkit.data.batches import Batch
from dlkit.tasks.pictures import framed_grid
from dlkit.tasks.supervised import Supervised
from dlkit.tasks.task import Direction


class Classification(Supervised):
    """Scores: `loss`, and `accuracy`, the share of examples whose largest output is the true class."""

    metrics: Mapping[str, Direction] = {"loss": "min", "accuracy": "max"}

    _shown: tuple[Tensor, Tensor] | None = None

    def _watch(self, outputs: Tensor, targets: Tensor) -> Mapping[str, Tensor]:
        return {"accuracy": (outputs.argmax(1) == targets).float().mean()}

    def _measure(self, outputs: Tensor, batch: Batch) -> Mapping[str, Tensor]:
        right = outputs.argmax(1) == batch.targets  # (B,)
        if self._shown is None and _are_images(batch.inputs):
            self._shown = (batch.inputs[:64].float(), right[:64])
        return {"accuracy": right.sum()}

    def preview(self) -> Mapping[str, Tensor]:
        """The first 64 images observed since the last preview, framed green if right, else red."""
        shown, self._shown = self._shown, None
        return {"predictions": framed_grid(*shown)} if shown else {}


def _are_images(inputs: object) -> bool:
    return isinstance(inputs, Tensor) and inputs.ndim == 4
