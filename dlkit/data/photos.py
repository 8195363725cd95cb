"""Photos with boxes: what the readers of COCO's, VOC's and YOLO's files have in common.

A reader says which photos there are and what is marked on them. Here they are split, checked, framed
and made into `Data`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from dlkit.data import fingerprint
from dlkit.data.boxes import CHANNELS, BoxExamples
from dlkit.data.dataset import Data, Facts
from dlkit.data.framing import BoxPictures, Framing, View, in_memory, size_of
from dlkit.data.marks import Checker, OnBadBox, Photo
from dlkit.data.problems import raise_any
from dlkit.data.splits import random_split, untrained_classes
from dlkit.errors import DataError, OptionError, Problem
from dlkit.registry import nearest

IN_MEMORY = 1 << 30
"""Bytes of decoded images up to which they are kept in memory."""
SPLITS = ("train", "validation", "test")


@dataclass
class Reading:
    """What a reader found: photos by split, the classes, and what there is to say about them.

    What is still to be split stands under `train`.
    """

    splits: dict[str, list[Photo]]
    classes: tuple[str, ...]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Division:
    """How photos are split where no file or folder says so: those of the test by name, or by chance."""

    test_pictures: Sequence[str]
    test_fraction: float
    validation_fraction: float
    split_seed: int

    def apply(self, splits: Mapping[str, Sequence[Photo]]) -> dict[str, list[Photo]]:
        """Photos of the three splits; validation and test stay as they are where `splits` has them.

        Raises `DataError` if none is left to train on, `OptionError` for a picture that is not there.
        """
        names = set(self.test_pictures)
        _require_pictures(names, {photo.path.stem for photo in splits["train"]})
        rest = [photo for photo in splits["train"] if photo.path.stem not in names]
        chance = random_split(
            len(rest),
            test_fraction=0.0 if names or "test" in splits else self.test_fraction,
            validation_fraction=0.0 if "validation" in splits else self.validation_fraction,
            split_seed=self.split_seed,
        )
        parts = {
            name: [rest[index] for index in indices.tolist()]
            for name, indices in zip(SPLITS, chance, strict=True)
        }
        parts["test"] += [photo for photo in splits["train"] if photo.path.stem in names]
        return {
            name: parts[name] + list(splits.get(name, ())) * (name != "train") for name in SPLITS
        }


def _require_pictures(names: set[str], there: set[str]) -> None:
    if absent := sorted(names - there):
        message = f"there is no picture named {', '.join(absent)}"
        # A picture may have been named with its file's ending.
        near = [f"'{hit}'" for name in absent if (hit := nearest(Path(name).stem, there))]
        hint = f"Did you mean {' and '.join(near)}?" if near else ""
        raise OptionError("test_pictures", message, hint)


def photo_data(
    reading: Reading,
    division: Division,
    framing: Framing,
    *,
    on_bad_box: OnBadBox,
    workers: int,
    source: str,
) -> Data:
    """Images uint8 `(N, 3, size, size)` and their boxes; up to 1 GiB of them is kept in memory.

    Raises `DataError` with all that is wrong of a kind: pictures that cannot be read, boxes that
    cannot be meant (unless these are to be dropped), splits without a box.
    """
    framing.check()
    photos = division.apply(reading.splits)
    views, notes = _views(photos, framing, on_bad_box)
    _require_boxes(views, source)
    fits = sum(map(len, views.values())) * framing.bytes_of_image() <= IN_MEMORY
    make = in_memory if fits else BoxPictures
    train, validation, test = (make(views[name], framing, workers) for name in SPLITS)
    train.targets = train.targets.without_crowds()
    files = [[photo.path for photo in photos[name]] for name in SPLITS]
    side = (framing.size, framing.size)
    return Data(
        train,
        validation,
        test,
        facts=Facts((CHANNELS, *side), len(reading.classes), "boxes", reading.classes),
        normalize=None,
        fingerprint=_fingerprint(files, (train, validation, test)),
        source=source,
        warnings=(
            *reading.warnings,
            *notes,
            *_leaks(files),
            *untrained_classes(train.targets.together.labels, reading.classes),
        ),
        augments="boxes",
    )


def _views(
    photos: Mapping[str, Sequence[Photo]], framing: Framing, on_bad_box: OnBadBox
) -> tuple[dict[str, list[View]], list[str]]:
    """The views of each split, and what was noticed on the way."""
    checker, problems = Checker(on_bad_box), list[Problem]()
    views: dict[str, list[View]] = {name: [] for name in SPLITS}
    for name, found in views.items():
        for photo in photos[name]:
            try:
                size = size_of(photo.path)
            except DataError as error:
                problems += error.problems
                continue
            found.extend(
                framing.views(checker.checked(photo, size), size, training=name == "train")
            )
    raise_any(problems)
    return views, checker.finish()


def _require_boxes(views: Mapping[str, Sequence[View]], source: str) -> None:
    """A split that shows nothing can neither teach nor judge."""
    raise_any(
        [
            Problem(f"{source}: none of the {len(found)} pictures of the {name} part has a box")
            for name, found in views.items()
            if found and all(view.boxes.crowd.all() for view in found)
        ]
    )


def _fingerprint(files: Sequence[Sequence[Path]], splits: Sequence[BoxExamples]) -> str:
    """Of the pictures' files and of their boxes."""
    root = Path(os.path.commonpath([path.parent for part in files for path in part]))
    boxes = (
        tensor
        for each in splits
        for tensor in (*each.targets.together.parts(), torch.tensor(each.targets.counts))
    )
    both = fingerprint.of_files(root, files) + fingerprint.of_tensors(*boxes)
    return hashlib.sha256(both.encode()).hexdigest()


def _leaks(files: Sequence[Sequence[Path]]) -> list[str]:
    return [
        f"pictures of the {name} part that are also in the training part: {count}"
        for name, part in zip(SPLITS[1:], files[1:], strict=True)
        if (count := fingerprint.count_copies(files[0], part))
    ]
