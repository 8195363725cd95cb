"""Makes `Data` of tensors that are already split: training statistics, facts, fingerprint."""

from __future__ import annotations

import torch
from torch import Tensor

from dlkit.data import fingerprint
from dlkit.data.dataset import Data, Facts, Normalize, TensorExamples
from dlkit.data.splits import Split, require_two_classes, untrained_classes

Pair = tuple[Tensor, Tensor]
"""Inputs `(N, ...)` and their targets."""


def take(inputs: Tensor, targets: Tensor, split: Split) -> tuple[Pair, Pair, Pair]:
    """The training, validation and test examples that `split` names."""
    train, validation, test = ((inputs[indices], targets[indices]) for indices in split)
    return train, validation, test


def image_data(
    train: Pair,
    validation: Pair,
    test: Pair,
    *,
    classes: tuple[str, ...],
    source: str,
    white: float = 255.0,
) -> Data:
    """Images uint8 `(N, C, H, W)` with class indices `(N,)` int64, to be normalised per channel.

    `white` is the largest value of a pixel. Raises `DataError` for fewer than two classes.
    """
    require_two_classes(classes, source)
    return Data(
        TensorExamples(*train),
        TensorExamples(*validation),
        TensorExamples(*test),
        facts=Facts(tuple(train[0].shape[1:]), len(classes), "classes", classes),
        normalize=pixel_statistics(train[0]),
        fingerprint=fingerprint.of_tensors(*train, *validation, *test),
        source=source,
        warnings=untrained_classes(train[1], classes),
        augments="images",
        white=white,
    )


def table_data(
    features: Tensor,
    targets: Tensor,
    split: Split,
    *,
    classes: tuple[str, ...] = (),
    source: str,
    warnings: tuple[str, ...] = (),
) -> Data:
    """A table of float64 features `(N, F)`, standardised by the statistics of its training rows.

    `targets` are class indices `(N,)` int64 where `classes` names them, else float64 values
    `(N, K)`, which are standardised too; `facts` holds their mean and deviation in their own unit.
    """
    mean, std = column_statistics(features[split[0]])
    inputs = ((features - mean) / std).float()
    if classes:
        require_two_classes(classes, source)
        facts = Facts((inputs.shape[1],), len(classes), "classes", classes)
        warnings = (*warnings, *untrained_classes(targets[split[0]], classes))
    else:
        mean, std = column_statistics(targets[split[0]])
        targets = ((targets - mean) / std).float()
        facts = Facts(
            (inputs.shape[1],),
            targets.shape[1],
            "values",
            target_mean=tuple(mean.tolist()),
            target_std=tuple(std.tolist()),
        )
    train, validation, test = take(inputs, targets, split)
    return Data(
        TensorExamples(*train),
        TensorExamples(*validation),
        TensorExamples(*test),
        facts=facts,
        normalize=None,
        fingerprint=fingerprint.of_tensors(*train, *validation, *test),
        source=source,
        warnings=warnings,
    )


def pixel_statistics(images: Tensor) -> Normalize:
    """Mean and standard deviation of each channel of uint8 `images` `(N, C, H, W)`.

    From exact counts of the 256 values, so no float copy of the images is made. A channel of one
    value only has the deviation 1.
    """
    values = torch.arange(256, dtype=torch.float64)
    channels = images.unbind(1)
    counts = torch.stack([torch.bincount(each.flatten(), minlength=256) for each in channels])
    # (C, 256)
    shares = counts.double() / counts.sum(1, keepdim=True)
    mean = shares @ values  # (C,)
    std = (shares @ values.square() - mean.square()).clamp(min=0).sqrt()
    std[counts.count_nonzero(1) == 1] = 1.0
    return Normalize(mean.float()[:, None, None], std.float()[:, None, None])


def column_statistics(columns: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation (of the population) of each column of `(N, F)`, each `(F,)`.

    A constant column has the deviation 1, so that standardising it gives zeros.
    """
    mean = columns.mean(0)
    constant = columns.amax(0) == columns.amin(0)
    mean = torch.where(constant, columns[0], mean)
    std = torch.where(constant, torch.ones_like(mean), columns.std(0, correction=0))
    return mean, std
