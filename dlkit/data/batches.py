"""Batches for training and evaluation: fetched, moved to the device, augmented, normalised.

The order of an epoch is a function of `(seed, epoch)`, so its k-th batch can be had without those
before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Protocol

import torch
from torch import Tensor

from dlkit.data.dataset import Examples, Preparation


class Batch(NamedTuple):
    """Examples that are ready for the network, and which ones they are.

    `inputs` float32 `(B, ...)`, int64 tokens `(B, T)`, or a `Padded` batch of sequences; `targets`
    int64 `(B,)` classes, `(B, T)` tokens, float32 `(B, K)` values, or `BoxTargets`; `indices` int64
    `(B,)` into their split, wherever that lies.
    """

    inputs: Any
    targets: Any
    indices: Tensor


class Change(Protocol):
    """A random change of training examples: a function of (seed, epoch, index)."""

    def __call__(
        self, inputs: Any, targets: Any, indices: Tensor, *, seed: int, epoch: int
    ) -> tuple[Any, Any]:
        """Raw inputs and targets, changed; `indices` `(B,)` on their device says which they are."""


def size_of_batch(n: int, batch_size: int | Literal["full"]) -> int:
    """How many of `n` examples a batch holds."""
    return max(n, 1) if batch_size == "full" else batch_size


def training_batches(
    examples: Examples,
    *,
    seed: int,
    epoch: int,
    batch_size: int | Literal["full"],
    device: torch.device,
    start: int = 0,
    augmentation: Change | None = None,
    normalize: Preparation | None = None,
    channels_last: bool = False,
) -> Iterator[Batch]:
    """The batches of `epoch` (from 0) in its own order, from the `start`-th (from 0) on."""
    size = size_of_batch(len(examples), batch_size)
    groups = examples.training_order(seed, epoch, size)[start:]
    for indices, (inputs, targets) in zip(groups, examples.stream(groups), strict=True):
        there = inputs.to(device, non_blocking=True)
        goals = targets.to(device, non_blocking=True)
        if augmentation is not None:
            there, goals = augmentation(there, goals, indices.to(device), seed=seed, epoch=epoch)
        yield Batch(_prepared(there, normalize, channels_last), goals, indices)


def evaluation_batches(
    examples: Examples,
    *,
    batch_size: int | Literal["full"],
    device: torch.device,
    normalize: Preparation | None = None,
    channels_last: bool = False,
) -> Iterator[Batch]:
    """Every example once, unchanged but for the normalisation."""
    if not len(examples):
        return
    groups = examples.evaluation_order(size_of_batch(len(examples), batch_size))
    for indices, (inputs, targets) in zip(groups, examples.stream(groups), strict=True):
        there = inputs.to(device, non_blocking=True)
        prepared = _prepared(there, normalize, channels_last)
        yield Batch(prepared, targets.to(device, non_blocking=True), indices)


def _prepared(inputs: Any, normalize: Preparation | None, channels_last: bool) -> Any:
    prepared = normalize(inputs) if normalize else inputs
    return prepared.contiguous(memory_format=torch.channels_last) if channels_last else prepared
