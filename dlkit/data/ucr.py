"""Data sets of the UCR and UEA archives of time-series classification, from .ts files of the user's.

Dau et al. 2019, "The UCR time series archive", arXiv:1810.07758; Bagnall et al. 2018,
arXiv:1811.00075, for several channels and unequal lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from dlkit.data import fingerprint
from dlkit.data.compose import column_statistics
from dlkit.data.dataset import Data, Facts, Padded, TensorExamples
from dlkit.data.splits import random_split, require_two_classes, untrained_classes
from dlkit.data.ts_files import TsFile, read_ts
from dlkit.errors import DataError
from dlkit.ranges import FolderPath, Seed, Share

TRAIN, TEST = "_TRAIN.ts", "_TEST.ts"


def ucr(*, folder: FolderPath, validation_fraction: Share = 0.1, split_seed: Seed = 0) -> Data:
    """Sequences `(T, F)` of one or several channels, and their classes.

    Each channel is standardised by its mean and deviation over all steps of the training part.
    Sequences of several lengths are padded. Missing values are refused. Options:

    - `folder`: holds NAME_TRAIN.ts and NAME_TEST.ts, as the archives are unpacked.
    - `validation_fraction`: the share taken at random out of the training file.
    - `split_seed`: seeds the split, and nothing else.
    """
    train, test = (read_ts(path) for path in _files(Path(folder)))
    _require_same_kind(train, test)
    kept, held, _ = random_split(
        len(train.labels),
        test_fraction=0.0,
        validation_fraction=validation_fraction,
        split_seed=split_seed,
    )
    mean, std = column_statistics(torch.cat([train.sequences[index] for index in kept]))
    sequences = [((each - mean) / std).float() for each in (*train.sequences, *test.sequences)]
    labels = torch.tensor(train.labels + test.labels)
    parts = kept, held, torch.arange(len(train.labels), len(labels))
    inputs = _together(sequences)
    training, validation, testing = (
        TensorExamples(_part(inputs, each), labels[each]) for each in parts
    )
    shape = max(map(len, sequences)), len(mean)
    ragged = isinstance(inputs, Padded)
    return Data(
        training,
        validation,
        testing,
        facts=Facts(shape, len(train.classes), "classes", train.classes, ragged=ragged),
        normalize=None,
        fingerprint=fingerprint.of_tensors(*_tensors(inputs), labels, *parts),
        source=str(train.path.parent),
        warnings=untrained_classes(labels[kept], train.classes),
    )


def _files(folder: Path) -> tuple[Path, Path]:
    """The two files of the data set in `folder`."""
    if not folder.is_dir():
        kind = "is a file, not a folder" if folder.exists() else "there is no such folder"
        raise DataError(f"{folder.absolute()}: {kind}")
    found = sorted(folder.glob(f"*{TRAIN}"))
    if len(found) != 1:
        count = "no file" if not found else f"{len(found)} files"
        raise DataError(
            f"{folder.absolute()}: {count} called NAME{TRAIN}",
            hint="Name the folder of one data set of the archive.",
        )
    return found[0], found[0].with_name(found[0].name.removesuffix(TRAIN) + TEST)


def _require_same_kind(train: TsFile, test: TsFile) -> None:
    """Raises `DataError` unless both files have the same channels and classes, two at least."""
    require_two_classes(train.classes, str(train.path))
    channels, there = (file.sequences[0].shape[1] for file in (test, train))
    if channels != there:
        raise DataError(f"{test.path}: channels: {channels}, and {there} in {train.path.name}")
    if test.classes != train.classes:
        raise DataError(
            f"{test.path}: the classes {', '.join(test.classes)}, {train.path.name} has "
            f"{', '.join(train.classes)}"
        )


def _together(sequences: Sequence[Tensor]) -> Tensor | Padded:
    """All in one tensor `(N, T, F)`, padded if their lengths differ."""
    values = pad_sequence(list(sequences), batch_first=True)
    lengths = torch.tensor([len(each) for each in sequences])
    return values if len(set(lengths.tolist())) == 1 else Padded(values, lengths)


def _part(inputs: Tensor | Padded, indices: Tensor) -> Tensor | Padded:
    if isinstance(inputs, Tensor):
        return inputs[indices]
    return Padded(inputs.values[indices], inputs.lengths[indices])


def _tensors(inputs: Tensor | Padded) -> Sequence[Tensor]:
    return [inputs] if isinstance(inputs, Tensor) else [inputs.values, inputs.lengths]
