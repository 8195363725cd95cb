"""MNIST and Fashion-MNIST: 60,000 + 10,000 grey images of 28x28 in ten classes, as IDX files.

LeCun, Cortes & Burges, "The MNIST database of handwritten digits" (the format is described there);
Xiao, Rasul & Vollgraf 2017, "Fashion-MNIST", arXiv:1708.07747.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from dlkit.data.compose import image_data
from dlkit.data.dataset import Data
from dlkit.data.download import fetch
from dlkit.data.places import find, home, missing
from dlkit.data.splits import held_out_of
from dlkit.errors import DataError
from dlkit.ranges import FolderPath, NaturalInt, PositiveInt, Seed

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
MOST_BYTES = 1 << 30
"""More than this in one file is no such data set."""
MOST_DOWNLOADED = 64 << 20


@dataclass(frozen=True)
class Source:
    """One data set of this format: where it may lie, where it can be had, and what its classes are.

    `sha256` are those of the four compressed files, in the order of `FILES`, as published.
    """

    title: str
    name: str
    torchvision: str
    urls: tuple[str, ...]
    sha256: tuple[str, ...]
    classes: tuple[str, ...]
    system: Path | None = None
    package: str = ""


MNIST = Source(
    "MNIST",
    "mnist",
    "MNIST",
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
    tuple("0123456789"),
)

FASHION_MNIST = Source(
    "Fashion-MNIST",
    "fashion_mnist",
    "FashionMNIST",
    ("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",),
    (
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    ),
    (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    Path("/usr/share/datasets/fashion-mnist"),
    "dataset-fashion-mnist",
)


def mnist(
    *,
    folder: FolderPath | None = None,
    download: bool = False,
    validation_examples: NaturalInt = 5000,
    split_seed: Seed = 0,
    train_examples: PositiveInt | None = None,
) -> Data:
    """Handwritten digits, uint8 `(N, 1, 28, 28)`; the official test images are the test. Options:

    - `folder`: where the four files are, plain or as .gz, directly or in `MNIST/raw` as torchvision
      keeps them. Without it, `mnist` below `$DLKIT_DATA` or `~/.cache/dlkit` is searched.
    - `download`: gets the files if they are not there.
    - `validation_examples`: how many training images are set apart at random.
    - `split_seed`: seeds the split, and nothing else.
    - `train_examples`: use only so many of the remaining training images, drawn at random.
    """
    return _load(
        MNIST,
        folder,
        download,
        validation_examples=validation_examples,
        train_examples=train_examples,
        split_seed=split_seed,
    )


def fashion_mnist(
    *,
    folder: FolderPath | None = None,
    download: bool = False,
    validation_examples: NaturalInt = 5000,
    split_seed: Seed = 0,
    train_examples: PositiveInt | None = None,
) -> Data:
    """Photos of clothes, uint8 `(N, 1, 28, 28)`; the official test images are the test. Options:

    - `folder`: where the four files are, plain or as .gz, directly or in `FashionMNIST/raw` as
      torchvision keeps them. Without it, `fashion_mnist` below `$DLKIT_DATA` or `~/.cache/dlkit` is
      searched, then the folder of Debian's package `dataset-fashion-mnist`.
    - `download`: gets the files if they are not there.
    - `validation_examples`: how many training images are set apart at random.
    - `split_seed`: seeds the split, and nothing else.
    - `train_examples`: use only so many of the remaining training images, drawn at random.
    """
    return _load(
        FASHION_MNIST,
        folder,
        download,
        validation_examples=validation_examples,
        train_examples=train_examples,
        split_seed=split_seed,
    )


def _load(
    source: Source,
    folder: str | None,
    download: bool,
    *,
    validation_examples: int,
    train_examples: int | None,
    split_seed: int,
) -> Data:
    files = _files(source, Path(folder) if folder else None, download)
    inputs, targets = _read_pair(files[0], files[1], source.classes)
    test = _read_pair(files[2], files[3], source.classes)
    if test[0].shape[1:] != inputs.shape[1:]:
        raise DataError(
            f"{files[2]}: its images are {_size(test[0])}, those of {files[0]} {_size(inputs)}"
        )
    kept, held = held_out_of(len(inputs), validation_examples, train_examples, split_seed)
    return image_data(
        (inputs[kept], targets[kept]),
        (inputs[held], targets[held]),
        test,
        classes=source.classes,
        source=str(files[0].parent),
    )


def _files(source: Source, folder: Path | None, download: bool) -> list[Path]:
    """The four files, in the order of `FILES`, all from one folder."""
    place = folder or home(source.name)
    folders = [place, place / source.torchvision / "raw"]
    if folder is None:
        folders.append(home(source.torchvision) / "raw")
        folders += [source.system] if source.system else []
    if (files := find(folders, FILES)) is not None:
        return files
    if not download:
        put = f"Install Debian's package {source.package}, put" if source.package else "Put"
        hint = f"{put} the files into {place}, or set 'data.download: true'."
        raise missing(source.title, [f"{name}[.gz]" for name in FILES], folders, hint)
    for name, sha256 in zip(FILES, source.sha256, strict=True):
        if find([place], [name]) is None:
            first, *mirrors = (f"{url}{name}.gz" for url in source.urls)
            fetch(
                first,
                place / f"{name}.gz",
                sha256=sha256,
                max_bytes=MOST_DOWNLOADED,
                mirrors=mirrors,
            )
    return [path for name in FILES for path in find([place], [name]) or []]


def _read_pair(images: Path, labels: Path, classes: Sequence[str]) -> tuple[Tensor, Tensor]:
    """Images `(N, 1, H, W)` uint8 and their classes `(N,)` int64."""
    inputs, targets = read_idx(images, 3), read_idx(labels, 1)
    if len(inputs) != len(targets):
        raise DataError(
            f"{labels}: {len(targets)} labels for the {len(inputs)} images of {images.name}"
        )
    if wrong := (targets >= len(classes)).nonzero().flatten().tolist():
        raise DataError(
            f"{labels}: label {targets[wrong[0]]} of image {wrong[0]} (counted from 0) is none of "
            f"the {len(classes)} classes"
        )
    return inputs[:, None], targets.long()


def read_idx(path: Path, dimensions: int) -> Tensor:
    """The uint8 tensor of an IDX file, plain or gzip, of so many dimensions.

    Raises `DataError` unless the file has the format's magic number and exactly the length that its
    header gives.
    """
    content = _read(path)
    header = 4 + 4 * dimensions
    magic = bytes([0, 0, 8, dimensions])  # two zeros, the code of unsigned bytes, the dimensions
    if content[:4] != magic:
        raise DataError(
            f"{path}: no IDX file of {dimensions} dimensions (it starts with "
            f"{content[:4].hex(' ') or 'nothing'}, not {magic.hex(' ')})"
        )
    if len(content) < header:
        raise DataError(f"{path}: truncated, its header is cut off", hint=f"Get {path.name} again.")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    size, promised = len(content) - header, math.prod(shape)
    if size != promised:
        raise DataError(
            f"{path}: {'truncated' if size < promised else 'too long'}, its header promises "
            f"{' x '.join(map(str, shape))} bytes and {size} follow",
            hint=f"Get {path.name} again.",
        )
    if 0 in shape:
        raise DataError(f"{path}: it is empty ({' x '.join(map(str, shape))})")
    return torch.frombuffer(bytearray(content), dtype=torch.uint8, offset=header).reshape(shape)


def _read(path: Path) -> bytes:
    """The content, unpacked; raises `DataError` if it is damaged or absurdly large."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content: bytes = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: cannot be read ({error})", hint=f"Get {path.name} again."
        ) from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{path}: larger than {MOST_BYTES} bytes")
    return content


def _size(images: Tensor) -> str:
    return " x ".join(map(str, images.shape[2:]))
