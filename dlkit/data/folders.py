"""Pictures of the user's own: a folder that holds a folder for each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from dlkit.data import fingerprint
from dlkit.data.compose import image_data, pixel_statistics, take
from dlkit.data.dataset import Data, Facts
from dlkit.data.decoding import Decoder
from dlkit.data.picture_files import PictureFiles, decode_all
from dlkit.data.problems import raise_any
from dlkit.data.splits import Split, random_split, require_two_classes, untrained_classes
from dlkit.data.tree import Tree, read_tree
from dlkit.errors import OptionError, Problem
from dlkit.ranges import FolderPath, Fraction, NaturalInt, PositiveInt, Seed, Share

IN_MEMORY = 1 << 30
"""Bytes of decoded pictures up to which they are kept in memory."""
LARGEST_SIZE = 4096
MOST_SKIPPED = 0.01
SAMPLED = 1000
"""Training pictures from which channel statistics are taken where they stay on the disk."""


def image_folder(
    *,
    folder: FolderPath,
    size: PositiveInt | tuple[PositiveInt, PositiveInt] = 64,
    mode: Literal["rgb", "grey"] = "rgb",
    test_fraction: Fraction = 0.2,
    validation_fraction: Share = 0.1,
    split_seed: Seed = 0,
    on_bad_image: Literal["error", "skip"] = "error",
    follow_links: bool = False,
    workers: NaturalInt = 0,
) -> Data:
    """Images uint8 `(N, C, height, width)` from `FOLDER/CLASS/picture.png`. Options:

    - `folder`: holds a folder for each class, or folders `train`, `val` and `test` that do.
    - `size`: of every image in pixels, one number or height and width. The largest part of these
      proportions is cut from the centre and scaled, bilinear with antialiasing.
    - `mode`: three channels of colour, or one of shades. Transparent parts are laid on white.
    - `test_fraction`: the share of the test part, where there is no test folder.
    - `validation_fraction`: the share taken at random out of what remains, where there is no
      validation folder.
    - `split_seed`: seeds the split, and nothing else.
    - `on_bad_image`: stop with the list of pictures that cannot be decoded, or leave them out, if
      they are at most 1 % (every picture is then decoded once before training).
    - `follow_links`: allow links that leave the folder.
    - `workers`: threads that decode; 0 decodes when a batch is asked for.

    Up to 1 GiB of decoded images is kept in memory; more is decoded batch by batch.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if max(height, width) > LARGEST_SIZE:
        raise OptionError("size", f"{max(height, width)} is more than {LARGEST_SIZE} pixels")
    tree = read_tree(Path(folder), follow_links=follow_links)
    require_two_classes(tree.classes, str(folder))
    pictures = _Pictures.of(tree, test_fraction, validation_fraction, split_seed)
    decoder = Decoder(height, width, mode)
    channels = decoder.shape[0]
    in_memory = len(pictures.paths) * channels * height * width <= IN_MEMORY
    pixels, bad = (
        decode_all(pictures.paths, decoder, workers, keep=in_memory)
        if in_memory or on_bad_image == "skip"
        else (torch.empty(0), {})
    )
    if bad:
        _refuse(bad, len(pictures.paths), skip=on_bad_image == "skip")
        pictures = pictures.without(bad)
    notes = (*tree.warnings, *_notes(pictures, len(bad)))
    skipped = tuple(str(pictures.paths[index]) for index in bad)
    if in_memory:
        parts = take(pixels, pictures.labels, pictures.split)
        data = image_data(*parts, classes=tree.classes, source=str(folder))
    else:
        data = _on_disk(tree, pictures, decoder, workers)
    return replace(data, warnings=(*notes, *data.warnings), skipped=skipped)


@dataclass(frozen=True)
class _Pictures:
    """All pictures, their class indices `(N,)`, and which of them each split holds."""

    paths: Sequence[Path]
    labels: Tensor
    split: Split

    @classmethod
    def of(
        cls, tree: Tree, test_fraction: float, validation_fraction: float, split_seed: int
    ) -> _Pictures:
        found = [
            item for split in ("train", "validation", "test") for item in tree.splits.get(split, [])
        ]
        n, held, tested = (len(tree.splits.get(s, [])) for s in ("train", "validation", "test"))
        split = random_split(
            n,
            split_seed=split_seed,
            test_fraction=0.0 if "test" in tree.splits else test_fraction,
            validation_fraction=0.0 if "validation" in tree.splits else validation_fraction,
        )
        validation = torch.cat([split[1], torch.arange(n, n + held)])
        test = torch.cat([split[2], torch.arange(n + held, n + held + tested)])
        labels = torch.tensor([label for _, label in found], dtype=torch.int64)
        return cls([path for path, _ in found], labels, (split[0], validation, test))

    def without(self, bad: dict[int, str]) -> _Pictures:
        """The same pictures, the bad ones in no split; the others stay where they are."""
        good = torch.ones(len(self.paths), dtype=torch.bool)
        good[list(bad)] = False
        train, validation, test = (part[good[part]] for part in self.split)
        return _Pictures(self.paths, self.labels, (train, validation, test))

    def files(self, part: Tensor) -> list[Path]:
        return [self.paths[index] for index in part.tolist()]


def _refuse(bad: dict[int, str], total: int, *, skip: bool) -> None:
    """Raises `DataError` unless the bad pictures may be skipped."""
    if skip and len(bad) <= MOST_SKIPPED * total:
        return
    problems = [Problem(message) for message in bad.values()]
    if skip:
        summary = f"{len(bad)} of {total} pictures cannot be decoded; at most 1 % may be skipped"
        problems.insert(0, Problem(summary))
    raise_any(problems)


def _notes(pictures: _Pictures, skipped: int) -> list[str]:
    notes = [f"pictures that cannot be decoded and were skipped: {skipped}"] if skipped else []
    train, validation, test = (pictures.files(part) for part in pictures.split)
    for name, part in (("validation", validation), ("test", test)):
        if count := fingerprint.count_copies(train, part):
            notes.append(f"pictures of the {name} part that are also in the training part: {count}")
    return notes


def _on_disk(tree: Tree, pictures: _Pictures, decoder: Decoder, workers: int) -> Data:
    """Pictures that are decoded again each time; training ones are sampled for the statistics."""
    train, validation, test = (
        PictureFiles(pictures.files(part), pictures.labels[part], decoder, workers)
        for part in pictures.split
    )
    sample = torch.arange(0, len(train), -(-len(train) // SAMPLED))
    return Data(
        train,
        validation,
        test,
        facts=Facts(decoder.shape, len(tree.classes), "classes", tree.classes),
        normalize=pixel_statistics(train.fetch(sample)[0]),
        fingerprint=fingerprint.of_files(tree.root, [train.paths, validation.paths, test.paths]),
        source=str(tree.root),
        warnings=untrained_classes(train.labels, tree.classes),
        augments="images",
    )
