"""What a data set is: three disjoint splits of examples, and the facts that a model needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import torch
from torch import Tensor


@dataclass(frozen=True)
class Facts:
    """What a model must know of its data.

    `input_shape` is one example's shape without the batch: `(C, H, W)` or `(F,)`. `outputs` is the
    number of classes, or of values to predict. `classes` names the classes, and is empty for
    values. Values are learnt standardised: `target * target_std + target_mean` is in the data's
    own unit, one number for all outputs or one an output.
    """

    input_shape: tuple[int, ...]
    outputs: int
    target: Literal["classes", "values"]
    classes: tuple[str, ...] = ()
    target_mean: float | tuple[float, ...] = 0.0
    target_std: float | tuple[float, ...] = 1.0


class Examples(Protocol):
    """One split. Inputs are raw: uint8 images `(B, C, H, W)`, or float32 tables `(B, F)`."""

    labels: Tensor
    """Every target in order: `(N,)` int64 class indices, or `(N, K)` float32, standardised."""

    def __len__(self) -> int: ...

    def fetch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and targets of the examples at `indices` `(B,)`."""

    def stream(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """`fetch` for each of `batches`, in order; may read ahead in other processes."""


class TensorExamples:
    """Examples that fit in memory: `inputs` `(N, ...)` and `labels` `(N,)` or `(N, K)`."""

    def __init__(self, inputs: Tensor, labels: Tensor) -> None:
        self.inputs, self.labels = inputs, labels

    def __len__(self) -> int:
        return len(self.labels)

    def fetch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and targets of the examples at `indices` `(B,)`."""
        return self.inputs[indices], self.labels[indices]

    def stream(self, batches: Iterable[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """`fetch` for each of `batches`."""
        return map(self.fetch, batches)

    def to(self, device: torch.device) -> TensorExamples:
        """The same examples on `device`."""
        return TensorExamples(self.inputs.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Normalize:
    """`(x - mean) / std` per channel, as float32; the statistics are those of the training split.

    `mean` and `std` are shaped to broadcast over a batch: `(C, 1, 1)`; in raw units (0 to 255).
    """

    mean: Tensor
    std: Tensor

    def __call__(self, inputs: Tensor) -> Tensor:
        """Inputs `(B, C, H, W)` as float32, normalised."""
        return (inputs.float() - self.mean) / self.std

    def to(self, device: torch.device) -> Normalize:
        """The same statistics on `device`."""
        return Normalize(self.mean.to(device), self.std.to(device))


@dataclass(frozen=True)
class Data:
    """A data set, split. `validation` or `test` may be empty (`len(...) == 0`), never overlapping.

    `normalize` is None where inputs are floats already standardised. `fingerprint` is a sha256 that
    changes when the examples or their split change. `source` says where the data were found.
    `skipped` names the files that were left out because they could not be read.
    """

    train: Examples
    validation: Examples
    test: Examples
    facts: Facts
    normalize: Normalize | None
    fingerprint: str
    source: str
    warnings: tuple[str, ...] = field(default=())
    skipped: tuple[str, ...] = field(default=())

    def sizes(self) -> dict[str, int]:
        """How many examples each split holds."""
        return {name: len(getattr(self, name)) for name in ("train", "validation", "test")}
