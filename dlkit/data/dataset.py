"""What a data set is: three disjoint splits of examples, and the facts that a model needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import torch
from torch import Tensor

from dlkit.data.randomness import permutation

Target = Literal["classes", "values", "tokens", "boxes"]


@dataclass(frozen=True)
class Facts:
    """What a model must know of its data.

    `input_shape` is one example's shape as the network gets it, without the batch: `(C, H, W)` images,
    `(F,)` tables, `(T, F)` sequences (the longest, where lengths differ), `(T,)` tokens. `outputs` is
    the number of classes, of values to predict, or of tokens. `target` says what is learnt:

    - `classes`: one of `outputs` classes an example, named by `classes`;
    - `values`: real numbers, learnt standardised: `target * target_std + target_mean` is in the data's
      own unit, one number for all outputs or one an output;
    - `tokens`: one of `outputs` tokens at every step, named by `classes`;
    - `boxes`: any number of boxes an image, each of one of the `classes`.

    `ragged` data come as `Padded` batches, of sequences that differ in length.
    """

    input_shape: tuple[int, ...]
    outputs: int
    target: Target
    classes: tuple[str, ...] = ()
    target_mean: float | tuple[float, ...] = 0.0
    target_std: float | tuple[float, ...] = 1.0
    ragged: bool = False


class Examples(Protocol):
    """One split. Inputs are raw: uint8 images `(B, C, H, W)`, float32 tables `(B, F)`, a `Padded`
    batch of sequences, int64 tokens `(B, T)`. Whatever they are, they have `to(device)`."""

    labels: Tensor
    """Every target in order: `(N,)` int64 class indices, or `(N, K)` float32, standardised; `(N,)`
    zeros where an example's target is more than a row of numbers (boxes, tokens)."""

    def __len__(self) -> int: ...

    def fetch(self, indices: Tensor) -> tuple[Any, Any]:
        """Inputs and targets of the examples at `indices` `(B,)`."""

    def stream(self, batches: Iterable[Tensor]) -> Iterator[tuple[Any, Any]]:
        """`fetch` for each of `batches`, in order; may read ahead in other processes."""
        return map(self.fetch, batches)

    def training_order(self, seed: int, epoch: int, batch_size: int) -> Sequence[Tensor]:
        """The batches of an epoch, each the indices `(B,)` of its examples: here, shuffled."""
        return permutation(seed, epoch, len(self)).to(self.labels.device).split(batch_size)

    def evaluation_order(self, batch_size: int) -> Sequence[Tensor]:
        """Batches that hold every example once: here, in order."""
        return torch.arange(len(self), device=self.labels.device).split(batch_size)


class TensorExamples(Examples):
    """Examples that fit in memory: `inputs` `(N, ...)` and `labels` `(N,)` or `(N, K)`."""

    def __init__(self, inputs: Any, labels: Tensor) -> None:
        self.inputs, self.labels = inputs, labels

    def __len__(self) -> int:
        return len(self.labels)

    def fetch(self, indices: Tensor) -> tuple[Any, Tensor]:
        """Inputs and targets of the examples at `indices` `(B,)`."""
        return self.inputs[indices], self.labels[indices]

    def to(self, device: torch.device) -> TensorExamples:
        """The same examples on `device`."""
        return TensorExamples(self.inputs.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Padded:
    """Sequences of several lengths in one tensor.

    `values` float32 `(N, T, F)`, zero from each sequence's end on; `lengths` int64 `(N,)`, at least 1.
    """

    values: Tensor
    lengths: Tensor

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, indices: Tensor) -> Padded:
        """The sequences at `indices` `(B,)`, padded to the longest of them only."""
        lengths = self.lengths[indices]
        longest = int(lengths.max()) if len(lengths) else 0
        return Padded(self.values[indices, :longest], lengths)

    def to(self, device: torch.device, *, non_blocking: bool = False) -> Padded:
        """The same sequences on `device`."""
        values = self.values.to(device, non_blocking=non_blocking)
        return Padded(values, self.lengths.to(device, non_blocking=non_blocking))

    @property
    def nbytes(self) -> int:
        """How much memory the values take."""
        return self.values.nbytes


class Preparation(Protocol):
    """What makes network inputs out of raw ones, on whatever device these are."""

    def __call__(self, inputs: Any) -> Any:
        """The inputs as the network takes them."""

    def to(self, device: torch.device) -> Preparation:
        """The same preparation, its statistics on `device`."""


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
class Unit:
    """`x / white`: pixels as float32 from 0 to 1, for networks that model or rescale them themselves."""

    white: float = 255.0

    def __call__(self, inputs: Tensor) -> Tensor:
        """Inputs `(B, C, H, W)` as float32, from 0 to 1."""
        return inputs.float() / self.white

    def to(self, device: torch.device) -> Unit:
        """The same: there is nothing to move."""
        return self


References = Mapping[str, Mapping[str, float]]
"""Scores to print beside those of a model: `{"persistence": {"rmse": 1.16}}`."""


@dataclass(frozen=True)
class Data:
    """A data set, split. `validation` or `test` may be empty (`len(...) == 0`), never overlapping.

    `normalize` is None where inputs are what a network takes already. `fingerprint` is a sha256 that
    changes when the examples or their split change. `source` says where the data were found.
    `skipped` names the files that were left out because they could not be read. `augments` says what
    raw inputs the random changes of training may act on; `white` is the largest raw value of a pixel.
    `references` computes the test scores of rivals that need no network (persistence, say), when they
    are asked for.
    """

    train: Examples
    validation: Examples
    test: Examples
    facts: Facts
    normalize: Preparation | None
    fingerprint: str
    source: str
    warnings: tuple[str, ...] = field(default=())
    skipped: tuple[str, ...] = field(default=())
    augments: Literal["images", "boxes"] | None = None
    white: float = 255.0
    references: Callable[[], References] = dict

    def sizes(self) -> dict[str, int]:
        """How many examples each split holds."""
        return {name: len(getattr(self, name)) for name in ("train", "validation", "test")}
