"""Batches for training and evaluation: fetched, moved to the device, augmented, normalised.

The order of an epoch is a function of `(seed, epoch)`, so its k-th batch can be had without those
before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from dlkit.data.augmentation import Augmentation
from dlkit.data.dataset import Examples, Normalize
from dlkit.data.randomness import permutation


class Batch(NamedTuple):
    """Examples that are ready for the network, and which ones they are.

    `inputs` float32 `(B, ...)`; `targets` int64 `(B,)` or float32 `(B, K)`; `indices` int64 `(B,)`
    into their split, wherever that lies.
    """

    inputs: Tensor
    targets: Tensor
    indices: Tensor


def steps_per_epoch(n: int, batch_size: int | Literal["full"]) -> int:
    """How many batches `n` examples make; the last one may be smaller."""
    return -(-n // _size(n, batch_size))


def training_batches(
    examples: Examples,
    *,
    seed: int,
    epoch: int,
    batch_size: int | Literal["full"],
    device: torch.device,
    start: int = 0,
    augmentation: Augmentation | None = None,
    normalize: Normalize | None = None,
    channels_last: bool = False,
) -> Iterator[Batch]:
    """The batches of `epoch` (from 0) in its shuffled order, from the `start`-th (from 0) on."""
    n = len(examples)
    order = permutation(seed, epoch, n).to(examples.labels.device)
    groups = order.split(_size(n, batch_size))[start:]
    prepare = _preparation(normalize, channels_last)
    for indices, (inputs, targets) in zip(groups, examples.stream(groups), strict=True):
        there = inputs.to(device, non_blocking=True)
        if augmentation is not None:
            there = augmentation(there, indices.to(device), seed=seed, epoch=epoch)
        yield Batch(prepare(there), targets.to(device, non_blocking=True), indices)


def evaluation_batches(
    examples: Examples,
    *,
    batch_size: int | Literal["full"],
    device: torch.device,
    normalize: Normalize | None = None,
    channels_last: bool = False,
) -> Iterator[Batch]:
    """Every example once, in order, unchanged but for the normalisation."""
    n = len(examples)
    groups: Sequence[Tensor] = torch.arange(n, device=examples.labels.device).split(
        _size(n, batch_size)
    )
    prepare = _preparation(normalize, channels_last)
    if n:
        for indices, (inputs, targets) in zip(groups, examples.stream(groups), strict=True):
            there = inputs.to(device, non_blocking=True)
            yield Batch(prepare(there), targets.to(device, non_blocking=True), indices)


def _size(n: int, batch_size: int | Literal["full"]) -> int:
    return max(n, 1) if batch_size == "full" else batch_size


def _preparation(normalize: Normalize | None, channels_last: bool) -> Callable[[Tensor], Tensor]:
    convert = normalize or torch.Tensor.float
    if not channels_last:
        return convert
    return lambda inputs: convert(inputs).contiguous(memory_format=torch.channels_last)
