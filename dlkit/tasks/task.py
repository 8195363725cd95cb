"""The contract of a task: it yields updates, and never touches an optimizer, a device or a log.

A task is handed its networks. The engine pulls its updates one by one and steps between them, so a
generator that yields twice sees, in its second forward pass, the weights that the first one moved.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from dlkit.data.batches import Batch
from dlkit.data.dataset import References

Direction = Literal["min", "max"]


@dataclass(frozen=True)
class Update:
    """One thing to minimise: the sum of `terms`, scalar tensors, by moving the parameters of `part`.

    Terms are named so that each is logged; `scalars` are merely watched (detached, 0-dimensional).
    """

    terms: Mapping[str, Tensor]
    part: str = "model"
    scalars: Mapping[str, Tensor] = field(default_factory=dict)


class Task(Protocol):
    """One kind of learning problem, made of `(model, loss, data)`; `loss` is None where the task has
    losses of its own. A task that subclasses this says only what differs from the defaults below."""

    metrics: Mapping[str, Direction]
    """Every score that `scores` returns after `observe`, and which way it is better. Never guessed
    from a name."""

    monitor: str
    """The metric that early stopping and the best checkpoint go by unless the config names another."""

    def parts(self) -> Mapping[str, nn.Module]:
        """The networks by name; each is moved by optimizers of its own."""

    def companions(self) -> Mapping[str, nn.Module]:
        """Modules that change in training and that no optimizer moves (a running average of a network,
        a state carried from batch to batch): saved and resumed like the parts."""
        return {}

    def updates(self, batch: Batch) -> Iterator[Update]:
        """What to minimise on `batch`, in order; each forward pass runs inside `next`.

        What stands after the last `yield` runs once all updates are performed: an average moves there.
        """

    def observe(self, batch: Batch) -> None:
        """Takes `batch` into account for the next `scores`; networks are in evaluation mode."""

    def examine(self, batch: Batch) -> None:
        """As `observe`, once, for the final test: may cost more, and give more scores."""
        self.observe(batch)

    def scores(self) -> dict[str, float]:
        """The metrics over all batches observed since the last call, and forgets those batches."""

    def references(self) -> References:
        """Test scores of rivals (persistence, noise, the data themselves) to print beside the model's;
        asked for once, after the test."""
        return {}

    def preview(self) -> Mapping[str, Tensor]:
        """Pictures worth showing of what was last observed: uint8 `(H, W, 3)` by name."""
        return {}

    def texts(self) -> Mapping[str, str]:
        """Texts worth reading (a sample of a language model) by name."""
        return {}


class Sums:
    """Sums over observed examples, kept on their device and read once."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._count = 0

    def add(self, count: int, **sums: Tensor) -> None:
        """Adds 0-dimensional `sums` over `count` examples."""
        self._count += count
        for name, value in sums.items():
            self._sums[name] = (
                self._sums[name] + value.float() if name in self._sums else value.float()
            )

    def means(self) -> dict[str, float]:
        """The means over the examples; starts anew."""
        names, count = list(self._sums), max(self._count, 1)
        values = torch.stack(list(self._sums.values())).tolist() if names else []
        self._sums, self._count = {}, 0
        return {name: value / count for name, value in zip(names, values, strict=True)}
