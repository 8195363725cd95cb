"""Photos with boxes in YOLO's format: a text file for each photo, a line for each box."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dlkit.data.dataset import Data
from dlkit.data.decoding import SUFFIXES
from dlkit.data.framing import Framing, size_of
from dlkit.data.marks import Mark, Photo, Size
from dlkit.data.photos import Division, Reading, photo_data
from dlkit.data.problems import raise_any
from dlkit.data.tree import SPLIT_OF
from dlkit.errors import DataError, OptionError, Problem
from dlkit.ranges import FolderPath, Fraction, NaturalInt, PositiveInt, Seed, Share

COLUMNS = 5


def yolo_txt(
    *,
    folder: FolderPath,
    classes: Sequence[str] = (),
    on_missing_label: Literal["error", "empty"] = "error",
    size: PositiveInt = 256,
    mode: Literal["rgb", "grey"] = "rgb",
    tile: PositiveInt | None = None,
    tile_overlap: Share = 0.25,
    single_class: str | None = None,
    test_pictures: Sequence[str] = (),
    test_fraction: Fraction = 0.2,
    validation_fraction: Share = 0.1,
    split_seed: Seed = 0,
    on_bad_box: Literal["error", "drop"] = "error",
    workers: NaturalInt = 0,
) -> Data:
    """Images uint8 `(N, 3, size, size)` with their boxes, from YOLO's text files. Options:

    - `folder`: pictures in `images` and text files of the same names in `labels`; both may have
      folders `train`, `val` and `test`. A line is `class x y width height`: the class's number from 0,
      the box's centre and sides as shares of the picture's.
    - `classes`: the names of the classes in order; without them, the lines of `FOLDER/classes.txt`.
    - `on_missing_label`: a picture without a text file is an error, or an `empty` picture.
    - `size`: of every image in pixels. Photos keep their proportions; what is left over is black.
    - `mode`: three channels of colour, or shades (given three times).
    - `tile`: cuts photos into squares of so many of their pixels, each an example.
    - `tile_overlap`: the share of a tile that it has in common with the next one, in training.
    - `single_class`: a name that all boxes are given, whatever their class.
    - `test_pictures`: the names, without suffix, of the pictures of the test, instead of a share.
    - `test_fraction`: the share of photos for the test, where it has no folder.
    - `validation_fraction`: the share taken out of what remains, where validation has no folder.
    - `split_seed`: seeds the split, and nothing else.
    - `on_bad_box`: stop with the list of boxes that have no area or lie outside, or drop them.
    - `workers`: threads that decode; 0 decodes when a batch is asked for.
    """
    names = tuple(classes) or _names(Path(folder))
    reading = read(Path(folder), names, single_class, missing_is_empty=on_missing_label == "empty")
    if test_pictures and "test" in reading.splits:
        raise OptionError("test_pictures", "has no effect beside the folder of the test")
    return photo_data(
        reading,
        Division(test_pictures, test_fraction, validation_fraction, split_seed),
        Framing(size, mode, tile, tile_overlap),
        on_bad_box=on_bad_box,
        workers=workers,
        source=str(folder),
    )


def read(
    folder: Path,
    classes: tuple[str, ...],
    single_class: str | None = None,
    *,
    missing_is_empty: bool = False,
) -> Reading:
    """The photos of `folder/images`, by the folders of splits where there are some.

    Raises `DataError` with all that is wrong.
    """
    reader = _Reader(len(classes), bool(single_class), missing_is_empty)
    splits = {
        split: [photo for place in places for photo in reader.photos(*place)]
        for split, places in _places(folder).items()
    }
    raise_any(reader.problems)
    if not splits.get("train"):
        raise DataError(
            f"{folder.absolute()}: no picture in {folder.name}/images to train on",
            hint=f"Pictures end with {' '.join(sorted(SUFFIXES))}.",
        )
    return Reading(splits, (single_class,) if single_class else classes)


def _names(folder: Path) -> tuple[str, ...]:
    path = folder / "classes.txt"
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path.absolute()}: cannot be read ({error})",
            hint="Put the names of the classes there, one a line, or set 'data.classes'.",
        ) from error
    return tuple(line.strip() for line in lines if line.strip())


def _places(folder: Path) -> dict[str, list[tuple[Path, Path]]]:
    """Folders of pictures and of labels by split; all under `train` where nothing is split."""
    images, labels = folder / "images", folder / "labels"
    if not images.is_dir():
        raise DataError(f"{images.absolute()}: there is no such folder")
    splits: dict[str, list[tuple[Path, Path]]] = {}
    for name in sorted(os.listdir(images)):
        if name in SPLIT_OF and (images / name).is_dir():
            splits.setdefault(SPLIT_OF[name], []).append((images / name, labels / name))
    return splits or {"train": [(images, labels)]}


@dataclass
class _Reader:
    """Reads text files, and notes what is wrong with them."""

    classes: int
    single: bool
    missing_is_empty: bool
    problems: list[Problem] = field(default_factory=list)

    def photos(self, images: Path, labels: Path) -> Iterator[Photo]:
        """The pictures below `images`, sorted, with the lines of the files of the same names."""
        for path in sorted(each for each in images.rglob("*") if each.suffix.lower() in SUFFIXES):
            text = (labels / path.relative_to(images)).with_suffix(".txt")
            try:
                yield Photo(path, tuple(self._marks(text, size_of(path))))
            except DataError as error:
                self.problems += error.problems

    def _marks(self, text: Path, size: Size) -> Iterator[Mark]:
        try:
            lines = text.read_text(encoding="utf-8-sig").splitlines()
        except FileNotFoundError:
            if not self.missing_is_empty:
                hint = "Set 'data.on_missing_label: empty' if such pictures show nothing."
                self.problems.append(Problem(f"{text}: there is no such file", hint=hint))
            return
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{text}: cannot be read ({error})") from error
        for number, line in enumerate(lines, start=1):
            if line.strip():
                mark = self._mark(line.split(), f"{text}:{number}", size)
                if mark is not None:
                    yield mark

    def _mark(self, words: Sequence[str], place: str, size: Size) -> Mark | None:
        number, *sides = words
        if len(words) != COLUMNS:
            fault = f"{len(words)} columns instead of class x y width height"
        elif not number.isdecimal() or int(number) >= self.classes:
            fault = f"class '{number}' is no number from 0 to {self.classes - 1}"
        else:
            try:
                label = 0 if self.single else int(number)
                return Mark(_corners(size, *map(float, sides)), label, place)
            except ValueError:
                fault = f"'{' '.join(sides)}' are no four numbers"
        self.problems.append(Problem(f"{place}: {fault}"))
        return None


def _corners(
    size: Size, x: float, y: float, width: float, height: float
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in pixels of a box's centre and sides, given as shares."""
    left, top = (x - width / 2) * size[0], (y - height / 2) * size[1]
    return left, top, left + width * size[0], top + height * size[1]
