"""Photos with boxes in the format of Pascal VOC: an XML file for each photo.

Everingham et al. 2010, "The Pascal Visual Object Classes Challenge", IJCV 88; the development kit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dlkit.data.dataset import Data
from dlkit.data.decoding import SUFFIXES
from dlkit.data.framing import Framing
from dlkit.data.marks import Mark, Photo
from dlkit.data.markup import Element, read_markup
from dlkit.data.photos import Division, Reading, photo_data
from dlkit.data.problems import raise_any
from dlkit.errors import DataError, OptionError, Problem
from dlkit.ranges import FolderPath, Fraction, NaturalInt, PositiveInt, Seed, Share

CORNERS = ("xmin", "ymin", "xmax", "ymax")


def voc(
    *,
    folder: FolderPath,
    validation_folder: FolderPath | None = None,
    test_folder: FolderPath | None = None,
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
    """Images uint8 `(N, 3, size, size)` with their boxes, from Pascal VOC's XML. Options:

    - `folder`: XML files beside their pictures, or in `Annotations` with the pictures in `JPEGImages`.
    - `validation_folder`: such a folder for validation, where it has one of its own.
    - `test_folder`: such a folder for the test, where it has one of its own.
    - `size`: of every image in pixels. Photos keep their proportions; what is left over is black.
    - `mode`: three channels of colour, or shades (given three times).
    - `tile`: cuts photos into squares of so many of their pixels, each an example.
    - `tile_overlap`: the share of a tile that it has in common with the next one, in training.
    - `single_class`: a name that all boxes are given, whatever they are called.
    - `test_pictures`: the names, without suffix, of the pictures of the test, instead of a share.
    - `test_fraction`: the share of photos for the test, where it has no folder.
    - `validation_fraction`: the share taken out of what remains, where validation has no folder.
    - `split_seed`: seeds the split, and nothing else.
    - `on_bad_box`: stop with the list of boxes that have no area or lie outside, or drop them.
    - `workers`: threads that decode; 0 decodes when a batch is asked for.

    VOC's pixels count from 1, and a box holds both its ends. Things marked `difficult` are not learnt,
    and what is found there is neither right nor wrong.
    """
    if test_folder and test_pictures:
        raise OptionError("test_pictures", "has no effect beside 'test_folder'")
    folders = {"train": folder, "validation": validation_folder, "test": test_folder}
    return photo_data(
        read({split: Path(each) for split, each in folders.items() if each}, single_class),
        Division(test_pictures, test_fraction, validation_fraction, split_seed),
        Framing(size, mode, tile, tile_overlap),
        on_bad_box=on_bad_box,
        workers=workers,
        source=str(folder),
    )


def read(folders: dict[str, Path], single_class: str | None = None) -> Reading:
    """The photos of each split's folder; classes are the sorted names of the training folder.

    Raises `DataError` with all that is wrong.
    """
    reader = _Reader(single_class)
    read_files = {split: list(reader.files(folder)) for split, folder in folders.items()}
    raise_any(reader.problems)
    names = {name for file in read_files["train"] for name in file.names()}
    classes = (single_class,) if single_class else tuple(sorted(names))
    splits = {
        split: [reader.photo(file, classes) for file in files]
        for split, files in read_files.items()
    }
    raise_any(reader.problems)
    left = [note for folder in folders.values() for note in _unmarked(folder, read_files)]
    return Reading(splits, classes, left)


@dataclass(frozen=True)
class _File:
    """One XML file, and the picture that it is about."""

    path: Path
    picture: Path
    root: Element

    def names(self) -> list[str]:
        return [thing.said("name") for thing in self.root.all("object")]


@dataclass
class _Reader:
    """Reads XML files, and notes what is wrong with them."""

    single_class: str | None
    problems: list[Problem] = field(default_factory=list)

    def files(self, folder: Path) -> Iterator[_File]:
        """Those of `folder`, sorted by name, that are well-formed and have a picture."""
        if not folder.is_dir():
            kind = "is a file, not a folder" if folder.exists() else "there is no such folder"
            raise DataError(f"{folder.absolute()}: {kind}")
        paths = sorted(_annotations(folder).glob("*.xml"))
        if not paths:
            self._problem(f"{folder.absolute()}: holds no XML file")
        for path in paths:
            try:
                root = read_markup(path)
            except DataError as error:
                self.problems += error.problems
                continue
            picture = _picture(path, folder, root.said("filename"))
            if root.tag != "annotation":
                self._problem(f"{path}:{root.line}: <{root.tag}> is no <annotation>")
            elif picture is None:
                self._problem(f"{path}: there is no picture {path.stem} beside it or in JPEGImages")
            else:
                yield _File(path, picture, root)

    def photo(self, file: _File, classes: Sequence[str]) -> Photo:
        """The picture with what is marked on it."""
        marks = (self._mark(file.path, thing, classes) for thing in file.root.all("object"))
        return Photo(file.picture, tuple(mark for mark in marks if mark))

    def _mark(self, path: Path, thing: Element, classes: Sequence[str]) -> Mark | None:
        place = f"{path}:{thing.line}"
        name = self.single_class or thing.said("name")
        if name not in classes:
            self._problem(f"{place}: '{name}' is none of the classes of the training part")
            return None
        box = thing.first("bndbox")
        try:
            left, top, right, bottom = (float(box.said(side)) for side in CORNERS)  # type: ignore[union-attr]
        except (AttributeError, ValueError):
            self._problem(
                f"{place}: the object has no <bndbox> of four numbers {' '.join(CORNERS)}"
            )
            return None
        crowd = thing.said("difficult") == "1"
        return Mark((left - 1, top - 1, right, bottom), classes.index(name), place, crowd=crowd)

    def _problem(self, message: str) -> None:
        self.problems.append(Problem(message))


def _annotations(folder: Path) -> Path:
    return folder / "Annotations" if (folder / "Annotations").is_dir() else folder


def _pictures(folder: Path) -> Path:
    return folder / "JPEGImages" if (folder / "JPEGImages").is_dir() else folder


def _picture(path: Path, folder: Path, said: str) -> Path | None:
    """The picture of an XML file: by the name that it says, or else by its own."""
    names = [Path(said).name, *(path.stem + suffix for suffix in sorted(SUFFIXES))]
    places = [_pictures(folder) / name for name in names if Path(name).suffix.lower() in SUFFIXES]
    return next((place for place in places if place.is_file()), None)


def _unmarked(folder: Path, files: dict[str, list[_File]]) -> list[str]:
    """A note if pictures of `folder` have no XML file."""
    marked = {file.picture for found in files.values() for file in found}
    pictures = {each for each in _pictures(folder).iterdir() if each.suffix.lower() in SUFFIXES}
    left = sorted(pictures - marked)
    return (
        [f"pictures without an XML file that were left out: {len(left)} (the first is {left[0]})"]
        if left
        else []
    )
