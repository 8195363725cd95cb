"""Photos with boxes in COCO's format: one JSON file for the photos of a split.

Lin et al. 2014, "Microsoft COCO", arXiv:1405.0312; cocodataset.org, "Data format".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dlkit.data.dataset import Data
from dlkit.data.framing import Framing
from dlkit.data.marks import Mark, Photo
from dlkit.data.photos import Division, Reading, photo_data
from dlkit.data.problems import raise_any
from dlkit.errors import DataError, OptionError, Problem
from dlkit.ranges import FilePath, FolderPath, Fraction, NaturalInt, PositiveInt, Seed, Share

Entry = Mapping[str, Any]
KINDS = {int: "an integer", str: "text", list: "a list"}
CORNERS = 4


def coco(
    *,
    annotations: FilePath,
    images: FolderPath,
    validation_annotations: FilePath | None = None,
    validation_images: FolderPath | None = None,
    test_annotations: FilePath | None = None,
    test_images: FolderPath | None = None,
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
    """Images uint8 `(N, 3, size, size)` with their boxes, from COCO's JSON. Options:

    - `annotations`: the JSON file with `images`, `annotations` and `categories`.
    - `images`: the folder that its file names are relative to.
    - `validation_annotations`: the file of validation, where it has one of its own.
    - `validation_images`: the folder of its images, if it is another one than `images`.
    - `test_annotations`: the file of the test, where it has one of its own.
    - `test_images`: the folder of its images, if it is another one than `images`.
    - `size`: of every image in pixels. Photos keep their proportions; what is left over is black.
    - `mode`: three channels of colour, or shades (given three times).
    - `tile`: cuts photos into squares of so many of their pixels, each an example.
    - `tile_overlap`: the share of a tile that it has in common with the next one, in training.
    - `single_class`: a name that all boxes are given, whatever their category.
    - `test_pictures`: the names, without suffix, of the pictures of the test, instead of a share.
    - `test_fraction`: the share of photos for the test, where it has no file.
    - `validation_fraction`: the share taken out of what remains, where validation has no file.
    - `split_seed`: seeds the split, and nothing else.
    - `on_bad_box`: stop with the list of boxes that have no area or lie outside, or drop them.
    - `workers`: threads that decode; 0 decodes when a batch is asked for.

    A box marked `iscrowd` is not learnt, and what is found inside it is neither right nor wrong.
    """
    files = {"train": (annotations, images)}
    for split, file, folder in (
        ("validation", validation_annotations, validation_images),
        ("test", test_annotations, test_images),
    ):
        if file:
            files[split] = (file, folder or images)
        elif folder:
            raise OptionError(f"{split}_images", f"has no effect without '{split}_annotations'")
    if test_annotations and test_pictures:
        raise OptionError("test_pictures", "has no effect beside 'test_annotations'")
    return photo_data(
        read(files, single_class),
        Division(test_pictures, test_fraction, validation_fraction, split_seed),
        Framing(size, mode, tile, tile_overlap),
        on_bad_box=on_bad_box,
        workers=workers,
        source=str(annotations),
    )


def read(files: Mapping[str, tuple[str, str]], single_class: str | None = None) -> Reading:
    """The photos of each split's annotation file and folder of images.

    Classes are the training file's categories in the order of their ids. Raises `DataError` with all
    that is wrong with the first file that has faults.
    """
    splits: dict[str, list[Photo]] = {}
    names: list[str] = []
    for split, (file, folder) in files.items():
        table = _Table(Path(file))
        categories = table.categories()
        names = names or [categories[number] for number in sorted(categories)]
        labels = {
            number: 0 if single_class else names.index(name)
            for number, name in categories.items()
            if single_class or name in names
        }
        splits[split] = table.photos(Path(folder), labels)
        table.finish()
    return Reading(splits, (single_class,) if single_class else tuple(names))


@dataclass
class _Table:
    """One annotation file, and what is wrong with it."""

    path: Path
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.content = _load(self.path)
        for name in ("images", "annotations", "categories"):
            if not isinstance(self.content.get(name), list):
                self._problem(f"{self.path}: holds no list of '{name}'")
        self.finish()

    def finish(self) -> None:
        """Raises `DataError` if anything was wrong."""
        raise_any(self.problems)

    def categories(self) -> dict[int, str]:
        """Names by id."""
        return {
            number: entry["name"]
            for number, _, entry in self._entries("categories", id=int, name=str)
        }

    def photos(self, folder: Path, labels: Mapping[int, int]) -> list[Photo]:
        """Photos with their marks, in the order of the file; `labels` are class indices by category."""
        found: dict[int, tuple[Path, list[Mark]]] = {}
        for number, place, entry in self._entries("images", id=int, file_name=str):
            path = folder / entry["file_name"]
            if ".." in path.parts or Path(entry["file_name"]).is_absolute():
                self._problem(f"{place}: '{entry['file_name']}' leaves the folder of the images")
            elif not path.is_file():
                self._problem(f"{place}: there is no picture {path}")
            found[number] = (path, [])
        for _, place, entry in self._entries(
            "annotations", id=int, image_id=int, category_id=int, bbox=list
        ):
            if entry["image_id"] not in found:
                self._problem(f"{place}: there is no image with the id {entry['image_id']}")
            elif entry["category_id"] not in labels:
                self._problem(f"{place}: unknown category id {entry['category_id']}")
            elif mark := self._mark(entry, place, labels[entry["category_id"]]):
                found[entry["image_id"]][1].append(mark)
        return [Photo(path, tuple(marks)) for path, marks in found.values()]

    def _mark(self, entry: Entry, place: str, label: int) -> Mark | None:
        numbers = entry["bbox"]
        if len(numbers) != CORNERS or not all(type(each) in (int, float) for each in numbers):
            self._problem(f"{place}: 'bbox' must be four numbers: left, top, width, height")
            return None
        left, top, width, height = map(float, numbers)
        area: Any = entry.get("area")
        return Mark(
            (left, top, left + width, top + height),
            label,
            place,
            crowd=bool(entry.get("iscrowd", 0)),
            area=float(area) if type(area) in (int, float) else None,
        )

    def _entries(self, table: str, **fields: type) -> Iterator[tuple[int, str, Entry]]:
        """Id, place and content of the entries that have these fields and an id of their own."""
        seen = set()
        for index, entry in enumerate(self.content[table]):
            place = f"{self.path}: {table}[{index}]"
            if lacks := self._lacks(entry, fields):
                self._problem(f"{place}: {lacks}")
            elif entry["id"] in seen:
                self._problem(f"{place}: the id {entry['id']} stands there twice")
            else:
                seen.add(entry["id"])
                yield entry["id"], place, entry

    @staticmethod
    def _lacks(entry: Any, fields: Mapping[str, type]) -> str:
        if not isinstance(entry, dict):
            return "must be a mapping"
        wrong = [name for name, kind in fields.items() if type(entry.get(name)) is not kind]
        return f"'{wrong[0]}' must be {KINDS[fields[wrong[0]]]}" if wrong else ""

    def _problem(self, message: str) -> None:
        self.problems.append(Problem(message))


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path.absolute()}: cannot be read ({error.strerror})") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{error.lineno}:{error.colno}: no JSON ({error.msg})") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}") from error
    except RecursionError as error:
        raise DataError(f"{path}: nested too deeply") from error
    if not isinstance(content, dict):
        raise DataError(f"{path}: must hold a mapping of images, annotations and categories")
    return content
