"""CIFAR-10: 50,000 + 10,000 colour photos of 32x32 in ten classes, from its binary version.

Krizhevsky 2009, "Learning multiple layers of features from tiny images". The better-known python
version is a set of pickles, and loading a pickle can run any code: it is not read.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from dlkit.data.archive import extract
from dlkit.data.compose import image_data
from dlkit.data.dataset import Data
from dlkit.data.download import fetch
from dlkit.data.places import find, home, missing
from dlkit.data.splits import held_out_of
from dlkit.errors import DataError
from dlkit.ranges import FolderPath, NaturalInt, PositiveInt, Seed

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
ARCHIVE = "cifar-10-binary.tar.gz"
ARCHIVE_BYTES = 170_052_171
INSIDE = "cifar-10-batches-bin"
PICKLED = "cifar-10-batches-py"
FILES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
RECORD = 1 + 3 * 32 * 32
"""Bytes of one example: its label, then its red, green and blue pixels, each row by row."""
MOST_RECORDS = 100_000


def cifar10(
    *,
    folder: FolderPath | None = None,
    download: bool = False,
    validation_examples: NaturalInt = 5000,
    split_seed: Seed = 0,
    train_examples: PositiveInt | None = None,
) -> Data:
    """Photos, uint8 `(N, 3, 32, 32)`; the official test images are the test part. Options:

    - `folder`: where the files of `cifar-10-batches-bin` are, or that folder itself. Without it,
      `cifar10` below `$DLKIT_DATA` or `~/.cache/dlkit` is searched.
    - `download`: gets and unpacks the archive (170 MB) if the files are not there.
    - `validation_examples`: how many training images are set apart at random.
    - `split_seed`: seeds the split, and nothing else.
    - `train_examples`: use only so many of the remaining training images, drawn at random.
    """
    files = _files(Path(folder) if folder else home("cifar10"), download)
    parts = [read_batch(path) for path in files]
    inputs, targets = (torch.cat(tensors) for tensors in zip(*parts[:-1], strict=True))
    kept, held = held_out_of(len(inputs), validation_examples, train_examples, split_seed)
    return image_data(
        (inputs[kept], targets[kept]),
        (inputs[held], targets[held]),
        parts[-1],
        classes=CLASSES,
        source=str(files[0].parent),
    )


def _files(place: Path, download: bool) -> list[Path]:
    """The six files, in the order of `FILES`."""
    unpacked = place / ARCHIVE.removesuffix(".tar.gz")
    folders = [place, place / INSIDE, unpacked / INSIDE]
    if (files := find(folders, FILES)) is not None:
        return files
    if not download:
        raise _pickled(place) or missing(
            "CIFAR-10",
            FILES,
            folders,
            f"Unpack {ARCHIVE} (from {URL}) in {place}, or set 'data.download: true'.",
        )
    fetch(URL, place / ARCHIVE, sha256=SHA256, max_bytes=ARCHIVE_BYTES)
    extract(place / ARCHIVE, unpacked, max_bytes=200 << 20, max_entries=20)
    if (files := find(folders, FILES)) is None:
        raise DataError(f"{place / ARCHIVE}: it does not hold {', '.join(FILES)}")
    return files


def _pickled(place: Path) -> DataError | None:
    """The error to raise where only the python version is."""
    for folder in (place, place / PICKLED):
        if (folder / "data_batch_1").is_file():
            return DataError(
                f"{folder}: this is CIFAR-10's python version, a set of pickles, and loading a "
                "pickle can run any code",
                hint=f"Get the binary version from {URL} and unpack it in {place}, or set "
                "'data.download: true'.",
            )
    return None


def read_batch(path: Path) -> tuple[Tensor, Tensor]:
    """Images `(N, 3, 32, 32)` uint8 and labels `(N,)` int64 of a file of the binary version."""
    try:
        with path.open("rb") as file:
            content = file.read(RECORD * MOST_RECORDS + 1)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    if not content or len(content) % RECORD or len(content) > RECORD * MOST_RECORDS:
        raise DataError(
            f"{path}: truncated or no CIFAR-10 file, its {len(content)} bytes are no "
            f"whole number of records of {RECORD}",
            hint=f"Get {ARCHIVE} again.",
        )
    records = torch.frombuffer(bytearray(content), dtype=torch.uint8).reshape(-1, RECORD)
    labels = records[:, 0].long()
    if wrong := (labels >= len(CLASSES)).nonzero().flatten().tolist():
        raise DataError(
            f"{path}: label {labels[wrong[0]]} of image {wrong[0]} (counted from 0) is none of the "
            f"{len(CLASSES)} classes"
        )
    return records[:, 1:].reshape(-1, 3, 32, 32), labels
