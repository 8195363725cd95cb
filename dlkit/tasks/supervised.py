"""What classification and regression share: one network, one loss, one update a batch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping

from torch import Tensor, nn

from dlkit.data.batches import Batch
from dlkit.data.dataset import Data, References
from dlkit.tasks.task import Sums, Task, Update


class Supervised(Task):
    """Minimises `loss(model(inputs), targets)`, the mean over the batch.

    `model` maps `(B, *facts.input_shape)` to `(B, facts.outputs)`. Subclasses say what they watch
    while training and what they measure: `_watch` and `_measure`.
    """

    monitor = "loss"

    def __init__(self, model: nn.Module, loss: nn.Module, data: Data) -> None:
        self.model, self.loss, self.data, self.facts = model, loss, data, data.facts
        self._sums = Sums()

    def parts(self) -> Mapping[str, nn.Module]:
        """The one network, as `model`."""
        return {"model": self.model}

    def updates(self, batch: Batch) -> Iterator[Update]:
        """One update with the term `loss`."""
        outputs = self.model(batch.inputs).float()  # (B, outputs); losses are computed in float32
        yield Update(
            {"loss": self.loss(outputs, batch.targets)},
            scalars=self._watch(outputs.detach(), batch.targets),
        )

    def observe(self, batch: Batch) -> None:
        """Adds the batch's loss and measures to the sums."""
        outputs = self.model(batch.inputs).float()  # (B, outputs)
        count = len(batch.indices)
        measures = self._measure(outputs, batch)
        self._sums.add(count, loss=self.loss(outputs, batch.targets) * count, **measures)

    def scores(self) -> dict[str, float]:
        """The metrics over the observed examples."""
        return self._sums.means()

    def references(self) -> References:
        """The rivals that the data set names."""
        return self.data.references()

    def _watch(self, outputs: Tensor, targets: Tensor) -> Mapping[str, Tensor]:
        """Scalars worth seeing while training, from outputs that are there anyway."""
        return {}

    @abstractmethod
    def _measure(self, outputs: Tensor, batch: Batch) -> Mapping[str, Tensor]:
        """Sums over the examples of the batch, by the names that `scores` gives their means."""
